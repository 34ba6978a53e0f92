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
	uint64_t hwm[TT_CLASS_STATE];
	uint64_t stored, holes;
	struct {
		enum tt_class cls;
		uint64_t seq;
	} sent[512];
	unsigned nsent;
	bool refuse;
	unsigned lose; /* the next so many messages */
} wire;

static struct tt_journal *journal;
static struct tt_outbox *o;
static char dir[] = "/tmp/tt_outbox_XXXXXX", path[64];
static tt_mono_us now;

static enum tt_err send_fake(void *ctx, enum tt_class cls, const uint8_t *bytes, size_t len)
{
	Telltale__V1__Envelope *env = telltale__v1__envelope__unpack(NULL, len, bytes);

	(void)ctx;
	assert_non_null(env);
	if (wire.refuse) {
		telltale__v1__envelope__free_unpacked(env, NULL);
		return TT_EAGAIN;
	}
	assert_true(wire.nsent < 512);
	wire.sent[wire.nsent].cls = cls;
	wire.sent[wire.nsent++].seq = env->seq;
	if (wire.lose > 0) {
		wire.lose--;
	} else if (env->seq == wire.hwm[cls] + 1 || (env->seq == env->first_seq_held && env->seq > wire.hwm[cls])) {
		wire.hwm[cls] = env->seq;
		wire.stored++;
	} else if (env->seq > wire.hwm[cls]) {
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
	const struct tt_outbox_config cfg = {.window = 4, .resend_us = TT_SEC(15), .resend_max_us = TT_SEC(600)};
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
