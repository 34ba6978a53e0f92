#include "firmware/proto/power.h"

#include <string.h>

enum {
	ENGINE_FRESH_US = 30000000,
	DRIFT_US_PER_MV = 6000000, /* the reference follows by 10 mV a minute: a battery sags more slowly, a switch is faster */
	HEADROOM_MV = 600,         /* above the floor; with less, check-ins become rarer */
};

const struct tt_power_config TT_POWER_DEFAULT = {
	.ignition = true,
	.grace_us = TT_SEC(10),
	.probe_us = TT_SEC(180),
	.sleep_us = TT_SEC(600),
	.awake_us = TT_SEC(7200),
	.stay_us = TT_SEC(120),
	.linger_us = TT_SEC(30),
	.deep_us = TT_SEC(3600),
	.check_in_us = TT_SEC(3600),
	.check_in_max_us = TT_SEC(86400),
	.sample_us = 0,
	.sample_deep_us = TT_SEC(300),
	.quiet_us = TT_SEC(60),
	.hold_us = TT_SEC(300),
	.hold_max_us = TT_SEC(21600),
	.floor_hold_us = TT_SEC(300),
	.floor_mv = 11600,
	.running_mv = 13200,
	.delta_mv = 300,
};

const char *tt_power_state_name(enum tt_power_state state)
{
	static const char *const names[] = {
		[TT_POWER_DRIVE] = "drive", [TT_POWER_PARKED] = "parked", [TT_POWER_SLEEP] = "sleep", [TT_POWER_DEEP] = "deep_sleep"};

	return names[state];
}

const char *tt_wake_name(enum tt_wake wake)
{
	static const char *const names[TT_WAKES] = {
		[TT_WAKE_NONE] = "none",         [TT_WAKE_BOOT] = "boot",       [TT_WAKE_IGNITION] = "ignition",
		[TT_WAKE_BUS] = "bus",           [TT_WAKE_VOLTAGE] = "voltage", [TT_WAKE_MOVEMENT] = "movement",
		[TT_WAKE_CHECK_IN] = "check_in", [TT_WAKE_ALERT] = "alert",     [TT_WAKE_RESUME] = "resume",
	};

	return names[wake];
}

/* ---- moves ---- */

static void enter(struct tt_power *p, tt_mono_us now_us, enum tt_power_state state)
{
	p->state = state;
	p->since_us = now_us;
}

static bool held_back(enum tt_wake why)
{
	return why == TT_WAKE_BUS || why == TT_WAKE_VOLTAGE || why == TT_WAKE_MOVEMENT;
}

/* What woke us for nothing is not listened to for a while, longer each time. */
static void hold(struct tt_power *p, tt_mono_us now_us)
{
	const int64_t pause_us = p->holds[p->wake].pause_us;

	if (!held_back(p->wake))
		return;
	p->holds[p->wake].pause_us = pause_us == 0 ? p->cfg.hold_us : tt_min_i64(2 * pause_us, p->cfg.hold_max_us);
	p->holds[p->wake].until_us = now_us + p->holds[p->wake].pause_us;
}

/* The car runs: all is as after a drive. */
static void forget(struct tt_power *p)
{
	memset(p->holds, 0, sizeof(p->holds));
	p->check_ins = 0;
	p->below_floor = false;
	p->under_us = TT_NEVER;
}

static void count(struct tt_power *p, enum tt_wake why)
{
	p->wake = why;
	p->wakes[why]++;
}

static void drive(struct tt_power *p, tt_mono_us now_us, enum tt_wake why)
{
	if (p->state == TT_POWER_DRIVE)
		return;
	count(p, why);
	p->woken = false;
	p->life_us = now_us;
	enter(p, now_us, TT_POWER_DRIVE);
}

static void park(struct tt_power *p, tt_mono_us now_us)
{
	p->driven_us = p->life_us = now_us;
	enter(p, now_us, TT_POWER_PARKED);
}

static void wake(struct tt_power *p, tt_mono_us now_us, enum tt_wake why)
{
	count(p, why);
	p->woken = true;
	enter(p, now_us, TT_POWER_PARKED);
}

static void fall_asleep(struct tt_power *p, tt_mono_us now_us)
{
	if (p->woken)
		hold(p, now_us);
	p->asleep_us = now_us;
	p->base_mv = p->mv;
	enter(p, now_us, p->below_floor || now_us - p->life_us >= p->cfg.deep_us ? TT_POWER_DEEP : TT_POWER_SLEEP);
}

/* Bus, voltage, movement: a sign of life. It wakes a sleeper, and starts a probe where the ignition is not known. */
static void stir(struct tt_power *p, tt_mono_us now_us, enum tt_wake why)
{
	if (now_us < p->holds[why].until_us || p->below_floor)
		return;
	p->life_us = now_us;
	if (!p->cfg.ignition)
		drive(p, now_us, why);
	else if (tt_power_asleep(p))
		wake(p, now_us, why);
}

/* The car is seen to run. Where it tells its ignition, that counts and nothing else. */
static void runs(struct tt_power *p, tt_mono_us now_us, enum tt_wake why)
{
	if (p->cfg.ignition)
		return;
	forget(p);
	drive(p, now_us, why);
	p->runs_us = now_us;
}

void tt_power_init(struct tt_power *p, const struct tt_power_config *cfg, tt_mono_us now_us)
{
	*p = (struct tt_power){.cfg = *cfg,
			       .driven_us = TT_NEVER,
			       .traffic_us = TT_NEVER,
			       .engine_us = TT_NEVER,
			       .under_us = TT_NEVER,
			       .sampled_us = now_us - cfg->sample_us,
			       .life_us = now_us,
			       .alert_us = now_us,
			       .runs_us = now_us};
	count(p, TT_WAKE_BOOT);
	/* a unit that starts is most often started by the car: without an ignition it may see for itself */
	enter(p, now_us, cfg->ignition ? TT_POWER_PARKED : TT_POWER_DRIVE);
}

/* ---- what happens ---- */

void tt_power_ignition(struct tt_power *p, tt_mono_us now_us, enum tt_ignition ignition)
{
	if (ignition == p->ignition || !p->cfg.ignition)
		return;
	p->ignition = ignition;
	if (ignition == TT_IGNITION_ON) {
		forget(p);
		drive(p, now_us, TT_WAKE_IGNITION);
	} else if (p->state == TT_POWER_DRIVE) {
		park(p, now_us);
	}
}

void tt_power_traffic(struct tt_power *p, tt_mono_us now_us)
{
	const bool begins = p->traffic_us == TT_NEVER || now_us - p->traffic_us >= p->cfg.quiet_us;

	p->traffic_us = now_us;
	if (begins)
		stir(p, now_us, TT_WAKE_BUS);
	else if (p->state == TT_POWER_PARKED)
		p->life_us = now_us;
}

static bool engine_known(const struct tt_power *p, tt_mono_us now_us)
{
	return p->engine_us != TT_NEVER && now_us - p->engine_us <= ENGINE_FRESH_US;
}

/* True when what was below the floor has just come back. */
static bool look_at_floor(struct tt_power *p, tt_mono_us now_us, int32_t mv)
{
	const int32_t back_mv = p->cfg.floor_mv + (p->below_floor ? p->cfg.delta_mv : 0);

	if (mv >= back_mv || p->state == TT_POWER_DRIVE) {
		const bool came_back = p->below_floor;

		p->under_us = TT_NEVER;
		p->below_floor = false;
		return came_back;
	}
	if (p->under_us == TT_NEVER)
		p->under_us = now_us;
	p->below_floor = p->below_floor || now_us - p->under_us >= p->cfg.floor_hold_us;
	return false;
}

void tt_power_voltage(struct tt_power *p, tt_mono_us now_us, int32_t mv)
{
	const int64_t drift_mv = (now_us - p->sampled_us) / DRIFT_US_PER_MV;
	const int32_t off_mv = p->base_mv == 0 ? 0 : mv - p->base_mv;
	const bool changed = off_mv >= p->cfg.delta_mv || off_mv <= -p->cfg.delta_mv;
	const bool rose = p->cfg.running_mv > 0 && mv >= p->cfg.running_mv;

	p->mv = mv;
	p->sampled_us = now_us;
	if (look_at_floor(p, now_us, mv) && tt_power_asleep(p))
		wake(p, now_us, TT_WAKE_VOLTAGE);
	if (p->base_mv == 0 || changed || p->state == TT_POWER_DRIVE)
		p->base_mv = mv;
	else
		p->base_mv += (int32_t)(off_mv > 0 ? tt_min_i64(off_mv, drift_mv) : -tt_min_i64(-off_mv, drift_mv));
	if (rose && !engine_known(p, now_us) && (p->state == TT_POWER_DRIVE || changed))
		runs(p, now_us, TT_WAKE_VOLTAGE);
	if (changed)
		stir(p, now_us, TT_WAKE_VOLTAGE);
}

void tt_power_no_voltage(struct tt_power *p, tt_mono_us now_us)
{
	p->sampled_us = now_us;
}

void tt_power_engine(struct tt_power *p, tt_mono_us now_us, bool turning)
{
	p->engine_us = now_us;
	if (turning)
		runs(p, now_us, TT_WAKE_BUS);
}

void tt_power_moving(struct tt_power *p, tt_mono_us now_us)
{
	runs(p, now_us, TT_WAKE_MOVEMENT);
	stir(p, now_us, TT_WAKE_MOVEMENT);
}

void tt_power_alert(struct tt_power *p, tt_mono_us now_us)
{
	if (tt_power_asleep(p))
		wake(p, now_us, TT_WAKE_ALERT);
	p->alert_us = now_us;
}

void tt_power_resumed(struct tt_power *p, tt_mono_us now_us)
{
	if (tt_power_asleep(p) && !p->below_floor)
		wake(p, now_us, now_us >= tt_power_check_in_at(p) ? TT_WAKE_CHECK_IN : TT_WAKE_RESUME);
}

/* ---- time ---- */

/* Doubled with each check-in since the drive, and with half and a quarter of the headroom above the floor. */
static int64_t check_in_interval(const struct tt_power *p)
{
	int64_t interval = p->cfg.check_in_us;
	const int32_t headroom_mv = p->mv - p->cfg.floor_mv;

	for (unsigned i = 0; i < p->check_ins && interval < p->cfg.check_in_max_us; i++)
		interval *= 2;
	if (p->mv > 0 && headroom_mv < HEADROOM_MV)
		interval *= headroom_mv < HEADROOM_MV / 2 ? 4 : 2;
	return tt_min_i64(interval, p->cfg.check_in_max_us);
}

tt_mono_us tt_power_check_in_at(const struct tt_power *p)
{
	return tt_power_asleep(p) && !p->below_floor && p->cfg.check_in_us > 0 ? p->asleep_us + check_in_interval(p) : TT_NEVER;
}

static tt_mono_us later(tt_mono_us x, tt_mono_us y)
{
	return x > y ? x : y;
}

static tt_mono_us sleep_at(const struct tt_power *p)
{
	if (p->below_floor || (p->woken && !held_back(p->wake)))
		return later(p->since_us, p->alert_us) + p->cfg.linger_us;
	if (p->woken)
		return later(p->since_us + p->cfg.stay_us, p->alert_us + p->cfg.linger_us);
	return tt_min_i64(p->life_us + p->cfg.sleep_us, later(p->since_us, p->alert_us) + p->cfg.awake_us);
}

/* When the present state ends by itself. */
static tt_mono_us ends_at(const struct tt_power *p)
{
	switch (p->state) {
	case TT_POWER_DRIVE:
		if (p->cfg.ignition)
			return TT_NEVER;
		return later(p->runs_us, p->since_us) + p->cfg.probe_us;
	case TT_POWER_PARKED:
		return sleep_at(p);
	case TT_POWER_SLEEP:
		return p->below_floor ? p->since_us : p->life_us + p->cfg.deep_us;
	case TT_POWER_DEEP:
		break;
	}
	return TT_NEVER;
}

void tt_power_tick(struct tt_power *p, tt_mono_us now_us)
{
	if (now_us >= tt_power_check_in_at(p)) {
		wake(p, now_us, TT_WAKE_CHECK_IN);
		p->check_ins++;
		return;
	}
	if (now_us < ends_at(p))
		return;
	if (p->state == TT_POWER_DRIVE) {
		if (p->runs_us < p->since_us)
			hold(p, now_us); /* the probe found nothing */
		park(p, now_us);
	} else if (p->state == TT_POWER_PARKED) {
		fall_asleep(p, now_us);
	} else {
		enter(p, now_us, TT_POWER_DEEP);
	}
}

static tt_mono_us sample_at(const struct tt_power *p)
{
	if (p->cfg.sample_us == 0)
		return TT_NEVER;
	return p->sampled_us + (p->state == TT_POWER_DEEP ? p->cfg.sample_deep_us : p->cfg.sample_us);
}

bool tt_power_sample_due(const struct tt_power *p, tt_mono_us now_us)
{
	return now_us >= sample_at(p);
}

tt_mono_us tt_power_wake_at(const struct tt_power *p)
{
	return tt_min_i64(tt_min_i64(ends_at(p), tt_power_check_in_at(p)), sample_at(p));
}

bool tt_power_may_ask(const struct tt_power *p, tt_mono_us now_us)
{
	if (p->state == TT_POWER_DRIVE)
		return true;
	return p->ignition == TT_IGNITION_OFF && p->driven_us != TT_NEVER && now_us - p->driven_us < p->cfg.grace_us;
}
