#include "sim/fleet/units.h"

#include "sim/gps.h"
#include "wire/envelope.h"

#include <stdio.h>

enum { SPEED = 1, RPM = 5, SAMPLE_EVERY_MS = 100, METRES_A_MESSAGE = 100 };

enum tt_err tt_fleet_unit_init(struct tt_fleet_unit *unit, const char *prefix, unsigned index, uint64_t seed, enum tt_class cls)
{
	uint64_t state = (seed << 20 | index) + 1;
	const int n = snprintf(unit->name, sizeof(unit->name), "%s%05u", prefix, index);

	if (n < 0 || (size_t)n >= sizeof(unit->name) || !tt_unit_name_valid(unit->name))
		return TT_EINVAL;
	tt_topic_up(unit->name, cls, unit->topic);
	unit->epoch = tt_sim_random(&state);
	unit->next_seq = 1;
	unit->acked = 0;
	return TT_OK;
}

/* Half speed, half engine, both wandering as on a road. */
static enum tt_err fill(struct tt_chunk *chunk, tt_utc_us start_us, unsigned samples)
{
	uint64_t noise = 1;
	int64_t speed = 5000, rpm = 8000;
	enum tt_err err = TT_OK;

	for (unsigned i = 0; !err && i < samples; i++) {
		struct tt_sample sample = {.at_us = start_us + TT_MS(SAMPLE_EVERY_MS) * (i / 2), .signal = i % 2 ? RPM : SPEED};

		speed += (int64_t)(tt_sim_random(&noise) >> 60) - 7;
		rpm += (int64_t)(tt_sim_random(&noise) >> 59) - 15;
		sample.value = i % 2 ? rpm : speed;
		err = tt_chunk_add(chunk, &sample);
	}
	return err;
}

enum tt_err tt_fleet_body_init(struct tt_fleet_body *body, enum tt_class cls, unsigned samples)
{
	const tt_utc_us start_us = tt_utc_now();
	struct tt_chunk *chunk;
	enum tt_err err;

	body->cls = cls;
	if (cls != TT_CLASS_BULK)
		return TT_OK;
	err = tt_chunk_create(&chunk);
	if (err)
		return err;
	err = fill(chunk, start_us, samples);
	if (!err)
		err = tt_chunk_encode(chunk, body->columns, sizeof(body->columns), &body->columns_len, &body->start_us, &body->samples,
				      &body->raw_bytes);
	tt_chunk_destroy(chunk);
	return err;
}

enum tt_err tt_fleet_message(const struct tt_fleet_unit *unit, const struct tt_fleet_body *body, uint64_t seq, tt_utc_us now_us,
			     uint8_t *buf, size_t cap, size_t *len)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__TelemetryChunk telemetry = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	Telltale__V1__Odometer odometer = TELLTALE__V1__ODOMETER__INIT;
	Telltale__V1__Alert alert = TELLTALE__V1__ALERT__INIT;

	env.schema = TT_SCHEMA;
	env.epoch = unit->epoch;
	env.class_ = (Telltale__V1__EventClass)body->cls;
	env.seq = seq;
	env.first_seq_held = unit->acked + 1;
	env.created_at_us = now_us;
	env.clock = TELLTALE__V1__CLOCK_QUALITY__CLOCK_QUALITY_NTP;
	env.uptime_us = (int64_t)seq * 1000000;
	if (body->cls == TT_CLASS_BULK) {
		telemetry.start_us = body->start_us;
		telemetry.samples = body->samples;
		telemetry.encoding = 1;
		telemetry.columns.data = (uint8_t *)(uintptr_t)body->columns; /* protobuf-c only reads it here */
		telemetry.columns.len = body->columns_len;
		telemetry.raw_bytes = body->raw_bytes;
		env.telemetry = &telemetry;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
	} else if (body->cls == TT_CLASS_EVENT) {
		odometer.odometer_m = (int64_t)seq * METRES_A_MESSAGE;
		odometer.source = TELLTALE__V1__ODOMETER_SOURCE__ODOMETER_SOURCE_BROADCAST;
		odometer.at_us = now_us;
		env.odometer = &odometer;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_ODOMETER;
	} else {
		alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_SOS;
		alert.incident = unit->epoch ^ seq;
		alert.detected_at_us = now_us;
		env.alert = &alert;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_ALERT;
	}
	return tt_envelope_encode(&env, buf, cap, len);
}
