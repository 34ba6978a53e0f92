#include "firmware/update/trial.h"

void tt_trial_init(struct tt_trial *t, tt_mono_us now_us, bool on_trial)
{
	*t = (struct tt_trial){.on_trial = on_trial, .started_us = now_us, .healthy_us = TT_NEVER, .parked_us = TT_NEVER};
}

/* Keeps since when a condition holds; true when it has held for that long. */
static bool held(tt_mono_us *since_us, tt_mono_us now_us, bool holds, tt_mono_us long_enough_us)
{
	if (!holds)
		*since_us = TT_NEVER;
	else if (*since_us == TT_NEVER)
		*since_us = now_us;
	return holds && now_us - *since_us >= long_enough_us;
}

enum tt_trial_act tt_trial_step(struct tt_trial *t, tt_mono_us now_us, bool healthy, bool parked, bool staged)
{
	const bool sound = held(&t->healthy_us, now_us, healthy, TT_TRIAL_HEALTHY_US);
	const bool still = held(&t->parked_us, now_us, parked, TT_TRIAL_PARKED_US);

	if (t->on_trial) {
		if (sound)
			return TT_TRIAL_CONFIRM;
		return now_us - t->started_us >= TT_TRIAL_LIMIT_US ? TT_TRIAL_FAIL : TT_TRIAL_NOTHING;
	}
	return staged && still ? TT_TRIAL_RESTART : TT_TRIAL_NOTHING;
}
