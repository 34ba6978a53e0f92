#include "firmware/agent/profile_parts.h"

#include "base/text.h"

#include <string.h>

enum tt_err tt_profile_bus(struct tt_profile_parser *p, const char *word, int *out)
{
	int64_t number;

	for (int i = 0; i < TT_PROFILE_BUSES; i++) {
		if (strcmp(p->out->buses.names[i], word) == 0) {
			*out = i;
			return TT_OK;
		}
	}
	if (!tt_profile_integer(word, 0, TT_PROFILE_BUSES - 1, &number))
		return tt_profile_bad(p, "neither a bus number 0..3 nor a name that a `bus` line gave", word);
	*out = (int)number;
	return TT_OK;
}

static enum tt_err on_bus(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 3, "bus NUMBER NAME");
	int64_t number;
	int taken;

	if (err)
		return err;
	if (!tt_profile_integer(p->words[1], 0, TT_PROFILE_BUSES - 1, &number))
		return tt_profile_bad(p, "wants a bus number, 0..3", p->words[1]);
	if (p->words[2][0] >= '0' && p->words[2][0] <= '9')
		return tt_profile_bad(p, "a bus name does not begin with a digit", p->words[2]);
	if (p->out->buses.names[number][0])
		return tt_profile_bad(p, "this bus has a name", p->out->buses.names[number]);
	for (taken = 0; taken < TT_PROFILE_BUSES; taken++) {
		if (strcmp(p->out->buses.names[taken], p->words[2]) == 0)
			return tt_profile_bad(p, "another bus has this name", p->words[2]);
	}
	return tt_profile_copy(p, p->words[2], p->out->buses.names[number], TT_PROFILE_BUS_NAME);
}

static enum tt_err dbc_option(struct tt_profile_parser *p, struct tt_profile_dbc *dbc, size_t *at)
{
	const char *word = p->words[*at];

	if (strcmp(word, "j1939") == 0) {
		dbc->j1939 = true;
		return TT_OK;
	}
	if (strcmp(word, "bus") != 0 || *at + 1 >= p->nwords)
		return tt_profile_bad(p, "unknown option, or its value is missing (bus, j1939)", word);
	return tt_profile_bus(p, p->words[++*at], &dbc->bus);
}

static enum tt_err on_dbc(struct tt_profile_parser *p)
{
	struct tt_profile_buses *b = &p->out->buses;
	struct tt_profile_dbc dbc = {.bus = TT_PROFILE_ANY_BUS, .line = p->line};
	enum tt_err err = tt_profile_need(p, 2, "dbc PATH [bus BUS] [j1939]");

	if (!err)
		err = tt_profile_copy(p, p->words[1], dbc.path, sizeof(dbc.path));
	for (size_t i = 2; !err && i < p->nwords; i++)
		err = dbc_option(p, &dbc, &i);
	for (size_t i = 0; !err && i < b->ndbcs; i++) {
		if (b->dbcs[i].bus == dbc.bus)
			err = tt_profile_bad(p,
					     dbc.bus == TT_PROFILE_ANY_BUS ? "a second dbc; say of which bus it is: `dbc PATH bus BUS`"
									   : "this bus has a dbc",
					     p->words[1]);
	}
	if (!err)
		b->dbcs[b->ndbcs++] = dbc; /* as many as there are buses, and the one for all others */
	return err;
}

const struct tt_profile_directive tt_profile_bus_directives[] = {
	{"bus", on_bus},
	{"dbc", on_dbc},
	{NULL, NULL},
};
