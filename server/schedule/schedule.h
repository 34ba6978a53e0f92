/*
 * What happens without anybody doing anything: SLA clocks that run out, rescue cases nobody takes, reminders that fall due by date,
 * sessions that expire. Each step is one or more transactions; each tells the change feed. A step that was missed (server down) is made up
 * for by the next one, once. The time is a parameter.
 *
 * Threads: one thread with its own store.
 */
#ifndef TT_SERVER_SCHEDULE_SCHEDULE_H
#define TT_SERVER_SCHEDULE_SCHEDULE_H

#include "crm/store/store.h"

/* Tickets whose first response or resolution is overdue: timeline "escalated", change, once for each clock. *n: how many. */
TT_MUSTCHECK enum tt_err tt_schedule_tickets(struct tt_store *store, tt_utc_us now, unsigned *n);
/* Open rescue cases not acknowledged: timeline "escalated" with the level, change, a notice to the dealer's desk; at 30, 90, 180, 300 s. */
TT_MUSTCHECK enum tt_err tt_schedule_rescues(struct tt_store *store, tt_utc_us now, unsigned *n);
/* Maintenance items that became soon, due or overdue by date: reminder, timeline, change, message to the owner. For every vehicle with a
 * plan. */
TT_MUSTCHECK enum tt_err tt_schedule_reminders(struct tt_store *store, tt_utc_us now, unsigned *n);
TT_MUSTCHECK enum tt_err tt_schedule_sessions(struct tt_store *store, tt_utc_us now);

#endif
