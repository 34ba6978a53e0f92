#include "firmware/agent/bus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A turn takes at most so many frames, so that the broker and gpsd are served in between. */
enum { FRAMES_PER_TURN = 256, TX_PER_TURN = 16 };

/* The kernel lets a socket bind to an interface that is down and tells so at the next read: an open counts when it has lasted. A car's bus
 * may rightly be silent, so a frame cannot be asked for. */
enum { SETTLE_US = 200000 };

/* linux/can/error.h CAN_ERR_BUSOFF, by value: the port also runs where the kernel has no CAN. */
#define ERROR_BUS_OFF UINT32_C(0x40)
#define ERROR_RESTARTED UINT32_C(0x100)

static void on_ready(void *ctx, int fd, unsigned ready);

static void note_problem(struct tt_bus *b, tt_mono_us now_us, const char *what)
{
	uint64_t missed;

	(void)snprintf(b->problem, sizeof(b->problem), "%s", what);
	b->down = true;
	if (tt_log_allow(&b->limit, now_us, &missed))
		tt_log(TT_LOG_WARN, NULL, "bus.down", "%s; trying again", what);
}

static void close_port(struct tt_bus *b)
{
	if (!b->port)
		return;
	tt_loop_remove(b->loop, tt_can_port_fd(b->port));
	tt_can_port_close(b->port);
	b->port = NULL;
}

static void lose(struct tt_bus *b, tt_mono_us now_us, const char *why)
{
	note_problem(b, now_us, why);
	close_port(b);
	b->reopen_at_us = now_us + tt_backoff_next(&b->backoff);
}

static void open_port(struct tt_bus *b, tt_mono_us now_us)
{
	struct tt_errmsg msg;

	if (tt_can_port_open(b->address, b->filters, b->nfilters, &b->port, &msg) != TT_OK) {
		b->port = NULL;
		lose(b, now_us, msg.text);
		return;
	}
	if (tt_loop_add(b->loop, tt_can_port_fd(b->port), TT_LOOP_READ, on_ready, b) != TT_OK) {
		lose(b, now_us, "the event loop refuses the bus");
		return;
	}
	b->reopen_at_us = TT_NEVER;
	b->opened_us = b->heard_us = now_us;
	b->settled = false;
	memset(&b->stats, 0, sizeof(b->stats));
}

static void settle(struct tt_bus *b)
{
	if (b->settled)
		return;
	b->settled = true;
	b->down = false;
	tt_backoff_reset(&b->backoff);
	tt_log(TT_LOG_INFO, NULL, "bus.open", "%s", b->address);
}

static void take_error_frame(struct tt_bus *b, const struct tt_can_frame *f)
{
	if (f->id & ERROR_RESTARTED)
		b->off = false;
	if (!(f->id & ERROR_BUS_OFF))
		return;
	b->off = true;
	tt_log(TT_LOG_WARN, NULL, "bus.off", "%s: the controller left the bus after errors; check wiring and bit rate", b->address);
}

static void take_frame(struct tt_bus *b, tt_mono_us at_us, struct tt_can_frame *f)
{
	f->bus = b->index;
	if (f->error) { /* the controller speaks, not the car */
		take_error_frame(b, f);
		return;
	}
	b->heard_us = at_us > b->heard_us ? at_us : b->heard_us;
	b->frames++;
	b->bits += tt_can_frame_bits(f);
	b->off = false;
	settle(b);
	if (b->uds && tt_uds_scan_feed(b->uds, at_us, f))
		return;
	if (b->no_scan || !tt_obd_scan_feed(&b->scan, at_us, f))
		b->handler.frame(b->handler.ctx, at_us, f);
}

static void look_at_stats(struct tt_bus *b, tt_mono_us now_us)
{
	const struct tt_can_stats stats = tt_can_port_stats(b->port);

	if (stats.lost > b->stats.lost) {
		b->lost_us = now_us;
		b->lost += stats.lost - b->stats.lost;
	}
	b->stats = stats;
}

static void on_ready(void *ctx, int fd, unsigned ready)
{
	struct tt_bus *b = ctx;
	struct tt_can_frame frame;
	tt_mono_us at, now;
	enum tt_err err = TT_OK;

	(void)fd;
	(void)ready;
	for (unsigned i = 0; i < FRAMES_PER_TURN && !err; i++) {
		err = tt_can_port_recv(b->port, &frame, &at);
		if (!err)
			take_frame(b, at, &frame);
	}
	now = tt_mono_now();
	if (err == TT_OK || err == TT_EAGAIN) {
		look_at_stats(b, now);
	} else if (err == TT_EEOF) {
		tt_log(TT_LOG_INFO, NULL, "bus.ended", "%s: the log has ended after %llu frames", b->address,
		       (unsigned long long)b->frames);
		b->ended = true;
		close_port(b);
	} else {
		lose(b, now, tt_can_port_problem(b->port));
	}
	b->handler.batch(b->handler.ctx, now);
}

static void refuse(struct tt_bus *b, tt_mono_us now_us, const struct tt_can_frame *f, enum tt_gate_verdict verdict)
{
	uint64_t missed;

	(void)snprintf(b->refused, sizeof(b->refused), "%.60s: 0x%X held back: %.40s", b->address, f->id, tt_gate_verdict_text(verdict));
	b->refused_us = now_us;
	if (tt_log_allow(&b->limit, now_us, &missed))
		tt_log(TT_LOG_WARN, NULL, "tx.refused", "%s", b->refused);
}

bool tt_bus_can_send(const struct tt_bus *bus)
{
	return bus->port && !tt_can_port_listen_only(bus->port);
}

enum tt_err tt_bus_send(struct tt_bus *bus, tt_mono_us now_us, const struct tt_can_frame *f)
{
	enum tt_gate_verdict verdict;

	if (!tt_bus_can_send(bus))
		return TT_EIO;
	verdict = tt_gate_check(&bus->gate, now_us, f);
	if (verdict != TT_GATE_PASS) {
		refuse(bus, now_us, f, verdict);
		return TT_EDENIED;
	}
	bus->bits += tt_can_frame_bits(f);
	if (tt_can_port_send(bus->port, f) == TT_OK)
		return TT_OK;
	tt_log(TT_LOG_DEBUG, NULL, "bus.send", "%s: 0x%X not taken", bus->address, f->id);
	return TT_EIO;
}

/* One question on the bus at a time: two testers that both send flow control to one ECU spoil each other's answers. */
static bool next_tx(struct tt_bus *b, tt_mono_us now_us, struct tt_can_frame *out)
{
	if (b->uds && tt_uds_scan_next_tx(b->uds, now_us, !tt_obd_scan_busy(&b->scan), out))
		return true;
	return !(b->uds && tt_uds_scan_busy(b->uds)) && tt_obd_scan_next_tx(&b->scan, now_us, out);
}

static void transmit(struct tt_bus *b, tt_mono_us now_us)
{
	struct tt_can_frame f;

	for (unsigned i = 0; i < TX_PER_TURN && next_tx(b, now_us, &f); i++)
		b->sent += tt_bus_send(b, now_us, &f) != TT_EDENIED; /* what the bus does not take is dropped: the scan's timeout tells */
}

void tt_bus_tick(struct tt_bus *bus, tt_mono_us now_us, bool may_ask)
{
	const bool ask = may_ask && !bus->no_scan && tt_bus_can_send(bus);

	if (!bus->ended && !bus->port && now_us >= bus->reopen_at_us)
		open_port(bus, now_us);
	if (bus->port && now_us - bus->opened_us >= SETTLE_US)
		settle(bus);
	if (ask == bus->scan.paused)
		tt_obd_scan_pause(&bus->scan, now_us, !ask);
	if (bus->uds)
		tt_uds_scan_pause(bus->uds, now_us, !ask);
	if (!bus->port || bus->scan.paused)
		return;
	tt_obd_scan_tick(&bus->scan, now_us);
	if (bus->uds)
		tt_uds_scan_tick(bus->uds, now_us);
	transmit(bus, now_us);
}

/* The gate has the last word anyway; asked first, the caller hears why. */
static bool may_clear(const struct tt_gate_config *gate)
{
	for (size_t i = 0; i < gate->nrules; i++) {
		if (memchr(gate->rules[i].services, TT_OBD_CLEAR, sizeof(gate->rules[i].services)))
			return true;
	}
	return false;
}

enum tt_err tt_bus_clear_codes(struct tt_bus *bus, tt_mono_us now_us)
{
	return may_clear(bus->gate.config) ? tt_obd_scan_clear(&bus->scan, now_us) : TT_EDENIED;
}

bool tt_bus_next(struct tt_bus *bus, struct tt_obd_result *out)
{
	return tt_obd_scan_next(&bus->scan, out);
}

tt_mono_us tt_bus_wake_at(const struct tt_bus *bus)
{
	if (!bus->port)
		return bus->ended ? TT_NEVER : bus->reopen_at_us;
	if (bus->scan.paused)
		return TT_NEVER;
	/* Who has to let the other finish is not woken for what it may not do. */
	if (bus->uds && tt_uds_scan_busy(bus->uds))
		return tt_uds_scan_wake_at(bus->uds);
	if (bus->uds && !tt_obd_scan_busy(&bus->scan))
		return tt_min_i64(tt_obd_scan_wake_at(&bus->scan), tt_uds_scan_wake_at(bus->uds));
	return tt_obd_scan_wake_at(&bus->scan);
}

bool tt_bus_silent(const struct tt_bus *bus, tt_mono_us now_us)
{
	return bus->ended || !bus->port || now_us - bus->heard_us > TT_BUS_SILENT_US;
}

static bool known_kind(const char *address)
{
	static const char *const kinds[] = {"socketcan:", "replay:", "shared:", "memory:"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(address, kinds[i], strlen(kinds[i])) == 0)
			return true;
	}
	return false;
}

enum tt_err tt_bus_create(struct tt_loop *loop, const struct tt_bus_config *config, const struct tt_bus_handler *handler,
			  struct tt_bus **out, struct tt_errmsg *msg)
{
	struct tt_bus *b;

	if (!known_kind(config->address) || strlen(config->address) >= TT_BUS_ADDRESS)
		return tt_errmsg_set(msg, TT_ECONFIG, "can '%s': must be socketcan:NAME, shared:DIR or replay:FILE", config->address);
	b = calloc(1, sizeof(*b));
	if (!b)
		return tt_errmsg_set(msg, TT_ENOMEM, "bus: out of memory");
	if (tt_gate_init(&b->gate, config->gate) != TT_OK) {
		free(b);
		return tt_errmsg_set(msg, TT_ECONFIG, "profile: more transmit rules than the gate takes (%d)", TT_GATE_RULES);
	}
	b->loop = loop;
	(void)snprintf(b->address, sizeof(b->address), "%s", config->address);
	b->index = config->index;
	b->no_scan = config->no_scan;
	b->handler = *handler;
	b->nfilters = config->nfilters;
	memcpy(b->filters, config->filters, b->nfilters * sizeof(b->filters[0]));
	b->backoff = (struct tt_backoff){.first_us = TT_MS(500), .max_us = TT_SEC(2)}; /* a crash may come while we wait */
	b->limit = (struct tt_log_limit){.interval_us = TT_SEC(60), .burst = 5};
	tt_obd_scan_init(&b->scan, config->scan, tt_mono_now());
	tt_obd_scan_pause(&b->scan, tt_mono_now(), true);
	*out = b;
	return TT_OK;
}

void tt_bus_uds(struct tt_bus *bus, tt_mono_us now_us, struct tt_uds_scan *uds)
{
	bus->uds = uds;
	tt_uds_scan_pause(uds, now_us, bus->scan.paused);
}

void tt_bus_destroy(struct tt_bus *bus)
{
	if (!bus)
		return;
	tt_log(TT_LOG_INFO, NULL, "bus.closed", "%s: %llu frames taken, %llu lost", bus->address, (unsigned long long)bus->frames,
	       (unsigned long long)bus->lost);
	close_port(bus);
	free(bus);
}
