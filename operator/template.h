/*
 * Fill @NAME@ in a template. Values come from a table; an unknown name is our own error and says so.
 */
#ifndef TT_OPERATOR_TEMPLATE_H
#define TT_OPERATOR_TEMPLATE_H

#include "base/err.h"

struct tt_template_value {
	const char *name;
	const char *value;
};

/* Writes path (mode 0600) by rename. TT_EIO, TT_EINVAL (a name without a value). */
TT_MUSTCHECK enum tt_err tt_template_write(const char *text, const struct tt_template_value *values, size_t n, const char *path,
					   struct tt_errmsg *msg);

#endif
