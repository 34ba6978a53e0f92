#include "firmware/agent/uds_lists.h"

enum { FAILED = 127 };

/* The ECU's place, made when absent; NULL when there is no room. */
static struct tt_uds_list *place(struct tt_uds_lists *l, uint32_t ecu)
{
	for (size_t i = 0; i < TT_UDS_LIST_ECUS; i++) {
		if (l->ecus[i].ecu == ecu || l->ecus[i].ecu == 0) {
			l->ecus[i].ecu = ecu;
			return &l->ecus[i];
		}
	}
	return NULL;
}

unsigned tt_uds_lists_supported(struct tt_uds_lists *l, uint32_t ecu, const uint8_t *msg, size_t len)
{
	struct tt_uds_list *e = place(l, ecu);
	struct tt_uds_code c;
	uint8_t available;
	struct tt_rd r;
	unsigned n = 0;

	if (tt_uds_codes_begin(msg, len, TT_UDS_SUPPORTED, &r, &available))
		return 0;
	while (tt_uds_codes_next(&r, &c) == TT_OK)
		n += c.code != 0;
	if (e)
		e->supported = (uint16_t)n;
	return n;
}

static bool among(const struct tt_uds_list *e, uint32_t code)
{
	for (unsigned i = 0; i < e->nprefailed; i++) {
		if (e->prefailed[i].code == code)
			return true;
	}
	return false;
}

size_t tt_uds_lists_prefailed(struct tt_uds_lists *l, uint32_t ecu, const uint8_t *msg, size_t len,
			      const struct tt_uds_code *begun[TT_UDS_PREFAILED])
{
	struct tt_uds_list *e = place(l, ecu), was;
	struct tt_uds_code c;
	uint8_t available;
	struct tt_rd r;
	size_t n = 0;

	if (!e || tt_uds_codes_begin(msg, len, TT_UDS_COUNTERS, &r, &available))
		return 0;
	was = *e;
	e->nprefailed = 0;
	while (e->nprefailed < TT_UDS_PREFAILED && tt_uds_codes_next(&r, &c) == TT_OK) {
		if (c.code == 0 || c.status == 0 || c.status >= FAILED)
			continue;
		e->prefailed[e->nprefailed] = c;
		if (!among(&was, c.code))
			begun[n++] = &e->prefailed[e->nprefailed];
		e->nprefailed++;
	}
	return n;
}

const struct tt_uds_list *tt_uds_lists_find(const struct tt_uds_lists *l, uint32_t ecu)
{
	for (size_t i = 0; i < TT_UDS_LIST_ECUS; i++) {
		if (l->ecus[i].ecu == ecu && ecu != 0)
			return &l->ecus[i];
	}
	return NULL;
}
