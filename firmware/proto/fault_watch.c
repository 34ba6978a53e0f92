#include "firmware/proto/fault_watch_parts.h"

#include <string.h>

const struct tt_fault_config TT_FAULT_DEFAULT = {.clear_lists = 2, .clear_dm1 = 5, .freeze_wait_us = TT_SEC(2), .twin_wait_us = TT_SEC(15)};

/* What makes two observations one fault. */
struct who {
	enum tt_fault_protocol protocol;
	uint32_t ecu, code;
};

static bool of_ecu(const struct tt_fault *f, enum tt_fault_protocol protocol, uint32_t ecu)
{
	return f->used && f->protocol == protocol && f->ecu == ecu;
}

static struct tt_fault *find_fault(struct tt_fault_watch *w, struct who who)
{
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (of_ecu(&w->faults[i], who.protocol, who.ecu) && w->faults[i].code == who.code)
			return &w->faults[i];
	}
	return NULL;
}

static struct tt_fault *add_fault(struct tt_fault_watch *w, struct who who)
{
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (!w->faults[i].used) {
			w->faults[i] = (struct tt_fault){.used = true,
							 .protocol = who.protocol,
							 .ecu = who.ecu,
							 .code = who.code,
							 .ready_at_us = TT_NEVER,
							 .due_at_us = TT_NEVER};
			return &w->faults[i];
		}
	}
	w->dropped++;
	return NULL;
}

static struct tt_fault_ecu *find_ecu(struct tt_fault_watch *w, uint32_t ecu)
{
	for (unsigned i = 0; i < TT_FAULT_ECUS; i++) {
		if (w->ecus[i].used && w->ecus[i].ecu == ecu)
			return &w->ecus[i];
	}
	return NULL;
}

static struct tt_fault_ecu *take_ecu(struct tt_fault_watch *w, uint32_t ecu)
{
	struct tt_fault_ecu *e = find_ecu(w, ecu);

	for (unsigned i = 0; !e && i < TT_FAULT_ECUS; i++) {
		if (!w->ecus[i].used) {
			e = &w->ecus[i];
			e->used = true;
			e->ecu = ecu;
		}
	}
	w->dropped += e == NULL;
	return e;
}

/* What a raise waits for. UDS has its own, and OBD's frame comes along when it is there. */
static bool complete(struct tt_fault_watch *w, const struct tt_fault *f)
{
	return f->protocol == TT_FAULT_UDS ? f->detailed : tt_fault_freeze(w, f) != NULL;
}

/* Works out whether something is to be told, and when; called after every change to the fault, its ECU's lamp or frame. */
static void reckon(struct tt_fault_watch *w, struct tt_fault *f, tt_mono_us now_us)
{
	const bool shadowed = tt_fault_twin_shadowed(w, f), freeze = complete(w, f);
	const uint8_t status = tt_fault_watch_status(w, f);
	const bool differs = shadowed ? f->told
				      : !f->told || status != f->told_status || tt_fault_lamp(w, f) != f->told_mil ||
						f->lamps != f->told_lamps || (freeze && !f->told_freeze);

	if (!f->told && status == 0 && f->status == 0) {
		f->used = false; /* came and went before it was told */
		return;
	}
	if (!differs) {
		f->ready_at_us = f->due_at_us = TT_NEVER;
		return;
	}
	if (f->ready_at_us == TT_NEVER) {
		f->changed_at_us = f->ready_at_us = now_us;
		if (f->protocol != TT_FAULT_J1939 && (status & TT_FAULT_STORED) && !(f->told_status & TT_FAULT_STORED) && !f->told_freeze)
			f->ready_at_us = now_us + w->cfg.freeze_wait_us;
	}
	if (freeze || status == 0)
		f->ready_at_us = f->changed_at_us;
	f->due_at_us = f->ready_at_us;
	if (tt_fault_twin_held(w, f) && f->due_at_us < f->changed_at_us + w->cfg.twin_wait_us)
		f->due_at_us = f->changed_at_us + w->cfg.twin_wait_us;
}

/* What one of two twins says changes what is told of the other. UDS first: one that goes gives its name back. */
static void reckon_twins(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu)
{
	static const enum tt_fault_protocol order[] = {TT_FAULT_UDS, TT_FAULT_OBD};

	for (unsigned p = 0; tt_fault_twin_find(w, ecu) && p < sizeof(order) / sizeof(order[0]); p++) {
		for (unsigned i = 0; i < TT_FAULTS; i++) {
			if (of_ecu(&w->faults[i], order[p], ecu))
				reckon(w, &w->faults[i], now_us);
		}
	}
}

static unsigned status_index(enum tt_fault_status status)
{
	return status == TT_FAULT_STORED ? 0U : status == TT_FAULT_PENDING ? 1U : status == TT_FAULT_PERMANENT ? 2U : 3U;
}

void tt_fault_watch_init(struct tt_fault_watch *w, const struct tt_fault_config *cfg)
{
	memset(w, 0, sizeof(*w));
	w->cfg = *cfg;
	if (w->cfg.clear_lists == 0)
		w->cfg.clear_lists = 1;
	if (w->cfg.clear_dm1 == 0)
		w->cfg.clear_dm1 = 1;
}

/* A permanent code is OBD's word, and only OBD's lists can take it back. */
static void give_back_permanent(struct tt_fault_watch *w, struct tt_fault *f)
{
	const struct who who = {TT_FAULT_OBD, f->ecu, f->code >> 8};
	struct tt_fault *obd;

	if (f->protocol != TT_FAULT_UDS || !(f->status & TT_FAULT_PERMANENT) || !tt_fault_twin_find(w, f->ecu))
		return;
	obd = find_fault(w, who);
	if (!obd)
		obd = add_fault(w, who);
	if (!obd)
		return;
	obd->status |= TT_FAULT_PERMANENT;
	f->status &= (uint8_t)~TT_FAULT_PERMANENT;
}

void tt_fault_watch_restore(struct tt_fault_watch *w, const struct tt_fault_before *before)
{
	const struct who who = {before->protocol, before->ecu, before->code};
	struct tt_fault_ecu *e = NULL;
	struct tt_fault *f;

	if (before->status == 0 || who.code == 0 || find_fault(w, who))
		return;
	if (who.protocol == TT_FAULT_OBD) {
		e = take_ecu(w, who.ecu);
		if (!e)
			return;
	}
	f = add_fault(w, who);
	if (!f)
		return;
	if (e)
		e->mil = e->mil || before->mil;
	else
		f->mil = before->mil;
	f->status = f->told_status = before->status;
	f->lamps = f->told_lamps = before->lamps;
	f->told = true;
	f->told_mil = before->mil;
	f->told_freeze = true; /* told with the raise, or never known: not worth a change of its own */
	give_back_permanent(w, f);
}

/* A list of either shape. */
struct view {
	enum tt_fault_protocol protocol;
	uint32_t ecu;
	enum tt_fault_status status;
	unsigned clear_lists;
	const uint16_t *codes; /* or */
	const struct tt_fault_item *items;
	uint16_t lamps;
	size_t n;
};

static struct tt_fault_item item_at(const struct view *v, size_t i)
{
	return v->items ? v->items[i] : (struct tt_fault_item){.code = v->codes[i]};
}

static bool in_list(const struct view *v, uint32_t code)
{
	for (size_t i = 0; i < v->n; i++) {
		if (item_at(v, i).code == code)
			return true;
	}
	return false;
}

static void see(struct tt_fault_watch *w, tt_mono_us now_us, const struct view *v, const struct tt_fault_item *item)
{
	const struct who who = {v->protocol, v->ecu, item->code};
	struct tt_fault *f = find_fault(w, who);

	if (!f)
		f = add_fault(w, who);
	if (!f)
		return;
	f->misses[status_index(v->status)] = 0;
	f->status |= (uint8_t)v->status;
	f->occurrences = item->occurrences;
	if (v->status != TT_FAULT_PREVIOUS) { /* DM2's lamps are the present ones, not this code's */
		f->mil = item->mil;
		f->lamps = v->lamps;
	}
	reckon(w, f, now_us);
}

static void miss(struct tt_fault_watch *w, tt_mono_us now_us, struct tt_fault *f, const struct view *v)
{
	uint8_t *misses = &f->misses[status_index(v->status)];

	if (++*misses < v->clear_lists)
		return;
	*misses = 0;
	f->status &= (uint8_t) ~(unsigned)v->status;
	reckon(w, f, now_us);
}

static void take_list(struct tt_fault_watch *w, tt_mono_us now_us, const struct view *v)
{
	struct tt_fault_twin *twin;

	for (size_t i = 0; i < v->n; i++) {
		const struct tt_fault_item item = item_at(v, i);

		if (item.code != 0)
			see(w, now_us, v, &item);
	}
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		struct tt_fault *f = &w->faults[i];

		if (of_ecu(f, v->protocol, v->ecu) && (f->status & v->status) && !in_list(v, f->code))
			miss(w, now_us, f, v);
	}
	twin = tt_fault_twin_find(w, v->ecu);
	if (twin && v->protocol == TT_FAULT_UDS)
		twin->listed_at_us = now_us;
	reckon_twins(w, now_us, v->ecu);
}

void tt_fault_watch_codes(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu, enum tt_fault_status status, const uint16_t *codes,
			  size_t n)
{
	const struct view v = {
		.protocol = TT_FAULT_OBD, .ecu = ecu, .status = status, .clear_lists = w->cfg.clear_lists, .codes = codes, .n = n};

	if (take_ecu(w, ecu))
		take_list(w, now_us, &v);
}

void tt_fault_watch_list(struct tt_fault_watch *w, tt_mono_us now_us, const struct tt_fault_list *list)
{
	const bool dm1 = list->protocol == TT_FAULT_J1939 && list->status == TT_FAULT_STORED;
	const struct view v = {.protocol = list->protocol,
			       .ecu = list->ecu,
			       .status = list->status,
			       .clear_lists = dm1 ? w->cfg.clear_dm1 : w->cfg.clear_lists,
			       .items = list->items,
			       .lamps = list->lamps,
			       .n = list->n};

	take_list(w, now_us, &v);
}

void tt_fault_watch_detail(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu, uint32_t code)
{
	struct tt_fault *f = find_fault(w, (struct who){TT_FAULT_UDS, ecu, code});

	if (!f || f->detailed)
		return;
	f->detailed = true;
	reckon(w, f, now_us);
}

static void reckon_ecu(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu)
{
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (of_ecu(&w->faults[i], TT_FAULT_OBD, ecu))
			reckon(w, &w->faults[i], now_us);
	}
	reckon_twins(w, now_us, ecu);
}

void tt_fault_watch_lamp(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu, bool mil)
{
	struct tt_fault_ecu *e = take_ecu(w, ecu);

	if (!e || e->mil == mil)
		return;
	e->mil = mil;
	reckon_ecu(w, now_us, ecu);
}

static bool same_items(const struct tt_fault_ecu *e, const struct tt_obd_freeze_item *items, size_t n)
{
	if (e->nfreeze != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (e->freeze[i].pid != items[i].pid || e->freeze[i].len != items[i].len ||
		    memcmp(e->freeze[i].raw, items[i].raw, items[i].len) != 0)
			return false;
	}
	return true;
}

void tt_fault_watch_freeze(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu, uint16_t code, const struct tt_obd_freeze_item *items,
			   size_t n)
{
	struct tt_fault_ecu *e = take_ecu(w, ecu);
	const bool first = e && e->nfreeze == 0;
	struct tt_fault *f;

	n = n > TT_OBD_SCAN_FREEZE_ITEMS ? TT_OBD_SCAN_FREEZE_ITEMS : n;
	if (!e || n == 0 || (e->freeze_code == code && same_items(e, items, n)))
		return;
	memcpy(e->freeze, items, n * sizeof(*items));
	e->nfreeze = (uint8_t)n;
	e->freeze_code = code;
	f = find_fault(w, (struct who){TT_FAULT_OBD, ecu, code});
	if (!f)
		return;
	f->told_freeze = first && f->told_freeze; /* the first frame of a restored fault is the one told before */
	reckon(w, f, now_us);
}
