#include "firmware/proto/isotp_parts.h"

void tt_isotp_rx_end(struct tt_isotp *t)
{
	t->rx.busy = false;
	t->rx.deadline_us = t->rx.owe_by_us = t->rx.wait_at_us = TT_NEVER;
	t->rx.owe_fc = TT_FLOW_NONE;
}

void tt_isotp_rx_fail(struct tt_isotp *t, enum tt_isotp_failure why)
{
	tt_isotp_rx_end(t);
	t->rx.failed = true;
	t->rx.why = why;
}

/* A new message while one is being received ends the old one (9.8.3 table 23). */
static void interrupt(struct tt_isotp *t)
{
	if (t->rx.busy)
		tt_isotp_rx_fail(t, TT_ISOTP_UNEXPECTED);
}

/* Flow control is due; who is held off is asked to wait. */
static void owe(struct tt_isotp *t, tt_mono_us now_us)
{
	t->rx.owe_fc = t->rx.held ? TT_FLOW_WAIT : TT_FLOW_CTS;
	t->rx.owe_by_us = now_us + t->config.n_br_us;
	t->rx.deadline_us = t->rx.wait_at_us = TT_NEVER;
}

/* Frames above 8 bytes have the length in a byte of its own, behind a zero (9.6.2.1). */
bool tt_isotp_rx_single(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len)
{
	uint8_t len = pci & TT_ISOTP_NIBBLE;
	const uint8_t *data;

	(void)now_us;
	if (frame_len > TT_ISOTP_CLASSIC) {
		if (len != 0)
			return false;
		(void)!tt_rd_u8(r, &len); /* there is a byte */
	}
	if (len == 0 || tt_rd_bytes(r, len, &data))
		return false;
	interrupt(t);
	if (len > t->rx.cap) {
		tt_isotp_rx_fail(t, TT_ISOTP_TOO_LONG);
		return true;
	}
	memcpy(t->rx.buf, data, len);
	t->rx.len = len;
	t->rx.done = true;
	return true;
}

/* The shortest length that a first frame may announce: one more than a single frame of this size would hold (9.6.3.1). */
static uint32_t shortest(const struct tt_isotp *t, uint8_t frame_len)
{
	return (frame_len == TT_ISOTP_CLASSIC ? TT_ISOTP_CLASSIC : frame_len - 1U) - t->config.addressed;
}

bool tt_isotp_rx_first(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len)
{
	uint32_t len;
	uint8_t low = 0;

	if (frame_len < TT_ISOTP_CLASSIC)
		return false;
	(void)!tt_rd_u8(r, &low); /* 8 bytes hold both lengths, behind an address too */
	len = (pci & (uint32_t)TT_ISOTP_NIBBLE) << 8 | low;
	/* Length 0 escapes to 32 bits, which is only allowed above 4095 (9.6.3.1). */
	if (len == 0) {
		(void)!tt_rd_u32be(r, &len);
		if (len <= TT_ISOTP_MAX)
			return false;
	}
	if (len < shortest(t, frame_len))
		return false;
	interrupt(t);
	if (len > t->rx.cap) {
		tt_isotp_rx_fail(t, TT_ISOTP_TOO_LONG);
		t->rx.owe_fc = TT_FLOW_OVERFLOW;
		return true;
	}
	memcpy(t->rx.buf, r->p, r->left);
	t->rx.have = r->left;
	t->rx.len = len;
	t->rx.busy = true;
	t->rx.frame_len = frame_len;
	t->rx.sequence = 1;
	t->rx.in_block = t->config.block_size;
	t->rx.waits = 0;
	owe(t, now_us);
	return true;
}

bool tt_isotp_rx_consecutive(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len)
{
	const size_t full = t->rx.frame_len - 1U - t->config.addressed;
	const uint8_t *data;
	size_t n = t->rx.len - t->rx.have;

	/* Whom we told to wait has nothing to send. */
	if (!t->rx.busy || t->rx.owe_fc == TT_FLOW_WAIT || t->rx.wait_at_us != TT_NEVER)
		return false;
	n = n > full ? full : n;
	if (frame_len > t->rx.frame_len || tt_rd_bytes(r, n, &data))
		return false;
	if (t->unconfirmed == TT_OUT_RX)
		tt_isotp_confirm(t, now_us); /* it has seen our flow control */
	if ((pci & TT_ISOTP_NIBBLE) != t->rx.sequence) {
		tt_isotp_rx_fail(t, TT_ISOTP_WRONG_SEQUENCE);
		return true;
	}
	memcpy(t->rx.buf + t->rx.have, data, n);
	t->rx.have += n;
	t->rx.sequence = (uint8_t)((t->rx.sequence + 1) & TT_ISOTP_NIBBLE);
	t->rx.deadline_us = now_us + t->config.n_cr_us;
	if (t->rx.have == t->rx.len) {
		tt_isotp_rx_end(t);
		t->rx.done = true;
	} else if (t->config.block_size != 0 && --t->rx.in_block == 0) {
		t->rx.in_block = t->config.block_size;
		owe(t, now_us);
	}
	return true;
}

void tt_isotp_rx_tick(struct tt_isotp *t, tt_mono_us now_us)
{
	if (now_us >= t->rx.deadline_us) {
		tt_isotp_rx_fail(t, TT_ISOTP_TIMEOUT_CR);
	} else if (now_us >= t->rx.owe_by_us) {
		tt_isotp_rx_fail(t, TT_ISOTP_TIMEOUT_BR);
	} else if (now_us >= t->rx.wait_at_us) {
		if (t->rx.waits == t->config.wait_max)
			tt_isotp_rx_fail(t, TT_ISOTP_TOO_MANY_WAITS);
		else
			owe(t, now_us);
	}
}

void tt_isotp_rx_put(struct tt_isotp *t, struct tt_can_frame *out)
{
	const uint8_t bytes[] = {(uint8_t)(TT_PCI_FLOW << 4 | t->rx.owe_fc), t->config.block_size, t->config.st_min};

	tt_isotp_frame_put(out, bytes, sizeof(bytes));
	if (t->rx.owe_fc == TT_FLOW_WAIT)
		t->rx.waits++;
	else
		t->rx.waits = 0;
	t->rx.owe_fc = TT_FLOW_NONE;
	t->rx.owe_by_us = TT_NEVER;
}

void tt_isotp_rx_left(struct tt_isotp *t, tt_mono_us now_us)
{
	if (!t->rx.busy)
		return; /* it was an overflow */
	if (t->rx.waits == 0)
		t->rx.deadline_us = now_us + t->config.n_cr_us;
	else if (t->rx.held)
		t->rx.wait_at_us = now_us + t->config.wait_gap_us;
	else
		owe(t, now_us);
}

void tt_isotp_hold(struct tt_isotp *t, tt_mono_us now_us, bool on)
{
	const bool waiting = t->rx.owe_fc == TT_FLOW_CTS || t->rx.owe_fc == TT_FLOW_WAIT || t->rx.wait_at_us != TT_NEVER;

	t->rx.held = on;
	/* A WAIT that is out already goes on by itself. */
	if (waiting && !(on && t->rx.wait_at_us != TT_NEVER))
		owe(t, now_us);
}
