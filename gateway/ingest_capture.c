/*
 * Parts of a capture: kept each once. A case shows what is there, and the vehicle's page what a command asked for; the last part tells the
 * desk to look.
 */
#include "gateway/ingest_internal.h"

#include <stdlib.h>

/* Of the incident's case, if the alert came before; it has a lane of its own and is not waited for. */
static enum tt_err tell_desk(const struct tt_ingest_arrival *a)
{
	struct tt_rescue rescue;
	enum tt_err err = tt_store_rescue_find(a->ingest->store, a->link->vehicle_id, a->env->capture->incident, &rescue);

	if (err)
		return err == TT_ENOTFOUND ? TT_OK : err;
	err = tt_ingest_timeline(a, TT_SUBJECT_RESCUE, rescue.id, "capture", "", "{}");
	return err ? err : tt_ingest_change(a, "rescue.updated", rescue.id, "{}");
}

enum tt_err tt_ingest_apply_capture(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__CapturePart *part = a->env->capture;
	struct tt_capture head = {.vehicle_id = a->link->vehicle_id,
				  .number = part->capture,
				  .reason = (int32_t)part->reason,
				  .incident = part->incident,
				  .updated_at = a->in->received_at};
	const size_t len = telltale__v1__capture_part__get_packed_size(part);
	uint8_t *bytes = malloc(len);
	struct tt_event_time time;
	bool added = false;
	enum tt_err err;

	if (!bytes)
		return TT_ENOMEM;
	(void)telltale__v1__capture_part__pack(part, bytes);
	tt_ingest_time(a, part->trigger_at_us, &time);
	head.trigger_at = time.event_at;
	err = tt_store_capture_add(a->ingest->store, &head, (int32_t)part->part, bytes, len, &added);
	free(bytes);
	if (err || !added || !part->last)
		return err;
	return part->incident == 0 ? tt_ingest_vehicle_news(a, "capture", "command") : tell_desk(a);
}
