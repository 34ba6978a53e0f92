#include "firmware/agent/uds_details.h"

#include <string.h>

static struct tt_uds_detail *entry(struct tt_uds_details *d, uint32_t ecu, uint32_t code)
{
	struct tt_uds_detail *oldest = &d->items[0];

	d->heard++;
	for (size_t i = 0; i < TT_UDS_DETAILS; i++) {
		struct tt_uds_detail *e = &d->items[i];

		if (e->code == code && e->ecu == ecu) {
			e->heard = d->heard;
			return e;
		}
		if (e->heard < oldest->heard)
			oldest = e;
	}
	*oldest = (struct tt_uds_detail){.ecu = ecu, .code = code, .heard = d->heard};
	return oldest;
}

void tt_uds_details_status(struct tt_uds_details *d, uint32_t ecu, uint32_t code, uint8_t status)
{
	entry(d, ecu, code)->status = status;
}

/* False: no room for the bytes. */
static bool keep(struct tt_uds_detail *e, const struct tt_uds_record *r, uint8_t *len, uint16_t *at)
{
	const size_t n = r->len > TT_UDS_DETAIL_RAW ? TT_UDS_DETAIL_RAW : r->len;

	if (e->used + n > TT_UDS_DETAIL_BYTES)
		return false;
	memcpy(e->bytes + e->used, r->data, n);
	*len = (uint8_t)n;
	*at = e->used;
	e->used = (uint16_t)(e->used + n);
	return true;
}

static void add_snapshot(struct tt_uds_detail *e, const struct tt_uds_record *r)
{
	const uint8_t i = e->nsnapshots;

	if (i == TT_UDS_DETAIL_ITEMS || !keep(e, r, &e->snapshots[i].len, &e->snapshots[i].at))
		return;
	e->snapshots[i].record = r->record;
	e->snapshots[i].did = r->did;
	e->nsnapshots++;
}

static void add_extended(struct tt_uds_detail *e, const struct tt_uds_record *r)
{
	const uint8_t i = e->nextended;

	if (i == TT_UDS_DETAIL_EXTENDED || !keep(e, r, &e->extended[i].len, &e->extended[i].at))
		return;
	e->extended[i].record = r->record;
	e->nextended++;
}

void tt_uds_details_records(struct tt_uds_details *d, uint32_t ecu, enum tt_uds_report report, const uint8_t *msg, size_t len,
			    const struct tt_uds_length *lengths, size_t nlengths)
{
	struct tt_uds_records it;
	struct tt_uds_record record;
	struct tt_uds_code code;
	struct tt_uds_detail *e;

	if (tt_uds_records_begin(msg, len, report, &code, lengths, nlengths, &it))
		return;
	e = entry(d, ecu, code.code);
	e->status = code.status;
	/* Snapshots are asked for first: with them an entry begins anew. Extended data stands behind them. */
	if (report == TT_UDS_SNAPSHOTS)
		e->nsnapshots = 0;
	e->nextended = 0;
	e->used = e->nsnapshots > 0 ? (uint16_t)(e->snapshots[e->nsnapshots - 1].at + e->snapshots[e->nsnapshots - 1].len) : 0;
	while (tt_uds_records_next(&it, &record) == TT_OK) {
		if (report == TT_UDS_SNAPSHOTS)
			add_snapshot(e, &record);
		else
			add_extended(e, &record);
	}
}

const struct tt_uds_detail *tt_uds_details_find(const struct tt_uds_details *d, uint32_t ecu, uint32_t code)
{
	for (size_t i = 0; i < TT_UDS_DETAILS; i++) {
		if (d->items[i].code == code && d->items[i].ecu == ecu)
			return &d->items[i];
	}
	return NULL;
}
