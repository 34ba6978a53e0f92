#include "operator/csv.h"

#include <stdint.h>
#include <string.h>

static char guess_separator(const char *text)
{
	const size_t first = strcspn(text, "\r\n");
	static const char candidates[] = {',', ';', '\t'};
	char best = ',';
	size_t most = 0;

	for (size_t c = 0; c < sizeof(candidates); c++) {
		size_t count = 0;

		for (size_t i = 0; i < first; i++)
			count += text[i] == candidates[c];
		if (count > most) {
			most = count;
			best = candidates[c];
		}
	}
	return best;
}

struct tt_csv tt_csv_init(char *text, size_t len)
{
	struct tt_csv csv = {.p = text, .end = text + len, .line = 0, .next_line = 1};

	text[len] = '\0';
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		csv.p += 3;
	csv.separator = guess_separator(csv.p);
	return csv;
}

static void skip_line(struct tt_csv *csv)
{
	char *nl = memchr(csv->p, '\n', (size_t)(csv->end - csv->p));

	csv->p = nl ? nl + 1 : csv->end;
	csv->next_line = csv->line + 1;
}

/* Past the end of a line at p, if one is there. */
static bool end_of_line(struct tt_csv *csv)
{
	if (csv->p < csv->end && *csv->p == '\r' && csv->p + 1 < csv->end && csv->p[1] == '\n')
		csv->p++;
	if (csv->p < csv->end && *csv->p == '\n') {
		csv->p++;
		csv->next_line++;
		return true;
	}
	return csv->p == csv->end;
}

static enum tt_err quoted_field(struct tt_csv *csv, char **field, char **field_end)
{
	char *from = csv->p + 1, *to = from;

	*field = from;
	for (; from < csv->end; from++) {
		if (*from == '"') {
			if (from + 1 == csv->end || from[1] != '"')
				break;
			from++;
		} else if (*from == '\n') {
			csv->next_line++;
		} else if (*from == '\0') {
			return TT_EPROTO;
		}
		*to++ = *from;
	}
	if (from == csv->end)
		return TT_EPROTO;
	*field_end = to;
	csv->p = from + 1;
	return TT_OK;
}

static enum tt_err plain_field(struct tt_csv *csv, char **field, char **field_end)
{
	*field = csv->p;
	while (csv->p < csv->end && *csv->p != csv->separator && *csv->p != '\n' && *csv->p != '\r') {
		if (*csv->p == '\0' || *csv->p == '"')
			return TT_EPROTO;
		csv->p++;
	}
	*field_end = csv->p;
	return TT_OK;
}

static enum tt_err read_record(struct tt_csv *csv, struct tt_csv_record *out)
{
	for (;;) {
		char *field, *field_end;
		bool last;
		const enum tt_err err =
			csv->p < csv->end && *csv->p == '"' ? quoted_field(csv, &field, &field_end) : plain_field(csv, &field, &field_end);

		if (err)
			return err;
		if (out->n == TT_CSV_MAX_FIELDS)
			return TT_EFULL;
		out->fields[out->n++] = field;
		last = csv->p == csv->end || *csv->p != csv->separator;
		if (last && !end_of_line(csv))
			return TT_EPROTO;
		if (!last)
			csv->p++;
		*field_end = '\0'; /* only now: it may stand where the separator stood */
		if (last)
			return TT_OK;
	}
}

enum tt_err tt_csv_next(struct tt_csv *csv, struct tt_csv_record *out)
{
	enum tt_err err;

	while (csv->p < csv->end && end_of_line(csv))
		; /* blank lines */
	if (csv->p >= csv->end)
		return TT_EEOF;
	csv->line = csv->next_line;
	out->n = 0;
	err = read_record(csv, out);
	if (err)
		skip_line(csv);
	return err;
}
