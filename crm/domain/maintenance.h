/*
 * When a maintenance item falls due, by distance, by time, whichever comes first; and whether an odometer reading may be believed.
 *
 * One reminder per (vehicle, item, cycle): it is made once and only ever upgraded, soon -> due -> overdue; done and dismissed end it for
 * this cycle. Distances metres, times UTC microseconds. PURE.
 */
#ifndef TT_CRM_DOMAIN_MAINTENANCE_H
#define TT_CRM_DOMAIN_MAINTENANCE_H

#include "base/time.h"

struct tt_maintenance_item {
	int64_t interval_m, interval_days; /* 0 = not by this axis */
	int64_t warn_m, warn_days;         /* soon from this much before; overdue this much after (0: a twentieth of the interval after) */
	int64_t base_odometer_m;           /* last done */
	tt_utc_us base_at;
};

enum tt_maintenance_state { TT_MAINTENANCE_OK, TT_MAINTENANCE_SOON, TT_MAINTENANCE_DUE, TT_MAINTENANCE_OVERDUE };
enum tt_maintenance_axis { TT_MAINTENANCE_NO_AXIS, TT_MAINTENANCE_BY_DISTANCE, TT_MAINTENANCE_BY_TIME };

struct tt_maintenance_verdict {
	enum tt_maintenance_state state;
	enum tt_maintenance_axis axis; /* the one that decides: further on, or nearer to its limit */
	int64_t due_odometer_m;        /* 0 = not by distance */
	tt_utc_us due_at;              /* 0 = not by time */
};

/* "ok", "soon", "due", "overdue": reminder.status. */
const char *tt_maintenance_state_name(enum tt_maintenance_state state);
/* odometer_m 0 = unknown: only time counts. */
void tt_maintenance_judge(const struct tt_maintenance_item *item, int64_t odometer_m, tt_utc_us now, struct tt_maintenance_verdict *out);

enum tt_reminder_act { TT_REMINDER_NOTHING, TT_REMINDER_INSERT, TT_REMINDER_UPGRADE };
/* existing: the reminder's status of this cycle ("soon", ...), NULL = none. The new status is the verdict's. */
enum tt_reminder_act tt_maintenance_remind(const char *existing, enum tt_maintenance_state state);

enum tt_odometer_verdict {
	TT_ODOMETER_ACCEPT,
	TT_ODOMETER_STALE,    /* older than, or within rounding (2 km) below, what is known: ignore quietly */
	TT_ODOMETER_BACKWARD, /* lower than before: quarantine (cluster replaced, or a wrong reading) */
	TT_ODOMETER_JUMP,     /* further than a car can drive in that time: quarantine */
	TT_ODOMETER_ABSURD,   /* not above 0, or above 5 million km: quarantine */
};
const char *tt_odometer_verdict_name(enum tt_odometer_verdict verdict);
/*
 * known_m 0 = nothing known. A jump is what exceeds 250 km/h over the time between the readings plus 10 km (rounding of ECUs, delay of
 * stamps). *at times must be sane (crm/domain/lateness.h).
 */
enum tt_odometer_verdict tt_odometer_check(int64_t known_m, tt_utc_us known_at, int64_t new_m, tt_utc_us new_at);

#endif
