#include "firmware/agent/command_file.h"

#include "firmware/agent/atomic_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 8192, LINE_BYTES = 320 };

/* FNV-1a, 64 bit: it finds a cut or a flipped bit; whoever can write the file can do anything. */
static uint64_t sum_of(const char *s, size_t n)
{
	uint64_t h = UINT64_C(0xCBF29CE484222325);

	for (size_t i = 0; i < n; i++)
		h = (h ^ (uint8_t)s[i]) * UINT64_C(0x100000001B3);
	return h;
}

static bool take_window(const char *line, struct tt_command_ledger *l, unsigned *n)
{
	struct tt_command_window w;

	if (*n == TT_COMMAND_KEYS || sscanf(line, "window %" SCNx64 " %" SCNu64 " %" SCNx64, &w.key_id, &w.counter, &w.used) != 3)
		return false;
	l->windows[(*n)++] = w;
	return true;
}

static bool take_entry(const char *line, struct tt_command_ledger *l, unsigned *n)
{
	struct tt_command_entry e;
	unsigned outcome, told;
	int end = 0;

	memset(&e, 0, sizeof(e));
	if (*n == TT_COMMAND_ENTRIES ||
	    sscanf(line, "entry %" SCNx64 " %" SCNx64 " %" SCNu64 " %" SCNu32 " %u %" SCNd64 " %u %n", &e.key_id, &e.id, &e.counter,
		   &e.kind, &outcome, &e.at_us, &told, &end) != 7 ||
	    end == 0 || outcome >= TT_OUTCOMES || e.kind >= TT_COMMAND_KINDS || strlen(line + end) >= sizeof(e.reason))
		return false;
	strcpy(e.reason, line + end);
	e.outcome = (enum tt_command_outcome)outcome;
	e.told = told != 0;
	l->entries[(*n)++] = e;
	return true;
}

static bool parse(char *text, size_t len, struct tt_command_ledger *l)
{
	char *sum = len > 21 ? text + len - 21 : text; /* "sum " and 16 digits and the line's end */
	unsigned windows = 0, entries = 0;
	uint64_t want;
	char *save = NULL;

	if (sscanf(sum, "sum %16" SCNx64, &want) != 1 || want != sum_of(text, (size_t)(sum - text)))
		return false;
	*sum = '\0';
	tt_command_ledger_init(l, 0);
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (line == text ? sscanf(line, "telltale-commands 1 %" SCNd64 " %u", &l->floor_us, &l->next) != 2
				 : !take_window(line, l, &windows) && !take_entry(line, l, &entries))
			return false;
	}
	return l->next < TT_COMMAND_ENTRIES;
}

enum tt_err tt_command_file_load(const char *path, struct tt_command_ledger *out)
{
	struct tt_command_ledger l;
	char *text;
	size_t len;
	enum tt_err err = tt_atomic_file_read(path, FILE_BYTES, &text, &len);

	if (err)
		return err == TT_ERANGE ? TT_ECORRUPT : err;
	err = parse(text, len, &l) ? TT_OK : TT_ECORRUPT;
	free(text);
	if (!err)
		*out = l;
	return err;
}

enum tt_err tt_command_file_save(const char *path, const struct tt_command_ledger *l)
{
	char text[FILE_BYTES];
	FILE *f = fmemopen(text, sizeof(text), "w");
	long n;

	if (!f)
		return TT_EIO;
	fprintf(f, "telltale-commands 1 %" PRId64 " %u\n", l->floor_us, l->next);
	for (unsigned i = 0; i < TT_COMMAND_KEYS; i++) {
		const struct tt_command_window *w = &l->windows[i];

		if (w->key_id)
			fprintf(f, "window %016" PRIx64 " %" PRIu64 " %" PRIx64 "\n", w->key_id, w->counter, w->used);
	}
	for (unsigned i = 0; i < TT_COMMAND_ENTRIES; i++) {
		const struct tt_command_entry *e = &l->entries[i];

		fprintf(f, "entry %016" PRIx64 " %016" PRIx64 " %" PRIu64 " %" PRIu32 " %u %" PRId64 " %u %s\n", e->key_id, e->id,
			e->counter, e->kind, (unsigned)e->outcome, e->at_us, e->told, e->reason);
	}
	fflush(f);
	n = ftell(f);
	fprintf(f, "sum %016" PRIx64 "\n", sum_of(text, (size_t)n));
	n = fflush(f) == 0 && !ferror(f) ? ftell(f) : -1;
	fclose(f);
	return n < 0 ? TT_EIO : tt_atomic_file_write(path, text, (size_t)n, 0600, NULL);
}
