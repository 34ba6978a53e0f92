/*
 * Ingest: messages in, one transaction out. No MQTT, no clock: topic, payload and the time of receipt are parameters.
 *
 * A batch is begin, take ..., commit. Every message that take returns TT_OK for is settled when commit returned TT_OK: stored, known
 * before, refused because of a hole, or in quarantine; none of them may be asked for again by not acknowledging it to the broker. What is
 * to be told to the units stands in tt_ingest_acks, and only then. When begin, take or commit fail the database did (full, locked, broken):
 * call tt_ingest_abort, acknowledge nothing and let the broker deliver again.
 *
 * One unit's poison never costs its neighbours: what cannot be read goes to quarantine, and what the record refuses is stored as an event
 * without its consequences, with a quarantine row that says why.
 *
 * Memory: the ingest owns its caches; the store handle is borrowed and must outlive it. Threads: one ingest, one thread; several on one
 * database may run side by side as long as no two serve the same (unit, class) - sessions with fixed client ids see to that.
 */
#ifndef TT_GATEWAY_INGEST_H
#define TT_GATEWAY_INGEST_H

#include "base/err.h"
#include "base/time.h"
#include "crm/store/store.h"
#include "wire/topic.h"

#include <stdint.h>

enum { TT_INGEST_BATCH_MAX = 4096, TT_INGEST_PAYLOAD_KEPT = 65536 };

struct tt_ingest;

struct tt_ingest_config {
	int64_t late_limit_us; /* events older than this on receipt are marked late; above 0 */
	size_t batch_max;      /* messages between begin and commit, 1..TT_INGEST_BATCH_MAX */
	size_t units_max;      /* units remembered, at least 16; more are served, at the price of a look-up */
};

struct tt_inbound {
	const char *topic;
	const uint8_t *payload; /* borrowed for the call */
	size_t len;             /* bytes at payload */
	size_t size;            /* bytes that came; more than len when the rest was not kept */
	tt_utc_us received_at;
};

/* For tt_ack_encode and the topic of the unit. */
struct tt_ingest_ack {
	char unit[TT_UNIT_MAX + 1];
	enum tt_class cls;
	uint64_t epoch;
	uint64_t up_to_seq;
	bool resend;
};

/* Why a message was refused: the `reason` label of telltale_gateway_quarantined_total. */
#define TT_INGEST_REASONS(X) \
	X(TOPIC, "topic")               /* not a topic of ours, or the shard of another unit */ \
	X(UNKNOWN_UNIT, "unknown_unit") /* certificate without a row */ \
	X(REVOKED, "revoked")           /* the unit may not speak any more */ \
	X(SIZE, "size")                 /* larger than an envelope may be */ \
	X(MALFORMED, "malformed")       /* not protobuf, or a bound broken */ \
	X(SCHEMA, "schema")             /* a version we do not know */ \
	X(UNINSTALLED, "uninstalled")   /* stored, but the unit sat in no vehicle then */ \
	X(ODOMETER, "odometer")         /* stored, but the reading cannot be true */ \
	X(REFUSED, "refused")           /* stored where possible, but the record refused its consequences */
#define TT_INGEST_REASON_ENUM(name, label) TT_REASON_##name,
enum tt_ingest_reason { TT_INGEST_REASONS(TT_INGEST_REASON_ENUM) TT_INGEST_NREASONS };
#undef TT_INGEST_REASON_ENUM
const char *tt_ingest_reason_label(enum tt_ingest_reason reason);

/* Counted when committed. */
struct tt_ingest_stats {
	uint64_t received;
	uint64_t accepted[TT_NCLASSES]; /* by class; state counts as accepted when it was taken over */
	uint64_t duplicates, holes, resends;
	uint64_t evicted; /* sequence numbers that will never come */
	uint64_t late;
	uint64_t quarantined[TT_INGEST_NREASONS];
	uint64_t quarantine_unkept; /* refused and counted above, but beyond the limit of rows a unit may fill */
	uint64_t tickets_opened, rescues_opened, reminders_opened;
	uint64_t batches;
};

/* TT_EINVAL: configuration out of range. TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_ingest_create(struct tt_store *store, const struct tt_ingest_config *config, struct tt_ingest **out);
void tt_ingest_destroy(struct tt_ingest *ingest); /* NULL is fine; an open batch is aborted */

/* Errors of all three: those of the store. msg (may be NULL) names the step and the message of the store. */
TT_MUSTCHECK enum tt_err tt_ingest_begin(struct tt_ingest *ingest, struct tt_errmsg *msg);
/* Also TT_EFULL: batch_max messages were taken; commit first. */
TT_MUSTCHECK enum tt_err tt_ingest_take(struct tt_ingest *ingest, const struct tt_inbound *in, struct tt_errmsg *msg);
TT_MUSTCHECK enum tt_err tt_ingest_commit(struct tt_ingest *ingest, struct tt_errmsg *msg);
void tt_ingest_abort(struct tt_ingest *ingest);

/* Of the batch committed last, one a (unit, class, epoch); valid until the next begin. */
size_t tt_ingest_acks(const struct tt_ingest *ingest, const struct tt_ingest_ack **out);
const struct tt_ingest_stats *tt_ingest_stats(const struct tt_ingest *ingest);

#endif
