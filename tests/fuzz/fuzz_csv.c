/* CSV as people send it: whatever comes, the reader ends, stays inside its buffer and goes on after an error. */
#include "base/utf8.h"
#include "operator/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct tt_csv_record rec;
	struct tt_csv csv;
	enum tt_err err;

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	csv = tt_csv_init(text, size);
	while ((err = tt_csv_next(&csv, &rec)) != TT_EEOF) {
		for (size_t i = 0; !err && i < rec.n; i++)
			(void)tt_utf8_printable(rec.fields[i], strlen(rec.fields[i]));
	}
	free(text);
	return 0;
}
