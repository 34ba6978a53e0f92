#include "firmware/agent/decoder.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = -1 };

static enum tt_err take_arena(struct tt_dbc_arena *arena, size_t cap, const char *name, struct tt_errmsg *msg)
{
	*arena = (struct tt_dbc_arena){.p = malloc(cap), .cap = cap};
	return arena->p ? TT_OK : tt_errmsg_set(msg, TT_ENOMEM, "%s: out of memory (%zu bytes)", name, cap);
}

static void count_fault(void *ctx, const struct tt_dbc_fault *fault)
{
	uint32_t *left_out = ctx;

	*left_out += !fault->warning;
}

static enum tt_err read_database(struct tt_decoder *d, size_t i, const struct tt_decoder_text *text, struct tt_errmsg *msg)
{
	enum tt_err err = take_arena(&d->databases[i], tt_dbc_arena_size(text->text, text->len), text->name, msg);

	if (err)
		return err;
	return tt_dbc_read(text->text, text->len, &d->databases[i], count_fault, &d->left_out, &d->dbcs[i]);
}

/* The database of a bus, or NONE. */
static int database_of(const struct tt_profile_buses *b, int bus)
{
	int other = NONE;

	for (size_t i = 0; i < b->ndbcs; i++) {
		if (b->dbcs[i].bus == bus)
			return (int)i;
		if (b->dbcs[i].bus == TT_PROFILE_ANY_BUS)
			other = (int)i;
	}
	return other;
}

static struct tt_dbc_signal *find(const struct tt_dbc *dbc, const struct tt_profile_signal *want)
{
	struct tt_dbc_message *message = tt_dbc_message_by_name(dbc, want->message);

	return message ? tt_dbc_signal_by_name(message, want->signal) : NULL;
}

static enum tt_err missing(const struct tt_decoder *d, const struct tt_profile *profile, const struct tt_decoder_text *texts,
			   const struct tt_profile_signal *want, struct tt_errmsg *msg)
{
	const int bus = want->rule.bus;
	const int db = bus != TT_PROFILE_ANY_BUS ? database_of(&profile->buses, bus) : profile->buses.ndbcs == 1 ? 0 : NONE;

	if (db != NONE && tt_dbc_message_by_name(&d->dbcs[db], want->message))
		return tt_errmsg_set(msg, TT_ECONFIG, "profile line %u: %s has no signal %s.%s", want->rule.line, texts[db].name,
				     want->message, want->signal);
	if (db != NONE)
		return tt_errmsg_set(msg, TT_ECONFIG, "profile line %u: %s has no message %s", want->rule.line, texts[db].name,
				     want->message);
	return tt_errmsg_set(msg, TT_ECONFIG, "profile line %u: no dbc %s %s.%s", want->rule.line,
			     bus == TT_PROFILE_ANY_BUS ? "has" : "describes the bus of", want->message, want->signal);
}

/* It can be decoded, and its message is the only one of its name. */
static enum tt_err check_found(const struct tt_dbc *dbc, const char *dbc_name, const struct tt_profile_signal *want, struct tt_errmsg *msg)
{
	const struct tt_dbc_message *m = tt_dbc_message_by_name(dbc, want->message);
	const struct tt_dbc_signal *s = find(dbc, want);

	if (m->broken)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s:%u: %s: %s (profile line %u wants it)", dbc_name, (unsigned)m->line, m->name,
				     m->broken, want->rule.line);
	for (const struct tt_dbc_message *other = m + 1; other < dbc->messages + dbc->nmessages; other++) {
		if (strcmp(other->name, m->name) == 0)
			return tt_errmsg_set(msg, TT_ECONFIG, "%s:%u: another message is called %s, too (profile line %u wants it)",
					     dbc_name, (unsigned)other->line, m->name, want->rule.line);
	}
	if (s && s->broken)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s:%u: %s: %s (profile line %u wants it)", dbc_name, (unsigned)s->line, s->name,
				     s->broken, want->rule.line);
	return TT_OK;
}

/* Every signal of the profile stands in the database of its bus or, without a bus, in exactly one. */
static enum tt_err check_signal(const struct tt_decoder *d, const struct tt_profile *profile, const struct tt_decoder_text *texts,
				const struct tt_profile_signal *want, struct tt_errmsg *msg)
{
	const bool any = want->rule.bus == TT_PROFILE_ANY_BUS;
	const int only = any ? NONE : database_of(&profile->buses, want->rule.bus);
	unsigned found = 0;

	for (size_t k = 0; k < profile->buses.ndbcs; k++) {
		const struct tt_dbc_message *m = tt_dbc_message_by_name(&d->dbcs[k], want->message);
		const struct tt_dbc_signal *s = find(&d->dbcs[k], want);

		if ((!any && only != (int)k) || !m || (!s && !m->broken))
			continue;
		enum tt_err err = check_found(&d->dbcs[k], texts[k].name, want, msg);

		if (err)
			return err;
		found++;
	}
	if (found == 0)
		return missing(d, profile, texts, want, msg);
	if (found > 1)
		return tt_errmsg_set(msg, TT_ECONFIG, "profile line %u: %s.%s is in %u databases; say which bus: `bus BUS`",
				     want->rule.line, want->message, want->signal, found);
	return TT_OK;
}

static bool singled_out(const struct tt_profile *profile, int bus)
{
	for (size_t i = 0; i < profile->nsignals; i++) {
		if (profile->signals[i].rule.bus == bus)
			return true;
	}
	return false;
}

/* A bus before this one that maps the same signals of the same database, or the bus itself. */
static int twin_of(const struct tt_profile *profile, int bus)
{
	for (int i = 0; i < bus && !singled_out(profile, bus); i++) {
		if (!singled_out(profile, i) && database_of(&profile->buses, i) == database_of(&profile->buses, bus))
			return i;
	}
	return bus;
}

static enum tt_err map_signals(struct tt_dbc *dbc, const struct tt_profile *profile, int bus, struct tt_errmsg *msg)
{
	for (uint32_t m = 0; m < dbc->nmessages; m++) {
		for (uint16_t s = 0; s < dbc->messages[m].nsignals; s++)
			dbc->messages[m].signals[s].user = 0;
	}
	for (size_t i = 0; i < profile->nsignals; i++) {
		const struct tt_profile_signal *want = &profile->signals[i];
		struct tt_dbc_signal *signal = want->rule.bus == TT_PROFILE_ANY_BUS || want->rule.bus == bus ? find(dbc, want) : NULL;

		if (signal && signal->user != 0)
			return tt_errmsg_set(msg, TT_ECONFIG, "profile line %u: %s.%s is mapped twice", want->rule.line, want->message,
					     want->signal);
		if (signal)
			signal->user = (uint32_t)i + 1;
	}
	return TT_OK;
}

static bool is_wanted(const struct tt_dbc_message *m)
{
	for (uint16_t i = 0; i < m->nsignals; i++) {
		if (m->signals[i].user != 0)
			return true;
	}
	return false;
}

/* A frame has one meaning: of several messages with one identifier the profile names one at most. */
static enum tt_err check_identifiers(const struct tt_dbc *dbc, const char *dbc_name, struct tt_errmsg *msg)
{
	for (uint32_t i = 1; i < dbc->nmessages; i++) {
		const struct tt_dbc_message *m = &dbc->messages[i];

		if (m[-1].key == m->key && is_wanted(m - 1) && is_wanted(m))
			return tt_errmsg_set(msg, TT_ECONFIG, "%s:%u: %s has the identifier of %s, and the profile wants both", dbc_name,
					     (unsigned)m->line, m->name, m[-1].name);
	}
	return TT_OK;
}

static enum tt_err compile(struct tt_decoder *d, const struct tt_profile *profile, const struct tt_decoder_text *texts, int bus,
			   struct tt_errmsg *msg)
{
	const int db = database_of(&profile->buses, bus), twin = twin_of(profile, bus);
	enum tt_err err;

	d->plan_of[bus] = (uint8_t)twin;
	if (db == NONE || twin != bus)
		return TT_OK;
	err = map_signals(&d->dbcs[db], profile, bus, msg);
	if (!err)
		err = check_identifiers(&d->dbcs[db], texts[db].name, msg);
	if (!err)
		err = take_arena(&d->decoders[bus], tt_dbc_plan_bound(&d->dbcs[db]), texts[db].name, msg);
	if (err)
		return err;
	return tt_dbc_plan_build(&d->dbcs[db], profile->buses.dbcs[db].j1939 ? TT_DBC_PLAN_J1939 : 0, &d->decoders[bus], &d->plans[bus]);
}

enum tt_err tt_decoder_init(struct tt_decoder *d, const struct tt_profile *profile, const struct tt_decoder_text *texts,
			    struct tt_errmsg *msg)
{
	enum tt_err err = TT_OK;

	memset(d, 0, sizeof(*d));
	for (size_t i = 0; i < profile->buses.ndbcs && !err; i++)
		err = read_database(d, i, &texts[i], msg);
	for (size_t i = 0; i < profile->nsignals && !err; i++)
		err = check_signal(d, profile, texts, &profile->signals[i], msg);
	for (int bus = 0; bus < TT_PROFILE_BUSES && !err; bus++)
		err = compile(d, profile, texts, bus, msg);
	return err;
}

void tt_decoder_free(struct tt_decoder *d)
{
	for (size_t i = 0; i < TT_PROFILE_BUSES; i++)
		free(d->decoders[i].p);
	for (size_t i = 0; i < TT_PROFILE_DBCS; i++)
		free(d->databases[i].p);
}

size_t tt_decoder_frame(const struct tt_decoder *d, const struct tt_can_frame *frame, struct tt_dbc_value *out, size_t cap)
{
	return frame->bus < TT_PROFILE_BUSES ? tt_dbc_plan_decode(&d->plans[d->plan_of[frame->bus]], frame, out, cap) : 0;
}

void tt_decoder_filters(const struct tt_decoder *d, uint8_t bus, struct tt_can_filter_set *out)
{
	if (bus < TT_PROFILE_BUSES)
		tt_dbc_plan_filters(&d->plans[d->plan_of[bus]], out);
}
