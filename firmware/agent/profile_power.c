#include "firmware/agent/profile_parts.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

enum { GRACE_MS_MAX = 600000 };

static enum tt_err on_ignition(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 4, "ignition VSS.PATH on LOW[..HIGH]");
	char *dots;

	if (!err && strcmp(p->words[2], "on") != 0)
		err = tt_profile_bad(p, "usage", "ignition VSS.PATH on LOW[..HIGH]");
	if (!err)
		err = tt_profile_vss(p, p->words[1], &p->out->ignition);
	if (err)
		return err;
	dots = strstr(p->words[3], "..");
	if (dots)
		*dots = '\0';
	if (!tt_profile_number(p->words[3], &p->out->ignition_low) ||
	    !tt_profile_number(dots ? dots + 2 : p->words[3], &p->out->ignition_high) || p->out->ignition_low > p->out->ignition_high)
		return tt_profile_bad(p, "wants LOW or LOW..HIGH", p->words[3]);
	return TT_OK;
}

static enum tt_err on_grace(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "ignition-grace MS");
	int64_t ms;

	if (!err && !tt_profile_integer(p->words[1], 0, GRACE_MS_MAX, &ms))
		err = tt_profile_bad(p, "wants milliseconds, 0..600000", p->words[1]);
	if (!err)
		p->out->ignition_grace_us = TT_MS(ms);
	return err;
}

/* Volts become millivolts, seconds and hours microseconds. 0 switches off what may be switched off. */
static const struct word {
	const char *name;
	size_t offset;
	bool wide; /* int64_t; else int32_t */
	double factor, lo, hi;
} words[] = {
	{"floor", offsetof(struct tt_power_config, floor_mv), false, 1e3, 0, 13},                   /* V: only alerts leave below it */
	{"change", offsetof(struct tt_power_config, delta_mv), false, 1e3, 0.05, 3},                /* V: that much at once wakes */
	{"running", offsetof(struct tt_power_config, running_mv), false, 1e3, 0, 16},               /* V: of a generator */
	{"sleep-after", offsetof(struct tt_power_config, sleep_us), true, 1e6, 1, 86400},           /* s without a sign of life */
	{"deep-after", offsetof(struct tt_power_config, deep_us), true, 1e6, 1, 604800},            /* s without a sign of life */
	{"check-in", offsetof(struct tt_power_config, check_in_us), true, 1e6, 0, 604800},          /* s to the first; 0 = none */
	{"check-in-max", offsetof(struct tt_power_config, check_in_max_us), true, 1e6, 1, 2592000}, /* s */
};

static enum tt_err on_power(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 3, "power WORD NUMBER");
	double v;

	for (size_t i = 0; !err && i < sizeof(words) / sizeof(words[0]); i++) {
		char *at = (char *)&p->out->power + words[i].offset;

		if (strcmp(words[i].name, p->words[1]) != 0)
			continue;
		if (!tt_profile_number(p->words[2], &v) || v < words[i].lo || v > words[i].hi)
			return tt_profile_bad(p, "out of range", p->words[2]);
		if (words[i].wide)
			memcpy(at, &(int64_t){llround(v * words[i].factor)}, sizeof(int64_t));
		else
			memcpy(at, &(int32_t){(int32_t)lround(v * words[i].factor)}, sizeof(int32_t));
		return TT_OK;
	}
	return err ? err
		   : tt_profile_bad(p, "power knows floor, change, running, sleep-after, deep-after, check-in and check-in-max, not",
				    p->words[1]);
}

const struct tt_profile_directive tt_profile_power_directives[] = {
	{"ignition", on_ignition},
	{"ignition-grace", on_grace},
	{"power", on_power},
	{NULL, NULL},
};
