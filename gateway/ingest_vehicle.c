#include "crm/domain/maintenance.h"
#include "gateway/ingest_internal.h"

#include <inttypes.h>
#include <string.h>

void tt_ingest_time(const struct tt_ingest_arrival *a, int64_t stamp_us, struct tt_event_time *out)
{
	if (stamp_us == 0)
		*out = a->time;
	else
		tt_lateness_judge(stamp_us, (enum tt_clock_quality)a->env->clock, a->in->received_at, a->ingest->config.late_limit_us, out);
}

struct tt_place tt_ingest_place(const Telltale__V1__Position *position, tt_utc_us fallback_at)
{
	struct tt_place place = {0};

	if (!position)
		return place;
	place.fix = (int32_t)position->fix;
	/* Without a fix the coordinates are the last known ones, if there ever were any: their own time tells. */
	if (position->fix_at_us == 0 && position->fix < TELLTALE__V1__FIX_TYPE__FIX_TYPE_TWO_D)
		return place;
	place.latitude_e7 = position->latitude_e7;
	place.longitude_e7 = position->longitude_e7;
	place.accuracy_mm = position->accuracy_mm;
	/* An undated fix is as old as the unit says, counted from the event. */
	place.fix_at = position->fix_at_us ? position->fix_at_us : fallback_at - TT_MS(position->age_ms);
	return place;
}

enum tt_err tt_ingest_vehicle_row(const struct tt_ingest_arrival *a, struct tt_vehicle_state *row)
{
	enum tt_err err = tt_store_vehicle_state_get(a->ingest->store, a->link->vehicle_id, row);

	if (err != TT_ENOTFOUND)
		return err;
	*row = (struct tt_vehicle_state){.vehicle_id = a->link->vehicle_id, .conditions = "[]"};
	return TT_OK;
}

static void merge_position(const struct tt_ingest_arrival *a, const Telltale__V1__Position *position, tt_utc_us at,
			   struct tt_vehicle_state *row)
{
	struct tt_place place = tt_ingest_place(position, at);

	/* A fix of the future would lock the position for good; one from before the newest is history, and stays in the event. */
	if (place.fix_at <= row->place.fix_at || place.fix_at > a->in->received_at + TT_FUTURE_TOLERANCE_US)
		return;
	row->place = place;
	row->speed_mm_s = position->speed_mm_s;
	row->heading_cdeg = position->heading_cdeg;
}

static enum tt_err merge_odometer(const struct tt_ingest_arrival *a, int64_t odometer_m, tt_utc_us at, struct tt_vehicle_state *row,
				  bool *new_odometer)
{
	enum tt_odometer_verdict verdict = tt_odometer_check(row->odometer_m, row->odometer_at, odometer_m, at);
	struct tt_errmsg why;

	if (verdict == TT_ODOMETER_ACCEPT) {
		*new_odometer = odometer_m != row->odometer_m;
		row->odometer_m = odometer_m;
		row->odometer_at = at;
		return TT_OK;
	}
	if (verdict == TT_ODOMETER_STALE)
		return TT_OK;
	(void)tt_errmsg_set(&why, TT_ERANGE, "%s: %" PRId64 " m after %" PRId64 " m; the record keeps the latter",
			    tt_odometer_verdict_name(verdict), odometer_m, row->odometer_m);
	return tt_ingest_quarantine(a->ingest, a->in, a->unit, a->unit->name, TT_REASON_ODOMETER, why.text, NULL);
}

enum tt_err tt_ingest_vehicle_merge(const struct tt_ingest_arrival *a, const Telltale__V1__Position *position, int64_t odometer_m,
				    tt_utc_us at, struct tt_vehicle_state *row, bool *new_odometer)
{
	enum tt_err err = TT_OK;

	*new_odometer = false;
	if (position)
		merge_position(a, position, at, row);
	if (odometer_m != 0)
		err = merge_odometer(a, odometer_m, at, row, new_odometer);
	if (a->in->received_at > row->last_seen_at)
		row->last_seen_at = a->in->received_at;
	return err;
}

enum tt_err tt_ingest_vehicle_seen(const struct tt_ingest_arrival *a, const Telltale__V1__Position *position, int64_t odometer_m,
				   tt_utc_us at)
{
	struct tt_vehicle_state row;
	bool new_odometer;
	enum tt_err err = tt_ingest_vehicle_row(a, &row);

	if (!err)
		err = tt_ingest_vehicle_merge(a, position, odometer_m, at, &row, &new_odometer);
	if (!err)
		err = tt_store_vehicle_state_put(a->ingest->store, &row);
	if (!err && new_odometer)
		err = tt_ingest_maintenance(a, odometer_m, at);
	return err;
}
