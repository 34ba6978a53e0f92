#include "firmware/proto/isotp.h"

#include "base/cursor.h"

/* Protocol control information, upper nibble of the first byte (ISO 15765-2 table 9). */
enum { PCI_SINGLE = 0x0, PCI_FIRST = 0x1, PCI_CONSECUTIVE = 0x2, PCI_FLOW = 0x3 };
enum { FLOW_CTS = 0, FLOW_WAIT = 1, FLOW_OVERFLOW = 2, FLOW_NONE = 0xFF };
enum { TX_IDLE, TX_FIRST, TX_WAIT_FC, TX_BLOCK };
enum { FRAME = 8, FIRST_DATA = 6, CONSECUTIVE_DATA = 7, WAITS_DEFAULT = 10 };
#define TIMEOUT_DEFAULT TT_SEC(1) /* N_Bs and N_Cr, ISO 15765-4 table 4 */

const char *tt_isotp_failure_text(enum tt_isotp_failure why)
{
	static const char *const texts[TT_ISOTP_FAILURES] = {
		[TT_ISOTP_TIMEOUT_CR] = "no consecutive frame in time",
		[TT_ISOTP_TIMEOUT_BS] = "no flow control in time",
		[TT_ISOTP_WRONG_SEQUENCE] = "consecutive frame out of sequence",
		[TT_ISOTP_UNEXPECTED] = "a new message began before the last one ended",
		[TT_ISOTP_TOO_LONG] = "message longer than the buffer",
		[TT_ISOTP_PEER_OVERFLOW] = "message longer than the peer's buffer",
		[TT_ISOTP_TOO_MANY_WAITS] = "the peer asked to wait too often",
		[TT_ISOTP_BAD_STATUS] = "unknown flow status",
	};

	return (unsigned)why < TT_ISOTP_FAILURES ? texts[why] : "unknown failure";
}

void tt_isotp_init(struct tt_isotp *t, const struct tt_isotp_config *config, uint8_t *rx_buf, size_t rx_cap)
{
	TT_ASSERT(rx_cap >= TT_ISOTP_SINGLE_MAX);
	memset(t, 0, sizeof(*t));
	t->config = *config;
	if (t->config.wait_max == 0)
		t->config.wait_max = WAITS_DEFAULT;
	if (t->config.n_bs_us == 0)
		t->config.n_bs_us = TIMEOUT_DEFAULT;
	if (t->config.n_cr_us == 0)
		t->config.n_cr_us = TIMEOUT_DEFAULT;
	t->rx.buf = rx_buf;
	t->rx.cap = rx_cap;
	tt_isotp_reset(t);
}

void tt_isotp_reset(struct tt_isotp *t)
{
	t->rx.busy = t->rx.done = t->rx.failed = false;
	t->rx.deadline_us = TT_NEVER;
	t->rx.owe_fc = FLOW_NONE;
	t->tx.state = TX_IDLE;
	t->tx.done = t->tx.failed = false;
}

enum tt_err tt_isotp_send(struct tt_isotp *t, const uint8_t *data, size_t len)
{
	if (len == 0 || len > TT_ISOTP_MAX)
		return TT_ERANGE;
	if (t->tx.state != TX_IDLE)
		return TT_EAGAIN;
	t->tx.data = data;
	t->tx.len = len;
	t->tx.sent = 0;
	t->tx.waits = 0;
	t->tx.state = TX_FIRST;
	return TT_OK;
}

static void rx_end(struct tt_isotp *t)
{
	t->rx.busy = false;
	t->rx.deadline_us = TT_NEVER;
	t->rx.owe_fc = FLOW_NONE;
}

static void rx_fail(struct tt_isotp *t, enum tt_isotp_failure why)
{
	rx_end(t);
	t->rx.failed = true;
	t->rx.why = why;
}

static void tx_end(struct tt_isotp *t, bool ok, enum tt_isotp_failure why)
{
	t->tx.state = TX_IDLE;
	t->tx.done = ok;
	t->tx.failed = !ok;
	t->tx.why = why;
}

/* A new message while one is being received ends the old one (9.8.3 table 23). */
static void rx_interrupt(struct tt_isotp *t)
{
	if (t->rx.busy)
		rx_fail(t, TT_ISOTP_UNEXPECTED);
}

static bool rx_single(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci)
{
	const size_t len = pci & 0xFU;
	const uint8_t *data;

	(void)now_us;
	if (len == 0 || tt_rd_bytes(r, len, &data))
		return false;
	rx_interrupt(t);
	memcpy(t->rx.buf, data, len);
	t->rx.len = len;
	t->rx.done = true;
	return true;
}

static bool rx_first(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci)
{
	const uint8_t *data;
	uint32_t len;
	uint8_t low;

	if (r->left != FRAME - 1 || tt_rd_u8(r, &low))
		return false;
	len = (pci & 0xFU) << 8 | low;
	/* Length 0 escapes to 32 bits, which is only allowed above 4095 (9.6.3.1). */
	if (len == 0 && (tt_rd_u32be(r, &len) || len <= TT_ISOTP_MAX))
		return false;
	if (len < FRAME)
		return false;
	rx_interrupt(t);
	if (len > t->rx.cap) {
		rx_fail(t, TT_ISOTP_TOO_LONG);
		t->rx.owe_fc = FLOW_OVERFLOW;
		return true;
	}
	t->rx.have = r->left;
	if (tt_rd_bytes(r, r->left, &data))
		return false;
	memcpy(t->rx.buf, data, t->rx.have);
	t->rx.len = len;
	t->rx.busy = true;
	t->rx.sequence = 1;
	t->rx.in_block = t->config.block_size;
	t->rx.owe_fc = FLOW_CTS;
	t->rx.deadline_us = now_us + t->config.n_cr_us;
	return true;
}

static bool rx_consecutive(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci)
{
	const uint8_t *data;
	size_t n = t->rx.len - t->rx.have;

	if (!t->rx.busy)
		return false;
	if ((pci & 0xFU) != t->rx.sequence) {
		rx_fail(t, TT_ISOTP_WRONG_SEQUENCE);
		return true;
	}
	if (n > CONSECUTIVE_DATA)
		n = CONSECUTIVE_DATA;
	if (tt_rd_bytes(r, n, &data))
		return false;
	memcpy(t->rx.buf + t->rx.have, data, n);
	t->rx.have += n;
	t->rx.sequence = (uint8_t)((t->rx.sequence + 1) & 0xF);
	t->rx.deadline_us = now_us + t->config.n_cr_us;
	if (t->rx.have == t->rx.len) {
		rx_end(t);
		t->rx.done = true;
	} else if (t->config.block_size != 0 && --t->rx.in_block == 0) {
		t->rx.in_block = t->config.block_size;
		t->rx.owe_fc = FLOW_CTS;
	}
	return true;
}

/* STmin as coded on the wire; reserved values count as the longest, 127 ms (9.6.5.5). */
static int64_t gap_of(uint8_t st_min)
{
	if (st_min <= 0x7F)
		return TT_MS(st_min);
	if (st_min >= 0xF1 && st_min <= 0xF9)
		return (st_min - 0xF0) * INT64_C(100);
	return TT_MS(0x7F);
}

static void tx_wait(struct tt_isotp *t, tt_mono_us now_us)
{
	if (t->tx.waits == t->config.wait_max) {
		tx_end(t, false, TT_ISOTP_TOO_MANY_WAITS);
		return;
	}
	t->tx.waits++;
	t->tx.deadline_us = now_us + t->config.n_bs_us;
}

static bool rx_flow(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci)
{
	const uint8_t status = pci & 0xFU;
	uint8_t block, st_min;

	if (t->tx.state != TX_WAIT_FC || tt_rd_u8(r, &block) || tt_rd_u8(r, &st_min))
		return false;
	if (status == FLOW_CTS) {
		t->tx.state = TX_BLOCK;
		t->tx.in_block = block;
		t->tx.gap_us = gap_of(st_min);
		t->tx.next_us = now_us;
		t->tx.waits = 0;
	} else if (status == FLOW_WAIT) {
		tx_wait(t, now_us);
	} else {
		tx_end(t, false, status == FLOW_OVERFLOW ? TT_ISOTP_PEER_OVERFLOW : TT_ISOTP_BAD_STATUS);
	}
	return true;
}

typedef bool (*pci_fn)(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci);

bool tt_isotp_feed(struct tt_isotp *t, tt_mono_us now_us, const struct tt_can_frame *in)
{
	static const pci_fn by_pci[] = {
		[PCI_SINGLE] = rx_single, [PCI_FIRST] = rx_first, [PCI_CONSECUTIVE] = rx_consecutive, [PCI_FLOW] = rx_flow};
	struct tt_rd r = tt_rd_init(in->data, in->len);
	uint8_t pci;

	if (in->id != t->config.rx_id || in->extended != t->config.extended || in->bus != t->config.bus || in->error)
		return false;
	tt_isotp_tick(t, now_us); /* what came too late is late even when nobody ticked in between */
	if (in->rtr || in->fd || in->len > FRAME || tt_rd_u8(&r, &pci) || pci >> 4 > PCI_FLOW || !by_pci[pci >> 4](t, now_us, &r, pci))
		t->ignored++;
	return true;
}

void tt_isotp_tick(struct tt_isotp *t, tt_mono_us now_us)
{
	if (t->rx.busy && now_us >= t->rx.deadline_us)
		rx_fail(t, TT_ISOTP_TIMEOUT_CR);
	if (t->tx.state == TX_WAIT_FC && now_us >= t->tx.deadline_us)
		tx_end(t, false, TT_ISOTP_TIMEOUT_BS);
}

static void frame_begin(const struct tt_isotp *t, struct tt_can_frame *out)
{
	memset(out, 0, sizeof(*out));
	out->id = t->config.tx_id;
	out->extended = t->config.extended;
	out->bus = t->config.bus;
}

static void frame_put(struct tt_can_frame *out, const uint8_t *bytes, size_t n)
{
	TT_ASSERT(out->len + n <= FRAME);
	memcpy(out->data + out->len, bytes, n);
	out->len = (uint8_t)(out->len + n);
}

static void frame_end(const struct tt_isotp *t, struct tt_can_frame *out)
{
	if (t->config.pad) {
		memset(out->data + out->len, t->config.pad_byte, (size_t)FRAME - out->len);
		out->len = FRAME;
	}
}

static void put_flow_control(struct tt_isotp *t, tt_mono_us now_us, struct tt_can_frame *out)
{
	const uint8_t bytes[] = {(uint8_t)(PCI_FLOW << 4 | t->rx.owe_fc), t->config.block_size, t->config.st_min};

	frame_put(out, bytes, sizeof(bytes));
	t->rx.owe_fc = FLOW_NONE;
	if (t->rx.busy)
		t->rx.deadline_us = now_us + t->config.n_cr_us;
}

static void put_first(struct tt_isotp *t, tt_mono_us now_us, struct tt_can_frame *out)
{
	const size_t len = t->tx.len;
	const uint8_t first[] = {(uint8_t)(PCI_FIRST << 4 | len >> 8), (uint8_t)len};

	if (len <= TT_ISOTP_SINGLE_MAX) {
		frame_put(out, &(uint8_t){(uint8_t)len}, 1);
		frame_put(out, t->tx.data, len);
		tx_end(t, true, TT_ISOTP_TIMEOUT_BS);
		return;
	}
	frame_put(out, first, sizeof(first));
	frame_put(out, t->tx.data, FIRST_DATA);
	t->tx.sent = FIRST_DATA;
	t->tx.sequence = 1;
	t->tx.state = TX_WAIT_FC;
	t->tx.deadline_us = now_us + t->config.n_bs_us;
}

static void put_consecutive(struct tt_isotp *t, tt_mono_us now_us, struct tt_can_frame *out)
{
	size_t n = t->tx.len - t->tx.sent;

	if (n > CONSECUTIVE_DATA)
		n = CONSECUTIVE_DATA;
	frame_put(out, &(uint8_t){(uint8_t)(PCI_CONSECUTIVE << 4 | t->tx.sequence)}, 1);
	frame_put(out, t->tx.data + t->tx.sent, n);
	t->tx.sent += n;
	t->tx.sequence = (uint8_t)((t->tx.sequence + 1) & 0xF);
	t->tx.next_us = now_us + t->tx.gap_us;
	if (t->tx.sent == t->tx.len) {
		tx_end(t, true, TT_ISOTP_TIMEOUT_BS);
	} else if (t->tx.in_block != 0 && --t->tx.in_block == 0) {
		t->tx.state = TX_WAIT_FC;
		t->tx.deadline_us = now_us + t->config.n_bs_us;
	}
}

bool tt_isotp_next_tx(struct tt_isotp *t, tt_mono_us now_us, struct tt_can_frame *out)
{
	if (tt_isotp_wake_at(t) > now_us)
		return false;
	frame_begin(t, out);
	if (t->rx.owe_fc != FLOW_NONE)
		put_flow_control(t, now_us, out);
	else if (t->tx.state == TX_FIRST)
		put_first(t, now_us, out);
	else if (t->tx.state == TX_BLOCK && now_us >= t->tx.next_us)
		put_consecutive(t, now_us, out);
	else
		return false;
	frame_end(t, out);
	return true;
}

bool tt_isotp_next_event(struct tt_isotp *t, struct tt_isotp_event *out)
{
	*out = (struct tt_isotp_event){.kind = TT_ISOTP_RX_FAILED, .why = t->rx.why};
	if (t->rx.failed) {
		t->rx.failed = false;
		return true;
	}
	if (t->rx.done) {
		t->rx.done = false;
		*out = (struct tt_isotp_event){.kind = TT_ISOTP_MESSAGE, .data = t->rx.buf, .len = t->rx.len};
		return true;
	}
	if (t->tx.done || t->tx.failed) {
		*out = (struct tt_isotp_event){.kind = t->tx.done ? TT_ISOTP_SENT : TT_ISOTP_TX_FAILED, .why = t->tx.why};
		t->tx.done = t->tx.failed = false;
		return true;
	}
	return false;
}

tt_mono_us tt_isotp_wake_at(const struct tt_isotp *t)
{
	if (t->rx.owe_fc != FLOW_NONE || t->tx.state == TX_FIRST)
		return INT64_MIN;
	if (t->tx.state == TX_BLOCK)
		return tt_min_i64(t->rx.deadline_us, t->tx.next_us);
	return t->tx.state == TX_WAIT_FC ? tt_min_i64(t->rx.deadline_us, t->tx.deadline_us) : t->rx.deadline_us;
}
