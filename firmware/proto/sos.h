/*
 * The SOS button: debounced level (a signal on the bus) or pulses (bytes from an input), at most one alert per press. PURE.
 *
 * A level counts when it stayed pressed for debounce_us; a level that is pressed at first sight must be released once before it counts (a
 * stuck button or a wrong mapping is not a call for help, and it is visible as `tt_sos_stuck`). After an alert further presses are
 * swallowed for lockout_us; later presses within incident_us are a repeat of the same incident. Memory: caller owned. Threads: one
 * instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_SOS_H
#define TT_FIRMWARE_PROTO_SOS_H

#include "base/time.h"

struct tt_sos_config {
	int64_t debounce_us;
	int64_t lockout_us;
	int64_t incident_us;
};

/* 50 ms, 5 s, 10 min. */
extern const struct tt_sos_config TT_SOS_DEFAULT;

struct tt_sos {
	struct tt_sos_config cfg;
	bool seen, level, armed, due, incident;
	tt_mono_us level_since_us;
	tt_mono_us due_at_us;
	tt_mono_us alerted_at_us;
};

void tt_sos_init(struct tt_sos *s, const struct tt_sos_config *cfg);
void tt_sos_level(struct tt_sos *s, tt_mono_us now_us, bool pressed);
void tt_sos_pulse(struct tt_sos *s, tt_mono_us now_us);
/* True when an alert is due; *repeat: it belongs to the incident alerted before. */
bool tt_sos_next(struct tt_sos *s, tt_mono_us now_us, bool *repeat);
/* When tt_sos_next should be asked again without new input; TT_NEVER. */
tt_mono_us tt_sos_wake_at(const struct tt_sos *s);
/* Pressed since the first message or for more than a minute. */
bool tt_sos_stuck(const struct tt_sos *s, tt_mono_us now_us);

#endif
