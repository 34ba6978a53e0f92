/*
 * A signed message on its way to a unit over the broker, and what the unit says to it.
 *
 * Publishes on dn/cmd or dn/cfg with the operator's certificate, which the broker's ACL lets do exactly that and read up/event. Waits for
 * results when asked; the gateway takes them as well. Memory: libmosquitto's. Threads: none.
 */
#ifndef TT_OPERATOR_SEND_H
#define TT_OPERATOR_SEND_H

#include "operator/home.h"
#include "wire/envelope.h"

struct tt_send {
	const struct tt_home *home;
	const char *host, *port; /* NULL: localhost, 8884 */
	bool plain;              /* without TLS, for tests on one machine */
	const char *unit;
	enum tt_dn where;
	const uint8_t *message;
	size_t len;
	int wait_s; /* 0 = do not wait */
	/* Looks at an event of the unit's; true: that was the end. */
	bool (*take)(void *ctx, const Telltale__V1__Envelope *env);
	void *ctx;
};

/* TT_ETIMEOUT: sent, and no end of it within wait_s. TT_EIO with the broker's reason. */
TT_MUSTCHECK enum tt_err tt_send(const struct tt_send *s, struct tt_errmsg *msg);

#endif
