/*
 * What a bus behind the CAN port provides. Private to firmware/io.
 *
 * A backend's struct starts with struct tt_can_port; open allocates it, close frees it. The front (can_port.c) keeps the statistics,
 * applies the filters of backends that have none of their own and checks frames before they are sent.
 */
#ifndef TT_FIRMWARE_IO_CAN_BACKEND_H
#define TT_FIRMWARE_IO_CAN_BACKEND_H

#include "firmware/io/can_port.h"

enum { TT_CAN_ADDRESS_MAX = 256 };

struct tt_can_ops {
	const char *scheme; /* "socketcan:" */
	bool listen_only;
	bool filters; /* the backend filters by itself */
	/* where: the address after the scheme. Fills fd and whatever else is its own; the port is zeroed before. */
	enum tt_err (*open)(const char *where, const struct tt_can_filter *filters, size_t nfilters, struct tt_can_port **out,
			    struct tt_errmsg *msg);
	void (*close)(struct tt_can_port *port);
	enum tt_err (*recv)(struct tt_can_port *port, struct tt_can_frame *frame, tt_mono_us *at_us);
	enum tt_err (*send)(struct tt_can_port *port, const struct tt_can_frame *frame);
};

struct tt_can_port {
	const struct tt_can_ops *ops;
	int fd;
	struct tt_can_stats stats;
	struct tt_errmsg problem;
	struct tt_can_filter *filters; /* owned by the front */
	size_t nfilters;
	char address[TT_CAN_ADDRESS_MAX];
};

extern const struct tt_can_ops tt_can_socket_ops;
extern const struct tt_can_ops tt_can_replay_ops;
extern const struct tt_can_ops tt_can_shared_ops;
extern const struct tt_can_ops tt_can_memory_ops;

/* True for the lengths a frame may have: 0..8, or with FD also 12, 16, 20, 24, 32, 48 and 64. */
bool tt_can_length_valid(const struct tt_can_frame *frame);

#endif
