#include "firmware/io/can_port.h"

#include "firmware/io/can_backend.h"

#include <stdlib.h>
#include <string.h>

/* A reader that filters away everything must still come back to its loop. */
enum { FILTERED_AT_ONCE = 1024 };

static const struct tt_can_ops *const backends[] = {
	&tt_can_socket_ops,
	&tt_can_replay_ops,
	&tt_can_shared_ops,
	&tt_can_memory_ops,
};

bool tt_can_length_valid(const struct tt_can_frame *frame)
{
	static const uint8_t fd_lengths[] = {12, 16, 20, 24, 32, 48, 64};

	if (frame->len <= 8)
		return true;
	for (size_t i = 0; frame->fd && i < sizeof(fd_lengths); i++) {
		if (frame->len == fd_lengths[i])
			return true;
	}
	return false;
}

static bool frame_sendable(const struct tt_can_frame *frame)
{
	const uint32_t mask = frame->extended ? TT_CAN_EFF_MASK : TT_CAN_SFF_MASK;

	return (frame->id & ~mask) == 0 && !frame->error && !(frame->fd && frame->rtr) && tt_can_length_valid(frame);
}

static bool passes(const struct tt_can_port *port, const struct tt_can_frame *frame)
{
	if (port->nfilters == 0 || frame->error)
		return true;
	for (size_t i = 0; i < port->nfilters; i++) {
		if (tt_can_filter_passes(&port->filters[i], frame))
			return true;
	}
	return false;
}

static const struct tt_can_ops *find_backend(const char *address)
{
	for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++) {
		if (strncmp(address, backends[i]->scheme, strlen(backends[i]->scheme)) == 0)
			return backends[i];
	}
	return NULL;
}

enum tt_err tt_can_port_open(const char *address, const struct tt_can_filter *filters, size_t nfilters, struct tt_can_port **out,
			     struct tt_errmsg *msg)
{
	const struct tt_can_ops *ops = find_backend(address);
	struct tt_can_filter *copy = NULL;
	struct tt_can_port *port;
	enum tt_err err;

	if (!ops)
		return tt_errmsg_set(msg, TT_EINVAL,
				     "'%.100s' is not a CAN address; write socketcan:IF, replay:FILE, shared:DIR or memory:NAME", address);
	if (strlen(address) >= TT_CAN_ADDRESS_MAX || strlen(address) == strlen(ops->scheme))
		return tt_errmsg_set(msg, TT_EINVAL, "'%.100s': the part after '%s' must have 1 to %zu characters", address, ops->scheme,
				     TT_CAN_ADDRESS_MAX - 1 - strlen(ops->scheme));
	if (nfilters > TT_CAN_FILTERS_MAX)
		return tt_errmsg_set(msg, TT_EINVAL, "%s: %zu filters; at most %d", address, nfilters, TT_CAN_FILTERS_MAX);
	if (nfilters > 0) {
		copy = calloc(nfilters, sizeof(*copy));
		if (!copy)
			return tt_errmsg_set(msg, TT_ENOMEM, "%s: out of memory", address);
		memcpy(copy, filters, nfilters * sizeof(*copy));
	}
	err = ops->open(address + strlen(ops->scheme), filters, nfilters, &port, msg);
	if (err) {
		free(copy);
		return err;
	}
	port->ops = ops;
	port->filters = copy; /* freed in tt_can_port_close */
	port->nfilters = ops->filters ? 0 : nfilters;
	memcpy(port->address, address, strlen(address) + 1);
	*out = port;
	return TT_OK;
}

void tt_can_port_close(struct tt_can_port *port)
{
	if (!port)
		return;
	free(port->filters);
	port->ops->close(port);
}

int tt_can_port_fd(const struct tt_can_port *port)
{
	return port->fd;
}

enum tt_err tt_can_port_recv(struct tt_can_port *port, struct tt_can_frame *frame, tt_mono_us *at_us)
{
	struct tt_can_frame got;
	tt_mono_us got_at_us;

	for (unsigned i = 0; i < FILTERED_AT_ONCE; i++) {
		enum tt_err err = port->ops->recv(port, &got, &got_at_us);

		if (err)
			return err;
		if (!passes(port, &got))
			continue;
		port->stats.received++;
		*frame = got;
		*at_us = got_at_us;
		return TT_OK;
	}
	return TT_EAGAIN;
}

enum tt_err tt_can_port_send(struct tt_can_port *port, const struct tt_can_frame *frame)
{
	enum tt_err err;

	if (!frame_sendable(frame))
		return TT_EINVAL;
	if (port->ops->listen_only)
		return TT_ENOTSUP;
	err = port->ops->send(port, frame);
	if (!err)
		port->stats.sent++;
	return err;
}

bool tt_can_port_listen_only(const struct tt_can_port *port)
{
	return port->ops->listen_only;
}

const char *tt_can_port_problem(const struct tt_can_port *port)
{
	return port->problem.text;
}

struct tt_can_stats tt_can_port_stats(const struct tt_can_port *port)
{
	return port->stats;
}
