/* The transport protocol, receiving: connections (RTS/CTS) between two others and to us. */
#include "j1939_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

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

/* Found by reading: an announcement from the global address was granted, and so everybody was told to send. */
static void an_announcement_from_no_devices_address_opens_nothing(void **state)
{
	static const uint32_t from[] = {0x1CECF9FE, 0x1CECF9FF, 0x1CECFFFE, 0x1CECFFFF};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		hear(from[i], i < 2 ? "10 14 00 03 FF EC FE 00" : "20 14 00 03 FF EC FE 00");
		owes_nothing();
		assert_int_equal(tp.count.malformed, i + 1);
		assert_int_equal(tt_j1939_tp_wake_at(&tp), TT_NEVER);
	}
	hear(0x1CECF9FD, "10 14 00 03 FF EC FE 00");
	owes(0x1CECFDF9, "11 03 01 FF FF EC FE 00");
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

#define AS(role, name) cmocka_unit_test_setup(name, role)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		AS(listener, a_heard_connection_survives_retransmission_holds_and_repeats),
		AS(listener, a_heard_connection_ends_with_acknowledgement_abort_or_a_new_one),
		AS(listener, an_abort_finds_the_session_of_either_direction),
		AS(listener, times_begin_anew_with_every_frame_of_a_heard_connection),
		AS(listener, a_hold_counts_as_heard_when_room_is_made),
		AS(responder, a_connection_to_us_is_granted_and_acknowledged),
		AS(responder, what_is_missing_is_asked_for_again_twice),
		AS(responder, a_sender_that_leaves_the_hole_is_given_up_with_its_reason),
		AS(responder, too_many_holes_in_one_place_abort_with_retries),
		AS(responder, what_we_cannot_take_is_aborted_with_its_reason),
		AS(responder, a_connection_to_us_ends_when_its_sender_or_our_address_goes),
		AS(responder, an_announcement_from_no_devices_address_opens_nothing),
		AS(listener, an_rts_to_nobodys_address_is_not_for_us),
		AS(responder, announcements_at_the_limits_are_taken),
		AS(responder, answers_go_out_on_the_bus_that_was_asked_on),
		AS(responder, the_longest_message_to_us_is_granted_whole),
		AS(responder, a_full_queue_drops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
