#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum tt_err tt_errmsg_set(struct tt_errmsg *msg, enum tt_err err, const char *fmt, ...)
{
	va_list ap;

	if (!msg)
		return err;
	va_start(ap, fmt);
	if (vsnprintf(msg->text, sizeof(msg->text), fmt, ap) < 0)
		msg->text[0] = '\0';
	va_end(ap);
	return err;
}

void tt_assert_failed(const char *file, int line, const char *cond)
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, cond);
	abort();
}
