#include "firmware/io/gps.h"

#include "base/log.h"
#include "firmware/io/backoff.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gps.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 16384, CONNECT_TIMEOUT_US = 5000000, WATCH_MAX = 256 };

struct tt_gps {
	struct tt_loop *loop;
	struct tt_gps_config cfg;
	tt_gps_fn on_change;
	void *ctx;
	struct sockaddr_storage addr;
	socklen_t addr_len;
	int fd; /* -1 = between attempts */
	bool resting;
	bool connected;
	tt_mono_us attempt_at_us;
	struct tt_backoff backoff;
	enum tt_gps_state state;
	tt_mono_us since_us;
	tt_mono_us good_us;    /* last report with a fix */
	tt_mono_us undated_us; /* first of the fixes without a date since the last one that had it; 0 = none */
	struct tt_gps_fix fix;
	struct gps_data_t data; /* libgps's working memory */
	char watch[WATCH_MAX];
	size_t watch_len, watch_sent;
	char line[LINE_MAX_BYTES];
	size_t line_len;
	bool skip; /* the rest of an overlong line */
};

/* Stands in for libgps's D-Bus transport (see CMakeLists.txt); only gps_open and gps_mainloop, which are not used here, could call it. */
_Noreturn void tt_gps_no_dbus(void);
_Noreturn void tt_gps_no_dbus(void)
{
	tt_assert_failed(__FILE__, __LINE__, "D-Bus is not linked");
}

static void on_ready(void *ctx, int fd, unsigned ready);
static void on_timer(void *ctx, tt_mono_us now_us);

static enum tt_err parse_address(struct tt_gps *g, struct tt_errmsg *msg)
{
	const char *host = strcmp(g->cfg.host, "localhost") == 0 ? "127.0.0.1" : g->cfg.host;
	struct sockaddr_in *v4 = (struct sockaddr_in *)&g->addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&g->addr;

	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1 && ntohl(v4->sin_addr.s_addr) >> 24 == 127) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(g->cfg.port);
		g->addr_len = sizeof(*v4);
		return TT_OK;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr)) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(g->cfg.port);
		g->addr_len = sizeof(*v6);
		return TT_OK;
	}
	return tt_errmsg_set(msg, TT_ECONFIG, "gpsd-host %s: not this machine; gpsd has no protection on a network, use 127.0.0.1",
			     g->cfg.host);
}

static enum tt_err build_watch(struct tt_gps *g, struct tt_errmsg *msg)
{
	const char *device = g->cfg.device ? g->cfg.device : "";
	int n;

	if (strpbrk(device, "\"\\\n"))
		return tt_errmsg_set(msg, TT_ECONFIG, "gpsd-device %s: quotes and backslashes cannot be in a device's name", device);
	if (*device)
		n = snprintf(g->watch, sizeof(g->watch), "?WATCH={\"enable\":true,\"json\":true,\"device\":\"%s\"};\n", device);
	else
		n = snprintf(g->watch, sizeof(g->watch), "?WATCH={\"enable\":true,\"json\":true};\n");
	if (n < 0 || (size_t)n >= sizeof(g->watch))
		return tt_errmsg_set(msg, TT_ECONFIG, "gpsd-device: longer than a path may be");
	g->watch_len = (size_t)n;
	return TT_OK;
}

/* The state follows from the connection and the age of the last good report. */
static void update(struct tt_gps *g, tt_mono_us now_us)
{
	enum tt_gps_state state = TT_GPS_LOST;

	if (g->connected) {
		const bool fresh = g->fix.known && g->good_us > 0 && now_us - g->good_us <= g->cfg.stale_us;

		state = !fresh ? TT_GPS_NO_FIX : g->fix.three_d ? TT_GPS_3D : TT_GPS_2D;
	}
	if (state == g->state)
		return;
	/* 2D and 3D come and go with one satellite: the fix is as old as the first of them */
	if (state < TT_GPS_2D || g->state < TT_GPS_2D)
		g->since_us = now_us;
	g->state = state;
	g->on_change(g->ctx);
}

static void set_timer(struct tt_gps *g, tt_mono_us at_us)
{
	TT_ASSERT(tt_loop_timer(g->loop, at_us, on_timer, g) == TT_OK); /* our entry was taken in create */
}

static void close_socket(struct tt_gps *g)
{
	if (g->fd >= 0) {
		tt_loop_remove(g->loop, g->fd);
		close(g->fd);
		g->fd = -1;
	}
	g->connected = false;
	g->good_us = g->undated_us = 0;
}

static void hang_up(struct tt_gps *g, tt_mono_us now_us, const char *why)
{
	if (g->connected)
		tt_log(TT_LOG_WARN, NULL, "gps.lost", "gpsd %s:%u: %s; trying again", g->cfg.host, g->cfg.port, why);
	close_socket(g);
	set_timer(g, now_us + tt_backoff_next(&g->backoff));
	update(g, now_us);
}

static void connect_now(struct tt_gps *g, tt_mono_us now_us)
{
	g->line_len = g->watch_sent = 0;
	g->skip = false;
	g->attempt_at_us = now_us;
	g->fd = socket(g->addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (g->fd < 0 || (connect(g->fd, (const struct sockaddr *)&g->addr, g->addr_len) != 0 && errno != EINPROGRESS) ||
	    tt_loop_add(g->loop, g->fd, TT_LOOP_READ | TT_LOOP_WRITE, on_ready, g) != TT_OK) {
		hang_up(g, now_us, strerror(errno));
		return;
	}
	set_timer(g, now_us + CONNECT_TIMEOUT_US);
}

static void on_timer(void *ctx, tt_mono_us now_us)
{
	struct tt_gps *g = ctx;

	if (g->fd < 0) {
		connect_now(g, now_us);
		return;
	}
	if (!g->connected) {
		hang_up(g, now_us, "no answer");
		return;
	}
	update(g, now_us);
	set_timer(g, now_us + TT_SEC(1));
}

static int32_t scaled(double v, double scale, double limit)
{
	return isfinite(v) && fabs(v) <= limit ? (int32_t)lround(v * scale) : 0;
}

static uint32_t accuracy(const struct gps_fix_t *f)
{
	double m = f->eph;

	if (!isfinite(m) && isfinite(f->epx) && isfinite(f->epy))
		m = sqrt(f->epx * f->epx + f->epy * f->epy);
	return isfinite(m) && m > 0 && m < 1000000 ? (uint32_t)lround(m * 1000) : 0;
}

/*
 * gpsd reports a burst's first sentence (GGA: place, no date) before the one that brings the date. Taken as it is, such a fix would pass
 * for one of now, whatever the receiver says a moment later: a date is waited for, and a receiver that never gives one believed without.
 */
static bool date_may_follow(struct tt_gps *g, const struct gps_fix_t *f, tt_mono_us now_us)
{
	if (f->time.tv_sec > 0)
		g->undated_us = 0;
	else if (g->undated_us == 0)
		g->undated_us = now_us;
	return g->undated_us != 0 && now_us - g->undated_us <= g->cfg.stale_us / 2;
}

static void take_fix(struct tt_gps *g, tt_mono_us now_us)
{
	const struct gps_fix_t *f = &g->data.fix;
	const double course = isfinite(f->track) ? fmod(f->track, 360.0) : 0;

	if (f->mode < MODE_2D || !isfinite(f->latitude) || !isfinite(f->longitude) || fabs(f->latitude) > 90 || fabs(f->longitude) > 180) {
		g->good_us = g->undated_us = 0;
		return;
	}
	if (date_may_follow(g, f, now_us))
		return;
	g->fix = (struct tt_gps_fix){
		.known = true,
		.three_d = f->mode >= MODE_3D,
		.latitude_e7 = scaled(f->latitude, 1e7, 90),
		.longitude_e7 = scaled(f->longitude, 1e7, 180),
		.altitude_mm = f->mode >= MODE_3D ? scaled(f->altHAE, 1e3, 100000) : 0,
		.accuracy_mm = accuracy(f),
		.speed_mm_s = (uint32_t)scaled(isfinite(f->speed) && f->speed > 0 ? f->speed : 0, 1e3, 1000),
		.heading_cdeg = (uint32_t)lround((course < 0 ? course + 360 : course) * 100) % 36000,
		.fix_at_us = f->time.tv_sec > 0 ? (tt_utc_us)f->time.tv_sec * 1000000 + f->time.tv_nsec / 1000 : 0,
		.received_us = now_us,
	};
	g->good_us = now_us;
}

static void take_line(struct tt_gps *g, tt_mono_us now_us)
{
	if (strncmp(g->line, "{\"class\":\"ERROR\"", 16) == 0) {
		tt_log(TT_LOG_WARN, NULL, "gps.refused", "gpsd says %.200s", g->line);
		return;
	}
	if (strncmp(g->line, "{\"class\":\"TPV\"", 14) != 0)
		return;
	/* A field that a report leaves out must not live on from an earlier one. */
	memset(&g->data.fix, 0, sizeof(g->data.fix));
	g->data.set = 0;
	if (gps_unpack(g->line, &g->data) != 0 || !(g->data.set & MODE_SET))
		return;
	if (g->cfg.device && *g->cfg.device && strcmp(g->data.dev.path, g->cfg.device) != 0)
		return;
	take_fix(g, now_us);
	update(g, now_us);
	if (g->state >= TT_GPS_2D)
		g->on_change(g->ctx);
}

static void take_bytes(struct tt_gps *g, tt_mono_us now_us, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != '\n') {
			if (g->line_len + 1 < sizeof(g->line))
				g->line[g->line_len++] = bytes[i];
			else
				g->skip = true;
			continue;
		}
		g->line[g->line_len] = '\0';
		if (!g->skip)
			take_line(g, now_us);
		g->line_len = 0;
		g->skip = false;
	}
}

/* True when the connection is still good. */
static bool send_watch(struct tt_gps *g)
{
	const ssize_t n = send(g->fd, g->watch + g->watch_sent, g->watch_len - g->watch_sent, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	g->watch_sent += (size_t)n;
	return g->watch_sent < g->watch_len || tt_loop_interest(g->loop, g->fd, TT_LOOP_READ) == TT_OK;
}

static void established(struct tt_gps *g, tt_mono_us now_us)
{
	g->connected = true;
	tt_backoff_reset(&g->backoff);
	tt_log(TT_LOG_INFO, NULL, "gps.connected", "gpsd %s:%u", g->cfg.host, g->cfg.port);
	set_timer(g, now_us + TT_SEC(1));
	update(g, now_us);
}

static void on_ready(void *ctx, int fd, unsigned ready)
{
	struct tt_gps *g = ctx;
	const tt_mono_us now = tt_mono_now();
	char bytes[4096];
	ssize_t n;

	if (ready & (TT_LOOP_WRITE | TT_LOOP_HANGUP) && !g->connected) {
		int why = 0;
		socklen_t len = sizeof(why);

		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0 || why != 0) {
			hang_up(g, now, strerror(why));
			return;
		}
		established(g, now);
	}
	if (g->watch_sent < g->watch_len && !send_watch(g)) {
		hang_up(g, now, strerror(errno));
		return;
	}
	n = recv(fd, bytes, sizeof(bytes), 0);
	if (n == 0)
		hang_up(g, now, "closed");
	else if (n > 0)
		take_bytes(g, now, bytes, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		hang_up(g, now, strerror(errno));
}

enum tt_err tt_gps_create(struct tt_loop *loop, const struct tt_gps_config *config, tt_gps_fn on_change, void *ctx, struct tt_gps **out,
			  struct tt_errmsg *msg)
{
	struct tt_gps *g = calloc(1, sizeof(*g));
	enum tt_err err;

	if (!g)
		return tt_errmsg_set(msg, TT_ENOMEM, "gps: out of memory");
	g->loop = loop;
	g->cfg = *config;
	if (g->cfg.stale_us <= 0)
		g->cfg.stale_us = TT_SEC(5);
	g->on_change = on_change;
	g->ctx = ctx;
	g->fd = -1;
	g->since_us = tt_mono_now();
	g->backoff = (struct tt_backoff){.first_us = TT_MS(500), .max_us = TT_SEC(30)};
	err = parse_address(g, msg);
	if (!err)
		err = build_watch(g, msg);
	if (!err) {
		err = tt_loop_timer(loop, g->since_us, on_timer, g);
		if (err)
			(void)tt_errmsg_set(msg, err, "gps: the event loop is full");
	}
	if (err) {
		free(g);
		return err;
	}
	*out = g;
	return TT_OK;
}

void tt_gps_destroy(struct tt_gps *gps)
{
	if (!gps)
		return;
	set_timer(gps, TT_NEVER);
	if (gps->fd >= 0) {
		tt_loop_remove(gps->loop, gps->fd);
		close(gps->fd);
	}
	free(gps);
}

void tt_gps_rest(struct tt_gps *gps, bool rest)
{
	const tt_mono_us now = tt_mono_now();

	if (rest == gps->resting)
		return;
	gps->resting = rest;
	if (rest)
		close_socket(gps);
	tt_backoff_reset(&gps->backoff);
	set_timer(gps, rest ? TT_NEVER : now);
}

enum tt_gps_state tt_gps_state(struct tt_gps *gps, tt_mono_us now_us, tt_mono_us *since_us)
{
	update(gps, now_us);
	if (since_us)
		*since_us = gps->since_us;
	return gps->state;
}

const struct tt_gps_fix *tt_gps_fix(const struct tt_gps *gps)
{
	return &gps->fix;
}
