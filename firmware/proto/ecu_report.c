#include "firmware/proto/ecu_report.h"

#define FNV_START UINT32_C(2166136261)
#define FNV_PRIME UINT32_C(16777619)

void tt_ecu_reports_init(struct tt_ecu_reports *r)
{
	memset(r, 0, sizeof(*r));
}

/* The ECU's place, made when absent; NULL when there is no room. */
static struct tt_ecu_report *find(struct tt_ecu_reports *r, uint32_t ecu)
{
	for (size_t i = 0; i < TT_ECU_REPORTS; i++) {
		if (r->ecus[i].ecu == ecu || r->ecus[i].ecu == 0) {
			r->ecus[i].ecu = ecu;
			return &r->ecus[i];
		}
	}
	return NULL;
}

static uint32_t hash(uint32_t seed, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < n; i++)
		seed = (seed ^ p[i]) * FNV_PRIME;
	return seed;
}

/* Never 0, which means "never told". */
static uint32_t identity_of(const struct tt_ecu_report *e)
{
	uint32_t h = hash(FNV_START, e->vin, sizeof(e->vin));

	h = hash(h, e->name, sizeof(e->name));
	for (unsigned i = 0; i < e->calibrations.n; i++)
		h = hash(h, e->calibrations.ids[i], strlen(e->calibrations.ids[i]) + 1);
	h = hash(h, e->cvns.cvns, e->cvns.n * sizeof(e->cvns.cvns[0]));
	return hash(h, e->pids.bits, sizeof(e->pids.bits)) | 1;
}

static uint8_t place_of(const struct tt_ecu_reports *r, const struct tt_ecu_report *e)
{
	return (uint8_t)(e - r->ecus + 1);
}

static uint32_t verdicts_of(const struct tt_ecu_reports *r, uint8_t place)
{
	uint32_t h = FNV_START;

	for (size_t i = 0; i < TT_ECU_REPORT_TESTS; i++) {
		const uint8_t bytes[] = {r->tests[i].test.mid, r->tests[i].test.tid, tt_obd_test_passed(&r->tests[i].test)};

		if (r->tests[i].ecu == place)
			h = hash(h, bytes, sizeof(bytes));
	}
	return h | 1;
}

/* All tests of one ECU (mid 0), or those of one monitor. */
static void forget_tests(struct tt_ecu_reports *r, uint8_t place, uint8_t mid)
{
	for (size_t i = 0; i < TT_ECU_REPORT_TESTS; i++) {
		if (r->tests[i].ecu == place && (mid == 0 || r->tests[i].test.mid == mid))
			r->tests[i].ecu = 0;
	}
}

static void take_tests(struct tt_ecu_reports *r, struct tt_ecu_report *e, const struct tt_obd_result *result)
{
	size_t at = 0;

	forget_tests(r, place_of(r, e), result->u.monitor.mid);
	e->cut |= result->u.monitor.cut;
	for (unsigned i = 0; i < result->u.monitor.n; i++) {
		while (at < TT_ECU_REPORT_TESTS && r->tests[at].ecu != 0)
			at++;
		if (at == TT_ECU_REPORT_TESTS) {
			e->cut = true;
			return;
		}
		r->tests[at].ecu = place_of(r, e);
		r->tests[at].test = result->u.monitor.tests[i];
	}
}

static void take_round(struct tt_ecu_reports *r, struct tt_ecu_report *e, uint8_t service)
{
	const bool answered = e->services >> service & 1;

	if (service == TT_OBD_INFO) {
		e->tell_identity = answered && identity_of(e) != e->told_identity;
		return;
	}
	e->tell_verdicts = answered && verdicts_of(r, place_of(r, e)) != e->told_verdicts;
	if (!e->tell_verdicts)
		forget_tests(r, place_of(r, e), 0);
}

/* The service that a result answers, 0 when it is none. */
static uint8_t service_of(const struct tt_obd_result *result)
{
	static const uint8_t services[] = {
		[TT_OBD_RESULT_PIDS] = TT_OBD_CURRENT, [TT_OBD_RESULT_VIN] = TT_OBD_INFO,      [TT_OBD_RESULT_READINESS] = TT_OBD_CURRENT,
		[TT_OBD_RESULT_PID] = TT_OBD_CURRENT,  [TT_OBD_RESULT_FREEZE] = TT_OBD_FREEZE, [TT_OBD_RESULT_CALIBRATIONS] = TT_OBD_INFO,
		[TT_OBD_RESULT_CVNS] = TT_OBD_INFO,    [TT_OBD_RESULT_NAME] = TT_OBD_INFO,     [TT_OBD_RESULT_MONITOR] = TT_OBD_MONITOR,
	};

	if (result->kind == TT_OBD_RESULT_DTCS)
		return result->u.dtcs.service;
	return result->kind < sizeof(services) ? services[result->kind] : 0;
}

void tt_ecu_reports_take(struct tt_ecu_reports *r, const struct tt_obd_result *result)
{
	const uint8_t service = service_of(result);
	struct tt_ecu_report *e = service != 0 || result->kind == TT_OBD_RESULT_ROUND ? find(r, result->ecu) : NULL;

	if (!e)
		return;
	if (service != 0) {
		e->services |= 1U << service;
		e->at_us = result->at_us;
	}
	if (result->kind == TT_OBD_RESULT_VIN)
		memcpy(e->vin, result->u.vin, sizeof(e->vin));
	if (result->kind == TT_OBD_RESULT_NAME)
		memcpy(e->name, result->u.name, sizeof(e->name));
	if (result->kind == TT_OBD_RESULT_CALIBRATIONS)
		e->calibrations = result->u.calibrations;
	if (result->kind == TT_OBD_RESULT_CVNS)
		e->cvns = result->u.cvns;
	if (result->kind == TT_OBD_RESULT_PIDS) {
		e->pids = result->u.pids;
		e->has_pids = true;
	}
	if (result->kind == TT_OBD_RESULT_MONITOR)
		take_tests(r, e, result);
	if (result->kind == TT_OBD_RESULT_ROUND)
		take_round(r, e, result->u.round.service);
}

void tt_ecu_reports_restore(struct tt_ecu_reports *r, uint32_t ecu, uint32_t identity, uint32_t verdicts)
{
	struct tt_ecu_report *e = find(r, ecu);

	if (!e)
		return;
	e->told_identity = identity;
	e->told_verdicts = verdicts;
}

const struct tt_ecu_report *tt_ecu_reports_peek(const struct tt_ecu_reports *r, const struct tt_obd_test *tests[TT_ECU_REPORT_MAX],
						size_t *ntests)
{
	*ntests = 0;
	for (size_t i = 0; i < TT_ECU_REPORTS; i++) {
		if (!r->ecus[i].tell_identity && !r->ecus[i].tell_verdicts)
			continue;
		for (size_t t = 0; r->ecus[i].tell_verdicts && t < TT_ECU_REPORT_TESTS && *ntests < TT_ECU_REPORT_MAX; t++) {
			if (r->tests[t].ecu == i + 1)
				tests[(*ntests)++] = &r->tests[t].test;
		}
		return &r->ecus[i];
	}
	return NULL;
}

void tt_ecu_reports_told(struct tt_ecu_reports *r, const struct tt_ecu_report *report)
{
	struct tt_ecu_report *e = &r->ecus[report - r->ecus];
	const uint8_t place = place_of(r, e);

	e->told_identity = identity_of(e);
	if (e->tell_verdicts) {
		e->told_verdicts = verdicts_of(r, place);
		e->cut = false;
		forget_tests(r, place, 0);
	}
	e->tell_identity = e->tell_verdicts = false;
}
