#include "firmware/agent/agent_power.h"

#include "firmware/agent/agent_parts.h"
#include "firmware/agent/profile_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MOVING_MM_S = 2500, /* a fix that stands still claims up to 2 m/s */
	MOVING_FIXES = 3,
	VOLTS_24 = 18000, /* above it a battery is one of 24 V, and everything is compared with half of it */
	SUSPEND_PAUSE_US = 30000000,
	SUSPEND_MIN_S = 10,
	SUSPEND_MAX_S = 86400,
};

/* ---- what feeds it ---- */

static tt_mono_us now_of(struct tt_agent *a, tt_mono_us now_us)
{
	a->power.now_us = now_us > a->power.now_us ? now_us : a->power.now_us;
	return a->power.now_us;
}

void tt_agent_power_frame(struct tt_agent *a, tt_mono_us at_us, bool answer)
{
	a->power.heard_us = at_us > a->power.heard_us ? at_us : a->power.heard_us;
	if (!answer)
		tt_power_traffic(&a->power.core, now_of(a, at_us));
}

static void take_voltage(struct tt_agent *a, tt_mono_us now_us, double mv)
{
	const double of_12 = mv >= VOLTS_24 ? mv / 2 : mv;

	if (of_12 > 1000 && of_12 < VOLTS_24)
		tt_power_voltage(&a->power.core, now_us, (int32_t)lround(of_12));
	else
		tt_power_no_voltage(&a->power.core, now_us); /* no battery reads like that */
}

void tt_agent_power_value(struct tt_agent *a, const struct tt_signal *vss, double value)
{
	const tt_mono_us now = a->power.now_us;

	if (vss == a->power.voltage)
		take_voltage(a, now, value * 1000);
	else if (vss == a->power.engine)
		tt_power_engine(&a->power.core, now, value > 0);
	else if (vss == a->power.speed && value >= 1)
		tt_power_moving(&a->power.core, now);
}

void tt_agent_power_fix(struct tt_agent *a, uint32_t speed_mm_s)
{
	a->power.moving_fixes = speed_mm_s >= MOVING_MM_S ? a->power.moving_fixes + 1 : 0;
	if (a->power.moving_fixes >= MOVING_FIXES)
		tt_power_moving(&a->power.core, now_of(a, tt_mono_now()));
}

void tt_agent_power_alert(struct tt_agent *a, tt_mono_us now_us)
{
	tt_power_alert(&a->power.core, now_of(a, now_us));
}

static void on_movement(void *ctx, int fd, unsigned ready)
{
	struct tt_agent *a = ctx;
	char bytes[256];
	const ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n > 0) {
		tt_power_moving(&a->power.core, now_of(a, tt_mono_now()));
		tt_agent_advance(a, a->power.now_us);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR) || ready & TT_LOOP_HANGUP) {
		tt_log(TT_LOG_ERROR, NULL, "movement.lost", "%s: the input is gone", a->settings->movement_input);
		tt_loop_remove(a->loop, fd);
		close(fd);
		a->power.movement_fd = -1;
	}
}

/* A short text file of the kernel's: one number. */
static bool read_number(const char *path, double *out)
{
	char text[32];
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return tt_profile_number(text, out);
}

static void sample(struct tt_agent *a, tt_mono_us now_us)
{
	double counts;

	if (!tt_power_sample_due(&a->power.core, now_us))
		return;
	if (read_number(a->settings->voltage_file, &counts))
		take_voltage(a, now_us, counts * (double)a->settings->voltage_unit_uv / 1000);
	else
		tt_power_no_voltage(&a->power.core, now_us);
}

/* ---- what its moves do ---- */

/* Without anything else that could tell of a start, the receiver stays on. */
static bool needs_gps(const struct tt_agent *a)
{
	return !a->power.core.cfg.ignition && !a->settings->voltage_file[0];
}

static void go_to_sleep(struct tt_agent *a, tt_mono_us now_us)
{
	tt_agent_chunk(a, now_us);
	if (tt_journal_flush(a->journal) != TT_OK)
		tt_log(TT_LOG_DEBUG, NULL, "journal.flush", "refused; its health says why");
	tt_agent_farewell(a);
	tt_mqtt_leave(a->mqtt);
	if (a->gps && !needs_gps(a))
		tt_gps_rest(a->gps, true);
	a->power.turns_at = tt_loop_turns(a->loop);
	a->power.suspend_at_us = now_us;
}

static void wake_up(struct tt_agent *a)
{
	a->power.woke_us = tt_mono_now();
	a->power.turns_asleep += tt_loop_turns(a->loop) - a->power.turns_at;
	tt_suspend_stop(&a->power.suspend);
	if (a->gps)
		tt_gps_rest(a->gps, false);
	tt_mqtt_return(a->mqtt);
}

static void suspend(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_agent_power *p = &a->power;
	const tt_mono_us check_in_us = tt_power_check_in_at(&p->core);
	const int64_t s = check_in_us == TT_NEVER ? SUSPEND_MAX_S : (check_in_us - now_us) / 1000000;
	enum tt_err err;

	if (p->core.state != TT_POWER_DEEP || !a->settings->suspend_command[0] || p->suspend.pid != 0 || now_us < p->suspend_at_us ||
	    s < SUSPEND_MIN_S)
		return;
	err = tt_suspend_start(&p->suspend, a->settings->suspend_command, s < SUSPEND_MAX_S ? s : SUSPEND_MAX_S);
	p->suspend_at_us = err ? now_us + TT_SEC(3600) : TT_NEVER;
	if (err)
		tt_log(TT_LOG_ERROR, NULL, "suspend.failed", "%s: %s", a->settings->suspend_command, tt_err_text(err));
	p->suspend_fails = err != TT_OK;
}

static void resumed(struct tt_agent *a)
{
	const tt_mono_us now = now_of(a, tt_mono_now());

	sample(a, now); /* the floor first */
	tt_power_resumed(&a->power.core, now);
	tt_agent_advance(a, now);
}

static void on_suspend_done(void *ctx, bool good)
{
	struct tt_agent *a = ctx;

	a->power.suspend_at_us = tt_mono_now() + (good ? SUSPEND_PAUSE_US : TT_SEC(3600));
	a->power.suspend_fails = !good;
	if (good)
		resumed(a);
	else
		tt_log(TT_LOG_ERROR, NULL, "suspend.failed", "%s: says that it failed", a->settings->suspend_command);
}

static void on_resume(void *ctx, int64_t slept_us)
{
	struct tt_agent *a = ctx;

	tt_log(TT_LOG_INFO, NULL, slept_us > 0 ? "resume" : "clock.set", "suspended_us=%lld", (long long)slept_us);
	if (slept_us > 0)
		resumed(a);
}

void tt_agent_power_sent(struct tt_agent *a, bool may_ask)
{
	uint64_t sent = 0;

	for (size_t i = 0; i < a->nbuses; i++)
		sent += a->buses[i]->sent;
	if (!may_ask)
		a->power.sent_unasked += sent - a->power.sent;
	a->power.sent = sent;
}

void tt_agent_power_turn(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_agent_power *p = &a->power;

	now_us = now_of(a, now_us);
	tt_power_ignition(&p->core, now_us, a->vehicle->ignition);
	sample(a, now_us);
	tt_power_tick(&p->core, now_us);
	if (p->core.state != p->acted) {
		const bool was_asleep = p->acted >= TT_POWER_SLEEP;

		tt_log(TT_LOG_INFO, NULL, "power", "state=%s wake=%s mv=%d", tt_power_state_name(p->core.state), tt_wake_name(p->core.wake),
		       (int)p->core.mv);
		p->acted = p->core.state;
		if (tt_power_asleep(&p->core) && !was_asleep)
			go_to_sleep(a, now_us);
		else if (!tt_power_asleep(&p->core) && was_asleep)
			wake_up(a);
	}
	suspend(a, now_us);
}

bool tt_agent_power_may_ask(const struct tt_agent *a, tt_mono_us now_us)
{
	return tt_power_may_ask(&a->power.core, now_us);
}

bool tt_agent_power_may_send(const struct tt_agent *a, enum tt_class cls)
{
	return cls == TT_CLASS_ALERT || !a->power.core.below_floor;
}

bool tt_agent_power_collects(const struct tt_agent *a)
{
	return !tt_power_asleep(&a->power.core) && !a->power.core.below_floor;
}

tt_mono_us tt_agent_power_wake_at(const struct tt_agent *a)
{
	const struct tt_agent_power *p = &a->power;
	const bool suspends = p->core.state == TT_POWER_DEEP && a->settings->suspend_command[0];

	return tt_min_i64(tt_power_wake_at(&p->core), suspends ? p->suspend_at_us : TT_NEVER);
}

uint64_t tt_agent_power_wakeups(const struct tt_agent *a)
{
	return a->power.turns_asleep + (tt_power_asleep(&a->power.core) ? tt_loop_turns(a->loop) - a->power.turns_at : 0);
}

/* ---- life ---- */

static enum tt_err load_movement(struct tt_agent *a, struct tt_errmsg *msg)
{
	const char *path = a->settings->movement_input;

	a->power.movement_fd = -1;
	if (!path[0])
		return TT_OK;
	if (mkfifo(path, 0600) != 0 && errno != EEXIST)
		return tt_errmsg_set(msg, TT_ECONFIG, "movement-input %s: %s", path, strerror(errno));
	a->power.movement_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC); /* for writing too: a FIFO then never ends */
	if (a->power.movement_fd < 0)
		a->power.movement_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (a->power.movement_fd < 0 || tt_loop_add(a->loop, a->power.movement_fd, TT_LOOP_READ, on_movement, a) != TT_OK)
		return tt_errmsg_set(msg, TT_ECONFIG, "movement-input %s: must be a FIFO or a character device that can be read", path);
	return TT_OK;
}

static const struct tt_signal *signal_of(const char *path)
{
	const struct tt_signal *s = tt_signal_by_path(path, strlen(path));

	TT_ASSERT(s != NULL);
	return s;
}

enum tt_err tt_agent_power_load(struct tt_agent *a, struct tt_errmsg *msg)
{
	struct tt_power_config cfg = a->profile.power;
	enum tt_err err;

	cfg.ignition = a->profile.ignition != NULL;
	cfg.grace_us = a->profile.ignition_grace_us;
	cfg.sample_us = a->settings->voltage_file[0] ? TT_SEC(60) : 0;
	a->power.now_us = tt_mono_now();
	tt_power_init(&a->power.core, &cfg, a->power.now_us);
	a->power.acted = a->power.core.state;
	a->power.voltage = signal_of("Vehicle.LowVoltageBattery.CurrentVoltage");
	a->power.engine = signal_of("Vehicle.Powertrain.CombustionEngine.Speed");
	a->power.speed = signal_of("Vehicle.Speed");
	tt_suspend_init(&a->power.suspend, a->loop, on_suspend_done, a);
	err = load_movement(a, msg);
	if (!err) {
		err = tt_resume_create(a->loop, on_resume, a, &a->power.resume);
		if (err)
			(void)tt_errmsg_set(msg, err, "power: no timer that tells of a resume");
	}
	return err;
}

void tt_agent_power_unload(struct tt_agent *a)
{
	tt_suspend_stop(&a->power.suspend);
	tt_resume_destroy(a->power.resume);
	if (a->power.movement_fd > 0) {
		tt_loop_remove(a->loop, a->power.movement_fd);
		close(a->power.movement_fd);
	}
}
