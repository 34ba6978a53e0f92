/* What came of commands and configurations. */
#include "gateway/ingest_internal.h"

static enum tt_err keep(const struct tt_ingest_arrival *a, struct tt_told *row, const char *reason, int64_t at_us)
{
	struct tt_event_time time;
	int64_t id;
	enum tt_err err;

	tt_ingest_time(a, at_us, &time);
	row->vehicle_id = a->link->vehicle_id;
	row->at = time.event_at;
	tt_ingest_copy(row->reason, sizeof(row->reason), reason);
	err = tt_store_told_add(a->ingest->store, row, &id);
	return err ? err : tt_ingest_vehicle_news(a, "told", row->what);
}

enum tt_err tt_ingest_apply_command_result(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__CommandResult *r = a->env->command_result;
	struct tt_told row = {.what = "command", .number = r->id, .kind = (int32_t)r->kind, .outcome = (int32_t)r->outcome};

	return keep(a, &row, r->reason, r->at_us);
}

enum tt_err tt_ingest_apply_config_result(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__ConfigResult *r = a->env->config_result;
	struct tt_told row = {.what = "config", .number = r->version, .outcome = (int32_t)r->outcome};

	return keep(a, &row, r->reason, r->at_us);
}
