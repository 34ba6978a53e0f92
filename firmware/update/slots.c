#include "firmware/update/slots.h"

#include <string.h>

const char *tt_slot_name(enum tt_slot slot)
{
	static const char *const names[TT_SLOTS] = {"packaged", "a", "b"};

	return (unsigned)slot < TT_SLOTS ? names[slot] : "?";
}

struct tt_slots tt_slots_init(void)
{
	return (struct tt_slots){.good = {.slot = TT_SLOT_PACKAGED}};
}

enum tt_slot tt_slots_target(const struct tt_slots *s)
{
	return s->good.slot == TT_SLOT_A ? TT_SLOT_B : TT_SLOT_A;
}

static bool newer(const struct tt_slots *s, uint64_t sequence)
{
	return sequence > s->good.sequence && sequence > s->refused && (s->trial.slot == TT_SLOT_PACKAGED || sequence > s->trial.sequence);
}

enum tt_err tt_slots_stage(struct tt_slots *s, uint64_t sequence, const char *version, const uint8_t sha256[TT_SLOT_SUM])
{
	const size_t n = strlen(version);

	if (!newer(s, sequence))
		return TT_ECONFLICT;
	s->trial = (struct tt_slot_program){.slot = tt_slots_target(s), .sequence = sequence};
	memcpy(s->trial.version, version, n < TT_SLOT_VERSION ? n : TT_SLOT_VERSION - 1);
	memcpy(s->trial.sha256, sha256, TT_SLOT_SUM);
	s->tries = TT_SLOT_TRIES;
	return TT_OK;
}

void tt_slots_give_up(struct tt_slots *s)
{
	if (s->trial.slot == TT_SLOT_PACKAGED)
		return;
	s->refused = s->trial.sequence;
	s->trial = (struct tt_slot_program){.slot = TT_SLOT_PACKAGED};
	s->tries = 0;
}

void tt_slots_fall_back(struct tt_slots *s)
{
	if (s->good.sequence > s->refused)
		s->refused = s->good.sequence;
	s->good = (struct tt_slot_program){.slot = TT_SLOT_PACKAGED};
}

const struct tt_slot_program *tt_slots_start(struct tt_slots *s)
{
	if (s->trial.slot != TT_SLOT_PACKAGED && s->tries == 0)
		tt_slots_give_up(s);
	if (s->trial.slot == TT_SLOT_PACKAGED)
		return &s->good;
	s->tries--;
	return &s->trial;
}

bool tt_slots_confirm(struct tt_slots *s, enum tt_slot running)
{
	if (s->trial.slot == TT_SLOT_PACKAGED || running != s->trial.slot)
		return false;
	s->good = s->trial;
	s->trial = (struct tt_slot_program){.slot = TT_SLOT_PACKAGED};
	s->tries = 0;
	return true;
}
