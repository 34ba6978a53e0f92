/*
 * ISO-TP, frames on the wire: what goes wrong or is none of ours, and what comes of it, with the clauses of ISO 15765-2 in the names.
 */
#include "isotp_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void waits_rearm_the_timer_until_there_are_too_many(void **state)
{
	struct bench b;
	static const uint8_t data[20];

	(void)state;
	start(&b, (struct tt_isotp_config){.wait_max = 3}, sizeof(b.buf));
	assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
	expect_frame(&b, "10 14 00 00 00 00 00 00");
	for (unsigned i = 0; i < 3; i++) {
		pass(&b, TT_MS(999));
		peer(&b, "31 00 00");
		expect_quiet(&b);
		expect_no_frame(&b);
	}
	peer(&b, "31 00 00");
	expect_failure(&b, TT_ISOTP_TX_FAILED, TT_ISOTP_TOO_MANY_WAITS);
	/* and a later message begins afresh */
	assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
	expect_frame(&b, "10 14 00 00 00 00 00 00");
	peer(&b, "31 00 00");
	peer(&b, "30 00 00");
	expect_frame(&b, "21 00 00 00 00 00 00 00");
}

static void overflow_and_unknown_status_end_sending(void **state)
{
	static const struct {
		const char *frame;
		enum tt_isotp_failure why;
	} cases[] = {{"32 00 00", TT_ISOTP_PEER_OVERFLOW}, {"33 00 00", TT_ISOTP_BAD_STATUS}, {"3F 00 00", TT_ISOTP_BAD_STATUS}};
	static const uint8_t data[20];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;

		start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
		assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
		expect_frame(&b, "10 14 00 00 00 00 00 00");
		peer(&b, cases[i].frame);
		expect_failure(&b, TT_ISOTP_TX_FAILED, cases[i].why);
		expect_no_frame(&b);
	}
}

static void a_missing_flow_control_times_out(void **state)
{
	struct bench b;
	static const uint8_t data[20];

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
	expect_frame(&b, "10 14 00 00 00 00 00 00");
	assert_int_equal(tt_isotp_wake_at(&b.link), b.now + TT_SEC(1));
	pass(&b, TT_SEC(1) - 1);
	expect_quiet(&b);
	pass(&b, 1);
	expect_failure(&b, TT_ISOTP_TX_FAILED, TT_ISOTP_TIMEOUT_BS);
	peer(&b, "30 00 00");
	expect_no_frame(&b);
}

static void a_missing_consecutive_frame_times_out(void **state)
{
	struct bench b;

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	peer(&b, "10 14 49 02 01 33 46 41");
	pass(&b, TT_MS(500));
	expect_frame(&b, "30 00 00"); /* the wait begins with our flow control */
	pass(&b, TT_SEC(1) - 1);
	expect_quiet(&b);
	peer(&b, "21 44 50 34 46 4A 32 42");
	pass(&b, TT_SEC(1));
	expect_failure(&b, TT_ISOTP_RX_FAILED, TT_ISOTP_TIMEOUT_CR);
	peer(&b, "22 4D 31 31 33 39 31 33");
	expect_quiet(&b);
}

static void a_late_frame_is_late_even_if_nobody_ticked(void **state)
{
	struct bench b;

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	peer(&b, "10 0A 01 02 03 04 05 06");
	expect_frame(&b, "30 00 00");
	b.now += TT_SEC(2);
	peer(&b, "21 07 08 09 0A");
	expect_failure(&b, TT_ISOTP_RX_FAILED, TT_ISOTP_TIMEOUT_CR);
	expect_quiet(&b);
}

static void wrong_sequence_numbers_end_the_message(void **state)
{
	static const char *const cases[] = {"20 00 00 00 00 00 00 00", "22 00 00 00 00 00 00 00", "2F 00 00 00 00 00 00 00"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench b;

		start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
		peer(&b, "10 14 49 02 01 33 46 41");
		expect_frame(&b, "30 00 00");
		peer(&b, cases[i]);
		expect_failure(&b, TT_ISOTP_RX_FAILED, TT_ISOTP_WRONG_SEQUENCE);
		peer(&b, "21 00 00 00 00 00 00 00");
		expect_quiet(&b);
	}
}

static void a_new_message_replaces_an_unfinished_one(void **state)
{
	struct bench b;
	struct tt_isotp_event e;

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	peer(&b, "10 14 49 02 01 33 46 41");
	expect_frame(&b, "30 00 00");
	peer(&b, "02 41 00");
	expect_failure(&b, TT_ISOTP_RX_FAILED, TT_ISOTP_UNEXPECTED);
	e = expect_event(&b, TT_ISOTP_MESSAGE);
	assert_int_equal(e.len, 2);
	peer(&b, "10 14 49 02 01 33 46 41");
	peer(&b, "10 0A 01 02 03 04 05 06");
	expect_failure(&b, TT_ISOTP_RX_FAILED, TT_ISOTP_UNEXPECTED);
	peer(&b, "21 07 08 09 0A");
	e = expect_event(&b, TT_ISOTP_MESSAGE);
	assert_int_equal(e.len, 10);
	assert_memory_equal(e.data, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A", 10);
}

static void a_message_beyond_the_buffer_is_answered_with_overflow(void **state)
{
	struct bench b;

	(void)state;
	start(&b, (struct tt_isotp_config){0}, 16);
	peer(&b, "10 11 00 00 00 00 00 00");
	expect_frame(&b, "32 00 00");
	expect_failure(&b, TT_ISOTP_RX_FAILED, TT_ISOTP_TOO_LONG);
	peer(&b, "10 00 7F FF FF FF 00 00"); /* 32-bit length */
	expect_frame(&b, "32 00 00");
	expect_failure(&b, TT_ISOTP_RX_FAILED, TT_ISOTP_TOO_LONG);
	peer(&b, "10 10 00 00 00 00 00 00");
	expect_frame(&b, "30 00 00");
}

static void frames_the_standard_ignores_change_nothing(void **state)
{
	static const char *const cases[] = {
		"",                        /* empty */
		"00",                      /* single frame of length 0 */
		"08 01 02 03 04 05 06 07", /* single frame above 7 */
		"03 41 00",                /* shorter than it says */
		"10 07 01 02 03 04 05 06", /* first frame below 8 */
		"10 00 00 00 0F FF 00 00", /* escape for a length that needs none */
		"10 14 49 02",             /* first frame shorter than 8 */
		"21 44 50 34 46 4A 32 42", /* nobody waits */
		"30 00 00",                /* nobody waits */
		"40 00 00",                /* reserved control bytes */
		"F1 00 00",
	};
	struct bench b;

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		peer(&b, cases[i]);
		expect_quiet(&b);
		expect_no_frame(&b);
		assert_int_equal(b.link.ignored, i + 1);
	}
}

static void short_frames_inside_a_message_are_ignored_too(void **state)
{
	struct bench b;
	static const uint8_t data[20];

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	peer(&b, "10 14 49 02 01 33 46 41");
	expect_frame(&b, "30 00 00");
	peer(&b, "21 44 50 34");
	peer(&b, "21 44 50 34 46 4A 32 42");
	peer(&b, "22 4D 31 31 33 39 31 33");
	expect_event(&b, TT_ISOTP_MESSAGE);
	assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
	expect_frame(&b, "10 14 00 00 00 00 00 00");
	peer(&b, "30 00"); /* flow control without STmin */
	expect_no_frame(&b);
	assert_int_equal(b.link.ignored, 2);
}

static void foreign_frames_are_left_alone(void **state)
{
	const struct tt_can_frame others[] = {
		{.id = 0x7E9, .len = 2, .data = {1, 2}},
		{.id = 0x7E8, .extended = true, .len = 2, .data = {1, 2}},
		{.id = 0x7E8, .bus = 1, .len = 2, .data = {1, 2}},
		{.id = 0x7E8, .error = true, .len = 2, .data = {1, 2}},
	};
	struct bench b;

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(tt_isotp_feed(&b.link, b.now, &others[i]));
	expect_quiet(&b);
	assert_true(tt_isotp_feed(&b.link, b.now, &(struct tt_can_frame){.id = 0x7E8, .rtr = true, .len = 8}));
	assert_int_equal(b.link.ignored, 1);
}

static void frames_of_another_address_are_not_ours(void **state)
{
	struct tt_isotp t;
	uint8_t buf[16];

	(void)state;
	tt_isotp_init(&t,
		      &(struct tt_isotp_config){.tx_id = 0x6F1, .rx_id = 0x640, .addressed = true, .tx_address = 0x40, .rx_address = 0xF1},
		      buf, sizeof(buf));
	assert_false(tt_isotp_feed(&t, 0, &(struct tt_can_frame){.id = 0x640}));
	assert_false(tt_isotp_feed(&t, 0, &(struct tt_can_frame){.id = 0x640, .len = 3, .data = {0xF2, 1, 0x41}}));
	assert_true(tt_isotp_feed(&t, 0, &(struct tt_can_frame){.id = 0x640, .len = 1, .data = {0xF1}}));
	assert_int_equal(t.ignored, 1);
	assert_true(tt_isotp_feed(&t, 0, &(struct tt_can_frame){.id = 0x640, .len = 3, .data = {0xF1, 1, 0x41}}));
	assert_int_equal(t.ignored, 1);
}

static void frames_longer_than_their_kind_are_ignored(void **state)
{
	struct tt_isotp t;
	uint8_t buf[64];

	(void)state;
	tt_isotp_init(&t, &(struct tt_isotp_config){.tx_id = 0x7E0, .rx_id = 0x7E8, .fd = true}, buf, sizeof(buf));
	assert_true(tt_isotp_feed(&t, 0, &(struct tt_can_frame){.id = 0x7E8, .len = 9, .data = {0, 2, 0x41}}));
	assert_true(tt_isotp_feed(&t, 0, &(struct tt_can_frame){.id = 0x7E8, .len = 65, .fd = true, .data = {0, 2, 0x41}}));
	assert_int_equal(t.ignored, 2);
	assert_true(tt_isotp_feed(&t, 0, &(struct tt_can_frame){.id = 0x7E8, .len = 64, .fd = true, .data = {0, 2, 0x41}}));
	assert_int_equal(t.ignored, 2);
}

static void reset_forgets_everything_under_way(void **state)
{
	struct bench b;
	static const uint8_t data[20];

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
	peer(&b, "10 14 49 02 01 33 46 41");
	tt_isotp_reset(&b.link);
	expect_no_frame(&b);
	pass(&b, TT_SEC(5));
	expect_quiet(&b);
	assert_int_equal(tt_isotp_wake_at(&b.link), TT_NEVER);
	assert_int_equal(tt_isotp_send(&b.link, data, 1), TT_OK);
}

static void every_failure_has_its_name_and_text(void **state)
{
	static const char *const names[TT_ISOTP_FAILURES] = {"N_Cr",     "N_Bs",           "N_WRONG_SN", "N_UNEXP_PDU",
							     "TOO_LONG", "N_BUFFER_OVFLW", "N_WFT_OVRN", "N_INVALID_FS",
							     "N_As",     "N_Ar",           "N_Br",       "N_Cs"};

	(void)state;
	for (unsigned i = 0; i < TT_ISOTP_FAILURES; i++) {
		assert_string_equal(tt_isotp_failure_name((enum tt_isotp_failure)i), names[i]);
		assert_true(strlen(tt_isotp_failure_text((enum tt_isotp_failure)i)) > 10);
	}
	assert_string_equal(tt_isotp_failure_name(TT_ISOTP_FAILURES), "?");
	assert_string_equal(tt_isotp_failure_text(TT_ISOTP_FAILURES), "unknown failure");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_rearm_the_timer_until_there_are_too_many),
		cmocka_unit_test(overflow_and_unknown_status_end_sending),
		cmocka_unit_test(a_missing_flow_control_times_out),
		cmocka_unit_test(a_missing_consecutive_frame_times_out),
		cmocka_unit_test(a_late_frame_is_late_even_if_nobody_ticked),
		cmocka_unit_test(wrong_sequence_numbers_end_the_message),
		cmocka_unit_test(a_new_message_replaces_an_unfinished_one),
		cmocka_unit_test(a_message_beyond_the_buffer_is_answered_with_overflow),
		cmocka_unit_test(frames_the_standard_ignores_change_nothing),
		cmocka_unit_test(short_frames_inside_a_message_are_ignored_too),
		cmocka_unit_test(foreign_frames_are_left_alone),
		cmocka_unit_test(frames_of_another_address_are_not_ours),
		cmocka_unit_test(frames_longer_than_their_kind_are_ignored),
		cmocka_unit_test(reset_forgets_everything_under_way),
		cmocka_unit_test(every_failure_has_its_name_and_text),
	};

	return cmocka_run_group_tests_name("isotp trouble", tests, NULL, NULL);
}
