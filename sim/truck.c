#include "sim/truck.h"

#include "firmware/proto/j1939_spn.h"

#include <string.h>

enum { ENGINE = 0x00, ASLEEP_AFTER_US = 2000000, PRIORITY = 6, FRAME = 8 };

/* phase: when after the start the first one goes out. DM1 is the last, and the only one that may be longer than a frame. */
static const struct {
	uint32_t pgn;
	int64_t period_us, phase_us;
} periodic[TT_TRUCK_PERIODIC] = {
	{TT_PGN_ENGINE_1, 100000, 1000},  {TT_PGN_SPEED, 100000, 3000},        {TT_PGN_DISTANCE_FINE, 1000000, 5000},
	{TT_PGN_DISTANCE, 1000000, 7000}, {TT_PGN_HOURS, 1000000, 9000},       {TT_PGN_ENGINE_TEMPERATURE, 1000000, 11000},
	{TT_PGN_DASH, 1000000, 13000},    {TT_PGN_ELECTRICAL, 1000000, 15000}, {TT_PGN_DM1, 1000000, 17000},
};

/* The parameters' present values, in their units' thousandths. */
static int64_t value_of(const struct tt_car *car, uint32_t spn)
{
	const struct {
		uint32_t spn;
		int64_t milli;
	} values[] = {
		{84, car->speed_mm_s * 36 / 10}, {96, car->fuel_milli},
		{110, car->coolant_milli},       {158, car->ignition == TT_CAR_OFF ? 0 : car->battery_mv},
		{168, car->battery_mv},          {190, tt_car_rpm(car) * 1000},
		{245, car->odometer_um / 1000},  {247, car->engine_hours_us / 3600000},
		{917, car->odometer_um / 1000},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i].spn == spn)
			return values[i].milli;
	}
	return 0;
}

/* A message of parameters: what the table of the protocol room puts into this group; the rest is "not available". */
static void put_parameters(const struct tt_car *car, uint32_t pgn, uint8_t data[FRAME])
{
	const struct tt_j1939_spn *spn;

	memset(data, 0xFF, FRAME);
	for (size_t i = 0; (spn = tt_j1939_spn_at(i)); i++) {
		int64_t raw = (value_of(car, spn->spn) - spn->offset) * spn->div / spn->mul;

		for (unsigned b = 0; spn->pgn == pgn && b < spn->bytes; b++, raw /= 256)
			data[spn->start + b] = (uint8_t)(raw % 256);
	}
}

static size_t put_codes(const struct tt_car *car, bool active, uint8_t *out)
{
	size_t n = 2;

	memset(out, 0, FRAME);
	for (unsigned i = 0; i < car->nspns; i++) {
		const struct tt_car_spn *spn = &car->spns[i];
		const uint32_t number = spn->code >> 5;

		out[0] |= spn->active ? spn->lamps : 0;
		if (spn->active != active)
			continue;
		out[n++] = (uint8_t)number;
		out[n++] = (uint8_t)(number >> 8);
		out[n++] = (uint8_t)((number >> 16) << 5 | (spn->code & 31));
		out[n++] = spn->count;
	}
	out[1] = 0xFF; /* nothing flashes */
	if (n > FRAME - 2)
		return n;
	/* none or one: a whole frame */
	memset(out + 6, 0xFF, 2);
	return FRAME;
}

static size_t put_readiness(const struct tt_car *car, uint8_t *out)
{
	unsigned active = 0;

	for (unsigned i = 0; i < car->nspns; i++)
		active += car->spns[i].active;
	memset(out, 0, FRAME);
	out[0] = (uint8_t)active;
	out[1] = (uint8_t)(car->nspns - active);
	out[2] = 20; /* heavy-duty OBD */
	out[3] = 7;
	return FRAME;
}

static size_t put_vin(const struct tt_car *car, uint8_t *out)
{
	memcpy(out, car->vin, TT_VIN_LEN);
	out[TT_VIN_LEN] = '*';
	return TT_VIN_LEN + 1;
}

static void begin(struct tt_truck *t, uint32_t pgn, uint8_t dest)
{
	const struct tt_j1939_id id = {.pgn = pgn, .priority = PRIORITY, .source = ENGINE, .dest = dest};
	size_t len;

	if (pgn == TT_PGN_VIN)
		len = put_vin(t->car, t->payload);
	else if (pgn == TT_PGN_DM5)
		len = put_readiness(t->car, t->payload);
	else
		len = put_codes(t->car, pgn == TT_PGN_DM1, t->payload);
	TT_ASSERT(tt_j1939_send(&t->send, &id, t->payload, len) == TT_OK);
}

void tt_truck_init(struct tt_truck *t, const struct tt_car *car, tt_mono_us now_us)
{
	static const struct tt_j1939_send_config config = {.bus = 0};

	memset(t, 0, sizeof(*t));
	t->car = car;
	tt_j1939_send_init(&t->send, &config);
	for (unsigned i = 0; i < TT_TRUCK_PERIODIC; i++)
		t->due_us[i] = now_us + periodic[i].phase_us;
}

static bool quiet(const struct tt_truck *t)
{
	return t->car->bus_silent || (t->car->ignition == TT_CAR_OFF && t->car->off_for_us > ASLEEP_AFTER_US);
}

void tt_truck_feed(struct tt_truck *t, tt_mono_us now_us, const struct tt_can_frame *in)
{
	struct tt_j1939_id id;
	uint32_t pgn;

	tt_j1939_send_feed(&t->send, now_us, in);
	if (!tt_j1939_split(in, &id) || id.pgn != TT_PGN_REQUEST || in->len < 3 || (id.dest != ENGINE && id.dest != TT_J1939_GLOBAL))
		return;
	t->requests++;
	pgn = tt_j1939_pgn_at(in->data);
	if (quiet(t) || t->nowed == TT_TRUCK_ANSWERS || (pgn != TT_PGN_VIN && pgn != TT_PGN_DM2 && pgn != TT_PGN_DM5))
		return;
	t->owed[t->nowed].pgn = pgn;
	t->owed[t->nowed++].dest = id.dest == TT_J1939_GLOBAL ? TT_J1939_GLOBAL : id.source;
}

static bool next_periodic(struct tt_truck *t, tt_mono_us now_us, struct tt_can_frame *out)
{
	struct tt_j1939_id id = {.priority = PRIORITY, .source = ENGINE, .dest = TT_J1939_GLOBAL};
	uint8_t data[FRAME];

	for (unsigned i = 0; i < TT_TRUCK_PERIODIC; i++) {
		if (t->due_us[i] > now_us)
			continue;
		if (periodic[i].pgn == TT_PGN_DM1 && tt_j1939_send_result(&t->send) == TT_J1939_SEND_BUSY && !quiet(t))
			continue; /* goes when the transport is free */
		t->due_us[i] += periodic[i].period_us * ((now_us - t->due_us[i]) / periodic[i].period_us + 1);
		if (quiet(t))
			continue;
		if (periodic[i].pgn == TT_PGN_DM1) {
			begin(t, TT_PGN_DM1, TT_J1939_GLOBAL);
			continue;
		}
		id.pgn = periodic[i].pgn;
		put_parameters(t->car, id.pgn, data);
		tt_j1939_frame(&id, 0, data, FRAME, out);
		return true;
	}
	return false;
}

bool tt_truck_next_tx(struct tt_truck *t, tt_mono_us now_us, struct tt_can_frame *out)
{
	if (next_periodic(t, now_us, out))
		return true;
	if (t->nowed > 0 && tt_j1939_send_result(&t->send) != TT_J1939_SEND_BUSY) {
		begin(t, t->owed[0].pgn, t->owed[0].dest);
		t->nowed--;
		memmove(t->owed, t->owed + 1, t->nowed * sizeof(t->owed[0]));
	}
	return tt_j1939_send_next_tx(&t->send, now_us, out);
}

tt_mono_us tt_truck_wake_at(const struct tt_truck *t)
{
	const bool busy = tt_j1939_send_result(&t->send) == TT_J1939_SEND_BUSY;
	tt_mono_us at_us = t->nowed > 0 && !busy ? 0 : tt_j1939_send_wake_at(&t->send);

	for (unsigned i = 0; i < TT_TRUCK_PERIODIC; i++) {
		if (periodic[i].pgn != TT_PGN_DM1 || !busy)
			at_us = tt_min_i64(at_us, t->due_us[i]);
	}
	return at_us;
}
