#include "firmware/agent/starts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 320, LINE_BYTES = 128, COUNT_MAX = 1000000000 };

static enum tt_err save(const char *path, const char *boot, const struct tt_starts *s)
{
	char tmp[PATH_BYTES];
	const int n = snprintf(tmp, sizeof(tmp), "%s.new", path);
	FILE *f = n > 0 && (size_t)n < sizeof(tmp) ? fopen(tmp, "we") : NULL;
	bool good;

	if (!f)
		return TT_EIO;
	good = fprintf(f, "telltale-starts 1 %u %u %s end\n", s->count, s->recent, boot) > 0;
	good = fflush(f) == 0 && fdatasync(fileno(f)) == 0 && good;
	good = fclose(f) == 0 && good;
	if (good && rename(tmp, path) == 0)
		return TT_OK;
	(void)unlink(tmp);
	return TT_EIO;
}

static void load(const char *path, const char *boot, struct tt_starts *s)
{
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES], of_boot[41];
	unsigned count, recent;
	int end = 0;

	if (f && fgets(line, sizeof(line), f) &&
	    sscanf(line, "telltale-starts 1 %10u %10u %40s end%n", &count, &recent, of_boot, &end) == 3 && end > 0 && count < COUNT_MAX &&
	    recent <= count) {
		s->count = count;
		s->recent = strcmp(of_boot, boot) == 0 ? recent : 0;
	}
	if (f)
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
