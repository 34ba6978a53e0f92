#include "firmware/journal/journal_inner.h"

enum { SQUEEZE_BYTES = 16 * TT_JDB_PAGE }; /* evicted on top after the file or the disk refused */

/* What a class may take by itself. */
static uint64_t quota_of(const struct tt_journal *j, enum tt_class cls)
{
	const unsigned percent[TT_JDB_CLASSES] = {
		[TT_CLASS_ALERT] = 100, [TT_CLASS_EVENT] = j->limits.event_percent, [TT_CLASS_BULK] = j->limits.bulk_percent};

	return j->budget / 100 * percent[cls];
}

bool tt_journal_roomy(const struct tt_journal *j)
{
	for (int cls = TT_CLASS_ALERT; cls < TT_JDB_CLASSES; cls++) {
		if (j->mark[cls].bytes >= quota_of(j, (enum tt_class)cls) / 8 * 7)
			return false;
	}
	return tt_journal_used(j) < j->budget / 8 * 7;
}

static enum tt_err let_go(struct tt_journal *j, enum tt_class cls, uint64_t up_to)
{
	struct tt_jdb_mark *m = &j->mark[cls];
	uint64_t freed = 0;
	enum tt_err err = tt_jdb_delete(j->db, cls, up_to, &freed);

	if (err)
		return err;
	m->evicted += up_to + 1 - m->first_seq;
	m->first_seq = up_to + 1;
	m->bytes -= freed < m->bytes ? freed : m->bytes;
	return TT_OK;
}

/* Deletes the oldest of a class that together cost `need`, or all of it. */
static enum tt_err evict(struct tt_journal *j, enum tt_class cls, uint64_t need)
{
	uint64_t up_to = 0;
	enum tt_err err = tt_jdb_oldest(j->db, cls, need, &up_to);

	if (!err)
		err = let_go(j, cls, up_to);
	if (err)
		return err == TT_ENOTFOUND ? TT_ECORRUPT : err; /* the mark says that there are rows */
	j->health.full = true;
	return TT_OK;
}

enum tt_err tt_journal_make_room(struct tt_journal *j, enum tt_class cls, uint64_t cost, enum tt_journal_pressure pressure)
{
	const uint64_t before = tt_journal_used(j), squeeze = SQUEEZE_BYTES + cost, quota = quota_of(j, cls);
	const uint64_t over = before + cost > j->budget ? before + cost - j->budget : 0;
	const uint64_t beyond = j->mark[cls].bytes + cost > quota ? j->mark[cls].bytes + cost - quota : 0;
	uint64_t above = cost;

	for (int higher = TT_CLASS_ALERT; higher < (int)cls; higher++)
		above += j->mark[higher].bytes;
	if (above > j->budget || cost > quota)
		return TT_EFULL;
	for (int victim = TT_CLASS_BULK; victim >= (int)cls; victim--) {
		const bool lower = victim > (int)cls || victim == TT_CLASS_BULK;
		const uint64_t freed = before - tt_journal_used(j);
		uint64_t need = over;

		if (pressure >= TT_PRESSURE_LOWER && lower && need < squeeze)
			need = squeeze;
		if (pressure == TT_PRESSURE_OWN && !lower && need < cost)
			need = cost;
		need = need > freed ? need - freed : 0;
		if (victim == (int)cls && need < beyond)
			need = beyond;
		if (need > 0 && tt_journal_held(&j->mark[victim]) > 0) {
			enum tt_err err = evict(j, (enum tt_class)victim, need);

			if (err)
				return err;
		}
	}
	return TT_OK;
}

static enum tt_err expire(struct tt_journal *j, enum tt_class cls, int64_t age_us)
{
	uint64_t up_to = 0;
	enum tt_err err;

	if (age_us == 0 || tt_journal_held(&j->mark[cls]) == 0)
		return TT_OK;
	err = tt_jdb_older(j->db, cls, j->utc_us - age_us, &up_to);
	if (err)
		return err == TT_ENOTFOUND ? TT_OK : err;
	err = tt_journal_begin(j);
	return err ? err : let_go(j, cls, up_to);
}

enum tt_err tt_journal_expire(struct tt_journal *j)
{
	enum tt_err err = expire(j, TT_CLASS_EVENT, j->limits.event_age_us);

	return err ? err : expire(j, TT_CLASS_BULK, j->limits.bulk_age_us);
}
