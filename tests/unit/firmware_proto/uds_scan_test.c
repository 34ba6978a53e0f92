/*
 * The UDS tester against ECUs made of a few lines: each answers from a table of requests. Time is the test's; every frame is seen.
 */
#include "firmware/proto/uds_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { ANSWERS = 16, LOG = 4096, RESULTS = 4096, STEP_US = 10000 };

struct answer {
	const char *request, *response; /* hexadecimal; response "" = silence; "|" begins the next answer, one a request */
};

static struct world {
	struct tt_uds_scan scan;
	struct tt_uds_scan_config config;
	struct tt_uds_ecu ecus[2];
	struct tt_uds_did dids[6];
	struct {
		struct answer answers[ANSWERS];
		unsigned asked[ANSWERS];
		bool dead;
		struct tt_isotp link;
		uint8_t buf[64], out[256];
	} car[2];
	tt_mono_us now;
	bool may_begin;
	char asked[LOG][24]; /* requests as hex, with the ECU's index before a colon */
	tt_mono_us asked_at[LOG];
	size_t nasked;
	struct tt_uds_result results[RESULTS];
	uint8_t bytes[RESULTS][64]; /* what msg pointed to */
	size_t nresults;
} w;

static size_t unhex(const char *text, uint8_t *out)
{
	size_t n = 0;

	for (unsigned v; *text && *text != '|' && sscanf(text, "%2x", &v) == 1; text += text[2] && text[2] != '|' ? 3 : 2)
		out[n++] = (uint8_t)v;
	return n;
}

static void begin(size_t necus, size_t ndids)
{
	w.now = TT_SEC(100);
	w.may_begin = true;
	w.config.ecus = w.ecus;
	w.config.necus = necus;
	w.config.dids = w.dids;
	w.config.ndids = ndids;
	for (size_t i = 0; i < necus; i++) {
		if (w.ecus[i].request == 0)
			w.ecus[i] = (struct tt_uds_ecu){.request = 0x7E0 + (uint32_t)i,
							.response = 0x7E8 + (uint32_t)i,
							.addressed = w.ecus[i].addressed,
							.target = w.ecus[i].target,
							.source = w.ecus[i].source,
							.session = w.ecus[i].session};
		tt_isotp_init(&w.car[i].link,
			      &(struct tt_isotp_config){.tx_id = w.ecus[i].response,
							.rx_id = w.ecus[i].request,
							.addressed = w.ecus[i].addressed,
							.tx_address = w.ecus[i].source,
							.rx_address = w.ecus[i].target,
							.pad = true},
			      w.car[i].buf, sizeof(w.car[i].buf));
	}
	tt_uds_scan_init(&w.scan, &w.config, w.now);
}

static int fresh(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	return 0;
}

static void says(unsigned ecu, const char *request, const char *response)
{
	for (unsigned i = 0; i < ANSWERS; i++) {
		struct answer *a = &w.car[ecu].answers[i];

		if (a->request && strcmp(a->request, request) != 0)
			continue;
		*a = (struct answer){request, response};
		w.car[ecu].asked[i] = 0;
		return;
	}
	fail_msg("too many answers");
}

static void answer(unsigned ecu, const uint8_t *msg, size_t len)
{
	char *log = w.asked[w.nasked];

	assert_true(w.nasked < LOG);
	w.asked_at[w.nasked++] = w.now;
	log += snprintf(log, 24, "%u:", ecu);
	for (size_t i = 0; i < len; i++)
		log += snprintf(log, 4, "%02X", msg[i]);
	for (unsigned i = 0; i < ANSWERS && w.car[ecu].answers[i].request; i++) {
		uint8_t want[16];
		const size_t n = unhex(w.car[ecu].answers[i].request, want);
		const char *response = w.car[ecu].answers[i].response;
		size_t out_len;

		if (n != len || memcmp(want, msg, n) != 0)
			continue;
		for (unsigned k = 0; k < w.car[ecu].asked[i] && strchr(response, '|'); k++)
			response = strchr(response, '|') + 1;
		w.car[ecu].asked[i]++;
		out_len = unhex(response, w.car[ecu].out);
		if (out_len > 0)
			assert_int_equal(tt_isotp_send(&w.car[ecu].link, w.car[ecu].out, out_len), TT_OK);
		return;
	}
}

static void collect(void)
{
	struct tt_uds_result r;

	while (tt_uds_scan_next(&w.scan, &r)) {
		assert_true(w.nresults < RESULTS);
		w.results[w.nresults] = r;
		if (r.msg)
			memcpy(w.bytes[w.nresults], r.msg, r.len > 64 ? 64 : r.len);
		w.nresults++;
	}
}

static void exchange(void)
{
	struct tt_can_frame f;
	struct tt_isotp_event e;
	bool busy = true;

	tt_uds_scan_tick(&w.scan, w.now);
	collect();
	while (busy) {
		busy = false;
		while (tt_uds_scan_next_tx(&w.scan, w.now, w.may_begin, &f)) {
			busy = true;
			for (unsigned i = 0; i < w.config.necus; i++) {
				if (!w.car[i].dead)
					(void)tt_isotp_feed(&w.car[i].link, w.now, &f);
				while (tt_isotp_next_event(&w.car[i].link, &e)) {
					if (e.kind == TT_ISOTP_MESSAGE)
						answer(i, e.data, e.len);
				}
			}
		}
		for (unsigned i = 0; i < w.config.necus; i++) {
			tt_isotp_tick(&w.car[i].link, w.now);
			while (tt_isotp_next_tx(&w.car[i].link, w.now, &f)) {
				busy = true;
				(void)tt_uds_scan_feed(&w.scan, w.now, &f);
			}
		}
		collect();
	}
}

static void run(int64_t us)
{
	for (const tt_mono_us end = w.now + us; w.now < end; w.now += STEP_US)
		exchange();
}

static unsigned count_asked(const char *request)
{
	unsigned n = 0;

	for (size_t i = 0; i < w.nasked; i++)
		n += strcmp(w.asked[i], request) == 0;
	return n;
}

static const struct tt_uds_result *result(enum tt_uds_result_kind kind, unsigned which)
{
	for (size_t i = 0; i < w.nresults; i++) {
		if (w.results[i].kind == kind && which-- == 0)
			return &w.results[i];
	}
	return NULL;
}

static unsigned results(enum tt_uds_result_kind kind)
{
	unsigned n = 0;

	while (result(kind, n))
		n++;
	return n;
}

static void codes_are_asked_for_in_turn_and_every_period(void **state)
{
	(void)state;
	says(0, "19 02 8F", "59 02 FF 12 34 56 24");
	says(1, "19 02 8F", "59 02 FF");
	begin(2, 0);
	run(TT_SEC(25));
	assert_int_equal(count_asked("0:19028F"), 3);
	assert_int_equal(count_asked("1:19028F"), 3);
	assert_int_equal(results(TT_UDS_RESULT_CODES), 6);
	assert_int_equal(results(TT_UDS_RESULT_ECU), 2);
	assert_int_equal(w.nresults, 8);
	assert_int_equal(w.nasked, 6); /* 123456 is not confirmed: no details */
	assert_true(w.asked_at[1] - w.asked_at[0] >= TT_MS(50));
	assert_int_equal(w.asked_at[2] - w.asked_at[0], TT_SEC(10));
	assert_int_equal(result(TT_UDS_RESULT_CODES, 0)->len, 7);
}

static void a_code_that_is_newly_confirmed_brings_its_details_once(void **state)
{
	(void)state;
	says(0, "19 02 8F", "59 02 FF 12 34 56 2F|59 02 FF 12 34 56 2F|59 02 FF|59 02 FF 12 34 56 08");
	says(0, "19 04 12 34 56 FF", "59 04 12 34 56 2F 01 01 F4 0D 3E");
	says(0, "19 06 12 34 56 FF", "59 06 12 34 56 2F 01 05");
	begin(1, 0);
	run(TT_SEC(15));
	assert_int_equal(results(TT_UDS_RESULT_CODES), 2);
	assert_int_equal(results(TT_UDS_RESULT_SNAPSHOTS), 1);
	assert_int_equal(results(TT_UDS_RESULT_EXTENDED), 1);
	assert_int_equal(result(TT_UDS_RESULT_SNAPSHOTS, 0)->code, 0x123456);
	assert_int_equal(result(TT_UDS_RESULT_SNAPSHOTS, 0)->len, 11);
	assert_memory_equal(w.bytes[result(TT_UDS_RESULT_EXTENDED, 0) - w.results], "\x59\x06\x12\x34\x56\x2F\x01\x05", 8);
	run(TT_SEC(20)); /* gone, and back */
	assert_int_equal(results(TT_UDS_RESULT_SNAPSHOTS), 2);
	assert_int_equal(results(TT_UDS_RESULT_EXTENDED), 2);
}

static void details_that_are_refused_or_missing_still_end(void **state)
{
	(void)state;
	says(0, "19 02 8F", "59 02 FF 12 34 56 08 12 34 57 08 12 34 58 08");
	says(0, "19 04 12 34 56 FF", "7F 19 12");
	says(0, "19 06 12 34 56 FF", "59 06 12 34 57 08"); /* another code's */
	says(0, "19 04 12 34 57 FF", "59 04 12 34 57 08 01 01 F4");
	says(0, "19 06 12 34 57 FF", "7F 19 31");
	begin(1, 0);
	run(TT_SEC(5));
	assert_int_equal(results(TT_UDS_RESULT_SNAPSHOTS), 3);
	assert_int_equal(results(TT_UDS_RESULT_EXTENDED), 3);
	for (unsigned i = 0; i < 3; i++) {
		assert_null(result(TT_UDS_RESULT_SNAPSHOTS, i)->msg);
		assert_null(result(TT_UDS_RESULT_EXTENDED, i)->msg);
		assert_int_equal(result(TT_UDS_RESULT_EXTENDED, i)->code, 0x123456 + i);
	}
	assert_int_equal(results(TT_UDS_RESULT_BAD), 1); /* told once */
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 2);
	assert_int_equal(result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x12);
	assert_true(result(TT_UDS_RESULT_REFUSING, 0)->unsupported);
	run(TT_SEC(20));
	assert_int_equal(results(TT_UDS_RESULT_EXTENDED), 3);
}

static void data_comes_several_identifiers_a_request(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2, .period_us = TT_SEC(1)};
	w.dids[1] = (struct tt_uds_did){.did = 0xF40D, .len = 1, .period_us = TT_SEC(1)};
	w.dids[2] = (struct tt_uds_did){.did = 0xD100, .len = 3};
	w.dids[3] = (struct tt_uds_did){.did = 0xD101, .len = 1};
	says(0, "19 02 8F", "59 02 FF");
	says(0, "22 F4 0C F4 0D D1 00", "62 F4 0C 0B B8 F4 0D 3E D1 00 01 02 03 00");
	says(0, "22 F4 0C F4 0D", "62 F4 0C 0B B9 F4 0D 3F");
	says(0, "22 D1 01", "62 D1 01 07");
	begin(1, 4);
	run(TT_MS(900));
	assert_int_equal(count_asked("0:22F40CF40DD100"), 1);
	assert_int_equal(count_asked("0:22D101"), 1);
	assert_int_equal(results(TT_UDS_RESULT_DATA), 4);
	assert_int_equal(result(TT_UDS_RESULT_DATA, 2)->did, 0xD100);
	assert_int_equal(result(TT_UDS_RESULT_DATA, 2)->len, 3);
	assert_memory_equal(w.bytes[result(TT_UDS_RESULT_DATA, 2) - w.results], "\x01\x02\x03", 3);
	run(TT_SEC(2));
	assert_int_equal(count_asked("0:22F40CF40D"), 2);
	assert_int_equal(w.bytes[result(TT_UDS_RESULT_DATA, 5) - w.results][0], 0x3F);
}

static void an_ecu_that_refuses_several_is_asked_one_at_a_time(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
	w.dids[1] = (struct tt_uds_did){.did = 0xF40D, .len = 1};
	says(0, "19 02 8F", "59 02 FF");
	says(0, "22 F4 0C F4 0D", "7F 22 13");
	says(0, "22 F4 0C", "62 F4 0C 0B B8");
	says(0, "22 F4 0D", "7F 22 31");
	begin(1, 2);
	run(TT_SEC(25));
	assert_int_equal(count_asked("0:22F40CF40D"), 1);
	assert_int_equal(count_asked("0:22F40C"), 3);
	assert_int_equal(count_asked("0:22F40D"), 1); /* it does not have it */
	assert_int_equal(results(TT_UDS_RESULT_DATA), 3);
}

static void answers_that_do_not_fit_the_question_are_bad(void **state)
{
	static const char *const cases[] = {"62 F4 0D 0B B8", "62 F4 0C 0B", "62 F4 0C 0B B8 01", "62"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)fresh(NULL);
		w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
		says(0, "19 02 8F", i & 1 ? "59 02 FF 12" : "59 0A FF");
		says(0, "22 F4 0C", cases[i]);
		begin(1, 1);
		run(TT_SEC(1));
		assert_int_equal(results(TT_UDS_RESULT_BAD), 1);
		assert_int_equal(results(TT_UDS_RESULT_DATA) + results(TT_UDS_RESULT_CODES), 0);
	}
}

static void pending_answers_are_waited_for_but_not_for_ever(void **state)
{
	(void)state;
	w.config.pending_max = 3;
	says(0, "19 02 8F", "7F 19 78");
	begin(1, 0);
	run(TT_MS(100));
	assert_true(tt_uds_scan_busy(&w.scan));
	assert_int_equal(w.scan.request.pendings, 1);
	run(TT_SEC(4));
	assert_int_equal(tt_isotp_send(&w.car[0].link, (const uint8_t *)"\x7F\x19\x78", 3), TT_OK);
	run(TT_SEC(4));
	assert_int_equal(tt_isotp_send(&w.car[0].link, (const uint8_t *)"\x59\x02\xFF", 3), TT_OK);
	run(TT_MS(20));
	assert_int_equal(results(TT_UDS_RESULT_CODES), 1);
	assert_int_equal(count_asked("0:19028F"), 1);
	/* and one that says it again and again is given up */
	run(TT_SEC(10));
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(results(TT_UDS_RESULT_REFUSING), 0);
		assert_int_equal(tt_isotp_send(&w.car[0].link, (const uint8_t *)"\x7F\x19\x78", 3), TT_OK);
		run(TT_MS(100));
	}
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 1);
	assert_int_equal(result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x78);
	assert_false(tt_uds_scan_busy(&w.scan));
}

static void silence_after_too_many_pendings_is_a_refusal(void **state)
{
	(void)state;
	w.config.pending_max = 1;
	says(0, "19 02 8F", "7F 19 78");
	begin(1, 0);
	run(TT_MS(4900));
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 0);
	run(TT_MS(300));
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 1);
	assert_int_equal(result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x78);
}

static void a_busy_ecu_is_asked_again_three_times(void **state)
{
	(void)state;
	says(0, "19 02 8F", "7F 19 21|7F 19 21|59 02 FF|7F 19 21");
	begin(1, 0);
	run(TT_SEC(1));
	assert_int_equal(count_asked("0:19028F"), 3);
	assert_true(w.asked_at[1] - w.asked_at[0] >= TT_MS(200));
	assert_int_equal(results(TT_UDS_RESULT_CODES), 1);
	run(TT_SEC(11));
	assert_int_equal(count_asked("0:19028F"), 7);
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 1);
	assert_int_equal(result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x21);
	assert_false(result(TT_UDS_RESULT_REFUSING, 0)->unsupported);
}

static void a_silent_ecu_is_told_once_and_asked_less_and_less(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
	says(0, "19 02 8F", "59 02 FF");
	says(0, "22 F4 0C", "62 F4 0C 0B B8");
	begin(1, 1);
	run(TT_SEC(1));
	w.car[0].dead = true;
	run(TT_SEC(300));
	assert_int_equal(results(TT_UDS_RESULT_SILENT), 1);
	w.car[0].dead = false;
	w.nasked = 0;
	run(TT_SEC(70));
	assert_int_equal(results(TT_UDS_RESULT_ECU), 2);
	assert_true(count_asked("0:22F40C") >= 1); /* all questions are asked again */
	assert_int_equal(results(TT_UDS_RESULT_SILENT), 1);
}

static void what_the_ecu_does_not_have_is_not_asked_again(void **state)
{
	(void)state;
	says(0, "19 02 8F", "7F 19 11");
	begin(1, 0);
	run(TT_SEC(60));
	assert_int_equal(count_asked("0:19028F"), 1);
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 1);
	assert_true(result(TT_UDS_RESULT_REFUSING, 0)->unsupported);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), TT_NEVER);
}

static void a_refusal_that_may_pass_backs_off(void **state)
{
	(void)state;
	says(0, "19 02 8F", "7F 19 22");
	begin(1, 0);
	run(TT_SEC(69)); /* 0, 10, 30, 70 */
	assert_int_equal(count_asked("0:19028F"), 3);
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 1);
}

static void a_session_is_opened_kept_and_closed(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2, .period_us = TT_SEC(4)};
	says(0, "10 03", "50 03 00 32 01 F4");
	says(0, "10 01", "50 01 00 32 01 F4");
	says(0, "19 02 8F", "59 02 FF");
	says(0, "22 F4 0C", "62 F4 0C 0B B8|62 F4 0C 0B B8|62 F4 0C 0B B8|7F 22 31");
	begin(1, 1);
	run(TT_SEC(9));
	assert_string_equal(w.asked[0], "0:1003");
	assert_int_equal(count_asked("0:1003"), 1);
	assert_int_equal(count_asked("0:3E80"), 2); /* between two readings */
	assert_int_equal(count_asked("0:1001"), 0);
	run(TT_SEC(30)); /* the identifier is gone: codes every 10 s do not keep a session */
	assert_true(count_asked("0:1001") >= 2);
	assert_true(count_asked("0:1003") >= 2);
	assert_int_equal(results(TT_UDS_RESULT_SILENT), 0);
}

static void without_a_session_in_the_profile_none_is_asked_for(void **state)
{
	(void)state;
	says(0, "19 02 8F", "59 02 FF");
	begin(1, 0);
	run(TT_SEC(60));
	for (size_t i = 0; i < w.nasked; i++)
		assert_string_equal(w.asked[i], "0:19028F");
}

static void a_refused_session_leaves_the_default_one(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	says(0, "10 03", "7F 10 22|50 02");
	says(0, "19 02 8F", "59 02 FF");
	begin(1, 0);
	run(TT_SEC(55));
	assert_int_equal(count_asked("0:1003"), 1);
	assert_int_equal(count_asked("0:19028F"), 6);
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 1);
	run(TT_SEC(20)); /* asked again a minute later; another session than that is no answer */
	assert_int_equal(count_asked("0:1003"), 2);
	assert_int_equal(results(TT_UDS_RESULT_BAD), 1);
	assert_false(w.scan.ecus[0].open);
}

static void with_an_address_byte_two_identifiers_fit_a_request(void **state)
{
	(void)state;
	w.ecus[0] = (struct tt_uds_ecu){.request = 0x6F1, .response = 0x640, .addressed = true, .target = 0x40, .source = 0xF1};
	for (unsigned i = 0; i < 3; i++)
		w.dids[i] = (struct tt_uds_did){.did = (uint16_t)(0xD100 + i), .len = 1};
	says(0, "19 02 8F", "59 02 FF");
	says(0, "22 D1 00 D1 01", "62 D1 00 01 D1 01 02");
	says(0, "22 D1 02", "62 D1 02 03");
	begin(1, 3);
	run(TT_SEC(1));
	assert_int_equal(results(TT_UDS_RESULT_DATA), 3);
}

static void paused_it_sends_nothing_and_starts_over_after(void **state)
{
	(void)state;
	says(0, "19 02 8F", "59 02 FF");
	begin(1, 0);
	run(TT_SEC(1));
	tt_uds_scan_pause(&w.scan, w.now, true);
	tt_uds_scan_pause(&w.scan, w.now, true);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), TT_NEVER);
	run(TT_SEC(60));
	assert_int_equal(w.nasked, 1);
	tt_uds_scan_pause(&w.scan, w.now, false);
	run(TT_MS(100));
	assert_int_equal(w.nasked, 2);
}

static void it_begins_nothing_while_it_may_not(void **state)
{
	(void)state;
	says(0, "19 02 8F", "59 02 FF");
	begin(1, 0);
	w.may_begin = false;
	run(TT_SEC(5));
	assert_int_equal(w.nasked, 0);
	w.may_begin = true;
	run(TT_MS(20));
	assert_int_equal(w.nasked, 1);
}

static void frames_that_answer_nothing_of_ours_are_left_alone(void **state)
{
	const struct tt_can_frame stray = {.id = 0x7E8, .len = 8, .data = {3, 0x59, 2, 0xFF}};
	struct tt_can_frame other = {.id = 0x7E9, .len = 8, .data = {3, 0x59, 2, 0xFF}};

	(void)state;
	begin(1, 0);
	assert_false(tt_uds_scan_feed(&w.scan, w.now, &stray));
	run(TT_MS(20)); /* asked, not answered */
	assert_false(tt_uds_scan_feed(&w.scan, w.now, &other));
	other = stray;
	other.data[1] = 0x62; /* another service's answer */
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &other));
	other.data[1] = 0x7F;
	other.data[2] = 0x22;
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &other));
	collect();
	assert_int_equal(w.nresults, 0);
	assert_true(tt_uds_scan_busy(&w.scan));
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &stray));
	collect();
	assert_int_equal(results(TT_UDS_RESULT_CODES), 1);
}

static void an_answer_that_breaks_off_is_a_silence(void **state)
{
	const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {0x10, 0x20, 0x59, 2, 0xFF}};

	(void)state;
	begin(1, 0);
	run(TT_MS(20));
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &first));
	run(TT_MS(800)); /* beyond P2: the first frame came in time */
	assert_true(tt_uds_scan_busy(&w.scan));
	run(TT_MS(400));
	assert_false(tt_uds_scan_busy(&w.scan));
	assert_int_equal(w.scan.ecus[0].silences, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(codes_are_asked_for_in_turn_and_every_period, fresh),
		cmocka_unit_test_setup(a_code_that_is_newly_confirmed_brings_its_details_once, fresh),
		cmocka_unit_test_setup(details_that_are_refused_or_missing_still_end, fresh),
		cmocka_unit_test_setup(data_comes_several_identifiers_a_request, fresh),
		cmocka_unit_test_setup(an_ecu_that_refuses_several_is_asked_one_at_a_time, fresh),
		cmocka_unit_test_setup(answers_that_do_not_fit_the_question_are_bad, fresh),
		cmocka_unit_test_setup(pending_answers_are_waited_for_but_not_for_ever, fresh),
		cmocka_unit_test_setup(silence_after_too_many_pendings_is_a_refusal, fresh),
		cmocka_unit_test_setup(a_busy_ecu_is_asked_again_three_times, fresh),
		cmocka_unit_test_setup(a_silent_ecu_is_told_once_and_asked_less_and_less, fresh),
		cmocka_unit_test_setup(what_the_ecu_does_not_have_is_not_asked_again, fresh),
		cmocka_unit_test_setup(a_refusal_that_may_pass_backs_off, fresh),
		cmocka_unit_test_setup(a_session_is_opened_kept_and_closed, fresh),
		cmocka_unit_test_setup(without_a_session_in_the_profile_none_is_asked_for, fresh),
		cmocka_unit_test_setup(a_refused_session_leaves_the_default_one, fresh),
		cmocka_unit_test_setup(with_an_address_byte_two_identifiers_fit_a_request, fresh),
		cmocka_unit_test_setup(paused_it_sends_nothing_and_starts_over_after, fresh),
		cmocka_unit_test_setup(it_begins_nothing_while_it_may_not, fresh),
		cmocka_unit_test_setup(frames_that_answer_nothing_of_ours_are_left_alone, fresh),
		cmocka_unit_test_setup(an_answer_that_breaks_off_is_a_silence, fresh),
	};

	return cmocka_run_group_tests_name("uds_scan", tests, NULL, NULL);
}
