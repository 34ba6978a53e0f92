/*
 * One link of ISO-TP for its tests, tester 7E0 / ECU 7E8 with 0xCC padding: a script of what the peer sends and what must come out, frames
 * in hexadecimal. Time is the test's.
 */
#ifndef TT_TESTS_UNIT_FIRMWARE_PROTO_ISOTP_BENCH_H
#define TT_TESTS_UNIT_FIRMWARE_PROTO_ISOTP_BENCH_H

#include "firmware/proto/isotp.h"

struct bench {
	struct tt_isotp link;
	uint8_t buf[TT_ISOTP_MAX];
	tt_mono_us now;
};

void start(struct bench *b, struct tt_isotp_config config, size_t cap);
void peer(struct bench *b, const char *hex);
void expect_frame(struct bench *b, const char *hex);
void expect_no_frame(struct bench *b);
struct tt_isotp_event expect_event(struct bench *b, enum tt_isotp_event_kind kind);
void expect_failure(struct bench *b, enum tt_isotp_event_kind kind, enum tt_isotp_failure why);
void expect_quiet(struct bench *b);
void pass(struct bench *b, int64_t us);

#endif
