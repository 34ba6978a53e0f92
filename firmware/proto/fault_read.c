#include "firmware/proto/fault_read.h"

static unsigned index_of(enum tt_fault_status status)
{
	return (unsigned)__builtin_ctz((unsigned)status);
}

static struct tt_fault_read *take(struct tt_fault_reads *r, enum tt_fault_protocol protocol, uint32_t ecu)
{
	for (size_t i = 0; i < r->n; i++) {
		if (r->ecus[i].protocol == protocol && r->ecus[i].ecu == ecu)
			return &r->ecus[i];
	}
	if (r->n == TT_FAULT_READS)
		return NULL;
	r->ecus[r->n] = (struct tt_fault_read){.protocol = protocol, .ecu = ecu};
	return &r->ecus[r->n++];
}

void tt_fault_reads_note(struct tt_fault_reads *r, enum tt_fault_protocol protocol, uint32_t ecu, enum tt_fault_status status)
{
	struct tt_fault_read *e = take(r, protocol, ecu);

	if (e && e->lists[index_of(status)] < UINT8_MAX)
		e->lists[index_of(status)]++;
}

uint8_t tt_fault_reads_lists(const struct tt_fault_read *e, const struct tt_fault_config *cfg)
{
	uint8_t lists = 0;

	for (unsigned i = 0; i < TT_FAULT_STATUSES; i++) {
		const bool dm1 = e->protocol == TT_FAULT_J1939 && 1U << i == TT_FAULT_STORED;

		if (e->lists[i] > 0 && e->lists[i] >= (dm1 ? cfg->clear_dm1 : cfg->clear_lists))
			lists |= (uint8_t)(1U << i);
	}
	return lists;
}
