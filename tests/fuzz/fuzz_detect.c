/*
 * The detection cores under any sequence of inputs: bytes choose what the car says next and how much time passes. They must stay within
 * their bounds, and say each thing in order: no supplement without an alert, no trip end without a start, nothing cleared that was not
 * raised.
 */
#include "firmware/proto/crash.h"
#include "firmware/proto/fault_watch.h"
#include "firmware/proto/odometer.h"
#include "firmware/proto/trip.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct tt_crash crash;
	struct tt_trip trip;
	struct tt_odometer odometer;
	struct tt_fault_watch faults;
	bool alerted, driving;
	int raised;
	int64_t metres;
};

static void say(struct world *w, tt_mono_us now, uint8_t what, uint8_t arg)
{
	const uint16_t codes[2] = {(uint16_t)(arg & 3), (uint16_t)(arg >> 2 & 3)};

	switch (what % 8) {
	case 0:
		tt_crash_speed(&w->crash, now, arg * 200);
		tt_trip_speed(&w->trip, now, arg * 200);
		break;
	case 1:
		tt_crash_accel(&w->crash, now, arg & 1, (arg - 128) * 2000);
		break;
	case 2:
		tt_crash_airbag(&w->crash, now, arg >> 1, arg & 1);
		break;
	case 3:
		tt_trip_ignition(&w->trip, now, (enum tt_ignition)(arg % 3));
		break;
	case 4:
		tt_odometer_reading(&w->odometer, now, (enum tt_odometer_source)(1 + arg % 2), arg * INT64_C(10007));
		break;
	case 5:
		tt_fault_watch_codes(&w->faults, now, 0x7E8U + (arg >> 6), (enum tt_fault_status)(1 << (arg >> 4) % 3), codes,
				     arg >> 3 & 1 ? 2 : 0);
		break;
	case 6:
		tt_fault_watch_lamp(&w->faults, now, 0x7E8U + (arg >> 6), arg & 1);
		break;
	default:
		tt_crash_impact(&w->crash, now, arg & 1);
		tt_crash_rollover(&w->crash, now, arg & 2);
		tt_crash_fuel_cut_off(&w->crash, now, arg & 4);
		break;
	}
}

static void listen(struct world *w, tt_mono_us now)
{
	struct tt_crash_event crash;
	struct tt_trip_event trip;
	struct tt_fault_event fault;

	tt_crash_tick(&w->crash, now);
	while (tt_crash_next(&w->crash, now, &crash)) {
		TT_ASSERT(!crash.supplement || w->alerted);
		TT_ASSERT(crash.trigger != TT_CRASH_NONE && crash.delta_v_mm_s >= 0);
		TT_ASSERT(crash.events >= 1 && crash.events <= TT_CRASH_EVENTS_MAX && crash.evidence != 0);
		w->alerted = true;
	}
	tt_trip_tick(&w->trip, now);
	while (tt_trip_next(&w->trip, &trip)) {
		TT_ASSERT((trip.change == TT_TRIP_END) == w->driving && trip.at_us <= now);
		TT_ASSERT(trip.duration_s < 1000000000);
		w->driving = !w->driving;
	}
	while (tt_fault_watch_next(&w->faults, now, &fault)) {
		w->raised += fault.change == TT_FAULT_RAISED ? 1 : fault.change == TT_FAULT_CLEARED ? -1 : 0;
		TT_ASSERT(w->raised >= 0 && w->raised <= TT_FAULTS);
		TT_ASSERT((fault.status == 0) == (fault.change == TT_FAULT_CLEARED));
	}
	TT_ASSERT(tt_odometer_value(&w->odometer) >= w->metres);
	w->metres = tt_odometer_value(&w->odometer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	tt_mono_us now = TT_SEC(1000);

	memset(&w, 0, sizeof(w));
	tt_crash_init(&w.crash, &TT_CRASH_DEFAULT);
	tt_trip_init(&w.trip, &TT_TRIP_DEFAULT);
	tt_odometer_init(&w.odometer, 1000);
	tt_fault_watch_init(&w.faults, &TT_FAULT_DEFAULT);
	for (size_t i = 0; i + 2 < size; i += 3) {
		now += data[i] < 200 ? data[i] * TT_MS(1) : (data[i] - 199) * TT_SEC(15);
		say(&w, now, data[i + 1], data[i + 2]);
		listen(&w, now);
	}
	return 0;
}
