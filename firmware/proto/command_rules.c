#include "firmware/proto/command.h"

#include <string.h>

#define BIT(n) (UINT32_C(1) << (n))

/* ---- the interlocks: each a condition that must not hold, with its outcome and its reason ---- */

static bool other_unit(const struct tt_command *c, const struct tt_command_situation *s)
{
	return strcmp(c->unit, s->unit) != 0;
}

static bool half_understood(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)s;
	return c->unknown;
}

static bool unable(const struct tt_command *c, const struct tt_command_situation *s)
{
	return c->kind == TT_COMMAND_NONE || c->kind >= TT_COMMAND_KINDS || !(s->supports & BIT(c->kind));
}

static bool clock_unknown(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return s->clock == TT_CLOCK_UNKNOWN;
}

static bool long_lived(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)s;
	return c->expires_at_us < c->not_before_us || c->expires_at_us - c->not_before_us > TT_DAY_US;
}

static bool expired(const struct tt_command *c, const struct tt_command_situation *s)
{
	return s->clock != TT_CLOCK_UNKNOWN && s->utc_us > c->expires_at_us;
}

static bool too_early(const struct tt_command *c, const struct tt_command_situation *s)
{
	return s->clock != TT_CLOCK_UNKNOWN && s->utc_us < c->not_before_us - TT_COMMAND_SKEW_US;
}

static bool before_ledger(const struct tt_command *c, const struct tt_command_situation *s)
{
	return s->floor_us < 0 || c->not_before_us < s->floor_us;
}

static bool without_frames(const struct tt_command *c, const struct tt_command_situation *s)
{
	return !(s->actuates & BIT(c->kind));
}

static bool busy(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return s->acting;
}

static bool speed_unknown(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return !s->speed_known;
}

static bool moving(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return s->speed_mm_s > TT_COMMAND_STANDING_MM_S || s->speed_mm_s < -TT_COMMAND_STANDING_MM_S;
}

static bool ignition_unknown(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return s->ignition == TT_COMMAND_IGNITION_UNKNOWN;
}

static bool ignition_on(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return s->ignition == TT_COMMAND_IGNITION_ON;
}

static bool engine_running(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return s->engine_running;
}

static bool may_not_ask(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return !s->may_ask;
}

static bool may_not_clear(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return !s->may_clear;
}

static bool nobody_listens(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return !s->head_unit;
}

static bool horn_resting(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return s->horn_resting;
}

static bool off_too_long(const struct tt_command *c, const struct tt_command_situation *s)
{
	(void)c;
	return s->off_for_us > s->off_limit_us;
}

enum lock {
	OTHER_UNIT,
	HALF_UNDERSTOOD,
	UNABLE,
	LONG_LIVED,
	EXPIRED,
	TOO_EARLY,
	CLOCK,
	LEDGER,
	FRAMES,
	MAY_CLEAR,
	MAY_ASK,
	BUSY,
	IGNITION_UNKNOWN,
	SPEED_UNKNOWN,
	MOVING,
	IGNITION_ON,
	ENGINE,
	OFF_TOO_LONG,
	HORN,
	HEAD_UNIT,
	LOCKS
};

static const struct {
	bool (*holds)(const struct tt_command *c, const struct tt_command_situation *s);
	enum tt_command_outcome outcome;
	const char *reason;
} locks[LOCKS] = {
	[OTHER_UNIT] = {other_unit, TT_OUTCOME_REFUSED, "meant for another unit"},
	[HALF_UNDERSTOOD] = {half_understood, TT_OUTCOME_UNSUPPORTED, "carries a field that this unit does not know"},
	[UNABLE] = {unable, TT_OUTCOME_UNSUPPORTED, "this unit cannot do that"},
	[LONG_LIVED] = {long_lived, TT_OUTCOME_REFUSED, "valid for more than a day, or for no time"},
	[EXPIRED] = {expired, TT_OUTCOME_EXPIRED, "expired before it was carried out"},
	[TOO_EARLY] = {too_early, TT_OUTCOME_REFUSED, "not valid yet by this unit's clock"},
	[CLOCK] = {clock_unknown, TT_OUTCOME_REFUSED, "this unit's clock is unknown, so that its age cannot be told"},
	[LEDGER] = {before_ledger, TT_OUTCOME_REFUSED, "signed before this unit began its record of used commands"},
	[FRAMES] = {without_frames, TT_OUTCOME_UNSUPPORTED, "this car's profile has no frames for it"},
	[MAY_CLEAR] = {may_not_clear, TT_OUTCOME_UNSUPPORTED, "this car's profile does not allow it"},
	[MAY_ASK] = {may_not_ask, TT_OUTCOME_REFUSED, "the car may not be asked now: its ignition is off, or not known"},
	[BUSY] = {busy, TT_OUTCOME_REFUSED, "another command is being carried out"},
	[IGNITION_UNKNOWN] = {ignition_unknown, TT_OUTCOME_REFUSED, "whether the ignition is on is not known"},
	[SPEED_UNKNOWN] = {speed_unknown, TT_OUTCOME_REFUSED, "the speed is not known"},
	[MOVING] = {moving, TT_OUTCOME_REFUSED, "the car is moving"},
	[IGNITION_ON] = {ignition_on, TT_OUTCOME_REFUSED, "the ignition is on"},
	[ENGINE] = {engine_running, TT_OUTCOME_REFUSED, "the engine is running"},
	[OFF_TOO_LONG] = {off_too_long, TT_OUTCOME_REFUSED, "the car has been off for too long: spare its battery, send a locksmith"},
	[HORN] = {horn_resting, TT_OUTCOME_REFUSED, "the horn has just been used"},
	[HEAD_UNIT] = {nobody_listens, TT_OUTCOME_FAILED, "no head unit listens"},
};

/* ---- what each kind asks for ---- */

enum { DURATION = 7, INTERVAL = 8, TEXT = 9, SPEAK = 10, LATITUDE = 11, LONGITUDE = 12 };

#define COMMON (BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(6))
#define ALWAYS (BIT(OTHER_UNIT) | BIT(HALF_UNDERSTOOD) | BIT(UNABLE) | BIT(LONG_LIVED) | BIT(EXPIRED) | BIT(TOO_EARLY))
#define DATED (BIT(CLOCK) | BIT(LEDGER))
#define STANDING (BIT(SPEED_UNKNOWN) | BIT(MOVING))
#define ACTS (DATED | BIT(FRAMES) | BIT(BUSY))

static const struct {
	uint32_t before; /* interlocks at the start */
	uint32_t during; /* interlocks that must hold until it is done */
	uint32_t arms;   /* of those at the start: not refused but waited for */
	uint32_t takes;  /* fields beyond the common ones */
} rules[TT_COMMAND_KINDS] = {
	/* ping, full state and capture ask for nothing */
	[TT_COMMAND_REPORT_RATE] = {.takes = BIT(DURATION) | BIT(INTERVAL)},
	[TT_COMMAND_READ_CODES] = {.before = BIT(MAY_ASK)},
	[TT_COMMAND_CLEAR_CODES] = {.before = DATED | BIT(MAY_CLEAR) | BIT(MAY_ASK) | STANDING | BIT(ENGINE)},
	/* With the ignition on the key is inside. */
	[TT_COMMAND_LOCK] = {.before = ACTS | BIT(IGNITION_UNKNOWN) | BIT(IGNITION_ON) | STANDING, .during = BIT(IGNITION_ON) | STANDING},
	[TT_COMMAND_UNLOCK] = {.before = ACTS | BIT(IGNITION_UNKNOWN) | STANDING | BIT(OFF_TOO_LONG), .during = STANDING},
	[TT_COMMAND_HORN_LIGHTS] = {.before = ACTS | STANDING | BIT(HORN), .during = STANDING, .takes = BIT(DURATION)},
	/* Never on a moving car, never on a running engine: it waits for the ignition to be off. */
	[TT_COMMAND_IGNITION_BLOCK] = {.before = ACTS | BIT(IGNITION_UNKNOWN) | STANDING | BIT(IGNITION_ON) | BIT(ENGINE),
				       .during = BIT(IGNITION_UNKNOWN) | STANDING | BIT(IGNITION_ON) | BIT(ENGINE),
				       .arms = STANDING | BIT(IGNITION_UNKNOWN) | BIT(IGNITION_ON) | BIT(ENGINE)},
	[TT_COMMAND_IGNITION_RELEASE] = {.before = ACTS},
	[TT_COMMAND_DRIVER_MESSAGE] = {.before = DATED | BIT(HEAD_UNIT), .takes = BIT(TEXT) | BIT(SPEAK)},
	[TT_COMMAND_DESTINATION] = {.before = DATED | BIT(HEAD_UNIT), .takes = BIT(TEXT) | BIT(LATITUDE) | BIT(LONGITUDE)},
};

static bool between(uint32_t v, uint32_t lo, uint32_t hi)
{
	return v >= lo && v <= hi;
}

/* NULL, or what is wrong with the arguments. */
static const char *arguments(const struct tt_command *c)
{
	if (c->fields & ~(COMMON | rules[c->kind].takes))
		return "carries an argument that its kind does not take";
	if (c->kind == TT_COMMAND_REPORT_RATE && (!between(c->interval_ms, TT_COMMAND_RATE_MIN_MS, TT_COMMAND_RATE_MAX_MS) ||
						  !between(c->duration_ms, TT_COMMAND_RATE_FOR_MIN_MS, TT_COMMAND_RATE_FOR_MAX_MS)))
		return "wants an interval of 1 s to 1 h, for 10 s to a day";
	if (c->kind == TT_COMMAND_HORN_LIGHTS && !between(c->duration_ms, TT_COMMAND_HORN_MIN_MS, TT_COMMAND_HORN_MAX_MS))
		return "wants a duration of 0.5 to 30 s";
	if (c->kind == TT_COMMAND_DRIVER_MESSAGE && c->text[0] == '\0')
		return "has no text";
	if (c->kind == TT_COMMAND_DESTINATION &&
	    (c->latitude_e7 < -900000000 || c->latitude_e7 > 900000000 || c->longitude_e7 < -1800000000 || c->longitude_e7 > 1800000000))
		return "is no place on earth";
	return NULL;
}

static const struct tt_command_verdict accepted = {TT_OUTCOME_ACCEPTED, ""};

static struct tt_command_verdict first_lock(uint32_t set, uint32_t arms, const struct tt_command *c, const struct tt_command_situation *s)
{
	for (unsigned i = 0; i < LOCKS; i++) {
		if (set & BIT(i) && locks[i].holds(c, s))
			return (struct tt_command_verdict){arms & BIT(i) ? TT_OUTCOME_ARMED : locks[i].outcome, locks[i].reason};
	}
	return accepted;
}

struct tt_command_verdict tt_command_judge(const struct tt_command *c, const struct tt_command_situation *s)
{
	struct tt_command_verdict verdict = first_lock(ALWAYS, 0, c, s);
	const char *wrong;

	if (verdict.outcome != TT_OUTCOME_ACCEPTED)
		return verdict;
	wrong = arguments(c);
	if (wrong)
		return (struct tt_command_verdict){TT_OUTCOME_REFUSED, wrong};
	return first_lock(rules[c->kind].before, rules[c->kind].arms, c, s);
}

struct tt_command_verdict tt_command_still(uint32_t kind, const struct tt_command_situation *s)
{
	const struct tt_command c = {.kind = kind};

	return first_lock(rules[kind].during, 0, &c, s);
}

bool tt_command_actuates(uint32_t kind)
{
	return rules[kind].before & BIT(FRAMES);
}
