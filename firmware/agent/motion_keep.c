#include "firmware/agent/motion_keep.h"

#include "firmware/agent/atomic_file.h"

#include <inttypes.h>
#include <string.h>

enum { LINE_BYTES = 256 };

#define NUMBER_MAX (INT64_MAX / 8) /* sums of them do not overflow */

static void write_open(FILE *f, const struct tt_motion *m, const struct tt_occurrences *o, tt_mono_us now_us)
{
	for (unsigned slot = 0; slot < TT_MOTION_SLOTS; slot++) {
		const char *name = tt_motion_slot_name(m, slot);
		tt_mono_us begin_us;
		int64_t peak;
		bool dwelt;

		if (name && o->of[slot] != 0 && tt_motion_open(m, slot, &begin_us, &peak, &dwelt))
			fprintf(f, "%s %s %016" PRIx64 " %" PRId64 " %" PRId64 " %d\n", slot >= TT_SLOT_FENCES ? "fence" : "open", name,
				o->of[slot], now_us - begin_us, peak, dwelt);
	}
}

static void write_values(FILE *f, const struct tt_motion *m)
{
	struct tt_geo_point place;
	int64_t accuracy;

	if (tt_towing_anchor(&m->towing, &place, &accuracy))
		fprintf(f, "parked %" PRId32 " %" PRId32 " %" PRId64 "\n", place.latitude_e7, place.longitude_e7, accuracy);
	if (m->fuel.parked_known)
		fprintf(f, "fuel %" PRId64 " 0 0\n", m->fuel.parked);
	for (unsigned i = 0; i < m->battery.ndays; i++)
		fprintf(f, "day %" PRId64 " %" PRId64 " 0\n", m->battery.days[i].day, m->battery.days[i].mv);
	if (m->battery.told_day > 0)
		fprintf(f, "aged %" PRId64 " 0 0\n", m->battery.told_day);
	if (tt_odometer_source(m->odometer) == TT_ODOMETER_GPS)
		fprintf(f, "odometer %" PRId64 " 0 0\n", tt_odometer_value(m->odometer));
}

enum tt_err tt_motion_keep_save(const char *path, const struct tt_motion *m, const struct tt_occurrences *o, tt_mono_us now_us,
				tt_utc_us utc_us)
{
	struct tt_atomic_file out;
	enum tt_err err = tt_atomic_file_begin(&out, path, 0600);

	if (err)
		return err;
	fprintf(out.f, "telltale-motion 1 %" PRId64 "\n", utc_us);
	write_open(out.f, m, o, now_us);
	write_values(out.f, m);
	fputs("end\n", out.f);
	return tt_atomic_file_end(&out);
}

struct reader {
	struct tt_motion *m;
	struct tt_occurrences *o;
	tt_mono_us then_us; /* when the file was written */
	bool moving;        /* towing was open */
	tt_mono_us towing_us;
};

static unsigned slot_of(const struct tt_motion *m, const char *what, const char *name)
{
	const bool fence = strcmp(what, "fence") == 0;

	for (unsigned slot = fence ? TT_SLOT_FENCES : 0; slot < (unsigned)(fence ? TT_MOTION_SLOTS : TT_SLOT_FENCES); slot++) {
		const char *known = tt_motion_slot_name(m, slot);

		if (known && strcmp(known, name) == 0)
			return slot;
	}
	return TT_SLOT_NONE;
}

static bool read_open(struct reader *r, const char *line, tt_mono_us now_us)
{
	char what[8], name[TT_FENCE_NAME];
	uint64_t occurrence;
	int64_t ago_us, peak;
	int dwelt, end = 0;
	unsigned slot;

	if (sscanf(line, "%7s %31s %16" SCNx64 " %20" SCNd64 " %20" SCNd64 " %1d\n%n", what, name, &occurrence, &ago_us, &peak, &dwelt,
		   &end) != 6 ||
	    line[end] || occurrence == 0 || ago_us < 0 || ago_us > NUMBER_MAX || peak < -NUMBER_MAX || peak > NUMBER_MAX)
		return false;
	slot = slot_of(r->m, what, name);
	if (slot == TT_SLOT_NONE)
		return true; /* a fence that is no more */
	r->o->of[slot] = occurrence;
	if (slot == TT_SLOT_TOWING) {
		r->moving = true;
		r->towing_us = r->then_us - ago_us;
		tt_towing_reopen(&r->m->towing, now_us, r->towing_us); /* a known place may follow */
	} else {
		tt_motion_reopen(r->m, slot, r->then_us - ago_us, peak, dwelt != 0);
	}
	return true;
}

static bool read_value(struct reader *r, const char *line, tt_mono_us now_us)
{
	char what[16];
	int64_t v[3];
	int end = 0;

	if (sscanf(line, "%15s %20" SCNd64 " %20" SCNd64 " %20" SCNd64 "\n%n", what, &v[0], &v[1], &v[2], &end) != 4 || line[end])
		return false;
	if (strcmp(what, "parked") == 0 && v[0] >= -900000000 && v[0] <= 900000000 && v[1] >= -1800000000 && v[1] <= 1800000000 &&
	    v[2] >= 0 && v[2] <= 1000000)
		tt_towing_restore(&r->m->towing, now_us, (struct tt_geo_point){(int32_t)v[0], (int32_t)v[1]}, v[2], r->moving,
				  r->towing_us);
	else if (strcmp(what, "fuel") == 0 && v[0] >= 0 && v[0] <= 100000)
		tt_fuel_restore(&r->m->fuel, v[0]);
	else if (strcmp(what, "day") == 0 && v[0] > 0 && v[0] < 1000000 && v[1] > 0 && v[1] < 100000)
		tt_battery_learn(&r->m->battery, v[0], v[1]);
	else if (strcmp(what, "aged") == 0 && v[0] > 0 && v[0] < 1000000)
		r->m->battery.told_day = v[0];
	else if (strcmp(what, "odometer") == 0 && v[0] > 0 && v[0] < INT64_C(10000000000))
		tt_odometer_begin(r->m->odometer, now_us, v[0]);
	else
		return false;
	return true;
}

static enum tt_err read_lines(FILE *f, struct reader *r, tt_mono_us now_us, tt_utc_us utc_us)
{
	char line[LINE_BYTES];
	int64_t saved_us;
	int end = 0;

	if (!fgets(line, sizeof(line), f) || sscanf(line, "telltale-motion 1 %20" SCNd64 "\n%n", &saved_us, &end) != 1 || line[end] ||
	    saved_us < 0 || saved_us > NUMBER_MAX)
		return TT_ECORRUPT;
	r->then_us = utc_us > saved_us ? now_us - (utc_us - saved_us) : now_us;
	while (fgets(line, sizeof(line), f)) {
		const bool open = strncmp(line, "open ", 5) == 0 || strncmp(line, "fence ", 6) == 0;

		if (strcmp(line, "end\n") == 0)
			return TT_OK;
		if (!(open ? read_open(r, line, now_us) : read_value(r, line, now_us)))
			return TT_ECORRUPT;
	}
	return TT_ECORRUPT;
}

enum tt_err tt_motion_keep_load(const char *path, struct tt_motion *m, struct tt_occurrences *o, tt_mono_us now_us, tt_utc_us utc_us)
{
	struct reader r = {.m = m, .o = o};
	FILE *f;
	enum tt_err err = tt_atomic_file_open(path, &f);

	if (err)
		return err;
	err = read_lines(f, &r, now_us, utc_us);
	fclose(f);
	return err;
}

uint64_t tt_motion_keep_mark(const struct tt_motion *m)
{
	struct tt_geo_point place = {0, 0};
	int64_t accuracy = 0, peak;
	uint64_t mark = 0;
	tt_mono_us begin_us;
	bool dwelt;

	for (unsigned slot = 0; slot < TT_MOTION_SLOTS; slot++) {
		mark = mark * 3 + tt_motion_open(m, slot, &begin_us, &peak, &dwelt);
		mark = mark * 3 + dwelt;
	}
	mark = mark * 31 + tt_towing_anchor(&m->towing, &place, &accuracy);
	mark = mark * 31 + (uint64_t)(m->fuel.parked_known ? m->fuel.parked / 2000 + 1 : 0);
	mark = mark * 31 + (uint64_t)(m->battery.ndays > 0 ? m->battery.days[m->battery.ndays - 1].day : 0);
	mark = mark * 31 + (uint64_t)m->battery.told_day;
	if (tt_odometer_source(m->odometer) == TT_ODOMETER_GPS)
		mark = mark * 31 + (uint64_t)tt_odometer_value(m->odometer) / 1000; /* a small write a kilometre */
	return mark;
}
