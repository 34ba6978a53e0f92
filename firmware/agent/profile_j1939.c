#include "firmware/agent/profile_parts.h"

#include <string.h>

/* Addresses 128 to 247 are for each industry group to give out, 249 is the off-board tool's (J1939-81 table B1 on); below are the ECUs. */
enum { ADDRESS_MIN = 0x80, ADDRESS_MAX = 0xF9, EVERY_S_MIN = 10, EVERY_S_MAX = 86400 };

static enum tt_err bus_of(struct tt_profile_parser *p, int *bus)
{
	enum tt_err err = tt_profile_bus(p, p->words[1], bus);

	if (!err && !p->out->j1939.buses[*bus].on)
		err = tt_profile_bad(p, "this bus is no J1939 bus; say `j1939 BUS` before", p->words[1]);
	return err;
}

static enum tt_err on_j1939(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "j1939 BUS [address ADDRESS]");
	int64_t address;
	int bus = 0;

	if (!err)
		err = tt_profile_bus(p, p->words[1], &bus);
	if (err)
		return err;
	if (p->out->j1939.buses[bus].on)
		return tt_profile_bad(p, "this bus is J1939 already", p->words[1]);
	if (p->nwords > 2) {
		if (p->nwords != 4 || strcmp(p->words[2], "address") != 0)
			return tt_profile_bad(p, "usage", "j1939 BUS [address ADDRESS]");
		if (!tt_profile_integer(p->words[3], ADDRESS_MIN, ADDRESS_MAX, &address))
			return tt_profile_bad(p, "wants an address that is no ECU's, 0x80..0xF9", p->words[3]);
		p->out->j1939.buses[bus].talks = true;
		p->out->j1939.buses[bus].address = (uint8_t)address;
	}
	p->out->j1939.buses[bus].on = true;
	return TT_OK;
}

static bool group_of(const char *word, uint32_t *pgn)
{
	static const struct {
		const char *name;
		uint32_t pgn;
	} groups[] = {
		{"dm2", TT_PGN_DM2}, {"dm5", TT_PGN_DM5}, {"vin", TT_PGN_VIN}, {"ecu-id", TT_PGN_ECU_ID}, {"software", TT_PGN_SOFTWARE},
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (strcmp(groups[i].name, word) == 0) {
			*pgn = groups[i].pgn;
			return true;
		}
	}
	return false;
}

static enum tt_err request_option(struct tt_profile_parser *p, struct tt_j1939_ask *ask, size_t at)
{
	int64_t v;

	if (at + 1 >= p->nwords)
		return tt_profile_bad(p, "unknown option, or its value is missing (to, every)", p->words[at]);
	if (strcmp(p->words[at], "to") == 0) {
		if (!tt_profile_integer(p->words[at + 1], 0, TT_J1939_ADDRESS_MAX, &v))
			return tt_profile_bad(p, "wants an address, 0..253", p->words[at + 1]);
		ask->dest = (uint8_t)v;
		return TT_OK;
	}
	if (strcmp(p->words[at], "every") != 0 || !tt_profile_integer(p->words[at + 1], EVERY_S_MIN, EVERY_S_MAX, &v))
		return tt_profile_bad(p, "unknown option or bad value (to ADDRESS, every 10..86400)", p->words[at]);
	ask->every_us = TT_SEC(v);
	return TT_OK;
}

static enum tt_err on_request(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 3, "j1939-request BUS dm2|dm5|vin|ecu-id|software [to ADDRESS] [every SECONDS]");
	struct tt_j1939_ask ask = {.dest = TT_J1939_GLOBAL};
	int bus = 0;

	if (!err)
		err = bus_of(p, &bus);
	if (err)
		return err;
	if (!p->out->j1939.buses[bus].talks)
		return tt_profile_bad(p, "the agent only listens there; give it an address: `j1939 BUS address ADDRESS`", p->words[1]);
	if (!group_of(p->words[2], &ask.pgn))
		return tt_profile_bad(p, "wants dm2, dm5, vin, ecu-id or software", p->words[2]);
	if (p->out->j1939.buses[bus].nasks == TT_J1939_ASKS)
		return tt_profile_bad(p, "more than 8 requests on a bus", p->words[2]);
	for (size_t at = 3; !err && at < p->nwords; at += 2)
		err = request_option(p, &ask, at);
	if (!err)
		p->out->j1939.buses[bus].asks[p->out->j1939.buses[bus].nasks++] = ask;
	return err;
}

static enum tt_err on_conversion(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 3, "j1939-conversion SOURCE 1|2|3");
	int64_t source, method;

	if (err)
		return err;
	if (!tt_profile_integer(p->words[1], 0, TT_J1939_ADDRESS_MAX, &source))
		return tt_profile_bad(p, "wants a source address, 0..253", p->words[1]);
	if (!tt_profile_integer(p->words[2], 1, 3, &method))
		return tt_profile_bad(p, "wants the conversion method, 1, 2 or 3", p->words[2]);
	p->out->j1939.method[source] = (uint8_t)method;
	return TT_OK;
}

static enum tt_err on_spn(struct tt_profile_parser *p)
{
	struct tt_profile_j1939 *j = &p->out->j1939;
	enum tt_err err = tt_profile_need(p, 3, "spn NUMBER VSS.PATH [options]");
	struct tt_profile_spn spn = {.spn = NULL};
	int64_t number;

	if (err)
		return err;
	if (j->nspns == TT_PROFILE_SPNS)
		return tt_profile_bad(p, "more than 16 parameters", p->words[1]);
	if (tt_profile_integer(p->words[1], 1, INT32_MAX, &number))
		spn.spn = tt_j1939_spn((uint32_t)number);
	if (!spn.spn)
		return tt_profile_bad(p, "no parameter of firmware/proto/j1939_spn.c; a dbc can give it", p->words[1]);
	err = tt_profile_rule_parse(p, p->words[2], 3, &spn.rule);
	if (!err)
		j->spns[j->nspns++] = spn;
	return err;
}

const struct tt_profile_directive tt_profile_j1939_directives[] = {
	{"j1939", on_j1939}, {"j1939-request", on_request}, {"j1939-conversion", on_conversion}, {"spn", on_spn}, {NULL, NULL},
};
