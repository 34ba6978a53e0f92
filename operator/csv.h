/*
 * RFC 4180 as people send it: quoted fields with doubled quotes and line breaks inside, CRLF or LF, a UTF-8 byte-order mark, ',' ';' or tab
 * as separator (guessed from the first line). PURE: works in the caller's buffer and changes it (fields are unquoted in place).
 */
#ifndef TT_OPERATOR_CSV_H
#define TT_OPERATOR_CSV_H

#include "base/err.h"

enum { TT_CSV_MAX_FIELDS = 64 };

struct tt_csv {
	char *p, *end;
	char separator;
	unsigned line; /* line number of the record last read, 1.. */
	unsigned next_line;
};

struct tt_csv_record {
	const char *fields[TT_CSV_MAX_FIELDS]; /* NUL-terminated, inside the buffer */
	size_t n;
};

/* text[len] must be writable and is set to NUL. */
struct tt_csv tt_csv_init(char *text, size_t len);
/*
 * TT_OK: a record (blank lines are skipped). TT_EEOF: no more. TT_EPROTO: a quote that does not end, text after a closing quote, or a NUL
 * byte; TT_EFULL: too many fields. After an error the reader stands at the next line and can go on.
 */
TT_MUSTCHECK enum tt_err tt_csv_next(struct tt_csv *csv, struct tt_csv_record *out);

#endif
