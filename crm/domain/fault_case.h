/*
 * A fault's life in the record: what one observation does to the fault's row and to its ticket.
 *
 * The promise is one open ticket per vehicle and fault. So:
 *   - raised, confirmed, no open ticket: opens one. Confirmed = stored (service 03), or the lamp is on, or a permanent code (0A) of a
 *     fault we never heard of (a permanent code is only written for a fault that lit the lamp; on a known fault it is the past).
 *   - raised or changed while a ticket is open: an entry in its timeline; its priority may rise, never fall.
 *   - pending only (07): kept in the fault's row, no ticket. A pending code is one failed drive cycle and most of them vanish; a ticket for
 *     each would bury the desk. It opens its ticket the moment it is confirmed.
 *   - cleared: written to row and ticket; the ticket stays open, since a cleared code is not a repaired car.
 *   - raised again after the ticket was resolved or closed: a new ticket.
 *   - cleared, and we never heard of the fault: nothing.
 * An ECU that speaks OBD and UDS tells one defect as P0301 and as P0301-13, and may find several failure types of one code: they are
 * twins, faults of one ECU with the same five characters, and share one open ticket (ADR 18). What comes second is an entry in the first
 * one's ticket; the name with the failure type takes the ticket over; and a defect that is there by its other name is not raised anew.
 * Observations of a unit come in order (wire: seq); an observation with an older time still counts, but never moves last_seen_at back.
 *
 * PURE: times in, decision out; the caller carries it out in one transaction.
 */
#ifndef TT_CRM_DOMAIN_FAULT_CASE_H
#define TT_CRM_DOMAIN_FAULT_CASE_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

/* The wire's FaultChange, same numbers. */
enum tt_fault_change { TT_FAULT_RAISED = 1, TT_FAULT_CHANGED = 2, TT_FAULT_CLEARED = 3 };

struct tt_fault_bits {
	bool stored, pending, permanent, mil;
};

/* What the record holds. */
struct tt_fault_known {
	bool exists; /* there is a row; the rest is 0 without */
	bool active;
	struct tt_fault_bits bits;
	tt_utc_us first_seen_at, last_seen_at, cleared_at;
	int64_t occurrences;
	bool ticket_open;        /* new, open or pending */
	int32_t ticket_priority; /* of the open ticket */
	int64_t ticket_occurrences;
	const char *ticket_code; /* of the fault the open ticket is of, when that is a twin; NULL: this fault's own ticket, or none */
	const char *twin_code;   /* a twin that the car reports now; NULL = none */
	bool twin_confirmed;
};

/* What the car says. */
struct tt_fault_seen {
	enum tt_fault_change change;
	const char *code; /* "P0301" */
	struct tt_fault_bits bits;
	bool has_freeze_frame;
	tt_utc_us at;        /* event time, crm/domain/lateness.h */
	const char *told_by; /* what told it: "full state"; NULL = its own event */
};

enum tt_fault_row_act { TT_FAULT_ROW_KEEP, TT_FAULT_ROW_INSERT, TT_FAULT_ROW_UPDATE };
enum tt_fault_ticket_act { TT_FAULT_TICKET_NONE, TT_FAULT_TICKET_OPEN, TT_FAULT_TICKET_UPDATE };

enum { TT_FAULT_SUBJECT_MAX = 120, TT_FAULT_TEXT_MAX = 240 };

struct tt_fault_decision {
	enum tt_fault_row_act row;
	/* The row's new values, when row is not KEEP. cleared_at 0 = not cleared. */
	bool active;
	struct tt_fault_bits bits;
	tt_utc_us first_seen_at, last_seen_at, cleared_at;
	int64_t occurrences;
	bool take_freeze_frame; /* store the observation's freeze frame; otherwise keep the old one */

	enum tt_fault_ticket_act ticket;
	int32_t priority;                   /* of the ticket to open, or the open one's new priority */
	int64_t ticket_occurrences;         /* the ticket's new count */
	const char *timeline_kind;          /* "opened", "fault_repeated", "fault_changed", "fault_cleared"; NULL without a ticket */
	char subject[TT_FAULT_SUBJECT_MAX]; /* "P0301 Cylinder 1 misfire"; always set */
	char text[TT_FAULT_TEXT_MAX];       /* the timeline entry in words; "" without one */
	bool notify_owner;                  /* once a ticket: when it opens */
	bool take_ticket;                   /* the open ticket, a twin's, becomes this fault's, with its subject */
};

enum { TT_FAULT_BASE = 5 };
/* "P0301" of "P0301" and "P0301-13": what twins have in common. False: a code that has no twins (J1939). */
bool tt_fault_base(const char *code, char out[TT_FAULT_BASE + 1]);

void tt_fault_decide(const struct tt_fault_known *known, const struct tt_fault_seen *seen, struct tt_fault_decision *out);

#endif
