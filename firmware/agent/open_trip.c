#include "firmware/agent/open_trip.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { PATH_BYTES = 320, LINE_BYTES = 256, NUMBERS = 6 };

#define NUMBER_MAX (INT64_MAX / 8) /* sums of them do not overflow */

static enum tt_err parse(const char *line, struct tt_open_trip *out)
{
	struct tt_open_trip t;
	int64_t *const numbers[NUMBERS] = {&t.at.started_ago_us, &t.at.moved_ago_us, &t.at.odometer_start_m,
					   &t.at.odometer_m,     &t.at.integral_um,  &t.at.gap_us};
	int end = 0;

	if (sscanf(line,
		   "telltale-trip 1 %16" SCNx64 " %20" SCNd64 " %20" SCNd64 " %20" SCNd64 " %20" SCNd64 " %20" SCNd64 " %20" SCNd64
		   " %20" SCNd64 " end%n",
		   &t.trip, &t.saved_at_us, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], &end) != 2 + NUMBERS ||
	    end == 0 || t.trip == 0 || t.saved_at_us < 0 || t.saved_at_us > NUMBER_MAX)
		return TT_ECORRUPT;
	for (unsigned i = 0; i < NUMBERS; i++) {
		if (*numbers[i] < 0 || *numbers[i] > NUMBER_MAX)
			return TT_ECORRUPT;
	}
	*out = t;
	return TT_OK;
}

enum tt_err tt_open_trip_load(const char *path, struct tt_open_trip *out)
{
	FILE *f = fopen(path, "re");
	char line[LINE_BYTES];
	enum tt_err err;

	if (!f)
		return errno == ENOENT ? TT_ENOTFOUND : TT_EIO;
	err = fgets(line, sizeof(line), f) ? parse(line, out) : TT_ECORRUPT;
	fclose(f);
	return err;
}

enum tt_err tt_open_trip_save(const char *path, const struct tt_open_trip *t)
{
	char tmp[PATH_BYTES];
	const int n = snprintf(tmp, sizeof(tmp), "%s.new", path);
	FILE *f = n > 0 && (size_t)n < sizeof(tmp) ? fopen(tmp, "we") : NULL;
	bool good;

	if (!f)
		return TT_EIO;
	fprintf(f,
		"telltale-trip 1 %016" PRIx64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " end\n",
		t->trip, t->saved_at_us, t->at.started_ago_us, t->at.moved_ago_us, t->at.odometer_start_m, t->at.odometer_m,
		t->at.integral_um, t->at.gap_us);
	good = fflush(f) == 0 && fdatasync(fileno(f)) == 0;
	good = fclose(f) == 0 && good;
	if (good && rename(tmp, path) == 0)
		return TT_OK;
	(void)unlink(tmp);
	return TT_EIO;
}

enum tt_err tt_open_trip_forget(const char *path)
{
	return unlink(path) == 0 || errno == ENOENT ? TT_OK : TT_EIO;
}
