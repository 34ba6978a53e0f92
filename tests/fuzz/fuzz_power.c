/*
 * The power machine under any sequence of inputs: bytes choose what happens and how much time passes. It must never let a parked car be
 * asked, must end every state that time ends, and must stay within its bounds.
 */
#include "firmware/proto/power.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct tt_power p;
	tt_mono_us now, off_us, seen_us; /* ignition last not on; the car last gave a reason to be asked */
	bool on;
};

static void say(struct world *w, uint8_t what, uint8_t arg)
{
	w->seen_us = what % 9 >= 1 && what % 9 <= 4 ? w->now : w->seen_us;
	switch (what % 9) {
	case 0:
		w->off_us = w->on && arg % 3 != TT_IGNITION_ON ? w->now : w->off_us;
		w->on = arg % 3 == TT_IGNITION_ON;
		tt_power_ignition(&w->p, w->now, (enum tt_ignition)(arg % 3));
		break;
	case 1:
		tt_power_traffic(&w->p, w->now);
		break;
	case 2:
		tt_power_voltage(&w->p, w->now, 9000 + arg * 25);
		break;
	case 3:
		tt_power_engine(&w->p, w->now, arg & 1);
		break;
	case 4:
		tt_power_moving(&w->p, w->now);
		break;
	case 5:
		tt_power_alert(&w->p, w->now);
		break;
	case 6:
		tt_power_resumed(&w->p, w->now);
		break;
	case 7:
		tt_power_no_voltage(&w->p, w->now);
		break;
	default:
		break;
	}
}

static void check(const struct world *w)
{
	const struct tt_power *p = &w->p;

	TT_ASSERT(p->state >= TT_POWER_DRIVE && p->state <= TT_POWER_DEEP && p->wake > TT_WAKE_NONE && p->wake < TT_WAKES);
	TT_ASSERT(p->since_us <= w->now && p->base_mv >= 0 && p->base_mv < 20000);
	TT_ASSERT(tt_power_asleep(p) || tt_power_check_in_at(p) == TT_NEVER);
	if (p->cfg.ignition)
		TT_ASSERT(!tt_power_may_ask(p, w->now) || w->on || w->now - w->off_us < p->cfg.grace_us);
	else
		TT_ASSERT(!tt_power_may_ask(p, w->now) || w->now - w->seen_us <= p->cfg.probe_us);
	if (p->below_floor)
		TT_ASSERT(p->state != TT_POWER_DRIVE && tt_power_check_in_at(p) == TT_NEVER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.now = TT_SEC(1000), .off_us = -TT_DAY_US, .seen_us = TT_SEC(1000)};
	struct tt_power_config cfg = TT_POWER_DEFAULT;

	if (size == 0)
		return 0;
	cfg.ignition = data[0] & 1;
	cfg.sample_us = data[0] & 2 ? TT_SEC(60) : 0;
	tt_power_init(&w.p, &cfg, w.now);
	for (size_t i = 1; i + 2 < size; i += 3) {
		w.now += data[i] < 200 ? data[i] * TT_SEC(1) : (data[i] - 199) * TT_SEC(3600);
		/* a few ticks settle whatever time made due: a state never waits for itself */
		for (unsigned n = 0; n < 4; n++)
			tt_power_tick(&w.p, w.now);
		TT_ASSERT(tt_power_sample_due(&w.p, w.now) || tt_power_wake_at(&w.p) > w.now);
		check(&w);
		say(&w, data[i + 1], data[i + 2]);
		check(&w);
	}
	return 0;
}
