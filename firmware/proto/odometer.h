/*
 * The odometer: one trustworthy reading out of OBD PID A6 and broadcast signals, and when to report it. PURE.
 *
 * Plausibility: 1 m to 9,999,999 km; never goes down (up to 200 m less is another source's rounding and is ignored, more is refused and
 * counted); grows at most 100 m/s since the last reading plus 1 km; a larger jump, and the first broadcast value, must be confirmed by
 * further readings that agree with it. A6 answers are request and response with the ECU, so their first value counts at once. Memory:
 * Between readings, and where the car gives none, the way counted from speed or GPS (tt_odometer_moved) goes on from the last value once no
 * reading came for 15 s. The value told never goes backwards: a reading below it waits until it has caught up. Uncertainty: the reading's
 * resolution (A6 100 m, a broadcast 1 km) and 3 % of what was counted.
 * Memory: caller owned. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_ODOMETER_H
#define TT_FIRMWARE_PROTO_ODOMETER_H

#include "base/time.h"

#include <stdint.h>

enum tt_odometer_source { /* the wire's OdometerSource */
			  TT_ODOMETER_NONE = 0,
			  TT_ODOMETER_A6 = 1,
			  TT_ODOMETER_BROADCAST = 2,
			  TT_ODOMETER_GPS = 3,   /* no reading ever */
			  TT_ODOMETER_FUSED = 4, /* a reading, and what was counted since */
};

struct tt_odometer {
	int64_t report_every_m;
	bool known;
	int64_t value_m;    /* the last reading, or where counting began */
	int64_t counted_um; /* since then */
	bool counting;      /* no reading for so long that what was counted is part of the value */
	int64_t told_m;     /* highest value that was seen */
	enum tt_odometer_source source;
	tt_mono_us at_us;
	bool reported;
	int64_t reported_m;
	int64_t candidate_m;
	unsigned candidate_count;
	uint32_t refused; /* readings that were not plausible */
};

/* report_every_m: at least 1. */
void tt_odometer_init(struct tt_odometer *o, int64_t report_every_m);
void tt_odometer_reading(struct tt_odometer *o, tt_mono_us now_us, enum tt_odometer_source source, int64_t value_m);
/* The car moved on by so many micrometres, as speed or GPS say. */
void tt_odometer_moved(struct tt_odometer *o, tt_mono_us now_us, int64_t um);
/* Where a car without an odometer on its bus begins; no effect once a value is known. */
void tt_odometer_begin(struct tt_odometer *o, tt_mono_us now_us, int64_t value_m);
/* GPS or FUSED while counting; how much of the value was counted, and how far the truth may be away (0 = nothing known). */
enum tt_odometer_source tt_odometer_source(const struct tt_odometer *o);
int64_t tt_odometer_estimated(const struct tt_odometer *o);
int64_t tt_odometer_uncertainty(const struct tt_odometer *o);
/* A report is due: the first known value, or report_every_m further. */
bool tt_odometer_due(const struct tt_odometer *o);
/* The value was reported (also with a trip's end). */
void tt_odometer_reported(struct tt_odometer *o);
/* Known and changed since the last report: worth a report at a trip's end. */
bool tt_odometer_changed(const struct tt_odometer *o);
/* Metres, 0 = unknown. */
int64_t tt_odometer_value(const struct tt_odometer *o);

#endif
