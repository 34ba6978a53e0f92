#include "crm/domain/fault_case.h"

#include "base/text.h"
#include "crm/domain/dtc_words.h"
#include "crm/domain/ticket.h"

#include <string.h>

bool tt_fault_base(const char *code, char out[TT_FAULT_BASE + 1])
{
	const size_t len = strlen(code);

	if (len < TT_FAULT_BASE || (code[TT_FAULT_BASE] != '\0' && code[TT_FAULT_BASE] != '-') || !strchr("PCBU", code[0]))
		return false;
	memcpy(out, code, TT_FAULT_BASE);
	out[TT_FAULT_BASE] = '\0';
	return true;
}

/* With the failure type of UDS. */
static bool is_rich(const char *code)
{
	return strlen(code) > TT_FAULT_BASE;
}

/* The same defect by the other protocol; two failure types are two findings. */
static bool other_name(const char *code, const char *twin)
{
	return twin && is_rich(code) != is_rich(twin);
}

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

/* " (full state)": when not the fault's own event tells it. */
static void source_of(struct tt_text *t, const struct tt_fault_seen *seen)
{
	if (!seen->told_by)
		return;
	tt_text_str(t, " (");
	tt_text_str(t, seen->told_by);
	tt_text_char(t, ')');
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
	source_of(&t, seen);
}

/* "P0301-13: " before what is said of another fault than the ticket's. */
static void name_of(struct tt_text *t, const struct tt_fault_known *known, const char *code)
{
	if (known->ticket_code) {
		tt_text_str(t, code);
		tt_text_str(t, ": ");
	}
}

static void say_cleared(const struct tt_fault_known *known, const struct tt_fault_seen *seen, struct tt_fault_decision *out)
{
	struct tt_text t = tt_text_init(out->text, sizeof(out->text));

	if (known->twin_code) { /* the defect is there still */
		out->timeline_kind = "fault_changed";
		tt_text_str(&t, "no longer reported as ");
		tt_text_str(&t, seen->code);
		tt_text_str(&t, ", but as ");
		tt_text_str(&t, known->twin_code);
		source_of(&t, seen);
		return;
	}
	out->timeline_kind = "fault_cleared";
	name_of(&t, known, seen->code);
	tt_text_str(&t, "no longer reported by the car");
	source_of(&t, seen);
	tt_text_str(&t, "; the ticket stays open until somebody resolves it");
}

/* What is new in words; nothing when nothing is. */
static void say_seen(const struct tt_fault_known *known, const struct tt_fault_seen *seen, bool rise, bool renamed,
		     struct tt_fault_decision *out)
{
	const bool first = rise && (renamed || (known->ticket_code && !known->exists));
	char text[TT_FAULT_TEXT_MAX / 2];
	struct tt_text t = tt_text_init(out->text, sizeof(out->text)), news = tt_text_init(text, sizeof(text));

	out->timeline_kind = rise && !renamed ? "fault_repeated" : "fault_changed";
	if (rise) {
		if (!first)
			say(&news, "raised again");
		state_of(&news, seen->bits);
	} else {
		difference_of(&news, known->bits, seen->bits);
		if (seen->has_freeze_frame)
			say(&news, "freeze frame taken");
	}
	if (news.len == 0)
		return;
	if (first) {
		tt_text_str(&t, "reported as ");
		tt_text_str(&t, seen->code);
		tt_text_str(&t, ", too: ");
	} else {
		name_of(&t, known, seen->code);
	}
	tt_text_str(&t, text);
	source_of(&t, seen);
}

static void update_ticket(const struct tt_fault_known *known, const struct tt_fault_seen *seen, bool rise, int32_t priority,
			  struct tt_fault_decision *out)
{
	/* One defect that gets a second name did not happen twice. */
	const bool renamed = rise && other_name(seen->code, known->twin_code);

	out->ticket = TT_FAULT_TICKET_UPDATE;
	out->priority = known->ticket_priority;
	out->ticket_occurrences = known->ticket_occurrences + (rise && !renamed ? 1 : 0);
	if (seen->change == TT_FAULT_CLEARED) {
		say_cleared(known, seen, out);
		return;
	}
	if (priority < known->ticket_priority)
		out->priority = priority;
	out->take_ticket = known->ticket_code && is_rich(seen->code) && !is_rich(known->ticket_code);
	say_seen(known, seen, rise, renamed, out);
}

void tt_fault_decide(const struct tt_fault_known *known, const struct tt_fault_seen *seen, struct tt_fault_decision *out)
{
	struct tt_dtc_words words;
	bool clear = seen->change == TT_FAULT_CLEARED;
	/* A change of a fault we do not know, or thought gone, is its rise: the message that raised it was evicted. */
	bool rise = seen->change == TT_FAULT_RAISED || (!clear && !known->active);
	/* One that is there by its other name did not come back: its ticket was closed meanwhile, as for one that only changes. */
	bool there = known->twin_confirmed && other_name(seen->code, known->twin_code);
	bool was_confirmed = there || (known->exists && known->active && confirmed(known->bits, true));
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
	else if (!clear && is_confirmed && ((rise && !there) || !was_confirmed))
		open_ticket(seen, priority, out);
	/* A change that changes nothing (the unit said the same again) is not worth a line. */
	if (out->ticket == TT_FAULT_TICKET_UPDATE && out->text[0] == 0) {
		out->ticket = TT_FAULT_TICKET_NONE;
		out->timeline_kind = NULL;
	}
}
