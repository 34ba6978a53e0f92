/* One defect that an ECU tells twice, as P0301 by OBD and as P0301-13 by UDS: who tells it, and with which bits. */
#include "firmware/proto/fault_watch_parts.h"

static const struct tt_fault_twin *find(const struct tt_fault_watch *w, uint32_t ecu)
{
	for (unsigned i = 0; i < w->ntwins; i++) {
		if (w->twins[i].ecu == ecu)
			return &w->twins[i];
	}
	return NULL;
}

struct tt_fault_twin *tt_fault_twin_find(struct tt_fault_watch *w, uint32_t ecu)
{
	return (struct tt_fault_twin *)(uintptr_t)find(w, ecu); /* w is not const here */
}

void tt_fault_watch_twin(struct tt_fault_watch *w, uint32_t ecu)
{
	if (find(w, ecu))
		return;
	if (w->ntwins == TT_FAULT_ECUS) {
		w->dropped++;
		return;
	}
	w->twins[w->ntwins++] = (struct tt_fault_twin){.ecu = ecu};
}

/* The 16 bits that both names share: OBD's whole code, UDS's without the failure type. */
static uint32_t base_of(const struct tt_fault *f)
{
	return f->protocol == TT_FAULT_UDS ? f->code >> 8 : f->code;
}

static bool same_defect(const struct tt_fault *f, const struct tt_fault *other, enum tt_fault_protocol protocol)
{
	return other->used && other->protocol == protocol && other->ecu == f->ecu && base_of(other) == base_of(f);
}

bool tt_fault_twin_shadowed(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	if (f->protocol != TT_FAULT_OBD || !find(w, f->ecu))
		return false;
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (same_defect(f, &w->faults[i], TT_FAULT_UDS))
			return true;
	}
	return false;
}

bool tt_fault_twin_too_early(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	if (!tt_fault_twin_shadowed(w, f))
		return false;
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (same_defect(f, &w->faults[i], TT_FAULT_UDS) && w->faults[i].told)
			return false;
	}
	return true;
}

bool tt_fault_twin_held(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	const struct tt_fault_twin *twin = f->protocol == TT_FAULT_OBD && !f->told ? find(w, f->ecu) : NULL;

	return twin && twin->listed_at_us < f->changed_at_us;
}

/* Of several failure types those that UDS still names; when it names none any more, each of them until OBD is without the code, too. */
static bool carries(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	for (unsigned i = 0; i < TT_FAULTS && f->status == 0; i++) {
		if (same_defect(f, &w->faults[i], TT_FAULT_UDS) && w->faults[i].status != 0)
			return false;
	}
	return true;
}

const struct tt_fault *tt_fault_twin_carried(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	if (f->protocol != TT_FAULT_UDS || !find(w, f->ecu))
		return NULL;
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (same_defect(f, &w->faults[i], TT_FAULT_OBD))
			return carries(w, f) ? &w->faults[i] : NULL;
	}
	return NULL;
}

uint8_t tt_fault_watch_status(const struct tt_fault_watch *w, const struct tt_fault *f)
{
	const struct tt_fault *carried = tt_fault_twin_carried(w, f);

	if (tt_fault_twin_shadowed(w, f))
		return 0;
	return carried ? (uint8_t)(f->status | carried->status) : f->status;
}
