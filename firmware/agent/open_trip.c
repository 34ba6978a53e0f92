#include "firmware/agent/open_trip.h"

#include "firmware/agent/atomic_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 512, NUMBERS = 16, NUMBERS_1 = 6 /* of format 1 */ };

#define NUMBER_MAX (INT64_MAX / 8) /* sums of them do not overflow */

/* In the order of the file. */
static void numbers_of(struct tt_trip_open *t, int64_t *out[NUMBERS])
{
	int64_t *const numbers[NUMBERS] = {&t->started_ago_us,   &t->moved_ago_us,     &t->odometer_start_m, &t->odometer_m,
					   &t->integral_um,      &t->gap_us,           &t->sums.idle_us,     &t->sums.max_mm_s,
					   &t->sums.harsh,       &t->sums.by_gps,      &t->sums.rate_known,  &t->sums.fuel_ul,
					   &t->sums.level_known, &t->sums.level_start, &t->sums.level_now,   &t->sums.refuelled};

	memcpy(out, numbers, sizeof(numbers));
}

static enum tt_err parse(const char *line, struct tt_open_trip *out)
{
	struct tt_open_trip t = {.trip = 0};
	int64_t *numbers[NUMBERS];
	unsigned format, needed;
	int at = 0;

	if (sscanf(line, "telltale-trip %1u %16" SCNx64 " %20" SCNd64 "%n", &format, &t.trip, &t.saved_at_us, &at) != 3 || format < 1 ||
	    format > 2 || t.trip == 0 || t.saved_at_us < 0 || t.saved_at_us > NUMBER_MAX)
		return TT_ECORRUPT;
	needed = format == 1 ? NUMBERS_1 : NUMBERS;
	numbers_of(&t.at, numbers);
	line += at;
	for (unsigned i = 0; i < needed; i++, line += at) {
		if (sscanf(line, " %20" SCNd64 "%n", numbers[i], &at) != 1 || *numbers[i] < 0 || *numbers[i] > NUMBER_MAX)
			return TT_ECORRUPT;
	}
	if (strcmp(line, " end\n") != 0)
		return TT_ECORRUPT;
	*out = t;
	return TT_OK;
}

enum tt_err tt_open_trip_load(const char *path, struct tt_open_trip *out)
{
	FILE *f;
	char line[LINE_BYTES];
	enum tt_err err = tt_atomic_file_open(path, &f);

	if (err)
		return err;
	err = fgets(line, sizeof(line), f) ? parse(line, out) : TT_ECORRUPT;
	fclose(f);
	return err;
}

enum tt_err tt_open_trip_save(const char *path, const struct tt_open_trip *t)
{
	struct tt_atomic_file out;
	struct tt_trip_open at = t->at;
	int64_t *numbers[NUMBERS];
	enum tt_err err = tt_atomic_file_begin(&out, path, 0600);

	if (err)
		return err;
	numbers_of(&at, numbers);
	fprintf(out.f, "telltale-trip 2 %016" PRIx64 " %" PRId64, t->trip, t->saved_at_us);
	for (unsigned i = 0; i < NUMBERS; i++)
		fprintf(out.f, " %" PRId64, *numbers[i]);
	fprintf(out.f, " end\n");
	return tt_atomic_file_end(&out);
}

enum tt_err tt_open_trip_forget(const char *path)
{
	return unlink(path) == 0 || errno == ENOENT ? TT_OK : TT_EIO;
}
