/* Both ends of the J1939 transport protocol for its tests; frames as they stand on the wire, in hexadecimal. Time is the test's. */
#ifndef TT_TESTS_UNIT_FIRMWARE_PROTO_J1939_BENCH_H
#define TT_TESTS_UNIT_FIRMWARE_PROTO_J1939_BENCH_H

#include "firmware/proto/j1939_tp.h"

enum { US = 0xF9 };

extern struct tt_j1939_tp tp;
extern struct tt_j1939_message msg; /* the last one that was put together */
extern tt_mono_us now;

/* Fixtures: without an address, and with ours. */
int listener(void **state);
int responder(void **state);

struct tt_can_frame frame(uint32_t id, const char *hex);
/* True when that made a message. */
bool hear(uint32_t id, const char *hex);
/* The next frame that we owe is this one. */
void owes(uint32_t id, const char *hex);
void owes_nothing(void);

#endif
