#include "firmware/proto/odometer.h"

enum {
	ROUNDING_M = 200,
	MAX_RATE_M_S = 100,
	SLACK_M = 1000,
	CONFIRM = 3,       /* readings that agree before a jump is believed */
	CONFIRM_FIRST = 2, /* before the first broadcast value is */
	COUNT_AFTER_US = 15000000,
	A6_M = 100,
	BROADCAST_M = 1000,
};

#define MAX_ODOMETER_M INT64_C(9999999000)

void tt_odometer_init(struct tt_odometer *o, int64_t report_every_m)
{
	*o = (struct tt_odometer){.report_every_m = report_every_m < 1 ? 1 : report_every_m};
}

static void accept(struct tt_odometer *o, tt_mono_us now_us, enum tt_odometer_source source, int64_t value_m)
{
	/* the first real reading is true, also against what was counted from a number that somebody typed */
	if (o->source == TT_ODOMETER_GPS || value_m > o->told_m)
		o->told_m = value_m;
	o->known = true;
	o->value_m = value_m;
	o->source = source;
	o->at_us = now_us;
	o->candidate_count = 0;
	o->counted_um = 0;
	o->counting = false;
}

void tt_odometer_begin(struct tt_odometer *o, tt_mono_us now_us, int64_t value_m)
{
	if (o->known)
		return;
	accept(o, now_us, TT_ODOMETER_GPS, value_m);
	o->counting = true;
}

void tt_odometer_moved(struct tt_odometer *o, tt_mono_us now_us, int64_t um)
{
	if (!o->known)
		return;
	o->counted_um += um;
	o->counting = o->source == TT_ODOMETER_GPS || now_us - o->at_us > COUNT_AFTER_US;
	if (o->counting && o->value_m + o->counted_um / 1000000 > o->told_m)
		o->told_m = o->value_m + o->counted_um / 1000000;
}

enum tt_odometer_source tt_odometer_source(const struct tt_odometer *o)
{
	return o->source != TT_ODOMETER_GPS && o->counting ? TT_ODOMETER_FUSED : o->source;
}

int64_t tt_odometer_estimated(const struct tt_odometer *o)
{
	return o->counting ? o->counted_um / 1000000 : 0;
}

int64_t tt_odometer_uncertainty(const struct tt_odometer *o)
{
	static const int64_t resolution[] = {
		[TT_ODOMETER_NONE] = 0, [TT_ODOMETER_A6] = A6_M, [TT_ODOMETER_BROADCAST] = BROADCAST_M, [TT_ODOMETER_GPS] = 0};

	return resolution[o->source] + tt_odometer_estimated(o) * 3 / 100;
}

/* Counts readings near the candidate; true when there were enough. */
static bool confirmed(struct tt_odometer *o, int64_t value_m, unsigned needed)
{
	const int64_t off = value_m - o->candidate_m;

	if (o->candidate_count == 0 || off < 0 || off > SLACK_M)
		o->candidate_count = 0;
	o->candidate_m = value_m;
	o->candidate_count++;
	return o->candidate_count >= needed;
}

void tt_odometer_reading(struct tt_odometer *o, tt_mono_us now_us, enum tt_odometer_source source, int64_t value_m)
{
	int64_t ahead;

	if (value_m < 1 || value_m > MAX_ODOMETER_M) {
		o->refused++;
		return;
	}
	if (!o->known || o->source == TT_ODOMETER_GPS) {
		if (source == TT_ODOMETER_A6 || confirmed(o, value_m, CONFIRM_FIRST))
			accept(o, now_us, source, value_m);
		return;
	}
	ahead = value_m - o->value_m;
	if (ahead < 0) {
		o->refused += ahead < -ROUNDING_M;
		return;
	}
	if (ahead <= (now_us - o->at_us) / 1000000 * MAX_RATE_M_S + SLACK_M) {
		accept(o, now_us, source, value_m);
		return;
	}
	if (confirmed(o, value_m, CONFIRM))
		accept(o, now_us, source, value_m);
	else
		o->refused++;
}

bool tt_odometer_due(const struct tt_odometer *o)
{
	return o->known && (!o->reported || o->told_m - o->reported_m >= o->report_every_m);
}

void tt_odometer_reported(struct tt_odometer *o)
{
	o->reported = true;
	o->reported_m = o->told_m;
}

bool tt_odometer_changed(const struct tt_odometer *o)
{
	return o->known && (!o->reported || o->told_m != o->reported_m);
}

int64_t tt_odometer_value(const struct tt_odometer *o)
{
	return o->known ? o->told_m : 0;
}
