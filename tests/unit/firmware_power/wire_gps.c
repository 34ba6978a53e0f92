/* firmware/io/gps.h in memory: the receiver says what the drive gives it, once a second. */
#include "wire_gps.h"

#include <stdlib.h>

struct tt_gps {
	tt_gps_fn on_change;
	void *ctx;
	struct tt_gps_fix fix;
	bool rests;
};

enum { STALE_US = 5000000 };

/* The linker is told of it for libgps, which nobody calls here. */
_Noreturn void tt_gps_no_dbus(void);
_Noreturn void tt_gps_no_dbus(void)
{
	tt_assert_failed(__FILE__, __LINE__, "no libgps here");
}

static struct tt_gps *receiver; /* of the one agent */

enum tt_err tt_gps_create(struct tt_loop *loop, const struct tt_gps_config *config, tt_gps_fn on_change, void *ctx, struct tt_gps **out,
			  struct tt_errmsg *msg)
{
	struct tt_gps *g = calloc(1, sizeof(*g));

	(void)loop;
	(void)config;
	(void)msg;
	if (!g)
		return TT_ENOMEM;
	g->on_change = on_change;
	g->ctx = ctx;
	receiver = *out = g;
	return TT_OK;
}

void tt_gps_destroy(struct tt_gps *gps)
{
	free(gps);
	receiver = NULL;
}

void tt_gps_rest(struct tt_gps *gps, bool rest)
{
	gps->rests = rest;
}

enum tt_gps_state tt_gps_state(struct tt_gps *gps, tt_mono_us now_us, tt_mono_us *since_us)
{
	if (since_us)
		*since_us = gps->fix.received_us;
	return gps->fix.known && now_us - gps->fix.received_us <= STALE_US ? TT_GPS_3D : TT_GPS_NO_FIX;
}

const struct tt_gps_fix *tt_gps_fix(const struct tt_gps *gps)
{
	return &gps->fix;
}

void wire_gps_say(const struct tt_gps_fix *fix)
{
	if (!receiver || receiver->rests)
		return;
	receiver->fix = *fix;
	receiver->on_change(receiver->ctx);
}
