/* What is kept of a code until its fault is told: bounded, and never of another code or ECU. */
#include "firmware/agent/uds_details.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ENGINE = 0x7E8, GEARBOX = 0x7E9, CODE = 0x030113, OTHER = 0x042000 };

static struct tt_uds_details d;
static const struct tt_uds_length lengths[] = {{false, 0xF40C, 2}, {false, 0xF40D, 1}, {true, 0x01, 1}, {true, 0x02, 2}};

static int fresh(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	return 0;
}

static void records(uint32_t ecu, enum tt_uds_report report, const uint8_t *msg, size_t len)
{
	tt_uds_details_records(&d, ecu, report, msg, len, lengths, sizeof(lengths) / sizeof(lengths[0]));
}

static const uint8_t snapshot[] = {0x59, 0x04, 0x03, 0x01, 0x13, 0x2F, 0x01, 0x02, 0xF4, 0x0C, 0x21, 0x98, 0xF4, 0x0D, 0x3E};
static const uint8_t extended[] = {0x59, 0x06, 0x03, 0x01, 0x13, 0xAF, 0x01, 0x05, 0x02, 0x12, 0x34};

static void snapshots_and_extended_data_of_a_code_stand_side_by_side(void **state)
{
	const struct tt_uds_detail *e;

	(void)state;
	assert_null(tt_uds_details_find(&d, ENGINE, CODE));
	records(ENGINE, TT_UDS_SNAPSHOTS, snapshot, sizeof(snapshot));
	records(ENGINE, TT_UDS_EXTENDED, extended, sizeof(extended));
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_non_null(e);
	assert_int_equal(e->status, 0xAF); /* the later word */
	assert_int_equal(e->nsnapshots, 2);
	assert_int_equal(e->snapshots[0].record, 1);
	assert_int_equal(e->snapshots[0].did, 0xF40C);
	assert_int_equal(e->snapshots[0].len, 2);
	assert_memory_equal(e->bytes + e->snapshots[0].at, "\x21\x98", 2);
	assert_int_equal(e->snapshots[1].did, 0xF40D);
	assert_memory_equal(e->bytes + e->snapshots[1].at, "\x3E", 1);
	assert_int_equal(e->nextended, 2);
	assert_int_equal(e->extended[0].record, 1);
	assert_memory_equal(e->bytes + e->extended[0].at, "\x05", 1);
	assert_int_equal(e->extended[1].len, 2);
	assert_memory_equal(e->bytes + e->extended[1].at, "\x12\x34", 2);
	assert_null(tt_uds_details_find(&d, GEARBOX, CODE));
	assert_null(tt_uds_details_find(&d, ENGINE, OTHER));
}

static void snapshots_read_anew_replace_all_that_was_known(void **state)
{
	const uint8_t again[] = {0x59, 0x04, 0x03, 0x01, 0x13, 0x09, 0x02, 0x01, 0xF4, 0x0D, 0x40};
	const struct tt_uds_detail *e;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) { /* the room for bytes is given back, too */
		records(ENGINE, TT_UDS_SNAPSHOTS, snapshot, sizeof(snapshot));
		records(ENGINE, TT_UDS_EXTENDED, extended, sizeof(extended));
	}
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_int_equal(e->nsnapshots, 2);
	assert_int_equal(e->nextended, 2);
	assert_int_equal(e->used, 6);
	records(ENGINE, TT_UDS_SNAPSHOTS, again, sizeof(again));
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_int_equal(e->nsnapshots, 1);
	assert_int_equal(e->snapshots[0].record, 2);
	assert_memory_equal(e->bytes + e->snapshots[0].at, "\x40", 1);
	assert_int_equal(e->nextended, 0);
	assert_int_equal(e->status, 0x09);
}

static void an_answer_that_cannot_be_read_changes_nothing(void **state)
{
	const uint8_t short_one[] = {0x59, 0x04, 0x03};
	const struct tt_uds_detail *e;

	(void)state;
	records(ENGINE, TT_UDS_SNAPSHOTS, snapshot, sizeof(snapshot));
	records(ENGINE, TT_UDS_SNAPSHOTS, short_one, sizeof(short_one));
	records(ENGINE, TT_UDS_SNAPSHOTS, extended, sizeof(extended)); /* of the other kind */
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_int_equal(e->nsnapshots, 2);
	assert_int_equal(e->status, 0x2F);
}

static void a_status_alone_is_kept_and_overwritten(void **state)
{
	(void)state;
	tt_uds_details_status(&d, ENGINE, CODE, 0x08);
	assert_int_equal(tt_uds_details_find(&d, ENGINE, CODE)->status, 0x08);
	assert_int_equal(tt_uds_details_find(&d, ENGINE, CODE)->nsnapshots, 0);
	records(ENGINE, TT_UDS_SNAPSHOTS, snapshot, sizeof(snapshot));
	tt_uds_details_status(&d, ENGINE, CODE, 0x0C);
	assert_int_equal(tt_uds_details_find(&d, ENGINE, CODE)->status, 0x0C);
	assert_int_equal(tt_uds_details_find(&d, ENGINE, CODE)->nsnapshots, 2); /* the details stay */
}

static void the_code_heard_of_longest_ago_gives_way(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= TT_UDS_DETAILS; i++)
		tt_uds_details_status(&d, ENGINE, i, (uint8_t)i);
	tt_uds_details_status(&d, ENGINE, 1, 0x55); /* heard of again */
	tt_uds_details_status(&d, ENGINE, 1000, 0x01);
	assert_null(tt_uds_details_find(&d, ENGINE, 2));
	assert_int_equal(tt_uds_details_find(&d, ENGINE, 1)->status, 0x55);
	assert_int_equal(tt_uds_details_find(&d, ENGINE, 3)->status, 3);
	assert_int_equal(tt_uds_details_find(&d, ENGINE, 1000)->status, 0x01);
}

static void what_a_pushed_out_code_left_is_not_the_next_ones(void **state)
{
	(void)state;
	records(ENGINE, TT_UDS_SNAPSHOTS, snapshot, sizeof(snapshot));
	for (uint32_t i = 1; i <= TT_UDS_DETAILS; i++)
		tt_uds_details_status(&d, GEARBOX, i, 1);
	assert_null(tt_uds_details_find(&d, ENGINE, CODE));
	for (uint32_t i = 1; i <= TT_UDS_DETAILS; i++)
		assert_int_equal(tt_uds_details_find(&d, GEARBOX, i)->nsnapshots, 0);
}

/* A snapshot of so many identifiers of one byte, whose length the profile gives. */
static void items_and_bytes_beyond_the_room_are_left_out(void **state)
{
	static uint8_t msg[1024] = {0x59, 0x04, 0x03, 0x01, 0x13, 0x2F, 0x01, 60};
	const struct tt_uds_detail *e;
	size_t n = 8;

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		msg[n++] = 0xF4;
		msg[n++] = 0x0D;
		msg[n++] = (uint8_t)i;
	}
	records(ENGINE, TT_UDS_SNAPSHOTS, msg, n);
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_int_equal(e->nsnapshots, TT_UDS_DETAIL_ITEMS);
	assert_int_equal(e->bytes[e->snapshots[TT_UDS_DETAIL_ITEMS - 1].at], TT_UDS_DETAIL_ITEMS - 1);
	/* an identifier of unknown length takes what is left, of which 64 bytes are kept */
	msg[7] = 1;
	msg[8] = 0x12;
	msg[9] = 0x34;
	for (unsigned i = 0; i < 200; i++)
		msg[10 + i] = (uint8_t)(i + 1);
	records(ENGINE, TT_UDS_SNAPSHOTS, msg, 210);
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_int_equal(e->nsnapshots, 1);
	assert_int_equal(e->snapshots[0].len, TT_UDS_DETAIL_RAW);
	assert_int_equal(e->bytes[e->snapshots[0].at + TT_UDS_DETAIL_RAW - 1], TT_UDS_DETAIL_RAW);
}

static void extended_records_are_bounded_by_their_number_and_by_the_bytes(void **state)
{
	const struct tt_uds_length sixty[] = {{true, 0x01, 60}, {true, 0x02, 60}, {true, 0x03, 60}, {true, 0x04, 60}, {true, 0x05, 60}};
	static uint8_t msg[512] = {0x59, 0x06, 0x03, 0x01, 0x13, 0xAF};
	const struct tt_uds_detail *e;
	size_t n = 6;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		msg[n++] = 0x01;
		msg[n++] = (uint8_t)i;
	}
	records(ENGINE, TT_UDS_EXTENDED, msg, n);
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_int_equal(e->nextended, TT_UDS_DETAIL_EXTENDED);
	n = 6;
	for (unsigned i = 1; i <= 5; i++) {
		msg[n] = (uint8_t)i;
		memset(msg + n + 1, (int)i, 60);
		n += 61;
	}
	tt_uds_details_records(&d, ENGINE, TT_UDS_EXTENDED, msg, n, sixty, 5);
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_int_equal(e->nextended, 4); /* 240 of 256 bytes; the fifth finds no room */
	assert_int_equal(e->used, 240);
	assert_int_equal(e->bytes[e->extended[3].at + 59], 4);
}

/* An ECU without snapshots whose code comes and goes: the bytes of the records before were never given back. */
static void bug_extended_data_read_again_and_again_used_up_the_room(void **state)
{
	const struct tt_uds_detail *e;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		records(ENGINE, TT_UDS_EXTENDED, extended, sizeof(extended));
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_int_equal(e->nextended, 2);
	assert_memory_equal(e->bytes + e->extended[1].at, "\x12\x34", 2);
	/* and the snapshot before them keeps its bytes */
	records(ENGINE, TT_UDS_SNAPSHOTS, snapshot, sizeof(snapshot));
	for (unsigned i = 0; i < 1000; i++)
		records(ENGINE, TT_UDS_EXTENDED, extended, sizeof(extended));
	e = tt_uds_details_find(&d, ENGINE, CODE);
	assert_memory_equal(e->bytes + e->snapshots[0].at, "\x21\x98", 2);
	assert_memory_equal(e->bytes + e->snapshots[1].at, "\x3E", 1);
	assert_memory_equal(e->bytes + e->extended[0].at, "\x05", 1);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(snapshots_and_extended_data_of_a_code_stand_side_by_side),
		TEST(snapshots_read_anew_replace_all_that_was_known),
		TEST(an_answer_that_cannot_be_read_changes_nothing),
		TEST(a_status_alone_is_kept_and_overwritten),
		TEST(the_code_heard_of_longest_ago_gives_way),
		TEST(what_a_pushed_out_code_left_is_not_the_next_ones),
		TEST(items_and_bytes_beyond_the_room_are_left_out),
		TEST(bug_extended_data_read_again_and_again_used_up_the_room),
		TEST(extended_records_are_bounded_by_their_number_and_by_the_bytes),
	};

	return cmocka_run_group_tests_name("uds details", tests, NULL, NULL);
}
