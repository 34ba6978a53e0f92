#include "firmware/proto/isotp.h"

#include "firmware/proto/isotp_parts.h"

enum { WAITS_DEFAULT = 10, FIXED_NORMAL = 0x18DA0000, FIXED_MIXED = 0x18CE0000 };

static const struct {
	const char *name, *text;
} failures[TT_ISOTP_FAILURES] = {
	[TT_ISOTP_TIMEOUT_CR] = {"N_Cr", "no consecutive frame in time"},
	[TT_ISOTP_TIMEOUT_BS] = {"N_Bs", "no flow control in time"},
	[TT_ISOTP_WRONG_SEQUENCE] = {"N_WRONG_SN", "consecutive frame out of sequence"},
	[TT_ISOTP_UNEXPECTED] = {"N_UNEXP_PDU", "a new message began before the last one ended"},
	[TT_ISOTP_TOO_LONG] = {"TOO_LONG", "message longer than the buffer"},
	[TT_ISOTP_PEER_OVERFLOW] = {"N_BUFFER_OVFLW", "message longer than the peer's buffer"},
	[TT_ISOTP_TOO_MANY_WAITS] = {"N_WFT_OVRN", "asked to wait too often"},
	[TT_ISOTP_BAD_STATUS] = {"N_INVALID_FS", "unknown flow status"},
	[TT_ISOTP_TIMEOUT_AS] = {"N_As", "the bus did not take a frame of the message in time"},
	[TT_ISOTP_TIMEOUT_AR] = {"N_Ar", "the bus did not take the flow control in time"},
	[TT_ISOTP_TIMEOUT_BR] = {"N_Br", "flow control was not sent in time"},
	[TT_ISOTP_TIMEOUT_CS] = {"N_Cs", "the next consecutive frame was not sent in time"},
};

const char *tt_isotp_failure_text(enum tt_isotp_failure why)
{
	return (unsigned)why < TT_ISOTP_FAILURES ? failures[why].text : "unknown failure";
}

const char *tt_isotp_failure_name(enum tt_isotp_failure why)
{
	return (unsigned)why < TT_ISOTP_FAILURES ? failures[why].name : "?";
}

void tt_isotp_normal_fixed(struct tt_isotp_config *config, uint8_t target, uint8_t source)
{
	config->extended = true;
	config->tx_id = (uint32_t)FIXED_NORMAL | (uint32_t)target << 8 | source;
	config->rx_id = (uint32_t)FIXED_NORMAL | (uint32_t)source << 8 | target;
}

void tt_isotp_mixed_fixed(struct tt_isotp_config *config, uint8_t target, uint8_t source, uint8_t extension)
{
	config->extended = config->addressed = true;
	config->tx_id = (uint32_t)FIXED_MIXED | (uint32_t)target << 8 | source;
	config->rx_id = (uint32_t)FIXED_MIXED | (uint32_t)source << 8 | target;
	config->tx_address = config->rx_address = extension;
}

/* Data lengths that a CAN FD frame above 8 bytes can have (ISO 11898-1). */
static uint8_t fd_length(size_t len)
{
	static const uint8_t steps[] = {8, 12, 16, 20, 24, 32, 48, 64};
	size_t i = 0;

	while (steps[i] < len)
		i++;
	return steps[i];
}

static void set_default(int64_t *field, int64_t value)
{
	if (*field == 0)
		*field = value;
}

/* Times of ISO 15765-4 table 4; what we owe the peer is due well before its own timer ends (9.7). */
static void set_defaults(struct tt_isotp_config *c)
{
	set_default(&c->n_as_us, TT_SEC(1));
	set_default(&c->n_ar_us, TT_SEC(1));
	set_default(&c->n_bs_us, TT_SEC(1));
	set_default(&c->n_br_us, TT_MS(900));
	set_default(&c->n_cs_us, TT_MS(900));
	set_default(&c->n_cr_us, TT_SEC(1));
	set_default(&c->wait_gap_us, TT_MS(500));
	if (c->wait_max == 0)
		c->wait_max = WAITS_DEFAULT;
	if (c->tx_dl == 0)
		c->tx_dl = TT_ISOTP_CLASSIC;
}

void tt_isotp_init(struct tt_isotp *t, const struct tt_isotp_config *config, uint8_t *rx_buf, size_t rx_cap)
{
	TT_ASSERT(rx_cap >= TT_ISOTP_SINGLE_MAX);
	memset(t, 0, sizeof(*t));
	t->config = *config;
	set_defaults(&t->config);
	TT_ASSERT(t->config.tx_dl <= (config->fd ? TT_CAN_MAX_DATA : TT_ISOTP_CLASSIC) && fd_length(t->config.tx_dl) == t->config.tx_dl);
	t->rx.buf = rx_buf;
	t->rx.cap = rx_cap;
	tt_isotp_reset(t);
}

void tt_isotp_reset(struct tt_isotp *t)
{
	tt_isotp_rx_end(t);
	t->rx.done = t->rx.failed = false;
	t->tx.state = TT_TX_IDLE;
	t->tx.deadline_us = TT_NEVER;
	t->tx.done = t->tx.failed = false;
	t->unconfirmed = TT_OUT_NONE;
	t->confirm_by_us = TT_NEVER;
}

typedef bool (*pci_fn)(struct tt_isotp *t, tt_mono_us now_us, struct tt_rd *r, uint8_t pci, uint8_t frame_len);

static bool take(struct tt_isotp *t, tt_mono_us now_us, const struct tt_can_frame *in)
{
	static const pci_fn by_pci[] = {
		[TT_PCI_SINGLE] = tt_isotp_rx_single,
		[TT_PCI_FIRST] = tt_isotp_rx_first,
		[TT_PCI_CONSECUTIVE] = tt_isotp_rx_consecutive,
		[TT_PCI_FLOW] = tt_isotp_tx_flow,
	};
	const size_t address = t->config.addressed;
	struct tt_rd r;
	uint8_t pci;

	if (in->rtr || (in->fd && !t->config.fd) || in->len > (in->fd ? TT_CAN_MAX_DATA : TT_ISOTP_CLASSIC))
		return false;
	r = tt_rd_init(in->data + address, in->len - address);
	return !tt_rd_u8(&r, &pci) && pci >> 4 <= TT_PCI_FLOW && by_pci[pci >> 4](t, now_us, &r, pci, in->len);
}

bool tt_isotp_feed(struct tt_isotp *t, tt_mono_us now_us, const struct tt_can_frame *in)
{
	if (in->id != t->config.rx_id || in->extended != t->config.extended || in->bus != t->config.bus || in->error)
		return false;
	if (t->config.addressed && (in->len == 0 || in->data[0] != t->config.rx_address))
		return false;
	tt_isotp_tick(t, now_us); /* what came too late is late even when nobody ticked in between */
	if (!take(t, now_us, in))
		t->ignored++;
	return true;
}

static void confirm_timeout(struct tt_isotp *t)
{
	const bool receiving = t->unconfirmed == TT_OUT_RX;

	t->unconfirmed = TT_OUT_NONE;
	t->confirm_by_us = TT_NEVER;
	if (!receiving)
		tt_isotp_tx_end(t, false, TT_ISOTP_TIMEOUT_AS);
	else if (t->rx.busy) /* else it was an overflow, whose message has failed already */
		tt_isotp_rx_fail(t, TT_ISOTP_TIMEOUT_AR);
}

void tt_isotp_tick(struct tt_isotp *t, tt_mono_us now_us)
{
	if (now_us >= t->confirm_by_us)
		confirm_timeout(t);
	tt_isotp_rx_tick(t, now_us);
	tt_isotp_tx_tick(t, now_us);
}

void tt_isotp_frame_put(struct tt_can_frame *out, const uint8_t *bytes, size_t n)
{
	TT_ASSERT(out->len + n <= TT_CAN_MAX_DATA);
	memcpy(out->data + out->len, bytes, n);
	out->len = (uint8_t)(out->len + n);
}

static void frame_begin(const struct tt_isotp *t, struct tt_can_frame *out)
{
	memset(out, 0, sizeof(*out));
	out->id = t->config.tx_id;
	out->extended = t->config.extended;
	out->bus = t->config.bus;
	out->fd = t->config.fd;
	out->brs = t->config.brs;
	if (t->config.addressed)
		tt_isotp_frame_put(out, &t->config.tx_address, 1);
}

static void frame_end(const struct tt_isotp *t, struct tt_can_frame *out)
{
	const uint8_t len = t->config.pad || out->len > TT_ISOTP_CLASSIC ? fd_length(out->len) : out->len;

	memset(out->data + out->len, t->config.pad_byte, (size_t)len - out->len);
	out->len = len;
}

static void left(struct tt_isotp *t, tt_mono_us now_us, uint8_t whose)
{
	if (whose == TT_OUT_RX)
		tt_isotp_rx_left(t, now_us);
	else
		tt_isotp_tx_left(t, now_us);
}

void tt_isotp_confirm(struct tt_isotp *t, tt_mono_us now_us)
{
	const uint8_t whose = t->unconfirmed;

	if (whose == TT_OUT_NONE)
		return;
	t->unconfirmed = TT_OUT_NONE;
	t->confirm_by_us = TT_NEVER;
	left(t, now_us, whose);
}

/* When a frame could be handed out, apart from waiting for a confirmation. Flow control first: the peer's timer runs. */
static tt_mono_us ready_at(const struct tt_isotp *t)
{
	if (t->rx.owe_fc != TT_FLOW_NONE || t->tx.state == TT_TX_FIRST)
		return INT64_MIN;
	return t->tx.state == TT_TX_BLOCK ? t->tx.next_us : TT_NEVER;
}

bool tt_isotp_next_tx(struct tt_isotp *t, tt_mono_us now_us, struct tt_can_frame *out)
{
	const uint8_t whose = t->rx.owe_fc != TT_FLOW_NONE ? TT_OUT_RX : TT_OUT_TX;

	if (t->unconfirmed != TT_OUT_NONE || ready_at(t) > now_us)
		return false;
	frame_begin(t, out);
	if (whose == TT_OUT_RX)
		tt_isotp_rx_put(t, out);
	else
		tt_isotp_tx_put(t, out);
	frame_end(t, out);
	if (!t->config.confirm) {
		left(t, now_us, whose);
		return true;
	}
	t->unconfirmed = whose;
	t->confirm_by_us = now_us + (whose == TT_OUT_RX ? t->config.n_ar_us : t->config.n_as_us);
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
	tt_mono_us at = tt_min_i64(t->rx.deadline_us, t->tx.deadline_us);

	at = tt_min_i64(at, tt_min_i64(t->rx.owe_by_us, t->rx.wait_at_us));
	return tt_min_i64(at, t->unconfirmed != TT_OUT_NONE ? t->confirm_by_us : ready_at(t));
}
