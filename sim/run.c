/*
 * telltale-sim: one simulated car on one CAN bus, played by a scenario, with a receiver for gpsd.
 *
 * One loop, one timer. Bus timing is real; --time-scale makes the scenario's clock and the car's movement faster, not the bus.
 */
#include "sim/commands.h"

#include "base/config.h"
#include "base/loop.h"
#include "firmware/io/can_port.h"
#include "firmware/proto/vin.h"
#include "sim/body.h"
#include "sim/broadcast.h"
#include "sim/control.h"
#include "sim/ecu/obd_ecu.h"
#include "sim/file.h"
#include "sim/gps.h"
#include "sim/truck.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES_AT_ONCE = 256, RETRY_US = 1000, FIX_PERIOD_US = 1000000, LONGEST_STEP_US = 100000 };

struct options {
	char bus[256], vin[TT_SIM_VIN], scenario[256], track[256], control[108];
	int64_t gps_udp, odometer_m, seed, time_scale, obd_bits, max_seconds;
	bool once, loop, truck;
};

static const struct tt_config_key keys[] = {
	TT_CONFIG_STR(struct options, bus, "bus", NULL, "CAN bus: socketcan:IF, shared:DIR or memory:NAME"),
	TT_CONFIG_STR(struct options, vin, "vin", "", "vehicle identification number; wins over the scenario's"),
	TT_CONFIG_STR(struct options, scenario, "scenario", "", "scenario file (sim/scenario.h describes it)"),
	TT_CONFIG_STR(struct options, track, "track", "", "track file (sim/track.h describes it)"),
	TT_CONFIG_STR(struct options, control, "control", "", "Unix datagram socket that takes scenario actions"),
	TT_CONFIG_NUM(struct options, gps_udp, "gps-udp", 0, 65535, "0", "UDP port on 127.0.0.1 where gpsd reads NMEA; 0 = none"),
	TT_CONFIG_NUM(struct options, odometer_m, "odometer-m", 0, INT64_C(9999999000), "0",
		      "odometer, m; wins over the scenario's start; 0 = not given"),
	TT_CONFIG_NUM(struct options, seed, "seed", 1, INT64_MAX, "1", "of the receiver's noise"),
	TT_CONFIG_NUM(struct options, time_scale, "time-scale", 1, 1000, "1", "scenario and car run this many times faster"),
	TT_CONFIG_NUM(struct options, obd_bits, "obd-bits", 11, 29, "11", "identifiers of the diagnostics: 11 or 29 bits"),
	TT_CONFIG_NUM(struct options, max_seconds, "max-seconds", 0, 31536000, "0", "exit after so many seconds; 0 = never"),
	TT_CONFIG_FLAG(struct options, once, "once", "false", "exit after the scenario's last step"),
	TT_CONFIG_FLAG(struct options, truck, "truck", "false", "a lorry: J1939 instead of OBD and the demo car's messages"),
	TT_CONFIG_FLAG(struct options, loop, "loop", "false", "start the scenario over after its last step"),
};
static const struct tt_config_spec spec = {
	.program = "telltale-sim",
	.purpose = "a simulated car: ECUs that answer, broadcast signals, a receiver (also: telltale-sim nmea)",
	.env_prefix = "TELLTALE_SIM",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
};

struct sim {
	struct options options;
	struct tt_loop *loop;
	struct tt_can_port *port;
	struct tt_control control;
	int gps_fd;
	struct tt_scenario scenario;
	char *scenario_text; /* owned; the steps point into it */
	struct tt_track track;
	struct tt_car car;
	struct tt_broadcast broadcast;
	struct tt_obd_ecu ecus[TT_SIM_ECUS];
	struct tt_truck truck;
	tt_mono_us start_us, stepped_us, fix_due_us;
	int64_t scenario_start_us; /* on the scenario's clock */
	size_t next_step;
	struct tt_can_frame held; /* a frame the bus did not take */
	bool holding;
	uint64_t noise;
};

/* The scenario's clock: scaled time since the start. */
static int64_t clock_at(const struct sim *s, tt_mono_us now_us)
{
	return (now_us - s->start_us) * s->options.time_scale;
}

static void tell(const struct sim *s, tt_mono_us now_us, const char *who, const char *text, size_t len)
{
	const int64_t at_us = clock_at(s, now_us);

	printf("%lld.%06llds %s%.*s\n", (long long)(at_us / 1000000), (long long)(at_us % 1000000), who, (int)len, text);
}

/* What the command line fixed, the scenario's start does not change. */
static bool overruled(const struct sim *s, const struct tt_sim_step *step)
{
	return (step->action.verb == TT_SIM_VERB_VIN && s->options.vin[0]) ||
	       (step->action.verb == TT_SIM_VERB_ODOMETER && s->options.odometer_m > 0 && step->at_us == 0);
}

static bool replay_wanted(const struct sim *s)
{
	return (s->options.loop || s->scenario.repeat) && !s->options.once && s->scenario.nsteps > 0 &&
	       s->scenario.steps[s->scenario.nsteps - 1].at_us > 0;
}

static void play(struct sim *s, tt_mono_us now_us)
{
	while (s->next_step < s->scenario.nsteps) {
		const struct tt_sim_step *step = &s->scenario.steps[s->next_step];

		if (s->scenario_start_us + step->at_us > clock_at(s, now_us))
			return;
		s->next_step++;
		tell(s, now_us, overruled(s, step) ? "overruled by the command line: " : "", step->text, step->text_len);
		if (!overruled(s, step) && tt_car_apply(&s->car, &step->action))
			fprintf(stderr, "telltale-sim: line %u: the ECU has no room for another code\n", step->line);
		if (step->action.verb == TT_SIM_VERB_END)
			tt_loop_stop(s->loop);
		if (s->next_step == s->scenario.nsteps && replay_wanted(s)) {
			s->scenario_start_us += step->at_us;
			s->next_step = 0;
			return; /* one round a turn, however long the pause was */
		}
	}
	if (s->options.once)
		tt_loop_stop(s->loop);
}

static tt_mono_us next_step_at(const struct sim *s)
{
	if (s->next_step == s->scenario.nsteps)
		return TT_NEVER;
	return s->start_us + (s->scenario_start_us + s->scenario.steps[s->next_step].at_us) / s->options.time_scale;
}

static void move(struct sim *s, tt_mono_us now_us)
{
	int64_t dt_us = (now_us - s->stepped_us) * s->options.time_scale;

	s->stepped_us = now_us;
	for (int64_t part; dt_us > 0; dt_us -= part) {
		part = tt_min_i64(dt_us, LONGEST_STEP_US);
		if (s->track.npoints > 0) {
			const struct tt_track_place place = tt_track_at(&s->track, s->car.travelled_um);
			const int64_t v = s->car.speed_mm_s;

			s->car.limit_mm_s = place.limit_mm_s;
			s->car.lateral_mm_s2 = place.lateral_mm_s2_per_m2_s2 * (v * v / 1000) / 1000000;
		}
		tt_car_step(&s->car, part);
	}
}

/* Every order is told as it came, so that a test can read what was on the bus. */
static void obey(struct sim *s, tt_mono_us at_us, const struct tt_can_frame *frame)
{
	const char *what = tt_body_take(&s->car, frame);
	char line[64];
	int n;

	if (!what)
		return;
	n = snprintf(line, sizeof(line), "%s %03X#", what, frame->id);
	for (unsigned i = 0; i < frame->len; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%02X", frame->data[i]);
	tell(s, at_us, "body: ", line, (size_t)n);
}

/* False: the bus is full; the frame is kept for the next try. */
static bool transmit(struct sim *s, const struct tt_can_frame *frame)
{
	enum tt_err err = tt_can_port_send(s->port, frame);

	s->holding = err == TT_EAGAIN;
	if (s->holding)
		s->held = *frame;
	else if (err)
		fprintf(stderr, "telltale-sim: %s\n", tt_can_port_problem(s->port));
	return !s->holding;
}

static void transmit_all(struct sim *s, tt_mono_us now_us)
{
	struct tt_can_frame frame;

	if (s->holding && !transmit(s, &s->held))
		return;
	while (s->options.truck && tt_truck_next_tx(&s->truck, now_us, &frame)) {
		if (!transmit(s, &frame))
			return;
	}
	if (s->options.truck)
		return;
	while (tt_broadcast_next(&s->broadcast, &s->car, now_us, &frame)) {
		if (!transmit(s, &frame))
			return;
	}
	for (unsigned i = 0; i < TT_SIM_ECUS; i++) {
		tt_obd_ecu_tick(&s->ecus[i], now_us);
		while (tt_obd_ecu_next_tx(&s->ecus[i], now_us, &frame)) {
			if (!transmit(s, &frame))
				return;
		}
	}
}

static void send_fix(struct sim *s, tt_mono_us now_us)
{
	struct tt_nmea_fix fix;

	if (s->gps_fd < 0 || now_us < s->fix_due_us)
		return;
	s->fix_due_us += FIX_PERIOD_US * ((now_us - s->fix_due_us) / FIX_PERIOD_US + 1);
	fix = tt_gps_fix(&s->car, &s->track, tt_utc_now(), &s->noise);
	tt_gps_send(s->gps_fd, &fix);
}

static tt_mono_us wake_at(const struct sim *s)
{
	tt_mono_us at_us = s->options.truck ? tt_truck_wake_at(&s->truck) : tt_broadcast_wake_at(&s->broadcast);

	at_us = tt_min_i64(at_us, next_step_at(s));
	for (unsigned i = 0; i < TT_SIM_ECUS && !s->options.truck; i++)
		at_us = tt_min_i64(at_us, tt_obd_ecu_wake_at(&s->ecus[i]));
	return s->gps_fd >= 0 ? tt_min_i64(at_us, s->fix_due_us) : at_us;
}

static void on_timer(void *ctx, tt_mono_us now_us);

static void advance(struct sim *s, tt_mono_us now_us)
{
	enum tt_err err;

	move(s, now_us);
	play(s, now_us);
	transmit_all(s, now_us);
	send_fix(s, now_us);
	err = tt_loop_timer(s->loop, s->holding ? now_us + RETRY_US : wake_at(s), on_timer, s);
	TT_ASSERT(err == TT_OK);
}

static void on_timer(void *ctx, tt_mono_us now_us)
{
	advance(ctx, now_us);
}

static void on_end(void *ctx, tt_mono_us now_us)
{
	struct sim *s = ctx;

	tell(s, now_us, "", "max-seconds reached", strlen("max-seconds reached"));
	tt_loop_stop(s->loop);
}

static void on_bus(void *ctx, int fd, unsigned ready)
{
	struct sim *s = ctx;
	struct tt_can_frame frame;
	tt_mono_us at_us;
	enum tt_err err = TT_OK;

	(void)ready;
	for (unsigned i = 0; i < FRAMES_AT_ONCE && !err; i++) {
		err = tt_can_port_recv(s->port, &frame, &at_us);
		if (!err && s->options.truck)
			tt_truck_feed(&s->truck, at_us, &frame);
		if (!err && !s->options.truck)
			obey(s, at_us, &frame);
		for (unsigned e = 0; !err && !s->options.truck && e < TT_SIM_ECUS; e++)
			tt_obd_ecu_feed(&s->ecus[e], at_us, &frame);
	}
	if (err && err != TT_EAGAIN) {
		fprintf(stderr, "telltale-sim: the bus has ended: %s\n", tt_can_port_problem(s->port));
		tt_loop_remove(s->loop, fd);
	}
	advance(s, tt_mono_now());
}

/* The answer says where the car truly is, so that a test can compare what arrives at the desk. */
static void tell_place(const struct sim *s, struct tt_errmsg *msg)
{
	struct tt_nmea_fix fix;

	if (s->track.npoints == 0)
		return;
	fix = tt_gps_fix(&s->car, &s->track, 0, NULL);
	(void)tt_errmsg_set(msg, TT_OK, "lat=%.7f lon=%.7f", (double)fix.latitude_e7 / 1e7, (double)fix.longitude_e7 / 1e7);
}

static enum tt_err on_action(void *ctx, const struct tt_sim_action *action, const char *text, struct tt_errmsg *msg)
{
	struct sim *s = ctx;
	enum tt_err err = tt_car_apply(&s->car, action);

	if (err)
		return tt_errmsg_set(msg, err, "the ECU has no room for another code; clear one");
	tell(s, tt_mono_now(), "control: ", text, strlen(text));
	if (action->verb == TT_SIM_VERB_END)
		tt_loop_stop(s->loop);
	tell_place(s, msg);
	return TT_OK;
}

static void on_control(void *ctx, int fd, unsigned ready)
{
	struct sim *s = ctx;

	(void)fd;
	(void)ready;
	move(s, tt_mono_now()); /* what is set now holds from now on */
	tt_control_serve(&s->control, on_action, s);
	advance(s, tt_mono_now());
}

static enum tt_err load_files(struct sim *s, struct tt_errmsg *msg)
{
	struct tt_errmsg why = {""};
	const char *file = s->options.scenario;
	char *text = NULL;
	size_t len;
	enum tt_err err = TT_OK;

	if (file[0]) {
		err = tt_sim_file_read(file, &s->scenario_text, &len, msg);
		if (!err && (err = tt_scenario_parse(s->scenario_text, len, &s->scenario, &why)))
			return tt_errmsg_set(msg, err, "%.120s: %.190s", file, why.text);
	}
	file = s->options.track;
	if (!err && file[0]) {
		err = tt_sim_file_read(file, &text, &len, msg);
		if (!err && (err = tt_track_parse(text, len, &s->track, &why)))
			err = tt_errmsg_set(msg, err, "%.120s: %.190s", file, why.text);
		free(text);
	}
	return err;
}

static enum tt_err check_options(const struct options *o, struct tt_errmsg *msg)
{
	if (o->gps_udp > 0 && !o->track[0])
		return tt_errmsg_set(msg, TT_ECONFIG, "gps-udp needs a track: give --track FILE");
	if (o->vin[0] && !tt_vin_valid(o->vin, strlen(o->vin)))
		return tt_errmsg_set(msg, TT_ECONFIG, "vin '%s': 17 digits and capital letters without I, O, Q", o->vin);
	if (o->obd_bits != 11 && o->obd_bits != 29)
		return tt_errmsg_set(msg, TT_ECONFIG, "obd-bits is 11 or 29");
	if (o->once && !o->scenario[0])
		return tt_errmsg_set(msg, TT_ECONFIG, "once needs a scenario: give --scenario FILE");
	return TT_OK;
}

static void set_up_car(struct sim *s)
{
	tt_car_init(&s->car);
	if (s->options.vin[0])
		memcpy(s->car.vin, s->options.vin, sizeof(s->car.vin));
	if (s->options.odometer_m > 0)
		s->car.odometer_um = s->options.odometer_m * 1000000;
	for (unsigned i = 0; i < TT_SIM_ECUS; i++)
		tt_obd_ecu_init(&s->ecus[i], &s->car, i, s->options.obd_bits == 29);
	s->noise = (uint64_t)s->options.seed;
}

static enum tt_err open_all(struct sim *s, struct tt_errmsg *msg)
{
	enum tt_err err = load_files(s, msg);

	if (!err)
		err = tt_can_port_open(s->options.bus, NULL, 0, &s->port, msg);
	if (!err && tt_can_port_listen_only(s->port))
		err = tt_errmsg_set(msg, TT_ECONFIG, "%s only listens; a car has to talk", s->options.bus);
	if (!err && s->options.gps_udp > 0)
		err = tt_gps_open((uint16_t)s->options.gps_udp, &s->gps_fd, msg);
	if (!err && s->options.control[0])
		err = tt_control_open(&s->control, s->options.control, msg);
	if (err)
		return err;
	err = tt_loop_create(8, &s->loop);
	if (!err)
		err = tt_loop_add(s->loop, tt_can_port_fd(s->port), TT_LOOP_READ, on_bus, s);
	if (!err && s->control.fd >= 0)
		err = tt_loop_add(s->loop, s->control.fd, TT_LOOP_READ, on_control, s);
	if (!err && s->options.max_seconds > 0)
		err = tt_loop_timer(s->loop, tt_mono_now() + TT_SEC(s->options.max_seconds), on_end, s);
	return err ? tt_errmsg_set(msg, err, "event loop: %s", tt_err_text(err)) : TT_OK;
}

static void close_all(struct sim *s)
{
	tt_loop_destroy(s->loop);
	tt_control_close(&s->control);
	if (s->gps_fd >= 0)
		close(s->gps_fd);
	tt_can_port_close(s->port);
	free(s->scenario_text);
	free(s);
}

static enum tt_err drive(struct sim *s, struct tt_errmsg *msg)
{
	struct tt_can_stats stats;
	enum tt_err err = open_all(s, msg);

	if (err)
		return err;
	set_up_car(s);
	s->start_us = s->stepped_us = s->fix_due_us = tt_mono_now();
	tt_broadcast_init(&s->broadcast, s->start_us);
	tt_truck_init(&s->truck, &s->car, s->start_us);
	printf("0.000000s ready bus=%s vin=%s\n", s->options.bus, s->car.vin);
	advance(s, s->start_us);
	err = tt_loop_run(s->loop);
	stats = tt_can_port_stats(s->port);
	printf("ended: frames sent %llu, received %llu, lost %llu; requests %llu\n", (unsigned long long)stats.sent,
	       (unsigned long long)stats.received, (unsigned long long)stats.lost,
	       (unsigned long long)(s->ecus[0].requests + s->ecus[1].requests + s->truck.requests));
	return err ? tt_errmsg_set(msg, err, "event loop: %s", tt_err_text(err)) : TT_OK;
}

int tt_sim_run(int argc, char *const argv[])
{
	struct sim *s = calloc(1, sizeof(*s));
	struct tt_errmsg msg = {""};
	bool help = false;
	enum tt_err err;
	int status;

	if (!s)
		return 1;
	s->gps_fd = s->control.fd = -1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	err = tt_config_load(&spec, &s->options, argc, argv, &help, &msg);
	if (!err && !help)
		err = check_options(&s->options, &msg);
	status = err ? 2 : 0;
	if (!err && !help && (err = drive(s, &msg)))
		status = 1;
	if (err)
		fprintf(stderr, "telltale-sim: %s\n", msg.text);
	close_all(s);
	return status;
}
