#include "firmware/proto/isotp_parts.h"

void tt_isotp_tx_end(struct tt_isotp *t, bool ok, enum tt_isotp_failure why)
{
	t->tx.state = TT_TX_IDLE;
	t->tx.deadline_us = TT_NEVER;
	t->tx.done = ok;
	t->tx.failed = !ok;
	t->tx.why = why;
}

enum tt_err tt_isotp_send(struct tt_isotp *t, const uint8_t *data, size_t len)
{
	if (len == 0 || len > TT_ISOTP_LONG_MAX)
		return TT_ERANGE;
	if (t->tx.state != TT_TX_IDLE)
		return TT_EAGAIN;
	t->tx.data = data;
	t->tx.len = len;
	t->tx.sent = 0;
	t->tx.waits = 0;
	t->tx.state = TT_TX_FIRST;
	return TT_OK;
}

/* STmin as coded on the wire; reserved values count as the longest, 127 ms (9.6.5.5). */
static int64_t gap_of(uint8_t st_min)
{
	if (st_min <= 0x7F)
		return TT_MS(st_min);
	if (st_min >= 0xF1 && st_min <= 0xF9)
		return (int64_t)(st_min - 0xF0) * 100;
	return TT_MS(0x7F);
}

static void told_to_wait(struct tt_isotp *t, tt_mono_us now_us)
{
	if (t->tx.waits == t->config.wait_max) {
		tt_isotp_tx_end(t, false, TT_ISOTP_TOO_MANY_WAITS);
		return;
	}
	t->tx.waits++;
	t->tx.deadline_us = now_us + t->config.n_bs_us;
}

bool tt_isotp_tx_flow(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len)
{
	const uint8_t status = pci & TT_ISOTP_NIBBLE;
	uint8_t block, st_min;

	(void)frame_len;
	if (t->tx.state != TT_TX_WAIT_FC || tt_rd_u8(r, &block) || tt_rd_u8(r, &st_min))
		return false;
	if (t->unconfirmed == TT_OUT_TX)
		tt_isotp_confirm(t, now_us); /* it has seen our frame */
	if (status == TT_FLOW_CTS) {
		t->tx.state = TT_TX_BLOCK;
		t->tx.deadline_us = TT_NEVER;
		t->tx.in_block = block;
		t->tx.gap_us = gap_of(st_min);
		t->tx.next_us = now_us;
		t->tx.waits = 0;
	} else if (status == TT_FLOW_WAIT) {
		told_to_wait(t, now_us);
	} else {
		tt_isotp_tx_end(t, false, status == TT_FLOW_OVERFLOW ? TT_ISOTP_PEER_OVERFLOW : TT_ISOTP_BAD_STATUS);
	}
	return true;
}

void tt_isotp_tx_tick(struct tt_isotp *t, tt_mono_us now_us)
{
	if (now_us >= t->tx.deadline_us)
		tt_isotp_tx_end(t, false, TT_ISOTP_TIMEOUT_BS);
	else if (t->tx.state == TT_TX_BLOCK && t->unconfirmed == TT_OUT_NONE && now_us >= t->tx.next_us + t->config.n_cs_us)
		tt_isotp_tx_end(t, false, TT_ISOTP_TIMEOUT_CS);
}

void tt_isotp_tx_left(struct tt_isotp *t, tt_mono_us now_us)
{
	if (t->tx.state == TT_TX_LAST)
		tt_isotp_tx_end(t, true, TT_ISOTP_TIMEOUT_BS);
	else if (t->tx.state == TT_TX_WAIT_FC)
		t->tx.deadline_us = now_us + t->config.n_bs_us;
	else
		t->tx.next_us = now_us + t->tx.gap_us;
}

/* Control bytes, then as much of the message as the frame holds. */
static void put_data(struct tt_isotp *t, struct tt_can_frame *out, const uint8_t *pci, size_t npci)
{
	size_t n = t->tx.len - t->tx.sent;

	tt_isotp_frame_put(out, pci, npci);
	if (n > (size_t)t->config.tx_dl - out->len)
		n = (size_t)t->config.tx_dl - out->len;
	tt_isotp_frame_put(out, t->tx.data + t->tx.sent, n);
	t->tx.sent += n;
}

static void put_first(struct tt_isotp *t, struct tt_can_frame *out)
{
	const size_t len = t->tx.len, room = (size_t)t->config.tx_dl - t->config.addressed;
	const uint8_t first[] = {(uint8_t)(TT_PCI_FIRST << 4 | len >> 8), (uint8_t)len};
	const uint8_t escaped[] = {TT_PCI_FIRST << 4, 0, (uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};

	t->tx.state = TT_TX_LAST;
	if (len <= (size_t)TT_ISOTP_SINGLE_MAX - t->config.addressed) {
		put_data(t, out, &(uint8_t){(uint8_t)len}, 1);
	} else if (len <= room - 2) { /* never with 8 bytes, where that is less than above */
		put_data(t, out, (const uint8_t[]){0, (uint8_t)len}, 2);
	} else {
		put_data(t, out, len <= TT_ISOTP_MAX ? first : escaped, len <= TT_ISOTP_MAX ? sizeof(first) : sizeof(escaped));
		t->tx.sequence = 1;
		t->tx.state = TT_TX_WAIT_FC;
	}
}

static void put_consecutive(struct tt_isotp *t, struct tt_can_frame *out)
{
	put_data(t, out, &(uint8_t){(uint8_t)(TT_PCI_CONSECUTIVE << 4 | t->tx.sequence)}, 1);
	t->tx.sequence = (uint8_t)((t->tx.sequence + 1) & TT_ISOTP_NIBBLE);
	if (t->tx.sent == t->tx.len)
		t->tx.state = TT_TX_LAST;
	else if (t->tx.in_block != 0 && --t->tx.in_block == 0)
		t->tx.state = TT_TX_WAIT_FC;
}

void tt_isotp_tx_put(struct tt_isotp *t, struct tt_can_frame *out)
{
	if (t->tx.state == TT_TX_FIRST)
		put_first(t, out);
	else
		put_consecutive(t, out);
}
