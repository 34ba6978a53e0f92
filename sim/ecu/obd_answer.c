#include "sim/ecu/obd_answer.h"

#include "base/cursor.h"

enum { NRC_NONE = 0, NRC_SERVICE = 0x11, NRC_SUBFUNCTION = 0x12, NRC_RANGE = 0x31 };
enum { MAX_PIDS = 6, CALID_LEN = 16, NAME_LEN = 20 };

#define UM_PER_WARM_UP INT64_C(25000000000) /* the engine is warmed up every 25 km */
#define UM_PER_MINUTE INT64_C(833333333)

/* Monitors of a spark-ignition car: catalyst, evaporative system, oxygen sensor, its heater, exhaust recirculation. */
enum { CONTINUOUS = 0x07, CONTINUOUS_OPEN = 0x70, MONITORS = 0x65 };

struct request {
	struct tt_car *car;
	unsigned ecu;
	struct tt_rd in; /* after the service byte */
	struct tt_wr out;
};

/* Our own buffer is larger than any answer the tables can give. */
static void put(struct request *r, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0) {
		const enum tt_err err = tt_wr_u8(&r->out, (uint8_t)(value >> 8 * bytes));

		TT_ASSERT(err == TT_OK);
	}
}

static void put_bytes(struct request *r, const char *s, size_t n)
{
	const enum tt_err err = tt_wr_bytes(&r->out, s, n);

	TT_ASSERT(err == TT_OK);
}

static uint64_t of_255(int64_t percent_milli)
{
	return (uint64_t)(percent_milli * 255 / 100000);
}

static uint64_t celsius(int64_t milli)
{
	return (uint64_t)(milli / 1000 + 40);
}

static uint64_t at_most(int64_t value, int64_t max)
{
	return (uint64_t)tt_min_i64(value, max);
}

static uint64_t readiness(const struct tt_car *car, unsigned ecu)
{
	const uint64_t a = tt_car_count(&car->ecus[ecu], TT_SIM_DTC_STORED);
	const uint64_t open = car->cleared;

	if (ecu != TT_SIM_ECU_ENGINE)
		return (a ? 0x80 | a : 0) << 24 | UINT64_C(0x040000);
	return (a ? 0x80 | a : 0) << 24 | (CONTINUOUS | open * CONTINUOUS_OPEN) << 16 | MONITORS << 8 | open * MONITORS;
}

static uint64_t now_run_time(const struct tt_car *car)
{
	return at_most(car->run_us / 1000000, UINT16_MAX);
}

static uint64_t now_lamp_km(const struct tt_car *car)
{
	return at_most(car->lamp_um / 1000000000, UINT16_MAX);
}

static uint64_t now_clear_km(const struct tt_car *car)
{
	return at_most(car->clear_um / 1000000000, UINT16_MAX);
}

static uint64_t now_warm_ups(const struct tt_car *car)
{
	return at_most(car->clear_um / UM_PER_WARM_UP, UINT8_MAX);
}

/* At 50 km/h. */
static uint64_t now_lamp_minutes(const struct tt_car *car)
{
	return at_most(car->lamp_um / UM_PER_MINUTE, UINT16_MAX);
}

static uint64_t now_clear_minutes(const struct tt_car *car)
{
	return at_most(car->clear_um / UM_PER_MINUTE, UINT16_MAX);
}

static uint64_t now_fuel(const struct tt_car *car)
{
	return of_255(car->fuel_milli);
}

static uint64_t now_volts(const struct tt_car *car)
{
	return (uint64_t)car->battery_mv;
}

static uint64_t now_odometer(const struct tt_car *car)
{
	return (uint64_t)(car->odometer_um / 100000000);
}

/* Coding of what a freeze frame holds and service 01 shows of the present. */
static uint64_t coded(enum tt_sim_freeze what, int32_t milli)
{
	const uint64_t codes[TT_SIM_FREEZE_ITEMS] = {
		[TT_SIM_FREEZE_LOAD] = of_255(milli),
		[TT_SIM_FREEZE_COOLANT] = celsius(milli),
		[TT_SIM_FREEZE_RPM] = (uint64_t)milli * 4 / 1000,
		[TT_SIM_FREEZE_SPEED] = at_most((milli + 500) / 1000, 254),
		[TT_SIM_FREEZE_INTAKE] = celsius(milli),
		[TT_SIM_FREEZE_THROTTLE] = of_255(milli),
	};

	return codes[what];
}

enum { NOT_FROZEN = TT_SIM_FREEZE_ITEMS, ENGINE = 1 << TT_SIM_ECU_ENGINE, BOTH = ENGINE | 1 << TT_SIM_ECU_TRANSMISSION };

/* PIDs of service 01; those with a freeze item are in the engine's freeze frame too. */
static const struct pid {
	uint8_t pid, bytes;
	unsigned ecus, freeze;
	uint64_t (*now)(const struct tt_car *car);
} pids[] = {
	{0x01, 4, BOTH, NOT_FROZEN, NULL}, /* readiness(): each ECU has its own */
	{0x04, 1, ENGINE, TT_SIM_FREEZE_LOAD, NULL},
	{0x05, 1, ENGINE, TT_SIM_FREEZE_COOLANT, NULL},
	{0x0C, 2, BOTH, TT_SIM_FREEZE_RPM, NULL},
	{0x0D, 1, BOTH, TT_SIM_FREEZE_SPEED, NULL},
	{0x0F, 1, ENGINE, TT_SIM_FREEZE_INTAKE, NULL},
	{0x11, 1, ENGINE, TT_SIM_FREEZE_THROTTLE, NULL},
	{0x1F, 2, ENGINE, NOT_FROZEN, now_run_time},
	{0x21, 2, ENGINE, NOT_FROZEN, now_lamp_km},
	{0x2F, 1, ENGINE, NOT_FROZEN, now_fuel},
	{0x30, 1, ENGINE, NOT_FROZEN, now_warm_ups},
	{0x31, 2, ENGINE, NOT_FROZEN, now_clear_km},
	{0x42, 2, ENGINE, NOT_FROZEN, now_volts},
	{0x4D, 2, ENGINE, NOT_FROZEN, now_lamp_minutes},
	{0x4E, 2, ENGINE, NOT_FROZEN, now_clear_minutes},
	{0xA6, 4, ENGINE, NOT_FROZEN, now_odometer},
};

enum { NPIDS = sizeof(pids) / sizeof(pids[0]), FREEZE_DTC_PID = 0x02 };

static bool offered(const struct pid *p, unsigned ecu, bool frozen)
{
	return (p->ecus & 1U << ecu) && (!frozen || (ecu == TT_SIM_ECU_ENGINE && p->freeze != NOT_FROZEN));
}

/* The 32 PIDs after base, first in the top bit; the lowest bit says that the next bitmap is there too. */
static uint32_t bitmap(unsigned ecu, bool frozen, unsigned base)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < NPIDS; i++) {
		const unsigned pid = pids[i].pid;

		if (!offered(&pids[i], ecu, frozen) || pid <= base)
			continue;
		bits |= pid <= base + 32 ? UINT32_C(1) << (base + 32 - pid) : 1U;
	}
	if (frozen && base == 0)
		bits |= UINT32_C(1) << (32 - FREEZE_DTC_PID);
	return bits;
}

static const struct pid *find_pid(unsigned pid, unsigned ecu, bool frozen)
{
	for (size_t i = 0; i < NPIDS; i++) {
		if (pids[i].pid == pid && offered(&pids[i], ecu, frozen))
			return &pids[i];
	}
	return NULL;
}

static bool put_now(struct request *r, uint8_t pid)
{
	const struct pid *p = find_pid(pid, r->ecu, false);
	const uint32_t bits = pid % 32 == 0 ? bitmap(r->ecu, false, pid) : 0;

	if (!p && !bits)
		return false;
	put(r, pid, 1);
	if (!p)
		put(r, bits, 4);
	else if (pid == 0x01)
		put(r, readiness(r->car, r->ecu), 4);
	else
		put(r, p->now ? p->now(r->car) : coded((enum tt_sim_freeze)p->freeze, tt_car_value(r->car, (enum tt_sim_freeze)p->freeze)),
		    p->bytes);
	return true;
}

static int current_data(struct request *r)
{
	bool any = false;
	uint8_t pid;

	if (r->in.left == 0 || r->in.left > (r->car->ecus[r->ecu].mode == TT_SIM_ECU_OLD ? 1 : MAX_PIDS))
		return NRC_SUBFUNCTION;
	while (tt_rd_u8(&r->in, &pid) == TT_OK)
		any |= put_now(r, pid);
	return any ? NRC_NONE : NRC_SUBFUNCTION;
}

static const struct tt_car_dtc *frozen_dtc(const struct request *r)
{
	const struct tt_car_ecu *ecu = &r->car->ecus[r->ecu];

	for (unsigned i = 0; i < ecu->ndtcs; i++) {
		if (ecu->dtcs[i].frozen)
			return &ecu->dtcs[i];
	}
	return NULL;
}

/* One PID and frame number at a time; a tester on CAN asks so. */
static int freeze_frame(struct request *r)
{
	const struct tt_car_dtc *dtc = frozen_dtc(r);
	const struct pid *p;
	uint8_t pid, frame;

	if (r->in.left != 2 || tt_rd_u8(&r->in, &pid) || tt_rd_u8(&r->in, &frame))
		return NRC_SUBFUNCTION;
	if (frame != 0)
		return NRC_RANGE;
	p = find_pid(pid, r->ecu, true);
	if (pid == 0 || pid == FREEZE_DTC_PID) {
		put(r, (unsigned)pid << 8, 2);
		put(r, pid == 0 ? bitmap(r->ecu, true, 0) : dtc ? dtc->code : 0, pid == 0 ? 4 : 2);
		return NRC_NONE;
	}
	if (!p)
		return NRC_SUBFUNCTION;
	if (!dtc)
		return NRC_RANGE;
	put(r, (unsigned)pid << 8, 2);
	put(r, coded((enum tt_sim_freeze)p->freeze, dtc->freeze[p->freeze]), p->bytes);
	return NRC_NONE;
}

static int codes(struct request *r, unsigned status)
{
	const struct tt_car_ecu *ecu = &r->car->ecus[r->ecu];

	if (r->in.left != 0)
		return NRC_SUBFUNCTION;
	put(r, tt_car_count(ecu, status), 1);
	for (unsigned i = 0; i < ecu->ndtcs; i++) {
		if (ecu->dtcs[i].status & status)
			put(r, ecu->dtcs[i].code, 2);
	}
	return NRC_NONE;
}

static int stored_codes(struct request *r)
{
	return codes(r, TT_SIM_DTC_STORED);
}

static int pending_codes(struct request *r)
{
	return codes(r, TT_SIM_DTC_PENDING);
}

static int permanent_codes(struct request *r)
{
	return codes(r, TT_SIM_DTC_PERMANENT);
}

static int clear_codes(struct request *r)
{
	if (r->in.left != 0)
		return NRC_SUBFUNCTION;
	tt_car_clear_by_tester(r->car, r->ecu);
	return NRC_NONE;
}

/* What the engine's monitors found last: oxygen sensor, catalyst, misfire of cylinder 1. The catalyst fails with P0420. */
static int monitor_results(struct request *r)
{
	static const struct {
		uint8_t mid, tid, scaling;
		uint16_t value, min, max;
	} tests[] = {
		{0x01, 0x01, 0x0A, 3690, 2950, 5740},
		{0x01, 0x05, 0x10, 72, 0, 150},
		{0x21, 0x80, 0x20, 205, 128, 0xFFFF},
		{0xA2, 0x0B, 0x24, 0, 0, 120},
	};
	enum { CATALYST = 0x21, WORN = 90 };
	const struct tt_car_ecu *ecu = &r->car->ecus[r->ecu];
	bool worn = false, any = false;
	uint8_t mid;

	if (r->ecu != TT_SIM_ECU_ENGINE)
		return NRC_SERVICE;
	if (r->in.left != 1 || tt_rd_u8(&r->in, &mid))
		return NRC_SUBFUNCTION;
	if (mid % 32 == 0) {
		uint32_t bits = 0;

		for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
			if (tests[i].mid > mid)
				bits |= tests[i].mid <= mid + 32 ? UINT32_C(1) << (mid + 32 - tests[i].mid) : 1U;
		}
		put(r, mid, 1);
		put(r, bits, 4);
		return bits ? NRC_NONE : NRC_RANGE;
	}
	for (unsigned i = 0; i < ecu->ndtcs; i++)
		worn |= ecu->dtcs[i].code == 0x0420;
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (tests[i].mid != mid)
			continue;
		any = true;
		put(r, (unsigned)tests[i].mid << 16 | (unsigned)tests[i].tid << 8 | tests[i].scaling, 3);
		put(r, mid == CATALYST && worn ? WORN : tests[i].value, 2);
		put(r, (uint64_t)tests[i].min << 16 | tests[i].max, 4);
	}
	return any ? NRC_NONE : NRC_RANGE;
}

/* In-use performance: 120 trips that count of 400 ignition cycles, and every monitor in 60 of 80. */
enum { COUNTERS = 16 };
static void put_counters(struct request *r)
{
	put(r, 120, 2);
	put(r, 400, 2);
	for (unsigned i = 2; i < COUNTERS; i += 2)
		put(r, 60U << 16 | 80, 4);
}

static int vehicle_information(struct request *r)
{
	/* Abbreviation, NUL, name: exactly as long as the answer (15031-5, INFOTYPE 0A). */
	static const char names[TT_SIM_ECUS][NAME_LEN + 1] = {"ECM\0-EngineControl\0", "TCM\0-TransmisCtrl\0\0"};
	uint8_t type;

	if (r->in.left != 1 || tt_rd_u8(&r->in, &type))
		return NRC_SUBFUNCTION;
	if (r->ecu != TT_SIM_ECU_ENGINE && type != 0 && type != 0x0A)
		return NRC_SUBFUNCTION;
	put(r, type, 1);
	if (type == 0) {
		put(r, r->ecu == TT_SIM_ECU_ENGINE ? 0x55400000 : 0x00400000, 4);
		return NRC_NONE;
	}
	put(r, type == 0x08 ? COUNTERS : 1, 1);
	if (type == 0x02)
		put_bytes(r, r->car->vin, TT_SIM_VIN - 1);
	else if (type == 0x04)
		put_bytes(r, "TELLTALE-SIM-01", CALID_LEN) /* with its NUL */;
	else if (type == 0x06)
		put(r, 0xCAFE0001, 4);
	else if (type == 0x08)
		put_counters(r);
	else if (type == 0x0A)
		put_bytes(r, names[r->ecu], NAME_LEN);
	else
		return NRC_SUBFUNCTION;
	return NRC_NONE;
}

static const struct {
	uint8_t service;
	int (*answer)(struct request *r);
} services[] = {
	{0x01, current_data},    {0x02, freeze_frame},  {0x03, stored_codes},        {0x04, clear_codes},
	{0x06, monitor_results}, {0x07, pending_codes}, {0x09, vehicle_information}, {0x0A, permanent_codes},
};

size_t tt_obd_answer(struct tt_car *car, unsigned ecu, const uint8_t *request, size_t len, bool functional, uint8_t out[TT_OBD_ANSWER_MAX])
{
	struct request r = {.car = car, .ecu = ecu, .in = tt_rd_init(request, len), .out = tt_wr_init(out, TT_OBD_ANSWER_MAX)};
	int nrc = NRC_SERVICE;
	uint8_t service;

	if (tt_rd_u8(&r.in, &service))
		return 0;
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (services[i].service == service) {
			put(&r, service | 0x40U, 1);
			nrc = services[i].answer(&r);
		}
	}
	if (nrc == NRC_NONE)
		return r.out.used;
	if (functional)
		return 0;
	out[0] = 0x7F;
	out[1] = service;
	out[2] = (uint8_t)nrc;
	return 3;
}
