/*
 * One CAN bus of the car: the port with its reopening, the OBD scan, and the gate that every transmitted frame passes.
 *
 * Memory: taken in create. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_AGENT_BUS_H
#define TT_FIRMWARE_AGENT_BUS_H

#include "base/log.h"
#include "base/loop.h"
#include "firmware/agent/vehicle.h"
#include "firmware/io/backoff.h"
#include "firmware/io/can_port.h"
#include "firmware/proto/gate.h"
#include "firmware/proto/obd_scan.h"
#include "firmware/proto/uds_scan.h"

enum { TT_BUS_ADDRESS = 256, TT_BUS_TEXT = 120, TT_BUS_FILTERS = TT_CAN_FILTERS_MAX, TT_BUS_SILENT_US = 5000000 };

/* After each frame, and after each batch of frames. */
struct tt_bus_handler {
	void (*frame)(void *ctx, tt_mono_us at_us, const struct tt_can_frame *frame);
	void (*batch)(void *ctx, tt_mono_us now_us);
	void *ctx;
};

struct tt_bus {
	struct tt_loop *loop;
	char address[TT_BUS_ADDRESS];
	uint8_t index;
	struct tt_bus_handler handler;
	struct tt_can_filter filters[TT_BUS_FILTERS];
	size_t nfilters;
	struct tt_can_port *port; /* NULL between attempts */
	struct tt_backoff backoff;
	tt_mono_us reopen_at_us;   /* TT_NEVER while open or ended */
	tt_mono_us opened_us;      /* the last open */
	bool settled;              /* since the open it has brought a frame, or has lasted */
	bool ended;                /* a log that came to its end */
	bool down;                 /* cannot be opened, or broke, and has not settled since: problem */
	bool off;                  /* bus-off told by the controller, and no frame since */
	tt_mono_us refused_us;     /* the gate last held a frame back; 0 = never */
	tt_mono_us lost_us;        /* frames were last lost to our slowness; 0 = never */
	tt_mono_us heard_us;       /* last frame, or the open */
	struct tt_can_stats stats; /* of the last look */
	bool no_scan;              /* no OBD here: the bus speaks something else */
	struct tt_obd_scan scan;
	struct tt_uds_scan *uds; /* NULL = no ECU of this bus is asked by UDS */
	struct tt_gate gate;
	uint64_t frames; /* data frames taken, since the start */
	uint64_t lost;   /* to our slowness, since the start */
	uint64_t bits;   /* heard and sent, as on the wire */
	uint64_t sent;
	struct tt_log_limit limit;
	char problem[TT_BUS_TEXT], refused[TT_BUS_TEXT];
};

struct tt_bus_config {
	const char *address;
	uint8_t index;
	const struct tt_can_filter *filters;
	size_t nfilters;
	const struct tt_gate_config *gate; /* must outlive the bus */
	const struct tt_obd_scan_config *scan;
	bool no_scan;
};

/* Opens at the first tt_bus_tick. TT_ECONFIG the address is none of can_port.h's or the gate's rules do not fit; TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_bus_create(struct tt_loop *loop, const struct tt_bus_config *config, const struct tt_bus_handler *handler,
				       struct tt_bus **out, struct tt_errmsg *msg);
void tt_bus_destroy(struct tt_bus *bus); /* NULL is fine */

/* From now on this scan asks as well; it must outlive the bus, and what it finds is its owner's to take. */
void tt_bus_uds(struct tt_bus *bus, tt_mono_us now_us, struct tt_uds_scan *uds);

/* Reopens, lets the scan go on (asking only while may_ask) and sends what it wants to send, through the gate. */
void tt_bus_tick(struct tt_bus *bus, tt_mono_us now_us, bool may_ask);
/*
 * One frame through the gate: a command's (tt_gate_open), or a J1939 node's. TT_EDENIED: the gate held it back; TT_EIO: the bus is down,
 * listens only, or did not take it.
 */
TT_MUSTCHECK enum tt_err tt_bus_send(struct tt_bus *bus, tt_mono_us now_us, const struct tt_can_frame *f);
/* Clear the trouble codes of every ECU that answers; results of kind CLEARED follow. TT_EDENIED: the gate, so the profile, does not let
 * service 04 through. TT_EAGAIN: the car may not be asked now. TT_ENOTFOUND: no ECU answers. */
TT_MUSTCHECK enum tt_err tt_bus_clear_codes(struct tt_bus *bus, tt_mono_us now_us);
/* Can frames be sent at all now? */
bool tt_bus_can_send(const struct tt_bus *bus);
/* The next answer of the scan. */
bool tt_bus_next(struct tt_bus *bus, struct tt_obd_result *out);
tt_mono_us tt_bus_wake_at(const struct tt_bus *bus);
/* No frame for TT_BUS_SILENT_US, not open, or ended. */
bool tt_bus_silent(const struct tt_bus *bus, tt_mono_us now_us);

#endif
