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
	struct tt_uds_ecu ecus[TT_UDS_ECUS];
	struct tt_uds_did dids[TT_UDS_DIDS];
	struct {
		struct answer answers[ANSWERS];
		unsigned asked[ANSWERS];
		bool dead;
		struct tt_isotp link;
		bool refuses; /* what is not in the table: requestOutOfRange */
		uint8_t buf[64], out[300];
	} car[TT_UDS_ECUS];
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
	if (w.car[ecu].refuses) {
		memcpy(w.car[ecu].out, (uint8_t[]){0x7F, msg[0], 0x31}, 3);
		assert_int_equal(tt_isotp_send(&w.car[ecu].link, w.car[ecu].out, 3), TT_OK);
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

/* ---- one frame at a time, at exact times ---- */

/* The next request leaves now and not a moment sooner. */
static void asks_at(tt_mono_us at, uint32_t id, const char *hex)
{
	struct tt_can_frame f;
	uint8_t want[8];
	const size_t n = unhex(hex, want);
	const tt_mono_us wake = tt_uds_scan_wake_at(&w.scan);

	assert_int_equal(wake > w.now ? wake : w.now, at);
	if (wake == at) {
		tt_uds_scan_tick(&w.scan, at - 1);
		assert_false(tt_uds_scan_next_tx(&w.scan, at - 1, true, &f));
	}
	w.now = at;
	tt_uds_scan_tick(&w.scan, w.now);
	assert_true(tt_uds_scan_next_tx(&w.scan, w.now, true, &f));
	assert_int_equal(f.id, id);
	assert_int_equal(f.len, 8);
	assert_int_equal(f.data[0], n);
	assert_memory_equal(f.data + 1, want, n);
}

static bool replies(int64_t after_us, const char *hex)
{
	struct tt_can_frame f = {.id = 0x7E8, .len = 8};

	w.now += after_us;
	f.data[0] = (uint8_t)unhex(hex, f.data + 1);
	return tt_uds_scan_feed(&w.scan, w.now, &f);
}

/* Nothing answers; the question is over exactly then. */
static void is_silent_for(int64_t us)
{
	struct tt_can_frame f;

	assert_true(tt_uds_scan_busy(&w.scan));
	assert_false(tt_uds_scan_next_tx(&w.scan, w.now, true, &f));
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + us);
	tt_uds_scan_tick(&w.scan, w.now + us - 1);
	assert_true(tt_uds_scan_busy(&w.scan));
	w.now += us;
	tt_uds_scan_tick(&w.scan, w.now);
	assert_false(tt_uds_scan_busy(&w.scan));
}

static void told(enum tt_uds_result_kind kind)
{
	struct tt_uds_result r;

	assert_true(tt_uds_scan_next(&w.scan, &r));
	assert_int_equal(r.kind, kind);
	assert_int_equal(r.at_us, w.now);
}

static void told_nothing(void)
{
	struct tt_uds_result r;

	assert_false(tt_uds_scan_next(&w.scan, &r));
}

static void the_gap_and_the_period_are_exact(void **state)
{
	(void)state;
	begin(2, 0);
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	assert_true(replies(1000, "59 02 FF"));
	told(TT_UDS_RESULT_ECU);
	told(TT_UDS_RESULT_CODES);
	told_nothing();
	asks_at(TT_SEC(100) + TT_MS(50), 0x7E1, "19 02 8F");
	is_silent_for(TT_MS(150));
	told_nothing();
	asks_at(TT_SEC(110) + 1000, 0x7E0, "19 02 8F");
	assert_true(replies(0, "59 02 FF"));
	told(TT_UDS_RESULT_CODES);
	asks_at(TT_SEC(110) + TT_MS(200), 0x7E1, "19 02 8F"); /* its silence was noticed then */
}

static void data_is_read_every_ten_seconds_when_nobody_says_otherwise(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(100);
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 1};
	begin(1, 1);
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	assert_true(replies(0, "59 02 FF"));
	told(TT_UDS_RESULT_ECU);
	told(TT_UDS_RESULT_CODES);
	asks_at(TT_SEC(100) + TT_MS(50), 0x7E0, "22 F4 0C");
	assert_true(replies(0, "62 F4 0C 01"));
	told(TT_UDS_RESULT_DATA);
	asks_at(TT_SEC(110) + TT_MS(50), 0x7E0, "22 F4 0C");
}

static void a_full_list_is_taken_and_starts_over_whole(void **state)
{
	static char asks[TT_UDS_DIDS / 3][32], answers[TT_UDS_DIDS / 3][48];
	const unsigned last = TT_UDS_ECUS - 1;

	(void)state;
	for (unsigned i = 0; i < TT_UDS_ECUS; i++)
		says(i, "19 02 8F", "59 02 FF");
	for (unsigned i = 0; i < TT_UDS_DIDS; i++)
		w.dids[i] = (struct tt_uds_did){.ecu = (uint8_t)last, .did = (uint16_t)(0xD100 + i), .len = 1};
	for (unsigned i = 0; i < TT_UDS_DIDS / 3; i++) {
		(void)snprintf(asks[i], sizeof(asks[i]), "22 D1 %02X D1 %02X D1 %02X", 3 * i, 3 * i + 1, 3 * i + 2);
		(void)snprintf(answers[i], sizeof(answers[i]), "62 D1 %02X 01 D1 %02X 01 D1 %02X 01", 3 * i, 3 * i + 1, 3 * i + 2);
		says(last, asks[i], answers[i]);
	}
	begin(TT_UDS_ECUS, TT_UDS_DIDS);
	run(TT_SEC(2));
	assert_int_equal(results(TT_UDS_RESULT_CODES), TT_UDS_ECUS);
	assert_int_equal(results(TT_UDS_RESULT_DATA), TT_UDS_DIDS);
	w.now += 1; /* an odd time, whatever it is written over */
	tt_uds_scan_pause(&w.scan, w.now, true);
	w.nresults = 0;
	tt_uds_scan_pause(&w.scan, w.now, false);
	run(TT_SEC(2));
	assert_int_equal(results(TT_UDS_RESULT_CODES), TT_UDS_ECUS);
	assert_int_equal(results(TT_UDS_RESULT_DATA), TT_UDS_DIDS);
}

static void a_refusal_names_its_service_reserved_or_not(void **state)
{
	(void)state;
	says(0, "19 02 8F", "59 02 FF|7F 19 01");
	begin(1, 0);
	run(TT_SEC(11));
	assert_int_equal(results(TT_UDS_RESULT_REFUSING), 1);
	assert_int_equal(result(TT_UDS_RESULT_REFUSING, 0)->service, 0x19);
	assert_int_equal(result(TT_UDS_RESULT_REFUSING, 0)->nrc, 0x01);
	assert_false(result(TT_UDS_RESULT_REFUSING, 0)->unsupported);
}

static void settings_take_the_place_of_the_defaults(void **state)
{
	(void)state;
	w.config = (struct tt_uds_scan_config){.mask = 0x09,
					       .min_gap_us = TT_MS(7),
					       .p2_us = TT_MS(33),
					       .p2_star_us = TT_MS(444),
					       .codes_period_us = TT_SEC(3),
					       .did_period_us = TT_SEC(2),
					       .pending_max = 1};
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
	begin(1, 1);
	asks_at(TT_SEC(100), 0x7E0, "19 02 09");
	is_silent_for(TT_MS(33));
	asks_at(TT_SEC(100) + TT_MS(33), 0x7E0, "22 F4 0C");
	assert_true(replies(0, "7F 22 78"));
	told(TT_UDS_RESULT_ECU);
	is_silent_for(TT_MS(444));
	told(TT_UDS_RESULT_REFUSING);
	asks_at(TT_SEC(102) + TT_MS(477), 0x7E0, "22 F4 0C");
	assert_true(replies(0, "62 F4 0C 01 02"));
	told(TT_UDS_RESULT_DATA);
	asks_at(TT_SEC(103) + TT_MS(33), 0x7E0, "19 02 09");
	assert_true(replies(0, "59 02 FF"));
	told(TT_UDS_RESULT_CODES);
	asks_at(TT_SEC(104) + TT_MS(477), 0x7E0, "22 F4 0C");
}

static void a_result_that_is_not_taken_holds_the_next_request(void **state)
{
	struct tt_can_frame f;

	(void)state;
	begin(2, 0);
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	assert_true(replies(0, "59 02 FF"));
	assert_false(tt_uds_scan_next_tx(&w.scan, w.now + TT_SEC(1), true, &f));
	told(TT_UDS_RESULT_ECU);
	assert_false(tt_uds_scan_next_tx(&w.scan, w.now + TT_SEC(1), true, &f));
	told(TT_UDS_RESULT_CODES);
	assert_true(tt_uds_scan_next_tx(&w.scan, w.now + TT_SEC(1), true, &f));
}

static void six_pendings_of_five_seconds_are_the_default(void **state)
{
	(void)state;
	begin(1, 0);
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	for (unsigned i = 0; i < 6; i++) {
		assert_true(replies(TT_SEC(4), "7F 19 78"));
		assert_true(tt_uds_scan_busy(&w.scan));
		assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_SEC(5));
		if (i == 0)
			told(TT_UDS_RESULT_ECU);
	}
	told_nothing();
	assert_true(replies(TT_SEC(4), "7F 19 78"));
	assert_false(tt_uds_scan_busy(&w.scan));
	told(TT_UDS_RESULT_REFUSING);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_SEC(10));
}

static void extended_data_follow_the_snapshots_after_the_gap(void **state)
{
	struct tt_can_frame f;

	(void)state;
	begin(2, 0);
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	assert_true(replies(0, "59 02 FF"));
	told(TT_UDS_RESULT_ECU);
	told(TT_UDS_RESULT_CODES);
	asks_at(TT_SEC(100) + TT_MS(50), 0x7E1, "19 02 8F");
	is_silent_for(TT_MS(150));
	asks_at(TT_SEC(110), 0x7E0, "19 02 8F");
	assert_true(
		tt_uds_scan_feed(&w.scan, w.now, &(struct tt_can_frame){.id = 0x7E8, .len = 8, .data = {0x07, 0x59, 2, 0xFF, 0, 0, 1, 8}}));
	told(TT_UDS_RESULT_CODES);
	asks_at(TT_SEC(110) + TT_MS(50), 0x7E0, "19 04 00 00 01 FF");
	assert_true(replies(TT_MS(10), "59 04 00 00 01 08"));
	told(TT_UDS_RESULT_SNAPSHOTS);
	assert_false(tt_uds_scan_busy(&w.scan));
	assert_false(tt_uds_scan_next_tx(&w.scan, TT_SEC(110) + TT_MS(100), false, &f));
	asks_at(TT_SEC(110) + TT_MS(100), 0x7E0, "19 06 00 00 01 FF");
	assert_true(replies(TT_MS(120), "59 06 00 00 01 08"));
	told(TT_UDS_RESULT_EXTENDED);
	asks_at(w.now, 0x7E1, "19 02 8F");
}

static void a_busy_ecu_is_left_alone_for_200_ms(void **state)
{
	(void)state;
	begin(1, 0);
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	for (unsigned i = 0; i < 3; i++) {
		assert_true(replies(TT_MS(20), "7F 19 21"));
		if (i == 0)
			told(TT_UDS_RESULT_ECU);
		assert_true(tt_uds_scan_busy(&w.scan));
		assert_false(replies(0, "59 02 FF")); /* nobody has asked */
		asks_at(w.now + TT_MS(200), 0x7E0, "19 02 8F");
	}
	assert_true(replies(TT_MS(20), "7F 19 21"));
	assert_false(tt_uds_scan_busy(&w.scan));
	told(TT_UDS_RESULT_REFUSING);
	told_nothing();
}

static void the_third_silence_in_a_row_is_told_and_ends_the_session(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2, .period_us = TT_SEC(1)};
	begin(1, 1);
	asks_at(TT_SEC(100), 0x7E0, "10 03");
	assert_true(replies(0, "50 03 00 32 01 F4"));
	told(TT_UDS_RESULT_ECU);
	asks_at(TT_SEC(100) + TT_MS(50), 0x7E0, "19 02 8F");
	assert_true(replies(0, "7F 19 11"));
	told(TT_UDS_RESULT_REFUSING);
	asks_at(TT_SEC(100) + TT_MS(100), 0x7E0, "22 F4 0C");
	is_silent_for(TT_MS(150));
	asks_at(TT_SEC(101) + TT_MS(250), 0x7E0, "22 F4 0C");
	is_silent_for(TT_MS(150));
	assert_true(w.scan.ecus[0].open);
	asks_at(TT_SEC(103) + TT_MS(250), 0x7E0, "3E 80"); /* 2 s after the last question, 150 ms before the next */
	asks_at(TT_SEC(103) + TT_MS(400), 0x7E0, "22 F4 0C");
	is_silent_for(TT_MS(150));
	told(TT_UDS_RESULT_SILENT);
	told_nothing();
	assert_false(w.scan.ecus[0].open);
	/* Its codes are asked for all the same: the question that finds it again. Not in a session, which it would not answer either. */
	asks_at(TT_SEC(103) + TT_MS(550), 0x7E0, "19 02 8F");
	is_silent_for(TT_MS(150));
	told_nothing();
	asks_at(TT_SEC(123) + TT_MS(700), 0x7E0, "19 02 8F"); /* the refusal had doubled the pause once */
	is_silent_for(TT_MS(150));
	asks_at(TT_SEC(163) + TT_MS(850), 0x7E0, "19 02 8F");
	assert_true(replies(0, "59 02 FF"));
	told(TT_UDS_RESULT_ECU);
	told(TT_UDS_RESULT_CODES);
	asks_at(TT_SEC(163) + TT_MS(900), 0x7E0, "10 03"); /* for the identifier that is long due */
}

static void an_answer_resets_the_count_of_silences(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	says(0, "19 02 8F", "||59 02 FF|||59 02 FF");
	begin(1, 0);
	run(TT_SEC(10));
	assert_int_equal(results(TT_UDS_RESULT_SILENT), 0);
	assert_true(results(TT_UDS_RESULT_CODES) >= 2);
}

static void pauses_double_up_to_64_periods(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	begin(1, 0);
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	assert_true(replies(0, "7F 19 22"));
	told(TT_UDS_RESULT_ECU);
	told(TT_UDS_RESULT_REFUSING);
	for (unsigned i = 0; i < 9; i++) {
		asks_at(w.now + TT_SEC(1LL << (i < 6 ? i : 6)), 0x7E0, "19 02 8F");
		assert_true(replies(0, "7F 19 22"));
	}
	asks_at(w.now + TT_SEC(64), 0x7E0, "19 02 8F");
	assert_true(replies(0, "59 02 FF"));
	told(TT_UDS_RESULT_CODES);
	asks_at(w.now + TT_SEC(1), 0x7E0, "19 02 8F");
	assert_true(replies(0, "7F 19 22")); /* told again, as it had answered */
	told(TT_UDS_RESULT_REFUSING);
	asks_at(w.now + TT_SEC(1), 0x7E0, "19 02 8F");
	assert_true(replies(0, "7F 19 10")); /* another refusal is told too */
	told(TT_UDS_RESULT_REFUSING);
	told_nothing();
}

static void a_session_is_kept_for_what_comes_within_five_seconds(void **state)
{
	static const struct {
		int64_t period_us;
		bool kept, closed;
	} cases[] = {{TT_SEC(2), false, false}, {TT_SEC(2) + 1, true, false}, {TT_SEC(5) - 1, true, false}, {TT_SEC(5), false, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tt_mono_us asked;

		(void)fresh(NULL);
		w.config.min_gap_us = 1;
		w.ecus[0].session = 3;
		w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 1, .period_us = cases[i].period_us};
		begin(1, 1);
		asks_at(TT_SEC(100), 0x7E0, "10 03");
		assert_true(replies(0, "50 03"));
		told(TT_UDS_RESULT_ECU);
		asks_at(w.now + 1, 0x7E0, "19 02 8F");
		assert_true(replies(0, "59 02 FF"));
		told(TT_UDS_RESULT_CODES);
		asks_at(w.now + 1, 0x7E0, "22 F4 0C");
		asked = w.now;
		assert_true(replies(0, "62 F4 0C 01"));
		told(TT_UDS_RESULT_DATA);
		if (cases[i].closed) {
			asks_at(w.now + 1, 0x7E0, "10 01");
			assert_true(replies(0, "50 01"));
			assert_false(w.scan.ecus[0].open);
			asks_at(asked + cases[i].period_us, 0x7E0, "10 03");
			continue;
		}
		if (cases[i].kept) {
			asks_at(asked + TT_SEC(2), 0x7E0, "3E 80");
			assert_false(tt_uds_scan_busy(&w.scan)); /* no answer is wanted */
		}
		if (cases[i].period_us > TT_SEC(4)) {
			asks_at(asked + TT_SEC(4), 0x7E0, "3E 80");
		}
		asks_at(asked + cases[i].period_us, 0x7E0, "22 F4 0C");
		assert_true(w.scan.ecus[0].open);
	}
}

static void a_refused_session_is_asked_for_again_a_minute_later(void **state)
{
	static const char *const refusals[] = {"7F 10 22", "50 02", "50"};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		(void)fresh(NULL);
		w.ecus[0].session = 0x60;
		w.config.codes_period_us = TT_SEC(20);
		begin(1, 0);
		asks_at(TT_SEC(100), 0x7E0, "10 60");
		assert_true(replies(0, refusals[i]));
		told(TT_UDS_RESULT_ECU);
		told(i == 0 ? TT_UDS_RESULT_REFUSING : TT_UDS_RESULT_BAD);
		asks_at(TT_SEC(100) + TT_MS(50), 0x7E0, "19 02 8F");
		assert_true(replies(-TT_MS(50), "59 02 FF"));
		told(TT_UDS_RESULT_CODES);
		for (unsigned k = 1; k < 3; k++) {
			asks_at(TT_SEC(100) + k * TT_SEC(20), 0x7E0, "19 02 8F");
			assert_true(replies(0, "59 02 FF"));
			told(TT_UDS_RESULT_CODES);
		}
		asks_at(TT_SEC(160), 0x7E0, "10 60");
	}
}

static void what_an_ecu_lacks_opens_no_session(void **state)
{
	(void)state;
	w.ecus[0].session = 3;
	begin(1, 0);
	asks_at(TT_SEC(100), 0x7E0, "10 03");
	assert_true(replies(0, "7F 10 12"));
	told(TT_UDS_RESULT_ECU);
	told(TT_UDS_RESULT_REFUSING);
	asks_at(TT_SEC(100) + TT_MS(50), 0x7E0, "19 02 8F");
	assert_true(replies(0, "7F 19 11"));
	told(TT_UDS_RESULT_REFUSING);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), TT_NEVER);
}

static void what_an_ecu_lacks_is_not_asked_for_after_a_pause_either(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.did = 0xF40C, .len = 2};
	says(0, "19 02 8F", "7F 19 11");
	says(0, "22 F4 0C", "7F 22 31");
	begin(1, 1);
	run(TT_SEC(1));
	assert_int_equal(w.nasked, 2);
	tt_uds_scan_pause(&w.scan, w.now, true);
	tt_uds_scan_pause(&w.scan, w.now, false);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), TT_NEVER);
	run(TT_SEC(60));
	assert_int_equal(w.nasked, 2);
}

static void a_pause_forgets_the_question_and_ends_the_gap(void **state)
{
	struct tt_can_frame f;

	(void)state;
	w.ecus[0].session = 3;
	begin(1, 0);
	asks_at(TT_SEC(100), 0x7E0, "10 03");
	assert_true(replies(0, "50 03"));
	told(TT_UDS_RESULT_ECU);
	asks_at(TT_SEC(100) + TT_MS(50), 0x7E0, "19 02 8F");
	tt_uds_scan_pause(&w.scan, w.now, true);
	assert_false(tt_uds_scan_busy(&w.scan));
	assert_false(tt_uds_scan_next_tx(&w.scan, w.now + TT_SEC(1), true, &f));
	assert_false(replies(0, "59 02 FF"));
	w.now += TT_MS(10);
	tt_uds_scan_pause(&w.scan, w.now, false);
	asks_at(w.now, 0x7E0, "10 03"); /* it may have left the session */
}

static void identifiers_go_to_their_own_ecu_when_they_are_due(void **state)
{
	(void)state;
	w.dids[0] = (struct tt_uds_did){.ecu = 1, .did = 0xD100, .len = 1, .period_us = TT_SEC(1)};
	w.dids[1] = (struct tt_uds_did){.ecu = 0, .did = 0xD200, .len = 1, .period_us = TT_SEC(1)};
	w.dids[2] = (struct tt_uds_did){.ecu = 1, .did = 0xD101, .len = 1, .period_us = TT_SEC(3)};
	says(0, "19 02 8F", "59 02 FF");
	says(1, "19 02 8F", "59 02 FF");
	says(0, "22 D2 00", "62 D2 00 07");
	says(1, "22 D1 00", "62 D1 00 08");
	says(1, "22 D1 00 D1 01", "62 D1 00 09 D1 01 0A");
	begin(2, 3);
	run(TT_MS(2900));
	assert_int_equal(count_asked("1:22D100D101"), 1);
	assert_int_equal(count_asked("1:22D100"), 2);
	assert_int_equal(count_asked("0:22D200"), 3);
	assert_int_equal(results(TT_UDS_RESULT_DATA), 7);
	for (unsigned i = 0; i < 7; i++) {
		const struct tt_uds_result *r = result(TT_UDS_RESULT_DATA, i);

		assert_int_equal(r->ecu, r->did == 0xD200 ? 0 : 1);
		assert_int_equal(r->len, 1);
	}
}

static void a_code_that_is_only_pending_again_is_new_when_it_is_confirmed(void **state)
{
	(void)state;
	says(0, "19 02 8F", "59 02 FF 12 34 57 08 12 34 56 08|59 02 FF 12 34 57 08 12 34 56 04|59 02 FF 12 34 57 08 12 34 56 08");
	w.car[0].refuses = true;
	begin(1, 0);
	run(TT_SEC(25));
	assert_int_equal(count_asked("0:1904123456FF"), 2);
	assert_int_equal(count_asked("0:1904123457FF"), 1);
}

static void codes_beyond_the_list_have_no_details(void **state)
{
	static char many[4 * 3 * (TT_UDS_CONFIRMED_CODES + 1) + 16], twice[2 * sizeof(many)];
	int n = snprintf(many, sizeof(many), "59 02 FF");

	(void)state;
	for (unsigned i = 0; i <= TT_UDS_CONFIRMED_CODES; i++)
		n += snprintf(many + n, sizeof(many) - (size_t)n, " 01 00 %02X 08", i);
	(void)snprintf(twice, sizeof(twice), "%s|59 02 FF 01 00 40 08", many);
	w.config.codes_period_us = TT_SEC(60);
	w.car[0].refuses = true;
	says(0, "19 02 8F", twice);
	begin(1, 0);
	run(TT_SEC(30));
	assert_int_equal(results(TT_UDS_RESULT_EXTENDED), TT_UDS_CONFIRMED_CODES);
	assert_int_equal(count_asked("0:190401003FFF"), 1);
	assert_int_equal(count_asked("0:1904010040FF"), 0);
	run(TT_SEC(60)); /* the others are gone: there is room */
	assert_int_equal(count_asked("0:1904010040FF"), 1);
}

static void details_asked_for_while_codes_change_stay_with_their_codes(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_MS(90); /* codes are due again before the details are through */
	w.config.min_gap_us = TT_MS(50);
	says(0, "19 02 8F", "59 02 FF 00 00 01 08 00 00 02 08|59 02 FF 00 00 02 08 00 00 03 08");
	w.car[0].refuses = true;
	begin(1, 0);
	run(TT_SEC(2));
	assert_int_equal(count_asked("0:1904000001FF"), 1);
	assert_int_equal(count_asked("0:1904000002FF"), 1);
	assert_int_equal(count_asked("0:1904000003FF"), 1);
	assert_int_equal(results(TT_UDS_RESULT_EXTENDED), 3);
	assert_int_equal(result(TT_UDS_RESULT_EXTENDED, 0)->code, 1);
	assert_int_equal(result(TT_UDS_RESULT_EXTENDED, 2)->code, 3);
}

static void a_record_answer_that_is_cut_short_is_bad(void **state)
{
	static const char *const cases[] = {"59 04 12", "59 06 12 34 56 08", "59 04 12 34 57 08"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)fresh(NULL);
		says(0, "19 02 8F", "59 02 FF 12 34 56 08");
		says(0, "19 04 12 34 56 FF", cases[i]);
		says(0, "19 06 12 34 56 FF", "59 06 12 34 56 08 01 05");
		begin(1, 0);
		run(TT_SEC(1));
		assert_int_equal(results(TT_UDS_RESULT_BAD), 1);
		assert_int_equal(result(TT_UDS_RESULT_BAD, 0)->service, 0x19);
		assert_null(result(TT_UDS_RESULT_SNAPSHOTS, 0)->msg);
		assert_int_equal(result(TT_UDS_RESULT_EXTENDED, 0)->len, 8);
	}
}

static void an_answer_begun_anew_ends_the_question(void **state)
{
	const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {0x10, 0x20, 0x59, 2, 0xFF}};

	(void)state;
	begin(1, 0);
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	assert_true(tt_uds_scan_feed(&w.scan, w.now, &first));
	assert_true(replies(0, "59 02 FF")); /* which of the two is meant nobody knows */
	told_nothing();
	assert_false(tt_uds_scan_busy(&w.scan));
	assert_int_equal(w.scan.ecus[0].silences, 1);
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_SEC(10));
}

static void flow_control_of_a_long_answer_goes_out_at_once(void **state)
{
	const struct tt_can_frame first = {.id = 0x7E8, .len = 8, .data = {0x10, 0x0B, 0x59, 2, 0xFF, 0, 0, 1}},
				  next = {.id = 0x7E8, .len = 8, .data = {0x21, 0x24, 0, 0, 2, 0x24}};
	struct tt_can_frame f;

	(void)state;
	w.config.bus = 3;
	w.config.pad_byte = 0xAA;
	begin(1, 0);
	w.scan.link.config.bus = 3;
	asks_at(TT_SEC(100), 0x7E0, "19 02 8F");
	f = first;
	f.bus = 3;
	assert_true(tt_uds_scan_feed(&w.scan, w.now + TT_MS(149), &f));
	w.now += TT_MS(149);
	assert_true(tt_uds_scan_wake_at(&w.scan) <= w.now);
	assert_true(tt_uds_scan_next_tx(&w.scan, w.now, false, &f));
	assert_int_equal(f.id, 0x7E0);
	assert_int_equal(f.bus, 3);
	assert_memory_equal(f.data, "\x30\x00\x00\xAA\xAA\xAA\xAA\xAA", 8);
	/* P2 is over soon, which does not matter any more; the link waits a second. */
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_MS(1));
	tt_uds_scan_tick(&w.scan, w.now + TT_MS(1));
	assert_int_equal(tt_uds_scan_wake_at(&w.scan), w.now + TT_SEC(1));
	f = next;
	f.bus = 3;
	assert_true(tt_uds_scan_feed(&w.scan, w.now + TT_MS(999), &f));
	w.now += TT_MS(999);
	told(TT_UDS_RESULT_ECU);
	told(TT_UDS_RESULT_CODES);
}

static void bad_answers_are_told_again_only_after_a_good_one(void **state)
{
	(void)state;
	w.config.codes_period_us = TT_SEC(1);
	says(0, "19 02 8F", "59 0A FF|59 0A FF|59 02 FF|59 0A FF");
	begin(1, 0);
	run(TT_MS(100));
	assert_int_equal(results(TT_UDS_RESULT_BAD), 1);
	run(TT_SEC(3)); /* 0, 1, 3 s */
	assert_int_equal(results(TT_UDS_RESULT_CODES), 1);
	assert_int_equal(results(TT_UDS_RESULT_BAD), 1);
	run(TT_SEC(1));
	assert_int_equal(results(TT_UDS_RESULT_BAD), 2);
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
		cmocka_unit_test_setup(the_gap_and_the_period_are_exact, fresh),
		cmocka_unit_test_setup(data_is_read_every_ten_seconds_when_nobody_says_otherwise, fresh),
		cmocka_unit_test_setup(a_full_list_is_taken_and_starts_over_whole, fresh),
		cmocka_unit_test_setup(a_refusal_names_its_service_reserved_or_not, fresh),
		cmocka_unit_test_setup(settings_take_the_place_of_the_defaults, fresh),
		cmocka_unit_test_setup(a_result_that_is_not_taken_holds_the_next_request, fresh),
		cmocka_unit_test_setup(six_pendings_of_five_seconds_are_the_default, fresh),
		cmocka_unit_test_setup(extended_data_follow_the_snapshots_after_the_gap, fresh),
		cmocka_unit_test_setup(a_busy_ecu_is_left_alone_for_200_ms, fresh),
		cmocka_unit_test_setup(the_third_silence_in_a_row_is_told_and_ends_the_session, fresh),
		cmocka_unit_test_setup(an_answer_resets_the_count_of_silences, fresh),
		cmocka_unit_test_setup(pauses_double_up_to_64_periods, fresh),
		cmocka_unit_test_setup(a_session_is_kept_for_what_comes_within_five_seconds, fresh),
		cmocka_unit_test_setup(a_refused_session_is_asked_for_again_a_minute_later, fresh),
		cmocka_unit_test_setup(what_an_ecu_lacks_opens_no_session, fresh),
		cmocka_unit_test_setup(what_an_ecu_lacks_is_not_asked_for_after_a_pause_either, fresh),
		cmocka_unit_test_setup(a_pause_forgets_the_question_and_ends_the_gap, fresh),
		cmocka_unit_test_setup(identifiers_go_to_their_own_ecu_when_they_are_due, fresh),
		cmocka_unit_test_setup(a_code_that_is_only_pending_again_is_new_when_it_is_confirmed, fresh),
		cmocka_unit_test_setup(codes_beyond_the_list_have_no_details, fresh),
		cmocka_unit_test_setup(details_asked_for_while_codes_change_stay_with_their_codes, fresh),
		cmocka_unit_test_setup(a_record_answer_that_is_cut_short_is_bad, fresh),
		cmocka_unit_test_setup(an_answer_begun_anew_ends_the_question, fresh),
		cmocka_unit_test_setup(flow_control_of_a_long_answer_goes_out_at_once, fresh),
		cmocka_unit_test_setup(bad_answers_are_told_again_only_after_a_good_one, fresh),
	};

	return cmocka_run_group_tests_name("uds_scan", tests, NULL, NULL);
}
