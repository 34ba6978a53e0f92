/*
 * A capture put together again from its parts (CapturePart): what each signal was, and when, around a trigger.
 *
 * Parts may come in any order and more than once; what is missing is told. No I/O. Memory: the capture owns all of its own. Threads: one
 * capture, one thread.
 */
#ifndef TT_WIRE_CAPTURED_H
#define TT_WIRE_CAPTURED_H

#include "wire/chunk.h"
#include "wire/envelope.h"

enum { TT_CAPTURED_PARTS = 999, TT_CAPTURED_SAMPLES_MAX = 1 << 20 };

struct tt_captured; /* opaque */

struct tt_captured_facts {
	uint64_t capture, incident;
	Telltale__V1__CaptureReason reason;
	tt_utc_us trigger_at_us;
	uint32_t parts;           /* of different numbers, the closing word after a restart not counted */
	uint32_t missing;         /* numbers below the highest, or the last, that did not come */
	bool ended;               /* the last part is there, or the closing word */
	bool complete;            /* ended, nothing missing, not cut off */
	uint32_t events;          /* impacts, the most that any part tells */
	uint32_t second_event_ms; /* from the first impact to the second; 0 = not told */
	uint32_t lost;            /* samples the unit could not keep, as the part that tells most says */
	int32_t from_ms, to_ms;   /* stretch that the parts cover, against the trigger */
};

struct tt_captured_sample {
	int32_t at_ms; /* against the trigger */
	int64_t value; /* scaled as in signals.def */
};

/* TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_captured_create(struct tt_captured **out);
void tt_captured_destroy(struct tt_captured *c); /* NULL is fine */
/*
 * One part, already within its bounds (tt_envelope_decode). A number that is there already is passed over (TT_OK). TT_EINVAL: of another
 * capture than the first; TT_EPROTO: its samples cannot be read; TT_ERANGE: more than TT_CAPTURED_SAMPLES_MAX; TT_ENOMEM. After an error
 * the capture is as before.
 */
TT_MUSTCHECK enum tt_err tt_captured_add(struct tt_captured *c, const Telltale__V1__CapturePart *part);
void tt_captured_facts(const struct tt_captured *c, struct tt_captured_facts *out);
/* Whether the profile maps the signal at all; false too while part 1 is missing. */
bool tt_captured_mapped(const struct tt_captured *c, uint16_t signal);
/* A signal's samples in order of time; returns how many. They hold until the next tt_captured_add. */
size_t tt_captured_samples(struct tt_captured *c, uint16_t signal, const struct tt_captured_sample **out);

#endif
