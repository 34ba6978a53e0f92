#include "firmware/proto/fault_watch.h"

#include <string.h>

const struct tt_fault_config TT_FAULT_DEFAULT = {.clear_lists = 2, .clear_dm1 = 5, .freeze_wait_us = TT_SEC(2)};

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
			w->faults[i] = (struct tt_fault){
				.used = true, .protocol = who.protocol, .ecu = who.ecu, .code = who.code, .due_at_us = TT_NEVER};
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

static bool lamp_of(struct tt_fault_watch *w, const struct tt_fault *f)
{
	const struct tt_fault_ecu *e = f->protocol == TT_FAULT_OBD ? find_ecu(w, f->ecu) : NULL;

	return ((e && e->mil) || f->mil) && (f->status & TT_FAULT_STORED);
}

static const struct tt_fault_ecu *freeze_of(struct tt_fault_watch *w, const struct tt_fault *f)
{
	const struct tt_fault_ecu *e = f->protocol == TT_FAULT_OBD ? find_ecu(w, f->ecu) : NULL;

	return e && e->nfreeze > 0 && e->freeze_code == f->code ? e : NULL;
}

/* Works out whether something is to be told, and when; called after every change to the fault, its ECU's lamp or frame. */
static void reckon(struct tt_fault_watch *w, struct tt_fault *f, tt_mono_us now_us)
{
	const bool freeze = f->detailed || freeze_of(w, f) != NULL;
	const bool differs = !f->told || f->status != f->told_status || lamp_of(w, f) != f->told_mil || f->lamps != f->told_lamps ||
			     (freeze && !f->told_freeze);

	if (!f->told && f->status == 0) {
		f->used = false; /* came and went before it was told */
		return;
	}
	if (!differs) {
		f->due_at_us = TT_NEVER;
		return;
	}
	if (f->due_at_us == TT_NEVER) {
		f->changed_at_us = now_us;
		f->due_at_us = now_us;
		if (f->protocol != TT_FAULT_J1939 && (f->status & TT_FAULT_STORED) && !(f->told_status & TT_FAULT_STORED) &&
		    !f->told_freeze)
			f->due_at_us = now_us + w->cfg.freeze_wait_us;
	}
	if (freeze || f->status == 0)
		f->due_at_us = f->changed_at_us;
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

static void describe(struct tt_fault_watch *w, const struct tt_fault *f, struct tt_fault_event *out)
{
	const struct tt_fault_ecu *e = freeze_of(w, f);

	*out = (struct tt_fault_event){.protocol = f->protocol,
				       .ecu = f->ecu,
				       .code = f->code,
				       .status = f->status,
				       .mil = lamp_of(w, f),
				       .lamps = f->lamps,
				       .occurrences = f->occurrences,
				       .detailed = f->detailed,
				       .at_us = f->changed_at_us};
	out->change = !f->told ? TT_FAULT_RAISED : f->status == 0 ? TT_FAULT_CLEARED : TT_FAULT_CHANGED;
	if (e && out->change != TT_FAULT_CLEARED) {
		out->freeze = e->freeze;
		out->nfreeze = e->nfreeze;
	}
}

bool tt_fault_watch_peek(struct tt_fault_watch *w, tt_mono_us now_us, struct tt_fault_event *out)
{
	for (unsigned i = 0; i < TT_FAULTS; i++) {
		if (w->faults[i].used && w->faults[i].due_at_us <= now_us) {
			describe(w, &w->faults[i], out);
			return true;
		}
	}
	return false;
}

void tt_fault_watch_told(struct tt_fault_watch *w, const struct tt_fault_event *event)
{
	struct tt_fault *f = find_fault(w, (struct who){event->protocol, event->ecu, event->code});

	if (!f)
		return;
	f->told = true;
	f->told_status = event->status;
	f->told_mil = event->mil;
	f->told_lamps = event->lamps;
	f->told_freeze = f->told_freeze || event->freeze || event->detailed;
	f->due_at_us = TT_NEVER;
	if (event->change == TT_FAULT_CLEARED)
		f->used = false;
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
		if (w->faults[i].used)
			at = tt_min_i64(at, w->faults[i].due_at_us);
	}
	return at;
}

unsigned tt_fault_watch_count(const struct tt_fault_watch *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TT_FAULTS; i++)
		n += w->faults[i].used && w->faults[i].status != 0;
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
