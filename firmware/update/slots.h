/*
 * Which of the agent's programs is to run: the packaged one or one of two slots that updates fill in turn. PURE.
 *
 * An update goes into the slot that is not in use and is tried: `tt_slots_start` counts each start of it and hands out the good one again
 * when the tries are used up; `tt_slots_confirm` makes it the good one once the agent is healthy. Sequence numbers only rise: what was
 * rolled back, or is older than what runs, is never staged again. Source: design of A/B updates (peers: OVMS partitions), issue 3.
 *
 * Memory: the caller's struct. Threads: no shared state.
 */
#ifndef TT_FIRMWARE_UPDATE_SLOTS_H
#define TT_FIRMWARE_UPDATE_SLOTS_H

#include "base/err.h"

#include <stdint.h>

enum { TT_SLOT_TRIES = 3, TT_SLOT_VERSION = 32, TT_SLOT_SUM = 32 };

enum tt_slot { TT_SLOT_PACKAGED, TT_SLOT_A, TT_SLOT_B, TT_SLOTS };

/* "packaged", "a", "b". */
const char *tt_slot_name(enum tt_slot slot);

struct tt_slot_program {
	enum tt_slot slot;
	uint64_t sequence; /* 0 = the packaged one */
	char version[TT_SLOT_VERSION];
	uint8_t sha256[TT_SLOT_SUM]; /* of the program's file; nothing for the packaged one */
};

struct tt_slots {
	struct tt_slot_program good;
	struct tt_slot_program trial; /* slot TT_SLOT_PACKAGED = none */
	unsigned tries;               /* starts the trial has left */
	uint64_t refused;             /* highest sequence that failed its trial */
};

/* A fresh installation: the packaged program is good. */
struct tt_slots tt_slots_init(void);

/* Where the next update goes: never where the good one is. */
enum tt_slot tt_slots_target(const struct tt_slots *s);

/*
 * The file in tt_slots_target is complete: try it. TT_ECONFLICT: not newer than what is good, on trial or was refused. A trial under way is
 * replaced.
 */
TT_MUSTCHECK enum tt_err tt_slots_stage(struct tt_slots *s, uint64_t sequence, const char *version, const uint8_t sha256[TT_SLOT_SUM]);

/* At every start: what to run. Counts a trial's start; a trial without starts left is given up. Changes s: store it before running. */
const struct tt_slot_program *tt_slots_start(struct tt_slots *s);

/* The program of this slot is healthy. True when that made a trial the good one: store s. */
bool tt_slots_confirm(struct tt_slots *s, enum tt_slot running);

/* The trial's file is not what was staged, or it cannot run: the good one again. */
void tt_slots_give_up(struct tt_slots *s);

/* The good program's file is broken: the packaged one is good. */
void tt_slots_fall_back(struct tt_slots *s);

#endif
