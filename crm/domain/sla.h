/*
 * Service level clocks of a ticket: first response and resolution, each with its due time, paused while the ticket is pending and
 * stopped when it is resolved or closed.
 *
 * Every instant is UTC and absolute. A pause moves the due times by the working time it lasted, when it ends; there is no running counter
 * to go wrong. Two clocks only, and neither touches the other: an answer ends the first and never moves the second (golden cases in
 * tests/unit/crm/sla_test.c).
 *
 * Working time: a calendar of one open interval a weekday at a fixed offset from UTC, with holidays. Daylight saving is not in it: a
 * calendar with DST is two calendars, and the caller picks by date. NULL = 24 hours, 7 days. PURE.
 */
#ifndef TT_CRM_DOMAIN_SLA_H
#define TT_CRM_DOMAIN_SLA_H

#include "base/time.h"
#include "crm/domain/ticket.h"

struct tt_calendar {
	int32_t utc_offset_min; /* -840..840 */
	struct {
		uint16_t from_min, to_min; /* minutes of the local day, [from, to); equal = closed; to up to 1440 */
	} day[7];                          /* Monday first */
	const int32_t *holidays;           /* local days since 1970-01-01, ascending; NULL = none */
	size_t nholidays;
};

struct tt_sla_policy {
	const char *name;
	const struct tt_calendar *calendar; /* NULL = always */
	int64_t first_response_us[5];       /* by priority 1..4; [0] unused */
	int64_t resolution_us[5];
};

/* 24 x 7: P1 15 min / 4 h, P2 1 h / 1 day, P3 4 h / 3 days, P4 1 day / 7 days. */
extern const struct tt_sla_policy tt_sla_default;

/* The clock fields of a ticket; 0 = not set. */
struct tt_sla {
	tt_utc_us opened_at;
	tt_utc_us first_response_due_at, first_response_at;
	tt_utc_us resolution_due_at, resolved_at, closed_at;
	tt_utc_us paused_at; /* 0 = running */
};

/* `at` plus working time. TT_NEVER when the calendar has none within two years. */
tt_utc_us tt_calendar_add(const struct tt_calendar *calendar, tt_utc_us at, int64_t working_us);
/* Working time within [from, to). */
int64_t tt_calendar_between(const struct tt_calendar *calendar, tt_utc_us from, tt_utc_us to);

void tt_sla_open(const struct tt_sla_policy *policy, int32_t priority, tt_utc_us opened_at, struct tt_sla *out);
/* A higher or lower priority sets the due times of clocks still running anew, counted from opened_at, pauses so far added. */
void tt_sla_priority(const struct tt_sla_policy *policy, int32_t old_priority, int32_t new_priority, struct tt_sla *sla);
/* Carry a move of the ticket (already allowed by tt_ticket_move) into its clocks. Reopening starts the resolution clock anew from `at`. */
void tt_sla_move(const struct tt_sla_policy *policy, int32_t priority, enum tt_ticket_status from, enum tt_ticket_action action,
		 enum tt_ticket_status to, bool by_staff, tt_utc_us at, struct tt_sla *sla);

/*
 * The next instant after told_at (0 = nothing was told yet) that a clock runs out: the nearer of the open ones. TT_NEVER when paused,
 * stopped, all met or all told. A clock is told of once.
 */
tt_utc_us tt_sla_escalate_at(const struct tt_sla *sla, enum tt_ticket_status status, tt_utc_us told_at);

enum tt_sla_state { TT_SLA_FINE, TT_SLA_NEAR, TT_SLA_BREACHED, TT_SLA_PAUSED, TT_SLA_MET };
/* As the desk shows it at `now`; near = within near_us of running out. A clock that ran out stays BREACHED after the late answer. */
enum tt_sla_state tt_sla_state(const struct tt_sla *sla, enum tt_ticket_status status, tt_utc_us now, int64_t near_us);

#endif
