#include "crm/domain/maintenance.h"

#include <string.h>

static const char *const state_names[] = {
	[TT_MAINTENANCE_OK] = "ok", [TT_MAINTENANCE_SOON] = "soon", [TT_MAINTENANCE_DUE] = "due", [TT_MAINTENANCE_OVERDUE] = "overdue"};

const char *tt_maintenance_state_name(enum tt_maintenance_state state)
{
	TT_ASSERT((size_t)state < sizeof(state_names) / sizeof(state_names[0]));
	return state_names[state];
}

/* One axis, in its own unit. left: until due, negative after. */
static enum tt_maintenance_state axis_state(int64_t left, int64_t warn, int64_t interval)
{
	int64_t grace = warn > 0 ? warn : interval / 20;

	if (left > warn || (left > 0 && warn == 0))
		return TT_MAINTENANCE_OK;
	if (left > 0)
		return TT_MAINTENANCE_SOON;
	return left > -grace ? TT_MAINTENANCE_DUE : TT_MAINTENANCE_OVERDUE;
}

/* Per mille of the interval that is left, for comparing metres with days. */
static int64_t share_left(int64_t left, int64_t interval)
{
	return left / (interval / 1000 > 0 ? interval / 1000 : 1);
}

void tt_maintenance_judge(const struct tt_maintenance_item *item, int64_t odometer_m, tt_utc_us now, struct tt_maintenance_verdict *out)
{
	int64_t share = 0;

	*out = (struct tt_maintenance_verdict){.state = TT_MAINTENANCE_OK, .axis = TT_MAINTENANCE_NO_AXIS};
	if (item->interval_m > 0) {
		out->due_odometer_m = item->base_odometer_m + item->interval_m;
		if (odometer_m > 0) {
			int64_t left = out->due_odometer_m - odometer_m;

			out->state = axis_state(left, item->warn_m, item->interval_m);
			out->axis = TT_MAINTENANCE_BY_DISTANCE;
			share = share_left(left, item->interval_m);
		}
	}
	if (item->interval_days > 0) {
		int64_t left, interval_us = item->interval_days * TT_DAY_US;
		enum tt_maintenance_state state;

		out->due_at = item->base_at + interval_us;
		left = out->due_at - now;
		state = axis_state(left, item->warn_days * TT_DAY_US, interval_us);
		if (out->axis == TT_MAINTENANCE_NO_AXIS || state > out->state ||
		    (state == out->state && share_left(left, interval_us) < share)) {
			out->state = state;
			out->axis = TT_MAINTENANCE_BY_TIME;
		}
	}
}

enum tt_reminder_act tt_maintenance_remind(const char *existing, enum tt_maintenance_state state)
{
	if (state == TT_MAINTENANCE_OK)
		return TT_REMINDER_NOTHING;
	if (existing == NULL)
		return TT_REMINDER_INSERT;
	for (int open = TT_MAINTENANCE_SOON; open <= TT_MAINTENANCE_OVERDUE; open++)
		if (strcmp(existing, state_names[open]) == 0)
			return (int)state > open ? TT_REMINDER_UPGRADE : TT_REMINDER_NOTHING;
	return TT_REMINDER_NOTHING; /* done or dismissed: quiet until the next cycle */
}
