#include "firmware/journal/journal_inner.h"

#include "firmware/journal/journal_aside.h"
#include "firmware/journal/journal_room.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/*
 * Writes every row anew: as of another epoch, from seq 1 on, sealed. from_sealed: it is sealed now. Inside a transaction; the marks follow.
 */
static enum tt_err rewrite_rows(struct tt_journal *j, enum tt_class cls, uint64_t new_epoch, uint64_t new_first, bool from_sealed)
{
	struct tt_jdb_mark *m = &j->mark[cls];
	uint8_t *body = malloc(TT_JOURNAL_STORED_MAX);
	uint64_t bytes = 0;
	enum tt_err err = body ? TT_OK : TT_ENOMEM;

	for (uint64_t old = m->first_seq; !err && old < m->next_seq; old++) {
		const struct tt_journal_row from = {.epoch = j->epoch, .cls = cls, .seq = old};
		const struct tt_journal_row to = {.epoch = new_epoch, .cls = cls, .seq = old - m->first_seq + new_first};
		uint64_t seq = 0, cost;
		size_t len = 0;

		err = tt_jdb_read(j->db, cls, old - 1, j->scratch, sizeof(j->scratch), &len, &seq);
		if (!err && from_sealed) {
			err = tt_journal_unseal(&j->key, &from, j->scratch, len, body);
			len -= TT_JOURNAL_SEAL_BYTES;
		} else if (!err && len <= TT_JOURNAL_EVENT_MAX) {
			memcpy(body, j->scratch, len);
		} else if (!err) {
			err = TT_ECORRUPT;
		}
		if (err)
			break;
		tt_journal_seal(&j->key, &to, body, len, j->scratch);
		cost = tt_journal_row_cost(len + TT_JOURNAL_SEAL_BYTES);
		bytes += cost;
		err = tt_jdb_replace(j->db, cls, old, to.seq, cost, j->scratch, len + TT_JOURNAL_SEAL_BYTES);
	}
	free(body);
	if (err)
		return err == TT_ENOTFOUND ? TT_ECORRUPT : err;
	*m = (struct tt_jdb_mark){
		.next_seq = tt_journal_held(m) + new_first, .first_seq = new_first, .bytes = bytes, .evicted = m->evicted};
	return TT_OK;
}

/* A plain file meets a key: what it holds is sealed, and the file knows its key from now on. */
static enum tt_err seal_file(struct tt_journal *j)
{
	uint8_t proof[TT_JOURNAL_PROOF_BYTES];
	enum tt_err err = tt_journal_begin(j);

	for (int cls = TT_CLASS_ALERT; !err && cls < TT_JDB_CLASSES; cls++)
		err = rewrite_rows(j, (enum tt_class)cls, j->epoch, j->mark[cls].first_seq, false);
	tt_journal_prove(&j->key, proof);
	if (!err)
		err = tt_jdb_put_proof(j->db, proof, sizeof(proof));
	return err ? err : tt_journal_commit(j);
}

/* Who may read this file? TT_EDENIED: not we. */
static enum tt_err unlock(struct tt_journal *j)
{
	uint8_t proof[TT_JOURNAL_PROOF_BYTES];
	size_t len = 0;
	enum tt_err err = tt_jdb_proof(j->db, proof, sizeof(proof), &len);

	if (err)
		return err;
	if (len > 0)
		return j->sealed && tt_journal_proves(&j->key, proof, len) ? TT_OK : TT_EDENIED;
	return j->sealed ? seal_file(j) : TT_OK;
}

static void close_file(struct tt_journal *j)
{
	tt_jdb_close(j->db);
	j->db = NULL;
}

static enum tt_err open_once(struct tt_journal *j, struct tt_errmsg *msg)
{
	enum tt_err err = tt_jdb_open(j->path, j->limits.max_bytes / TT_JDB_PAGE * TT_JDB_PAGE, &j->db, msg);

	if (err)
		return err;
	err = tt_jdb_load(j->db, &j->epoch, j->mark);
	if (!err) {
		memcpy(j->kept, j->mark, sizeof(j->kept));
		err = unlock(j);
	}
	if (err && err != TT_EDENIED)
		tt_errmsg_set(msg, err, "journal %s: %s", j->path,
			      err == TT_ECORRUPT ? "its marks and rows do not agree" : tt_jdb_error(j->db));
	if (err)
		close_file(j);
	return err;
}

/* Nothing of a file that we have no key for is deleted: it waits, whole, for somebody who has. */
static enum tt_err open_beside(struct tt_journal *j, struct tt_errmsg *msg)
{
	char moved[TT_JOURNAL_PATH_MAX];
	enum tt_err err = tt_journal_move_locked(j->path, moved);

	if (err)
		return tt_errmsg_set(
			msg, TT_EDENIED,
			"journal %s is sealed with another key and cannot be moved aside; give its key (--journal-key) or move it",
			j->path);
	err = open_once(j, msg);
	if (err)
		return err;
	j->health.locked = true;
	tt_errmsg_set(&j->health.last_error, TT_OK,
		      "journal %s was sealed with %s key: moved to %s, nothing of it is lost; a new one begins", j->path,
		      j->sealed ? "another" : "a", moved);
	tt_errmsg_set(msg, TT_OK, "%s", j->health.last_error.text);
	return TT_OK;
}

enum tt_err tt_journal_open_file(struct tt_journal *j, struct tt_errmsg *msg)
{
	enum tt_err err = open_once(j, msg);

	return err == TT_EDENIED ? open_beside(j, msg) : err;
}

struct salvage {
	struct tt_journal *journal;
	unsigned rows;
};

static enum tt_err take_over(void *ctx, const struct tt_journal_row *row, bool sealed, const uint8_t *stored, size_t len)
{
	struct salvage *s = ctx;
	uint8_t *body = NULL;
	enum tt_err err = TT_OK;

	if (sealed && len > TT_JOURNAL_SEAL_BYTES && len <= TT_JOURNAL_STORED_MAX) {
		body = malloc(len);
		if (!body || !s->journal->sealed || tt_journal_unseal(&s->journal->key, row, stored, len, body) != TT_OK)
			len = 0; /* unreadable, as what damage takes */
		else
			len -= TT_JOURNAL_SEAL_BYTES;
		stored = body;
	}
	if (len > 0 && len <= TT_JOURNAL_EVENT_MAX) {
		err = tt_journal_put_row(s->journal, row->cls, stored, len, TT_PRESSURE_BUDGET);
		if (!err)
			s->rows++;
	}
	free(body);
	return err;
}

enum tt_err tt_journal_replace_file(struct tt_journal *j)
{
	struct salvage salvage = {.journal = j};
	struct tt_errmsg *msg = &j->health.last_error;
	char moved[TT_JOURNAL_PATH_MAX];
	enum tt_err err;

	close_file(j);
	memset(j->lost, 0, sizeof(j->lost));
	j->pending_bulk = 0;
	j->pending_bytes = 0;
	err = tt_journal_move_aside(j->path, moved);
	if (err)
		return tt_errmsg_set(msg, TT_ECORRUPT, "journal %s is damaged and cannot be moved aside; move it away by hand", j->path);
	err = tt_journal_open_file(j, msg);
	if (err)
		return err;
	tt_journal_salvage(moved, take_over, &salvage);
	if (tt_journal_commit(j)) {
		tt_journal_roll_back(j);
		salvage.rows = 0;
	}
	j->health.moved_aside = true;
	tt_errmsg_set(msg, TT_OK, "journal %s was damaged: moved to %s, %u alerts and events taken over; a new epoch begins", j->path,
		      moved, salvage.rows);
	return TT_OK;
}

/* Every class's rows move down so that they begin with 1. */
static enum tt_err renumber(struct tt_journal *j, uint64_t epoch)
{
	enum tt_err err = TT_OK;

	if (!j->sealed) {
		err = tt_jdb_renumber(j->db, epoch, j->mark);
		for (int cls = TT_CLASS_ALERT; !err && cls < TT_JDB_CLASSES; cls++) {
			struct tt_jdb_mark *m = &j->mark[cls];

			*m = (struct tt_jdb_mark){.next_seq = tt_journal_held(m) + 1, .first_seq = 1, .bytes = m->bytes};
		}
		return err;
	}
	for (int cls = TT_CLASS_ALERT; !err && cls < TT_JDB_CLASSES; cls++) {
		err = rewrite_rows(j, (enum tt_class)cls, epoch, 1, true);
		if (!err)
			j->mark[cls].evicted = 0;
	}
	return err ? err : tt_jdb_put_epoch(j->db, epoch);
}

enum tt_err tt_journal_new_epoch(struct tt_journal *j)
{
	uint64_t epoch = 0;
	enum tt_err err = tt_journal_flush(j);

	while (epoch == 0 || epoch == j->epoch)
		if (getrandom(&epoch, sizeof(epoch), 0) != sizeof(epoch))
			return TT_EIO;
	if (!err)
		err = tt_journal_begin(j);
	if (!err)
		err = renumber(j, epoch);
	if (!err)
		err = tt_journal_commit(j);
	if (err) {
		(void)!tt_journal_recover(j, err);
		return err;
	}
	j->epoch = epoch;
	return TT_ECONFLICT;
}
