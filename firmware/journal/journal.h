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
 * evict bulk, then events, then (only alerts left) the oldest alert; an event may evict bulk, then events; bulk evicts bulk only. Bulk and
 * events also have quotas of their own, within which their oldest goes, and an age beyond which they go; alerts have neither.
 * See docs/adr/0007-journal.md.
 *
 * Wear. Alerts and events are committed at once, and everything pending with them. Bulk waits for others, and deletions wait longer still:
 * tt_journal_tick decides. tt_journal_wear counts.
 *
 * At rest. With a key every row is sealed (journal_seal.h); marks, sizes and times are not. A plain file that meets a key is sealed in
 * place. A sealed file that meets another key or none is moved to PATH.locked-<n>, whole, and a new one begins.
 * docs/adr/0014-journal-at-rest.md.
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
#include "base/time.h"
#include "wire/envelope.h"
#include "wire/topic.h"

#include <stdint.h>

enum {
	TT_JOURNAL_MIN_BYTES = 1 << 20,
	TT_JOURNAL_DEFAULT_BYTES = 32 << 20,
	TT_JOURNAL_MAX_BYTES = 1 << 30,
	TT_JOURNAL_KEY_BYTES = 32,
	TT_JOURNAL_EVENT_MAX = TT_ENVELOPE_MAX_BYTES - TT_ENVELOPE_STAMP_MAX, /* bytes of one unstamped envelope */
};

struct tt_journal;

struct tt_journal_key {
	uint8_t bytes[TT_JOURNAL_KEY_BYTES];
};

/* Zero in any but max_bytes stands for its default. */
struct tt_journal_limits {
	uint64_t max_bytes;     /* size of the file, TT_JOURNAL_MIN_BYTES..TT_JOURNAL_MAX_BYTES; the log beside it adds about 1 MB */
	unsigned event_percent; /* of the room, 1..100; 70 */
	unsigned bulk_percent;  /* 1..100; 85 */
	int64_t event_age_us;   /* an older one goes; none */
	int64_t bulk_age_us;
	int64_t bulk_hold_us;             /* that bulk may wait for a commit while there is somebody to send it to; 2 s */
	int64_t offline_hold_us;          /* and while there is nobody; 60 s */
	int64_t ack_hold_us;              /* that deletions may wait; 30 s */
	const struct tt_journal_key *key; /* NULL = rows are stored as they are; copied */
};

/*
 * Reads a key file: 64 hexadecimal digits in a regular file of this user or root that nobody else can read. TT_ECONFIG with the way out.
 * tt_journal_key_forget wipes it.
 */
TT_MUSTCHECK enum tt_err tt_journal_key_load(const char *path, struct tt_journal_key *out, struct tt_errmsg *msg);
void tt_journal_key_forget(struct tt_journal_key *key);

/*
 * Opens or makes the journal. Errors, each told in msg (may be NULL) with the way out: TT_ERANGE limits, TT_ENOMEM, TT_ENOSPC no room for
 * a new file, TT_ECONFLICT used by another process, TT_ECORRUPT unreadable and cannot be moved aside, TT_EVERSION made by a newer
 * program, TT_EIO. On TT_OK msg is empty, or says that a damaged or locked file was moved aside.
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

/* Commits what is pending (bulk, deletions). Cheap when nothing is. TT_ENOSPC, TT_EIO. */
TT_MUSTCHECK enum tt_err tt_journal_flush(struct tt_journal *journal);

/*
 * Call about once a second: commits what has waited long enough, and lets go what is too old. utc_us: what new rows are dated with; 0 = not
 * known well enough to judge ages by, nothing is dated or goes. online: somebody takes bulk now. TT_ENOSPC, TT_EIO.
 */
TT_MUSTCHECK enum tt_err tt_journal_tick(struct tt_journal *journal, tt_mono_us now_us, tt_utc_us utc_us, bool online);

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
	bool locked;                 /* condition "journal.key": a file sealed with another key was moved aside when it was opened */
	struct tt_errmsg last_error; /* of the last failed write or move; empty when none */
};
void tt_journal_health(const struct tt_journal *journal, struct tt_journal_health *out);

/* What was written since it was opened. */
struct tt_journal_wear {
	uint64_t commits;
	uint64_t log_bytes;  /* into the write-ahead log, without its headers */
	uint64_t file_bytes; /* copied from there into the file, at most */
};
void tt_journal_wear(const struct tt_journal *journal, struct tt_journal_wear *out);

#endif
