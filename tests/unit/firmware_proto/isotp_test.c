/*
 * Frames on the wire: each case is a script of what the peer sends and what must come out, at which time, with the clauses of ISO 15765-2
 * in the names. A link is tester 7E0 / ECU 7E8 with 0xCC padding.
 */
#include "firmware/proto/isotp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct bench {
	struct tt_isotp link;
	uint8_t buf[TT_ISOTP_MAX];
	tt_mono_us now;
};

static void start(struct bench *b, struct tt_isotp_config config, size_t cap)
{
	config.tx_id = 0x7E0;
	config.rx_id = 0x7E8;
	config.pad = true;
	config.pad_byte = 0xCC;
	b->now = 1000000;
	tt_isotp_init(&b->link, &config, b->buf, cap);
}

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (unsigned v; *text && sscanf(text, "%2x", &v) == 1; text += text[2] ? 3 : 2)
		out[n++] = (uint8_t)v;
	return n;
}

static void peer(struct bench *b, const char *hex)
{
	struct tt_can_frame f = {.id = 0x7E8};

	f.len = (uint8_t)unhex(hex, f.data);
	assert_true(tt_isotp_feed(&b->link, b->now, &f));
}

static void expect_frame(struct bench *b, const char *hex)
{
	struct tt_can_frame f;
	uint8_t want[8];
	const size_t n = unhex(hex, want);

	if (!tt_isotp_next_tx(&b->link, b->now, &f))
		fail_msg("no frame, wanted %s", hex);
	assert_int_equal(f.id, 0x7E0);
	assert_int_equal(f.len, 8);
	assert_memory_equal(f.data, want, n);
	for (size_t i = n; i < 8; i++)
		assert_int_equal(f.data[i], 0xCC);
}

static void expect_no_frame(struct bench *b)
{
	struct tt_can_frame f;

	assert_false(tt_isotp_next_tx(&b->link, b->now, &f));
}

static struct tt_isotp_event expect_event(struct bench *b, enum tt_isotp_event_kind kind)
{
	struct tt_isotp_event e;

	assert_true(tt_isotp_next_event(&b->link, &e));
	assert_int_equal(e.kind, kind);
	return e;
}

static void expect_failure(struct bench *b, enum tt_isotp_event_kind kind, enum tt_isotp_failure why)
{
	const struct tt_isotp_event e = expect_event(b, kind);

	if (e.why != why)
		fail_msg("failed with: %s", tt_isotp_failure_text(e.why));
}

static void expect_quiet(struct bench *b)
{
	struct tt_isotp_event e;

	assert_false(tt_isotp_next_event(&b->link, &e));
}

static void pass(struct bench *b, int64_t us)
{
	b->now += us;
	tt_isotp_tick(&b->link, b->now);
}

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
		cmocka_unit_test(sending_and_receiving_do_not_disturb_each_other),
		cmocka_unit_test(extended_links_and_unpadded_frames_keep_their_shape),
		cmocka_unit_test(reset_forgets_everything_under_way),
		cmocka_unit_test(every_failure_has_its_name_and_text),
		cmocka_unit_test(fixed_addresses_make_both_identifiers),
		cmocka_unit_test(frames_of_another_address_are_not_ours),
		cmocka_unit_test(frames_longer_than_their_kind_are_ignored),
		cmocka_unit_test(the_wake_time_is_the_next_thing_that_can_happen),
	};

	return cmocka_run_group_tests_name("isotp", tests, NULL, NULL);
}
