#include "samples.h"

static const struct {
	const char *name;
	enum tt_class cls;
} samples[SAMPLES] = {
	[SAMPLE_ALERT] = {"alert", TT_CLASS_ALERT},
	[SAMPLE_FAULT] = {"fault", TT_CLASS_EVENT},
	[SAMPLE_TRIP] = {"trip", TT_CLASS_EVENT},
	[SAMPLE_ODOMETER] = {"odometer", TT_CLASS_EVENT},
	[SAMPLE_STATE] = {"state", TT_CLASS_STATE},
	[SAMPLE_TELEMETRY] = {"telemetry", TT_CLASS_BULK},
	[SAMPLE_VEHICLE_EVENT] = {"vehicle_event", TT_CLASS_EVENT},
	[SAMPLE_CAPTURE] = {"capture", TT_CLASS_EVENT},
	[SAMPLE_POWER] = {"power", TT_CLASS_STATE},
	[SAMPLE_ECU_REPORT] = {"ecu_report", TT_CLASS_EVENT},
};

static uint8_t freeze_raw[33] = {0x1A, 0xF8};
static uint8_t record_raw[67] = {0x0B, 0xB8, 0x42};
static uint8_t columns[4] = {0x28, 0xB5, 0x2F, 0xFD};
static char code[] = "P0301", subject[] = "row1.left", version[] = "0.1.0", vin[] = "3FADP4FJ2BM113913";
static char condition_name[] = "gps.no_fix", condition_detail[] = "0 of 7 satellites";

const char *sample_name(enum sample which)
{
	return samples[which].name;
}

enum tt_class sample_class(enum sample which)
{
	return samples[which].cls;
}

static void fill_lists(struct sample_set *s)
{
	for (size_t i = 0; i < sizeof(s->freeze) / sizeof(s->freeze[0]); i++) {
		s->freeze[i] = (Telltale__V1__FreezeItem)TELLTALE__V1__FREEZE_ITEM__INIT;
		s->freeze[i].pid = 0x0C + (uint32_t)i;
		s->freeze[i].raw.data = freeze_raw;
		s->freeze[i].raw.len = 2;
		s->freeze[i].decoded = true;
		s->freeze[i].value_milli = 1726000 + (int64_t)i;
		s->freeze_list[i] = &s->freeze[i];
	}
	for (size_t i = 0; i < sizeof(s->snapshot) / sizeof(s->snapshot[0]); i++) {
		s->snapshot[i] = (Telltale__V1__SnapshotItem)TELLTALE__V1__SNAPSHOT_ITEM__INIT;
		s->snapshot[i].record = 1;
		s->snapshot[i].did = 0xF40C + (uint32_t)i;
		s->snapshot[i].raw = (ProtobufCBinaryData){.data = record_raw, .len = 2};
		s->snapshot_list[i] = &s->snapshot[i];
	}
	for (size_t i = 0; i < sizeof(s->extended) / sizeof(s->extended[0]); i++) {
		s->extended[i] = (Telltale__V1__ExtendedRecord)TELLTALE__V1__EXTENDED_RECORD__INIT;
		s->extended[i].record = 1 + (uint32_t)i;
		s->extended[i].raw = (ProtobufCBinaryData){.data = record_raw + 2, .len = 1};
		s->extended_list[i] = &s->extended[i];
	}
	for (size_t i = 0; i < sizeof(s->condition) / sizeof(s->condition[0]); i++) {
		s->condition[i] = (Telltale__V1__Condition)TELLTALE__V1__CONDITION__INIT;
		s->condition[i].name = condition_name;
		s->condition[i].since_us = INT64_C(1795312800000000) + (int64_t)i;
		s->condition[i].detail = condition_detail;
		s->condition_list[i] = &s->condition[i];
	}
	for (size_t i = 0; i < sizeof(s->depth) / sizeof(s->depth[0]); i++) {
		s->depth[i] = (Telltale__V1__JournalDepth)TELLTALE__V1__JOURNAL_DEPTH__INIT;
		s->depth[i].class_ = (Telltale__V1__EventClass)(1 + i % 3);
		s->depth[i].held = 40 + i;
		s->depth[i].evicted = 7 * i;
		s->depth_list[i] = &s->depth[i];
	}
}

static void fill_position(struct sample_set *s)
{
	s->position = (Telltale__V1__Position)TELLTALE__V1__POSITION__INIT;
	s->position.fix = TELLTALE__V1__FIX_TYPE__FIX_TYPE_THREE_D;
	s->position.latitude_e7 = 557558333;
	s->position.longitude_e7 = -236173333;
	s->position.altitude_mm = -1250;
	s->position.accuracy_mm = 4800;
	s->position.speed_mm_s = 13900;
	s->position.heading_cdeg = 35999;
	s->position.fix_at_us = INT64_C(1795312799900000);
	s->position.age_ms = 100;
}

static void fill_alert(struct sample_set *s)
{
	s->alert = (Telltale__V1__Alert)TELLTALE__V1__ALERT__INIT;
	s->alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_CRASH;
	s->alert.incident = UINT64_C(0xFEDCBA9876543210);
	s->alert.detected_at_us = INT64_C(1795312800000000);
	s->alert.position = &s->position;
	s->alert.odometer_m = 123456789;
	s->alert.crash = &s->crash;
	s->crash = (Telltale__V1__CrashDetail)TELLTALE__V1__CRASH_DETAIL__INIT;
	s->crash.trigger = TELLTALE__V1__CRASH_TRIGGER__CRASH_TRIGGER_AIRBAG;
	s->crash.airbag_deployed = true;
	s->crash.delta_v_mm_s = 11100;
	s->crash.speed_before_mm_s = 13900;
	s->crash.speed_known = true;
	s->crash.rollover = true;
	s->crash.belts_fastened = 2;
	s->crash.belts_known = true;
	s->crash.fuel_cut_off = true;
	s->crash.delta_v_longitudinal_mm_s = -10900;
	s->crash.delta_v_lateral_mm_s = 2100;
	s->crash.direction_known = true;
	s->crash.events = 2;
	s->crash.evidence = 0x2A;
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_ALERT;
	s->env.alert = &s->alert;
}

static void fill_fault(struct sample_set *s)
{
	s->fault = (Telltale__V1__FaultEvent)TELLTALE__V1__FAULT_EVENT__INIT;
	s->fault.change = TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED;
	s->fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_OBD2;
	s->fault.code = code;
	s->fault.ecu = 0x7E8;
	s->fault.stored = s->fault.pending = s->fault.permanent = s->fault.mil = true;
	s->fault.n_freeze_frame = 2;
	s->fault.freeze_frame = s->freeze_list;
	s->fault.status = 0x8F;
	s->fault.n_snapshot = 2;
	s->fault.snapshot = s->snapshot_list;
	s->fault.n_extended = 1;
	s->fault.extended = s->extended_list;
	s->fault.position = &s->position;
	s->fault.odometer_m = 123456789;
	s->fault.observed_at_us = INT64_C(1795312800000000);
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_FAULT;
	s->env.fault = &s->fault;
}

static void fill_trip(struct sample_set *s)
{
	s->trip = (Telltale__V1__TripEvent)TELLTALE__V1__TRIP_EVENT__INIT;
	s->trip.change = TELLTALE__V1__TRIP_CHANGE__TRIP_CHANGE_END;
	s->trip.trip = 42;
	s->trip.at_us = INT64_C(1795312800000000);
	s->trip.position = &s->position;
	s->trip.odometer_m = 123456789;
	s->trip.distance_m = 12345;
	s->trip.duration_s = 1800;
	s->trip.idle_s = 240;
	s->trip.max_speed_mm_s = 36111;
	s->trip.harsh_events = 2;
	s->trip.fuel_used_ml = 987;
	s->trip.fuel_source = TELLTALE__V1__FUEL_SOURCE__FUEL_SOURCE_RATE;
	s->trip.distance_source = TELLTALE__V1__DISTANCE_SOURCE__DISTANCE_SOURCE_SPEED;
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_TRIP;
	s->env.trip = &s->trip;
}

static void fill_odometer(struct sample_set *s)
{
	s->odometer = (Telltale__V1__Odometer)TELLTALE__V1__ODOMETER__INIT;
	s->odometer.odometer_m = 123456789;
	s->odometer.source = TELLTALE__V1__ODOMETER_SOURCE__ODOMETER_SOURCE_PID_A6;
	s->odometer.at_us = INT64_C(1795312800000000);
	s->odometer.position = &s->position;
	s->odometer.uncertainty_m = 136;
	s->odometer.estimated_m = 1200;
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_ODOMETER;
	s->env.odometer = &s->odometer;
}

static void fill_state(struct sample_set *s)
{
	s->state = (Telltale__V1__State)TELLTALE__V1__STATE__INIT;
	s->state.online = s->state.ignition_on = s->state.mil = true;
	s->state.agent_version = version;
	s->state.vin = vin;
	s->state.dtc_count = 3;
	s->state.position = &s->position;
	s->state.odometer_m = 123456789;
	s->state.n_conditions = 1;
	s->state.conditions = s->condition_list;
	s->state.n_journal = 3;
	s->state.journal = s->depth_list;
	s->state.at_us = INT64_C(1795312800000000);
	s->state.readiness_supported = 0x7FF;
	s->state.readiness_incomplete = 0x21;
	s->since = (Telltale__V1__SinceClear)TELLTALE__V1__SINCE_CLEAR__INIT;
	s->since.known = 0x1F;
	s->since.distance_km = 4711;
	s->since.warm_ups = 255;
	s->since.minutes = 65535;
	s->since.mil_distance_km = 12;
	s->since.mil_minutes = 34;
	s->env.seq = s->env.first_seq_held = 0;
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_STATE;
	s->env.state = &s->state;
}

static char metric_name[] = "bus.load_permille";

static void fill_power(struct sample_set *s)
{
	fill_state(s);
	s->state.n_conditions = s->state.n_journal = 0;
	for (size_t i = 0; i < sizeof(s->metric) / sizeof(s->metric[0]); i++) {
		s->metric[i] = (Telltale__V1__Metric)TELLTALE__V1__METRIC__INIT;
		s->metric[i].name = metric_name;
		s->metric[i].value = (int64_t)i * 7 - 7;
		s->metric_list[i] = &s->metric[i];
	}
	s->state.n_metrics = 3;
	s->state.metrics = s->metric_list;
	s->power = (Telltale__V1__Power)TELLTALE__V1__POWER__INIT;
	s->power.state = TELLTALE__V1__POWER_STATE__POWER_STATE_DEEP_SLEEP;
	s->power.since_us = INT64_C(1795312700000000);
	s->power.wake = TELLTALE__V1__WAKE_REASON__WAKE_REASON_CHECK_IN;
	s->power.next_contact_us = INT64_C(1795316400000000);
	s->power.heard_at_us = INT64_C(1795312600000000);
	s->power.battery_mv = 11640;
	s->power.below_floor = true;
	s->state.power = &s->power;
}

static void fill_telemetry(struct sample_set *s)
{
	s->telemetry = (Telltale__V1__TelemetryChunk)TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	s->telemetry.start_us = INT64_C(1795312740000000);
	s->telemetry.samples = 1800;
	s->telemetry.encoding = 1;
	s->telemetry.columns.data = columns;
	s->telemetry.columns.len = sizeof(columns);
	s->telemetry.raw_bytes = 4200;
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
	s->env.telemetry = &s->telemetry;
}

static void fill_vehicle_event(struct sample_set *s)
{
	s->vehicle_event = (Telltale__V1__VehicleEvent)TELLTALE__V1__VEHICLE_EVENT__INIT;
	s->vehicle_event.kind = TELLTALE__V1__VEHICLE_EVENT_KIND__VEHICLE_EVENT_KIND_TYRE_PRESSURE;
	s->vehicle_event.phase = TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_END;
	s->vehicle_event.occurrence = UINT64_C(0x1122334455667788);
	s->vehicle_event.at_us = INT64_C(1795312800000000);
	s->vehicle_event.position = &s->position;
	s->vehicle_event.odometer_m = 123456789;
	s->vehicle_event.value_milli = 231500;
	s->vehicle_event.limit_milli = 184000;
	s->vehicle_event.peak_milli = 121000;
	s->vehicle_event.duration_ms = 3600500;
	s->vehicle_event.subject = subject;
	s->vehicle_event.cause = TELLTALE__V1__VEHICLE_EVENT_CAUSE__VEHICLE_EVENT_CAUSE_PLACARD;
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT;
	s->env.vehicle_event = &s->vehicle_event;
}

static void fill_capture(struct sample_set *s)
{
	fill_telemetry(s);
	s->telemetry.start_us = INT64_C(1795312795000000);
	s->capture = (Telltale__V1__CapturePart)TELLTALE__V1__CAPTURE_PART__INIT;
	s->capture.capture = UINT64_C(0x1122334455667788);
	s->capture.reason = TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH;
	s->capture.incident = UINT64_C(0xFEDCBA9876543210);
	s->capture.trigger_at_us = INT64_C(1795312800000000);
	s->capture.part = 2;
	s->capture.last = s->capture.incomplete = true;
	s->capture.from_ms = -5000;
	s->capture.to_ms = 1000;
	s->capture.samples = &s->telemetry;
	for (size_t i = 0; i < sizeof(s->mapped) / sizeof(s->mapped[0]); i++)
		s->mapped[i] = 1 + (uint32_t)i;
	s->capture.n_mapped = 3;
	s->capture.mapped = s->mapped;
	s->capture.events = 2;
	s->capture.lost = 7;
	s->capture.second_event_ms = 1300;
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_CAPTURE;
	s->env.capture = &s->capture;
}

static void fill_ecu_report(struct sample_set *s)
{
	static char calibration[] = "TELLTALE-SIM-01", name[] = "ECM-EngineControl", volts[] = "V";
	static char *calibrations[9];
	static uint32_t cvns[9] = {0xCAFE0001};
	static uint8_t pids[32] = {0xBE, 0x1F, 0xA8, 0x13};

	for (size_t i = 0; i < 9; i++)
		calibrations[i] = calibration;
	for (size_t i = 0; i < sizeof(s->test) / sizeof(s->test[0]); i++) {
		s->test[i] = (Telltale__V1__MonitorTest)TELLTALE__V1__MONITOR_TEST__INIT;
		s->test[i].mid = 1;
		s->test[i].tid = 0x81;
		s->test[i].passed = true;
		s->test[i].value_milli = 365;
		s->test[i].min_milli = -100;
		s->test[i].max_milli = 1275;
		s->test[i].unit = volts;
		s->test[i].scaling = 0x8A;
		s->test_list[i] = &s->test[i];
	}
	s->ecu_report = (Telltale__V1__EcuReport)TELLTALE__V1__ECU_REPORT__INIT;
	s->ecu_report.ecu = 0x18DAF110;
	s->ecu_report.observed_at_us = INT64_C(1795312800000000);
	s->ecu_report.vin = vin;
	s->ecu_report.name = name;
	s->ecu_report.n_calibrations = 1;
	s->ecu_report.calibrations = calibrations;
	s->ecu_report.n_cvns = 1;
	s->ecu_report.cvns = cvns;
	s->ecu_report.services = 0x7CE;
	s->ecu_report.supported_pids.data = pids;
	s->ecu_report.supported_pids.len = sizeof(pids);
	s->ecu_report.n_tests = 2;
	s->ecu_report.tests = s->test_list;
	s->ecu_report.tests_cut = true;
	s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_ECU_REPORT;
	s->env.ecu_report = &s->ecu_report;
}

void sample_fill(struct sample_set *s, enum sample which)
{
	static void (*const fill[SAMPLES])(struct sample_set *) = {
		[SAMPLE_ALERT] = fill_alert,
		[SAMPLE_FAULT] = fill_fault,
		[SAMPLE_TRIP] = fill_trip,
		[SAMPLE_ODOMETER] = fill_odometer,
		[SAMPLE_STATE] = fill_state,
		[SAMPLE_TELEMETRY] = fill_telemetry,
		[SAMPLE_VEHICLE_EVENT] = fill_vehicle_event,
		[SAMPLE_CAPTURE] = fill_capture,
		[SAMPLE_POWER] = fill_power,
		[SAMPLE_ECU_REPORT] = fill_ecu_report,
	};

	s->env = (Telltale__V1__Envelope)TELLTALE__V1__ENVELOPE__INIT;
	s->env.schema = TT_SCHEMA;
	s->env.epoch = UINT64_C(0x0123456789ABCDEF);
	s->env.class_ = (Telltale__V1__EventClass)samples[which].cls;
	s->env.seq = 300;
	s->env.first_seq_held = 17;
	s->env.created_at_us = INT64_C(1795312800000123);
	s->env.clock = TELLTALE__V1__CLOCK_QUALITY__CLOCK_QUALITY_GNSS;
	s->env.uptime_us = 987654321;
	fill_position(s);
	fill_lists(s);
	fill[which](s);
}
