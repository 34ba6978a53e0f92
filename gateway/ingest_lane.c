#include "gateway/ingest_internal.h"

/* The batch's slot of a lane; made on first use. A lane has one a batch, unless its epoch changes. */
struct tt_ingest_slot *tt_ingest_lane_slot(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, struct tt_ingest_lane *lane,
					   enum tt_class cls)
{
	struct tt_ingest_slot *slot;

	if (lane->batch == ingest->batch && ingest->slots[lane->slot].epoch == lane->epoch)
		return &ingest->slots[lane->slot];
	TT_ASSERT(ingest->nslots < ingest->config.batch_max);
	lane->batch = ingest->batch;
	lane->slot = ingest->nslots++;
	slot = &ingest->slots[lane->slot];
	*slot = (struct tt_ingest_slot){.unit = unit, .cls = cls, .epoch = lane->epoch, .mark = lane->mark};
	return slot;
}

enum tt_err tt_ingest_slot_write(struct tt_ingest *ingest, struct tt_ingest_slot *slot)
{
	enum tt_err err = TT_OK;

	if (slot->dirty)
		err = tt_store_mark_set(ingest->store, slot->unit->link.unit_id, (int32_t)slot->cls, slot->epoch, &slot->mark);
	if (!err)
		slot->dirty = false;
	return err;
}

/* Make the lane be of this epoch. The marks of a batch are written at its end, but for a lane that changes its epoch within it. */
enum tt_err tt_ingest_lane_load(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, struct tt_ingest_lane *lane, enum tt_class cls,
				uint64_t epoch)
{
	struct tt_mark mark;
	enum tt_err err = TT_OK;

	if (lane->epoch == epoch)
		return TT_OK;
	if (lane->epoch != 0 && lane->batch == ingest->batch)
		err = tt_ingest_slot_write(ingest, &ingest->slots[lane->slot]);
	if (!err)
		err = tt_store_mark_get(ingest->store, unit->link.unit_id, (int32_t)cls, epoch, &mark);
	if (err)
		return err;
	lane->epoch = epoch;
	lane->mark = mark;
	return TT_OK;
}

void tt_ingest_lane_ask(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, struct tt_ingest_lane *lane, enum tt_class cls,
			tt_utc_us now)
{
	ingest->pending.holes++;
	if (now < lane->quiet_until && lane->quiet_until - now <= TT_INGEST_RESEND_QUIET_US)
		return;
	lane->quiet_until = now + TT_INGEST_RESEND_QUIET_US;
	lane->asked++;
	ingest->pending.resends++;
	tt_ingest_lane_slot(ingest, unit, lane, cls)->resend = true;
}

void tt_ingest_lane_advance(struct tt_ingest *ingest, const struct tt_ingest_unit *unit, struct tt_ingest_lane *lane, enum tt_class cls,
			    uint64_t seq, uint64_t lost)
{
	struct tt_ingest_slot *slot = tt_ingest_lane_slot(ingest, unit, lane, cls);

	lane->mark.seq = seq;
	lane->mark.evicted += lost;
	lane->unreadable = 0;
	lane->asked = 0;
	slot->mark = lane->mark;
	slot->dirty = true;
	ingest->pending.evicted += lost;
}
