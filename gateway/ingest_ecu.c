/* Control units as they name themselves: a change of calibration or verification number tells of a new part or new software. */
#include "gateway/ingest_internal.h"

#include <string.h>

static enum tt_err calibrations(const Telltale__V1__EcuReport *e, char *buf, size_t cap)
{
	struct tt_json j = tt_json_init(buf, cap);

	tt_json_open(&j, NULL, '[');
	for (size_t i = 0; i < e->n_calibrations; i++)
		tt_json_str(&j, NULL, e->calibrations[i]);
	tt_json_close(&j, ']');
	return tt_json_end(&j);
}

static enum tt_err cvns(const Telltale__V1__EcuReport *e, char *buf, size_t cap)
{
	struct tt_json j = tt_json_init(buf, cap);

	tt_json_open(&j, NULL, '[');
	for (size_t i = 0; i < e->n_cvns; i++) {
		const uint8_t bytes[] = {(uint8_t)(e->cvns[i] >> 24), (uint8_t)(e->cvns[i] >> 16), (uint8_t)(e->cvns[i] >> 8),
					 (uint8_t)e->cvns[i]};

		tt_json_hex(&j, NULL, bytes, sizeof(bytes));
	}
	tt_json_close(&j, ']');
	return tt_json_end(&j);
}

static bool same(const struct tt_ecu *a, const struct tt_ecu *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->vin, b->vin) == 0 && strcmp(a->calibrations, b->calibrations) == 0 &&
	       strcmp(a->cvns, b->cvns) == 0;
}

enum tt_err tt_ingest_apply_ecu(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__EcuReport *e = a->env->ecu_report;
	struct tt_ecu was = {.ecu = e->ecu}, is;
	struct tt_event_time time;
	enum tt_err err = tt_store_ecu_find(a->ingest->store, a->link->vehicle_id, e->ecu, &was);
	const bool known = !err;

	if (err && err != TT_ENOTFOUND)
		return err;
	tt_ingest_time(a, e->observed_at_us, &time);
	if (known && time.event_at < was.reported_at)
		return TT_OK;
	is = was;
	is.vehicle_id = a->link->vehicle_id;
	tt_ingest_copy(is.name, sizeof(is.name), e->name);
	tt_ingest_copy(is.vin, sizeof(is.vin), e->vin);
	err = calibrations(e, is.calibrations, sizeof(is.calibrations));
	if (!err)
		err = cvns(e, is.cvns, sizeof(is.cvns));
	if (err)
		return err;
	is.reported_at = time.event_at;
	if (!known)
		is.first_seen_at = time.event_at;
	if (!known || !same(&was, &is))
		is.changed_at = time.event_at;
	if (e->n_tests > 0) { /* all of the drive's round, or none */
		is.tests = (int64_t)e->n_tests;
		is.tests_failed = 0;
		for (size_t i = 0; i < e->n_tests; i++)
			is.tests_failed += e->tests[i]->passed ? 0 : 1;
	}
	err = tt_store_ecu_put(a->ingest->store, &is);
	return err ? err : tt_ingest_vehicle_news(a, "ecu", is.name);
}
