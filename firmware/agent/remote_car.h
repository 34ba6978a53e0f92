/*
 * What a command must know of the car: how fast, ignition, engine, for how long off. PURE.
 *
 * The speed is known while a value is fresh. A parked car's bus falls asleep and says nothing more, so one more state is kept: parked, from
 * the moment in which the ignition is off and the last fresh speed was zero, until anything says otherwise: ignition on, a speed, or the
 * satellites seeing it move. A unit that starts on a sleeping bus does not know that the car is parked, and refuses.
 *
 * Memory: the caller's. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_REMOTE_CAR_H
#define TT_FIRMWARE_AGENT_REMOTE_CAR_H

#include "firmware/proto/command.h"

enum { TT_REMOTE_FRESH_US = 2000000, TT_REMOTE_FIX_FRESH_US = 5000000, TT_REMOTE_GPS_MOVES_MM_S = 3000 };

struct tt_remote_car {
	bool speed_seen;
	tt_mono_us speed_us;
	int32_t speed_mm_s;
	bool engine_running;
	tt_mono_us engine_us;
	enum tt_command_ignition ignition;
	bool fix_moves; /* the last good fix saw it move */
	tt_mono_us fix_us;
	bool parked;
	tt_mono_us off_since_us; /* while the ignition is off, or parked */
};

void tt_remote_car_speed(struct tt_remote_car *c, tt_mono_us at_us, int32_t mm_s);
void tt_remote_car_engine(struct tt_remote_car *c, tt_mono_us at_us, bool running);
/* Call as often as wanted; a change counts. */
void tt_remote_car_ignition(struct tt_remote_car *c, tt_mono_us at_us, enum tt_command_ignition ignition);
/* A good fix's speed over ground. */
void tt_remote_car_gps(struct tt_remote_car *c, tt_mono_us at_us, uint32_t mm_s);
/* It is known to move: by a fresh speed, or, where the bus gives none, by a fresh fix. */
bool tt_remote_car_moves(const struct tt_remote_car *c, tt_mono_us now_us);
/* Fills speed, ignition, off_for_us and engine_running. */
void tt_remote_car_tell(const struct tt_remote_car *c, tt_mono_us now_us, struct tt_command_situation *s);

#endif
