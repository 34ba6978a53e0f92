#include "firmware/journal/journal.h"

#include "firmware/journal/journal_aside.h"
#include "firmware/journal/journal_db.h"
#include "firmware/journal/journal_room.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	BULK_PENDING_MAX = 128 << 10,     /* bytes of bulk in one transaction: bounds what a power cut takes, and the log */
	SQUEEZE_BYTES = 16 * TT_JDB_PAGE, /* evicted on top after the file or the disk refused */
};

struct tt_journal {
	struct tt_jdb *db; /* NULL only while a damaged file could not be replaced */
	char *path;
	uint64_t max_bytes;
	uint64_t budget; /* bytes that rows may cost together */
	uint64_t epoch;
	struct tt_jdb_mark mark[TT_JDB_CLASSES]; /* now, with what is pending */
	struct tt_jdb_mark kept[TT_JDB_CLASSES]; /* as of the last commit */
	uint64_t lost[TT_JDB_CLASSES];           /* evicted, and not written into a mark yet */
	uint64_t pending_bulk;                   /* events taken and not committed */
	uint64_t pending_bytes;
	struct tt_journal_health health;
};

static bool journalled(enum tt_class cls)
{
	return cls == TT_CLASS_ALERT || cls == TT_CLASS_EVENT || cls == TT_CLASS_BULK;
}

static uint64_t held(const struct tt_jdb_mark *m)
{
	return m->next_seq - m->first_seq;
}

static uint64_t used(const struct tt_journal *j)
{
	return j->mark[TT_CLASS_ALERT].bytes + j->mark[TT_CLASS_EVENT].bytes + j->mark[TT_CLASS_BULK].bytes;
}

static enum tt_err begin(struct tt_journal *j)
{
	return tt_jdb_in_transaction(j->db) ? TT_OK : tt_jdb_begin(j->db);
}

/* Writes the marks that moved, and commits. */
static enum tt_err commit(struct tt_journal *j)
{
	enum tt_err err = begin(j);

	for (int cls = TT_CLASS_ALERT; !err && cls < TT_JDB_CLASSES; cls++) {
		j->mark[cls].evicted += j->lost[cls];
		if (memcmp(&j->mark[cls], &j->kept[cls], sizeof(j->mark[cls])) != 0)
			err = tt_jdb_put_mark(j->db, (enum tt_class)cls, &j->mark[cls]);
	}
	if (!err)
		err = tt_jdb_commit(j->db);
	if (err)
		return err; /* the caller rolls back, which restores the marks */
	memcpy(j->kept, j->mark, sizeof(j->kept));
	memset(j->lost, 0, sizeof(j->lost));
	j->pending_bulk = 0;
	j->pending_bytes = 0;
	j->health.failing = false;
	if (used(j) < j->budget / 8 * 7)
		j->health.full = false;
	return TT_OK;
}

/* Back to the last commit. Bulk that was taken since is gone, and counted. */
static void roll_back(struct tt_journal *j)
{
	tt_jdb_rollback(j->db);
	memcpy(j->mark, j->kept, sizeof(j->mark));
	j->lost[TT_CLASS_BULK] += j->pending_bulk;
	j->pending_bulk = 0;
	j->pending_bytes = 0;
}

/* Deletes the oldest of a class that together cost `need`, or all of it. */
static enum tt_err evict(struct tt_journal *j, enum tt_class cls, uint64_t need)
{
	struct tt_jdb_mark *m = &j->mark[cls];
	uint64_t up_to = 0, freed = 0;
	enum tt_err err = tt_jdb_oldest(j->db, cls, need, &up_to);

	if (!err)
		err = tt_jdb_delete(j->db, cls, up_to, &freed);
	if (err)
		return err == TT_ENOTFOUND ? TT_ECORRUPT : err; /* the mark says that there are rows */
	m->evicted += up_to + 1 - m->first_seq;
	m->first_seq = up_to + 1;
	m->bytes -= freed < m->bytes ? freed : m->bytes;
	j->health.full = true;
	return TT_OK;
}

/* How hard room is made: as the budget asks; after a refusal lower classes go too; after another one the oldest of the same class. */
enum pressure { PRESSURE_BUDGET, PRESSURE_LOWER, PRESSURE_OWN, PRESSURES };

/*
 * Makes room for a row of `cost`, evicting the lowest class first and never a higher one than `cls`. TT_EFULL, with nothing evicted, when
 * higher classes fill the file.
 */
static enum tt_err make_room(struct tt_journal *j, enum tt_class cls, uint64_t cost, enum pressure pressure)
{
	const uint64_t before = used(j), squeeze = SQUEEZE_BYTES + cost;
	const uint64_t over = before + cost > j->budget ? before + cost - j->budget : 0;
	uint64_t above = cost;

	for (int higher = TT_CLASS_ALERT; higher < (int)cls; higher++)
		above += j->mark[higher].bytes;
	if (above > j->budget)
		return TT_EFULL;
	for (int victim = TT_CLASS_BULK; victim >= (int)cls; victim--) {
		const bool lower = victim > (int)cls || victim == TT_CLASS_BULK;
		const uint64_t freed = before - used(j);
		uint64_t need = over;

		if (pressure >= PRESSURE_LOWER && lower && need < squeeze)
			need = squeeze;
		if (pressure == PRESSURE_OWN && !lower && need < cost)
			need = cost;
		if (freed < need && held(&j->mark[victim]) > 0) {
			enum tt_err err = evict(j, (enum tt_class)victim, need - freed);

			if (err)
				return err;
		}
	}
	return TT_OK;
}

static enum tt_err put_row(struct tt_journal *j, enum tt_class cls, const uint8_t *body, size_t len, enum pressure pressure)
{
	struct tt_jdb_mark *m = &j->mark[cls];
	const uint64_t cost = tt_journal_row_cost(len);
	enum tt_err err = begin(j);

	if (!err)
		err = make_room(j, cls, cost, pressure);
	if (!err)
		err = tt_jdb_insert(j->db, cls, m->next_seq, cost, body, len);
	if (err)
		return err;
	m->next_seq++;
	m->bytes += cost;
	return TT_OK;
}

static enum tt_err open_file(struct tt_journal *j, struct tt_errmsg *msg)
{
	enum tt_err err = tt_jdb_open(j->path, j->max_bytes, &j->db, msg);

	if (err)
		return err;
	err = tt_jdb_load(j->db, &j->epoch, j->mark);
	if (err) {
		tt_errmsg_set(msg, err, "journal %s: its marks and rows do not agree", j->path);
		tt_jdb_close(j->db);
		j->db = NULL;
		return err;
	}
	memcpy(j->kept, j->mark, sizeof(j->kept));
	return TT_OK;
}

struct salvage {
	struct tt_journal *journal;
	unsigned rows;
};

static enum tt_err take_over(void *ctx, enum tt_class cls, const uint8_t *body, size_t len)
{
	struct salvage *s = ctx;
	enum tt_err err = len > 0 && len <= TT_JOURNAL_EVENT_MAX ? put_row(s->journal, cls, body, len, PRESSURE_BUDGET) : TT_OK;

	if (!err)
		s->rows++;
	return err;
}

/* Puts the damaged file aside and goes on with a new one, and a new epoch. On failure db is NULL, and the next call tries again. */
static enum tt_err replace_file(struct tt_journal *j)
{
	struct salvage salvage = {.journal = j};
	struct tt_errmsg *msg = &j->health.last_error;
	char moved[TT_JOURNAL_PATH_MAX];
	enum tt_err err;

	tt_jdb_close(j->db);
	j->db = NULL;
	memset(j->lost, 0, sizeof(j->lost));
	j->pending_bulk = 0;
	j->pending_bytes = 0;
	err = tt_journal_move_aside(j->path, moved);
	if (err)
		return tt_errmsg_set(msg, TT_ECORRUPT, "journal %s is damaged and cannot be moved aside; move it away by hand", j->path);
	err = open_file(j, msg);
	if (err)
		return err;
	tt_journal_salvage(moved, take_over, &salvage);
	if (commit(j)) {
		roll_back(j);
		salvage.rows = 0;
	}
	j->health.moved_aside = true;
	tt_errmsg_set(msg, TT_OK, "journal %s was damaged: moved to %s, %u alerts and events taken over; a new epoch begins", j->path,
		      moved, salvage.rows);
	return TT_OK;
}

/* A journal whose file could not be replaced tries once more before each use. */
static enum tt_err ready(struct tt_journal *j)
{
	enum tt_err err = j->db ? TT_OK : open_file(j, &j->health.last_error);

	return err == TT_ECORRUPT ? replace_file(j) : err;
}

/* After a failed write: back to the last commit, and what can be done about the cause. TT_OK: it is worth another try. */
static enum tt_err recover(struct tt_journal *j, enum tt_err cause)
{
	tt_errmsg_set(&j->health.last_error, cause, "journal %s: %s", j->path, tt_jdb_error(j->db));
	roll_back(j);
	if (cause == TT_ECORRUPT)
		return replace_file(j);
	j->health.full |= cause == TT_ENOSPC;
	j->health.failing |= cause != TT_ENOSPC;
	/* A log that has been copied into the file begins anew and does not grow; failing that, the second try tells. */
	if (cause == TT_ENOSPC)
		(void)!tt_jdb_checkpoint(j->db);
	return TT_OK;
}

enum tt_err tt_journal_open(const char *path, const struct tt_journal_limits *limits, struct tt_journal **out, struct tt_errmsg *msg)
{
	const uint64_t pages = limits->max_bytes / TT_JDB_PAGE;
	struct tt_journal *j;
	enum tt_err err;

	if (msg)
		msg->text[0] = '\0';
	if (limits->max_bytes < TT_JOURNAL_MIN_BYTES || limits->max_bytes > TT_JOURNAL_MAX_BYTES)
		return tt_errmsg_set(msg, TT_ERANGE, "journal %s: size %" PRIu64 ", must be %d..%d bytes (--journal-max-bytes)", path,
				     limits->max_bytes, TT_JOURNAL_MIN_BYTES, TT_JOURNAL_MAX_BYTES);
	j = calloc(1, sizeof(*j));
	if (!j || !(j->path = strdup(path))) {
		free(j);
		return tt_errmsg_set(msg, TT_ENOMEM, "journal %s: out of memory", path);
	}
	j->max_bytes = pages * TT_JDB_PAGE;
	j->budget = tt_journal_row_budget(pages);
	err = open_file(j, msg);
	if (err == TT_ECORRUPT) {
		err = replace_file(j);
		tt_errmsg_set(msg, err, "%s", j->health.last_error.text);
	}
	if (err) {
		tt_journal_close(j);
		return err;
	}
	*out = j;
	return TT_OK;
}

void tt_journal_close(struct tt_journal *j)
{
	if (!j)
		return;
	if (j->db)
		(void)!tt_journal_flush(j); /* what cannot be written is lost as in a power cut */
	tt_jdb_close(j->db);
	free(j->path);
	free(j);
}

uint64_t tt_journal_epoch(const struct tt_journal *j)
{
	return j->epoch;
}

static enum tt_err append(struct tt_journal *j, enum tt_class cls, const uint8_t *body, size_t len, bool durable)
{
	enum tt_err err = ready(j);

	/* A failed write is tried again: once after damage or an I/O error, and with rising pressure while room is what lacks. */
	for (int pressure = PRESSURE_BUDGET; !err && pressure < PRESSURES; pressure++) {
		err = put_row(j, cls, body, len, (enum pressure)pressure);
		if (!err && durable)
			err = commit(j);
		if (!err)
			return TT_OK;
		if (err == TT_EFULL) {
			j->health.full = true;
			break;
		}
		if (recover(j, err) == TT_OK && (err == TT_ENOSPC ? pressure < PRESSURE_OWN : pressure == PRESSURE_BUDGET))
			err = TT_OK;
	}
	if (cls == TT_CLASS_BULK || err == TT_EFULL)
		j->lost[cls]++;
	return err;
}

enum tt_err tt_journal_append(struct tt_journal *j, enum tt_class cls, const uint8_t *envelope, size_t len, uint64_t *seq)
{
	enum tt_err err;

	if (!journalled(cls) || len == 0)
		return TT_EINVAL;
	if (len > TT_JOURNAL_EVENT_MAX)
		return TT_ERANGE;
	err = append(j, cls, envelope, len, true);
	if (!err && seq)
		*seq = j->kept[cls].next_seq - 1;
	return err;
}

enum tt_err tt_journal_append_bulk(struct tt_journal *j, const uint8_t *envelope, size_t len)
{
	enum tt_err err;

	if (len == 0)
		return TT_EINVAL;
	if (len > TT_JOURNAL_EVENT_MAX)
		return TT_ERANGE;
	err = append(j, TT_CLASS_BULK, envelope, len, false);
	if (err)
		return err;
	j->pending_bulk++;
	j->pending_bytes += len;
	return j->pending_bytes < BULK_PENDING_MAX ? TT_OK : tt_journal_flush(j);
}

enum tt_err tt_journal_flush(struct tt_journal *j)
{
	enum tt_err err = ready(j);

	if (err || (!tt_jdb_in_transaction(j->db) && j->lost[TT_CLASS_ALERT] + j->lost[TT_CLASS_EVENT] + j->lost[TT_CLASS_BULK] == 0))
		return err;
	err = commit(j);
	if (err)
		(void)!recover(j, err);
	return err;
}

enum tt_err tt_journal_next(struct tt_journal *j, enum tt_class cls, uint64_t after_seq, uint8_t *buf, size_t cap, size_t *len,
			    uint64_t *seq)
{
	size_t n = 0;
	uint64_t at = 0;
	enum tt_err err;

	if (!journalled(cls))
		return TT_EINVAL;
	err = ready(j);
	if (err)
		return err;
	/* first_seq_held must not tell of an eviction that a power cut could undo. Failing that the last commit's word stands. */
	if (j->mark[cls].evicted != j->kept[cls].evicted)
		(void)!tt_journal_flush(j);
	/* Only what is committed may be sent: a seq that a power cut takes back would be given again. */
	if (j->mark[cls].first_seq >= j->kept[cls].next_seq || after_seq >= j->kept[cls].next_seq - 1)
		return TT_ENOTFOUND;
	if (cap < TT_ENVELOPE_STAMP_MAX)
		return TT_EFULL;
	err = tt_jdb_read(j->db, cls, after_seq, buf, cap - TT_ENVELOPE_STAMP_MAX, &n, &at);
	if (err == TT_ENOTFOUND)
		err = TT_ECORRUPT; /* the marks say that there is one */
	if (err == TT_ECORRUPT) {
		/* The journal goes on in a new file; whoever reads again finds what could be taken over. */
		err = recover(j, err);
		return err ? err : TT_ENOTFOUND;
	}
	if (!err)
		err = tt_envelope_stamp(buf, cap, &n, j->epoch, at, j->kept[cls].first_seq);
	if (err)
		return err;
	*len = n;
	*seq = at;
	return TT_OK;
}

/* The file is older than what the gateway has seen: under its old epoch new events would be taken for known ones. */
static enum tt_err begin_new_epoch(struct tt_journal *j)
{
	uint64_t epoch = 0;
	enum tt_err err = tt_journal_flush(j);

	while (epoch == 0 || epoch == j->epoch)
		if (getrandom(&epoch, sizeof(epoch), 0) != sizeof(epoch))
			return TT_EIO;
	if (!err)
		err = begin(j);
	if (!err)
		err = tt_jdb_renumber(j->db, epoch, j->mark);
	if (!err) {
		for (int cls = TT_CLASS_ALERT; cls < TT_JDB_CLASSES; cls++) {
			struct tt_jdb_mark *m = &j->mark[cls];

			*m = (struct tt_jdb_mark){.next_seq = held(m) + 1, .first_seq = 1, .bytes = m->bytes};
		}
		err = commit(j);
	}
	if (err) {
		(void)!recover(j, err);
		return err;
	}
	j->epoch = epoch;
	return TT_ECONFLICT;
}

enum tt_err tt_journal_ack(struct tt_journal *j, uint64_t epoch, enum tt_class cls, uint64_t up_to_seq)
{
	struct tt_jdb_mark *m = &j->mark[cls];
	uint64_t freed = 0;
	enum tt_err err;

	if (!journalled(cls))
		return TT_EINVAL;
	err = ready(j);
	if (err || epoch != j->epoch || up_to_seq < m->first_seq)
		return err;
	if (up_to_seq >= j->kept[cls].next_seq)
		return begin_new_epoch(j);
	err = begin(j);
	if (!err)
		err = tt_jdb_delete(j->db, cls, up_to_seq, &freed);
	if (err) {
		(void)!recover(j, err);
		return err;
	}
	m->first_seq = up_to_seq + 1;
	m->bytes -= freed < m->bytes ? freed : m->bytes;
	return TT_OK;
}

void tt_journal_depth(const struct tt_journal *j, enum tt_class cls, struct tt_journal_depth *out)
{
	const struct tt_jdb_mark *m = &j->mark[cls];

	TT_ASSERT(journalled(cls));
	*out = (struct tt_journal_depth){.held = held(m),
					 .evicted = m->evicted + j->lost[cls],
					 .first_seq = m->first_seq,
					 .next_seq = m->next_seq,
					 .bytes = m->bytes};
}

void tt_journal_health(const struct tt_journal *j, struct tt_journal_health *out)
{
	*out = j->health;
}
