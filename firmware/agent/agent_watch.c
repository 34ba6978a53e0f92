#include "firmware/agent/agent_watch.h"

#include "firmware/agent/agent_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A sleeper asks the manager for patience, so that the watchdog wakes it no more often than the look at the voltage does. */
enum { ASLEEP_S = 900, OVERDUE_US = 60000000 };

static void read_boot_id(char out[41])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!f || fscanf(f, "%40s", out) != 1)
		memcpy(out, "unknown", sizeof("unknown"));
	if (f)
		fclose(f);
}

enum tt_err tt_agent_watch_load(struct tt_agent *a, struct tt_errmsg *msg)
{
	struct tt_agent_watch *w = &a->watch;

	(void)msg;
	tt_notify_open(&w->notify, getenv("NOTIFY_SOCKET"), getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"));
	w->period_us = w->notify.watchdog_us;
	w->started_us = w->fed_us = tt_mono_now();
	read_boot_id(w->boot);
	(void)snprintf(w->starts_path, sizeof(w->starts_path), "%s.starts", a->settings->journal);
	if (tt_starts_note(w->starts_path, w->boot, (unsigned)a->settings->starts_limit, &w->starts) != TT_OK)
		tt_log(TT_LOG_WARN, NULL, "starts.save", "%s: cannot be written; starts are not counted", w->starts_path);
	if (w->starts.minimal)
		tt_log(TT_LOG_ERROR, NULL, "boot.minimal", "the last %d starts did not last; this one does not ask the car",
		       (int)a->settings->starts_limit);
	a->health.starts = w->starts.count;
	return TT_OK;
}

void tt_agent_watch_ready(struct tt_agent *a)
{
	tt_notify_send(&a->watch.notify, "READY=1");
}

/* A bus is open, has ended, or waits for its next attempt, and that attempt was not forgotten. */
static bool buses_work(const struct tt_agent *a, tt_mono_us now_us)
{
	for (size_t i = 0; i < a->nbuses; i++) {
		const struct tt_bus *b = a->buses[i];

		if (!b->port && !b->ended && now_us - b->reopen_at_us > OVERDUE_US + ASLEEP_S * INT64_C(1000000))
			return false;
	}
	return true;
}

static void tell_status(struct tt_agent *a)
{
	struct tt_agent_watch *w = &a->watch;
	char status[sizeof(w->status)];

	(void)snprintf(status, sizeof(status), "STATUS=%s, broker %s%s", tt_power_state_name(a->power.core.state),
		       tt_mqtt_is_up(a->mqtt) ? "connected" : "away", w->starts.minimal ? ", minimal" : "");
	if (strcmp(status, w->status) == 0)
		return;
	memcpy(w->status, status, sizeof(status));
	tt_notify_send(&w->notify, status);
}

static void set_period(struct tt_agent *a)
{
	struct tt_agent_watch *w = &a->watch;
	const int64_t asleep_us = TT_SEC(ASLEEP_S);
	const int64_t period_us = tt_power_asleep(&a->power.core) && w->notify.watchdog_us < asleep_us ? asleep_us : w->notify.watchdog_us;
	char line[48];

	if (w->notify.watchdog_us == 0 || period_us == w->period_us)
		return;
	w->period_us = period_us;
	(void)snprintf(line, sizeof(line), "WATCHDOG_USEC=%lld\nWATCHDOG=1", (long long)period_us);
	tt_notify_send(&w->notify, line);
	w->fed_us = a->power.now_us;
}

static void settle(struct tt_agent *a)
{
	a->watch.settled = true;
	if (tt_starts_settled(a->watch.starts_path, a->watch.boot, &a->watch.starts) != TT_OK)
		tt_log(TT_LOG_WARN, NULL, "starts.save", "%s: cannot be written", a->watch.starts_path);
}

void tt_agent_watch_turn(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_agent_watch *w = &a->watch;

	if (!w->settled && now_us - w->started_us >= TT_STARTS_SETTLED_US)
		settle(a);
	if (w->notify.fd < 0)
		return;
	tell_status(a);
	set_period(a);
	if (w->period_us > 0 && now_us - w->fed_us >= w->period_us / 4 && buses_work(a, now_us)) {
		tt_notify_send(&w->notify, "WATCHDOG=1");
		w->fed_us = now_us;
	}
}

tt_mono_us tt_agent_watch_wake_at(const struct tt_agent *a)
{
	const struct tt_agent_watch *w = &a->watch;

	return w->period_us > 0 ? w->fed_us + w->period_us / 2 : TT_NEVER;
}

void tt_agent_watch_unload(struct tt_agent *a)
{
	/* one that only starts anew, with another configuration, does not leave the manager */
	if (a->running && !tt_agent_wants_restart(a))
		tt_notify_send(&a->watch.notify, "STOPPING=1");
	if (a->running && !a->watch.settled)
		settle(a);
	tt_notify_close(&a->watch.notify);
}
