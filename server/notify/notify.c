#include "server/notify/notify.h"

#include <string.h>

int64_t tt_notify_backoff_us(int64_t attempt)
{
	static const int64_t steps_s[TT_NOTIFY_ATTEMPTS - 1] = {10, 30, 120, 600, 3600, 21600, 86400};

	return attempt >= 1 && attempt < TT_NOTIFY_ATTEMPTS ? TT_SEC(steps_s[attempt - 1]) : 0;
}

struct batch {
	struct tt_outbox rows[TT_NOTIFY_BATCH];
	int n;
};

static enum tt_err collect(void *ctx, const struct tt_outbox *row)
{
	struct batch *b = (struct batch *)ctx;

	b->rows[b->n++] = *row;
	return TT_OK;
}

/* Rows due, with their next_at moved behind the lease, committed before anything is sent. */
static enum tt_err claim(struct tt_store *store, tt_utc_us now, struct batch *b)
{
	enum tt_err err = tt_store_begin(store);

	b->n = 0;
	if (!err)
		err = tt_store_outbox_due(store, now, TT_NOTIFY_BATCH, collect, b);
	for (int i = 0; !err && i < b->n; i++) {
		b->rows[i].next_at = now + TT_NOTIFY_LEASE_US;
		b->rows[i].attempts++;
		err = tt_store_outbox_update(store, &b->rows[i]);
	}
	if (!err)
		err = tt_store_commit(store);
	if (err)
		tt_store_rollback(store);
	return err;
}

static bool is_final(enum tt_err err)
{
	return err == TT_EDENIED || err == TT_EINVAL || err == TT_ENOTSUP;
}

/* The outcome in the row, and in the counts. */
static void judge(enum tt_err sent, const struct tt_errmsg *msg, tt_utc_us now, struct tt_outbox *row, struct tt_notify_counts *counts)
{
	int64_t wait = tt_notify_backoff_us(row->attempts);
	size_t n = strnlen(msg->text, sizeof(row->last_error) - 1);

	if (sent == TT_OK) {
		row->sent_at = now;
		row->last_error[0] = '\0';
		counts->sent++;
		return;
	}
	memcpy(row->last_error, msg->text, n);
	row->last_error[n] = '\0';
	if (is_final(sent) || wait == 0) {
		row->failed_at = now;
		counts->failed++;
	} else {
		row->next_at = now + wait;
		counts->retried++;
	}
}

static enum tt_err record(struct tt_store *store, const struct tt_outbox *row)
{
	enum tt_err err = tt_store_begin(store);

	if (!err)
		err = tt_store_outbox_update(store, row);
	if (!err)
		err = tt_store_commit(store);
	if (err)
		tt_store_rollback(store);
	return err;
}

enum tt_err tt_notify_step(struct tt_store *store, const struct tt_notify_channel *channel, tt_utc_us now, tt_utc_us (*clock)(void),
			   struct tt_notify_counts *counts)
{
	struct batch batch;
	enum tt_err err = claim(store, now, &batch);

	if (!err && batch.n == 0)
		return TT_ENOTFOUND;
	for (int i = 0; !err && i < batch.n; i++) {
		struct tt_outbox *row = &batch.rows[i];
		struct tt_errmsg msg = {""};
		enum tt_err sent = strcmp(row->channel, "desk") == 0 ? TT_OK : channel->send(channel->ctx, row, &msg);

		judge(sent, &msg, clock ? clock() : now, row, counts);
		err = record(store, row);
	}
	return err;
}
