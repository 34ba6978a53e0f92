#include "firmware/proto/sos.h"

const struct tt_sos_config TT_SOS_DEFAULT = {.debounce_us = TT_MS(50), .lockout_us = TT_SEC(5), .incident_us = TT_SEC(600)};

void tt_sos_init(struct tt_sos *s, const struct tt_sos_config *cfg)
{
	*s = (struct tt_sos){.cfg = *cfg};
}

void tt_sos_level(struct tt_sos *s, tt_mono_us now_us, bool pressed)
{
	if (!s->seen || pressed != s->level) {
		s->armed = s->seen && pressed;
		s->level = pressed;
		s->level_since_us = now_us;
		s->seen = true;
	}
}

void tt_sos_pulse(struct tt_sos *s, tt_mono_us now_us)
{
	if (!s->due) {
		s->due = true;
		s->due_at_us = now_us;
	}
}

bool tt_sos_next(struct tt_sos *s, tt_mono_us now_us, bool *repeat)
{
	if (s->armed && now_us - s->level_since_us >= s->cfg.debounce_us) {
		s->armed = false; /* one press, one alert, however long it is held */
		tt_sos_pulse(s, now_us);
	}
	if (!s->due)
		return false;
	s->due = false;
	if (s->incident && now_us - s->alerted_at_us < s->cfg.lockout_us)
		return false;
	*repeat = s->incident && now_us - s->alerted_at_us < s->cfg.incident_us;
	s->incident = true;
	s->alerted_at_us = now_us;
	return true;
}

tt_mono_us tt_sos_wake_at(const struct tt_sos *s)
{
	if (s->due)
		return s->due_at_us;
	return s->armed ? s->level_since_us + s->cfg.debounce_us : TT_NEVER;
}

bool tt_sos_stuck(const struct tt_sos *s, tt_mono_us now_us)
{
	return s->seen && s->level && !s->armed && now_us - s->level_since_us > TT_SEC(60);
}
