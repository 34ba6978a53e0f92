#include "firmware/agent/starts.h"

#include "firmware/agent/atomic_file.h"

#include <string.h>

enum { LINE_BYTES = 128, COUNT_MAX = 1000000000 };

static enum tt_err save(const char *path, const char *boot, const struct tt_starts *s)
{
	struct tt_atomic_file out;
	enum tt_err err = tt_atomic_file_begin(&out, path, 0600);

	if (err)
		return err;
	fprintf(out.f, "telltale-starts 1 %u %u %s end\n", s->count, s->recent, boot);
	return tt_atomic_file_end(&out);
}

static void load(const char *path, const char *boot, struct tt_starts *s)
{
	FILE *f;
	char line[LINE_BYTES], of_boot[41];
	unsigned count, recent;
	int end = 0;

	if (tt_atomic_file_open(path, &f) != TT_OK)
		return;
	if (fgets(line, sizeof(line), f) && sscanf(line, "telltale-starts 1 %10u %10u %40s end%n", &count, &recent, of_boot, &end) == 3 &&
	    end > 0 && count < COUNT_MAX && recent <= count) {
		s->count = count;
		s->recent = strcmp(of_boot, boot) == 0 ? recent : 0;
	}
	fclose(f);
}

enum tt_err tt_starts_note(const char *path, const char *boot, unsigned limit, struct tt_starts *out)
{
	struct tt_starts s = {.count = 0};

	load(path, boot, &s);
	s.minimal = limit > 0 && s.recent >= limit;
	s.count++;
	s.recent++;
	*out = s;
	return save(path, boot, &s);
}

enum tt_err tt_starts_settled(const char *path, const char *boot, struct tt_starts *starts)
{
	starts->recent = 0;
	return save(path, boot, starts);
}
