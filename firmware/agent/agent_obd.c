#include "firmware/agent/agent_obd.h"

#include "base/log.h"
#include "firmware/agent/agent_parts.h"
#include "firmware/proto/obd_scaling.h"

#include <stdio.h>

void tt_agent_allow_clear(struct tt_gate_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rules[i].flow_control)
			TT_ASSERT(tt_gate_rule_allow(&rules[i], TT_OBD_CLEAR) == TT_OK);
	}
}

static void note_asked(struct tt_agent *a, const struct tt_obd_scan *scan)
{
	struct tt_agent_cleared *c = &a->cleared;

	for (unsigned i = 0; i < scan->necus && c->necus < TT_AGENT_CLEARED_ECUS; i++) {
		if (!scan->ecus[i].silent)
			c->ecus[c->necus++].ecu = scan->ecus[i].rx_id;
	}
}

static void note_answer(struct tt_agent_cleared *c, const struct tt_obd_result *r)
{
	for (unsigned i = 0; i < c->necus; i++) {
		if (c->ecus[i].ecu != r->ecu || c->ecus[i].over)
			continue;
		c->ecus[i].over = true;
		c->ecus[i].done = r->u.cleared.done;
		c->ecus[i].nrc = r->u.cleared.done ? 0 : r->u.cleared.nrc;
		return;
	}
}

enum tt_err tt_agent_clear_codes(struct tt_agent *a, tt_mono_us now_us)
{
	enum tt_err told = TT_ENOTFOUND;

	a->cleared = (struct tt_agent_cleared){.done = 0};
	for (size_t i = 0; i < a->nbuses; i++) {
		const enum tt_err err = tt_bus_clear_codes(a->buses[i], now_us);

		if (err == TT_OK)
			note_asked(a, &a->buses[i]->scan);

		/* One bus that is asked is enough; else the reason that something can be done about. */
		if (err == TT_OK || (told != TT_OK && err != TT_ENOTFOUND))
			told = err;
	}
	return told;
}

void tt_agent_ecu_load(struct tt_agent *a)
{
	tt_ecu_reports_init(&a->ecu_reports);
	(void)snprintf(a->ecus_path, sizeof(a->ecus_path), "%s.ecus", a->settings->journal);
	if (tt_ecu_reports_load(a->ecus_path, tt_journal_epoch(a->journal), &a->ecu_reports) == TT_ECORRUPT)
		tt_log(TT_LOG_WARN, NULL, "ecus.corrupt", "%s: unreadable; the ECUs are reported again", a->ecus_path);
}

void tt_agent_ecu_take(struct tt_agent *a, const struct tt_obd_result *r)
{
	tt_ecu_reports_take(&a->ecu_reports, r);
	if (r->kind != TT_OBD_RESULT_CLEARED)
		return;
	a->cleared.done += r->u.cleared.done;
	a->cleared.failed += !r->u.cleared.done;
	note_answer(&a->cleared, r);
	if (!r->u.cleared.done)
		a->cleared.nrc = r->u.cleared.nrc;
	tt_log(TT_LOG_WARN, NULL, "codes.cleared", "ecu=%X done=%d nrc=%02X", r->ecu, r->u.cleared.done, r->u.cleared.nrc);
}

static void put_test(const struct tt_obd_test *test, Telltale__V1__MonitorTest *out)
{
	struct tt_obd_scaled value, min, max;

	tt_obd_scale(test->scaling, test->value, &value);
	tt_obd_scale(test->scaling, test->min, &min);
	tt_obd_scale(test->scaling, test->max, &max);
	telltale__v1__monitor_test__init(out);
	out->mid = test->mid;
	out->tid = test->tid;
	out->passed = tt_obd_test_passed(test);
	out->value_milli = value.value_milli;
	out->min_milli = min.value_milli;
	out->max_milli = max.value_milli;
	out->unit = (char *)(uintptr_t)value.unit; /* protobuf-c has no const strings; encoding does not write */
	out->scaling = test->scaling;
}

static void put_bitmaps(const struct tt_obd_pidset *set, uint8_t out[TT_ECU_REPORT_PIDS])
{
	for (unsigned i = 0; i < TT_ECU_REPORT_PIDS; i++)
		out[i] = (uint8_t)(set->bits[i / 4] >> (24 - 8 * (i % 4)));
}

/* False: the journal does not take it now. */
static bool tell(struct tt_agent *a, tt_mono_us now_us, const struct tt_ecu_report *report, const struct tt_obd_test *const tests[],
		 size_t ntests)
{
	static Telltale__V1__MonitorTest rows[TT_ECU_REPORT_MAX], *list[TT_ECU_REPORT_MAX];
	Telltale__V1__EcuReport body = TELLTALE__V1__ECU_REPORT__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	char *calibrations[TT_OBD_CALIBRATIONS];
	uint8_t pids[TT_ECU_REPORT_PIDS];
	enum tt_err err;

	for (size_t i = 0; i < ntests; i++) {
		put_test(tests[i], &rows[i]);
		list[i] = &rows[i];
	}
	for (unsigned i = 0; i < report->calibrations.n; i++)
		calibrations[i] = (char *)(uintptr_t)report->calibrations.ids[i];
	put_bitmaps(&report->pids, pids);
	body.ecu = report->ecu;
	body.observed_at_us = tt_agent_utc_of(a, now_us, report->at_us);
	body.vin = (char *)(uintptr_t)report->vin;
	body.name = (char *)(uintptr_t)report->name;
	body.n_calibrations = report->calibrations.n;
	body.calibrations = calibrations;
	body.n_cvns = report->cvns.n;
	body.cvns = (uint32_t *)(uintptr_t)report->cvns.cvns;
	body.services = report->services;
	body.supported_pids = (ProtobufCBinaryData){.len = report->has_pids ? sizeof(pids) : 0, .data = pids};
	body.n_tests = ntests;
	body.tests = list;
	body.tests_cut = ntests > 0 && report->cut;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ECU_REPORT;
	env.ecu_report = &body;
	err = tt_agent_emit(a, now_us, TT_CLASS_EVENT, &env);
	if (err != TT_EAGAIN)
		tt_log(TT_LOG_INFO, NULL, "ecu", "ecu=%X calibrations=%u tests=%zu", report->ecu, report->calibrations.n, ntests);
	return err != TT_EAGAIN;
}

void tt_agent_ecu_tell(struct tt_agent *a, tt_mono_us now_us)
{
	const struct tt_obd_test *tests[TT_ECU_REPORT_MAX];
	const struct tt_ecu_report *report;
	bool told = false;
	size_t ntests;

	while (now_us >= a->refusal.retry_at_us && (report = tt_ecu_reports_peek(&a->ecu_reports, tests, &ntests)) &&
	       tell(a, now_us, report, tests, ntests)) {
		tt_ecu_reports_told(&a->ecu_reports, report);
		told = true;
	}
	if (told && tt_ecu_reports_save(a->ecus_path, tt_journal_epoch(a->journal), &a->ecu_reports) != TT_OK)
		tt_log(TT_LOG_WARN, NULL, "ecus.save", "%s cannot be written; after a restart the ECUs are reported again", a->ecus_path);
}
