#include "firmware/agent/fix_time.h"

#include "base/text.h"

#define TOLERANCE_US TT_SEC(TT_FIX_TIME_TOLERANCE_S)

static bool apart(int64_t us)
{
	return us > TOLERANCE_US || us < -TOLERANCE_US;
}

bool tt_fix_time_take(struct tt_fix_time *t, tt_utc_us at_us, tt_mono_us received_us, tt_utc_us clock_us, enum tt_clock_quality quality)
{
	bool jumped;

	if (at_us <= 0)
		return false;
	t->behind_us = clock_us - at_us;
	t->wrong = quality != TT_CLOCK_UNKNOWN && apart(t->behind_us);
	jumped = t->at_us != 0 && apart(at_us - t->at_us - (received_us - t->received_us));
	if (jumped) {
		t->jump_us = at_us - t->at_us - (received_us - t->received_us);
		t->jumped_us = received_us;
	}
	if (t->wrong && (jumped || apart(t->behind_us - t->shown_us))) {
		t->shown_us = t->behind_us;
		t->shown_at_us = at_us;
	}
	if (!t->wrong)
		t->shown_us = 0;
	t->at_us = at_us;
	t->received_us = received_us;
	return jumped;
}

static void say_seconds(struct tt_text *out, int64_t us)
{
	tt_text_i64(out, us / TT_SEC(1));
	tt_text_str(out, " s");
}

bool tt_fix_time_doubtful(const struct tt_fix_time *t, tt_mono_us now_us, char text[TT_FIX_TIME_TEXT])
{
	const bool jumped = t->jumped_us != 0 && now_us - t->jumped_us <= TT_SEC(TT_FIX_TIME_JUMP_SHOWN_S);
	struct tt_text out = tt_text_init(text, TT_FIX_TIME_TEXT);
	char at[TT_UTC_TEXT];

	if (t->wrong) {
		tt_utc_format(t->shown_at_us, at);
		tt_text_str(&out, "the receiver says ");
		tt_text_str(&out, at);
		tt_text_str(&out, ", ");
		say_seconds(&out, t->shown_us < 0 ? -t->shown_us : t->shown_us);
		tt_text_str(&out, t->shown_us < 0 ? " ahead of the clock" : " behind the clock");
	}
	if (jumped) {
		tt_text_str(&out, t->wrong ? "; jumped by " : "the receiver's time jumped by ");
		say_seconds(&out, t->jump_us);
	}
	return t->wrong || jumped;
}
