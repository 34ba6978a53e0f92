/*
 * The request target: path against patterns, and the query's parameters (RFC 3986). Percent-decoding happens once, here; a decoded NUL
 * or a broken escape is an error. PURE: no allocation, the caller owns all memory.
 */
#ifndef TT_SERVER_API_TARGET_H
#define TT_SERVER_API_TARGET_H

#include "base/err.h"

#include <stdint.h>

enum { TT_QUERY_MAX = 8, TT_QUERY_VALUE_MAX = 256 };

struct tt_query {
	struct {
		char name[32];
		char value[TT_QUERY_VALUE_MAX];
	} items[TT_QUERY_MAX];
	size_t n;
};

/* Does the path (without query) match "/api/tickets/{id}"? {id} is a positive whole number without sign or leading zero. */
bool tt_path_match(const char *pattern, const char *path, size_t len, int64_t *id);

/* query: behind the '?'. TT_EINVAL: broken escape, NUL, a name twice. TT_EFULL: too many or too long. '+' is a space. */
TT_MUSTCHECK enum tt_err tt_query_parse(const char *query, struct tt_query *out);
/* NULL when it is not there. */
const char *tt_query_get(const struct tt_query *query, const char *name);

/* The value of a cookie in a Cookie header (RFC 6265 section 4.2). TT_ENOTFOUND; TT_EFULL when it does not fit. */
TT_MUSTCHECK enum tt_err tt_cookie_get(const char *header, const char *name, char *out, size_t cap);

#endif
