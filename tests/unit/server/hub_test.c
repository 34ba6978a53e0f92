/* The hub without HTTP: order, sharing, resuming, slow readers, ends. */
#include "server/http/hub.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t session_1[32] = {1}, session_2[32] = {2};
static struct tt_hub *hub;
static unsigned parked, woken;

static void park(void *conn)
{
	(void)conn;
	parked++;
}

static void wake(void *conn)
{
	(*(unsigned *)conn)++;
	woken++;
}

static int setup(void **state)
{
	const struct tt_hub_hooks hooks = {.park = park, .wake = wake};

	(void)state;
	parked = woken = 0;
	return tt_hub_create(&hooks, 100, &hub) == TT_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	tt_hub_destroy(hub);
	return 0;
}

/* The record's changes, for filling: dealer 1 has the odd numbers. */
static int64_t record_last;

static enum tt_err fill(void *ctx, int64_t dealer_id, int64_t after, struct tt_hub_fill *fill_, int64_t *floor)
{
	(void)ctx;
	*floor = after;
	for (int64_t id = after + 1; id <= record_last; id++) {
		char *text = malloc(64);

		assert_non_null(text);
		(void)snprintf(text, 64, "[%lld]", (long long)id);
		if (dealer_id == 0 || dealer_id == 2 - id % 2)
			assert_int_equal(tt_hub_fill_add(fill_, id, text), TT_OK);
		else
			free(text);
	}
	return TT_OK;
}

static char *render(void *ctx, int64_t channel_dealer)
{
	char *text = malloc(64);

	(void)channel_dealer;
	assert_non_null(text);
	(void)snprintf(text, 64, "[%lld]", (long long)*(int64_t *)ctx);
	return text;
}

static void publish(int64_t id)
{
	record_last = id;
	tt_hub_publish(hub, id, 2 - id % 2, render, &id);
}

static struct tt_hub_stream *open_stream(int64_t dealer, int64_t after, const uint8_t session[32])
{
	struct tt_hub_stream *s;

	assert_int_equal(tt_hub_open(hub, dealer, after, session, fill, NULL, &s), TT_OK);
	return s;
}

/* Everything there is to read, up to the parking or the end. */
static const char *read_all(struct tt_hub_stream *s, size_t step)
{
	static unsigned conn;
	static char text[65536];
	size_t used = 0;
	ssize_t n;

	while ((n = tt_hub_read(s, &conn, text + used, step < sizeof(text) - used - 1 ? step : sizeof(text) - used - 1)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	if (n < 0)
		strcat(text, "END");
	return text;
}

static void streams_hear_their_dealers_changes_in_order(void **state)
{
	struct tt_hub_stream *one, *two, *all;

	(void)state;
	record_last = 0;
	one = open_stream(1, -1, session_1);
	two = open_stream(2, -1, session_1);
	all = open_stream(0, -1, session_1);
	for (int64_t id = 1; id <= 5; id++)
		publish(id);
	assert_string_equal(read_all(one, 1000), "retry: 3000\nid: 0\n\n[1][3][5]");
	assert_string_equal(read_all(two, 1000), "retry: 3000\nid: 0\n\n[2][4]");
	assert_string_equal(read_all(all, 1), "retry: 3000\nid: 0\n\n[1][2][3][4][5]");
	tt_hub_close(one);
	tt_hub_close(two);
	tt_hub_close(all);
}

static void parked_streams_are_woken_only_when_there_is_something(void **state)
{
	struct tt_hub_stream *one, *two;
	unsigned conn_one = 0, conn_two = 0;
	char buf[256];

	(void)state;
	record_last = 0;
	one = open_stream(1, -1, session_1);
	two = open_stream(2, -1, session_1);
	assert_true(tt_hub_read(one, &conn_one, buf, sizeof(buf)) > 0);
	assert_int_equal(tt_hub_read(one, &conn_one, buf, sizeof(buf)), 0);
	assert_true(tt_hub_read(two, &conn_two, buf, sizeof(buf)) > 0);
	assert_int_equal(tt_hub_read(two, &conn_two, buf, sizeof(buf)), 0);
	assert_int_equal(parked, 2);
	publish(1);
	tt_hub_flush(hub);
	assert_int_equal(conn_one, 1);
	assert_int_equal(conn_two, 0);
	publish(2);
	tt_hub_flush(hub);
	tt_hub_flush(hub);
	assert_int_equal(conn_one, 1);
	assert_int_equal(conn_two, 1);
	tt_hub_close(one);
	tt_hub_close(two);
}

static void stream_that_comes_back_continues_where_it_was(void **state)
{
	struct tt_hub_stream *s;

	(void)state;
	record_last = 6; /* in the record before the hub began */
	tt_hub_start_at(hub, 6);
	s = open_stream(0, 4, session_1);
	assert_string_equal(read_all(s, 1000), "retry: 3000\nid: 4\n\n[5][6]");
	publish(7);
	assert_string_equal(read_all(s, 1000), "[7]");
	tt_hub_close(s);
	s = open_stream(1, 5, session_1);
	assert_string_equal(read_all(s, 1000), "retry: 3000\nid: 5\n\n[7]");
	tt_hub_close(s);
}

static void change_read_from_the_record_is_not_published_twice(void **state)
{
	struct tt_hub_stream *s;

	(void)state;
	record_last = 9; /* the record is ahead of the hub */
	tt_hub_start_at(hub, 7);
	s = open_stream(0, 7, session_1);
	assert_string_equal(read_all(s, 1000), "retry: 3000\nid: 7\n\n[8][9]");
	publish(8);
	publish(9);
	publish(10);
	assert_string_equal(read_all(s, 1000), "[10]");
	tt_hub_close(s);
}

static void number_the_hub_has_not_come_to_is_no_reason_to_resync(void **state)
{
	struct tt_hub_stream *s;

	(void)state;
	record_last = 3;
	tt_hub_start_at(hub, 3);
	s = open_stream(0, 3, session_1);
	tt_hub_close(s);
	s = open_stream(0, 4, session_1);
	assert_null(strstr(read_all(s, 1000), "resync"));
	publish(4);
	publish(5);
	assert_string_equal(read_all(s, 1000), "[4][5]"); /* 4 again, which does no harm; nothing is missed */
	tt_hub_close(s);
}

static void further_back_than_the_ring_is_told_to_resync(void **state)
{
	struct tt_hub_stream *s;

	(void)state;
	record_last = 0;
	s = open_stream(0, -1, session_1);
	for (int64_t id = 1; id <= TT_HUB_RING + 10; id++)
		publish(id);
	assert_string_equal(read_all(s, 1000), "id: 522\nevent: resync\ndata: {}\n\n");
	tt_hub_close(s);
	s = open_stream(0, 9, session_1);
	assert_string_equal(read_all(s, 1000), "retry: 3000\nid: 522\nevent: resync\ndata: {}\n\n");
	tt_hub_close(s);
	s = open_stream(0, 10, session_1);
	assert_memory_equal(read_all(s, 1000), "retry: 3000\nid: 10\n\n[11][12]", strlen("retry: 3000\nid: 10\n\n[11][12]"));
	tt_hub_close(s);
	s = open_stream(0, TT_HUB_RESYNC, session_1);
	assert_non_null(strstr(read_all(s, 1000), "resync"));
	tt_hub_close(s);
}

static void stream_overtaken_within_an_event_ends(void **state)
{
	struct tt_hub_stream *s;
	unsigned conn = 0;
	char buf[64];

	(void)state;
	record_last = 0;
	s = open_stream(0, -1, session_1);
	assert_true(tt_hub_read(s, &conn, buf, sizeof(buf)) > 0);
	publish(1);
	assert_int_equal(tt_hub_read(s, &conn, buf, 2), 2); /* "[1" */
	for (int64_t id = 2; id <= TT_HUB_RING + 10; id++)
		publish(id);
	assert_int_equal(tt_hub_read(s, &conn, buf, sizeof(buf)), -1);
	tt_hub_close(s);
}

static char *render_nothing(void *ctx, int64_t channel_dealer)
{
	(void)ctx;
	(void)channel_dealer;
	return NULL;
}

static void change_that_cannot_be_rendered_makes_its_streams_resync(void **state)
{
	struct tt_hub_stream *s;

	(void)state;
	record_last = 0;
	s = open_stream(0, -1, session_1);
	publish(1);
	(void)read_all(s, 1000);
	tt_hub_publish(hub, 2, 1, render_nothing, NULL);
	publish(3);
	assert_string_equal(read_all(s, 1000), "id: 3\nevent: resync\ndata: {}\n\n");
	tt_hub_close(s);
}

static void ending_a_session_ends_its_streams_and_no_others(void **state)
{
	struct tt_hub_stream *one, *two;

	(void)state;
	record_last = 0;
	one = open_stream(0, -1, session_1);
	two = open_stream(0, -1, session_2);
	(void)read_all(one, 1000);
	(void)read_all(two, 1000);
	tt_hub_end_session(hub, session_1);
	assert_int_equal(woken, 1);
	assert_string_equal(read_all(one, 1000), "END");
	publish(1);
	assert_string_equal(read_all(two, 1000), "[1]");
	tt_hub_close(one);
	tt_hub_close(two);
}

static bool only_session_2(void *ctx, const uint8_t token_hash[32])
{
	(*(unsigned *)ctx)++;
	return memcmp(token_hash, session_2, 32) == 0;
}

static void sessions_that_no_longer_stand_are_asked_for_once_and_ended(void **state)
{
	struct tt_hub_stream *s[4];
	unsigned asked = 0;

	(void)state;
	record_last = 0;
	for (size_t i = 0; i < 4; i++) {
		s[i] = open_stream(0, -1, i < 3 ? session_1 : session_2);
		(void)read_all(s[i], 1000);
	}
	tt_hub_check_sessions(hub, only_session_2, &asked);
	assert_int_equal(asked, 2);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(read_all(s[i], 1000), i < 3 ? "END" : "");
		tt_hub_close(s[i]);
	}
}

static void heartbeat_reaches_everybody_and_moves_nobodys_number(void **state)
{
	struct tt_hub_stream *s;

	(void)state;
	record_last = 0;
	s = open_stream(1, -1, session_1);
	(void)read_all(s, 1000);
	tt_hub_heartbeat(hub);
	assert_int_equal(woken, 1);
	assert_string_equal(read_all(s, 1000), ":\n\n");
	for (int i = 0; i < 2 * TT_HUB_RING; i++) { /* a quiet day */
		tt_hub_heartbeat(hub);
		(void)read_all(s, 1000);
	}
	tt_hub_close(s);
	s = open_stream(1, 0, session_1);
	assert_null(strstr(read_all(s, 1000), "resync"));
	tt_hub_close(s);
}

static void forgotten_channels_are_filled_anew(void **state)
{
	struct tt_hub_stream *s;
	struct tt_hub_stats stats;

	(void)state;
	record_last = 0;
	s = open_stream(1, -1, session_1);
	publish(1);
	tt_hub_close(s);
	for (int i = 0; i < 3; i++)
		tt_hub_heartbeat(hub);
	tt_hub_stats(hub, &stats);
	assert_int_equal(stats.channels, 0);
	publish(3);
	s = open_stream(1, 1, session_1);
	assert_string_equal(read_all(s, 1000), "retry: 3000\nid: 1\n\n[3]");
	tt_hub_close(s);
}

static void there_are_no_more_streams_than_allowed_and_none_after_the_end(void **state)
{
	struct tt_hub_stream *s[100], *more;

	(void)state;
	record_last = 0;
	for (size_t i = 0; i < 100; i++)
		s[i] = open_stream(1, -1, session_1);
	assert_int_equal(tt_hub_open(hub, 1, -1, session_1, fill, NULL, &more), TT_EFULL);
	tt_hub_close(s[99]);
	s[99] = open_stream(1, -1, session_1);
	tt_hub_end_all(hub);
	for (size_t i = 0; i < 100; i++) {
		(void)read_all(s[i], 1000);
		tt_hub_close(s[i]);
	}
	assert_int_equal(tt_hub_open(hub, 1, -1, session_1, fill, NULL, &more), TT_EFULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(streams_hear_their_dealers_changes_in_order),
		T(parked_streams_are_woken_only_when_there_is_something),
		T(stream_that_comes_back_continues_where_it_was),
		T(change_read_from_the_record_is_not_published_twice),
		T(number_the_hub_has_not_come_to_is_no_reason_to_resync),
		T(further_back_than_the_ring_is_told_to_resync),
		T(stream_overtaken_within_an_event_ends),
		T(change_that_cannot_be_rendered_makes_its_streams_resync),
		T(ending_a_session_ends_its_streams_and_no_others),
		T(sessions_that_no_longer_stand_are_asked_for_once_and_ended),
		T(heartbeat_reaches_everybody_and_moves_nobodys_number),
		T(forgotten_channels_are_filled_anew),
		T(there_are_no_more_streams_than_allowed_and_none_after_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
