#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "firmware/agent/outbox.h"

/* A gateway that takes hwm+1 or first_seq_held and answers holes with resend, over a link that can lose and refuse. */
static struct {
	uint64_t hwm[TT_CLASS_STATE], lane_hwm;
	uint64_t stored, holes;
	struct {
		enum tt_class cls;
		uint64_t seq, epoch;
	} sent[512];
	unsigned nsent;
	bool refuse;
	unsigned lose; /* the next so many messages */
} wire;

static struct tt_journal *journal;
static struct tt_outbox *o;
static char dir[] = "/tmp/tt_outbox_XXXXXX", path[64];
static tt_mono_us now;

enum { LANE_EPOCH = 0x1A4E };

static enum tt_err send_fake(void *ctx, enum tt_class cls, const uint8_t *bytes, size_t len)
{
	Telltale__V1__Envelope *env = telltale__v1__envelope__unpack(NULL, len, bytes);
	uint64_t *hwm;

	(void)ctx;
	assert_non_null(env);
	hwm = env->epoch == LANE_EPOCH ? &wire.lane_hwm : &wire.hwm[cls]; /* a mark for each epoch */
	if (wire.refuse) {
		telltale__v1__envelope__free_unpacked(env, NULL);
		return TT_EAGAIN;
	}
	assert_true(wire.nsent < 512);
	wire.sent[wire.nsent].cls = cls;
	wire.sent[wire.nsent].epoch = env->epoch;
	wire.sent[wire.nsent++].seq = env->seq;
	if (wire.lose > 0) {
		wire.lose--;
	} else if (env->seq == *hwm + 1 || (env->seq == env->first_seq_held && env->seq > *hwm)) {
		*hwm = env->seq;
		wire.stored++;
	} else if (env->seq > *hwm) {
		wire.holes++;
	}
	telltale__v1__envelope__free_unpacked(env, NULL);
	return TT_OK;
}

static unsigned no_jitter(void *ctx)
{
	(void)ctx;
	return 1000;
}

static void fill(enum tt_class cls, unsigned n)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	uint8_t buf[64];
	size_t len;

	env.schema = TT_SCHEMA;
	env.class_ = (Telltale__V1__EventClass)cls;
	assert_int_equal(tt_envelope_encode(&env, buf, sizeof(buf), &len), TT_OK);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(tt_journal_append(journal, cls, buf, len, NULL), TT_OK);
}

static void ack(enum tt_class cls, uint64_t up_to, bool resend)
{
	const struct tt_ack a = {.epoch = tt_journal_epoch(journal), .cls = cls, .up_to_seq = up_to, .resend = resend};

	assert_int_equal(tt_outbox_ack(o, now, &a), TT_OK);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
}

static int fresh(void **state)
{
	const struct tt_journal_limits limits = {.max_bytes = TT_JOURNAL_MIN_BYTES};
	const struct tt_outbox_config cfg = {.window = 4, .resend_us = TT_SEC(15), .resend_max_us = TT_SEC(600), .lane_epoch = LANE_EPOCH};
	struct tt_errmsg msg;

	(void)state;
	memset(&wire, 0, sizeof(wire));
	now = TT_SEC(100);
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/j", dir);
	assert_int_equal(tt_journal_open(path, &limits, &journal, &msg), TT_OK);
	o = malloc(sizeof(*o));
	assert_non_null(o);
	tt_outbox_init(o, journal, &cfg, send_fake, no_jitter, NULL);
	return 0;
}

static int away(void **state)
{
	char command[96];

	(void)state;
	tt_journal_close(journal);
	free(o);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void go_online(void)
{
	tt_outbox_online(o, true);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
}

static void nothing_goes_while_offline_and_alerts_go_first(void **state)
{
	(void)state;
	fill(TT_CLASS_BULK, 3);
	fill(TT_CLASS_EVENT, 2);
	fill(TT_CLASS_ALERT, 1);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.nsent, 0);
	go_online();
	assert_int_equal(wire.nsent, 5);
	assert_int_equal(wire.sent[0].cls, TT_CLASS_ALERT);
	assert_int_equal(wire.sent[1].cls, TT_CLASS_EVENT);
	assert_int_equal(wire.sent[3].cls, TT_CLASS_BULK); /* half a window */
	assert_false(tt_outbox_empty(o));
}

static void the_window_holds_until_the_application_ack_and_then_deletes(void **state)
{
	(void)state;
	fill(TT_CLASS_EVENT, 10);
	go_online();
	assert_int_equal(wire.nsent, 4);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.nsent, 4);
	ack(TT_CLASS_EVENT, 2, false);
	assert_int_equal(wire.nsent, 6);
	ack(TT_CLASS_EVENT, 6, false);
	ack(TT_CLASS_EVENT, 10, false);
	assert_int_equal(wire.nsent, 10);
	assert_true(tt_outbox_empty(o));
	assert_int_equal(tt_outbox_wake_at(o), TT_NEVER);
	assert_int_equal(wire.holes, 0);
}

static void without_ack_it_sends_again_with_doubling_pauses_up_to_ten_minutes(void **state)
{
	static const int64_t pauses_s[] = {15, 30, 60, 120, 240, 480, 600, 600};

	(void)state;
	fill(TT_CLASS_EVENT, 1);
	go_online();
	for (size_t i = 0; i < sizeof(pauses_s) / sizeof(pauses_s[0]); i++) {
		assert_int_equal(tt_outbox_wake_at(o), now + TT_SEC(pauses_s[i]));
		now += TT_SEC(pauses_s[i]) - 1;
		tt_outbox_tick(o, now);
		assert_int_equal(tt_outbox_pump(o, now), TT_OK);
		assert_int_equal(wire.nsent, i + 1);
		now += 1;
		tt_outbox_tick(o, now);
		assert_int_equal(tt_outbox_pump(o, now), TT_OK);
		assert_int_equal(wire.nsent, i + 2);
	}
	fill(TT_CLASS_EVENT, 1);
	ack(TT_CLASS_EVENT, 1, false);
	assert_int_equal(tt_outbox_wake_at(o), now + TT_SEC(15));
}

static void a_hole_is_filled_by_one_rewind_however_often_it_is_told(void **state)
{
	(void)state;
	fill(TT_CLASS_EVENT, 8);
	wire.lose = 1; /* seq 1 is lost; 2, 3 and 4 are each answered with resend */
	go_online();
	assert_int_equal(wire.holes, 3);
	for (unsigned i = 0; i < 3; i++)
		ack(TT_CLASS_EVENT, 0, true);
	assert_int_equal(wire.nsent, 8); /* 1..4 once more, not three times */
	assert_int_equal(wire.hwm[TT_CLASS_EVENT], 4);
	ack(TT_CLASS_EVENT, 4, false);
	ack(TT_CLASS_EVENT, 8, false);
	assert_true(tt_outbox_empty(o));
	assert_int_equal(wire.stored, 8);
}

static void a_reconnect_starts_after_the_last_acknowledged_event(void **state)
{
	(void)state;
	fill(TT_CLASS_EVENT, 6);
	go_online();
	ack(TT_CLASS_EVENT, 1, false);
	tt_outbox_online(o, false);
	assert_int_equal(tt_outbox_wake_at(o), TT_NEVER);
	wire.nsent = 0;
	go_online();
	assert_int_equal(wire.nsent, 4);
	assert_int_equal(wire.sent[0].seq, 2);
}

static void a_sender_without_room_keeps_the_event_for_the_next_pump(void **state)
{
	(void)state;
	fill(TT_CLASS_EVENT, 2);
	wire.refuse = true;
	go_online();
	assert_int_equal(wire.nsent, 0);
	wire.refuse = false;
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.nsent, 2);
	assert_int_equal(wire.hwm[TT_CLASS_EVENT], 2);
}

static void acks_of_a_foreign_epoch_or_class_change_nothing(void **state)
{
	struct tt_ack a = {.epoch = 12345, .cls = TT_CLASS_EVENT, .up_to_seq = 2};

	(void)state;
	fill(TT_CLASS_EVENT, 2);
	go_online();
	assert_int_equal(tt_outbox_ack(o, now, &a), TT_OK);
	a = (struct tt_ack){.epoch = tt_journal_epoch(journal), .cls = TT_CLASS_STATE, .up_to_seq = 2};
	assert_int_equal(tt_outbox_ack(o, now, &a), TT_OK);
	assert_false(tt_outbox_empty(o));
}

static void a_gateway_that_knows_more_than_the_journal_gets_everything_under_a_new_epoch(void **state)
{
	const uint64_t epoch = tt_journal_epoch(journal);
	const struct tt_ack a = {.epoch = epoch, .cls = TT_CLASS_EVENT, .up_to_seq = 500};

	(void)state;
	fill(TT_CLASS_EVENT, 3);
	go_online();
	wire.nsent = 0;
	memset(wire.hwm, 0, sizeof(wire.hwm)); /* a new epoch counts anew */
	assert_int_equal(tt_outbox_ack(o, now, &a), TT_OK);
	assert_true(tt_journal_epoch(journal) != epoch);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.nsent, 3);
	assert_int_equal(wire.sent[0].seq, 1);
}

static void evicted_events_do_not_stop_the_window(void **state)
{
	(void)state;
	go_online();
	fill(TT_CLASS_BULK, 1);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	/* a journal of 1 MB keeps the newest of these */
	for (unsigned i = 0; i < 60; i++) {
		static uint8_t big[32768] = {0x08, 0x01, 0xA2, 0x06, 0xF9, 0xFF, 0x01}; /* schema 1 and an unknown field of 32761 bytes */

		assert_int_equal(tt_journal_append(journal, TT_CLASS_BULK, big, sizeof(big), NULL), TT_OK);
	}
	for (unsigned i = 0; i < 200 && !tt_outbox_empty(o); i++) {
		assert_int_equal(tt_outbox_pump(o, now), TT_OK);
		ack(TT_CLASS_BULK, wire.hwm[TT_CLASS_BULK], false);
	}
	assert_true(tt_outbox_empty(o));
	assert_int_equal(wire.hwm[TT_CLASS_BULK], 61);
	assert_true(wire.stored < 61);
}

static void emergency(unsigned n)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	uint8_t buf[64];
	size_t len;

	env.schema = TT_SCHEMA;
	env.class_ = TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_ALERT;
	assert_int_equal(tt_envelope_encode(&env, buf, sizeof(buf), &len), TT_OK);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(tt_outbox_emergency(o, buf, len), TT_OK);
}

static void ack_lane(uint64_t up_to, bool resend)
{
	const struct tt_ack a = {.epoch = LANE_EPOCH, .cls = TT_CLASS_ALERT, .up_to_seq = up_to, .resend = resend};

	assert_int_equal(tt_outbox_ack(o, now, &a), TT_OK);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
}

static void an_alert_that_the_journal_refuses_leaves_from_memory_under_its_own_epoch(void **state)
{
	(void)state;
	fill(TT_CLASS_ALERT, 1);
	emergency(2);
	assert_false(tt_outbox_empty(o));
	go_online();
	assert_int_equal(wire.nsent, 3);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(wire.sent[i].cls, TT_CLASS_ALERT);
		assert_int_equal(wire.sent[i].epoch, LANE_EPOCH);
		assert_int_equal(wire.sent[i].seq, i + 1);
	}
	assert_int_equal(wire.sent[2].epoch, tt_journal_epoch(journal));
	/* the journal's ack says nothing about the lane, nor the other way round */
	ack(TT_CLASS_ALERT, 1, false);
	assert_false(tt_outbox_empty(o));
	ack_lane(2, false);
	assert_true(tt_outbox_empty(o));
	assert_int_equal(tt_outbox_wake_at(o), TT_NEVER);
	assert_int_equal(wire.stored, 3);
}

static void an_alert_in_memory_is_repeated_until_its_own_ack_also_over_a_reconnect(void **state)
{
	(void)state;
	emergency(1);
	wire.lose = 2;
	go_online();
	assert_int_equal(tt_outbox_wake_at(o), now + TT_SEC(15));
	now += TT_SEC(15);
	tt_outbox_tick(o, now);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.nsent, 2);
	assert_int_equal(tt_outbox_wake_at(o), now + TT_SEC(30));
	tt_outbox_online(o, false);
	go_online();
	assert_int_equal(wire.nsent, 3);
	assert_int_equal(wire.lane_hwm, 1);
	ack_lane(1, false);
	emergency(1); /* seq goes on */
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.sent[3].seq, 2);
	ack_lane(99, false); /* more than was ever given */
	assert_true(tt_outbox_empty(o));
	emergency(1);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.sent[4].seq, 3);
	assert_int_equal(wire.lane_hwm, 3);
}

static void a_hole_in_the_lane_is_filled_by_one_rewind(void **state)
{
	(void)state;
	emergency(3);
	wire.lose = 1;
	go_online();
	assert_int_equal(wire.holes, 2);
	ack_lane(0, true);
	ack_lane(0, true);
	assert_int_equal(wire.nsent, 6);
	assert_int_equal(wire.lane_hwm, 3);
}

static void memory_full_of_alerts_lets_the_oldest_go_and_counts_it(void **state)
{
	uint8_t big[TT_LANE_BYTES + 1] = {0};

	(void)state;
	emergency(TT_LANE_ALERTS + 3);
	assert_int_equal(o->lane.evicted, 3);
	assert_int_equal(tt_lane_held(&o->lane), TT_LANE_ALERTS);
	assert_int_equal(tt_outbox_emergency(o, big, sizeof(big)), TT_ERANGE);
	assert_int_equal(tt_outbox_emergency(o, big, 0), TT_EINVAL);
	go_online();
	assert_int_equal(wire.sent[0].seq, 4); /* taken over the gap, since it is the first held */
	ack_lane(7, false);
	ack_lane(TT_LANE_ALERTS + 3, false);
	assert_int_equal(wire.stored, TT_LANE_ALERTS);
	assert_int_equal(wire.holes, 0);
	assert_true(tt_outbox_empty(o));
}

static void a_journal_renewed_under_the_outbox_leaves_the_lane_alone(void **state)
{
	const struct tt_ack a = {.epoch = tt_journal_epoch(journal), .cls = TT_CLASS_EVENT, .up_to_seq = 500};

	(void)state;
	emergency(1);
	go_online();
	assert_int_equal(tt_outbox_ack(o, now, &a), TT_OK);
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.nsent, 1);
	assert_int_equal(wire.lane_hwm, 1);
}

static void after_weeks_away_bulk_is_paced_and_a_live_alert_overtakes_it(void **state)
{
	unsigned before;

	(void)state;
	o->cfg.backlog = 20;
	o->cfg.spread_us = TT_SEC(60);
	o->cfg.pace_us = TT_MS(250);
	fill(TT_CLASS_BULK, 21);
	fill(TT_CLASS_EVENT, 3);
	go_online();
	assert_int_equal(wire.nsent, 3); /* events at once; bulk waits for its part of the spread: a jitter of 1000 is its half */
	assert_int_equal(tt_outbox_wake_at(o), now + TT_SEC(15));
	ack(TT_CLASS_EVENT, 3, false);
	assert_int_equal(tt_outbox_wake_at(o), now + TT_SEC(30));
	now += TT_SEC(30) - 1;
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.nsent, 3);
	now += 1;
	assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	assert_int_equal(wire.nsent, 4);
	assert_int_equal(wire.sent[3].cls, TT_CLASS_BULK);
	assert_int_equal(tt_outbox_wake_at(o), now + TT_MS(250));
	for (uint64_t seq = 1; seq <= 10; seq++) {
		ack(TT_CLASS_BULK, seq, false); /* an ack makes room and no haste */
		assert_int_equal(wire.nsent, 3 + seq);
		if (seq == 5) {
			before = wire.nsent;
			fill(TT_CLASS_ALERT, 1);
			assert_int_equal(tt_outbox_pump(o, now), TT_OK);
			assert_int_equal(wire.nsent, before + 1);
			assert_int_equal(wire.sent[before].cls, TT_CLASS_ALERT); /* with sixteen older bulk events waiting */
			ack(TT_CLASS_ALERT, 1, false);
			wire.nsent--;
		}
		now += TT_MS(250);
		assert_int_equal(tt_outbox_pump(o, now), TT_OK);
		assert_int_equal(wire.nsent, 4 + seq);
	}
	for (uint64_t seq = 11; seq <= 16; seq++) {
		ack(TT_CLASS_BULK, seq, false);
		now += TT_MS(250);
		assert_int_equal(tt_outbox_pump(o, now), TT_OK);
	}
	ack(TT_CLASS_BULK, 17, false); /* four are left, no more than a window: it has caught up */
	assert_int_equal(wire.nsent, 3 + 19);
	ack(TT_CLASS_BULK, 19, false);
	assert_int_equal(wire.nsent, 3 + 21);
	assert_int_equal(wire.holes, 0);
}

static void a_short_absence_is_no_backlog(void **state)
{
	(void)state;
	o->cfg.backlog = 20;
	o->cfg.spread_us = TT_SEC(60);
	o->cfg.pace_us = TT_MS(250);
	fill(TT_CLASS_BULK, 20);
	go_online();
	assert_int_equal(wire.nsent, 2);
	fill(TT_CLASS_BULK, 20); /* what comes while the connection holds is not one either */
	ack(TT_CLASS_BULK, 2, false);
	assert_int_equal(wire.nsent, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_goes_while_offline_and_alerts_go_first, fresh, away),
		cmocka_unit_test_setup_teardown(the_window_holds_until_the_application_ack_and_then_deletes, fresh, away),
		cmocka_unit_test_setup_teardown(without_ack_it_sends_again_with_doubling_pauses_up_to_ten_minutes, fresh, away),
		cmocka_unit_test_setup_teardown(a_hole_is_filled_by_one_rewind_however_often_it_is_told, fresh, away),
		cmocka_unit_test_setup_teardown(a_reconnect_starts_after_the_last_acknowledged_event, fresh, away),
		cmocka_unit_test_setup_teardown(a_sender_without_room_keeps_the_event_for_the_next_pump, fresh, away),
		cmocka_unit_test_setup_teardown(acks_of_a_foreign_epoch_or_class_change_nothing, fresh, away),
		cmocka_unit_test_setup_teardown(a_gateway_that_knows_more_than_the_journal_gets_everything_under_a_new_epoch, fresh, away),
		cmocka_unit_test_setup_teardown(evicted_events_do_not_stop_the_window, fresh, away),
		cmocka_unit_test_setup_teardown(an_alert_that_the_journal_refuses_leaves_from_memory_under_its_own_epoch, fresh, away),
		cmocka_unit_test_setup_teardown(an_alert_in_memory_is_repeated_until_its_own_ack_also_over_a_reconnect, fresh, away),
		cmocka_unit_test_setup_teardown(a_hole_in_the_lane_is_filled_by_one_rewind, fresh, away),
		cmocka_unit_test_setup_teardown(memory_full_of_alerts_lets_the_oldest_go_and_counts_it, fresh, away),
		cmocka_unit_test_setup_teardown(a_journal_renewed_under_the_outbox_leaves_the_lane_alone, fresh, away),
		cmocka_unit_test_setup_teardown(after_weeks_away_bulk_is_paced_and_a_live_alert_overtakes_it, fresh, away),
		cmocka_unit_test_setup_teardown(a_short_absence_is_no_backlog, fresh, away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
