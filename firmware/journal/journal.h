/*
 * The outbound journal: what the car has to say, on disk before it is sent, until the gateway says that it is stored.
 *
 * One SQLite file per unit. tt_journal_append gives an event its identity, (epoch, class, seq), and COMMITs with synchronous=FULL
 * before it returns; tt_journal_next hands out committed events in order, stamped; tt_journal_ack deletes what the gateway stored.
 *
 * Identity. The epoch is random, not zero, and made with the file. Within (epoch, class) seq counts 1, 2, 3 ... without holes and is
 * never given twice, not even when all rows are gone and the unit restarts. Bodies are kept without epoch, seq and first_seq_held;
 * those are stamped when an event is read (wire/envelope.h).
 *
 * Room. The file takes its whole room on the disk when it is made, and its write-ahead log is grown once to what it will ever need, so a
 * disk that fills up later does not stop it. Inside that room the lowest priority, oldest, goes first and is counted: an alert may
 * evict bulk, then events, then (only alerts left) the oldest alert; an event may evict bulk, then events; bulk evicts bulk only.
 * See docs/adr/0007-journal.md.
 *
 * Damage. A file that cannot be read is moved aside to PATH.corrupt-<n>, alerts and events that can still be read are taken over, and a new
 * epoch begins. This may also happen while running. Cursors (after_seq) belong to an epoch: when tt_journal_epoch has changed, start
 * again from 0.
 *
 * Memory: the journal owns all of its own; buffers are the caller's and are not kept. Threads: one journal, one thread; one
 * process (a second one is refused with TT_ECONFLICT).
 */
#ifndef TT_FIRMWARE_JOURNAL_JOURNAL_H
#define TT_FIRMWARE_JOURNAL_JOURNAL_H

#include "base/err.h"
#include "wire/envelope.h"
#include "wire/topic.h"

#include <stdint.h>

enum {
	TT_JOURNAL_MIN_BYTES = 1 << 20,
	TT_JOURNAL_DEFAULT_BYTES = 32 << 20,
	TT_JOURNAL_MAX_BYTES = 1 << 30,
	TT_JOURNAL_EVENT_MAX = TT_ENVELOPE_MAX_BYTES - TT_ENVELOPE_STAMP_MAX, /* bytes of one unstamped envelope */
};

struct tt_journal;

struct tt_journal_limits {
	uint64_t max_bytes; /* size of the file, TT_JOURNAL_MIN_BYTES..TT_JOURNAL_MAX_BYTES; the log beside it adds about 1 MB */
};

/*
 * Opens or makes the journal. Errors, each told in msg (may be NULL) with the way out: TT_ERANGE limits, TT_ENOMEM, TT_ENOSPC no room for
 * a new file, TT_ECONFLICT used by another process, TT_ECORRUPT unreadable and cannot be moved aside, TT_EVERSION made by a newer
 * program, TT_EIO. On TT_OK msg is empty, or says that a damaged file was moved aside.
 */
TT_MUSTCHECK enum tt_err tt_journal_open(const char *path, const struct tt_journal_limits *limits, struct tt_journal **out,
					 struct tt_errmsg *msg);
/* Flushes and closes; NULL is fine. */
void tt_journal_close(struct tt_journal *journal);

uint64_t tt_journal_epoch(const struct tt_journal *journal);

/*
 * Stores one serialised envelope (TT_CLASS_ALERT, _EVENT or _BULK) and commits it, with everything pending, before returning. seq may be
 * NULL. Errors, after which the event is not stored: TT_EINVAL class, or len 0; TT_ERANGE longer than TT_JOURNAL_EVENT_MAX; TT_EFULL bulk
 * or event and only higher classes left to evict (it is counted as evicted); TT_ENOSPC, TT_EIO the disk refused, also after eviction and a
 * second try.
 */
TT_MUSTCHECK enum tt_err tt_journal_append(struct tt_journal *journal, enum tt_class cls, const uint8_t *envelope, size_t len,
					   uint64_t *seq);

/*
 * The same for bulk without the commit: the event becomes durable, and visible to tt_journal_next, with the next tt_journal_append or
 * tt_journal_flush, or by itself once much is pending. Pending events that a failing disk takes are counted as evicted.
 */
TT_MUSTCHECK enum tt_err tt_journal_append_bulk(struct tt_journal *journal, const uint8_t *envelope, size_t len);

/* Commits what is pending (bulk, deletions). Call about once a second. Cheap when nothing is. TT_ENOSPC, TT_EIO. */
TT_MUSTCHECK enum tt_err tt_journal_flush(struct tt_journal *journal);

/*
 * The first event of a class with a seq above after_seq, stamped with epoch, seq and first_seq_held. after_seq = 0 rewinds to the oldest.
 * TT_ENOTFOUND: none (no disk access in that case). TT_EFULL: cap is too small (TT_ENVELOPE_MAX_BYTES always does). TT_EIO. *len and *seq
 * are written on TT_OK.
 */
TT_MUSTCHECK enum tt_err tt_journal_next(struct tt_journal *journal, enum tt_class cls, uint64_t after_seq, uint8_t *buf, size_t cap,
					 size_t *len, uint64_t *seq);

/*
 * The gateway stored everything of the class up to up_to_seq: delete it. An ack of a foreign epoch is ignored (TT_OK). The deletion is
 * pending until the next commit: a power cut in between only means that the event is sent, and acknowledged, again.
 * TT_ECONFLICT: the ack names seqs this file never gave, so the file is older than what the gateway has seen (restored, or a disk that
 * lied). The journal renumbers what it holds under a new epoch; rewind. TT_EINVAL class. TT_ENOSPC, TT_EIO.
 */
TT_MUSTCHECK enum tt_err tt_journal_ack(struct tt_journal *journal, uint64_t epoch, enum tt_class cls, uint64_t up_to_seq);

struct tt_journal_depth {
	uint64_t held;      /* events, pending ones included */
	uint64_t evicted;   /* since the epoch began; survives restarts */
	uint64_t first_seq; /* oldest held; next_seq when none is */
	uint64_t next_seq;  /* that the next event will get */
	uint64_t bytes;     /* of room in the file */
};
/* cls: TT_CLASS_ALERT, _EVENT or _BULK (programmer error otherwise). */
void tt_journal_depth(const struct tt_journal *journal, enum tt_class cls, struct tt_journal_depth *out);

/* What is wrong now, for the unit's reported conditions. */
struct tt_journal_health {
	bool full;                   /* condition "journal.full": evicting, or the disk refused for lack of room */
	bool failing;                /* the last write failed for another reason */
	bool moved_aside;            /* since it was opened a damaged file was moved aside */
	struct tt_errmsg last_error; /* of the last failed write or move; empty when none */
};
void tt_journal_health(const struct tt_journal *journal, struct tt_journal_health *out);

#endif
