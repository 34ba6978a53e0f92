#include "firmware/agent/agent_capture.h"
#include "firmware/agent/agent_obd.h"
#include "firmware/agent/agent_parts.h"
#include "firmware/agent/agent_uds.h"
#include "firmware/agent/known.h"
#include "firmware/agent/open_trip.h"
#include "firmware/agent/remote.h"

#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 16 << 20 };

static_assert((int)TT_AGENT_BUSES <= (int)TT_PROFILE_BUSES, "every bus can be named in a profile");

/* Reads a whole text file; the caller frees. */
static enum tt_err slurp(const char *path, char **text, size_t *len, struct tt_errmsg *msg)
{
	FILE *f = fopen(path, "re");
	char *buf = NULL;
	struct stat st;
	enum tt_err err = TT_ECONFIG;

	if (!f || fstat(fileno(f), &st) != 0)
		(void)tt_errmsg_set(msg, err, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX)
		(void)tt_errmsg_set(msg, err, "%s: not a file of at most 16 MB", path);
	else if (!(buf = malloc((size_t)st.st_size + 1)))
		err = tt_errmsg_set(msg, TT_ENOMEM, "%s: out of memory", path);
	else if (fread(buf, 1, (size_t)st.st_size, f) != (size_t)st.st_size)
		(void)tt_errmsg_set(msg, err, "%s: cannot be read", path);
	else
		err = TT_OK;
	if (f)
		fclose(f);
	if (err) {
		free(buf);
		return err;
	}
	*text = buf;
	*len = (size_t)st.st_size;
	return TT_OK;
}

/* The dbc's path is relative to the profile's folder. */
static enum tt_err read_dbc(const struct tt_agent *a, size_t i, char *path, size_t cap, struct tt_decoder_text *out, char **text,
			    struct tt_errmsg *msg)
{
	const char *dbc = a->profile.buses.dbcs[i].path, *slash = dbc[0] == '/' ? NULL : strrchr(a->settings->profile, '/');
	const int folder = slash ? (int)(slash - a->settings->profile) + 1 : 0;
	const int n = snprintf(path, cap, "%.*s%s", folder, a->settings->profile, dbc);
	enum tt_err err = TT_OK;

	if (n < 0 || (size_t)n >= cap)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: dbc path too long", a->settings->profile);
	err = slurp(path, text, &out->len, msg);
	out->name = path;
	out->text = *text;
	return err;
}

static enum tt_err minimal_profile(struct tt_agent *a, struct tt_errmsg *msg)
{
	static const char text[] = "telltale-profile 1\nname minimal\n";

	return tt_profile_parse("minimal", text, sizeof(text) - 1, &a->profile, msg);
}

static enum tt_err load_vehicle(struct tt_agent *a, struct tt_errmsg *msg)
{
	char paths[TT_PROFILE_DBCS][2 * TT_SETTING_PATH];
	char *text = NULL, *owned[TT_PROFILE_DBCS] = {NULL};
	struct tt_decoder_text dbcs[TT_PROFILE_DBCS] = {{.name = NULL}};
	size_t len;
	enum tt_err err;

	if (a->watch.starts.minimal) /* whatever the profile asks for may be what ends us */
		err = minimal_profile(a, msg);
	else
		err = slurp(a->settings->profile, &text, &len, msg);
	if (!err && text)
		err = tt_profile_parse(a->settings->profile, text, len, &a->profile, msg);
	for (size_t i = 0; !err && i < a->profile.buses.ndbcs; i++)
		err = read_dbc(a, i, paths[i], sizeof(paths[i]), &dbcs[i], &owned[i], msg);
	if (!err)
		err = tt_vehicle_create(&a->profile, dbcs, a->settings->odometer_report_m, tt_agent_on_value, a, &a->vehicle, msg);
	if (!err && a->vehicle->decoder.left_out > 0)
		tt_log(TT_LOG_WARN, NULL, "dbc.left_out",
		       "%u broken statements that the profile does not need; `telltale dbc check FILE` names them",
		       (unsigned)a->vehicle->decoder.left_out);
	free(text);
	for (size_t i = 0; i < TT_PROFILE_DBCS; i++)
		free(owned[i]);
	return err;
}

static enum tt_err load_gate(struct tt_agent *a, struct tt_errmsg *msg)
{
	const size_t base = tt_gate_read_only.nrules;

	if (base + a->profile.ntransmit + a->profile.uds.necus > TT_GATE_RULES)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: more transmit rules than the gate takes", a->settings->profile);
	memcpy(a->rules, tt_gate_read_only.rules, base * sizeof(a->rules[0]));
	memcpy(a->rules + base, a->profile.transmit, a->profile.ntransmit * sizeof(a->rules[0]));
	if (a->profile.obd.clear_codes)
		tt_agent_allow_clear(a->rules, base);
	a->gate = tt_gate_read_only;
	a->gate.rules = a->rules;
	a->gate.nrules = base + a->profile.ntransmit;
	for (size_t i = 0; i < a->profile.uds.necus; i++)
		a->rules[a->gate.nrules++] = tt_profile_ecu_rule(&a->profile.uds.ecus[i]);
	if (a->gate.nrules > base)
		tt_log(TT_LOG_INFO, NULL, "gate", "the profile adds %zu transmit rules to read-only", a->gate.nrules - base);
	return TT_OK;
}

static enum tt_err load_buses(struct tt_agent *a, struct tt_errmsg *msg)
{
	const struct tt_bus_handler handler = {.frame = tt_agent_on_frame, .batch = tt_agent_on_batch, .ctx = a};
	struct tt_obd_scan_config scan = {.dtc_period_us = TT_MS(a->settings->scan_interval_ms)};
	struct tt_can_filter_set filters;
	struct tt_bus_config config = {.filters = filters.items, .gate = &a->gate, .scan = &scan};
	char list[sizeof(a->settings->can)];
	enum tt_err err = TT_OK;

	if (tt_agent_j1939_init(&a->j1939, &a->profile, a->settings->unit) != TT_OK)
		return tt_errmsg_set(msg, TT_ENOMEM, "j1939: out of memory");
	for (size_t i = 0; i < a->profile.npolls; i++)
		scan.live[scan.nlive++] = a->profile.polls[i].pid;
	memcpy(list, a->settings->can, sizeof(list));
	for (char *save = NULL, *word = strtok_r(list, ", ", &save); word && !err; word = strtok_r(NULL, ", ", &save)) {
		if (a->nbuses == TT_AGENT_BUSES)
			return tt_errmsg_set(msg, TT_ECONFIG, "can: at most %d buses", TT_AGENT_BUSES);
		config.address = word;
		config.index = scan.bus = (uint8_t)a->nbuses;
		filters.n = 0;
		tt_vehicle_filters(a->vehicle, config.index, &filters);
		config.nfilters = filters.n;
		config.no_scan = tt_agent_j1939_gate(&a->j1939, config.index) != NULL;
		config.gate = config.no_scan ? tt_agent_j1939_gate(&a->j1939, config.index) : &a->gate;
		err = tt_bus_create(a->loop, &config, &handler, &a->buses[a->nbuses], msg);
		a->nbuses += !err;
	}
	if (!err && a->nbuses == 0)
		err = tt_errmsg_set(msg, TT_ECONFIG, "can: names no bus; e.g. --can socketcan:can0");
	return err;
}

/* The trip that was under way when the last process ended goes on, or ends. */
static void load_trip(struct tt_agent *a)
{
	const tt_mono_us now = tt_mono_now();
	struct tt_open_trip open;
	enum tt_err err;

	(void)snprintf(a->trip_path, sizeof(a->trip_path), "%s.trip", a->settings->journal);
	err = tt_open_trip_load(a->trip_path, &open);
	if (!err) {
		a->trip = open.trip;
		tt_trip_restore(&a->vehicle->trip, now, &open.at, tt_agent_stamp(a, now).utc_us - open.saved_at_us);
	} else if (err != TT_ENOTFOUND) {
		tt_log(TT_LOG_WARN, NULL, "trip.corrupt", "%s: unreadable; the trip it names stays open", a->trip_path);
	}
}

static enum tt_err load_journal(struct tt_agent *a, struct tt_errmsg *msg)
{
	const struct tt_settings *s = a->settings;
	struct tt_journal_limits limits = {.max_bytes = (uint64_t)s->journal_max_bytes,
					   .event_percent = (unsigned)s->journal_event_percent,
					   .bulk_percent = (unsigned)s->journal_bulk_percent,
					   .event_age_us = TT_SEC(86400) * s->journal_event_days,
					   .bulk_age_us = TT_SEC(86400) * s->journal_bulk_days};
	const struct tt_outbox_config outbox = {.window = (unsigned)a->settings->window,
						.resend_us = TT_MS(a->settings->resend_ms),
						.resend_max_us = TT_SEC(600),
						.backlog = 64, /* half an hour of telemetry */
						.spread_us = TT_SEC(60),
						.pace_us = TT_MS(250),
						.lane_epoch = tt_random_u64() | 1};
	struct tt_journal_health health;
	struct tt_journal_key key;
	enum tt_err err = TT_OK;

	if (s->journal_key[0]) {
		err = tt_journal_key_load(s->journal_key, &key, msg);
		limits.key = &key;
	}
	if (!err)
		err = tt_journal_open(s->journal, &limits, &a->journal, msg);
	tt_journal_key_forget(&key);
	if (err)
		return err;
	if (msg->text[0])
		tt_log(TT_LOG_WARN, NULL, "journal.aside", "%s", msg->text);
	tt_journal_health(a->journal, &health);
	if (health.locked)
		(void)snprintf(a->journal_locked, sizeof(a->journal_locked), "%.*s", (int)sizeof(a->journal_locked) - 1, msg->text);
	tt_outbox_init(&a->outbox, a->journal, &outbox, tt_agent_send, tt_agent_jitter, a);
	(void)snprintf(a->known_path, sizeof(a->known_path), "%s.faults", a->settings->journal);
	if (tt_known_load(a->known_path, tt_journal_epoch(a->journal), &a->vehicle->faults) == TT_ECORRUPT)
		tt_log(TT_LOG_WARN, NULL, "known.corrupt", "%s: unreadable; faults are told again", a->known_path);
	load_trip(a);
	tt_agent_ecu_load(a);
	tt_agent_motion_load(a);
	return TT_OK;
}

static enum tt_err load_gps(struct tt_agent *a, struct tt_errmsg *msg)
{
	static const char *const paths[TT_TELEMETRY_GPS] = {"Vehicle.CurrentLocation.Latitude", "Vehicle.CurrentLocation.Longitude",
							    "Vehicle.CurrentLocation.Altitude", "Vehicle.CurrentLocation.Heading",
							    "Vehicle.CurrentLocation.HorizontalAccuracy"};
	const struct tt_gps_config config = {
		.host = a->settings->gpsd_host, .port = (uint16_t)a->settings->gpsd_port, .device = a->settings->gpsd_device};

	for (unsigned i = 0; i < TT_TELEMETRY_GPS; i++) {
		a->gps_rules[i] =
			(struct tt_profile_rule){.vss = tt_signal_by_path(paths[i], strlen(paths[i])), .scale = 1, .on_change = true};
		TT_ASSERT(a->gps_rules[i].vss != NULL);
	}
	return a->settings->gpsd_host[0] ? tt_gps_create(a->loop, &config, tt_agent_on_gps, a, &a->gps, msg) : TT_OK;
}

static enum tt_err load_sos(struct tt_agent *a, struct tt_errmsg *msg)
{
	const char *path = a->settings->sos_input;

	if (!path[0])
		return TT_OK;
	if (mkfifo(path, 0600) != 0 && errno != EEXIST)
		return tt_errmsg_set(msg, TT_ECONFIG, "sos-input %s: %s", path, strerror(errno));
	/* also for writing, so that a FIFO does not end when its last writer closes; an input device is read-only */
	a->sos_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (a->sos_fd < 0)
		a->sos_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (a->sos_fd < 0 || tt_loop_add(a->loop, a->sos_fd, TT_LOOP_READ, tt_agent_on_sos_input, a) != TT_OK)
		return tt_errmsg_set(msg, TT_ECONFIG, "sos-input %s: must be a FIFO or a character device that can be read", path);
	return TT_OK;
}

static enum tt_err load_mqtt(struct tt_agent *a, struct tt_errmsg *msg)
{
	const struct tt_mqtt_handler handler = {.up = tt_agent_on_up, .down = tt_agent_on_down, .message = tt_agent_on_message, .ctx = a};
	const struct tt_settings *s = a->settings;
	char filter[TT_TOPIC_MAX];
	uint8_t will[256];
	struct tt_mqtt_config config = {.client_id = s->unit,
					.host = s->broker_host,
					.port = (uint16_t)s->broker_port,
					.tls = s->tls,
					.ca = s->ca,
					.cert = s->cert,
					.key = s->key,
					.will = will};
	enum tt_err err = tt_agent_will(a, will, sizeof(will), &config.will_len);

	if (err)
		return tt_errmsg_set(msg, err, "mqtt: the last will does not fit");
	for (unsigned cls = TT_CLASS_ALERT; cls < TT_NCLASSES; cls++)
		tt_topic_up(s->unit, (enum tt_class)cls, a->topics[cls]);
	tt_topic_dn_filter(s->unit, filter);
	memcpy(a->dn_filter, filter, sizeof(filter));
	config.will_topic = a->topics[TT_CLASS_STATE];
	config.subscribe = a->dn_filter;
	return tt_mqtt_create(a->loop, &config, &handler, &a->mqtt, msg);
}

static enum tt_err create(struct tt_loop *loop, const struct tt_settings *settings, struct tt_agent **out, struct tt_errmsg *msg)
{
	static enum tt_err (*const steps[])(struct tt_agent *, struct tt_errmsg *) = {
		tt_agent_watch_load, load_vehicle, tt_agent_power_load,   load_gate, load_buses, tt_agent_uds_load,
		load_journal,        load_gps,     tt_agent_capture_load, load_mqtt, load_sos,   tt_remote_start,
	};
	struct tt_agent *a = calloc(1, sizeof(*a));
	enum tt_err err;

	if (!a)
		return tt_errmsg_set(msg, TT_ENOMEM, "agent: out of memory");
	a->loop = loop;
	a->sos_fd = -1;
	a->chunk_at_us = TT_NEVER;
	a->refusal = (struct tt_agent_refusal){.backoff = {.first_us = TT_SEC(1), .max_us = TT_SEC(30)},
					       .log = {.interval_us = TT_SEC(60), .burst = 3},
					       .read_log = {.interval_us = TT_SEC(60), .burst = 3},
					       .trip_log = {.interval_us = TT_SEC(3600), .burst = 1}};
	a->started_us = tt_mono_now();
	tt_agent_update_init(a, a->started_us);
	err = tt_remote_begin(a, settings, msg);
	if (!err) {
		err = tt_telemetry_create(&a->telemetry);
		if (err)
			(void)tt_errmsg_set(msg, err, "telemetry: %s", tt_err_text(err));
	}
	for (size_t i = 0; !err && i < sizeof(steps) / sizeof(steps[0]); i++)
		err = steps[i](a, msg);
	if (!err) {
		err = tt_loop_timer(loop, 0, tt_agent_advance, a);
		if (err)
			(void)tt_errmsg_set(msg, err, "agent: the event loop is full");
	}
	if (err) {
		tt_agent_destroy(a);
		return err;
	}
	a->running = true;
	tt_agent_watch_ready(a);
	*out = a;
	return TT_OK;
}

enum tt_err tt_agent_create(struct tt_loop *loop, const struct tt_settings *settings, struct tt_agent **out, struct tt_errmsg *msg)
{
	enum tt_err err;

	do
		err = create(loop, settings, out, msg);
	while (err == TT_ECONFIG && tt_remote_give_up(settings, msg));
	return err;
}

enum tt_err tt_agent_try(const struct tt_settings *settings, struct tt_errmsg *msg)
{
	struct tt_agent *a = calloc(1, sizeof(*a));
	enum tt_err err;

	if (!a)
		return tt_errmsg_set(msg, TT_ENOMEM, "agent: out of memory");
	a->settings = settings;
	err = load_vehicle(a, msg);
	if (!err)
		err = load_gate(a, msg);
	tt_vehicle_destroy(a->vehicle);
	free(a);
	return err;
}

bool tt_agent_wants_restart(const struct tt_agent *agent)
{
	return agent->remote->restart;
}

void tt_agent_destroy(struct tt_agent *agent)
{
	if (!agent)
		return;
	if (agent->mqtt) {
		tt_agent_farewell(agent);
		tt_mqtt_goodbye(agent->mqtt);
	}
	if (agent->running)
		tt_agent_chunk(agent, tt_mono_now()); /* closing the journal commits it */
	if (agent->journal && agent->vehicle->trip.driving)
		tt_agent_keep_trip(agent, tt_mono_now());
	tt_agent_watch_unload(agent);
	tt_agent_power_unload(agent);
	if (agent->journal && agent->motion.path[0])
		tt_agent_motion_keep(agent, tt_mono_now());
	tt_mqtt_destroy(agent->mqtt);
	tt_gps_destroy(agent->gps);
	for (size_t i = 0; i < agent->nbuses; i++)
		tt_bus_destroy(agent->buses[i]);
	tt_agent_uds_destroy(agent->uds);
	if (agent->sos_fd >= 0) {
		tt_loop_remove(agent->loop, agent->sos_fd);
		close(agent->sos_fd);
	}
	tt_journal_close(agent->journal);
	free(agent->recorder);
	tt_telemetry_destroy(agent->telemetry);
	tt_vehicle_destroy(agent->vehicle);
	tt_remote_end(agent);
	tt_agent_j1939_free(&agent->j1939);
	free(agent);
}
