#include "firmware/agent/agent_update.h"

#include "firmware/agent/agent_parts.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_US TT_SEC(1)
#define LOOK_US TT_SEC(30)

/* What the slots' state says now: our trial, a staged update, what was refused. A state that cannot be read changes nothing. */
static bool look(struct tt_agent_update *u, struct tt_slots *s)
{
	struct tt_errmsg msg;

	if (tt_slots_load(u->dir, s, &msg) != TT_OK)
		return false;
	u->staged = s->trial.slot != TT_SLOT_PACKAGED && s->trial.slot != u->slot && s->tries > 0;
	u->refused = s->refused;
	return true;
}

void tt_agent_update_init(struct tt_agent *a, tt_mono_us now_us)
{
	const char *slot = getenv("TELLTALE_SLOT"), *dir = getenv("TELLTALE_SLOTS");
	struct tt_agent_update *u = &a->update;
	struct tt_slots s;

	*u = (struct tt_agent_update){.looked_us = now_us};
	tt_trial_init(&u->trial, now_us, false);
	if (!slot || !dir || strlen(dir) >= sizeof(u->dir))
		return;
	for (unsigned i = 0; i < TT_SLOTS; i++) {
		if (strcmp(slot, tt_slot_name((enum tt_slot)i)) == 0)
			u->slot = (enum tt_slot)i;
	}
	memcpy(u->dir, dir, strlen(dir) + 1);
	if (look(u, &s) && u->slot != TT_SLOT_PACKAGED && s.trial.slot == u->slot)
		tt_trial_init(&u->trial, now_us, true);
	tt_log(TT_LOG_INFO, NULL, "update.slot", "runs in slot %s%s", tt_slot_name(u->slot), u->trial.on_trial ? ", on trial" : "");
}

static bool confirm(struct tt_agent_update *u)
{
	struct tt_slots s;
	struct tt_errmsg msg;
	bool done = false;
	int lock;

	if (tt_slots_lock(u->dir, TT_SLOTS_STATE_LOCK, &lock) != TT_OK)
		return false; /* in a second again */
	if (tt_slots_load(u->dir, &s, &msg) == TT_OK)
		done = !tt_slots_confirm(&s, u->slot) || tt_slots_save(u->dir, &s, &msg) == TT_OK;
	close(lock);
	return done;
}

/* One bus that works is enough: a dead one was dead before the update too. */
static bool healthy(const struct tt_agent *a)
{
	bool bus = false;

	for (size_t i = 0; i < a->nbuses; i++)
		bus = bus || !a->buses[i]->down;
	return bus && a->outbox.online && a->told.at_us != 0 && a->refusal.retry_at_us == 0;
}

static bool parked(const struct tt_agent *a, tt_mono_us now_us)
{
	return !a->vehicle->trip.driving && !tt_agent_power_may_ask(a, now_us) && tt_outbox_empty(&a->outbox);
}

void tt_agent_update(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_agent_update *u = &a->update;
	struct tt_slots s;

	if (!u->dir[0] || now_us - u->stepped_us < STEP_US)
		return;
	u->stepped_us = now_us;
	if (now_us - u->looked_us >= LOOK_US) {
		u->looked_us = now_us;
		(void)look(u, &s);
	}
	switch (tt_trial_step(&u->trial, now_us, healthy(a), parked(a, now_us), u->staged)) {
	case TT_TRIAL_NOTHING:
		break;
	case TT_TRIAL_CONFIRM:
		if (confirm(u)) {
			tt_trial_confirmed(&u->trial);
			a->told.at_us = 0; /* the state says so at once */
			tt_log(TT_LOG_INFO, NULL, "update.confirmed", "slot %s is the good one now", tt_slot_name(u->slot));
		}
		break;
	case TT_TRIAL_FAIL:
		tt_log(TT_LOG_ERROR, NULL, "update.failed", "not healthy within the trial's time; the launcher starts again");
		u->failed = true;
		tt_loop_stop(a->loop);
		break;
	case TT_TRIAL_RESTART:
		tt_log(TT_LOG_INFO, NULL, "update.restart", "the car is parked and an update waits");
		tt_loop_stop(a->loop);
		break;
	}
}

bool tt_agent_update_failed(const struct tt_agent *a)
{
	return a->update.failed;
}
