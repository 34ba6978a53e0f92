#include "firmware/proto/can_filter.h"

#include <string.h>

enum { EFF_BITS = 29, PDU2_FIRST = 240 };
#define KEY_29 UINT32_C(0x80000000)
/* Data page and format of a 29-bit identifier, J1939-21 5.2: everything but priority, source and what a group leaves open. */
#define PDU1_MASK UINT32_C(0x03FF0000)
#define PDU2_MASK UINT32_C(0x03FFFF00)

static unsigned ones(uint32_t v)
{
	unsigned n = 0;

	for (; v != 0; v &= v - 1)
		n++;
	return n;
}

/* How much of its width's identifiers a filter lets through, in 1/2^29. */
static uint64_t share(const struct tt_can_filter *f)
{
	return UINT64_C(1) << (EFF_BITS - ones(f->mask));
}

static bool covers(const struct tt_can_filter *wide, const struct tt_can_filter *narrow)
{
	return wide->extended == narrow->extended && (wide->mask & narrow->mask) == wide->mask &&
	       ((wide->id ^ narrow->id) & wide->mask) == 0;
}

/* The narrowest filter that covers both. */
static struct tt_can_filter merged(const struct tt_can_filter *a, const struct tt_can_filter *b)
{
	const uint32_t mask = a->mask & b->mask & ~(a->id ^ b->id);

	return (struct tt_can_filter){.id = a->id & mask, .mask = mask, .extended = a->extended};
}

static void drop(struct tt_can_filter_set *set, size_t at)
{
	set->n--;
	memmove(&set->items[at], &set->items[at + 1], (set->n - at) * sizeof(set->items[0]));
}

static void drop_covered(struct tt_can_filter_set *set, const struct tt_can_filter *by)
{
	for (size_t i = set->n; i-- > 0;) {
		if (covers(by, &set->items[i]))
			drop(set, i);
	}
}

static bool before(const struct tt_can_filter *a, const struct tt_can_filter *b)
{
	return a->extended != b->extended ? b->extended : a->id < b->id;
}

/* Of a full set: the neighbours that cost least as one. Neighbours have the most leading bits in common, so looking at every pair would
 * find little more. Widths never mix: of 512 filters some neighbours share theirs. */
static struct tt_can_filter take_cheapest_pair(struct tt_can_filter_set *set)
{
	struct tt_can_filter best;
	uint64_t least = UINT64_MAX;
	size_t at = 0;

	for (size_t i = 0; i + 1 < set->n; i++) {
		const struct tt_can_filter *a = &set->items[i], *b = &set->items[i + 1];
		const struct tt_can_filter m = merged(a, b);
		const uint64_t more = share(&m) - (share(a) > share(b) ? share(a) : share(b));

		if (a->extended == b->extended && more < least) {
			least = more;
			at = i;
		}
	}
	best = merged(&set->items[at], &set->items[at + 1]);
	drop(set, at + 1);
	drop(set, at);
	return best;
}

static bool is_covered(const struct tt_can_filter_set *set, const struct tt_can_filter *filter)
{
	for (size_t i = 0; i < set->n; i++) {
		if (covers(&set->items[i], filter))
			return true;
	}
	return false;
}

static void add(struct tt_can_filter_set *set, struct tt_can_filter filter)
{
	size_t at;

	if (is_covered(set, &filter))
		return;
	drop_covered(set, &filter);
	for (at = set->n++; at > 0 && before(&filter, &set->items[at - 1]); at--)
		set->items[at] = set->items[at - 1];
	set->items[at] = filter;
}

void tt_can_filter_put(struct tt_can_filter_set *set, struct tt_can_filter filter)
{
	filter.mask &= filter.extended ? (uint32_t)TT_CAN_EFF_MASK : (uint32_t)TT_CAN_SFF_MASK;
	filter.id &= filter.mask;
	if (set->n == TT_CAN_FILTERS_MAX && !is_covered(set, &filter))
		add(set, take_cheapest_pair(set));
	add(set, filter);
}

void tt_can_filter_put_key(struct tt_can_filter_set *set, uint32_t key)
{
	tt_can_filter_put(set,
			  (struct tt_can_filter){.id = key & TT_CAN_EFF_MASK, .mask = TT_CAN_EFF_MASK, .extended = (key & KEY_29) != 0});
}

void tt_can_filter_put_pgn(struct tt_can_filter_set *set, uint32_t pgn)
{
	const uint32_t mask = (pgn >> 8 & 0xFF) < PDU2_FIRST ? PDU1_MASK : PDU2_MASK;

	tt_can_filter_put(set, (struct tt_can_filter){.id = pgn << 8, .mask = mask, .extended = true});
}

bool tt_can_filter_passes(const struct tt_can_filter *filter, const struct tt_can_frame *frame)
{
	return filter->extended == frame->extended && !frame->rtr && ((frame->id ^ filter->id) & filter->mask) == 0;
}
