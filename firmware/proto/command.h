/*
 * Commands told from afar: reading them, using each up once, and the interlocks between a command and the car. PURE.
 *
 * The caller has checked the signature (wire/sign.h) before it hands a body in, and writes the ledger to disk before it carries anything
 * out. The sequence is: tt_command_decode, tt_command_admit, persist, tt_command_judge, act, tt_command_note.
 *
 * Sliding window: the highest counter of a key, and one bit for each of the 64 below it; bit i is counter - 1 - i. The rules of the window
 * and its vectors are those of Tesla's vehicle-command (window_test.go), which is 32 wide.
 * Memory: the caller's structs. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_COMMAND_H
#define TT_FIRMWARE_PROTO_COMMAND_H

#include "base/err.h"
#include "base/time.h"

/* The wire's numbers (schemas/proto/telltale.proto, CommandKind and CommandOutcome). */
enum tt_command_kind {
	TT_COMMAND_NONE = 0,
	TT_COMMAND_PING = 1,
	TT_COMMAND_FULL_STATE = 2,
	TT_COMMAND_REPORT_RATE = 3,
	TT_COMMAND_CAPTURE = 4,
	TT_COMMAND_READ_CODES = 5,
	TT_COMMAND_CLEAR_CODES = 6,
	TT_COMMAND_LOCK = 7,
	TT_COMMAND_UNLOCK = 8,
	TT_COMMAND_HORN_LIGHTS = 9,
	TT_COMMAND_IGNITION_BLOCK = 10,
	TT_COMMAND_IGNITION_RELEASE = 11,
	TT_COMMAND_DRIVER_MESSAGE = 12,
	TT_COMMAND_DESTINATION = 13,
	TT_COMMAND_KINDS = 14
};

enum tt_command_outcome {
	TT_OUTCOME_NONE = 0,
	TT_OUTCOME_ACCEPTED = 1,
	TT_OUTCOME_ARMED = 2,
	TT_OUTCOME_DONE = 3,
	TT_OUTCOME_REFUSED = 4,
	TT_OUTCOME_FAILED = 5,
	TT_OUTCOME_EXPIRED = 6,
	TT_OUTCOME_REPLAYED = 7,
	TT_OUTCOME_UNAUTHENTIC = 8,
	TT_OUTCOME_UNSUPPORTED = 9,
	TT_OUTCOMES = 10
};

enum { TT_COMMAND_UNIT = 33, TT_COMMAND_TEXT = 241, TT_COMMAND_REASON = 120, TT_COMMAND_BYTES_MAX = 512 };

struct tt_command {
	char unit[TT_COMMAND_UNIT];
	uint64_t id;
	uint64_t counter;
	tt_utc_us not_before_us, expires_at_us;
	uint32_t kind; /* as sent; TT_COMMAND_KINDS or more: a later one */
	uint32_t duration_ms, interval_ms;
	char text[TT_COMMAND_TEXT]; /* printable UTF-8 */
	bool speak;
	int32_t latitude_e7, longitude_e7;
	uint32_t fields; /* bit n: field n was sent */
	bool unknown;    /* a field that is not ours was sent */
};

/* "unlock", "horn-lights" ...; "none" for anything else. Static. */
const char *tt_command_kind_name(uint32_t kind);
/* TT_COMMAND_NONE: no such name. */
enum tt_command_kind tt_command_kind_by_name(const char *name);
const char *tt_command_outcome_name(uint32_t outcome);

/* TT_EPROTO: not a command: unreadable, a string too long or not printable, id or counter 0, no unit, a number beyond its type. */
TT_MUSTCHECK enum tt_err tt_command_decode(const uint8_t *bytes, size_t len, struct tt_command *out);

/* ---- used once ---- */

enum { TT_COMMAND_WINDOW = 64, TT_COMMAND_KEYS = 16, TT_COMMAND_ENTRIES = 16 };

struct tt_command_window {
	uint64_t key_id; /* 0 = free; a key's own id is never 0 (wire/sign.h) */
	uint64_t counter;
	uint64_t used;
};

/* True, once, for each counter that is above the window or inside it and not used; counter 0 never. */
bool tt_command_window_take(struct tt_command_window *w, uint64_t counter);

/* What became of a command. */
struct tt_command_entry {
	uint64_t key_id, id, counter;
	uint32_t kind;
	enum tt_command_outcome outcome; /* TT_OUTCOME_NONE = free */
	char reason[TT_COMMAND_REASON];
	tt_utc_us at_us;
	bool told; /* the journal has this result */
};

struct tt_command_ledger {
	struct tt_command_window windows[TT_COMMAND_KEYS];
	struct tt_command_entry entries[TT_COMMAND_ENTRIES];
	unsigned next; /* the entry that gives way */
	/* Commands that act on the car must begin after this: what was used before the ledger was made, or lost, is not known. */
	tt_utc_us floor_us; /* -1 = the clock was not known yet */
};

enum tt_command_admission { TT_COMMAND_NEW, TT_COMMAND_DUPLICATE, TT_COMMAND_REPLAYED, TT_COMMAND_NO_ROOM };

/* A ledger without a past. */
void tt_command_ledger_init(struct tt_command_ledger *l, tt_utc_us floor_us);
/*
 * Uses the counter up and makes the entry (outcome accepted, told). *entry: the new one, or the first result of a duplicate (same key,
 * counter and id); NULL otherwise. keep: keys that are trusted now; a window of another key gives way when the table is full.
 */
enum tt_command_admission tt_command_admit(struct tt_command_ledger *l, uint64_t key_id, const struct tt_command *c, const uint64_t *keep,
					   size_t nkeep, struct tt_command_entry **entry);
/* The result. reason is cut to fit. */
void tt_command_note(struct tt_command_entry *e, enum tt_command_outcome outcome, const char *reason, tt_utc_us at_us);
/* NULL: none (any more). */
struct tt_command_entry *tt_command_entry_by_id(struct tt_command_ledger *l, uint64_t key_id, uint64_t id);
/* After a restart: what was under way has failed, since nobody knows how far it came. How many. */
unsigned tt_command_interrupted(struct tt_command_ledger *l, tt_utc_us at_us);

/* ---- interlocks ---- */

enum tt_command_ignition { TT_COMMAND_IGNITION_UNKNOWN, TT_COMMAND_IGNITION_OFF, TT_COMMAND_IGNITION_ON };

/* What the car is doing, as far as a command must know. */
struct tt_command_situation {
	const char *unit;
	tt_utc_us utc_us;
	enum tt_clock_quality clock;
	tt_utc_us floor_us; /* of the ledger */
	bool speed_known;   /* fresh, or parked: see standing in firmware/agent/remote_car.h */
	int32_t speed_mm_s; /* either sign */
	enum tt_command_ignition ignition;
	int64_t off_for_us; /* since the ignition went off; 0 when it is not */
	bool engine_running;
	bool may_ask;         /* diagnostics may be asked now */
	bool may_clear;       /* the profile allows service 04 */
	bool head_unit;       /* somebody listens on the hook */
	bool horn_resting;    /* the last horn was too short ago */
	bool acting;          /* another command is being carried out */
	uint32_t actuates;    /* bit kind: the profile has frames for it */
	uint32_t supports;    /* bit kind: this agent can do it */
	int64_t off_limit_us; /* unlock is unavailable when the car was off for longer */
};

enum {
	TT_COMMAND_STANDING_MM_S = 280, /* 1 km/h */
	TT_COMMAND_SKEW_US = 120000000,
	TT_COMMAND_HORN_MIN_MS = 500,
	TT_COMMAND_HORN_MAX_MS = 30000,
	TT_COMMAND_RATE_MIN_MS = 1000,
	TT_COMMAND_RATE_MAX_MS = 3600000,
	TT_COMMAND_RATE_FOR_MIN_MS = 10000,
	TT_COMMAND_RATE_FOR_MAX_MS = 86400000,
};

struct tt_command_verdict {
	enum tt_command_outcome outcome; /* ACCEPTED: carry it out; ARMED: when it may; anything else is the end */
	const char *reason;              /* static; "" when accepted */
};

/* Authentic, admitted and stored: may it be done now? */
struct tt_command_verdict tt_command_judge(const struct tt_command *c, const struct tt_command_situation *s);
/* Whether what is under way may go on: the interlocks of its kind alone, without time and arguments. TT_OUTCOME_ACCEPTED, or refused. */
struct tt_command_verdict tt_command_still(uint32_t kind, const struct tt_command_situation *s);
/* Does the command send frames of the profile's? */
bool tt_command_actuates(uint32_t kind);

#endif
