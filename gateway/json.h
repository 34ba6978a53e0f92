/*
 * A bounded JSON writer over base/text.h, for the small objects of the record (change bodies, payloads, details, freeze frames). PURE.
 *
 * Commas are set by the writer. Strings are escaped after RFC 8259; bytes that are not UTF-8 become U+FFFD, so that what a car sends can
 * never make a row unreadable. `key` is NULL inside an array. When something did not fit, tt_json_end says so and the text is not to be
 * used; tt_json_mark and tt_json_back take back what was written since, to end a list that would be too long.
 */
#ifndef TT_GATEWAY_JSON_H
#define TT_GATEWAY_JSON_H

#include "base/text.h"

struct tt_json {
	struct tt_text text;
	bool comma; /* the next member needs one before it */
};

/* buf keeps being the caller's. */
struct tt_json tt_json_init(char *buf, size_t cap);
/* '{' or '['; closed by '}' or ']'. */
void tt_json_open(struct tt_json *j, const char *key, char bracket);
void tt_json_close(struct tt_json *j, char bracket);
void tt_json_str(struct tt_json *j, const char *key, const char *value);
void tt_json_int(struct tt_json *j, const char *key, int64_t value);
/* value / 10^decimals, a JSON number without exponent. */
void tt_json_fixed(struct tt_json *j, const char *key, int64_t value, unsigned decimals);
void tt_json_bool(struct tt_json *j, const char *key, bool value);
/* Upper-case hexadecimal digits as a string. */
void tt_json_hex(struct tt_json *j, const char *key, const uint8_t *bytes, size_t len);

struct tt_json tt_json_mark(const struct tt_json *j);
void tt_json_back(struct tt_json *j, const struct tt_json *mark);
/* TT_EFULL: cut. */
TT_MUSTCHECK enum tt_err tt_json_end(const struct tt_json *j);

#endif
