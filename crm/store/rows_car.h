/*
 * What a car says beside faults and alerts, as rows of the record. As crm/store/rows.h, which is what to include. Tables:
 * schemas/sql/sqlite/0002_car.sql.
 */
#ifndef TT_CRM_STORE_ROWS_CAR_H
#define TT_CRM_STORE_ROWS_CAR_H

#include "crm/store/rows.h"

enum { TT_CAPTURE_BYTES_MAX = 8 << 20 }; /* of the parts of one capture together */

struct tt_vehicle_event {
	int64_t id, vehicle_id;
	int32_t kind, cause; /* VehicleEventKind, VehicleEventCause */
	uint64_t occurrence;
	char subject[32];
	bool begun; /* false: only the END came so far, and began_at is counted back from it */
	bool dwelt; /* a fence: stayed long enough */
	tt_utc_us began_at;
	tt_utc_us ended_at; /* 0 = goes on, or its end never came */
	int64_t duration_ms;
	int64_t value_milli, limit_milli, peak_milli; /* thousandths of the kind's unit; limit 0 = none */
	int64_t odometer_m;
	bool late;
	int64_t ticket_id; /* 0 = none */
	struct tt_place place;
};

struct tt_capture {
	int64_t id, vehicle_id;
	uint64_t number;
	int32_t reason;    /* CaptureReason */
	uint64_t incident; /* of the rescue case; 0 = none */
	tt_utc_us trigger_at;
	int64_t parts, bytes;
	tt_utc_us updated_at;
};

struct tt_told {
	int64_t id, vehicle_id;
	char what[8];    /* command, config */
	uint64_t number; /* the command's id, the configuration's version */
	int32_t kind;    /* CommandKind; 0 of a configuration */
	int32_t outcome; /* CommandOutcome, ConfigOutcome */
	char reason[120];
	char detail[2048]; /* JSON object: {"codes":["P0301"],"codes_cut":false,"ecus":[{"ecu":"0x7E8","done":true,"nrc":""}]}; "{}" =
			      nothing */
	tt_utc_us at;
};

struct tt_ecu {
	int64_t id, vehicle_id;
	uint32_t ecu; /* CAN identifier of the response */
	char name[24], vin[18];
	char calibrations[320], cvns[128]; /* JSON arrays of strings */
	int64_t tests, tests_failed;       /* monitors told last, and of them the failed ones */
	tt_utc_us first_seen_at, changed_at, reported_at;
};

struct tt_unit_state {
	int64_t vehicle_id, unit_id;
	char unit[33]; /* its name; read only */
	tt_utc_us reported_at;
	char version[32];
	int32_t power, wake; /* PowerState, WakeReason; 0 = never told */
	tt_utc_us power_since, next_contact_at, heard_at;
	int64_t battery_mv; /* 0 = unknown */
	bool below_floor;
	int64_t config_version; /* 0 = the built-in one */
	bool config_trial, ignition_block;
	char slot[16];
	int64_t update_refused;
	char metrics[TT_JSON_MAX]; /* JSON object, name -> number */
};

#endif
