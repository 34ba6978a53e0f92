#include "firmware/proto/isotp_sniff.h"

#include "base/cursor.h"

enum { PCI_SINGLE = 0, PCI_FIRST = 1, PCI_CONSECUTIVE = 2, FRAME = 8 };
#define LATE_US TT_SEC(1) /* N_Cr */

void tt_isotp_sniff_init(struct tt_isotp_sniff *s)
{
	s->broken = 0;
	for (size_t i = 0; i < TT_ISOTP_SNIFF_STREAMS; i++)
		s->streams[i].used = s->streams[i].busy = false;
}

static struct tt_isotp_sniff_stream *stream_of(struct tt_isotp_sniff *s, const struct tt_can_frame *f)
{
	struct tt_isotp_sniff_stream *oldest = &s->streams[0];

	for (size_t i = 0; i < TT_ISOTP_SNIFF_STREAMS; i++) {
		struct tt_isotp_sniff_stream *st = &s->streams[i];

		if (st->used && st->key == tt_can_key(f) && st->bus == f->bus)
			return st;
		if (oldest->used && (!st->used || st->at_us < oldest->at_us))
			oldest = st;
	}
	s->broken += oldest->used && oldest->busy;
	oldest->used = true;
	oldest->busy = false;
	oldest->key = tt_can_key(f);
	oldest->bus = f->bus;
	return oldest;
}

static bool take_single(struct tt_isotp_sniff_stream *st, struct tt_rd *r, uint8_t pci, const uint8_t **data, size_t *len)
{
	const bool longer = r->left > FRAME - 1; /* the length has a byte of its own (9.6.2.1) */
	uint8_t n = pci & 0xFU;

	if (longer && n != 0)
		return false;
	if (longer)
		(void)!tt_rd_u8(r, &n); /* there is a byte */
	if (n == 0 || tt_rd_bytes(r, n, data))
		return false;
	st->busy = false;
	*len = n;
	return true;
}

static void take_first(struct tt_isotp_sniff *s, struct tt_isotp_sniff_stream *st, struct tt_rd *r, uint8_t pci)
{
	uint8_t low;

	if (tt_rd_u8(r, &low))
		return;
	st->len = (pci & 0xFU) << 8 | low;
	st->frame_len = (uint8_t)(r->left + 2);
	s->broken += st->len == 0 && st->frame_len >= FRAME; /* above 4095 bytes */
	st->busy = st->frame_len >= FRAME && st->len >= (st->frame_len == FRAME ? FRAME : st->frame_len - 1U);
	if (!st->busy)
		return;
	st->have = r->left;
	st->sequence = 1;
	memcpy(st->buf, r->p, r->left);
}

static bool take_consecutive(struct tt_isotp_sniff *s, struct tt_isotp_sniff_stream *st, tt_mono_us at_us, struct tt_rd *r, uint8_t pci)
{
	size_t n = st->len - st->have;
	const uint8_t *data;

	if (n > st->frame_len - 1U)
		n = st->frame_len - 1U;
	if ((pci & 0xFU) != st->sequence || at_us - st->at_us > LATE_US || tt_rd_bytes(r, n, &data)) {
		st->busy = false;
		s->broken++;
		return false;
	}
	memcpy(st->buf + st->have, data, n);
	st->have += n;
	st->sequence = (uint8_t)((st->sequence + 1) & 0xF);
	st->busy = st->have < st->len;
	return !st->busy;
}

bool tt_isotp_sniff_feed(struct tt_isotp_sniff *s, tt_mono_us at_us, const struct tt_can_frame *f, const uint8_t **data, size_t *len)
{
	struct tt_rd r = tt_rd_init(f->data, f->len);
	struct tt_isotp_sniff_stream *st;
	bool complete = false;
	uint8_t pci;

	if (f->rtr || f->error || f->len > (f->fd ? TT_CAN_MAX_DATA : FRAME) || tt_rd_u8(&r, &pci) || pci >> 4 > PCI_CONSECUTIVE)
		return false;
	st = stream_of(s, f);
	if (pci >> 4 == PCI_CONSECUTIVE) {
		if (!st->busy)
			return false;
		complete = take_consecutive(s, st, at_us, &r, pci);
		*data = st->buf;
		*len = st->len;
	} else {
		s->broken += st->busy;
		if (pci >> 4 == PCI_SINGLE)
			complete = take_single(st, &r, pci, data, len);
		else
			take_first(s, st, &r, pci);
	}
	st->at_us = at_us;
	return complete;
}
