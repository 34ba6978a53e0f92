#include "firmware/agent/ecus.h"

/* Index of the ECU, made when absent; -1 when there is no room. */
static int find(struct tt_ecus *e, uint32_t ecu)
{
	for (int i = 0; i < TT_ECUS; i++) {
		if (e->items[i].used && e->items[i].ecu == ecu)
			return i;
	}
	for (int i = 0; i < TT_ECUS; i++) {
		if (!e->items[i].used) {
			e->items[i].used = true;
			e->items[i].ecu = ecu;
			return i;
		}
	}
	return -1;
}

/* The service a good answer belongs to, 0 when the result is none. */
static uint8_t answered(const struct tt_obd_result *r)
{
	static const uint8_t services[] = {
		[TT_OBD_RESULT_VIN] = TT_OBD_INFO,
		[TT_OBD_RESULT_READINESS] = TT_OBD_CURRENT,
		[TT_OBD_RESULT_PID] = TT_OBD_CURRENT,
		[TT_OBD_RESULT_FREEZE] = TT_OBD_FREEZE,
	};

	if (r->kind == TT_OBD_RESULT_DTCS)
		return r->u.dtcs.service;
	return r->kind < sizeof(services) ? services[r->kind] : 0;
}

static void end_of_nobody(struct tt_ecus *e)
{
	for (int i = 0; i < TT_ECUS; i++) {
		if (e->items[i].used && e->items[i].ecu == 0)
			e->items[i].silent = false;
	}
}

void tt_ecus_take(struct tt_ecus *e, const struct tt_obd_result *r)
{
	const uint8_t service = answered(r);
	const int i = find(e, r->ecu);

	if (i < 0)
		return;
	if (r->kind == TT_OBD_RESULT_SILENT) {
		e->items[i].silent = true;
	} else if (r->kind == TT_OBD_RESULT_REFUSING && !r->u.refused.unsupported) {
		e->items[i].refused_service = r->u.refused.service;
		e->items[i].nrc = r->u.refused.nrc;
	} else if (r->kind == TT_OBD_RESULT_ECU || service != 0) {
		e->items[i].silent = false;
		end_of_nobody(e);
		if (service == e->items[i].refused_service)
			e->items[i].refused_service = 0;
	}
}

void tt_ecus_answer(struct tt_ecus *e, uint32_t ecu, uint8_t service)
{
	const int i = find(e, ecu);

	if (i < 0)
		return;
	e->items[i].silent = false;
	end_of_nobody(e);
	if (service == e->items[i].refused_service)
		e->items[i].refused_service = 0;
}

bool tt_ecus_silent(const struct tt_ecus *e, uint32_t *ecu)
{
	for (int i = 0; i < TT_ECUS; i++) {
		if (e->items[i].used && e->items[i].silent) {
			*ecu = e->items[i].ecu;
			return true;
		}
	}
	return false;
}

bool tt_ecus_refusing(const struct tt_ecus *e, uint32_t *ecu, uint8_t *service, uint8_t *nrc)
{
	for (int i = 0; i < TT_ECUS; i++) {
		if (e->items[i].used && e->items[i].refused_service != 0) {
			*ecu = e->items[i].ecu;
			*service = e->items[i].refused_service;
			*nrc = e->items[i].nrc;
			return true;
		}
	}
	return false;
}
