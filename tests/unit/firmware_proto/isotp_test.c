/*
 * ISO-TP, frames on the wire: how messages of every length and kind of address travel, with the clauses of ISO 15765-2 in the names.
 */
#include "isotp_bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void the_published_vin_exchange_is_received(void **state)
{
	struct bench b;
	struct tt_isotp_event e;

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	assert_int_equal(tt_isotp_send(&b.link, (const uint8_t[]){0x09, 0x02}, 2), TT_OK);
	expect_frame(&b, "02 09 02");
	expect_event(&b, TT_ISOTP_SENT);
	peer(&b, "10 14 49 02 01 33 46 41");
	expect_frame(&b, "30 00 00");
	expect_no_frame(&b);
	peer(&b, "21 44 50 34 46 4A 32 42");
	expect_quiet(&b);
	peer(&b, "22 4D 31 31 33 39 31 33");
	e = expect_event(&b, TT_ISOTP_MESSAGE);
	assert_int_equal(e.len, 20);
	assert_memory_equal(e.data,
			    "\x49\x02\x01"
			    "3FADP4FJ2BM113913",
			    20);
	assert_int_equal(tt_isotp_wake_at(&b.link), TT_NEVER);
}

static void every_length_travels_between_two_links(void **state)
{
	static uint8_t message[TT_ISOTP_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t len = 1; len <= TT_ISOTP_MAX; len += len < 300 || len > 4080 ? 1 : 97) {
		struct bench a;
		static uint8_t other_buf[TT_ISOTP_MAX];
		struct tt_isotp other;
		struct tt_isotp_event e = {0};
		struct tt_can_frame f;

		start(&a, (struct tt_isotp_config){0}, sizeof(a.buf));
		tt_isotp_init(&other, &(struct tt_isotp_config){.tx_id = 0x7E8, .rx_id = 0x7E0, .block_size = 5, .st_min = 0xF1}, other_buf,
			      sizeof(other_buf));
		assert_int_equal(tt_isotp_send(&a.link, message, len), TT_OK);
		for (unsigned step = 0; step < 20000 && !tt_isotp_next_event(&other, &e); step++) {
			while (tt_isotp_next_tx(&a.link, a.now, &f))
				tt_isotp_feed(&other, a.now, &f);
			while (tt_isotp_next_tx(&other, a.now, &f))
				tt_isotp_feed(&a.link, a.now, &f);
			pass(&a, 100);
		}
		assert_int_equal(e.kind, TT_ISOTP_MESSAGE);
		assert_int_equal(e.len, len);
		assert_memory_equal(e.data, message, len);
		expect_event(&a, TT_ISOTP_SENT);
	}
}

static void lengths_out_of_range_and_a_second_message_are_refused(void **state)
{
	struct bench b;
	static const uint8_t data[8];

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	assert_int_equal(tt_isotp_send(&b.link, data, 0), TT_ERANGE);
	assert_int_equal(tt_isotp_send(&b.link, data, (size_t)TT_ISOTP_LONG_MAX + 1), TT_ERANGE);
	/* only what is sent is read: a first frame takes two bytes of it */
	assert_int_equal(tt_isotp_send(&b.link, data, 0x12345678), TT_OK);
	expect_frame(&b, "10 00 12 34 56 78 00 00");
	tt_isotp_reset(&b.link);
	assert_int_equal(tt_isotp_send(&b.link, data, TT_ISOTP_LONG_MAX), TT_OK);
	expect_frame(&b, "10 00 7F FF FF FF 00 00");
	tt_isotp_reset(&b.link);
	assert_int_equal(tt_isotp_send(&b.link, data, 8), TT_OK);
	assert_int_equal(tt_isotp_send(&b.link, data, 8), TT_EAGAIN);
}

static void frames_above_8_bytes_have_the_lengths_of_can_fd(void **state)
{
	static const uint8_t steps[] = {8, 12, 16, 20, 24, 32, 48, 64};
	static const uint8_t data[TT_ISOTP_FD_SINGLE_MAX];
	struct bench b;
	struct tt_can_frame f;
	struct tt_isotp_event e;

	(void)state;
	for (size_t i = 1; i < sizeof(steps); i++) {
		start(&b, (struct tt_isotp_config){.fd = true, .tx_dl = steps[i]}, TT_ISOTP_SINGLE_MAX);
		for (size_t n = steps[i - 1] - 1U; n <= steps[i] - 2U; n++) {
			assert_int_equal(tt_isotp_send(&b.link, data, n), TT_OK);
			assert_true(tt_isotp_next_tx(&b.link, b.now, &f));
			assert_int_equal(f.len, n == 7 ? 8 : steps[i]);
			assert_true(tt_isotp_next_event(&b.link, &e));
			assert_int_equal(e.kind, TT_ISOTP_SENT);
		}
	}
}

static void block_size_of_the_peer_is_kept(void **state)
{
	struct bench b;
	static const uint8_t data[30];

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
	expect_frame(&b, "10 1E 00 00 00 00 00 00");
	expect_no_frame(&b);
	peer(&b, "30 02 00");
	expect_frame(&b, "21 00 00 00 00 00 00 00");
	expect_frame(&b, "22 00 00 00 00 00 00 00");
	expect_no_frame(&b);
	peer(&b, "30 01 00"); /* each flow control may change it */
	expect_frame(&b, "23 00 00 00 00 00 00 00");
	expect_no_frame(&b);
	peer(&b, "30 00 00");
	expect_frame(&b, "24 00 00 00");
	expect_event(&b, TT_ISOTP_SENT);
	expect_no_frame(&b);
}

static void our_own_block_size_asks_for_more_after_each_block(void **state)
{
	struct bench b;

	(void)state;
	start(&b, (struct tt_isotp_config){.block_size = 2, .st_min = 0x14}, sizeof(b.buf));
	peer(&b, "10 1E 01 02 03 04 05 06");
	expect_frame(&b, "30 02 14");
	peer(&b, "21 00 00 00 00 00 00 00");
	expect_no_frame(&b);
	peer(&b, "22 00 00 00 00 00 00 00");
	expect_frame(&b, "30 02 14");
	peer(&b, "23 00 00 00 00 00 00 00");
	peer(&b, "24 00 00 00");
	expect_event(&b, TT_ISOTP_MESSAGE);
	expect_no_frame(&b); /* the message ends inside a block */
}

static void every_separation_time_is_kept(void **state)
{
	static const uint8_t data[20];

	(void)state;
	for (unsigned st = 0; st <= 0xFF; st++) {
		const int64_t want = st <= 0x7F ? TT_MS(st) : st >= 0xF1 && st <= 0xF9 ? ((int64_t)st - 0xF0) * 100 : TT_MS(127);
		struct bench b;
		struct tt_can_frame fc = {.id = 0x7E8, .len = 3, .data = {0x30, 0, (uint8_t)st}};
		struct tt_can_frame f;

		start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
		assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
		expect_frame(&b, "10 14 00 00 00 00 00 00");
		tt_isotp_feed(&b.link, b.now, &fc);
		expect_frame(&b, "21 00 00 00 00 00 00 00");
		if (want > 0) {
			assert_int_equal(tt_isotp_wake_at(&b.link), b.now + want);
			b.now += want - 1;
			expect_no_frame(&b);
			b.now++;
		}
		assert_true(tt_isotp_next_tx(&b.link, b.now, &f));
		assert_int_equal(f.data[0], 0x22);
	}
}

static void sending_and_receiving_do_not_disturb_each_other(void **state)
{
	struct bench b;
	static const uint8_t data[20];

	(void)state;
	start(&b, (struct tt_isotp_config){0}, sizeof(b.buf));
	assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
	expect_frame(&b, "10 14 00 00 00 00 00 00");
	peer(&b, "10 0A 01 02 03 04 05 06");
	peer(&b, "30 00 0A");
	expect_frame(&b, "30 00 00"); /* flow control first: the peer's timer runs */
	expect_frame(&b, "21 00 00 00 00 00 00 00");
	peer(&b, "21 07 08 09 0A");
	expect_event(&b, TT_ISOTP_MESSAGE);
	b.now += TT_MS(10);
	expect_frame(&b, "22 00 00 00 00 00 00 00");
	expect_event(&b, TT_ISOTP_SENT);
}

static void extended_links_and_unpadded_frames_keep_their_shape(void **state)
{
	struct tt_isotp t;
	uint8_t buf[16];
	struct tt_can_frame f;

	(void)state;
	tt_isotp_init(&t, &(struct tt_isotp_config){.tx_id = 0x18DA10F1, .rx_id = 0x18DAF110, .extended = true, .bus = 3}, buf,
		      sizeof(buf));
	assert_int_equal(tt_isotp_send(&t, (const uint8_t[]){0x03}, 1), TT_OK);
	assert_true(tt_isotp_next_tx(&t, 0, &f));
	assert_int_equal(f.id, 0x18DA10F1);
	assert_true(f.extended);
	assert_int_equal(f.bus, 3);
	assert_int_equal(f.len, 2);
}

static void fixed_addresses_make_both_identifiers(void **state)
{
	struct tt_isotp_config normal = {0}, mixed = {0};

	(void)state;
	tt_isotp_normal_fixed(&normal, 0x10, 0xF1);
	assert_true(normal.extended && !normal.addressed);
	assert_int_equal(normal.tx_id, 0x18DA10F1);
	assert_int_equal(normal.rx_id, 0x18DAF110);
	tt_isotp_mixed_fixed(&mixed, 0x10, 0xF1, 0x55);
	assert_true(mixed.extended && mixed.addressed);
	assert_int_equal(mixed.tx_id, 0x18CE10F1);
	assert_int_equal(mixed.rx_id, 0x18CEF110);
	assert_int_equal(mixed.tx_address, 0x55);
	assert_int_equal(mixed.rx_address, 0x55);
}

static void the_wake_time_is_the_next_thing_that_can_happen(void **state)
{
	struct bench b;
	static const uint8_t data[20];

	(void)state;
	start(&b, (struct tt_isotp_config){.confirm = true, .n_as_us = 70, .n_ar_us = 80, .wait_gap_us = 90}, sizeof(b.buf));
	assert_int_equal(tt_isotp_wake_at(&b.link), TT_NEVER);
	assert_int_equal(tt_isotp_send(&b.link, data, sizeof(data)), TT_OK);
	assert_int_equal(tt_isotp_wake_at(&b.link), INT64_MIN);
	expect_frame(&b, "10 14 00 00 00 00 00 00");
	assert_int_equal(tt_isotp_wake_at(&b.link), b.now + 70);
	tt_isotp_confirm(&b.link, b.now);
	assert_int_equal(tt_isotp_wake_at(&b.link), b.now + TT_SEC(1));
	tt_isotp_hold(&b.link, b.now, true);
	peer(&b, "10 14 49 02 01 33 46 41");
	assert_int_equal(tt_isotp_wake_at(&b.link), INT64_MIN);
	expect_frame(&b, "31 00 00");
	assert_int_equal(tt_isotp_wake_at(&b.link), b.now + 80);
	tt_isotp_hold(&b.link, b.now, false); /* while the WAIT is on its way: CTS follows it */
	expect_no_frame(&b);
	tt_isotp_confirm(&b.link, b.now);
	assert_int_equal(tt_isotp_wake_at(&b.link), INT64_MIN);
	tt_isotp_hold(&b.link, b.now, true);
	expect_frame(&b, "31 00 00");
	tt_isotp_confirm(&b.link, b.now);
	assert_int_equal(tt_isotp_wake_at(&b.link), b.now + 90);
	tt_isotp_confirm(&b.link, b.now); /* nothing is out */
	assert_int_equal(tt_isotp_wake_at(&b.link), b.now + 90);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vin_exchange_is_received),
		cmocka_unit_test(every_length_travels_between_two_links),
		cmocka_unit_test(lengths_out_of_range_and_a_second_message_are_refused),
		cmocka_unit_test(frames_above_8_bytes_have_the_lengths_of_can_fd),
		cmocka_unit_test(block_size_of_the_peer_is_kept),
		cmocka_unit_test(our_own_block_size_asks_for_more_after_each_block),
		cmocka_unit_test(every_separation_time_is_kept),
		cmocka_unit_test(sending_and_receiving_do_not_disturb_each_other),
		cmocka_unit_test(extended_links_and_unpadded_frames_keep_their_shape),
		cmocka_unit_test(fixed_addresses_make_both_identifiers),
		cmocka_unit_test(the_wake_time_is_the_next_thing_that_can_happen),
	};

	return cmocka_run_group_tests_name("isotp", tests, NULL, NULL);
}
