#include "firmware/proto/actuate.h"

#include <string.h>

void tt_actuate_start(struct tt_actuate *a, const struct tt_actuate_plan *plan, tt_mono_us now_us, uint32_t for_ms)
{
	TT_ASSERT(plan->nframes > 0 && plan->nframes <= TT_ACTUATE_FRAMES);
	*a = (struct tt_actuate){.plan = plan,
				 .state = TT_ACTUATE_SENDING,
				 .next_us = now_us,
				 .stop_us = for_ms > 0 ? now_us + TT_MS(for_ms) : TT_NEVER,
				 .confirm_by_us = TT_NEVER,
				 .why = ""};
}

void tt_actuate_abort(struct tt_actuate *a, const char *why)
{
	if (!tt_actuate_running(a))
		return;
	a->state = TT_ACTUATE_FAILED;
	a->why = why;
}

/* Everything is sent. */
static void sent_all(struct tt_actuate *a, tt_mono_us now_us)
{
	a->state = a->plan->confirm ? TT_ACTUATE_CONFIRMING : TT_ACTUATE_DONE;
	a->confirm_by_us = now_us + TT_MS(a->plan->within_ms);
}

void tt_actuate_tick(struct tt_actuate *a, tt_mono_us now_us)
{
	if (a->state == TT_ACTUATE_SENDING && now_us >= a->stop_us)
		sent_all(a, a->stop_us);
	if (a->state == TT_ACTUATE_CONFIRMING && now_us >= a->confirm_by_us)
		tt_actuate_abort(a, "sent, but the car did not confirm it in time");
}

bool tt_actuate_next_tx(struct tt_actuate *a, tt_mono_us now_us, struct tt_can_frame *out)
{
	tt_actuate_tick(a, now_us);
	if (a->state != TT_ACTUATE_SENDING || now_us < a->next_us)
		return false;
	*out = a->plan->frames[a->frame];
	a->frames++;
	a->sent++;
	a->next_us = now_us + TT_MS(a->plan->pace[a->frame].every_ms);
	if (a->sent == a->plan->pace[a->frame].times) {
		a->sent = 0;
		a->frame++;
	}
	if (a->frame == a->plan->nframes)
		sent_all(a, now_us);
	return true;
}

void tt_actuate_value(struct tt_actuate *a, uint16_t number, double value)
{
	/* A value from before the first frame would confirm what the car had already. */
	if (tt_actuate_running(a) && a->frames > 0 && number == a->plan->confirm && value >= a->plan->confirm_value &&
	    value <= a->plan->confirm_value)
		a->state = TT_ACTUATE_DONE;
}

bool tt_actuate_running(const struct tt_actuate *a)
{
	return a->state == TT_ACTUATE_SENDING || a->state == TT_ACTUATE_CONFIRMING;
}

tt_mono_us tt_actuate_wake_at(const struct tt_actuate *a)
{
	if (a->state == TT_ACTUATE_SENDING)
		return tt_min_i64(a->next_us, a->stop_us);
	return a->state == TT_ACTUATE_CONFIRMING ? a->confirm_by_us : TT_NEVER;
}
