/* The transport protocol, both ends; frames as they stand on the wire. */
#include "firmware/proto/j1939_send.h"
#include "firmware/proto/j1939_tp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { US = 0xF9 };

static struct tt_j1939_tp tp;
static struct tt_j1939_message msg;
static tt_mono_us now;

static struct tt_can_frame frame(uint32_t id, const char *hex)
{
	struct tt_can_frame f = {.id = id, .extended = true};

	for (unsigned v; *hex && sscanf(hex, "%2x", &v) == 1; hex += hex[2] ? 3 : 2)
		f.data[f.len++] = (uint8_t)v;
	return f;
}

static bool hear(uint32_t id, const char *hex)
{
	const struct tt_can_frame f = frame(id, hex);

	return tt_j1939_tp_feed(&tp, now, &f, &msg);
}

/* The next frame that we owe is this one. */
static void owes(uint32_t id, const char *hex)
{
	const struct tt_can_frame want = frame(id, hex);
	struct tt_can_frame f;

	assert_true(tt_j1939_tp_next_tx(&tp, &f));
	assert_int_equal(f.id, want.id);
	assert_true(f.extended);
	assert_int_equal(f.len, 8);
	assert_memory_equal(f.data, want.data, 8);
}

static void owes_nothing(void)
{
	struct tt_can_frame f;

	assert_false(tt_j1939_tp_next_tx(&tp, &f));
}

static int listener(void **state)
{
	(void)state;
	now = TT_SEC(100);
	tt_j1939_tp_init(&tp, TT_J1939_NO_ADDRESS);
	return 0;
}

static int responder(void **state)
{
	(void)listener(state);
	tt_j1939_tp_init(&tp, US);
	return 0;
}

static void a_single_frame_is_a_message(void **state)
{
	(void)state;
	assert_true(hear(0x18FECA03, "00 FF 61 02 13 00 FF FF"));
	assert_int_equal(msg.id.pgn, TT_PGN_DM1);
	assert_int_equal(msg.id.source, 3);
	assert_int_equal(msg.len, 8);
	assert_false(msg.transported);
	assert_memory_equal(msg.data, "\x00\xFF\x61\x02\x13\x00\xFF\xFF", 8);
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
}

static void a_bam_is_put_together(void **state)
{
	(void)state;
	assert_false(hear(0x1CECFF03, "20 0A 00 02 FF CA FE 00"));
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(750));
	now += TT_MS(50);
	assert_false(hear(0x1CEBFF03, "01 10 FF 61 02 13 00 64"));
	now += TT_MS(749);
	assert_true(hear(0x1CEBFF03, "02 00 01 02 FF FF FF FF"));
	assert_true(msg.transported);
	assert_int_equal(msg.id.pgn, TT_PGN_DM1);
	assert_int_equal(msg.id.priority, 7);
	assert_int_equal(msg.id.source, 3);
	assert_int_equal(msg.id.dest, TT_J1939_GLOBAL);
	assert_int_equal(msg.len, 10);
	assert_memory_equal(msg.data, "\x10\xFF\x61\x02\x13\x00\x64\x00\x01\x02", 10);
	assert_int_equal(tp.count.complete, 1);
	assert_false(hear(0x1CEBFF03, "02 00 01 02 FF FF FF FF"));
	assert_int_equal(tp.count.ignored, 1);
	owes_nothing();
}

static void the_last_packet_may_come_without_its_padding_but_not_without_its_data(void **state)
{
	(void)state;
	hear(0x1CECFF03, "20 0A 00 02 FF CA FE 00");
	hear(0x1CEBFF03, "01 10 FF 61 02 13 00 64");
	assert_false(hear(0x1CEBFF03, "02 00 01"));
	assert_false(hear(0x1CEBFF03, ""));
	assert_int_equal(tp.count.malformed, 2); /* an empty packet has no number: it ends the session */
	hear(0x1CECFF03, "20 0A 00 02 FF CA FE 00");
	hear(0x1CEBFF03, "01 10 FF 61 02 13 00 64");
	assert_true(hear(0x1CEBFF03, "02 00 01 02"));
	assert_int_equal(msg.data[9], 2);
}

static void sources_and_kinds_and_buses_do_not_mix(void **state)
{
	struct tt_can_frame other;

	(void)state;
	hear(0x1CECFF03, "20 09 00 02 FF CA FE 00");
	hear(0x1CECFF04, "20 09 00 02 FF CB FE 00");
	hear(0x1CEC2103, "10 09 00 02 FF EC FE 00"); /* the same source also talks to 21 */
	other = frame(0x1CECFF03, "20 09 00 02 FF DA FE 00");
	other.bus = 1;
	assert_false(tt_j1939_tp_feed(&tp, now, &other, &msg));
	hear(0x1CEBFF03, "01 A1 A2 A3 A4 A5 A6 A7");
	hear(0x1CEBFF04, "01 B1 B2 B3 B4 B5 B6 B7");
	hear(0x1CEB2103, "01 C1 C2 C3 C4 C5 C6 C7");
	assert_true(hear(0x1CEBFF04, "02 B8 B9 FF FF FF FF FF"));
	assert_int_equal(msg.id.pgn, TT_PGN_DM2);
	assert_memory_equal(msg.data, "\xB1\xB2\xB3\xB4\xB5\xB6\xB7\xB8\xB9", 9);
	assert_true(hear(0x1CEB2103, "02 C8 C9 FF FF FF FF FF"));
	assert_int_equal(msg.id.pgn, TT_PGN_VIN);
	assert_int_equal(msg.id.dest, 0x21);
	assert_true(hear(0x1CEBFF03, "02 A8 A9 FF FF FF FF FF"));
	assert_int_equal(msg.id.pgn, TT_PGN_DM1);
	assert_int_equal(msg.bus, 0);
	assert_int_equal(tp.count.complete, 3);
}

static void a_hole_or_other_data_under_an_old_number_ends_a_bam(void **state)
{
	(void)state;
	hear(0x1CECFF03, "20 15 00 03 FF CA FE 00");
	hear(0x1CEBFF03, "01 01 02 03 04 05 06 07");
	assert_false(hear(0x1CEBFF03, "01 01 02 03 04 05 06 07")); /* the same once more is harmless */
	assert_int_equal(tp.count.ignored, 1);
	assert_false(hear(0x1CEBFF03, "03 0F 10 11 12 13 14 15"));
	assert_int_equal(tp.count.broken, 1);
	assert_false(hear(0x1CEBFF03, "02 08 09 0A 0B 0C 0D 0E"));
	assert_int_equal(tp.count.complete, 0);

	hear(0x1CECFF03, "20 15 00 03 FF CA FE 00");
	hear(0x1CEBFF03, "01 01 02 03 04 05 06 07");
	assert_false(hear(0x1CEBFF03, "01 FF 02 03 04 05 06 07"));
	assert_int_equal(tp.count.broken, 2);

	hear(0x1CECFF03, "20 15 00 03 FF CA FE 00");
	assert_false(hear(0x1CEBFF03, "00 01 02 03 04 05 06 07"));
	hear(0x1CECFF03, "20 15 00 03 FF CA FE 00");
	assert_int_equal(tp.count.broken, 2); /* packet 0 had ended it */
	assert_false(hear(0x1CEBFF03, "04 01 02 03 04 05 06 07"));
	assert_int_equal(tp.count.malformed, 2);
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
}

static void a_late_packet_finds_no_session(void **state)
{
	(void)state;
	hear(0x1CECFF03, "20 09 00 02 FF CA FE 00");
	hear(0x1CEBFF03, "01 01 02 03 04 05 06 07");
	now += TT_MS(750);
	assert_false(hear(0x1CEBFF03, "02 08 09 FF FF FF FF FF"));
	assert_int_equal(tp.count.timeouts, 1);
	hear(0x1CEC2103, "10 09 00 02 FF CA FE 00");
	tt_j1939_tp_tick(&tp, now + TT_MS(1250) - 1);
	assert_int_equal(tp.count.timeouts, 1);
	tt_j1939_tp_tick(&tp, now + TT_MS(1250));
	assert_int_equal(tp.count.timeouts, 2);
}

static void announcements_that_cannot_be_are_refused(void **state)
{
	static const struct {
		uint32_t id;
		const char *data;
	} bad[] = {
		{0x1CECFF03, "20 08 00 02 FF CA FE 00"},                                          /* fits a frame */
		{0x1CECFF03, "20 FA 06 FF FF CA FE 00"},                                          /* 1786 */
		{0x1CECFF03, "20 0F 00 02 FF CA FE 00"},                                          /* 15 bytes are three packets */
		{0x1CECFF03, "20 0E 00 03 FF CA FE 00"}, {0x1CECFF03, "20 0E 00 02 FF CA FE 04"}, /* no such PGN */
		{0x1CEC2103, "20 0E 00 02 FF CA FE 00"},                                          /* BAM to one */
		{0x1CECFF03, "10 0E 00 02 FF CA FE 00"},                                          /* RTS to all */
		{0x1CECFF03, "21 0E 00 02 FF CA FE 00"},                                          /* no such control byte */
		{0x1CECFF03, "20 0E 00 02 FF CA FE"},                                             /* cut */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(hear(bad[i].id, bad[i].data));
		assert_int_equal(tp.count.malformed, i + 1);
		assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
	}
	hear(0x1CECFF03, "20 F9 06 FF FF CA FE 00"); /* 1785 */
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(750));
}

static void the_longest_bam_has_255_packets(void **state)
{
	char text[32];

	(void)state;
	hear(0x1CECFF03, "20 F9 06 FF FF CA FE 00");
	for (unsigned i = 1; i < 255; i++) {
		(void)snprintf(text, sizeof(text), "%02X %02X 00 00 00 00 00 %02X", i, i, 255 - i);
		assert_false(hear(0x1CEBFF03, text));
	}
	assert_true(hear(0x1CEBFF03, "FF FF 00 00 00 00 00 11"));
	assert_int_equal(msg.len, TT_J1939_MAX);
	assert_int_equal(msg.data[0], 1);
	assert_int_equal(msg.data[6], 254);
	assert_int_equal(msg.data[253 * 7], 254);
	assert_int_equal(msg.data[1784], 0x11);
}

/* ---- two others talk ---- */

static void a_heard_connection_survives_retransmission_holds_and_repeats(void **state)
{
	(void)state;
	hear(0x18EC2103, "10 14 00 03 FF EC FE 00");
	hear(0x1CEC0321, "11 03 01 FF FF EC FE 00");
	assert_false(hear(0x1CEB2103, "01 01 02 03 04 05 06 07"));
	assert_false(hear(0x1CEB2103, "03 0F 10 11 12 13 14 FF"));
	assert_false(hear(0x1CEB2103, "03 0F 10 11 12 13 14 FF"));
	for (unsigned i = 0; i < 5; i++) {
		now += TT_MS(1249);
		hear(0x1CEC0321, "11 00 FF FF FF EC FE 00"); /* hold */
	}
	hear(0x1CEC0321, "11 01 02 FF FF EC FE 00");
	assert_false(hear(0x1CEB2103, "09 00 00 00 00 00 00 00")); /* the receiver's to judge */
	assert_true(hear(0x1CEB2103, "02 08 09 0A 0B 0C 0D 0E"));
	assert_int_equal(msg.len, 20);
	assert_int_equal(msg.id.priority, 6);
	assert_memory_equal(msg.data, "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F\x10\x11\x12\x13\x14", 20);
	hear(0x1CEC0321, "13 14 00 03 FF EC FE 00");
	assert_int_equal(tp.count.broken, 0);
	assert_int_equal(tp.count.malformed, 1);
	owes_nothing();
}

static void a_heard_connection_ends_with_acknowledgement_abort_or_a_new_one(void **state)
{
	(void)state;
	hear(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	hear(0x1CEC0321, "13 14 00 03 FF DA FE 00"); /* of another group */
	assert_int_equal(tp.count.broken, 0);
	hear(0x1CEC0321, "13 14 00 03 FF EC FE 00"); /* we lost something */
	assert_int_equal(tp.count.broken, 1);
	hear(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	hear(0x1CEC0321, "FF 02 FF FF FF DA FE 00");
	assert_int_equal(tp.count.aborted, 0);
	hear(0x1CEC0321, "FF 02 FF FF FF EC FE 00");
	assert_int_equal(tp.count.aborted, 1);
	assert_int_equal(tp.last_abort, 2);
	hear(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	hear(0x1CEC2103, "FF 03 FF FF FF EC FE 00"); /* the sender */
	assert_int_equal(tp.count.aborted, 2);
	hear(0x1CEC2103, "FF 03 FF FF FF EC FE 00"); /* of nothing */
	hear(0x1CEC0321, "11 01 02 FF FF EC FE 00");
	assert_int_equal(tp.count.aborted, 2);
	hear(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	hear(0x1CEC2103, "10 09 00 02 FF DA FE 00");
	assert_int_equal(tp.count.broken, 2);
	hear(0x1CEB2103, "01 01 02 03 04 05 06 07");
	assert_true(hear(0x1CEB2103, "02 08 09 FF FF FF FF FF"));
	assert_int_equal(msg.id.pgn, TT_PGN_SOFTWARE);
}

static void an_abort_finds_the_session_of_either_direction(void **state)
{
	(void)state;
	hear(0x1CEC2103, "10 14 00 03 FF EC FE 00"); /* 03 to 21 */
	hear(0x1CEC0321, "10 14 00 03 FF DA FE 00"); /* and 21 to 03, of another group */
	hear(0x1CEC0321, "FF 01 FF FF FF EC FE 00"); /* 21 aborts what 03 sends */
	assert_int_equal(tp.count.aborted, 1);
	assert_false(hear(0x1CEB2103, "01 01 02 03 04 05 06 07"));
	assert_int_equal(tp.count.ignored, 1);
	hear(0x1CEB0321, "01 01 02 03 04 05 06 07");
	assert_int_equal(tp.count.ignored, 1);
}

static void the_session_that_was_idle_longest_makes_room(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TT_J1939_SESSIONS; i++) {
		now++;
		hear(0x1CECFF00 + i, "20 09 00 02 FF CA FE 00");
	}
	now++;
	hear(0x1CEBFF00, "01 01 02 03 04 05 06 07"); /* 0 is not the longest idle any more: 1 is */
	hear(0x1CECFF80, "20 09 00 02 FF CA FE 00");
	assert_int_equal(tp.count.evicted, 1);
	assert_true(hear(0x1CEBFF00, "02 08 09 FF FF FF FF FF"));
	hear(0x1CEBFF01, "01 01 02 03 04 05 06 07");
	assert_int_equal(tp.count.ignored, 1);
	hear(0x1CEBFF80, "01 01 02 03 04 05 06 07");
	assert_true(hear(0x1CEBFF80, "02 08 09 FF FF FF FF FF"));
}

/* ---- somebody talks to us ---- */

static void a_connection_to_us_is_granted_and_acknowledged(void **state)
{
	(void)state;
	hear(0x1CECF903, "10 14 00 03 02 EC FE 00"); /* two packets at once */
	assert_int_equal(tt_j1939_tp_wake_at(&tp), 0);
	owes(0x1CEC03F9, "11 02 01 FF FF EC FE 00");
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(1000));
	hear(0x1CEBF903, "01 01 02 03 04 05 06 07");
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(750));
	owes_nothing();
	hear(0x1CEBF903, "02 08 09 0A 0B 0C 0D 0E");
	owes(0x1CEC03F9, "11 01 03 FF FF EC FE 00");
	assert_true(hear(0x1CEBF903, "03 0F 10 11 12 13 14 FF"));
	owes(0x1CEC03F9, "13 14 00 03 FF EC FE 00");
	owes_nothing();
	assert_int_equal(msg.len, 20);
	assert_int_equal(msg.id.dest, US);
	assert_int_equal(msg.data[19], 0x14);
}

static void what_is_missing_is_asked_for_again_twice(void **state)
{
	(void)state;
	hear(0x1CECF903, "10 23 00 05 00 EC FE 00"); /* "0 at once" is taken as one */
	owes(0x1CEC03F9, "11 01 01 FF FF EC FE 00");
	hear(0x1CECF903, "10 23 00 05 FF EC FE 00"); /* the same group again: anew */
	assert_int_equal(tp.count.broken, 1);
	owes(0x1CEC03F9, "11 05 01 FF FF EC FE 00");
	hear(0x1CEBF903, "01 01 02 03 04 05 06 07");
	hear(0x1CEBF903, "04 16 17 18 19 1A 1B 1C");
	hear(0x1CEBF903, "05 1D 1E 1F 20 21 22 23"); /* the end of what was granted: 2 and 3 are missing */
	owes(0x1CEC03F9, "11 02 02 FF FF EC FE 00");
	hear(0x1CEBF903, "03 0F 10 11 12 13 14 15");
	owes(0x1CEC03F9, "11 01 02 FF FF EC FE 00");
	now += TT_MS(1000) - 1;
	tt_j1939_tp_tick(&tp, now);
	owes_nothing();
	now++;
	tt_j1939_tp_tick(&tp, now);
	owes(0x1CEC03F9, "11 01 02 FF FF EC FE 00");
	now += TT_MS(1000);
	tt_j1939_tp_tick(&tp, now);
	owes(0x1CEC03F9, "FF 03 FF FF FF EC FE 00");
	assert_int_equal(tp.count.timeouts, 1);
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
	assert_false(hear(0x1CEBF903, "02 08 09 0A 0B 0C 0D 0E"));
}

static void a_sender_that_leaves_the_hole_is_given_up_with_its_reason(void **state)
{
	(void)state;
	hear(0x1CECF903, "10 15 00 03 03 EC FE 00");
	owes(0x1CEC03F9, "11 03 01 FF FF EC FE 00");
	hear(0x1CEBF903, "02 08 09 0A 0B 0C 0D 0E");
	hear(0x1CEBF903, "03 0F 10 11 12 13 14 15");
	owes(0x1CEC03F9, "11 01 01 FF FF EC FE 00");
	now += TT_MS(1000);
	tt_j1939_tp_tick(&tp, now);
	owes(0x1CEC03F9, "11 01 01 FF FF EC FE 00");
	now += TT_MS(1000);
	assert_true(hear(0x18FECA03, "00 FF 61 02 13 00 FF FF")); /* other traffic does not wake it */
	owes_nothing();
	hear(0x1CECFF04, "20 09 00 02 FF CA FE 00"); /* transport traffic does */
	owes(0x1CEC03F9, "FF 03 FF FF FF EC FE 00");
}

static void too_many_holes_in_one_place_abort_with_retries(void **state)
{
	(void)state;
	hear(0x1CECF903, "10 23 00 05 02 EC FE 00");
	owes(0x1CEC03F9, "11 02 01 FF FF EC FE 00");
	hear(0x1CEBF903, "02 08 09 0A 0B 0C 0D 0E");
	owes(0x1CEC03F9, "11 01 01 FF FF EC FE 00");
	/* it sends everything but packet 1; the window's end is packet 1, so nothing more is asked before the time is over */
	hear(0x1CEBF903, "03 0F 10 11 12 13 14 15");
	owes_nothing();
	now += TT_MS(750);
	tt_j1939_tp_tick(&tp, now);
	owes(0x1CEC03F9, "11 01 01 FF FF EC FE 00");
	hear(0x1CEBF903, "01 01 02 03 04 05 06 07");
	owes(0x1CEC03F9, "11 02 04 FF FF EC FE 00"); /* progress: the tries begin anew */
	now += TT_MS(1000);
	tt_j1939_tp_tick(&tp, now);
	owes(0x1CEC03F9, "11 02 04 FF FF EC FE 00");
	hear(0x1CEBF903, "05 1D 1E 1F 20 21 22 23");
	owes(0x1CEC03F9, "11 01 04 FF FF EC FE 00");
	now += TT_MS(1000);
	tt_j1939_tp_tick(&tp, now);
	owes(0x1CEC03F9, "FF 03 FF FF FF EC FE 00");
	assert_int_equal(tp.last_abort, TT_J1939_ABORT_TIMEOUT);

	hear(0x1CECF903, "10 15 00 03 03 EC FE 00");
	owes(0x1CEC03F9, "11 03 01 FF FF EC FE 00");
	now += TT_MS(1000);
	tt_j1939_tp_tick(&tp, now);
	owes(0x1CEC03F9, "11 03 01 FF FF EC FE 00");
	now += TT_MS(1000);
	tt_j1939_tp_tick(&tp, now);
	owes(0x1CEC03F9, "11 03 01 FF FF EC FE 00");
	hear(0x1CEBF903, "03 0F 10 11 12 13 14 15"); /* the end of the window, and still without 1 */
	owes(0x1CEC03F9, "FF 05 FF FF FF EC FE 00");
	assert_int_equal(tp.count.aborted, 1);
}

static void what_we_cannot_take_is_aborted_with_its_reason(void **state)
{
	(void)state;
	hear(0x1CECF903, "10 FA 06 FF FF EC FE 00");
	owes(0x1CEC03F9, "FF 09 FF FF FF EC FE 00");
	hear(0x1CECF903, "10 08 00 02 FF EC FE 00");
	owes(0x1CEC03F9, "FF FA FF FF FF EC FE 00");
	hear(0x1CECF903, "10 14 00 03 FF EC FE 00");
	owes(0x1CEC03F9, "11 03 01 FF FF EC FE 00");
	hear(0x1CECF903, "10 14 00 03 FF DA FE 00"); /* a second group while the first is under way */
	owes(0x1CEC03F9, "FF 01 FF FF FF DA FE 00");
	hear(0x1CEBF903, "04 01 02 03 04 05 06 07");
	owes(0x1CEC03F9, "FF 07 FF FF FF EC FE 00");
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
	for (unsigned i = 0; i < TT_J1939_SESSIONS; i++) {
		now++;
		hear(0x1CECF900 + i, "10 09 00 02 FF CA FE 00");
		owes(0x1CEC00F9 + (i << 8), "11 02 01 FF FF CA FE 00");
	}
	hear(0x1CECFF80, "20 09 00 02 FF CA FE 00");
	owes(0x1CEC00F9, "FF 02 FF FF FF CA FE 00");
	assert_int_equal(tp.count.evicted, 1);
}

static void a_connection_to_us_ends_when_its_sender_or_our_address_goes(void **state)
{
	(void)state;
	hear(0x1CECF903, "10 14 00 03 FF EC FE 00");
	owes(0x1CEC03F9, "11 03 01 FF FF EC FE 00");
	hear(0x1CECF903, "FF 03 FF FF FF EC FE 00");
	assert_int_equal(tp.count.aborted, 1);
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
	hear(0x1CECF903, "10 14 00 03 FF EC FE 00");
	hear(0x1CECFF03, "20 09 00 02 FF CA FE 00");
	tt_j1939_tp_address(&tp, TT_J1939_NO_ADDRESS);
	owes_nothing();
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(750)); /* the BAM stays */
	hear(0x1CECF904, "10 14 00 03 FF EC FE 00");
	owes_nothing();
}

/* Found by reading: without an address nothing may be sent, not even to who takes "no address" for one. */
static void an_rts_to_nobodys_address_is_not_for_us(void **state)
{
	static const uint8_t none[] = {TT_J1939_NO_ADDRESS, TT_J1939_GLOBAL};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		tt_j1939_tp_init(&tp, none[i]);
		hear(0x1CECFE03, "10 14 00 03 FF EC FE 00");
		hear(0x1CECFE03, "10 08 00 02 FF EC FE 00"); /* one to refuse */
		hear(0x1CECFF03, "10 14 00 03 FF EC FE 00");
		owes_nothing();
	}
	tt_j1939_tp_init(&tp, TT_J1939_ADDRESS_MAX); /* the last one that can be held */
	hear(0x1CECFD03, "10 14 00 03 FF EC FE 00");
	owes(0x1CEC03FD, "11 03 01 FF FF EC FE 00");
}

/* Found by reading: tt_j1939_tp_address read `ours` of slots that had never been used, and so whatever the memory held. */
static void slots_never_used_are_not_looked_at(void **state)
{
	(void)state;
	memset(&tp, 0x5A, sizeof(tp));
	tt_j1939_tp_init(&tp, US);
	assert_int_equal(tp.last_abort, 0);
	assert_int_equal(tp.count.malformed, 0);
	assert_int_equal(tp.count.complete, 0);
	tt_j1939_tp_address(&tp, 0x80);
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
	owes_nothing();
	hear(0x1CEC8003, "10 14 00 03 FF EC FE 00");
	owes(0x1CEC0380, "11 03 01 FF FF EC FE 00");
	tt_j1939_tp_address(&tp, TT_J1939_NO_ADDRESS);
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
	assert_false(hear(0x1CEB8003, "01 01 02 03 04 05 06 07"));
	assert_int_equal(tp.count.ignored, 1);
	tt_j1939_tp_address(&tp, US);
	hear(0x1CECF903, "10 14 00 03 FF EC FE 00");
	hear(0x1CECF904, "10 14 00 03 FF EC FE 00");
	hear(0x1CECF905, "10 14 00 03 FF EC FE 00");
	tt_j1939_tp_address(&tp, 0x80); /* all of them go, and the queue too */
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
}

static void nothing_behind_the_table_is_taken_for_a_session(void **state)
{
	struct tt_can_frame f = frame(0x1CEB0101, "01 01 02 03 04 05 06 07");
	uint8_t untouched[sizeof(tp.queue)];

	(void)state;
	memset(untouched, 1, sizeof(untouched));
	memset(&tp, 1, sizeof(tp));
	tt_j1939_tp_init(&tp, US);
	tt_j1939_tp_address(&tp, 0x80);
	assert_memory_equal(tp.queue, untouched, sizeof(untouched));
	f.bus = 1;
	assert_false(tt_j1939_tp_feed(&tp, now, &f, &msg));
	assert_int_equal(tp.count.ignored, 1);
	tt_j1939_tp_tick(&tp, TT_NEVER - 1);
	owes_nothing();
	assert_int_equal(tp.count.timeouts, 0);
	assert_memory_equal(tp.queue, untouched, sizeof(untouched));
}

static void the_number_of_a_packet_is_read_from_what_came(void **state)
{
	struct tt_can_frame empty = {.id = 0x1CEBFF03, .extended = true, .data = {1, 1, 2, 3, 4, 5, 6, 7}};

	(void)state;
	hear(0x1CECFF03, "20 15 00 03 FF CA FE 00");
	assert_false(hear(0x1CEBFF03, "01")); /* cut: it may come again */
	assert_int_equal(tp.count.malformed, 1);
	assert_false(hear(0x1CEBFF03, "01 01 02 03 04 05 06 07"));
	assert_false(hear(0x1CEBFF03, "02 08 09 0A 0B 0C 0D 0E"));
	assert_false(hear(0x1CEBFF03, "02 08 09 0A 0B 0C 0D 0E"));
	assert_int_equal(tp.count.ignored, 1);
	assert_int_equal(tp.count.broken, 0);
	assert_true(hear(0x1CEBFF03, "03 0F 10 11 12 13 14 15"));
	assert_int_equal(msg.data[20], 0x15);
	hear(0x1CECFF03, "20 15 00 03 FF CA FE 00");
	assert_false(tt_j1939_tp_feed(&tp, now, &empty, &msg)); /* no byte, no number: ends it, whatever the memory held */
	assert_int_equal(tp.count.malformed, 2);
	assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
}

static void what_is_no_j1939_frame_is_no_message(void **state)
{
	struct tt_can_frame f = frame(0x7E8, "01 02 03 04 05 06 07 08");

	(void)state;
	f.extended = false;
	assert_false(tt_j1939_tp_feed(&tp, now, &f, &msg));
	assert_int_equal(tp.count.malformed + tp.count.ignored, 0);
}

static void sessions_of_one_age_go_first_come_first(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TT_J1939_SESSIONS; i++)
		hear(0x1CECFF00 + i, "20 09 00 02 FF CA FE 00");
	hear(0x1CECFF80, "20 09 00 02 FF CA FE 00");
	hear(0x1CEBFF00, "01 01 02 03 04 05 06 07");
	assert_int_equal(tp.count.ignored, 1);
	hear(0x1CEBFF01, "01 01 02 03 04 05 06 07");
	assert_int_equal(tp.count.ignored, 1);
	now += TT_MS(750);
	tt_j1939_tp_tick(&tp, now); /* and end together */
	assert_int_equal(tp.count.timeouts, TT_J1939_SESSIONS);
}

static void announcements_at_the_limits_are_taken(void **state)
{
	(void)state;
	hear(0x1CECFF03, "20 0E 00 02 FF FF FF 03"); /* the highest group */
	assert_int_equal(tp.count.malformed, 0);
	hear(0x1CECF904, "10 0F 00 03 02 00 EF 00"); /* a group whose low byte is 0 */
	owes(0x1CEC04F9, "11 02 01 FF FF 00 EF 00");
	hear(0x1CECF905, "10 F9 06 FE FF EC FE 00"); /* long enough, but 1785 bytes are 255 packets */
	owes(0x1CEC05F9, "FF FA FF FF FF EC FE 00");
}

static void answers_go_out_on_the_bus_that_was_asked_on(void **state)
{
	struct tt_can_frame f = frame(0x1CECF903, "10 09 00 02 01 EC FE 00");

	(void)state;
	f.bus = 3;
	assert_false(tt_j1939_tp_feed(&tp, now, &f, &msg));
	assert_true(tt_j1939_tp_next_tx(&tp, &f));
	assert_int_equal(f.bus, 3);
	assert_int_equal(f.data[0], TT_J1939_CTS);
	f = frame(0x1CECF903, "10 09 00 02 01 CA FE 00"); /* another group meanwhile */
	f.bus = 3;
	assert_false(tt_j1939_tp_feed(&tp, now, &f, &msg));
	assert_true(tt_j1939_tp_next_tx(&tp, &f));
	assert_int_equal(f.bus, 3);
	assert_int_equal(f.data[0], TT_J1939_ABORT);
	f = frame(0x1CEBF903, "01 01 02 03 04 05 06 07");
	f.bus = 3;
	assert_false(tt_j1939_tp_feed(&tp, now, &f, &msg));
	assert_true(tt_j1939_tp_next_tx(&tp, &f));
	assert_int_equal(f.bus, 3);
	f = frame(0x1CEBF903, "02 08 09 FF FF FF FF FF");
	f.bus = 3;
	assert_true(tt_j1939_tp_feed(&tp, now, &f, &msg));
	assert_int_equal(msg.bus, 3);
	assert_true(tt_j1939_tp_next_tx(&tp, &f));
	assert_int_equal(f.bus, 3);
	assert_int_equal(f.data[0], TT_J1939_END);
	f = frame(0x18FECA03, "00 FF 61 02 13 00");
	f.bus = 3;
	assert_true(tt_j1939_tp_feed(&tp, now, &f, &msg));
	assert_int_equal(msg.bus, 3);
	assert_int_equal(msg.len, 6);
}

static void times_begin_anew_with_every_frame_of_a_heard_connection(void **state)
{
	(void)state;
	hear(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(1250));
	now += TT_MS(100);
	hear(0x1CEC0321, "11 03 01 FF FF EC FE 00");
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(1250));
	now += TT_MS(100);
	hear(0x1CEB2103, "01 01 02 03 04 05 06 07");
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(1250));
	now += TT_MS(100);
	hear(0x1CEC2104, "10 14 00 03 FF EC FE 00"); /* the earliest of all counts */
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(1150));
	now += TT_MS(1150);
	hear(0x1CEB2103, "02 01 02 03 04 05 06 07"); /* too late by nothing */
	assert_int_equal(tp.count.ignored, 1);
	assert_int_equal(tp.count.timeouts, 1);
	assert_int_equal(tt_j1939_tp_wake_at(&tp), now + TT_MS(100));
}

static void a_hold_counts_as_heard_when_room_is_made(void **state)
{
	(void)state;
	hear(0x1CEC2103, "10 14 00 03 FF EC FE 00");
	for (unsigned i = 1; i < TT_J1939_SESSIONS; i++) {
		now++;
		hear(0x1CECFF20 + i, "20 09 00 02 FF CA FE 00");
	}
	now++;
	hear(0x1CEC0321, "11 00 FF FF FF EC FE 00");
	hear(0x1CECFF80, "20 09 00 02 FF CA FE 00");
	assert_int_equal(tp.count.evicted, 1);
	hear(0x1CEBFF21, "01 01 02 03 04 05 06 07"); /* that one went */
	assert_int_equal(tp.count.ignored, 1);
	hear(0x1CEB2103, "01 01 02 03 04 05 06 07");
	assert_int_equal(tp.count.ignored, 1);
}

static void the_longest_message_to_us_is_granted_whole(void **state)
{
	char text[32];

	(void)state;
	hear(0x1CECF903, "10 F9 06 FF FF EC FE 00");
	owes(0x1CEC03F9, "11 FF 01 FF FF EC FE 00");
	for (unsigned i = 2; i <= 255; i++) {
		(void)snprintf(text, sizeof(text), "%02X %02X 00 00 00 00 00 %02X", i, i, 255 - i);
		assert_false(hear(0x1CEBF903, text));
	}
	owes(0x1CEC03F9, "11 01 01 FF FF EC FE 00");
	assert_true(hear(0x1CEBF903, "01 01 00 00 00 00 00 FE"));
	owes(0x1CEC03F9, "13 F9 06 FF FF EC FE 00");
	assert_int_equal(msg.len, TT_J1939_MAX);
	assert_int_equal(msg.data[0], 1);
	assert_int_equal(msg.data[1784], 0);
	assert_int_equal(msg.data[254 * 7], 255);
}

static void a_full_queue_drops(void **state)
{
	struct tt_can_frame f;
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < TT_J1939_TP_QUEUE + 3; i++)
		hear(0x1CECF900 + i, "10 09 00 02 FF CA FE 00");
	while (tt_j1939_tp_next_tx(&tp, &f)) {
		assert_int_equal(f.id, 0x1CEC00F9 + (n << 8));
		n++;
	}
	assert_int_equal(n, TT_J1939_TP_QUEUE);
}

static void every_reason_has_a_name(void **state)
{
	static const char *const texts[] = {
		"reserved reason",
		"already in a connection",
		"resources needed for another task",
		"timeout",
		"CTS while data is being sent",
		"too many retransmissions",
		"unexpected data packet",
		"bad sequence number",
		"duplicate sequence number",
		"message too long, or unexpected EDPO",
		"EDPO for another parameter group",
		"EDPO for more packets than granted",
		"bad EDPO offset",
		"other reason (deprecated)",
		"ECTS for another parameter group",
		"ECTS for too many packets",
		"reserved reason",
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(tt_j1939_abort_text((uint8_t)i), texts[i]);
	assert_string_equal(tt_j1939_abort_text(249), "reserved reason");
	assert_string_equal(tt_j1939_abort_text(250), "other reason");
	assert_string_equal(tt_j1939_abort_text(255), "reserved reason");
}

/* ---- sending ---- */

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
		AS(listener, a_single_frame_is_a_message),
		AS(listener, a_bam_is_put_together),
		AS(listener, the_last_packet_may_come_without_its_padding_but_not_without_its_data),
		AS(listener, sources_and_kinds_and_buses_do_not_mix),
		AS(listener, a_hole_or_other_data_under_an_old_number_ends_a_bam),
		AS(listener, a_late_packet_finds_no_session),
		AS(listener, announcements_that_cannot_be_are_refused),
		AS(listener, the_longest_bam_has_255_packets),
		AS(listener, a_heard_connection_survives_retransmission_holds_and_repeats),
		AS(listener, a_heard_connection_ends_with_acknowledgement_abort_or_a_new_one),
		AS(listener, an_abort_finds_the_session_of_either_direction),
		AS(listener, the_session_that_was_idle_longest_makes_room),
		AS(responder, a_connection_to_us_is_granted_and_acknowledged),
		AS(responder, what_is_missing_is_asked_for_again_twice),
		AS(responder, a_sender_that_leaves_the_hole_is_given_up_with_its_reason),
		AS(responder, too_many_holes_in_one_place_abort_with_retries),
		AS(responder, what_we_cannot_take_is_aborted_with_its_reason),
		AS(responder, a_connection_to_us_ends_when_its_sender_or_our_address_goes),
		AS(responder, a_full_queue_drops),
		AS(listener, an_rts_to_nobodys_address_is_not_for_us),
		AS(listener, slots_never_used_are_not_looked_at),
		AS(listener, nothing_behind_the_table_is_taken_for_a_session),
		AS(listener, the_number_of_a_packet_is_read_from_what_came),
		AS(listener, what_is_no_j1939_frame_is_no_message),
		AS(listener, sessions_of_one_age_go_first_come_first),
		AS(responder, announcements_at_the_limits_are_taken),
		AS(responder, answers_go_out_on_the_bus_that_was_asked_on),
		AS(listener, times_begin_anew_with_every_frame_of_a_heard_connection),
		AS(listener, a_hold_counts_as_heard_when_room_is_made),
		AS(responder, the_longest_message_to_us_is_granted_whole),
		AS(listener, every_reason_has_a_name),
		AS(sender, the_gap_and_the_block_may_be_chosen),
		AS(sender, only_the_receiver_of_this_message_is_listened_to),
		AS(sender, times_are_exact),
		AS(sender, a_short_message_is_one_frame),
		AS(sender, a_bam_keeps_its_distance),
		AS(sender, a_connection_does_as_it_is_told),
		AS(sender, a_connection_fails_with_its_reason),
		AS(sender, a_receiver_that_always_asks_again_is_given_up),
		AS(sender, all_lengths_arrive_although_packets_get_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
