/*
 * For the ingest tests: a real SQLite record on the fault disk, with two dealers, two owners and two cars, and a car's voice.
 *
 * Everything asserts by itself; what a test wants to know it asks the database in SQL, as an independent witness.
 */
#ifndef TT_TESTS_UNIT_GATEWAY_RECORD_H
#define TT_TESTS_UNIT_GATEWAY_RECORD_H

#include "gateway/ingest.h"
#include "wire/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define T0 (INT64_C(1790000000) * 1000000) /* the time of receipt of everything, unless a test moves record.now */
#define VIN_1 "3FADP4FJ2BM113913"
#define VIN_2 "WM9VDSVDSYA123456"

struct record {
	struct tt_store *store;
	struct tt_ingest *ingest;
	int64_t dealer[2], owner[2], vehicle[2];
	tt_utc_us now;
	bool batch; /* a batch is open: send does not commit */
};

/* CAR-1 sits in vehicle 1, CAR-2 in vehicle 2, SPARE nowhere, GONE is revoked. Installed and owned since T0 - 100 days. */
int record_setup(void **state);
int record_teardown(void **state);
const char *record_url(void);

/* First column of the first row as a number; -1 when there is no row. */
int64_t record_ask(const char *fmt, ...) TT_PRINTF(1, 2);
void record_exec(const char *sql);
/* First column as text, into a static buffer. */
const char *record_text(const char *sql);

/* A voice: what it says next is stamped with these. */
struct car {
	struct record *r;
	const char *unit;
	uint64_t epoch;
	tt_utc_us stamp; /* 0 = a second before now */
	enum tt_clock_quality clock;
	uint64_t first;        /* first_seq_held; 0 = 1 */
	uint32_t delta_v_mm_s; /* of a crash; 0 = 12000 */
	uint32_t schema;       /* 0 = TT_SCHEMA */
};

void record_begin(struct record *r);
enum tt_err record_commit(struct record *r);
/* take within a batch or as a batch of its own. */
enum tt_err record_send(struct record *r, const char *topic, const uint8_t *bytes, size_t len, size_t size);

enum tt_err car_say(const struct car *car, enum tt_class cls, uint64_t seq, Telltale__V1__Envelope *env);
enum tt_err car_telemetry(const struct car *car, uint64_t seq);
/* Of ECU 7E8: by UDS when the code has a failure type, else by OBD. */
enum tt_err car_fault(const struct car *car, uint64_t seq, Telltale__V1__FaultChange change, const char *code, bool stored);
enum tt_err car_alert(const struct car *car, uint64_t seq, Telltale__V1__AlertKind kind, uint64_t incident);
enum tt_err car_odometer(const struct car *car, uint64_t seq, int64_t metres);
enum tt_err car_event(const struct car *car, uint64_t seq, Telltale__V1__VehicleEventKind kind, int64_t metres);
enum tt_err car_state(const struct car *car, bool online, const char *vin);

/* The one ack of the last batch. */
struct tt_ingest_ack record_ack(const struct record *r);

#endif
