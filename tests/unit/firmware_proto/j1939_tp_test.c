/* The transport protocol, receiving: what everybody is told (BAM), and the table of sessions. */
#include "j1939_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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
		AS(listener, the_session_that_was_idle_longest_makes_room),
		AS(listener, slots_never_used_are_not_looked_at),
		AS(listener, nothing_behind_the_table_is_taken_for_a_session),
		AS(listener, the_number_of_a_packet_is_read_from_what_came),
		AS(listener, what_is_no_j1939_frame_is_no_message),
		AS(listener, sessions_of_one_age_go_first_come_first),
		AS(listener, every_reason_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
