/*
 * What the files of ingest share. Internal to gateway/.
 *
 * Two kinds of failure run through all of it: the database's (tt_ingest_is_database: full, locked, broken), which ends the batch, and the
 * record's refusal of one event, which ends that event's consequences only.
 */
#ifndef TT_GATEWAY_INGEST_INTERNAL_H
#define TT_GATEWAY_INGEST_INTERNAL_H

#include "crm/domain/lateness.h"
#include "gateway/ingest.h"
#include "gateway/json.h"
#include "wire/envelope.h"

enum {
	TT_INGEST_NLANES = 3,           /* alert, event, bulk: the classes that are numbered */
	TT_INGEST_QUARANTINE_ROWS = 200 /* a unit may fill in TT_INGEST_QUARANTINE_WINDOW_US; the rest is counted */
};
#define TT_INGEST_QUARANTINE_WINDOW_US TT_SEC(3600)
#define TT_INGEST_RESEND_QUIET_US TT_SEC(2) /* a window full of messages behind one hole is asked for once */

/* Rows one sender may still put into quarantine. */
struct tt_ingest_allowance {
	tt_utc_us since;
	unsigned used;
};

/* One class of one unit. */
struct tt_ingest_lane {
	uint64_t epoch; /* 0 = nothing remembered */
	struct tt_mark mark;
	uint64_t unreadable; /* messages without a readable number since the mark last moved */
	unsigned asked;      /* for a resend, since the mark last moved */
	tt_utc_us quiet_until;
	uint64_t batch; /* the batch that slot belongs to */
	size_t slot;
};

struct tt_ingest_unit {
	char name[TT_UNIT_MAX + 1];
	uint64_t generation; /* of link and marks; not the ingest's = ask the store again */
	struct tt_link link;
	struct tt_ingest_lane lanes[TT_INGEST_NLANES];
	struct tt_ingest_allowance allowance;
	bool uninstalled_told;
};

/* What a batch has to write and to tell for one (unit, class, epoch). */
struct tt_ingest_slot {
	const struct tt_ingest_unit *unit;
	enum tt_class cls;
	uint64_t epoch;
	struct tt_mark mark;
	bool dirty, resend;
};

struct tt_ingest_units {
	struct tt_ingest_unit **table; /* open addressing, power of two */
	size_t mask, count, max;
};

struct tt_ingest {
	struct tt_store *store; /* borrowed */
	struct tt_ingest_config config;
	struct tt_ingest_units units;
	uint64_t generation;
	int64_t data_version;
	uint64_t batch; /* number of the running or last batch */
	bool open;
	size_t taken, nslots, nacks;
	struct tt_ingest_slot *slots; /* batch_max */
	struct tt_ingest_ack *acks;   /* batch_max */
	struct tt_ingest_allowance strangers;
	struct tt_ingest_stats stats, pending; /* committed; of the running batch */
};

/* One event on its way into the record. */
struct tt_ingest_arrival {
	struct tt_ingest *ingest;
	const struct tt_inbound *in;
	struct tt_ingest_unit *unit;
	const Telltale__V1__Envelope *env;
	const struct tt_link *link; /* at the time of the event */
	struct tt_event_time time;  /* when the journal took it, judged */
};

bool tt_ingest_is_database(enum tt_err err);

/* ingest_units.c. TT_ENOTFOUND: no such unit. *out is valid until the next begin. */
TT_MUSTCHECK enum tt_err tt_ingest_units_init(struct tt_ingest_units *units, size_t max);
void tt_ingest_units_clear(struct tt_ingest_units *units);
void tt_ingest_units_free(struct tt_ingest_units *units);
TT_MUSTCHECK enum tt_err tt_ingest_unit_get(struct tt_ingest *ingest, const char *name, tt_utc_us at, struct tt_ingest_unit **out);

/* ingest_quarantine.c. unit NULL: a stranger. *kept (may be NULL): false when the allowance is used up. */
TT_MUSTCHECK enum tt_err tt_ingest_quarantine(struct tt_ingest *ingest, const struct tt_inbound *in, struct tt_ingest_unit *unit,
					      const char *unit_name, enum tt_ingest_reason reason, const char *why, bool *kept);
/*
 * ingest_lane.c. The batch's slot of a lane, made on first use: its mark is written, and its ack told, with the batch. load makes the lane
 * be of this epoch; advance moves the mark to seq, with `lost` numbers that never come; ask requests the numbers behind the mark, at most
 * once in TT_INGEST_RESEND_QUIET_US.
 */
struct tt_ingest_slot *tt_ingest_lane_slot(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, struct tt_ingest_lane *lane,
					   enum tt_class cls);
TT_MUSTCHECK enum tt_err tt_ingest_slot_write(struct tt_ingest *ingest, struct tt_ingest_slot *slot);
TT_MUSTCHECK enum tt_err tt_ingest_lane_load(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, struct tt_ingest_lane *lane,
					     enum tt_class cls, uint64_t epoch);
void tt_ingest_lane_ask(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, struct tt_ingest_lane *lane, enum tt_class cls,
			tt_utc_us now);
void tt_ingest_lane_advance(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, struct tt_ingest_lane *lane, enum tt_class cls,
			    uint64_t seq, uint64_t lost);

/* ingest_take.c: everything one message means to the record. Database errors only. */
TT_MUSTCHECK enum tt_err tt_ingest_settle(struct tt_ingest *ingest, const struct tt_inbound *in);

/* Consequences by kind of body, of a unit that sat in a vehicle. */
TT_MUSTCHECK enum tt_err tt_ingest_apply_fault(const struct tt_ingest_arrival *a);
TT_MUSTCHECK enum tt_err tt_ingest_apply_alert(const struct tt_ingest_arrival *a);
TT_MUSTCHECK enum tt_err tt_ingest_apply_state(const struct tt_ingest_arrival *a);
TT_MUSTCHECK enum tt_err tt_ingest_apply_happened(const struct tt_ingest_arrival *a);
TT_MUSTCHECK enum tt_err tt_ingest_apply_capture(const struct tt_ingest_arrival *a);
TT_MUSTCHECK enum tt_err tt_ingest_apply_command_result(const struct tt_ingest_arrival *a);
TT_MUSTCHECK enum tt_err tt_ingest_apply_config_result(const struct tt_ingest_arrival *a);
TT_MUSTCHECK enum tt_err tt_ingest_apply_ecu(const struct tt_ingest_arrival *a);
TT_MUSTCHECK enum tt_err tt_ingest_apply_full_state(const struct tt_ingest_arrival *a);
/* What another body than the fault's, or the happening's, own says of it. told_by, e.g. "full state": for the timeline; NULL = its event.
 */
TT_MUSTCHECK enum tt_err tt_ingest_fault_seen(const struct tt_ingest_arrival *a, const Telltale__V1__FaultEvent *fault,
					      const char *told_by);
TT_MUSTCHECK enum tt_err tt_ingest_happened_seen(const struct tt_ingest_arrival *a, const Telltale__V1__VehicleEvent *seen);
/* ingest_unit.c: the unit's own part of a state that was true at `at`; an older one than the record's changes nothing. */
TT_MUSTCHECK enum tt_err tt_ingest_unit_state(const struct tt_ingest_arrival *a, const Telltale__V1__State *s, tt_utc_us at);

/*
 * ingest_vehicle.c: a position and an odometer reading that came with an event at `at`. An old position never replaces a newer one; an
 * odometer reading that cannot be true goes to quarantine. A new reading is held against the maintenance plan.
 */
TT_MUSTCHECK enum tt_err tt_ingest_vehicle_seen(const struct tt_ingest_arrival *a, const Telltale__V1__Position *position,
						int64_t odometer_m, tt_utc_us at);
/* Into `row`, without writing it. *new_odometer: the reading was believed and is new. */
TT_MUSTCHECK enum tt_err tt_ingest_vehicle_merge(const struct tt_ingest_arrival *a, const Telltale__V1__Position *position,
						 int64_t odometer_m, tt_utc_us at, struct tt_vehicle_state *row, bool *new_odometer);
/* A row of zeroes when nothing was ever reported. */
TT_MUSTCHECK enum tt_err tt_ingest_vehicle_row(const struct tt_ingest_arrival *a, struct tt_vehicle_state *row);
TT_MUSTCHECK enum tt_err tt_ingest_maintenance(const struct tt_ingest_arrival *a, int64_t odometer_m, tt_utc_us at);
/* All zero without coordinates. fallback_at: the time of a fix that came without one. */
struct tt_place tt_ingest_place(const Telltale__V1__Position *position, tt_utc_us fallback_at);
/* The event's own stamp, judged as the envelope's; 0 = take the envelope's. */
void tt_ingest_time(const struct tt_ingest_arrival *a, int64_t stamp_us, struct tt_event_time *out);

/* ingest_freeze.c: JSON arrays of at most cap bytes; items that do not fit are left out (the event keeps them all). */
TT_MUSTCHECK enum tt_err tt_ingest_freeze_json(const Telltale__V1__FaultEvent *fault, char *buf, size_t cap);
TT_MUSTCHECK enum tt_err tt_ingest_snapshot_json(const Telltale__V1__FaultEvent *fault, char *buf, size_t cap);

/* ingest_notify.c */
TT_MUSTCHECK enum tt_err tt_ingest_timeline(const struct tt_ingest_arrival *a, enum tt_subject subject, int64_t subject_id,
					    const char *kind, const char *text, const char *detail);
/* body: finished JSON object. */
TT_MUSTCHECK enum tt_err tt_ingest_change(const struct tt_ingest_arrival *a, const char *kind, int64_t subject_id, const char *body);

/* A page of the vehicle shows something new: what it is about, and which. */
TT_MUSTCHECK enum tt_err tt_ingest_vehicle_news(const struct tt_ingest_arrival *a, const char *about, const char *which);

struct tt_ingest_notice {
	const char *template_name; /* "fault_owner" */
	const char *key;           /* idempotency; NULL = made of unit, epoch, class, seq and template */
	bool urgent;               /* prefer a text message to a letter */
	enum tt_subject subject;
	int64_t subject_id;
	const char *text; /* one line for people */
	tt_utc_us event_at;
	bool late;
};
/* To the owner of that time. Without owner or address the subject's timeline says so. */
TT_MUSTCHECK enum tt_err tt_ingest_tell_owner(const struct tt_ingest_arrival *a, const struct tt_ingest_notice *notice);
TT_MUSTCHECK enum tt_err tt_ingest_tell_dealer(const struct tt_ingest_arrival *a, const struct tt_ingest_notice *notice);

/* Copy into a fixed array of the record, cut at a whole UTF-8 character when it is too long. */
void tt_ingest_copy(char *out, size_t cap, const char *text);

#endif
