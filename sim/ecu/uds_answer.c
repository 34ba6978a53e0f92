#include "sim/ecu/uds_answer.h"

#include "base/cursor.h"
#include "firmware/proto/uds.h"

enum { NRC_SUBFUNCTION = 0x12, NRC_LENGTH = 0x13, NRC_RANGE = 0x31, TOO_LONG = 0x14 };
enum { DID_VIN = 0xF190, DID_RPM = 0xF40C, DID_SPEED = 0xF40D, AVAILABLE = 0xAF, OCCURRED = 5, COUNTER = 0x40 };

bool tt_uds_asked(const uint8_t *request, size_t len)
{
	return len > 0 && (request[0] == TT_UDS_READ_CODES || request[0] == TT_UDS_READ_DATA);
}

static uint8_t status_of(const struct tt_car_dtc *dtc)
{
	if (dtc->status & TT_SIM_DTC_STORED)
		return TT_UDS_WARNING_INDICATOR | TT_UDS_FAILED_SINCE_CLEAR | TT_UDS_CONFIRMED | TT_UDS_PENDING_CODE |
		       TT_UDS_FAILED_THIS_CYCLE | TT_UDS_TEST_FAILED;
	return dtc->status & TT_SIM_DTC_PENDING ? TT_UDS_PENDING_CODE | TT_UDS_TEST_FAILED : 0;
}

/* Each writer is TT_EFULL when the answer is longer than the buffer. */
static enum tt_err put_code(struct tt_wr *out, const struct tt_car_dtc *dtc)
{
	const uint8_t bytes[] = {(uint8_t)(dtc->code >> 8), (uint8_t)dtc->code, 0, status_of(dtc)};

	return tt_wr_bytes(out, bytes, sizeof(bytes));
}

static enum tt_err put_did(struct tt_wr *out, const struct tt_car *car, const int32_t *frozen, uint16_t did)
{
	const int64_t rpm = frozen ? frozen[TT_SIM_FREEZE_RPM] : tt_car_value(car, TT_SIM_FREEZE_RPM);
	const int64_t speed = frozen ? frozen[TT_SIM_FREEZE_SPEED] : tt_car_value(car, TT_SIM_FREEZE_SPEED);
	enum tt_err err = tt_wr_u16be(out, did);

	if (!err && did == DID_VIN)
		err = tt_wr_bytes(out, car->vin, TT_SIM_VIN - 1);
	else if (!err && did == DID_RPM)
		err = tt_wr_u16be(out, (uint16_t)(rpm * 4 / 1000));
	else if (!err)
		err = tt_wr_u8(out, (uint8_t)tt_min_i64((speed + 500) / 1000, 254));
	return err;
}

static int by_mask(const struct tt_car_ecu *ecu, struct tt_rd *in, struct tt_wr *out)
{
	uint8_t mask;

	if (tt_rd_u8(in, &mask) || in->left > 0)
		return NRC_LENGTH;
	if (tt_wr_u8(out, AVAILABLE))
		return TOO_LONG;
	for (unsigned i = 0; i < ecu->ndtcs; i++) {
		if ((status_of(&ecu->dtcs[i]) & mask) && put_code(out, &ecu->dtcs[i]))
			return TOO_LONG;
	}
	return 0;
}

static bool has_code(const struct tt_car_ecu *ecu, uint16_t code)
{
	for (unsigned i = 0; i < ecu->ndtcs; i++) {
		if (ecu->dtcs[i].code == code)
			return true;
	}
	return false;
}

/* With their status: that of a code whose test passes is 0. */
static int supported(const struct tt_car_ecu *ecu, struct tt_rd *in, struct tt_wr *out)
{
	static const struct tt_car_dtc always[] = {{.code = 0x0300}, {.code = 0x0301}, {.code = 0x0302},
						   {.code = 0x0303}, {.code = 0x0304}, {.code = 0x0420}};

	if (in->left > 0)
		return NRC_LENGTH;
	if (tt_wr_u8(out, AVAILABLE))
		return TOO_LONG;
	for (unsigned i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		if (!has_code(ecu, always[i].code) && put_code(out, &always[i]))
			return TOO_LONG;
	}
	for (unsigned i = 0; i < ecu->ndtcs; i++) {
		if (put_code(out, &ecu->dtcs[i]))
			return TOO_LONG;
	}
	return 0;
}

/* A test that has failed is told by its status, and not here any more. */
static int counters(const struct tt_car_ecu *ecu, struct tt_rd *in, struct tt_wr *out)
{
	if (in->left > 0)
		return NRC_LENGTH;
	for (unsigned i = 0; i < ecu->ndtcs; i++) {
		const struct tt_car_dtc *dtc = &ecu->dtcs[i];
		const uint8_t bytes[] = {(uint8_t)(dtc->code >> 8), (uint8_t)dtc->code, 0, COUNTER};

		if ((dtc->status & TT_SIM_DTC_PREFAILED) && status_of(dtc) == 0 && tt_wr_bytes(out, bytes, sizeof(bytes)))
			return TOO_LONG;
	}
	return 0;
}

static const struct tt_car_dtc *asked_code(const struct tt_car_ecu *ecu, struct tt_rd *in)
{
	uint8_t type, record;
	uint16_t code;

	if (tt_rd_u16be(in, &code) || tt_rd_u8(in, &type) || tt_rd_u8(in, &record) || type != 0 || record != TT_UDS_ALL_RECORDS)
		return NULL;
	for (unsigned i = 0; i < ecu->ndtcs; i++) {
		if (ecu->dtcs[i].code == code)
			return &ecu->dtcs[i];
	}
	return NULL;
}

static int records(const struct tt_car *car, const struct tt_car_ecu *ecu, uint8_t report, struct tt_rd *in, struct tt_wr *out)
{
	const struct tt_car_dtc *dtc = asked_code(ecu, in);
	enum tt_err err;

	if (!dtc)
		return NRC_RANGE;
	err = put_code(out, dtc);
	if (!err && report == TT_UDS_SNAPSHOTS && dtc->frozen) {
		err = tt_wr_u16be(out, 0x0102); /* record 01, two identifiers */
		if (!err)
			err = put_did(out, car, dtc->freeze, DID_RPM);
		if (!err)
			err = put_did(out, car, dtc->freeze, DID_SPEED);
	} else if (!err && report == TT_UDS_EXTENDED) {
		err = tt_wr_u16be(out, 0x0100 | OCCURRED);
	}
	return err ? TOO_LONG : 0;
}

static int codes(const struct tt_car *car, unsigned ecu, struct tt_rd *in, struct tt_wr *out)
{
	uint8_t report;

	if (tt_rd_u8(in, &report))
		return NRC_LENGTH;
	if (tt_wr_u8(out, report))
		return TOO_LONG;
	if (report == TT_UDS_BY_MASK)
		return by_mask(&car->ecus[ecu], in, out);
	if (report == TT_UDS_SUPPORTED)
		return supported(&car->ecus[ecu], in, out);
	if (report == TT_UDS_COUNTERS)
		return counters(&car->ecus[ecu], in, out);
	if (report == TT_UDS_SNAPSHOTS || report == TT_UDS_EXTENDED)
		return records(car, &car->ecus[ecu], report, in, out);
	return NRC_SUBFUNCTION;
}

static int data(const struct tt_car *car, struct tt_rd *in, struct tt_wr *out)
{
	uint16_t did;

	if (in->left == 0 || in->left % 2 != 0)
		return NRC_LENGTH;
	while (tt_rd_u16be(in, &did) == TT_OK) {
		if (did != DID_VIN && did != DID_RPM && did != DID_SPEED)
			return NRC_RANGE;
		if (put_did(out, car, NULL, did))
			return TOO_LONG;
	}
	return 0;
}

size_t tt_uds_answer(const struct tt_car *car, unsigned ecu, const uint8_t *request, size_t len, uint8_t out[TT_OBD_ANSWER_MAX])
{
	struct tt_rd in = tt_rd_init(request + 1, len - 1);
	struct tt_wr answer = tt_wr_init(out, TT_OBD_ANSWER_MAX);
	int nrc = TOO_LONG;

	if (!tt_wr_u8(&answer, (uint8_t)(request[0] + TT_UDS_RESPONSE)))
		nrc = request[0] == TT_UDS_READ_CODES ? codes(car, ecu, &in, &answer) : data(car, &in, &answer);
	if (nrc == 0)
		return answer.used;
	out[0] = TT_UDS_NEGATIVE;
	out[1] = request[0];
	out[2] = (uint8_t)nrc;
	return 3;
}
