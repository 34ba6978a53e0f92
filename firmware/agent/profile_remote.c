#include "firmware/agent/profile_parts.h"

#include "firmware/proto/candump.h"

#include <stdio.h>
#include <string.h>

static const char usage[] = "actuate KIND frame ID:DATA [bus N] [repeat N every MS] [confirm VSS.PATH VALUE within MS]";

enum { WITHIN_MAX_MS = 60000, PARKED_MAX_HOURS = 24 * 90 };

/* As candump writes it, but with a colon, since # begins a comment here: three digits are an 11-bit identifier, eight a 29-bit one. */
static enum tt_err frame_of(struct tt_profile_parser *p, const char *word, struct tt_can_frame *out)
{
	char line[TT_CANDUMP_LINE];
	struct tt_candump parsed;
	const char *colon = strchr(word, ':');
	const int n = colon ? snprintf(line, sizeof(line), "(0.000000) x %.*s#%s", (int)(colon - word), word, colon + 1) : -1;

	if (n < 0 || (size_t)n >= sizeof(line) || tt_candump_parse(line, (size_t)n, &parsed, NULL) != TT_OK || parsed.frame.rtr ||
	    parsed.frame.error || parsed.frame.fd || parsed.frame.len == 0)
		return tt_profile_bad(p, "wants a classic data frame, e.g. 3B1:0100", word);
	*out = parsed.frame;
	return TT_OK;
}

/* How many more words the option at `at` takes, 0 = unknown, or not enough follow. */
static size_t width_of(const struct tt_profile_parser *p, size_t at)
{
	static const struct {
		const char *name;
		size_t more;
	} options[] = {{"bus", 1}, {"repeat", 3}, {"confirm", 4}};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(p->words[at], options[i].name) == 0)
			return at + options[i].more < p->nwords ? options[i].more : 0;
	}
	return 0;
}

static enum tt_err on_bus(struct tt_profile_parser *p, const char *const *w, struct tt_actuate_plan *plan)
{
	int64_t bus;

	if (!tt_profile_integer(w[1], 0, TT_GATE_BUSES - 1, &bus))
		return tt_profile_bad(p, "bus wants a number, 0..7", w[1]);
	plan->frames[plan->nframes].bus = (uint8_t)bus;
	return TT_OK;
}

static enum tt_err on_repeat(struct tt_profile_parser *p, const char *const *w, struct tt_actuate_plan *plan)
{
	int64_t times, every;

	if (!tt_profile_integer(w[1], 1, TT_ACTUATE_TIMES_MAX, &times) || strcmp(w[2], "every") != 0 ||
	    !tt_profile_integer(w[3], TT_ACTUATE_EVERY_MIN_MS, TT_ACTUATE_EVERY_MAX_MS, &every))
		return tt_profile_bad(p, "repeat wants 1..100 every 50..5000 (milliseconds)", w[1]);
	plan->pace[plan->nframes].times = (uint32_t)times;
	plan->pace[plan->nframes].every_ms = (uint32_t)every;
	return TT_OK;
}

static enum tt_err on_confirm(struct tt_profile_parser *p, const char *const *w, struct tt_actuate_plan *plan)
{
	const struct tt_signal *vss;
	int64_t within;
	enum tt_err err = tt_profile_vss(p, w[1], &vss);

	if (err)
		return err;
	if (plan->confirm)
		return tt_profile_bad(p, "this kind has its confirmation already", w[1]);
	if (!tt_profile_number(w[2], &plan->confirm_value) || strcmp(w[3], "within") != 0 ||
	    !tt_profile_integer(w[4], 1, WITHIN_MAX_MS, &within))
		return tt_profile_bad(p, "confirm wants VSS.PATH VALUE within MS (1..60000)", w[2]);
	plan->confirm = vss->number;
	plan->within_ms = (uint32_t)within;
	return TT_OK;
}

static enum tt_err on_actuate(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 4, usage);
	struct tt_actuate_plan *plan;
	enum tt_command_kind kind;

	if (err)
		return err;
	kind = tt_command_kind_by_name(p->words[1]);
	if (!tt_command_actuates(kind))
		return tt_profile_bad(p, "actuate knows lock, unlock, horn-lights, ignition-block and ignition-release, not", p->words[1]);
	if (strcmp(p->words[2], "frame") != 0)
		return tt_profile_bad(p, "usage", usage);
	plan = &p->out->remote.plans[kind];
	if (plan->nframes == TT_ACTUATE_FRAMES)
		return tt_profile_bad(p, "more than 4 frames of one kind", p->words[1]);
	plan->pace[plan->nframes].times = 1;
	plan->pace[plan->nframes].every_ms = TT_ACTUATE_EVERY_MIN_MS;
	err = frame_of(p, p->words[3], &plan->frames[plan->nframes]);
	for (size_t at = 4, more = 0; !err && at < p->nwords; at += more + 1) {
		const char *const *w = (const char *const *)&p->words[at];

		more = width_of(p, at);
		if (more == 0)
			err = tt_profile_bad(p, "unknown option, or its values are missing", w[0]);
		else
			err = more == 1 ? on_bus(p, w, plan) : more == 3 ? on_repeat(p, w, plan) : on_confirm(p, w, plan);
	}
	plan->nframes += !err;
	return err;
}

static enum tt_err on_parked_limit(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "actuate-parked-limit HOURS");
	int64_t hours;

	if (!err && !tt_profile_integer(p->words[1], 1, PARKED_MAX_HOURS, &hours))
		err = tt_profile_bad(p, "actuate-parked-limit wants hours, 1..2160", p->words[1]);
	if (!err)
		p->out->remote.off_limit_us = TT_SEC(hours * 3600);
	return err;
}

const struct tt_profile_directive tt_profile_remote_directives[] = {
	{"actuate", on_actuate},
	{"actuate-parked-limit", on_parked_limit},
	{NULL, NULL},
};
