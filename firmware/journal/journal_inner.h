/*
 * What the journal's files share: the open journal, its marks and its transaction. Internal to firmware/journal/.
 *
 *	journal.c         in and out
 *	journal_evict.c   room: quotas, the order of eviction, age
 *	journal_renew.c   another file or another epoch: damage, a wrong key, a file older than what the gateway has seen
 */
#ifndef TT_FIRMWARE_JOURNAL_JOURNAL_INNER_H
#define TT_FIRMWARE_JOURNAL_JOURNAL_INNER_H

#include "firmware/journal/journal.h"
#include "firmware/journal/journal_db.h"
#include "firmware/journal/journal_seal.h"

enum { TT_JOURNAL_STORED_MAX = TT_JOURNAL_EVENT_MAX + TT_JOURNAL_SEAL_BYTES };

struct tt_journal {
	struct tt_jdb *db; /* NULL only while a damaged file could not be replaced */
	char *path;
	struct tt_journal_limits limits;
	struct tt_journal_key key; /* with `sealed` */
	bool sealed;
	uint64_t budget; /* bytes that rows may cost together */
	uint64_t epoch;
	struct tt_jdb_mark mark[TT_JDB_CLASSES]; /* now, with what is pending */
	struct tt_jdb_mark kept[TT_JDB_CLASSES]; /* as of the last commit */
	uint64_t lost[TT_JDB_CLASSES];           /* evicted, and not written into a mark yet */
	uint64_t pending_bulk;                   /* events taken and not committed */
	uint64_t pending_bytes;
	tt_mono_us pending_since_us; /* first tick that saw something pending; 0 = none did */
	tt_utc_us utc_us;            /* that rows get; 0 = unknown */
	tt_mono_us expired_us;       /* last look for old rows */
	uint64_t commits;
	struct tt_journal_health health;
	uint8_t scratch[TT_JOURNAL_STORED_MAX]; /* a row as it is stored */
};

/* How hard room is made: as the budget asks; after a refusal lower classes go too; after another one the oldest of the same class. */
enum tt_journal_pressure { TT_PRESSURE_BUDGET, TT_PRESSURE_LOWER, TT_PRESSURE_OWN, TT_PRESSURES };

/* journal.c */
uint64_t tt_journal_held(const struct tt_jdb_mark *m);
uint64_t tt_journal_used(const struct tt_journal *j);
TT_MUSTCHECK enum tt_err tt_journal_begin(struct tt_journal *j);
/* Writes the marks that moved, and commits; the caller rolls back after an error. */
TT_MUSTCHECK enum tt_err tt_journal_commit(struct tt_journal *j);
/* Back to the last commit. Bulk that was taken since is gone, and counted. */
void tt_journal_roll_back(struct tt_journal *j);
TT_MUSTCHECK enum tt_err tt_journal_put_row(struct tt_journal *j, enum tt_class cls, const uint8_t *body, size_t len,
					    enum tt_journal_pressure pressure);
/* After a failed write: back to the last commit, and what can be done about the cause. TT_OK: it is worth another try. */
TT_MUSTCHECK enum tt_err tt_journal_recover(struct tt_journal *j, enum tt_err cause);

/* journal_evict.c */
/*
 * Makes room for a row of `cost`, its class's quota first, then evicting the lowest class first and never a higher one than `cls`.
 * TT_EFULL, with nothing evicted, when higher classes fill the file or the quota never takes it.
 */
TT_MUSTCHECK enum tt_err tt_journal_make_room(struct tt_journal *j, enum tt_class cls, uint64_t cost, enum tt_journal_pressure pressure);
/* No class is near its quota, and the file not near its end. */
bool tt_journal_roomy(const struct tt_journal *j);
/* Deletes the events and bulk that are too old. */
TT_MUSTCHECK enum tt_err tt_journal_expire(struct tt_journal *j);

/* journal_renew.c */
TT_MUSTCHECK enum tt_err tt_journal_open_file(struct tt_journal *j, struct tt_errmsg *msg);
/* Puts the damaged file aside and goes on with a new one, and a new epoch. On failure db is NULL, and the next call tries again. */
TT_MUSTCHECK enum tt_err tt_journal_replace_file(struct tt_journal *j);
/* The file is older than what the gateway has seen: under its old epoch new events would be taken for known ones. TT_ECONFLICT: done. */
TT_MUSTCHECK enum tt_err tt_journal_new_epoch(struct tt_journal *j);

#endif
