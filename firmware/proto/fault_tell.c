/* What is told of the faults that are known, and when. */
#include "firmware/proto/fault_watch_parts.h"

static const struct tt_fault_ecu *of_obd(const struct tt_fault_watch *w, uint32_t ecu)
{
	for (unsigned i = 0; i < TT_FAULT_ECUS; i++) {
		if (w->ecus[i].used && w->ecus[i].ecu == ecu)
			return &w->ecus[i];
	}
	return NULL;
}

static bool own_lamp(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	const struct tt_fault_ecu *e = f->protocol == TT_FAULT_OBD ? of_obd(w, f->ecu) : NULL;

	return ((e && e->mil) || f->mil) && (f->status & TT_FAULT_STORED);
}

bool tt_fault_lamp(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	const struct tt_fault *carried = tt_fault_twin_carried(w, f);

	return !tt_fault_twin_shadowed(w, f) && (own_lamp(w, f) || (carried && own_lamp(w, carried)));
}

const struct tt_fault_ecu *tt_fault_freeze(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	const struct tt_fault *obd = f->protocol == TT_FAULT_OBD ? f : tt_fault_twin_carried(w, f);
	const struct tt_fault_ecu *e = obd ? of_obd(w, obd->ecu) : NULL;

	return e && e->nfreeze > 0 && e->freeze_code == obd->code ? e : NULL;
}

static void describe(const struct tt_fault_watch *w, const struct tt_fault *f, struct tt_fault_event *out)
{
	const struct tt_fault_ecu *e = tt_fault_freeze(w, f);

	*out = (struct tt_fault_event){.protocol = f->protocol,
				       .ecu = f->ecu,
				       .code = f->code,
				       .status = tt_fault_watch_status(w, f),
				       .mil = tt_fault_lamp(w, f),
				       .lamps = f->lamps,
				       .occurrences = f->occurrences,
				       .detailed = f->detailed,
				       .at_us = f->changed_at_us};
	out->change = !f->told ? TT_FAULT_RAISED : out->status == 0 ? TT_FAULT_CLEARED : TT_FAULT_CHANGED;
	if (e && out->change != TT_FAULT_CLEARED) {
		out->freeze = e->freeze;
		out->nfreeze = e->nfreeze;
	}
}

bool tt_fault_watch_peek(struct tt_fault_watch *w, tt_mono_us now_us, struct tt_fault_event *out)
{
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (w->faults[i].used && w->faults[i].due_at_us <= now_us && !tt_fault_twin_too_early(w, &w->faults[i])) {
			describe(w, &w->faults[i], out);
			return true;
		}
	}
	return false;
}

void tt_fault_watch_told(struct tt_fault_watch *w, const struct tt_fault_event *event)
{
	struct tt_fault *f = NULL;

	for (unsigned i = 0; !f && i < TT_FAULTS; i++) {
		struct tt_fault *at = &w->faults[i];

		if (at->used && at->protocol == event->protocol && at->ecu == event->ecu && at->code == event->code)
			f = at;
	}
	if (!f)
		return;
	f->told = event->change != TT_FAULT_CLEARED;
	f->told_status = event->status;
	f->told_mil = event->mil;
	f->told_lamps = event->lamps;
	f->told_freeze = f->told && (f->told_freeze || event->freeze || event->detailed);
	f->ready_at_us = f->due_at_us = TT_NEVER;
	f->used = f->told || f->status != 0; /* one that has its twin's name now goes on in silence */
}

bool tt_fault_watch_next(struct tt_fault_watch *w, tt_mono_us now_us, struct tt_fault_event *out)
{
	if (!tt_fault_watch_peek(w, now_us, out))
		return false;
	tt_fault_watch_told(w, out);
	return true;
}

tt_mono_us tt_fault_watch_wake_at(const struct tt_fault_watch *w)
{
	tt_mono_us at = TT_NEVER;

	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (w->faults[i].used && !tt_fault_twin_too_early(w, &w->faults[i]))
			at = tt_min_i64(at, w->faults[i].due_at_us);
	}
	return at;
}

unsigned tt_fault_watch_count(const struct tt_fault_watch *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TT_FAULTS; i++)
		n += w->faults[i].used && tt_fault_watch_status(w, &w->faults[i]) != 0;
	return n;
}

bool tt_fault_watch_mil(const struct tt_fault_watch *w)
{
	for (unsigned i = 0; i < TT_FAULT_ECUS; i++) {
		if (w->ecus[i].used && w->ecus[i].mil)
			return true;
	}
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (w->faults[i].used && w->faults[i].mil && (w->faults[i].status & TT_FAULT_STORED))
			return true;
	}
	return false;
}
