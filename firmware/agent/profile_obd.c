#include "firmware/agent/profile_parts.h"

#include <string.h>

static enum tt_err on_clear_codes(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "clear-codes allowed");

	if (!err && (strcmp(p->words[1], "allowed") != 0 || p->nwords > 2))
		err = tt_profile_bad(p, "usage", "clear-codes allowed");
	if (!err)
		p->out->obd.clear_codes = true;
	return err;
}

const struct tt_profile_directive tt_profile_obd_directives[] = {
	{"clear-codes", on_clear_codes},
	{NULL, NULL},
};
