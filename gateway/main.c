#include "base/log.h"
#include "base/loop.h"
#include "gateway/metrics.h"
#include "gateway/settings.h"
#include "gateway/turn.h"
#include "gateway/worker.h"

#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>

#define METRICS_US TT_SEC(5)
enum { EXIT_CONFIG = 2 };

struct gateway {
	struct tt_settings settings;
	struct tt_loop *loop;
	struct tt_turn *turn;
	struct tt_worker *alerts, *bulk;
	struct tt_log_limit metrics_limit;
};

static void write_metrics(struct gateway *g)
{
	struct tt_metrics_worker workers[] = {{.name = "alert"}, {.name = "bulk"}};
	struct tt_errmsg msg;
	uint64_t missed;

	tt_worker_stats(g->alerts, &workers[0].stats);
	tt_worker_stats(g->bulk, &workers[1].stats);
	if (tt_metrics_write(g->settings.metrics_file, workers, 2, &msg) && tt_log_allow(&g->metrics_limit, tt_mono_now(), &missed))
		tt_log(TT_LOG_WARN, NULL, "metrics.failed", "%s", msg.text);
}

static void on_metrics(void *ctx, tt_mono_us now_us)
{
	struct gateway *g = ctx;

	write_metrics(g);
	if (tt_loop_timer(g->loop, now_us + METRICS_US, on_metrics, g))
		tt_log(TT_LOG_ERROR, NULL, "metrics.stopped", "no timer left");
}

static enum tt_err start(struct gateway *g, uint64_t shards, struct tt_errmsg *msg)
{
	struct tt_worker_config config = {.settings = &g->settings, .shards = shards, .alerts = true};
	enum tt_err err = tt_turn_create(&g->turn);

	if (err)
		return tt_errmsg_set(msg, err, "%s", tt_err_text(err));
	/* Before the threads: it blocks the signals for them too. */
	err = tt_loop_create(4, &g->loop);
	if (err)
		return tt_errmsg_set(msg, err, "event loop: %s", tt_err_text(err));
	config.turn = g->turn;
	err = tt_worker_start(&config, &g->alerts, msg);
	if (err)
		return err;
	config.alerts = false;
	err = tt_worker_start(&config, &g->bulk, msg);
	if (!err && *g->settings.metrics_file)
		err = tt_loop_timer(g->loop, tt_mono_now(), on_metrics, g);
	return err;
}

int main(int argc, char *argv[])
{
	static struct gateway g = {.metrics_limit = {.interval_us = TT_SEC(600), .burst = 1}};
	struct tt_errmsg msg = {.text = ""};
	enum tt_log_level level = TT_LOG_INFO;
	uint64_t shards = 0;
	bool help = false;
	enum tt_err err = tt_config_load(&tt_settings_spec, &g.settings, argc, argv, &help, &msg);

	if (!err && help)
		return EXIT_SUCCESS;
	if (!err)
		err = tt_settings_check(&g.settings, &shards, &msg);
	if (!err && tt_log_level_parse(g.settings.log_level, &level))
		err = tt_errmsg_set(&msg, TT_ECONFIG, "log-level: \"%s\" is none of error, warn, info, debug", g.settings.log_level);
	tt_log_init("telltale-gateway", level);
	if (err) {
		tt_log(TT_LOG_ERROR, NULL, "config", "%s", msg.text);
		return EXIT_CONFIG;
	}
	mosquitto_lib_init();
	err = start(&g, shards, &msg);
	if (!err) {
		tt_log(TT_LOG_INFO, NULL, "started", "broker=%s:%d store=%s shards=%s", g.settings.broker_host, (int)g.settings.broker_port,
		       g.settings.store, g.settings.shards);
		err = tt_loop_run(g.loop);
	}
	if (err)
		tt_log(TT_LOG_ERROR, NULL, "stopped", "%s", *msg.text ? msg.text : tt_err_text(err));
	else
		tt_log(TT_LOG_INFO, NULL, "stopping", "finishing the batch");
	if (g.alerts && g.bulk && *g.settings.metrics_file)
		write_metrics(&g);
	tt_worker_stop(g.alerts);
	tt_worker_stop(g.bulk);
	tt_turn_destroy(g.turn);
	tt_loop_destroy(g.loop);
	mosquitto_lib_cleanup();
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
