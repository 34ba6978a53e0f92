/*
 * One envelope of each body, with every field set to something that tells it from the others. The golden bytes in tests/golden/wire/ and
 * the decoder's tests are made of them.
 */
#ifndef TT_TESTS_UNIT_WIRE_SAMPLES_H
#define TT_TESTS_UNIT_WIRE_SAMPLES_H

#include "wire/envelope.h"

enum sample {
	SAMPLE_ALERT,
	SAMPLE_FAULT,
	SAMPLE_TRIP,
	SAMPLE_ODOMETER,
	SAMPLE_STATE,
	SAMPLE_TELEMETRY,
	SAMPLE_VEHICLE_EVENT,
	SAMPLE_CAPTURE,
	SAMPLE_POWER,
	SAMPLE_ECU_REPORT,
	SAMPLES
};

/* An envelope and all that it points to; it may be changed, and holds until the next call. */
struct sample_set {
	Telltale__V1__Envelope env;
	Telltale__V1__Position position;
	Telltale__V1__Alert alert;
	Telltale__V1__CrashDetail crash;
	Telltale__V1__FaultEvent fault;
	Telltale__V1__FreezeItem freeze[65];
	Telltale__V1__FreezeItem *freeze_list[65];
	Telltale__V1__SnapshotItem snapshot[65];
	Telltale__V1__SnapshotItem *snapshot_list[65];
	Telltale__V1__ExtendedRecord extended[17];
	Telltale__V1__ExtendedRecord *extended_list[17];
	Telltale__V1__TripEvent trip;
	Telltale__V1__Odometer odometer;
	Telltale__V1__State state;
	Telltale__V1__Condition condition[33];
	Telltale__V1__Condition *condition_list[33];
	Telltale__V1__JournalDepth depth[5];
	Telltale__V1__JournalDepth *depth_list[5];
	Telltale__V1__Power power;
	Telltale__V1__Metric metric[49];
	Telltale__V1__Metric *metric_list[49];
	Telltale__V1__SinceClear since;
	Telltale__V1__TelemetryChunk telemetry;
	Telltale__V1__VehicleEvent vehicle_event;
	Telltale__V1__CapturePart capture;
	uint32_t mapped[513];
	Telltale__V1__EcuReport ecu_report;
	Telltale__V1__MonitorTest test[257];
	Telltale__V1__MonitorTest *test_list[257];
};

void sample_fill(struct sample_set *s, enum sample which);
enum tt_class sample_class(enum sample which);
const char *sample_name(enum sample which);

#endif
