/* Frames for the gate's tests, and how many of one kind it lets through at once. */
#ifndef TT_TESTS_UNIT_FIRMWARE_PROTO_GATE_BENCH_H
#define TT_TESTS_UNIT_FIRMWARE_PROTO_GATE_BENCH_H

#include "firmware/proto/gate.h"

#define FRAME(id_, ...) \
	((struct tt_can_frame){ \
		.id = (id_), .extended = (id_) > 0x7FF, .len = sizeof((const uint8_t[]){__VA_ARGS__}), .data = {__VA_ARGS__}})

/* How many pass before one does not, which must be for the reason `then`. */
unsigned burst(struct tt_gate *g, tt_mono_us now_us, const struct tt_can_frame *f, enum tt_gate_verdict then);

#endif
