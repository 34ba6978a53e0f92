/* What the cars of the seed said beside faults and alerts. */
#include "tests/support/server_seed_car.h"

#include "wire/chunk.h"
#include "wire/envelope.h"

#include <stdio.h>
#include <string.h>

#define TRY(call) \
	do { \
		enum tt_err err_ = (call); \
		if (err_) \
			return err_; \
	} while (0)

static enum tt_err add_events(struct tt_store *store, int64_t vehicle, tt_utc_us now)
{
	struct tt_vehicle_event e = {.vehicle_id = vehicle,
				     .begun = true,
				     .place = {.fix = 3, .latitude_e7 = 525200066, .longitude_e7 = 134049540, .fix_at = now - TT_SEC(60)}};
	int64_t id;

	e.kind = 1;
	e.cause = 2;
	e.occurrence = UINT64_MAX;
	e.began_at = now - TT_SEC(100);
	e.ended_at = now - TT_SEC(98);
	e.duration_ms = 2000;
	e.value_milli = 7250;
	e.limit_milli = 6000;
	e.peak_milli = 8100;
	e.odometer_m = 81233000;
	TRY(tt_store_happening_insert(store, &e, &id));
	e.kind = 6;
	e.cause = 4;
	e.occurrence = 2;
	e.began_at = now - TT_SEC(50);
	e.ended_at = e.value_milli = e.limit_milli = e.peak_milli = e.duration_ms = 0;
	e.dwelt = true;
	(void)snprintf(e.subject, sizeof(e.subject), "Depot");
	return tt_store_happening_insert(store, &e, &id);
}

static enum tt_err add_unit(struct tt_store *store, int64_t vehicle, tt_utc_us now)
{
	struct tt_unit unit = {.created_at = now};
	struct tt_unit_state s = {.vehicle_id = vehicle,
				  .reported_at = now - TT_SEC(5),
				  .version = "1.2.0",
				  .power = 1,
				  .wake = 2,
				  .power_since = now - TT_SEC(900),
				  .heard_at = now - TT_SEC(6),
				  .battery_mv = 13850,
				  .config_version = 7,
				  .slot = "a",
				  .metrics = "{\"bus.load_permille\":312,\"starts\":4}"};
	struct tt_ecu ecu = {.vehicle_id = vehicle,
			     .ecu = 0x7E8,
			     .name = "ECM-EngineControl",
			     .calibrations = "[\"37805-RAA-A070\"]",
			     .cvns = "[\"0A7B3C1D\"]",
			     .tests = 12,
			     .tests_failed = 1,
			     .first_seen_at = now - TT_DAY_US,
			     .changed_at = now - TT_DAY_US,
			     .reported_at = now};
	struct tt_told told = {
		.vehicle_id = vehicle, .what = "command", .number = 9, .kind = 8, .outcome = 4, .reason = "the car moves", .at = now};
	int64_t id;

	(void)snprintf(unit.name, sizeof(unit.name), "unit-%lld", (long long)vehicle);
	TRY(tt_store_unit_insert(store, &unit, &s.unit_id));
	TRY(tt_store_unit_state_put(store, &s));
	TRY(tt_store_ecu_put(store, &ecu));
	TRY(tt_store_told_add(store, &told, &id));
	told = (struct tt_told){
		.vehicle_id = vehicle,
		.what = "command",
		.number = 10,
		.kind = 6,
		.outcome = 5,
		.reason = "there were P0301; 7E8: cleared; 7E9: no answer",
		.detail = "{\"codes\":[\"P0301\"],\"codes_cut\":false,\"ecus\":[{\"ecu\":\"0x7E8\",\"done\":true,\"nrc\":\"\"},"
			  "{\"ecu\":\"0x7E9\",\"done\":false,\"nrc\":\"\"}]}",
		.at = now - 2};
	TRY(tt_store_told_add(store, &told, &id));
	told = (struct tt_told){.vehicle_id = vehicle, .what = "config", .number = 7, .outcome = 2, .at = now - 1};
	return tt_store_told_add(store, &told, &id);
}

enum tt_err tt_seed_car(struct tt_store *store, int64_t vehicle, tt_utc_us now)
{
	TRY(add_events(store, vehicle, now));
	return add_unit(store, vehicle, now);
}

/* Speed falls to nothing at the trigger; where it was is in the capture too. */
static enum tt_err fill(struct tt_chunk *chunk, tt_utc_us trigger)
{
	for (int ms = -5000; ms <= 5000; ms += 100) {
		const struct tt_sample speed = {.at_us = trigger + TT_MS(ms), .signal = 1, .value = ms < 0 ? 6800 : 0};

		TRY(tt_chunk_add(chunk, &speed));
	}
	TRY(tt_chunk_add(chunk, &(struct tt_sample){.at_us = trigger, .signal = 20, .value = 525200066}));
	return tt_chunk_add(chunk, &(struct tt_sample){.at_us = trigger + TT_MS(30), .signal = 40, .value = 1});
}

static enum tt_err add_part(struct tt_store *store, int64_t vehicle, uint64_t incident, const Telltale__V1__CapturePart *part)
{
	static uint8_t bytes[TT_CHUNK_MAX_ENCODED + 4096];
	const struct tt_capture head = {.vehicle_id = vehicle,
					.number = part->capture,
					.reason = incident ? 1 : 2,
					.incident = incident,
					.trigger_at = part->trigger_at_us,
					.updated_at = part->trigger_at_us};
	bool added;

	return tt_store_capture_add(store, &head, (int32_t)part->part, bytes, telltale__v1__capture_part__pack(part, bytes), &added);
}

static enum tt_err encode(struct tt_chunk *chunk, tt_utc_us trigger, Telltale__V1__TelemetryChunk *out)
{
	static uint8_t columns[TT_CHUNK_MAX_ENCODED];

	TRY(fill(chunk, trigger));
	out->encoding = TT_CHUNK_ENCODING;
	out->columns.data = columns;
	return tt_chunk_encode(chunk, columns, sizeof(columns), &out->columns.len, &out->start_us, &out->samples, &out->raw_bytes);
}

enum tt_err tt_seed_capture(struct tt_store *store, int64_t vehicle, uint64_t incident, tt_utc_us trigger)
{
	Telltale__V1__CapturePart part = TELLTALE__V1__CAPTURE_PART__INIT;
	Telltale__V1__TelemetryChunk samples = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	struct tt_chunk *chunk;
	bool added;
	enum tt_err err;

	TRY(tt_chunk_create(&chunk));
	err = encode(chunk, trigger, &samples);
	part.capture = incident ? 5 : 6;
	part.reason = incident ? TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH : TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_COMMAND;
	part.incident = incident;
	part.trigger_at_us = trigger;
	part.part = 1;
	part.from_ms = -5000;
	part.to_ms = 5000;
	part.samples = &samples;
	part.events = 1;
	if (!err)
		err = add_part(store, vehicle, incident, &part);
	if (!err)
		err = tt_store_capture_add(store, &(struct tt_capture){.vehicle_id = vehicle, .number = part.capture}, 4,
					   (const uint8_t *)"\xFF", 1, &added); /* no part at all: it is passed over */
	part.part = 3;                                                          /* the second is missing */
	part.last = true;
	part.samples = NULL;
	if (!err)
		err = add_part(store, vehicle, incident, &part);
	tt_chunk_destroy(chunk);
	return err;
}
