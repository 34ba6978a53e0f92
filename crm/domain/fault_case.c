#include "crm/domain/fault_case.h"

#include "base/text.h"
#include "crm/domain/dtc_words.h"
#include "crm/domain/ticket.h"

static bool confirmed(struct tt_fault_bits bits, bool known)
{
	return bits.stored || bits.mil || (bits.permanent && !known);
}

static enum tt_urgency urgency_of(const struct tt_fault_seen *seen, bool known)
{
	char letter = seen->code[0];

	if (!confirmed(seen->bits, known))
		return TT_URGENCY_WATCH;
	/* Chassis and body codes never light the engine lamp, which is for emissions; their own lamp is on when they are stored. */
	if (seen->bits.mil || (seen->bits.stored && (letter == 'C' || letter == 'c' || letter == 'B' || letter == 'b')))
		return TT_URGENCY_LAMP;
	return TT_URGENCY_SET;
}

static void subject_of(const struct tt_fault_seen *seen, const struct tt_dtc_words *words, char *out, size_t size)
{
	struct tt_text t = tt_text_init(out, size);

	tt_text_str(&t, seen->code);
	tt_text_char(&t, ' ');
	tt_text_str(&t, words->en);
}

static void say(struct tt_text *t, const char *what)
{
	if (t->len > 0)
		tt_text_str(t, ", ");
	tt_text_str(t, what);
}

/* "stored, lamp on": the state in words. */
static void state_of(struct tt_text *t, struct tt_fault_bits bits)
{
	if (bits.stored)
		say(t, "stored");
	if (bits.pending)
		say(t, "pending");
	if (bits.permanent)
		say(t, "permanent");
	say(t, bits.mil ? "lamp on" : "lamp off");
}

/* "lamp now on, no longer pending": each bit that differs. Nothing when none does. */
static void difference_of(struct tt_text *t, struct tt_fault_bits was, struct tt_fault_bits is)
{
	const struct {
		bool was, is;
		const char *set, *unset;
	} bits[] = {
		{was.mil, is.mil, "lamp now on", "lamp now off"},
		{was.stored, is.stored, "now stored", "no longer stored"},
		{was.pending, is.pending, "now pending", "no longer pending"},
		{was.permanent, is.permanent, "now permanent", "no longer permanent"},
	};

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (bits[i].was != bits[i].is)
			say(t, bits[i].is ? bits[i].set : bits[i].unset);
}

static void decide_row(const struct tt_fault_known *known, const struct tt_fault_seen *seen, bool rise, struct tt_fault_decision *out)
{
	bool clear = seen->change == TT_FAULT_CLEARED;

	out->row = known->exists ? TT_FAULT_ROW_UPDATE : TT_FAULT_ROW_INSERT;
	out->active = !clear;
	/* A cleared code has no bits left but the permanent one, which the car itself takes back. */
	out->bits = clear ? (struct tt_fault_bits){.permanent = seen->bits.permanent} : seen->bits;
	out->first_seen_at = known->exists ? tt_min_i64(known->first_seen_at, seen->at) : seen->at;
	out->last_seen_at = known->exists && known->last_seen_at > seen->at ? known->last_seen_at : seen->at;
	out->cleared_at = clear ? seen->at : 0;
	out->occurrences = known->occurrences + (rise ? 1 : 0);
	out->take_freeze_frame = seen->has_freeze_frame;
}

static void open_ticket(const struct tt_fault_seen *seen, int32_t priority, struct tt_fault_decision *out)
{
	struct tt_text t = tt_text_init(out->text, sizeof(out->text));

	out->ticket = TT_FAULT_TICKET_OPEN;
	out->priority = priority;
	out->ticket_occurrences = 1;
	out->timeline_kind = "opened";
	out->notify_owner = true;
	state_of(&t, seen->bits);
}

static void update_ticket(const struct tt_fault_known *known, const struct tt_fault_seen *seen, bool rise, int32_t priority,
			  struct tt_fault_decision *out)
{
	struct tt_text t = tt_text_init(out->text, sizeof(out->text));

	out->ticket = TT_FAULT_TICKET_UPDATE;
	out->priority = known->ticket_priority;
	out->ticket_occurrences = known->ticket_occurrences + (rise ? 1 : 0);
	if (seen->change == TT_FAULT_CLEARED) {
		out->timeline_kind = "fault_cleared";
		tt_text_str(&t, "no longer reported by the car; the ticket stays open until somebody resolves it");
		return;
	}
	if (priority < known->ticket_priority)
		out->priority = priority;
	out->timeline_kind = rise ? "fault_repeated" : "fault_changed";
	if (rise) {
		tt_text_str(&t, "raised again");
		state_of(&t, seen->bits);
	} else {
		difference_of(&t, known->bits, seen->bits);
		if (seen->has_freeze_frame)
			say(&t, "freeze frame taken");
	}
}

void tt_fault_decide(const struct tt_fault_known *known, const struct tt_fault_seen *seen, struct tt_fault_decision *out)
{
	struct tt_dtc_words words;
	bool clear = seen->change == TT_FAULT_CLEARED;
	/* A change of a fault we do not know, or thought gone, is its rise: the message that raised it was evicted. */
	bool rise = seen->change == TT_FAULT_RAISED || (!clear && !known->active);
	bool was_confirmed = known->exists && known->active && confirmed(known->bits, true);
	bool is_confirmed = confirmed(seen->bits, known->exists);
	int32_t priority;

	TT_ASSERT(seen->change >= TT_FAULT_RAISED && seen->change <= TT_FAULT_CLEARED);
	*out = (struct tt_fault_decision){.row = TT_FAULT_ROW_KEEP};
	tt_dtc_words(seen->code, &words);
	subject_of(seen, &words, out->subject, sizeof(out->subject));
	priority = tt_ticket_priority(words.severity, urgency_of(seen, known->exists));
	out->priority = priority;
	if (clear && !(known->exists && known->active))
		return;
	decide_row(known, seen, rise, out);
	if (known->ticket_open)
		update_ticket(known, seen, rise, priority, out);
	else if (!clear && is_confirmed && (rise || !was_confirmed))
		open_ticket(seen, priority, out);
	/* A change that changes nothing (the unit said the same again) is not worth a line. */
	if (out->ticket == TT_FAULT_TICKET_UPDATE && out->text[0] == 0) {
		out->ticket = TT_FAULT_TICKET_NONE;
		out->timeline_kind = NULL;
	}
}
