#include "firmware/agent/remote_car.h"

static bool standing(int32_t mm_s)
{
	return mm_s <= TT_COMMAND_STANDING_MM_S && mm_s >= -TT_COMMAND_STANDING_MM_S;
}

static void look(struct tt_remote_car *c, tt_mono_us at_us)
{
	const bool fresh = c->speed_seen && at_us - c->speed_us <= TT_REMOTE_FRESH_US;

	if (c->ignition == TT_COMMAND_IGNITION_ON || (fresh && !standing(c->speed_mm_s)))
		c->parked = false;
	else if (c->ignition == TT_COMMAND_IGNITION_OFF && fresh)
		c->parked = true;
}

void tt_remote_car_speed(struct tt_remote_car *c, tt_mono_us at_us, int32_t mm_s)
{
	c->speed_seen = true;
	c->speed_us = at_us;
	c->speed_mm_s = mm_s;
	look(c, at_us);
}

void tt_remote_car_engine(struct tt_remote_car *c, tt_mono_us at_us, bool running)
{
	c->engine_running = running;
	c->engine_us = at_us;
}

void tt_remote_car_ignition(struct tt_remote_car *c, tt_mono_us at_us, enum tt_command_ignition ignition)
{
	if (ignition == c->ignition)
		return;
	if (ignition == TT_COMMAND_IGNITION_OFF && !c->parked)
		c->off_since_us = at_us; /* a bus that slept and woke is the same stop */
	c->ignition = ignition;
	look(c, at_us);
}

void tt_remote_car_gps(struct tt_remote_car *c, tt_mono_us at_us, uint32_t mm_s)
{
	c->fix_us = at_us;
	c->fix_moves = mm_s > TT_REMOTE_GPS_MOVES_MM_S;
	if (c->fix_moves)
		c->parked = false;
}

bool tt_remote_car_moves(const struct tt_remote_car *c, tt_mono_us now_us)
{
	if (c->speed_seen && now_us - c->speed_us <= TT_REMOTE_FRESH_US)
		return !standing(c->speed_mm_s);
	return c->fix_moves && now_us - c->fix_us <= TT_REMOTE_FIX_FRESH_US;
}

void tt_remote_car_tell(const struct tt_remote_car *c, tt_mono_us now_us, struct tt_command_situation *s)
{
	const bool fresh = c->speed_seen && now_us - c->speed_us <= TT_REMOTE_FRESH_US;

	s->speed_known = fresh || c->parked;
	s->speed_mm_s = fresh ? c->speed_mm_s : 0;
	s->ignition = c->ignition == TT_COMMAND_IGNITION_UNKNOWN && c->parked ? TT_COMMAND_IGNITION_OFF : c->ignition;
	s->off_for_us = s->ignition == TT_COMMAND_IGNITION_OFF ? now_us - c->off_since_us : 0;
	/* With the ignition off an old word about the engine says nothing any more. */
	s->engine_running = c->engine_running && (now_us - c->engine_us <= TT_REMOTE_FRESH_US || s->ignition != TT_COMMAND_IGNITION_OFF);
}
