/*
 * DBC text in pieces, and the one database and plan that a test of the dbc files works on.
 *
 * Memory: static, anew for each text: what was read before is gone.
 */
#ifndef TT_TESTS_UNIT_FIRMWARE_PROTO_DBC_PARTS_H
#define TT_TESTS_UNIT_FIRMWARE_PROTO_DBC_PARTS_H

#include "firmware/proto/dbc_plan.h"

#define LINE(text) text "\n"
#define BO LINE("BO_ 1 A: 8 X")
#define SG_OF(name, mux, place, scaling, range) " SG_ " name " " mux ": " place " " scaling " " range " \"\" X\n"
#define SG(name, mux, place) SG_OF(name, mux, place, "(1,0)", "[0|0]")
#define S8 SG("S", "", "0|8@1+")
/* Of message 1. */
#define MUL_VAL(signal, mux, ranges) LINE("SG_MUL_VAL_ 1 " signal " " mux " " ranges ";")
/* S is there with M 0; N stands beside them. */
#define MUXED BO SG("M", "M", "0|8@1+") SG("N", "", "8|8@1+") SG("S", "m0", "16|8@1+")

enum { HEARD_MAX = 64, TEXT_MAX = 1 << 16, PARTS_MEMORY = 1 << 20 };

extern uint8_t parts_memory[PARTS_MEMORY]; /* of the database; aligned for everything */
extern uint8_t plan_memory[PARTS_MEMORY];
extern struct tt_dbc dbc;
extern struct tt_dbc_plan plan;
extern struct tt_dbc_fault heard[HEARD_MAX]; /* what the last text was told for */
extern size_t nheard;

/* Given to whoever tells faults: they are heard. */
void hear(void *ctx, const struct tt_dbc_fault *fault);
/* Into an arena of the size that is counted for it. */
void read_bytes(const char *text, size_t len);
void read_text(const char *text);
TT_MUSTCHECK enum tt_err parse_text(const char *text, struct tt_dbc_fault *fault);
/* A file of the repository: its text stays until the next one. */
const char *file_text(const char *name, size_t *len);
/* A file without a fault. */
void load(const char *name);

/* The plan of the database as it stands. */
void build(unsigned flags);
void compile(const char *text, unsigned flags);

struct tt_dbc_signal *signal_of(uint32_t message, const char *name);
/* What lies behind the frame's data must not matter, and is not zero. */
struct tt_can_frame frame(uint32_t key, const char *hex);

#endif
