/* socketcan:IF, Linux's CAN_RAW (Documentation/networking/can.rst). */
#include "firmware/io/can_backend.h"

#include <assert.h>
#include <errno.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a full bus (about 4,000 frames/s) brings must survive a scheduling gap: room for about 5,000 frames. The kernel doubles the figure
 * for its own overhead, about 800 bytes a frame, and without CAP_NET_ADMIN caps it at net.core.rmem_max (212,992: 500 frames, an eighth of
 * a second; docs/operations.md says how to raise it). */
enum { RECEIVE_BUFFER_BYTES = 2 << 20 };

static_assert(TT_CAN_FILTERS_MAX <= CAN_RAW_FILTER_MAX, "the kernel refuses longer filter lists");
static_assert(TT_CAN_MAX_DATA == CANFD_MAX_DLEN, "a kernel frame fits ours");

struct socket_port {
	struct tt_can_port port;
	char name[IF_NAMESIZE];
	uint32_t overflow; /* the kernel's running count of this socket */
	bool gone;         /* the interface was removed: the socket will never speak again */
};

static enum tt_err problem(struct socket_port *sp, int cause)
{
	sp->port.stats.errors++;
	if (cause == ENODEV || cause == ENXIO) {
		sp->gone = true;
		return tt_errmsg_set(&sp->port.problem, TT_EIO,
				     "socketcan:%s: the interface is gone; plug it in or create it, then open again", sp->name);
	}
	if (cause == ENETDOWN)
		return tt_errmsg_set(&sp->port.problem, TT_EIO, "socketcan:%s: the interface is down; `ip link set %s up` brings it back",
				     sp->name, sp->name);
	return tt_errmsg_set(&sp->port.problem, TT_EIO, "socketcan:%s: %s", sp->name, strerror(cause));
}

static enum tt_err set_filters(int fd, const struct tt_can_filter *filters, size_t nfilters)
{
	struct can_filter *kernel;
	int rc;

	if (nfilters == 0)
		return TT_OK;
	kernel = calloc(nfilters, sizeof(*kernel));
	if (!kernel)
		return TT_ENOMEM;
	for (size_t i = 0; i < nfilters; i++) {
		kernel[i].can_id = filters[i].id | (filters[i].extended ? CAN_EFF_FLAG : 0U);
		/* with the RTR bit, too: the kernel finds filters of one whole identifier in a table instead of trying one after the other
		 */
		kernel[i].can_mask = filters[i].mask | CAN_EFF_FLAG | CAN_RTR_FLAG;
	}
	rc = setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, kernel, (socklen_t)(nfilters * sizeof(*kernel)));
	free(kernel);
	return rc == 0 ? TT_OK : TT_EIO;
}

static bool set_receive_buffer(int fd)
{
	const int bytes = RECEIVE_BUFFER_BYTES;

	return setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) == 0 ||
	       setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) == 0;
}

static enum tt_err set_options(int fd, const struct tt_can_filter *filters, size_t nfilters)
{
	const int on = 1;
	const can_err_mask_t all_errors = CAN_ERR_MASK;

	if (setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof(on)) != 0 ||
	    setsockopt(fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &all_errors, sizeof(all_errors)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof(on)) != 0 || !set_receive_buffer(fd))
		return TT_EIO;
	return set_filters(fd, filters, nfilters);
}

static enum tt_err open_socket(const char *name, int *out, struct tt_errmsg *msg)
{
	const int fd = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);

	if (fd >= 0) {
		*out = fd;
		return TT_OK;
	}
	if (errno == EPERM || errno == EACCES)
		return tt_errmsg_set(msg, TT_EDENIED, "socketcan:%s: not allowed to open a CAN socket; give the process CAP_NET_RAW", name);
	if (errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT)
		return tt_errmsg_set(msg, TT_ENOTSUP,
				     "socketcan:%s: this kernel has no CAN; load the modules can and can-raw, or use shared:DIR", name);
	return tt_errmsg_set(msg, TT_EIO, "socketcan:%s: %s", name, strerror(errno));
}

static enum tt_err socket_open(const char *where, const struct tt_can_filter *filters, size_t nfilters, struct tt_can_port **out,
			       struct tt_errmsg *msg)
{
	struct sockaddr_can address = {.can_family = AF_CAN};
	struct socket_port *sp;
	enum tt_err err;
	int fd;

	if (strlen(where) >= IF_NAMESIZE)
		return tt_errmsg_set(msg, TT_EINVAL, "socketcan:%s: interface names have at most %d characters", where, IF_NAMESIZE - 1);
	err = open_socket(where, &fd, msg);
	if (err)
		return err;
	sp = calloc(1, sizeof(*sp));
	if (!sp) {
		err = tt_errmsg_set(msg, TT_ENOMEM, "socketcan:%s: out of memory", where);
		goto fail;
	}
	address.can_ifindex = (int)if_nametoindex(where);
	if (address.can_ifindex == 0) {
		err = tt_errmsg_set(msg, TT_ENOTFOUND, "socketcan:%s: no such interface; `ip link show type can` lists them", where);
		goto fail;
	}
	/* Options before bind: from then on frames arrive. */
	err = set_options(fd, filters, nfilters);
	if (err || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		err = tt_errmsg_set(msg, err ? err : TT_EIO, "socketcan:%s: %s; is it a CAN interface?", where, strerror(errno));
		goto fail;
	}
	sp->port.fd = fd;
	memcpy(sp->name, where, strlen(where) + 1);
	*out = &sp->port;
	return TT_OK;
fail:
	free(sp);
	close(fd);
	return err;
}

static void socket_close(struct tt_can_port *port)
{
	close(port->fd);
	free((struct socket_port *)port);
}

/* The kernel stamps in wall-clock time; what counts here is how long ago that was. A clock step in between must not give the future.
 * In the first moments of the machine's first such socket the stamp is the time of reading (the kernel starts stamping in a worker). */
static tt_mono_us mono_of(const struct timespec *stamp)
{
	const tt_utc_us stamp_us = (tt_utc_us)stamp->tv_sec * 1000000 + stamp->tv_nsec / 1000;
	const tt_mono_us now_us = tt_mono_now();
	const int64_t age_us = tt_utc_now() - stamp_us;

	return age_us < 0 || age_us > TT_SEC(60) ? now_us : now_us - age_us;
}

static void read_ancillary(struct socket_port *sp, struct msghdr *message, tt_mono_us *at_us)
{
	*at_us = tt_mono_now();
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SO_TIMESTAMPNS) {
			struct timespec stamp;

			memcpy(&stamp, CMSG_DATA(c), sizeof(stamp));
			*at_us = mono_of(&stamp);
		} else if (c->cmsg_type == SO_RXQ_OVFL) {
			uint32_t overflow;

			memcpy(&overflow, CMSG_DATA(c), sizeof(overflow));
			sp->port.stats.lost += overflow - sp->overflow; /* the kernel's counter wraps at 32 bits */
			sp->overflow = overflow;
		}
	}
}

static void from_kernel(const struct canfd_frame *in, bool fd, struct tt_can_frame *out)
{
	*out = (struct tt_can_frame){
		.id = in->can_id & (in->can_id & CAN_EFF_FLAG || in->can_id & CAN_ERR_FLAG ? CAN_EFF_MASK : CAN_SFF_MASK),
		.extended = (in->can_id & CAN_EFF_FLAG) != 0,
		.rtr = (in->can_id & CAN_RTR_FLAG) != 0,
		.error = (in->can_id & CAN_ERR_FLAG) != 0,
		.fd = fd,
		.brs = fd && (in->flags & CANFD_BRS),
		.len = in->len,
	};
	memcpy(out->data, in->data, in->len);
}

static enum tt_err socket_recv(struct tt_can_port *port, struct tt_can_frame *frame, tt_mono_us *at_us)
{
	struct socket_port *sp = (struct socket_port *)port;
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(uint32_t))];
		struct cmsghdr align;
	} control;
	struct canfd_frame in;
	struct iovec iov = {.iov_base = &in, .iov_len = sizeof(in)};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	const ssize_t n = sp->gone ? -1 : recvmsg(port->fd, &message, 0);

	if (sp->gone)
		return TT_EIO;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? TT_EAGAIN : problem(sp, errno);
	if ((n != CAN_MTU && n != CANFD_MTU) || in.len > (n == CAN_MTU ? CAN_MAX_DLEN : CANFD_MAX_DLEN))
		return problem(sp, EBADMSG);
	read_ancillary(sp, &message, at_us);
	from_kernel(&in, n == CANFD_MTU, frame);
	if (frame->error) {
		port->stats.errors++;
		port->stats.bus_off += (frame->id & CAN_ERR_BUSOFF) != 0;
	}
	return TT_OK;
}

static enum tt_err socket_send(struct tt_can_port *port, const struct tt_can_frame *frame)
{
	struct socket_port *sp = (struct socket_port *)port;
	struct canfd_frame out = {.can_id = frame->id | (frame->extended ? CAN_EFF_FLAG : 0U) | (frame->rtr ? CAN_RTR_FLAG : 0U),
				  .len = frame->len,
				  .flags = frame->brs ? CANFD_BRS : 0};

	if (sp->gone)
		return TT_EIO;
	memcpy(out.data, frame->data, frame->len);
	if (write(port->fd, &out, frame->fd ? CANFD_MTU : CAN_MTU) > 0)
		return TT_OK;
	if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
		return TT_EAGAIN;
	if (errno == EINVAL) /* an FD frame on a classic interface */
		return TT_EINVAL;
	return problem(sp, errno);
}

const struct tt_can_ops tt_can_socket_ops = {
	.scheme = "socketcan:",
	.filters = true,
	.open = socket_open,
	.close = socket_close,
	.recv = socket_recv,
	.send = socket_send,
};
