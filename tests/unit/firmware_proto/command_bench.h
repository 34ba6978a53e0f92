/* A command as it was read, for the tests of the ledger and of the interlocks. */
#ifndef TT_TESTS_UNIT_FIRMWARE_PROTO_COMMAND_BENCH_H
#define TT_TESTS_UNIT_FIRMWARE_PROTO_COMMAND_BENCH_H

#include "firmware/proto/command.h"

/* For unit CAR-7, from second 1000 to second 1300, without arguments. */
struct tt_command command(uint32_t kind, uint64_t id, uint64_t counter);

#endif
