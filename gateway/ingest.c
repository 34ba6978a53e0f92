#include "gateway/ingest_internal.h"

#include <stdlib.h>
#include <string.h>

bool tt_ingest_is_database(enum tt_err err)
{
	return err == TT_EIO || err == TT_ENOSPC || err == TT_ECORRUPT || err == TT_ENOMEM || err == TT_EAGAIN || err == TT_EDENIED;
}

enum tt_err tt_ingest_create(struct tt_store *store, const struct tt_ingest_config *config, struct tt_ingest **out)
{
	struct tt_ingest *ingest;
	enum tt_err err = TT_ENOMEM;

	if (config->late_limit_us <= 0 || config->batch_max < 1 || config->batch_max > TT_INGEST_BATCH_MAX || config->units_max < 16)
		return TT_EINVAL;
	ingest = calloc(1, sizeof(*ingest));
	if (!ingest)
		return TT_ENOMEM;
	ingest->store = store;
	ingest->config = *config;
	ingest->generation = 1;
	ingest->slots = calloc(config->batch_max, sizeof(*ingest->slots));
	ingest->acks = calloc(config->batch_max, sizeof(*ingest->acks));
	if (!ingest->slots || !ingest->acks)
		goto fail;
	/* A batch may bring batch_max units that are all new; tt_ingest_begin makes room for them. */
	err = tt_ingest_units_init(&ingest->units, config->units_max > 2 * config->batch_max ? config->units_max : 2 * config->batch_max);
	if (err)
		goto fail;
	*out = ingest;
	return TT_OK;
fail:
	tt_ingest_destroy(ingest);
	return err;
}

void tt_ingest_destroy(struct tt_ingest *ingest)
{
	if (!ingest)
		return;
	if (ingest->open)
		tt_ingest_abort(ingest);
	tt_ingest_units_free(&ingest->units);
	free(ingest->slots);
	free(ingest->acks);
	free(ingest);
}

static enum tt_err failed(struct tt_ingest *ingest, enum tt_err err, const char *step, struct tt_errmsg *msg)
{
	return tt_errmsg_set(msg, err, "%s: %s (%s)", step, tt_err_text(err), tt_store_message(ingest->store));
}

enum tt_err tt_ingest_begin(struct tt_ingest *ingest, struct tt_errmsg *msg)
{
	int64_t version;
	enum tt_err err;

	TT_ASSERT(!ingest->open);
	err = tt_store_begin(ingest->store);
	if (err)
		return failed(ingest, err, "begin", msg);
	/* Inside the transaction nobody else can commit: what is remembered is true, or is asked for anew. */
	err = tt_store_data_version(ingest->store, &version);
	if (err) {
		tt_store_rollback(ingest->store);
		return failed(ingest, err, "data version", msg);
	}
	if (version != ingest->data_version) {
		ingest->data_version = version;
		ingest->generation++;
	}
	if (ingest->units.count + ingest->config.batch_max > ingest->units.max)
		tt_ingest_units_clear(&ingest->units);
	ingest->open = true;
	ingest->batch++;
	ingest->taken = ingest->nslots = ingest->nacks = 0;
	ingest->pending = (struct tt_ingest_stats){.batches = 1};
	return TT_OK;
}

void tt_ingest_abort(struct tt_ingest *ingest)
{
	tt_store_rollback(ingest->store);
	ingest->open = false;
	ingest->nslots = ingest->nacks = 0;
	ingest->generation++; /* marks were moved for rows that are gone */
}

enum tt_err tt_ingest_take(struct tt_ingest *ingest, const struct tt_inbound *in, struct tt_errmsg *msg)
{
	enum tt_err err;

	TT_ASSERT(ingest->open && in->len <= in->size);
	if (ingest->taken == ingest->config.batch_max)
		return tt_errmsg_set(msg, TT_EFULL, "%zu messages were taken; commit first", ingest->taken);
	err = tt_ingest_settle(ingest, in);
	if (err)
		return failed(ingest, err, in->topic, msg);
	ingest->taken++;
	ingest->pending.received++;
	return TT_OK;
}

static void add_stats(struct tt_ingest_stats *to, const struct tt_ingest_stats *from)
{
	uint64_t *sum = (uint64_t *)to;
	const uint64_t *part = (const uint64_t *)from;

	static_assert(sizeof(*to) % sizeof(uint64_t) == 0, "nothing but counters");
	for (size_t i = 0; i < sizeof(*to) / sizeof(uint64_t); i++)
		sum[i] += part[i];
}

enum tt_err tt_ingest_commit(struct tt_ingest *ingest, struct tt_errmsg *msg)
{
	enum tt_err err = TT_OK;

	TT_ASSERT(ingest->open);
	for (size_t i = 0; i < ingest->nslots && !err; i++)
		err = tt_ingest_slot_write(ingest, &ingest->slots[i]);
	if (err)
		return failed(ingest, err, "marks", msg);
	err = tt_store_commit(ingest->store);
	if (err)
		return failed(ingest, err, "commit", msg);
	ingest->open = false;
	for (size_t i = 0; i < ingest->nslots; i++) {
		const struct tt_ingest_slot *slot = &ingest->slots[i];
		struct tt_ingest_ack *ack = &ingest->acks[ingest->nacks++];

		*ack = (struct tt_ingest_ack){.cls = slot->cls, .epoch = slot->epoch, .up_to_seq = slot->mark.seq, .resend = slot->resend};
		memcpy(ack->unit, slot->unit->name, sizeof(ack->unit));
	}
	add_stats(&ingest->stats, &ingest->pending);
	return TT_OK;
}

size_t tt_ingest_acks(const struct tt_ingest *ingest, const struct tt_ingest_ack **out)
{
	*out = ingest->acks;
	return ingest->nacks;
}

const struct tt_ingest_stats *tt_ingest_stats(const struct tt_ingest *ingest)
{
	return &ingest->stats;
}
