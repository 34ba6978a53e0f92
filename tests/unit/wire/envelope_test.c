#include "samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[2 * TT_ENVELOPE_MAX_BYTES];

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct sample_set));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

/* Encodes what the set holds and decodes it as of cls. */
static enum tt_err round_trip(struct sample_set *s, enum tt_class cls, struct tt_errmsg *why)
{
	Telltale__V1__Envelope *env = NULL;
	size_t len = 0;
	enum tt_err err;

	assert_int_equal(tt_envelope_encode(&s->env, bytes, sizeof(bytes), &len), TT_OK);
	err = tt_envelope_decode(bytes, len, cls, &env, why);
	assert_int_equal(err == TT_OK, env != NULL); /* written on success only */
	tt_envelope_free(env);
	return err;
}

/* A broken bound: which sample, what is changed, and the field that the message must name. */
struct broken {
	enum sample sample;
	void (*change)(struct sample_set *s);
	const char *names;
	enum tt_err expected;
};

static char long_code[] = "P0301-1A-AND-MORE", bad_code[] = "X0301", low_code[] = "p0301", ftb[] = "P0301-1A", spn[] = "520192/31";
static char long_version[] = "0.1.0-with-much-more-than-31-bytes", bad_vin[] = "3FADP4FJ2BM11391O", short_vin[] = "3FADP4FJ2BM11391";
static char bad_name[] = "GPS lost", no_name[] = "", control[] = "line\nbreak", latin1[] = "\xe4", overlong[] = "\xc0\xaf",
	    cut_utf8[] = "ab\xc3", surrogate[] = "\xed\xa0\x80", beyond[] = "\xf4\x90\x80\x80", c1[] = "\xc2\x85",
	    umlaut[] = "M\xc3\xbcnchen \xe2\x82\xac \xf0\x9f\x9a\x97";

#define CHANGE(name, statement) \
	static void name(struct sample_set *s) \
	{ \
		statement; \
	}
CHANGE(schema_2, s->env.schema = 2)
CHANGE(schema_0, s->env.schema = 0)
CHANGE(epoch_0, s->env.epoch = 0)
CHANGE(seq_0, s->env.seq = 0)
CHANGE(seq_huge, s->env.seq = UINT64_MAX)
CHANGE(first_0, s->env.first_seq_held = 0)
CHANGE(first_above, s->env.first_seq_held = 301)
CHANGE(clock_4, s->env.clock = (Telltale__V1__ClockQuality)4)
CHANGE(clock_minus, s->env.clock = (Telltale__V1__ClockQuality)-1)
CHANGE(created_before, s->env.created_at_us = -1)
CHANGE(created_late, s->env.created_at_us = INT64_C(253402300800000000))
CHANGE(no_body, s->env.body_case = TELLTALE__V1__ENVELOPE__BODY__NOT_SET)
CHANGE(other_class, s->env.class_ = TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_BULK)
CHANGE(latitude, s->position.latitude_e7 = 900000001)
CHANGE(longitude, s->position.longitude_e7 = -1800000001)
CHANGE(heading, s->position.heading_cdeg = 36000)
CHANGE(fix, s->position.fix = (Telltale__V1__FixType)4)
CHANGE(kind_0, s->alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_UNSPECIFIED)
CHANGE(kind_5, s->alert.kind = (Telltale__V1__AlertKind)5)
CHANGE(sos_with_crash, s->alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_SOS)
CHANGE(incident_0, s->alert.incident = 0)
CHANGE(belts, s->crash.belts_fastened = 10)
CHANGE(metres, s->alert.odometer_m = INT64_C(10000000001))
CHANGE(metres_minus, s->alert.odometer_m = -1)
CHANGE(change_0, s->fault.change = TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_UNSPECIFIED)
CHANGE(protocol_0, s->fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_UNSPECIFIED)
CHANGE(code_long, s->fault.code = long_code)
CHANGE(code_letter, s->fault.code = bad_code)
CHANGE(code_low, s->fault.code = low_code)
CHANGE(code_empty, s->fault.code = no_name)
CHANGE(code_ftb_obd, s->fault.code = ftb)
CHANGE(lamps, s->fault.lamps = 0x10000)
CHANGE(occurrences, s->fault.occurrences = 128)
CHANGE(code_spn_obd, s->fault.code = spn)
CHANGE(ecu, s->fault.ecu = 0x20000000)
CHANGE(freeze_65, s->fault.n_freeze_frame = 65)
CHANGE(freeze_raw_33, s->freeze[1].raw.len = 33)
CHANGE(freeze_pid, s->freeze[1].pid = 0x10000)
CHANGE(status_256, s->fault.status = 0x100)
CHANGE(snapshot_65, s->fault.n_snapshot = 65)
CHANGE(snapshot_record, s->snapshot[1].record = 0x100)
CHANGE(snapshot_did, s->snapshot[1].did = 0x10000)
CHANGE(snapshot_raw_65, s->snapshot[1].raw.len = 65)
CHANGE(extended_17, s->fault.n_extended = 17)
CHANGE(extended_record, s->extended[0].record = 0x100)
CHANGE(extended_raw_65, s->extended[0].raw.len = 65)
CHANGE(trip_0, s->trip.trip = 0)
CHANGE(trip_change, s->trip.change = (Telltale__V1__TripChange)3)
CHANGE(distance, s->trip.distance_m = UINT64_MAX)
CHANGE(source_0, s->odometer.source = TELLTALE__V1__ODOMETER_SOURCE__ODOMETER_SOURCE_UNSPECIFIED)
CHANGE(source_5, s->odometer.source = (Telltale__V1__OdometerSource)5)
CHANGE(uncertainty, s->odometer.uncertainty_m = UINT32_MAX; s->odometer.estimated_m = UINT64_MAX)
CHANGE(idle, s->trip.idle_s = UINT64_MAX)
CHANGE(max_speed, s->trip.max_speed_mm_s = 200001)
CHANGE(harsh, s->trip.harsh_events = 0x10000)
CHANGE(fuel_used, s->trip.fuel_used_ml = UINT64_MAX)
CHANGE(fuel_source, s->trip.fuel_source = (Telltale__V1__FuelSource)3)
CHANGE(distance_source, s->trip.distance_source = (Telltale__V1__DistanceSource)4)
CHANGE(event_kind_0, s->vehicle_event.kind = TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_UNSPECIFIED)
CHANGE(event_kind_12, s->vehicle_event.kind = (Telltale__V1__VehicleEventKind)12)
CHANGE(event_phase_0, s->vehicle_event.phase = TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_UNSPECIFIED)
CHANGE(event_phase_4, s->vehicle_event.phase = (Telltale__V1__VehicleEventPhase)4)
CHANGE(event_cause_15, s->vehicle_event.cause = (Telltale__V1__VehicleEventCause)15)
CHANGE(occurrence_0, s->vehicle_event.occurrence = 0)
CHANGE(event_at, s->vehicle_event.at_us = -1)
CHANGE(event_metres, s->vehicle_event.odometer_m = -1)
CHANGE(value_huge, s->vehicle_event.value_milli = INT64_C(1000000000001))
CHANGE(limit_huge, s->vehicle_event.limit_milli = INT64_MIN)
CHANGE(peak_huge, s->vehicle_event.peak_milli = INT64_C(-1000000000001))
CHANGE(event_lasts, s->vehicle_event.duration_ms = UINT64_MAX)
CHANGE(subject_long, s->vehicle_event.subject = long_version)
CHANGE(subject_control, s->vehicle_event.subject = control)
CHANGE(state_seq, s->env.seq = 1)
CHANGE(version_long, s->state.agent_version = long_version)
CHANGE(slot_long, s->state.slot = long_version)
CHANGE(refused_huge, s->state.update_refused = UINT64_MAX)
CHANGE(vin_letter, s->state.vin = bad_vin)
CHANGE(vin_short, s->state.vin = short_vin)
CHANGE(conditions_33, s->state.n_conditions = 33)
CHANGE(journal_5, s->state.n_journal = 5)
CHANGE(journal_class, s->depth[0].class_ = (Telltale__V1__EventClass)5)
CHANGE(name_bad, s->condition[0].name = bad_name)
CHANGE(name_empty, s->condition[0].name = no_name)
CHANGE(detail_control, s->condition[0].detail = control)
CHANGE(detail_latin1, s->condition[0].detail = latin1)
CHANGE(detail_overlong, s->condition[0].detail = overlong)
CHANGE(detail_cut, s->condition[0].detail = cut_utf8)
CHANGE(detail_surrogate, s->condition[0].detail = surrogate)
CHANGE(detail_beyond, s->condition[0].detail = beyond)
CHANGE(detail_c1, s->condition[0].detail = c1)
CHANGE(power_state_0, s->power.state = TELLTALE__V1__POWER_STATE__POWER_STATE_UNSPECIFIED)
CHANGE(power_state_5, s->power.state = (Telltale__V1__PowerState)5)
CHANGE(power_wake_9, s->power.wake = (Telltale__V1__WakeReason)9)
CHANGE(power_contact, s->power.next_contact_us = -1)
CHANGE(power_volts, s->power.battery_mv = 65001)
CHANGE(metrics_49, s->state.n_metrics = 49)
CHANGE(metric_name_bad, s->metric[1].name = bad_name)
CHANGE(metric_name_empty, s->metric[2].name = no_name)
CHANGE(samples_0, s->telemetry.samples = 0)
CHANGE(samples_4097, s->telemetry.samples = 4097)
CHANGE(encoding_2, s->telemetry.encoding = 2)
CHANGE(raw_0, s->telemetry.raw_bytes = 0)
CHANGE(raw_huge, s->telemetry.raw_bytes = UINT32_MAX)
CHANGE(columns_0, s->telemetry.columns.len = 0)
CHANGE(trigger_6, s->crash.trigger = (Telltale__V1__CrashTrigger)6)
CHANGE(longitudinal, s->crash.delta_v_longitudinal_mm_s = -200001)
CHANGE(lateral, s->crash.delta_v_lateral_mm_s = 200001)
CHANGE(events_100, s->crash.events = 100)
CHANGE(evidence_256, s->crash.evidence = 256)
CHANGE(capture_0, s->capture.capture = 0)
CHANGE(capture_reason_0, s->capture.reason = TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_UNSPECIFIED)
CHANGE(capture_reason_3, s->capture.reason = (Telltale__V1__CaptureReason)3)
CHANGE(capture_trigger, s->capture.trigger_at_us = -1)
CHANGE(part_0, s->capture.part = 0)
CHANGE(part_1000, s->capture.part = 1000)
CHANGE(from_late, s->capture.from_ms = 1001)
CHANGE(from_early, s->capture.from_ms = -60001)
CHANGE(to_late, s->capture.to_ms = 60001)
CHANGE(mapped_513, s->capture.n_mapped = 513)
CHANGE(capture_events, s->capture.events = 100)
CHANGE(capture_samples_0, s->telemetry.samples = 0)
CHANGE(capture_encoding, s->telemetry.encoding = 9)
CHANGE(capture_columns, s->telemetry.columns.len = 0)
CHANGE(since_known, (s->state.since_clear = &s->since, s->since.known = 0x20))
CHANGE(since_km, (s->state.since_clear = &s->since, s->since.distance_km = 65536))
CHANGE(since_minutes, (s->state.since_clear = &s->since, s->since.mil_minutes = 65536))
CHANGE(report_ecu_0, s->ecu_report.ecu = 0)
CHANGE(report_ecu_wide, s->ecu_report.ecu = 0x20000000)
CHANGE(report_time, s->ecu_report.observed_at_us = -1)
CHANGE(report_vin, s->ecu_report.vin = bad_vin)
CHANGE(report_name, s->ecu_report.name = control)
CHANGE(report_name_long, s->ecu_report.name = long_version)
CHANGE(report_calibrations_9, s->ecu_report.n_calibrations = 9)
CHANGE(report_calibration_long, s->ecu_report.calibrations[0] = long_code)
CHANGE(report_cvns_9, s->ecu_report.n_cvns = 9)
CHANGE(report_services, s->ecu_report.services = 0x801)
CHANGE(report_services_wide, s->ecu_report.services = 0x800)
CHANGE(report_pids_31, s->ecu_report.supported_pids.len = 31)
CHANGE(report_tests_257, s->ecu_report.n_tests = 257)
CHANGE(test_mid_0, s->test[1].mid = 0)
CHANGE(test_mid_256, s->test[1].mid = 256)
CHANGE(test_tid, s->test[0].tid = 256)
CHANGE(test_scaling, s->test[0].scaling = 256)
CHANGE(test_unit, s->test[0].unit = long_code)

static void each_broken_bound_is_refused_and_named(void **state)
{
	static const struct broken cases[] = {
		{SAMPLE_FAULT, schema_2, "schema is 2", TT_EVERSION},
		{SAMPLE_FAULT, schema_0, "schema is 0", TT_EVERSION},
		{SAMPLE_FAULT, epoch_0, "epoch", TT_EPROTO},
		{SAMPLE_FAULT, seq_0, "seq is 0", TT_EPROTO},
		{SAMPLE_FAULT, seq_huge, "seq is", TT_EPROTO},
		{SAMPLE_FAULT, first_0, "first_seq_held is 0", TT_EPROTO},
		{SAMPLE_FAULT, first_above, "first_seq_held is 301", TT_EPROTO},
		{SAMPLE_FAULT, clock_4, "clock is 4", TT_EPROTO},
		{SAMPLE_FAULT, clock_minus, "clock is", TT_EPROTO},
		{SAMPLE_FAULT, created_before, "created_at_us is -1", TT_EPROTO},
		{SAMPLE_FAULT, created_late, "created_at_us", TT_EPROTO},
		{SAMPLE_FAULT, no_body, "body is missing", TT_EPROTO},
		{SAMPLE_FAULT, other_class, "class is 3", TT_EPROTO},
		{SAMPLE_FAULT, latitude, "fault.position.latitude_e7 is 900000001", TT_EPROTO},
		{SAMPLE_ALERT, longitude, "alert.position.longitude_e7", TT_EPROTO},
		{SAMPLE_TRIP, heading, "trip.position.heading_cdeg is 36000", TT_EPROTO},
		{SAMPLE_ODOMETER, fix, "odometer.position.fix is 4", TT_EPROTO},
		{SAMPLE_STATE, latitude, "state.position.latitude_e7", TT_EPROTO},
		{SAMPLE_ALERT, kind_0, "alert.kind is 0", TT_EPROTO},
		{SAMPLE_ALERT, kind_5, "alert.kind is 5", TT_EPROTO},
		{SAMPLE_ALERT, sos_with_crash, "alert.crash", TT_EPROTO},
		{SAMPLE_ALERT, incident_0, "alert.incident", TT_EPROTO},
		{SAMPLE_ALERT, belts, "alert.crash.belts_fastened", TT_EPROTO},
		{SAMPLE_ALERT, metres, "alert.odometer_m", TT_EPROTO},
		{SAMPLE_ALERT, metres_minus, "alert.odometer_m is -1", TT_EPROTO},
		{SAMPLE_FAULT, change_0, "fault.change", TT_EPROTO},
		{SAMPLE_FAULT, protocol_0, "fault.protocol", TT_EPROTO},
		{SAMPLE_FAULT, code_long, "fault.code", TT_EPROTO},
		{SAMPLE_FAULT, code_letter, "fault.code", TT_EPROTO},
		{SAMPLE_FAULT, code_low, "fault.code", TT_EPROTO},
		{SAMPLE_FAULT, code_empty, "fault.code", TT_EPROTO},
		{SAMPLE_FAULT, code_ftb_obd, "fault.code", TT_EPROTO},
		{SAMPLE_FAULT, code_spn_obd, "fault.code", TT_EPROTO},
		{SAMPLE_FAULT, lamps, "fault.lamps", TT_EPROTO},
		{SAMPLE_FAULT, occurrences, "fault.occurrences", TT_EPROTO},
		{SAMPLE_FAULT, ecu, "fault.ecu", TT_EPROTO},
		{SAMPLE_FAULT, freeze_65, "fault.freeze_frame has 65", TT_EPROTO},
		{SAMPLE_FAULT, freeze_raw_33, "fault.freeze_frame.raw has 33", TT_EPROTO},
		{SAMPLE_FAULT, freeze_pid, "fault.freeze_frame.pid", TT_EPROTO},
		{SAMPLE_FAULT, status_256, "fault.status is 256", TT_EPROTO},
		{SAMPLE_FAULT, snapshot_65, "fault.n_snapshot is 65", TT_EPROTO},
		{SAMPLE_FAULT, snapshot_record, "fault.snapshot.record is 256", TT_EPROTO},
		{SAMPLE_FAULT, snapshot_did, "fault.snapshot.did is 65536", TT_EPROTO},
		{SAMPLE_FAULT, snapshot_raw_65, "fault.snapshot.raw.len is 65", TT_EPROTO},
		{SAMPLE_FAULT, extended_17, "fault.n_extended is 17", TT_EPROTO},
		{SAMPLE_FAULT, extended_record, "fault.extended.record is 256", TT_EPROTO},
		{SAMPLE_FAULT, extended_raw_65, "fault.extended.raw.len is 65", TT_EPROTO},
		{SAMPLE_TRIP, trip_0, "trip.trip", TT_EPROTO},
		{SAMPLE_TRIP, trip_change, "trip.change is 3", TT_EPROTO},
		{SAMPLE_TRIP, distance, "trip.distance_m", TT_EPROTO},
		{SAMPLE_ODOMETER, source_0, "odometer.source", TT_EPROTO},
		{SAMPLE_ODOMETER, source_5, "odometer.source is 5", TT_EPROTO},
		{SAMPLE_ODOMETER, uncertainty, "odometer.estimated_m", TT_EPROTO},
		{SAMPLE_TRIP, idle, "trip.idle_s", TT_EPROTO},
		{SAMPLE_TRIP, max_speed, "trip.max_speed_mm_s is 200001", TT_EPROTO},
		{SAMPLE_TRIP, harsh, "trip.harsh_events is 65536", TT_EPROTO},
		{SAMPLE_TRIP, fuel_used, "trip.fuel_used_ml", TT_EPROTO},
		{SAMPLE_TRIP, fuel_source, "trip.fuel_source is 3", TT_EPROTO},
		{SAMPLE_TRIP, distance_source, "trip.distance_source is 4", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, event_kind_0, "vehicle_event.kind is 0", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, event_kind_12, "vehicle_event.kind is 12", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, event_phase_0, "vehicle_event.phase is 0", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, event_phase_4, "vehicle_event.phase is 4", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, event_cause_15, "vehicle_event.cause is 15", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, occurrence_0, "vehicle_event.occurrence", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, event_at, "vehicle_event.at_us is -1", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, event_metres, "vehicle_event.odometer_m is -1", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, value_huge, "vehicle_event.value_milli is 1000000000001", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, limit_huge, "vehicle_event.limit_milli", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, peak_huge, "vehicle_event.peak_milli", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, event_lasts, "vehicle_event.duration_ms", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, subject_long, "vehicle_event.subject", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, subject_control, "vehicle_event.subject", TT_EPROTO},
		{SAMPLE_VEHICLE_EVENT, latitude, "vehicle_event.position.latitude_e7", TT_EPROTO},
		{SAMPLE_STATE, state_seq, "seq", TT_EPROTO},
		{SAMPLE_STATE, version_long, "state.agent_version", TT_EPROTO},
		{SAMPLE_STATE, slot_long, "state.slot", TT_EPROTO},
		{SAMPLE_STATE, refused_huge, "state.update_refused", TT_EPROTO},
		{SAMPLE_STATE, vin_letter, "state.vin", TT_EPROTO},
		{SAMPLE_STATE, vin_short, "state.vin", TT_EPROTO},
		{SAMPLE_STATE, conditions_33, "state.n_conditions is 33", TT_EPROTO},
		{SAMPLE_STATE, journal_5, "state.n_journal is 5", TT_EPROTO},
		{SAMPLE_STATE, journal_class, "state.journal.class_ is 5", TT_EPROTO},
		{SAMPLE_STATE, name_bad, "state.conditions.name", TT_EPROTO},
		{SAMPLE_STATE, name_empty, "state.conditions.name", TT_EPROTO},
		{SAMPLE_STATE, detail_control, "state.conditions.detail", TT_EPROTO},
		{SAMPLE_STATE, detail_latin1, "state.conditions.detail", TT_EPROTO},
		{SAMPLE_STATE, detail_overlong, "state.conditions.detail", TT_EPROTO},
		{SAMPLE_STATE, detail_cut, "state.conditions.detail", TT_EPROTO},
		{SAMPLE_STATE, detail_surrogate, "state.conditions.detail", TT_EPROTO},
		{SAMPLE_STATE, detail_beyond, "state.conditions.detail", TT_EPROTO},
		{SAMPLE_STATE, detail_c1, "state.conditions.detail", TT_EPROTO},
		{SAMPLE_POWER, power_state_0, "state.power.state is 0", TT_EPROTO},
		{SAMPLE_POWER, power_state_5, "state.power.state is 5", TT_EPROTO},
		{SAMPLE_POWER, power_wake_9, "state.power.wake is 9", TT_EPROTO},
		{SAMPLE_POWER, power_contact, "state.power.next_contact_us", TT_EPROTO},
		{SAMPLE_POWER, power_volts, "state.power.battery_mv is 65001", TT_EPROTO},
		{SAMPLE_POWER, metrics_49, "state.n_metrics is 49", TT_EPROTO},
		{SAMPLE_POWER, metric_name_bad, "state.metrics.name", TT_EPROTO},
		{SAMPLE_POWER, metric_name_empty, "state.metrics.name", TT_EPROTO},
		{SAMPLE_TELEMETRY, samples_0, "telemetry.samples is 0", TT_EPROTO},
		{SAMPLE_TELEMETRY, samples_4097, "telemetry.samples is 4097", TT_EPROTO},
		{SAMPLE_TELEMETRY, encoding_2, "telemetry.encoding is 2", TT_EVERSION},
		{SAMPLE_TELEMETRY, raw_0, "telemetry.raw_bytes", TT_EPROTO},
		{SAMPLE_TELEMETRY, raw_huge, "telemetry.raw_bytes", TT_EPROTO},
		{SAMPLE_TELEMETRY, columns_0, "telemetry.columns", TT_EPROTO},
		{SAMPLE_ALERT, trigger_6, "alert.crash.trigger is 6", TT_EPROTO},
		{SAMPLE_ALERT, longitudinal, "alert.crash.delta_v_longitudinal_mm_s is -200001", TT_EPROTO},
		{SAMPLE_ALERT, lateral, "alert.crash.delta_v_lateral_mm_s is 200001", TT_EPROTO},
		{SAMPLE_ALERT, events_100, "alert.crash.events is 100", TT_EPROTO},
		{SAMPLE_ALERT, evidence_256, "alert.crash.evidence is 256", TT_EPROTO},
		{SAMPLE_CAPTURE, capture_0, "capture.capture is 0", TT_EPROTO},
		{SAMPLE_CAPTURE, capture_reason_0, "capture.reason is 0", TT_EPROTO},
		{SAMPLE_CAPTURE, capture_reason_3, "capture.reason is 3", TT_EPROTO},
		{SAMPLE_CAPTURE, capture_trigger, "capture.trigger_at_us is -1", TT_EPROTO},
		{SAMPLE_CAPTURE, part_0, "capture.part is 0", TT_EPROTO},
		{SAMPLE_CAPTURE, part_1000, "capture.part is 1000", TT_EPROTO},
		{SAMPLE_CAPTURE, from_late, "capture.from_ms is 1001", TT_EPROTO},
		{SAMPLE_CAPTURE, from_early, "capture.from_ms is -60001", TT_EPROTO},
		{SAMPLE_CAPTURE, to_late, "capture.to_ms is 60001", TT_EPROTO},
		{SAMPLE_CAPTURE, mapped_513, "capture.n_mapped is 513", TT_EPROTO},
		{SAMPLE_CAPTURE, capture_events, "capture.events is 100", TT_EPROTO},
		{SAMPLE_CAPTURE, capture_samples_0, "capture.samples.samples is 0", TT_EPROTO},
		{SAMPLE_CAPTURE, capture_encoding, "capture.samples.encoding is 9", TT_EVERSION},
		{SAMPLE_CAPTURE, capture_columns, "capture.samples.columns is empty", TT_EPROTO},
		{SAMPLE_STATE, since_known, "state.since_clear.known is 32", TT_EPROTO},
		{SAMPLE_STATE, since_km, "state.since_clear.distance_km is 65536", TT_EPROTO},
		{SAMPLE_STATE, since_minutes, "state.since_clear.mil_minutes", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_ecu_0, "ecu_report.ecu is 0", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_ecu_wide, "ecu_report.ecu", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_time, "ecu_report.observed_at_us", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_vin, "ecu_report.vin", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_name, "ecu_report.name", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_name_long, "ecu_report.name", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_calibrations_9, "ecu_report.n_calibrations is 9", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_calibration_long, "ecu_report.calibrations", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_cvns_9, "ecu_report.n_cvns is 9", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_services, "ecu_report.services", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_services_wide, "ecu_report.services is 2048", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_pids_31, "ecu_report.supported_pids has 31", TT_EPROTO},
		{SAMPLE_ECU_REPORT, report_tests_257, "ecu_report.n_tests is 257", TT_EPROTO},
		{SAMPLE_ECU_REPORT, test_mid_0, "ecu_report.tests.mid is 0", TT_EPROTO},
		{SAMPLE_ECU_REPORT, test_mid_256, "ecu_report.tests.mid is 256", TT_EPROTO},
		{SAMPLE_ECU_REPORT, test_tid, "ecu_report.tests.tid is 256", TT_EPROTO},
		{SAMPLE_ECU_REPORT, test_scaling, "ecu_report.tests.scaling is 256", TT_EPROTO},
		{SAMPLE_ECU_REPORT, test_unit, "ecu_report.tests.unit", TT_EPROTO},
	};
	struct sample_set *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_errmsg why = {{0}};
		enum tt_err err;

		sample_fill(s, cases[i].sample);
		assert_int_equal(round_trip(s, sample_class(cases[i].sample), &why), TT_OK);
		sample_fill(s, cases[i].sample);
		cases[i].change(s);
		err = round_trip(s, sample_class(cases[i].sample), &why);
		if (err != cases[i].expected || !strstr(why.text, cases[i].names))
			fail_msg("case %zu (%s): %s: %s", i, cases[i].names, tt_err_name(err), why.text);
	}
}

CHANGE(clock_1970, (s->env.created_at_us = 0, s->env.clock = TELLTALE__V1__CLOCK_QUALITY__CLOCK_QUALITY_UNKNOWN))
CHANGE(clock_2099, s->env.created_at_us = INT64_C(4095360000000000))
CHANGE(no_position, s->fault.position = NULL)
CHANGE(bare_alert, (s->alert.crash = NULL, s->alert.position = NULL, s->alert.odometer_m = 0))
CHANGE(uds_ftb, (s->fault.code = ftb, s->fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_UDS))
static void j1939_spn(struct sample_set *s)
{
	s->fault.code = spn;
	s->fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_J1939;
	s->fault.lamps = 0xFFFF;
	s->fault.occurrences = 127;
	s->fault.previously_active = true;
}

CHANGE(freeze_64, s->fault.n_freeze_frame = 64)
CHANGE(freeze_raw_32, s->freeze[0].raw.len = 32)
CHANGE(records_most, (s->fault.n_snapshot = 64, s->fault.n_extended = 16, s->snapshot[0].raw.len = 64, s->extended[0].raw.len = 64))
CHANGE(poles, (s->position.latitude_e7 = -900000000, s->position.longitude_e7 = 1800000000))
CHANGE(event_edges,
       (s->vehicle_event.value_milli = INT64_C(1000000000000), s->vehicle_event.limit_milli = INT64_C(-1000000000000),
	s->vehicle_event.kind = (Telltale__V1__VehicleEventKind)11, s->vehicle_event.cause = (Telltale__V1__VehicleEventCause)14))
CHANGE(event_bare,
       (s->vehicle_event.subject = no_name, s->vehicle_event.position = NULL, s->vehicle_event.cause = (Telltale__V1__VehicleEventCause)0))
CHANGE(no_vin, s->state.vin = no_name)
CHANGE(unicode, s->condition[0].detail = umlaut)
CHANGE(conditions_32, s->state.n_conditions = 32)
CHANGE(bare_part, (s->capture.samples = NULL, s->capture.n_mapped = 0, s->capture.incident = 0))
CHANGE(mapped_512, s->capture.n_mapped = 512)
CHANGE(part_999, (s->capture.part = 999, s->capture.from_ms = s->capture.to_ms = 60000))
CHANGE(metrics_48, s->state.n_metrics = 48)
CHANGE(offline, (s->env.epoch = 0, s->state.position = NULL, s->state.n_conditions = 0, s->state.n_journal = 0))

CHANGE(since_full, s->state.since_clear = &s->since)
CHANGE(report_bare, (s->ecu_report.vin = no_name, s->ecu_report.name = no_name, s->ecu_report.n_calibrations = 0, s->ecu_report.n_cvns = 0,
		     s->ecu_report.services = 0, s->ecu_report.supported_pids.len = 0, s->ecu_report.n_tests = 0))
CHANGE(report_full, (s->ecu_report.n_calibrations = 8, s->ecu_report.n_cvns = 8, s->ecu_report.services = 0x7FE,
		     s->ecu_report.n_tests = 256, s->test[255].mid = s->test[255].tid = s->test[255].scaling = 255))

static void what_is_just_inside_is_accepted(void **state)
{
	static const struct broken cases[] = {
		{SAMPLE_FAULT, clock_1970, "a clock never set", TT_OK},
		{SAMPLE_FAULT, clock_2099, "a clock far ahead", TT_OK},
		{SAMPLE_FAULT, no_position, "no position", TT_OK},
		{SAMPLE_ALERT, bare_alert, "an alert of nothing but its kind", TT_OK},
		{SAMPLE_FAULT, uds_ftb, "a UDS code with failure type", TT_OK},
		{SAMPLE_FAULT, j1939_spn, "a J1939 code", TT_OK},
		{SAMPLE_FAULT, freeze_64, "64 freeze items", TT_OK},
		{SAMPLE_FAULT, freeze_raw_32, "32 raw bytes", TT_OK},
		{SAMPLE_FAULT, records_most, "64 snapshot items, 16 extended records, 64 bytes each", TT_OK},
		{SAMPLE_TRIP, poles, "the ends of the earth", TT_OK},
		{SAMPLE_VEHICLE_EVENT, event_edges, "an event of the largest numbers", TT_OK},
		{SAMPLE_VEHICLE_EVENT, event_bare, "an event without subject, place and cause", TT_OK},
		{SAMPLE_STATE, no_vin, "no VIN yet", TT_OK},
		{SAMPLE_STATE, unicode, "UTF-8 in a detail", TT_OK},
		{SAMPLE_STATE, conditions_32, "32 conditions", TT_OK},
		{SAMPLE_POWER, metrics_48, "48 metrics", TT_OK},
		{SAMPLE_STATE, offline, "a last will", TT_OK},
		{SAMPLE_CAPTURE, bare_part, "a part without samples", TT_OK},
		{SAMPLE_CAPTURE, mapped_512, "512 mapped signals", TT_OK},
		{SAMPLE_CAPTURE, part_999, "the last part possible", TT_OK},
		{SAMPLE_STATE, since_full, "all that is told since the clearing", TT_OK},
		{SAMPLE_ECU_REPORT, report_bare, "an ECU that tells nothing", TT_OK},
		{SAMPLE_ECU_REPORT, report_full, "an ECU that tells everything", TT_OK},
	};
	struct sample_set *s = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tt_errmsg why = {{0}};

		sample_fill(s, cases[i].sample);
		cases[i].change(s);
		if (round_trip(s, sample_class(cases[i].sample), &why))
			fail_msg("%s: %s", cases[i].names, why.text);
	}
}

static void a_body_belongs_to_its_class_only(void **state)
{
	struct sample_set *s = *state;

	for (int i = 0; i < SAMPLES; i++)
		for (int cls = TT_CLASS_ALERT; cls < TT_NCLASSES; cls++) {
			struct tt_errmsg why = {{0}};

			sample_fill(s, (enum sample)i);
			s->env.class_ = (Telltale__V1__EventClass)cls;
			assert_int_equal(round_trip(s, (enum tt_class)cls, &why),
					 cls == (int)sample_class((enum sample)i) ? TT_OK : TT_EPROTO);
		}
}

static void what_is_no_envelope_is_refused(void **state)
{
	static const uint8_t noise[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x01};
	Telltale__V1__Envelope *env = NULL;
	struct tt_errmsg why;

	(void)state;
	assert_int_equal(tt_envelope_decode(noise, sizeof(noise), TT_CLASS_EVENT, &env, &why), TT_EPROTO);
	assert_int_equal(tt_envelope_decode(noise, 0, TT_CLASS_EVENT, &env, &why), TT_EVERSION);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(tt_envelope_decode(bytes, TT_ENVELOPE_MAX_BYTES + 1, TT_CLASS_EVENT, &env, NULL), TT_ERANGE);
	assert_null(env);
}

static void every_cut_of_an_envelope_is_refused_or_complete(void **state)
{
	struct sample_set *s = *state;
	size_t len = 0;

	sample_fill(s, SAMPLE_FAULT);
	assert_int_equal(tt_envelope_encode(&s->env, bytes, sizeof(bytes), &len), TT_OK);
	for (size_t n = 0; n < len; n++) {
		Telltale__V1__Envelope *env = NULL;
		uint8_t *copy = malloc(n + 1); /* of the exact length, so that ASan sees a read beyond */

		assert_non_null(copy);
		memcpy(copy, bytes, n);
		assert_int_not_equal(tt_envelope_decode(copy, n, TT_CLASS_EVENT, &env, NULL), TT_OK);
		free(copy);
	}
}

static void encode_refuses_a_small_buffer_and_leaves_the_length(void **state)
{
	struct sample_set *s = *state;
	size_t len = 0, small = 77;

	sample_fill(s, SAMPLE_STATE);
	assert_int_equal(tt_envelope_encode(&s->env, bytes, sizeof(bytes), &len), TT_OK);
	assert_int_equal(tt_envelope_encode(&s->env, bytes, len - 1, &small), TT_EFULL);
	assert_int_equal(small, 77);
	assert_int_equal(tt_envelope_encode(&s->env, bytes, len, &small), TT_OK);
}

static void a_stamp_overrides_what_was_there_and_fits_in_its_room(void **state)
{
	static const uint64_t seqs[] = {1, 127, 128, UINT32_MAX, INT64_MAX};
	struct sample_set *s = *state;

	for (size_t i = 0; i < sizeof(seqs) / sizeof(seqs[0]); i++) {
		Telltale__V1__Envelope *env = NULL;
		struct tt_errmsg why = {{0}};
		size_t len = 0, before;

		sample_fill(s, SAMPLE_TRIP);
		if (i % 2)
			s->env.epoch = s->env.seq = s->env.first_seq_held = 0; /* as the journal keeps it */
		assert_int_equal(tt_envelope_encode(&s->env, bytes, sizeof(bytes), &len), TT_OK);
		before = len;
		assert_int_equal(tt_envelope_stamp(bytes, len + 10, &len, UINT64_MAX, seqs[i], seqs[i]), TT_EFULL);
		assert_int_equal(len, before);
		assert_int_equal(tt_envelope_stamp(bytes, before + TT_ENVELOPE_STAMP_MAX, &len, UINT64_MAX, seqs[i], seqs[i]), TT_OK);
		if (tt_envelope_decode(bytes, len, TT_CLASS_EVENT, &env, &why))
			fail_msg("%s", why.text);
		assert_true(env->epoch == UINT64_MAX && env->seq == seqs[i] && env->first_seq_held == seqs[i]);
		assert_int_equal(env->trip->distance_m, 12345);
		tt_envelope_free(env);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(each_broken_bound_is_refused_and_named),
		T(what_is_just_inside_is_accepted),
		T(a_body_belongs_to_its_class_only),
		T(what_is_no_envelope_is_refused),
		T(every_cut_of_an_envelope_is_refused_or_complete),
		T(encode_refuses_a_small_buffer_and_leaves_the_length),
		T(a_stamp_overrides_what_was_there_and_fits_in_its_room),
	};

	return cmocka_run_group_tests_name("wire envelope", tests, NULL, NULL);
}
