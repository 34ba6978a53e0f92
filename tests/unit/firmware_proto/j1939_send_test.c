/* The transport protocol, sending: a single frame, a BAM, a connection. */
#include "firmware/proto/j1939_send.h"
#include "j1939_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct tt_j1939_send out;
static uint8_t payload[TT_J1939_MAX];

static void begin(uint8_t dest, size_t len)
{
	const struct tt_j1939_id id = {.pgn = TT_PGN_VIN, .priority = 6, .source = 3, .dest = dest};

	assert_int_equal(tt_j1939_send(&out, &id, payload, len), TT_OK);
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_BUSY);
}

static int sender(void **state)
{
	static const struct tt_j1939_send_config config = {.bus = 2};

	(void)listener(state);
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7 + i / 256);
	tt_j1939_send_init(&out, &config);
	return 0;
}

static void sends(uint32_t id, const char *hex)
{
	const struct tt_can_frame want = frame(id, hex);
	struct tt_can_frame f;

	assert_true(tt_j1939_send_next_tx(&out, now, &f));
	assert_int_equal(f.id, want.id);
	assert_int_equal(f.bus, 2);
	assert_int_equal(f.len, want.len);
	assert_memory_equal(f.data, want.data, f.len);
}

static void waits(void)
{
	struct tt_can_frame f;

	assert_false(tt_j1939_send_next_tx(&out, now, &f));
}

static void answer(const char *hex)
{
	const struct tt_can_frame f = frame(0x1CEC0321, hex);

	tt_j1939_send_feed(&out, now, &f);
}

static void a_short_message_is_one_frame(void **state)
{
	const struct tt_j1939_id id = {.pgn = TT_PGN_VIN};

	(void)state;
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_DONE);
	assert_int_equal(tt_j1939_send_wake_at(&out), TT_NEVER);
	waits();
	assert_int_equal(tt_j1939_send(&out, &id, payload, 0), TT_ERANGE);
	assert_int_equal(tt_j1939_send(&out, &id, payload, TT_J1939_MAX + 1), TT_ERANGE);
	begin(TT_J1939_GLOBAL, 8);
	assert_int_equal(tt_j1939_send(&out, &id, payload, 8), TT_EAGAIN);
	sends(0x18FEEC03, "00 07 0E 15 1C 23 2A 31");
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_DONE);
	assert_int_equal(out.why, 0);
	waits();
	begin(TT_J1939_GLOBAL, TT_J1939_MAX);
	sends(0x1CECFF03, "20 F9 06 FF FF EC FE 00");
}

static void a_bam_keeps_its_distance(void **state)
{
	(void)state;
	begin(TT_J1939_GLOBAL, 9);
	sends(0x1CECFF03, "20 09 00 02 FF EC FE 00");
	assert_int_equal(tt_j1939_send_wake_at(&out), now + TT_MS(50));
	now += TT_MS(50) - 1;
	waits();
	now++;
	sends(0x1CEBFF03, "01 00 07 0E 15 1C 23 2A");
	now += TT_MS(50) - 1;
	waits();
	now++;
	answer("FF 01 FF FF FF EC FE 00"); /* nobody can abort a BAM */
	sends(0x1CEBFF03, "02 31 38 FF FF FF FF FF");
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_DONE);
	assert_int_equal(out.why, 0);
	assert_int_equal(tt_j1939_send_wake_at(&out), TT_NEVER);
}

static void a_connection_does_as_it_is_told(void **state)
{
	(void)state;
	begin(0x21, 20);
	sends(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	waits();
	assert_int_equal(tt_j1939_send_wake_at(&out), now + TT_MS(1250));
	answer("11 02 01 FF FF DA FE 00"); /* of another group */
	answer("11 02 01 FF FF EC FE");    /* cut */
	answer("12 02 01 FF FF EC FE 00"); /* no such control byte */
	waits();
	answer("11 02 01 FF FF EC FE 00");
	sends(0x1CEB2103, "01 00 07 0E 15 1C 23 2A");
	sends(0x1CEB2103, "02 31 38 3F 46 4D 54 5B");
	waits();
	now += TT_MS(1249);
	answer("11 00 FF FF FF EC FE 00"); /* hold */
	assert_int_equal(tt_j1939_send_wake_at(&out), now + TT_MS(1050));
	now += TT_MS(1049);
	answer("11 FF 02 FF FF EC FE 00"); /* the second again, and all that follow */
	sends(0x1CEB2103, "02 31 38 3F 46 4D 54 5B");
	sends(0x1CEB2103, "03 62 69 70 77 7E 85 FF");
	waits();
	answer("13 14 00 03 FF EC FE 00");
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_DONE);
	assert_int_equal(out.why, 0);
}

static void a_connection_fails_with_its_reason(void **state)
{
	static const struct {
		const char *answer;
		uint8_t why;
	} cases[] = {
		{"11 01 00 FF FF EC FE 00", TT_J1939_ABORT_BAD_SEQUENCE},
		{"11 01 04 FF FF EC FE 00", TT_J1939_ABORT_BAD_SEQUENCE},
		{"", TT_J1939_ABORT_TIMEOUT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[32];

		begin(0x21, 20);
		sends(0x1CEC2103, "10 14 00 03 FF EC FE 00");
		if (cases[i].answer[0])
			answer(cases[i].answer);
		else
			now += TT_MS(1250);
		(void)snprintf(text, sizeof(text), "FF %02X FF FF FF EC FE 00", cases[i].why);
		sends(0x1CEC2103, text);
		assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_FAILED);
		assert_int_equal(out.why, cases[i].why);
		waits();
	}
	begin(0x21, 20);
	sends(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	answer("11 03 01 FF FF EC FE 00");
	sends(0x1CEB2103, "01 00 07 0E 15 1C 23 2A");
	answer("11 03 01 FF FF EC FE 00"); /* in the middle of the data */
	sends(0x1CEC2103, "FF 04 FF FF FF EC FE 00");
	begin(0x21, 20);
	sends(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	answer("FF 02 FF FF FF EC FE 00");
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_FAILED);
	assert_int_equal(out.why, 2);
	waits();
}

static void a_receiver_that_always_asks_again_is_given_up(void **state)
{
	(void)state;
	begin(0x21, 9);
	sends(0x1CEC2103, "10 09 00 02 FF EC FE 00");
	for (unsigned i = 0; i < 11; i++) { /* the first, and ten times again */
		answer("11 01 01 FF FF EC FE 00");
		sends(0x1CEB2103, "01 00 07 0E 15 1C 23 2A");
	}
	answer("11 01 02 FF FF EC FE 00"); /* another packet: the count begins anew */
	sends(0x1CEB2103, "02 31 38 FF FF FF FF FF");
	for (unsigned i = 0; i < 11; i++) {
		answer("11 01 01 FF FF EC FE 00");
		sends(0x1CEB2103, "01 00 07 0E 15 1C 23 2A");
	}
	answer("11 01 01 FF FF EC FE 00");
	sends(0x1CEC2103, "FF 05 FF FF FF EC FE 00");
}

static void the_gap_and_the_block_may_be_chosen(void **state)
{
	static const struct tt_j1939_send_config config = {.bus = 2, .bam_gap_us = TT_MS(10), .at_once = 3};

	(void)state;
	tt_j1939_send_init(&out, &config);
	begin(TT_J1939_GLOBAL, 9);
	sends(0x1CECFF03, "20 09 00 02 FF EC FE 00");
	assert_int_equal(tt_j1939_send_wake_at(&out), now + TT_MS(10));
	tt_j1939_send_init(&out, &config);
	begin(0x21, 9);
	sends(0x1CEC2103, "10 09 00 02 03 EC FE 00");
}

static void only_the_receiver_of_this_message_is_listened_to(void **state)
{
	static const uint32_t others[] = {0x1CEC0322, 0x1CEC0421, 0x1CEB0321, 0x1CECFF21};
	struct tt_can_frame f = frame(0x1CEC0321, "FF 01 FF FF FF EC FE 00");

	(void)state;
	tt_j1939_send_feed(&out, now, &f); /* nothing was begun */
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_DONE);
	begin(0x21, 9);
	tt_j1939_send_feed(&out, now, &f); /* or said */
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_BUSY);
	sends(0x1CEC2103, "10 09 00 02 FF EC FE 00");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		f.id = others[i];
		tt_j1939_send_feed(&out, now, &f);
		assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_BUSY);
	}
	f.id = 0x1CEC0321;
	f.extended = false;
	tt_j1939_send_feed(&out, now, &f);
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_BUSY);
	answer("11 01 01 FF FF EC FE 00");
	answer("FF 01 FF FF FF EC FE 00"); /* while packets are due */
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_FAILED);
	assert_int_equal(out.why, 1);
	waits();
}

static void times_are_exact(void **state)
{
	(void)state;
	begin(0x21, 9);
	assert_int_equal(out.why, 0);
	assert_int_equal(tt_j1939_send_wake_at(&out), 0);
	sends(0x1CEC2103, "10 09 00 02 FF EC FE 00");
	now += TT_MS(1249);
	answer("11 02 01 FF FF EC FE 00");
	assert_int_equal(tt_j1939_send_wake_at(&out), 0);
	sends(0x1CEB2103, "01 00 07 0E 15 1C 23 2A");
	now += TT_SEC(5); /* ours to send: no deadline */
	sends(0x1CEB2103, "02 31 38 FF FF FF FF FF");
	assert_int_equal(tt_j1939_send_wake_at(&out), now + TT_MS(1250));
	answer("11 00 FF FF FF EC FE 00"); /* hold */
	now += TT_MS(1050) - 1;
	waits();
	now++;
	sends(0x1CEC2103, "FF 03 FF FF FF EC FE 00");
	assert_int_equal(tt_j1939_send_result(&out), TT_J1939_SEND_FAILED);
	assert_int_equal(tt_j1939_send_wake_at(&out), TT_NEVER);
	begin(0x21, 9);
	sends(0x1CEC2103, "10 09 00 02 FF EC FE 00");
	answer("11 00 FF FF FF EC FE 00");
	now += TT_MS(1050) - 1;
	answer("11 01 00 FF FF EC FE 00"); /* what is aborted has no deadline */
	assert_int_equal(tt_j1939_send_wake_at(&out), 0);
	now += TT_SEC(5);
	sends(0x1CEC2103, "FF 07 FF FF FF EC FE 00");
}

/* Every length through both of ours, with losses in a pattern: what arrives is what was sent. */
static void all_lengths_arrive_although_packets_get_lost(void **state)
{
	(void)state;
	tt_j1939_tp_init(&tp, 0x21);
	for (size_t len = 9; len <= TT_J1939_MAX; len += len < 64 ? 1 : 37) {
		bool arrived = false;
		unsigned frames = 0;

		begin(0x21, len);
		while (tt_j1939_send_result(&out) == TT_J1939_SEND_BUSY) {
			struct tt_can_frame f;
			bool any = false;

			assert_true(frames < 5000);
			while (tt_j1939_send_next_tx(&out, now, &f)) {
				any = true;
				if (++frames % 13 == 5 && (f.id & 0xFF0000) == 0xEB0000)
					continue; /* lost */
				if (tt_j1939_tp_feed(&tp, now, &f, &msg)) {
					arrived = true;
					assert_int_equal(msg.len, len);
					assert_memory_equal(msg.data, payload, len);
				}
			}
			while (tt_j1939_tp_next_tx(&tp, &f)) {
				any = true;
				tt_j1939_send_feed(&out, now, &f);
			}
			if (!any) {
				now += TT_MS(10);
				tt_j1939_tp_tick(&tp, now);
			}
		}
		if (tt_j1939_send_result(&out) == TT_J1939_SEND_DONE)
			assert_true(arrived);
		else
			assert_true(out.why == TT_J1939_ABORT_RETRIES || out.why == TT_J1939_ABORT_TIMEOUT);
	}
	assert_true(tp.count.complete > 95); /* of 102 */
}

#define AS(role, name) cmocka_unit_test_setup(name, role)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		AS(sender, a_short_message_is_one_frame),
		AS(sender, a_bam_keeps_its_distance),
		AS(sender, a_connection_does_as_it_is_told),
		AS(sender, a_connection_fails_with_its_reason),
		AS(sender, a_receiver_that_always_asks_again_is_given_up),
		AS(sender, the_gap_and_the_block_may_be_chosen),
		AS(sender, only_the_receiver_of_this_message_is_listened_to),
		AS(sender, times_are_exact),
		AS(sender, all_lengths_arrive_although_packets_get_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
