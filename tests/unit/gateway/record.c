#include "tests/unit/gateway/record.h"

#include "tests/support/fault_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAYS(n) (TT_DAY_US * (n))

static sqlite3 *witness;
static char folder[32], path[48], url[64];

static void people(struct record *r)
{
	static const char *const vins[] = {VIN_1, VIN_2};
	const tt_utc_us since = T0 - DAYS(100);

	for (int i = 0; i < 2; i++) {
		struct tt_dealer dealer = {.timezone = "UTC"};
		struct tt_customer owner = {.phone = "+4971100112", .email = "owner@example.org", .language = "en", .tier = "standard"};
		struct tt_vehicle vehicle = {.make = "Demo", .model = "One", .plate = "S-TT 1"};
		bool created;

		snprintf(dealer.name, sizeof(dealer.name), "Dealer %d", i + 1);
		assert_int_equal(tt_store_dealer_insert(r->store, &dealer, since, &r->dealer[i]), TT_OK);
		snprintf(owner.name, sizeof(owner.name), "Owner %d", i + 1);
		owner.dealer_id = vehicle.dealer_id = r->dealer[i];
		assert_int_equal(tt_store_customer_upsert(r->store, &owner, since, &r->owner[i], &created), TT_OK);
		memcpy(vehicle.vin, vins[i], sizeof(vehicle.vin));
		assert_int_equal(tt_store_vehicle_upsert(r->store, &vehicle, since, &r->vehicle[i], &created), TT_OK);
		assert_int_equal(tt_store_ownership_set(r->store, r->vehicle[i], r->owner[i], since), TT_OK);
	}
}

static void units(struct record *r)
{
	static const char *const names[] = {"CAR-1", "CAR-2", "SPARE", "GONE"};

	for (size_t i = 0; i < 4; i++) {
		struct tt_unit unit = {.shard = (int32_t)tt_shard_of(names[i]), .created_at = T0 - DAYS(100)};
		int64_t id;

		strcpy(unit.name, names[i]);
		assert_int_equal(tt_store_unit_insert(r->store, &unit, &id), TT_OK);
		if (i < 2)
			assert_int_equal(tt_store_install(r->store, names[i], r->vehicle[i], T0 - DAYS(100)), TT_OK);
	}
	assert_int_equal(tt_store_unit_revoke(r->store, "GONE", T0 - DAYS(1)), TT_OK);
}

static void name_files(void)
{
	strcpy(folder, "/tmp/tt-record-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/record.db", folder);
	snprintf(url, sizeof(url), "sqlite:%s", path);
}

const char *record_url(void)
{
	return url;
}

int record_setup(void **state)
{
	static struct record record;
	const struct tt_ingest_config config = {.late_limit_us = TT_SEC(15 * 60), .batch_max = 64, .units_max = 16};
	struct record *r = &record;
	struct tt_errmsg msg = {.text = ""};

	tt_fault_disk_install();
	*r = (struct record){.now = T0};
	name_files();
	/* The store looks for a file on the real disk first, and opens what is there: the witness makes the one on the fault disk. */
	assert_int_equal(sqlite3_open(path, &witness), SQLITE_OK);
	record_exec("PRAGMA user_version");
	if (tt_store_open(url, true, &r->store, &msg) || tt_store_migrate(r->store, T0 - DAYS(100), &msg))
		fail_msg("%s", msg.text);
	assert_int_equal(tt_store_begin(r->store), TT_OK);
	people(r);
	units(r);
	assert_int_equal(tt_store_commit(r->store), TT_OK);
	assert_int_equal(tt_ingest_create(r->store, &config, &r->ingest), TT_OK);
	*state = r;
	return 0;
}

int record_teardown(void **state)
{
	struct record *r = *state;

	tt_ingest_destroy(r->ingest);
	tt_store_close(r->store);
	assert_int_equal(sqlite3_close(witness), SQLITE_OK);
	tt_fault_disk_remove();
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	return 0;
}

static sqlite3_stmt *prepare(const char *sql)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(witness, sql, -1, &stmt, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(witness));
	return stmt;
}

int64_t record_ask(const char *fmt, ...)
{
	char sql[512];
	va_list args;
	sqlite3_stmt *stmt;
	int64_t v = -1;
	int n;

	va_start(args, fmt);
	n = vsnprintf(sql, sizeof(sql), fmt, args);
	va_end(args);
	assert_in_range(n, 1, sizeof(sql) - 1);
	stmt = prepare(sql);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		v = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return v;
}

const char *record_text(const char *sql)
{
	static char text[4096];
	sqlite3_stmt *stmt = prepare(sql);

	text[0] = '\0';
	if (sqlite3_step(stmt) == SQLITE_ROW)
		snprintf(text, sizeof(text), "%s", (const char *)sqlite3_column_text(stmt, 0));
	sqlite3_finalize(stmt);
	return text;
}

void record_exec(const char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(witness, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
}

void record_begin(struct record *r)
{
	assert_int_equal(tt_ingest_begin(r->ingest, NULL), TT_OK);
	r->batch = true;
}

enum tt_err record_commit(struct record *r)
{
	enum tt_err err = tt_ingest_commit(r->ingest, NULL);

	r->batch = false;
	if (err)
		tt_ingest_abort(r->ingest);
	return err;
}

enum tt_err record_send(struct record *r, const char *topic, const uint8_t *bytes, size_t len, size_t size)
{
	const struct tt_inbound in = {.topic = topic, .payload = bytes, .len = len, .size = size, .received_at = r->now};
	struct tt_errmsg msg;
	enum tt_err err;

	if (r->batch)
		return tt_ingest_take(r->ingest, &in, &msg);
	err = tt_ingest_begin(r->ingest, &msg);
	if (err)
		return err;
	err = tt_ingest_take(r->ingest, &in, &msg);
	if (!err)
		err = tt_ingest_commit(r->ingest, &msg);
	if (err)
		tt_ingest_abort(r->ingest);
	return err;
}

enum tt_err car_say(const struct car *car, enum tt_class cls, uint64_t seq, Telltale__V1__Envelope *env)
{
	char topic[TT_TOPIC_MAX];
	uint8_t bytes[4096];
	size_t len;

	env->schema = car->schema ? car->schema : TT_SCHEMA;
	env->epoch = car->epoch;
	env->class_ = (Telltale__V1__EventClass)cls;
	env->seq = seq;
	env->first_seq_held = seq == 0 ? 0 : car->first ? car->first : 1;
	env->created_at_us = car->stamp ? car->stamp : car->r->now - TT_SEC(1);
	env->clock = (Telltale__V1__ClockQuality)car->clock;
	assert_int_equal(tt_envelope_encode(env, bytes, sizeof(bytes), &len), TT_OK);
	tt_topic_up(car->unit, cls, topic);
	return record_send(car->r, topic, bytes, len, len);
}

enum tt_err car_telemetry(const struct car *car, uint64_t seq)
{
	Telltale__V1__TelemetryChunk chunk = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	uint8_t columns[100] = {1};

	chunk.start_us = car->r->now - TT_SEC(10);
	chunk.samples = 50;
	chunk.encoding = 1;
	chunk.columns = (ProtobufCBinaryData){.data = columns, .len = sizeof(columns)};
	chunk.raw_bytes = 200;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
	env.telemetry = &chunk;
	return car_say(car, TT_CLASS_BULK, seq, &env);
}

enum tt_err car_fault(const struct car *car, uint64_t seq, Telltale__V1__FaultChange change, const char *code, bool stored)
{
	Telltale__V1__FaultEvent fault = TELLTALE__V1__FAULT_EVENT__INIT;
	Telltale__V1__FreezeItem item = TELLTALE__V1__FREEZE_ITEM__INIT;
	Telltale__V1__FreezeItem *items[] = {&item};
	Telltale__V1__Position position = TELLTALE__V1__POSITION__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	uint8_t raw[] = {0x1A, 0xF8};

	position.fix = TELLTALE__V1__FIX_TYPE__FIX_TYPE_THREE_D;
	position.latitude_e7 = 487758460;
	position.longitude_e7 = 91829320;
	position.accuracy_mm = 4000;
	position.fix_at_us = (car->stamp > TT_DAY_US && car->stamp < car->r->now) ? car->stamp : car->r->now - TT_SEC(1);
	item.pid = 0x0C;
	item.raw = (ProtobufCBinaryData){.data = raw, .len = sizeof(raw)};
	item.decoded = true;
	item.value_milli = 1726000;
	fault.change = change;
	fault.protocol = strchr(code, '-') ? TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_UDS : TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_OBD2;
	fault.code = (char *)(uintptr_t)code;
	fault.ecu = 0x7E8;
	fault.stored = stored;
	fault.pending = !stored && change != TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_CLEARED;
	fault.mil = stored;
	if (stored) {
		fault.n_freeze_frame = 1;
		fault.freeze_frame = items;
	}
	fault.position = &position;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_FAULT;
	env.fault = &fault;
	return car_say(car, TT_CLASS_EVENT, seq, &env);
}

enum tt_err car_alert(const struct car *car, uint64_t seq, Telltale__V1__AlertKind kind, uint64_t incident)
{
	Telltale__V1__Alert alert = TELLTALE__V1__ALERT__INIT;
	Telltale__V1__CrashDetail crash = TELLTALE__V1__CRASH_DETAIL__INIT;
	Telltale__V1__Position position = TELLTALE__V1__POSITION__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	position.fix = TELLTALE__V1__FIX_TYPE__FIX_TYPE_THREE_D;
	position.latitude_e7 = 487758460;
	position.longitude_e7 = 91829320;
	position.accuracy_mm = 4000;
	position.fix_at_us = car->r->now - TT_SEC(2);
	crash.trigger = TELLTALE__V1__CRASH_TRIGGER__CRASH_TRIGGER_AIRBAG;
	crash.airbag_deployed = true;
	crash.delta_v_mm_s = car->delta_v_mm_s ? car->delta_v_mm_s : 12000;
	crash.speed_known = true;
	crash.speed_before_mm_s = 13900;
	alert.kind = kind;
	alert.incident = incident;
	alert.position = &position;
	if (kind == TELLTALE__V1__ALERT_KIND__ALERT_KIND_CRASH)
		alert.crash = &crash;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ALERT;
	env.alert = &alert;
	return car_say(car, TT_CLASS_ALERT, seq, &env);
}

enum tt_err car_odometer(const struct car *car, uint64_t seq, int64_t metres)
{
	Telltale__V1__Odometer odometer = TELLTALE__V1__ODOMETER__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	odometer.odometer_m = metres;
	odometer.source = TELLTALE__V1__ODOMETER_SOURCE__ODOMETER_SOURCE_PID_A6;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_ODOMETER;
	env.odometer = &odometer;
	return car_say(car, TT_CLASS_EVENT, seq, &env);
}

enum tt_err car_event(const struct car *car, uint64_t seq, Telltale__V1__VehicleEventKind kind, int64_t metres)
{
	Telltale__V1__VehicleEvent event = TELLTALE__V1__VEHICLE_EVENT__INIT;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	event.kind = kind;
	event.phase = TELLTALE__V1__VEHICLE_EVENT_PHASE__VEHICLE_EVENT_PHASE_INSTANT;
	event.occurrence = 77;
	event.odometer_m = metres;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_VEHICLE_EVENT;
	env.vehicle_event = &event;
	return car_say(car, TT_CLASS_EVENT, seq, &env);
}

enum tt_err car_state(const struct car *car, bool online, const char *vin)
{
	Telltale__V1__State st = TELLTALE__V1__STATE__INIT;
	Telltale__V1__Condition condition = TELLTALE__V1__CONDITION__INIT;
	Telltale__V1__Condition *conditions[] = {&condition};
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;

	condition.name = (char *)(uintptr_t) "gps.no_fix";
	condition.since_us = T0 - TT_SEC(60);
	condition.detail = (char *)(uintptr_t) "no satellites";
	st.online = online;
	st.vin = (char *)(uintptr_t)vin;
	st.n_conditions = 1;
	st.conditions = conditions;
	st.ignition_on = true;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_STATE;
	env.state = &st;
	return car_say(car, TT_CLASS_STATE, 0, &env);
}

struct tt_ingest_ack record_ack(const struct record *r)
{
	const struct tt_ingest_ack *acks;

	assert_int_equal(tt_ingest_acks(r->ingest, &acks), 1);
	return acks[0];
}
