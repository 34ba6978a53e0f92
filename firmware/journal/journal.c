#include "firmware/journal/journal_inner.h"

#include "firmware/journal/journal_room.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	BULK_PENDING_MAX = 128 << 10, /* bytes of bulk in one transaction: bounds what a power cut takes, and the log */
	EVENT_PERCENT = 70,
	BULK_PERCENT = 85,
};

#define EXPIRE_EVERY_US TT_SEC(60)

static bool journalled(enum tt_class cls)
{
	return cls == TT_CLASS_ALERT || cls == TT_CLASS_EVENT || cls == TT_CLASS_BULK;
}

uint64_t tt_journal_held(const struct tt_jdb_mark *m)
{
	return m->next_seq - m->first_seq;
}

uint64_t tt_journal_used(const struct tt_journal *j)
{
	return j->mark[TT_CLASS_ALERT].bytes + j->mark[TT_CLASS_EVENT].bytes + j->mark[TT_CLASS_BULK].bytes;
}

enum tt_err tt_journal_begin(struct tt_journal *j)
{
	return tt_jdb_in_transaction(j->db) ? TT_OK : tt_jdb_begin(j->db);
}

/* Writes the marks that moved, and commits. */
enum tt_err tt_journal_commit(struct tt_journal *j)
{
	enum tt_err err = tt_journal_begin(j);

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
	j->pending_since_us = 0;
	j->commits++;
	if (tt_journal_roomy(j))
		j->health.full = false;
	return TT_OK;
}

/* Back to the last commit. Bulk that was taken since is gone, and counted. */
void tt_journal_roll_back(struct tt_journal *j)
{
	tt_jdb_rollback(j->db);
	memcpy(j->mark, j->kept, sizeof(j->mark));
	j->lost[TT_CLASS_BULK] += j->pending_bulk;
	j->pending_bulk = 0;
	j->pending_bytes = 0;
	j->pending_since_us = 0;
}

enum tt_err tt_journal_put_row(struct tt_journal *j, enum tt_class cls, const uint8_t *body, size_t len, enum tt_journal_pressure pressure)
{
	struct tt_jdb_mark *m = &j->mark[cls];
	const size_t stored = len + (j->sealed ? TT_JOURNAL_SEAL_BYTES : 0);
	const uint64_t cost = tt_journal_row_cost(stored);
	enum tt_err err = tt_journal_begin(j);

	if (!err)
		err = tt_journal_make_room(j, cls, cost, pressure);
	if (!err && j->sealed) {
		tt_journal_seal(&j->key, &(struct tt_journal_row){.epoch = j->epoch, .cls = cls, .seq = m->next_seq}, body, len,
				j->scratch);
		body = j->scratch;
	}
	if (!err)
		err = tt_jdb_insert(j->db, cls, m->next_seq, cost, j->utc_us, body, stored);
	if (err)
		return err;
	m->next_seq++;
	m->bytes += cost;
	return TT_OK;
}

/* A journal whose file could not be replaced tries once more before each use. */
static enum tt_err ready(struct tt_journal *j)
{
	enum tt_err err = j->db ? TT_OK : tt_journal_open_file(j, &j->health.last_error);

	return err == TT_ECORRUPT ? tt_journal_replace_file(j) : err;
}

/* After a failed write: back to the last commit, and what can be done about the cause. TT_OK: it is worth another try. */
enum tt_err tt_journal_recover(struct tt_journal *j, enum tt_err cause)
{
	tt_errmsg_set(&j->health.last_error, cause, "journal %s: %s", j->path, tt_jdb_error(j->db));
	tt_journal_roll_back(j);
	if (cause == TT_ECORRUPT)
		return tt_journal_replace_file(j);
	j->health.full |= cause == TT_ENOSPC;
	j->health.failing |= cause != TT_ENOSPC;
	/* A log that has been copied into the file begins anew and does not grow; failing that, the second try tells. */
	if (cause == TT_ENOSPC)
		(void)!tt_jdb_checkpoint(j->db);
	return TT_OK;
}

static void take_limits(struct tt_journal *j, const struct tt_journal_limits *limits)
{
	struct tt_journal_limits *l = &j->limits;

	*l = *limits;
	l->event_percent = l->event_percent == 0 ? EVENT_PERCENT : l->event_percent > 100 ? 100 : l->event_percent;
	l->bulk_percent = l->bulk_percent == 0 ? BULK_PERCENT : l->bulk_percent > 100 ? 100 : l->bulk_percent;
	l->bulk_hold_us = l->bulk_hold_us ? l->bulk_hold_us : TT_SEC(2);
	l->offline_hold_us = l->offline_hold_us ? l->offline_hold_us : TT_SEC(60);
	l->ack_hold_us = l->ack_hold_us ? l->ack_hold_us : TT_SEC(30);
	j->sealed = l->key != NULL;
	if (l->key)
		j->key = *l->key;
	l->key = NULL; /* the caller's */
	j->budget = tt_journal_row_budget(l->max_bytes / TT_JDB_PAGE);
}

enum tt_err tt_journal_open(const char *path, const struct tt_journal_limits *limits, struct tt_journal **out, struct tt_errmsg *msg)
{
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
	take_limits(j, limits);
	err = tt_journal_open_file(j, msg);
	if (err == TT_ECORRUPT) {
		err = tt_journal_replace_file(j);
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
	tt_journal_key_forget(&j->key);
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
	for (int pressure = TT_PRESSURE_BUDGET; !err && pressure < TT_PRESSURES; pressure++) {
		err = tt_journal_put_row(j, cls, body, len, (enum tt_journal_pressure)pressure);
		if (!err && durable)
			err = tt_journal_commit(j);
		if (!err)
			return TT_OK;
		if (err == TT_EFULL) {
			j->health.full = true;
			break;
		}
		if (tt_journal_recover(j, err) == TT_OK && (err == TT_ENOSPC ? pressure < TT_PRESSURE_OWN : pressure == TT_PRESSURE_BUDGET))
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

static bool something_pends(const struct tt_journal *j)
{
	return tt_jdb_in_transaction(j->db) || j->lost[TT_CLASS_ALERT] + j->lost[TT_CLASS_EVENT] + j->lost[TT_CLASS_BULK] > 0;
}

enum tt_err tt_journal_flush(struct tt_journal *j)
{
	enum tt_err err = ready(j);

	if (err || !something_pends(j))
		return err;
	err = tt_journal_commit(j);
	if (err)
		(void)!tt_journal_recover(j, err);
	return err;
}

enum tt_err tt_journal_tick(struct tt_journal *j, tt_mono_us now_us, tt_utc_us utc_us, bool online)
{
	const int64_t bulk_hold = online ? j->limits.bulk_hold_us : j->limits.offline_hold_us;
	enum tt_err err = ready(j);

	j->utc_us = utc_us;
	if (!err && utc_us > 0 && now_us - j->expired_us >= EXPIRE_EVERY_US) {
		j->expired_us = now_us;
		err = tt_journal_expire(j);
		if (err) {
			(void)!tt_journal_recover(j, err);
			return err;
		}
	}
	if (err || !something_pends(j))
		return err;
	if (j->pending_since_us == 0)
		j->pending_since_us = now_us;
	if (now_us - j->pending_since_us >= (j->pending_bulk > 0 ? bulk_hold : j->limits.ack_hold_us))
		return tt_journal_flush(j);
	return TT_OK;
}

static enum tt_err read_row(struct tt_journal *j, enum tt_class cls, uint64_t after_seq, uint8_t *buf, size_t cap, size_t *len,
			    uint64_t *seq)
{
	size_t n = 0;
	enum tt_err err;

	if (!j->sealed)
		return tt_jdb_read(j->db, cls, after_seq, buf, cap, len, seq);
	err = tt_jdb_read(j->db, cls, after_seq, j->scratch, sizeof(j->scratch), &n, seq);
	if (!err && n > cap + TT_JOURNAL_SEAL_BYTES)
		err = TT_EFULL;
	if (!err)
		err = tt_journal_unseal(&j->key, &(struct tt_journal_row){.epoch = j->epoch, .cls = cls, .seq = *seq}, j->scratch, n, buf);
	if (!err)
		*len = n - TT_JOURNAL_SEAL_BYTES;
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
	err = read_row(j, cls, after_seq, buf, cap - TT_ENVELOPE_STAMP_MAX, &n, &at);
	if (err == TT_ENOTFOUND)
		err = TT_ECORRUPT; /* the marks say that there is one */
	if (err == TT_ECORRUPT) {
		/* The journal goes on in a new file; whoever reads again finds what could be taken over. */
		err = tt_journal_recover(j, err);
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
		return tt_journal_new_epoch(j);
	err = tt_journal_begin(j);
	if (!err)
		err = tt_jdb_delete(j->db, cls, up_to_seq, &freed);
	if (err) {
		(void)!tt_journal_recover(j, err);
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
	*out = (struct tt_journal_depth){.held = tt_journal_held(m),
					 .evicted = m->evicted + j->lost[cls],
					 .first_seq = m->first_seq,
					 .next_seq = m->next_seq,
					 .bytes = m->bytes};
}

void tt_journal_health(const struct tt_journal *j, struct tt_journal_health *out)
{
	*out = j->health;
}

void tt_journal_wear(const struct tt_journal *j, struct tt_journal_wear *out)
{
	uint64_t log_pages = 0, file_pages = 0;

	if (j->db)
		tt_jdb_written(j->db, &log_pages, &file_pages);
	*out = (struct tt_journal_wear){
		.commits = j->commits, .log_bytes = log_pages * TT_JDB_PAGE, .file_bytes = file_pages * TT_JDB_PAGE};
}
