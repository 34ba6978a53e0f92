/*
 * What a car's telemetry costs on the wire: the whole agent drives on simulated time, and every MQTT message that leaves it is counted,
 * with topic and MQTT framing told apart. The messages come out of the agent's journal as they would for a broker; samples are read back
 * from them, so what is counted is known to be readable. Prints two tables.
 *
 *     bench_wire FILE.nmea...      recorded drives: position, speed and ignition only
 *
 * Simulated drives: the demo car with its bus (about 360 frames/s), its ECUs and a receiver with white noise of half a metre. The driver
 * is not steady and the sensors are not clean, because what does not change costs nothing.
 *
 * Baselines, from the same samples of the same run: one JSON message a sample,
 * {"ts":1795312800123,"name":"Vehicle.Speed","value":57.32}, on the same topic with QoS 1; and the samples of a chunk as an array of these
 * in one message, compressed with zstd at its default level.
 */
#include "parked_world.h"
#include "wire_gps.h"

#include "sim/broadcast.h"
#include "sim/ecu/obd_ecu.h"
#include "sim/track.h"
#include "tests/support/nmea_log.h"
#include "wire/chunk.h"
#include "wire/signal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

enum { STEP_US = 10000, JSON_MAX = TT_CHUNK_MAX_SAMPLES * 128, ROWS = 32, ON_AIR_BYTES = 130, HOUR_S = 3600 };

static const char city[] = "at 0s ignition on\nbelt driver on\nlock\nat 5s drive\nat 70s stop\nat 90s drive\nat 160s stop\nat 185s drive\n"
			   "at 290s stop\nat 300s note\nrepeat\n";
static const char motorway[] = "at 0s ignition on\nbelt driver on\nlock\nat 5s drive\nat 3600s note\n";

struct row {
	char name[64];
	double hours;
	uint64_t samples, columns, raw, envelopes, payload, topic, framing; /* of telemetry messages */
	uint64_t messages, bytes;                                           /* of every message, as MQTT */
	uint64_t json, json_zstd;                                           /* as MQTT */
};

static struct parked_world w;
static struct row rows[ROWS], *row;
static unsigned nrows;
static uint64_t noise;
static char json[JSON_MAX], packed[ZSTD_COMPRESSBOUND(JSON_MAX)];
static size_t json_len;

/* ---- counting ---- */

/* Fixed header, remaining length, length of the topic, packet identifier (MQTT 3.1.1, 3.3). */
static size_t framing(size_t topic, size_t payload, int qos)
{
	const size_t rest = 2 + topic + (qos > 0 ? 2 : 0) + payload;
	size_t n = 1;

	for (size_t left = rest; left > 0; left >>= 7)
		n++;
	return n + 2 + (qos > 0 ? 2 : 0);
}

static const char *topic_now;

static enum tt_err count_sample(void *ctx, const struct tt_sample *s)
{
	const struct tt_signal *signal = tt_signal_by_number(s->signal);
	int decimals = 0, n;

	(void)ctx;
	TT_ASSERT(signal != NULL);
	for (int64_t unit = 1; unit < signal->scale; unit *= 10)
		decimals++;
	n = snprintf(json + json_len, sizeof(json) - json_len, "%c{\"ts\":%lld,\"name\":\"%s\",\"value\":%.*f}", json_len > 0 ? ',' : '[',
		     (long long)(s->at_us / 1000), signal->path, decimals, (double)s->value / signal->scale);
	TT_ASSERT(n > 0 && json_len + (size_t)n < sizeof(json) - 1);
	json_len += (size_t)n;
	row->samples++;
	row->json += (size_t)n - 1 + strlen(topic_now) + framing(strlen(topic_now), (size_t)n - 1, 1);
	return TT_OK;
}

static void count_chunk(const char *topic, const Telltale__V1__TelemetryChunk *chunk, size_t payload)
{
	const size_t name = strlen(topic);
	size_t n;

	topic_now = topic;
	json_len = 0;
	TT_ASSERT(!tt_chunk_decode(chunk->columns.data, chunk->columns.len, chunk->start_us, chunk->samples, chunk->raw_bytes, count_sample,
				   NULL));
	json[json_len++] = ']';
	n = ZSTD_compress(packed, sizeof(packed), json, json_len, ZSTD_CLEVEL_DEFAULT);
	TT_ASSERT(!ZSTD_isError(n));
	row->json_zstd += n + name + framing(name, n, 1);
	row->columns += chunk->columns.len;
	row->raw += chunk->raw_bytes;
	row->envelopes++;
	row->payload += payload;
	row->topic += name;
	row->framing += framing(name, payload, 1);
}

static void on_message(enum tt_class cls, const char *topic, const void *payload, size_t len, int qos)
{
	Telltale__V1__Envelope *env;
	struct tt_errmsg why;

	row->messages++;
	row->bytes += len + strlen(topic) + framing(strlen(topic), len, qos);
	if (cls != TT_CLASS_BULK || tt_envelope_decode(payload, len, cls, &env, &why) != TT_OK)
		return;
	if (env->body_case == TELLTALE__V1__ENVELOPE__BODY_TELEMETRY)
		count_chunk(topic, env->telemetry, len);
	tt_envelope_free(env);
}

static void begin(const char *name, const char *chunk_s)
{
	static char interval[64];
	const char *const more[] = {"--gpsd-host=127.0.0.1", interval, NULL};

	(void)snprintf(interval, sizeof(interval), "--telemetry-interval-ms=%s000", chunk_s);
	TT_ASSERT(nrows < ROWS);
	row = &rows[nrows++];
	(void)snprintf(row->name, sizeof(row->name), "%s, chunks of %s s", name, chunk_s);
	noise = 7;
	parked_open(&w, NULL, more);
	parked_tap = on_message;
	parked_volts(&w, 14200);
}

static void end(tt_mono_us since_us)
{
	row->hours = (double)(w.now_us - since_us) / 1e6 / HOUR_S;
	parked_tap = NULL;
	parked_close(&w);
}

/* ---- driving ---- */

/* -range..range */
static int64_t random_within(int64_t range)
{
	noise ^= noise >> 12;
	noise ^= noise << 25;
	noise ^= noise >> 27;
	return (int64_t)((noise * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % (2 * range + 1) - range;
}

struct drive {
	struct tt_scenario scenario;
	size_t step;
	tt_mono_us scenario_us, start_us;
	struct tt_track track;
	struct tt_car car;
	struct tt_obd_ecu ecus[TT_SIM_ECUS];
	struct tt_broadcast broadcast;
	int64_t mood_mm_s; /* faster than the track says, just now */
};

static void heard(void *ctx, const struct tt_can_frame *f)
{
	struct drive *d = ctx;

	for (unsigned i = 0; i < TT_SIM_ECUS; i++)
		tt_obd_ecu_feed(&d->ecus[i], w.now_us, f);
}

static void play(struct drive *d)
{
	struct tt_scenario *s = &d->scenario;

	while (d->step < s->nsteps && d->scenario_us + s->steps[d->step].at_us <= w.now_us) {
		TT_ASSERT(!tt_car_apply(&d->car, &s->steps[d->step++].action));
		if (d->step == s->nsteps && s->repeat) {
			d->scenario_us += s->steps[s->nsteps - 1].at_us;
			d->step = 0;
		}
	}
}

static void move(struct drive *d)
{
	const struct tt_track_place place = tt_track_at(&d->track, d->car.travelled_um);
	const int64_t v = d->car.speed_mm_s;

	if (w.now_us % TT_MS(100) == 0)
		d->mood_mm_s += random_within(120) - d->mood_mm_s / 40;
	d->car.limit_mm_s = place.limit_mm_s + d->mood_mm_s;
	tt_car_step(&d->car, STEP_US);
	d->car.lateral_mm_s2 = place.lateral_mm_s2_per_m2_s2 * (v * v / 1000) / 1000000 + (v > 0 ? random_within(60) : 0);
	d->car.accel_mm_s2 += v > 0 ? random_within(60) : 0;
	d->car.battery_fixed = true;
	if (w.now_us % TT_SEC(1) == 0)
		d->car.battery_mv = 13900 + random_within(30);
}

static void talk(struct drive *d)
{
	struct tt_can_frame f;

	while (tt_broadcast_next(&d->broadcast, &d->car, w.now_us, &f))
		TT_ASSERT(!tt_can_port_send(w.car, &f));
	for (unsigned i = 0; i < TT_SIM_ECUS; i++) {
		tt_obd_ecu_tick(&d->ecus[i], w.now_us);
		while (tt_obd_ecu_next_tx(&d->ecus[i], w.now_us, &f))
			TT_ASSERT(!tt_can_port_send(w.car, &f));
	}
	parked_turn(&w);
}

static void receive(const struct drive *d)
{
	const struct tt_track_place place = tt_track_at(&d->track, d->car.travelled_um);
	const struct tt_gps_fix fix = {
		.known = true,
		.three_d = true,
		.latitude_e7 = (int32_t)(place.latitude_e7 + random_within(45)),
		.longitude_e7 = (int32_t)(place.longitude_e7 + random_within(45)),
		.altitude_mm = (int32_t)(place.height_mm + random_within(500)),
		.accuracy_mm = (uint32_t)(1800 + random_within(300)),
		.speed_mm_s = (uint32_t)d->car.speed_mm_s,
		.heading_cdeg = (uint32_t)((place.heading_cdeg + 36000 + (d->car.speed_mm_s > 0 ? random_within(50) : 0)) % 36000),
		.fix_at_us = w.utc_us,
		.received_us = w.now_us,
	};

	wire_gps_say(&fix);
}

static void run_drive(struct drive *d, int64_t seconds)
{
	const tt_mono_us until = w.now_us + TT_SEC(seconds);

	d->start_us = d->scenario_us = w.now_us;
	tt_car_init(&d->car);
	tt_broadcast_init(&d->broadcast, w.now_us);
	for (unsigned i = 0; i < TT_SIM_ECUS; i++)
		tt_obd_ecu_init(&d->ecus[i], &d->car, i, false);
	w.heard = heard;
	w.heard_ctx = d;
	while (w.now_us < until) {
		play(d);
		move(d);
		talk(d);
		if (w.now_us % TT_SEC(1) == 0)
			receive(d);
		parked_run(&w, STEP_US);
	}
}

static size_t slurp(const char *name, char *out, size_t cap)
{
	char path[512];
	const char *root = getenv("TT_SOURCE_DIR");
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", root ? root : ".", name);
	f = fopen(path, "re");
	if (!f) {
		perror(path);
		exit(2);
	}
	n = fread(out, 1, cap, f);
	fclose(f);
	return n;
}

/* A motorway: 40 km of long bends, made as a track's text. */
static size_t motorway_track(char *out, size_t cap)
{
	size_t n = 0;

	for (int i = 0; i < 400; i++) {
		const int bend = i % 80 < 40 ? i % 80 : 80 - i % 80;

		n += (size_t)snprintf(out + n, cap - n, "%.7f %.7f %d.0 120\n", 48.0 + i * 0.0009, 9.0 + bend * bend * 0.000004,
				      300 + bend);
	}
	return n;
}

static struct drive *prepare(const char *scenario, const char *track)
{
	static char text[65536];
	struct drive *d = calloc(1, sizeof(*d));
	struct tt_errmsg msg = {""};
	size_t n;

	TT_ASSERT(d != NULL);
	n = track ? slurp(track, text, sizeof(text)) : motorway_track(text, sizeof(text));
	if (tt_scenario_parse(scenario, strlen(scenario), &d->scenario, &msg) || tt_track_parse(text, n, &d->track, &msg)) {
		fprintf(stderr, "bench_wire: %s\n", msg.text);
		exit(2);
	}
	return d;
}

static void simulated(const char *name, const char *scenario, const char *track, const char *chunk_s)
{
	struct drive *d = prepare(scenario, track);
	tt_mono_us since;

	begin(name, chunk_s);
	since = w.now_us;
	run_drive(d, HOUR_S);
	end(since);
	free(d);
}

/* A day on the kerb after a drive; the drive is not counted. */
static void parked(void)
{
	begin("parked for a day", "10");
	parked_drive(&w, TT_SEC(1200));
	*row = (struct row){.name = "parked for a day"};
	const tt_mono_us since = w.now_us;

	parked_run(&w, TT_SEC(86400));
	end(since);
}

/* A receiver's log in a car of which only the ignition is known. */
static void recorded(const char *path, const char *chunk_s)
{
	static struct tt_nmea_log log;
	const char *slash = strrchr(path, '/');
	tt_mono_us since;

	if (tt_nmea_log_read(path, &log) != TT_OK || log.n == 0) {
		fprintf(stderr, "bench_wire: %s holds no drive\n", path);
		exit(2);
	}
	begin(slash ? slash + 1 : path, chunk_s);
	w.talks = true;
	w.ignition = 4;
	parked_run(&w, TT_SEC(2)); /* connected */
	since = w.now_us;
	for (size_t i = 0; i < log.n; i++) {
		const struct tt_nmea_log_fix *f = &log.fixes[i];
		const struct tt_gps_fix fix = {.known = true,
					       .three_d = true,
					       .latitude_e7 = f->latitude_e7,
					       .longitude_e7 = f->longitude_e7,
					       .altitude_mm = f->altitude_mm,
					       .accuracy_mm = f->accuracy_mm,
					       .speed_mm_s = f->speed_mm_s,
					       .heading_cdeg = f->heading_cdeg,
					       .fix_at_us = since + f->at_us + (w.utc_us - w.now_us),
					       .received_us = since + f->at_us};

		if (since + f->at_us > w.now_us)
			parked_run(&w, since + f->at_us - w.now_us);
		if (f->valid)
			wire_gps_say(&fix);
	}
	parked_run(&w, TT_SEC(62)); /* the last chunk leaves */
	end(since);
}

/* ---- telling ---- */

static double per(uint64_t bytes, uint64_t samples)
{
	return (double)bytes / (double)samples;
}

static void tell_samples(void)
{
	printf("Bytes a telemetry sample, QoS 1. On the wire: payload, topic and MQTT framing; TLS and TCP are not in it.\n\n"
	       "| drive | samples | columns, zstd | with the envelope | on the wire | the same without zstd | JSON, a message a sample | "
	       "times ours | JSON, a message a chunk, zstd |\n|---|---|---|---|---|---|---|---|---|\n");
	for (unsigned i = 0; i < nrows; i++) {
		const struct row *r = &rows[i];
		const uint64_t wire = r->payload + r->topic + r->framing, plain = wire - r->columns + r->raw;

		if (r->samples == 0)
			continue;
		printf("| %s | %llu | %.2f | %.2f | %.2f | %.2f | %.1f | %.0f | %.2f |\n", r->name, (unsigned long long)r->samples,
		       per(r->columns, r->samples), per(r->payload, r->samples), per(wire, r->samples), per(plain, r->samples),
		       per(r->json, r->samples), (double)r->json / (double)wire, per(r->json_zstd, r->samples));
	}
}

static void tell_hours(void)
{
	printf("\nkB a vehicle-hour, upwards. On the air adds %d bytes a message for TLS and TCP (modelled).\n\n"
	       "| drive | samples | messages | telemetry: payload | topic | MQTT framing | everything else | all on the wire | on the air "
	       "| "
	       "JSON, telemetry alone |\n|---|---|---|---|---|---|---|---|---|---|\n",
	       ON_AIR_BYTES);
	for (unsigned i = 0; i < nrows; i++) {
		const struct row *r = &rows[i];
		const uint64_t wire = r->payload + r->topic + r->framing;
		const double kb = 1000 * r->hours;

		if (r->hours < 0.5)
			continue;
		printf("| %s | %.0f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |\n", r->name, (double)r->samples / r->hours,
		       (double)r->messages / r->hours, (double)r->payload / kb, (double)r->topic / kb, (double)r->framing / kb,
		       (double)(r->bytes - wire) / kb, (double)r->bytes / kb, (double)(r->bytes + r->messages * ON_AIR_BYTES) / kb,
		       (double)r->json / kb);
	}
}

int main(int argc, char **argv)
{
	static const char *const chunks[] = {"10", "30", "60"};

	for (unsigned i = 0; i < 3; i++)
		simulated("city", city, "sim/tracks/shanghai.track", chunks[i]);
	for (unsigned i = 0; i < 3; i++)
		simulated("motorway", motorway, NULL, chunks[i]);
	parked();
	for (int i = 1; i < argc; i++) {
		recorded(argv[i], chunks[0]);
		recorded(argv[i], chunks[2]);
	}
	tell_samples();
	tell_hours();
	return 0;
}
