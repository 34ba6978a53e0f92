/*
 * The one seam to a CAN bus: everything above reads and sends frames through a port, whatever is below it.
 *
 *   socketcan:vcan0               the kernel's CAN_RAW (CAN FD and error frames on, kernel receive times, filters in the kernel)
 *   replay:FILE[?speed=1|max][&bus=can0]  a candump -L log; listen-only. speed=1 (default) keeps the recorded pace; speed=max hands
 *                                 frames out as fast as they are read. bus= takes the lines of one interface only.
 *   shared:DIR                    a bus for several processes of one machine without kernel CAN (docs/adr/0005-shared-bus.md)
 *   memory:NAME                   a bus inside this process, for tests and simulation
 *
 * A member never hears its own frames. Nothing blocks; all memory is taken in tt_can_port_open, none in recv or send.
 * Threads: one port, one thread; ports of one memory bus may live in different threads.
 */
#ifndef TT_FIRMWARE_IO_CAN_PORT_H
#define TT_FIRMWARE_IO_CAN_PORT_H

#include "base/err.h"
#include "base/time.h"
#include "firmware/proto/can_filter.h"

struct tt_can_port;

struct tt_can_stats {
	uint64_t received; /* frames handed out by recv, error frames included */
	uint64_t sent;     /* frames the bus took */
	uint64_t lost;     /* frames this member was too slow for (SO_RXQ_OVFL, ring overrun) */
	uint64_t errors;   /* error frames of the controller, unreadable log lines, failed reads and writes */
	uint64_t bus_off;  /* error frames that said bus-off */
};

/*
 * filters: nfilters of them, or none for every frame; copied. Error frames always pass.
 * Errors: TT_EINVAL unknown address or option; TT_ENOTFOUND no such interface, file or folder; TT_EDENIED; TT_ENOTSUP the kernel has no
 * CAN; TT_EFULL shared bus with too many members; TT_ECORRUPT a folder whose bus file is not ours; TT_ENOMEM; TT_EIO. The message
 * names the address and the way out.
 */
TT_MUSTCHECK enum tt_err tt_can_port_open(const char *address, const struct tt_can_filter *filters, size_t nfilters,
					  struct tt_can_port **out, struct tt_errmsg *msg);
void tt_can_port_close(struct tt_can_port *port); /* NULL is fine */

/* For tt_loop_add(..., TT_LOOP_READ): readable means recv has something to say (after TT_EEOF for ever: remove it then). Belongs to the
 * port and lives as long. */
int tt_can_port_fd(const struct tt_can_port *port);

/*
 * The next frame. *at_us: when it was on the bus (kernel time mapped to the monotonic clock; never later than now). A replay keeps the
 * recorded distances: speed=1 starts at the open, speed=max is shifted so that the log's last frame is at the open.
 * frame->bus is 0; the owner of several ports sets it.
 * Errors: TT_EAGAIN nothing now; TT_EEOF the log has ended (and stays so); TT_EIO the interface is down, gone or broken, see
 * tt_can_port_problem. A port that was down works again when its interface comes up.
 */
TT_MUSTCHECK enum tt_err tt_can_port_recv(struct tt_can_port *port, struct tt_can_frame *frame, tt_mono_us *at_us);

/*
 * Hand one frame to the bus. The transmit gate (firmware/proto/gate.h) is the caller's duty, before this.
 * Errors: TT_EINVAL not a valid frame; TT_EAGAIN the queue is full, try again; TT_ENOTSUP a listen-only port; TT_EIO.
 */
TT_MUSTCHECK enum tt_err tt_can_port_send(struct tt_can_port *port, const struct tt_can_frame *frame);

/* True when nothing can ever be sent (replay). */
bool tt_can_port_listen_only(const struct tt_can_port *port);

/* What the last TT_EIO was about, for people: "socketcan:can0: network is down; ...". Empty when there was none. */
const char *tt_can_port_problem(const struct tt_can_port *port);

struct tt_can_stats tt_can_port_stats(const struct tt_can_port *port);

#endif
