#include "firmware/agent/profile_parts.h"

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

const struct tt_profile_directive tt_profile_power_directives[] = {
	{"ignition", on_ignition},
	{"ignition-grace", on_grace},
	{NULL, NULL},
};
