/* What came of commands and configurations. */
#include "gateway/ingest_internal.h"

#include <stdio.h>

/* What clearing codes found and what came of it. */
static enum tt_err cleared_json(const Telltale__V1__ClearedCodes *c, char *buf, size_t cap)
{
	struct tt_json j = tt_json_init(buf, cap);
	char number[12];

	tt_json_open(&j, NULL, '{');
	tt_json_open(&j, "codes", '[');
	for (size_t i = 0; i < c->n_codes; i++)
		tt_json_str(&j, NULL, c->codes[i]->code);
	tt_json_close(&j, ']');
	tt_json_bool(&j, "codes_cut", c->codes_cut);
	tt_json_open(&j, "ecus", '[');
	for (size_t i = 0; i < c->n_ecus; i++) {
		tt_json_open(&j, NULL, '{');
		(void)snprintf(number, sizeof(number), "0x%X", c->ecus[i]->ecu);
		tt_json_str(&j, "ecu", number);
		tt_json_bool(&j, "done", c->ecus[i]->done);
		(void)snprintf(number, sizeof(number), "0x%02X", c->ecus[i]->nrc);
		tt_json_str(&j, "nrc", c->ecus[i]->nrc == 0 ? "" : number);
		tt_json_close(&j, '}');
	}
	tt_json_close(&j, ']');
	tt_json_close(&j, '}');
	return tt_json_end(&j);
}

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
	struct tt_told row = {.what = "command", .number = r->id, .kind = (int32_t)r->kind, .outcome = (int32_t)r->outcome, .detail = "{}"};
	const enum tt_err err = r->cleared ? cleared_json(r->cleared, row.detail, sizeof(row.detail)) : TT_OK;

	return err ? err : keep(a, &row, r->reason, r->at_us);
}

enum tt_err tt_ingest_apply_config_result(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__ConfigResult *r = a->env->config_result;
	struct tt_told row = {.what = "config", .number = r->version, .outcome = (int32_t)r->outcome, .detail = "{}"};

	return keep(a, &row, r->reason, r->at_us);
}
