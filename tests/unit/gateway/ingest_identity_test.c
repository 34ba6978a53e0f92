/* Who may speak, and what becomes of what cannot be read. */
#include "tests/unit/gateway/record.h"

#include <stdlib.h>
#include <string.h>

static void a_known_unit_is_stored_and_acknowledged(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .clock = TT_CLOCK_GNSS};
	struct tt_ingest_ack ack;

	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	ack = record_ack(r);
	assert_string_equal(ack.unit, "CAR-1");
	assert_int_equal(ack.cls, TT_CLASS_BULK);
	assert_int_equal(ack.epoch, 7);
	assert_int_equal(ack.up_to_seq, 1);
	assert_false(ack.resend);
	assert_int_equal(record_ask("SELECT vehicle_id FROM event WHERE seq = 1"), r->vehicle[0]);
	assert_int_equal(record_ask("SELECT seq FROM mark"), 1);
}

static void nobody_else_gets_in(void **state)
{
	struct record *r = *state;
	static const struct {
		const char *unit;
		const char *reason;
	} cases[] = {{"NOBODY", "unknown_unit:%"}, {"GONE", "revoked:%"}};

	for (size_t i = 0; i < 2; i++) {
		const struct car car = {.r = r, .unit = cases[i].unit, .epoch = 7};
		const struct tt_ingest_ack *acks;

		assert_int_equal(car_telemetry(&car, 1), TT_OK);
		assert_int_equal(tt_ingest_acks(r->ingest, &acks), 0);
		assert_int_equal(
			record_ask("SELECT count(*) FROM quarantine WHERE unit = '%s' AND reason LIKE '%s' AND length(payload) > 0",
				   cases[i].unit, cases[i].reason),
			1);
	}
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM mark"), 0);
}

static void a_topic_that_is_not_the_units_is_refused(void **state)
{
	struct record *r = *state;
	char wrong_shard[TT_TOPIC_MAX];
	const char *const topics[] = {"tt/1/00/CAR-1/dn/ack", "tt/2/00/CAR-1/up/bulk", "elsewhere", wrong_shard};

	snprintf(wrong_shard, sizeof(wrong_shard), "tt/1/%02u/CAR-1/up/bulk", (tt_shard_of("CAR-1") + 1) % TT_SHARDS);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(record_send(r, topics[i], (const uint8_t *)"x", 1, 1), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE reason LIKE 'topic:%%'"), 4);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 0);
}

static void bytes_that_are_no_envelope_never_block_the_neighbours(void **state)
{
	struct record *r = *state;
	const struct car one = {.r = r, .unit = "CAR-1", .epoch = 7}, two = {.r = r, .unit = "CAR-2", .epoch = 8};
	char topic[TT_TOPIC_MAX];
	uint8_t junk[200];

	memset(junk, 0xFF, sizeof(junk));
	tt_topic_up("CAR-1", TT_CLASS_BULK, topic);
	record_begin(r);
	assert_int_equal(car_telemetry(&two, 1), TT_OK);
	assert_int_equal(record_send(r, topic, junk, sizeof(junk), sizeof(junk)), TT_OK);
	assert_int_equal(record_send(r, topic, NULL, 0, 0), TT_OK);
	assert_int_equal(car_telemetry(&one, 1), TT_OK);
	assert_int_equal(car_telemetry(&two, 2), TT_OK);
	assert_int_equal(record_commit(r), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 3);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE unit = 'CAR-1'"), 2);
	assert_memory_equal(record_text("SELECT hex(payload) FROM quarantine WHERE size = 200"), "FFFFFF", 6);
}

/* Its number can be read: the sequence goes on over it, or the unit would send it again for ever. */
static void an_unknown_schema_is_kept_raw_and_the_sequence_goes_on(void **state)
{
	struct record *r = *state;
	struct car car = {.r = r, .unit = "CAR-1", .epoch = 7, .schema = 99};

	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	assert_int_equal(record_ack(r).up_to_seq, 1);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE reason LIKE 'schema:%%99%%'"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 0);
	assert_int_equal(car_telemetry(&car, 1), TT_OK); /* delivered again: acknowledged, not kept twice */
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 1);
	car.schema = 0;
	assert_int_equal(car_telemetry(&car, 2), TT_OK);
	assert_int_equal(record_ack(r).up_to_seq, 2);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 1);
	assert_int_equal(record_ask("SELECT evicted FROM mark"), 0);
}

/* Without a readable number the hole behind it is asked for once; then it is known that it will not get better. */
static void an_unreadable_message_does_not_stop_its_unit_for_ever(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};
	char topic[TT_TOPIC_MAX];

	tt_topic_up("CAR-1", TT_CLASS_BULK, topic);
	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	for (int round = 0; round < 2; round++) {
		assert_int_equal(record_send(r, topic, (const uint8_t *)"\xFF", 1, 1), TT_OK); /* was number 2 */
		assert_int_equal(car_telemetry(&car, 3), TT_OK);
		if (round == 0) {
			assert_true(record_ack(r).resend);
			assert_int_equal(record_ack(r).up_to_seq, 1);
		}
	}
	assert_int_equal(record_ack(r).up_to_seq, 3);
	assert_int_equal(record_ask("SELECT evicted FROM mark"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 2);
	/* A real hole is still a hole. */
	assert_int_equal(car_telemetry(&car, 5), TT_OK);
	assert_int_equal(record_ask("SELECT seq FROM mark"), 3);
}

static void ten_megabytes_are_refused_and_cut(void **state)
{
	struct record *r = *state;
	uint8_t *kept = calloc(1, TT_INGEST_PAYLOAD_KEPT);
	char topic[TT_TOPIC_MAX];

	assert_non_null(kept);
	tt_topic_up("CAR-1", TT_CLASS_BULK, topic);
	assert_int_equal(record_send(r, topic, kept, TT_INGEST_PAYLOAD_KEPT, 10 << 20), TT_OK);
	assert_int_equal(record_ask("SELECT size FROM quarantine WHERE reason LIKE 'size:%%'"), 10 << 20);
	assert_int_equal(record_ask("SELECT length(payload) FROM quarantine"), 65536);
	free(kept);
}

static void one_unit_cannot_fill_the_quarantine(void **state)
{
	struct record *r = *state;
	const struct car other = {.r = r, .unit = "CAR-2", .epoch = 8, .schema = 99};
	char topic[TT_TOPIC_MAX];

	tt_topic_up("CAR-1", TT_CLASS_BULK, topic);
	for (int i = 0; i < 300; i++)
		assert_int_equal(record_send(r, topic, (const uint8_t *)"\xFF", 1, 1), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine"), 200);
	assert_int_equal(tt_ingest_stats(r->ingest)->quarantined[TT_REASON_MALFORMED], 300);
	assert_int_equal(tt_ingest_stats(r->ingest)->quarantine_unkept, 100);
	assert_int_equal(car_telemetry(&other, 1), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE unit = 'CAR-2'"), 1);
	r->now += TT_SEC(3600);
	assert_int_equal(record_send(r, topic, (const uint8_t *)"\xFF", 1, 1), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE unit = 'CAR-1'"), 201);
}

static void a_unit_in_no_vehicle_is_stored_and_mentioned_once(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "SPARE", .epoch = 7};

	for (uint64_t seq = 1; seq <= 5; seq++)
		assert_int_equal(car_fault(&car, seq, TELLTALE__V1__FAULT_CHANGE__FAULT_CHANGE_RAISED, "P0301", true), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM event WHERE vehicle_id IS NULL"), 5);
	assert_int_equal(record_ask("SELECT count(*) FROM ticket"), 0);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE reason LIKE 'uninstalled:%%'"), 1);
}

/* Another process revokes while the gateway remembers the unit: the next batch knows. */
static void a_revocation_counts_from_the_next_batch_on(void **state)
{
	struct record *r = *state;
	const struct car car = {.r = r, .unit = "CAR-1", .epoch = 7};

	assert_int_equal(car_telemetry(&car, 1), TT_OK);
	record_exec("UPDATE unit SET revoked_at = 1 WHERE name = 'CAR-1'");
	assert_int_equal(car_telemetry(&car, 2), TT_OK);
	assert_int_equal(record_ask("SELECT count(*) FROM event"), 1);
	assert_int_equal(record_ask("SELECT count(*) FROM quarantine WHERE reason LIKE 'revoked:%%'"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, record_setup, record_teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_known_unit_is_stored_and_acknowledged),
		TEST(nobody_else_gets_in),
		TEST(a_topic_that_is_not_the_units_is_refused),
		TEST(bytes_that_are_no_envelope_never_block_the_neighbours),
		TEST(an_unknown_schema_is_kept_raw_and_the_sequence_goes_on),
		TEST(an_unreadable_message_does_not_stop_its_unit_for_ever),
		TEST(ten_megabytes_are_refused_and_cut),
		TEST(one_unit_cannot_fill_the_quarantine),
		TEST(a_unit_in_no_vehicle_is_stored_and_mentioned_once),
		TEST(a_revocation_counts_from_the_next_batch_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
