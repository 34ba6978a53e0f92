/*
 * UDS in the whole agent: an ECU on the other end of the bus answers what a script says, and what comes of it leaves the car as faults,
 * values and conditions.
 */
#include "tests/unit/firmware_power/parked_world.h"

#include "firmware/agent/agent_uds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ANSWERS = 8, BYTES = 64 };

/* The ECU at 7E0/7E8. */
struct ecu {
	struct tt_isotp link;
	uint8_t rx[TT_ISOTP_MAX];
	struct {
		uint8_t request[8], answer[BYTES];
		size_t request_len, answer_len;
	} answers[ANSWERS];
	size_t nanswers;
	uint8_t negative[3], sent[BYTES];
	bool silent, obd_too;
};

static struct parked_world w;
static struct ecu ecu;

static const char profile[] = "signal BodyStatus.LowVoltageState Vehicle.LowVoltageSystemState\n"
			      "ignition Vehicle.LowVoltageSystemState on 4..5\n"
			      "ecu engine 0x7E0 0x7E8\n"
			      "snapshot engine F40D 1\n"
			      "extended-data engine 01 1\n"
			      "did engine 1234 4:1:2 Vehicle.Powertrain.CombustionEngine.ECT signed every 1000\n";

/* hex digits to bytes */
static size_t bytes_of(const char *hex, uint8_t *out)
{
	size_t n = 0;

	for (; *hex; hex += 2) {
		unsigned v;

		assert_int_equal(sscanf(hex, "%2x", &v), 1);
		out[n++] = (uint8_t)v;
	}
	return n;
}

static void answer(const char *request, const char *with)
{
	uint8_t r[8];
	const size_t len = bytes_of(request, r);
	size_t i = 0;

	while (i < ecu.nanswers && (ecu.answers[i].request_len != len || memcmp(ecu.answers[i].request, r, len) != 0))
		i++;
	assert_true(i < ANSWERS);
	ecu.nanswers = i == ecu.nanswers ? i + 1 : ecu.nanswers;
	memcpy(ecu.answers[i].request, r, len);
	ecu.answers[i].request_len = len;
	ecu.answers[i].answer_len = bytes_of(with, ecu.answers[i].answer);
}

/* What is not in the script is serviceNotSupported. */
static void reply(const uint8_t *request, size_t len)
{
	const uint8_t *bytes = ecu.negative;
	size_t n = sizeof(ecu.negative);

	ecu.negative[0] = 0x7F;
	ecu.negative[1] = request[0];
	ecu.negative[2] = 0x11;
	for (size_t i = 0; i < ecu.nanswers; i++) {
		if (ecu.answers[i].request_len == len && memcmp(ecu.answers[i].request, request, len) == 0) {
			n = ecu.answers[i].answer_len;
			memcpy(ecu.sent, ecu.answers[i].answer, n);
			bytes = ecu.sent;
		}
	}
	assert_int_equal(tt_isotp_send(&ecu.link, bytes, n), TT_OK);
}

static void hear(void *ctx, const struct tt_can_frame *frame)
{
	struct tt_isotp_event e;

	(void)ctx;
	if (ecu.silent)
		return;
	if (frame->id == 0x7DF && ecu.obd_too) /* single frames only */
		reply(frame->data + 1, frame->data[0]);
	(void)tt_isotp_feed(&ecu.link, w.now_us, frame);
	while (tt_isotp_next_event(&ecu.link, &e)) {
		if (e.kind == TT_ISOTP_MESSAGE)
			reply(e.data, e.len);
	}
}

static bool say(void *ctx, tt_mono_us now_us, struct tt_can_frame *out)
{
	(void)ctx;
	tt_isotp_tick(&ecu.link, now_us);
	return tt_isotp_next_tx(&ecu.link, now_us, out);
}

static tt_mono_us wake_at(void *ctx)
{
	(void)ctx;
	return tt_isotp_wake_at(&ecu.link);
}

static void open_with(const char *text)
{
	static const char *const more[] = {"--scan-interval-ms=1000", NULL};
	const struct tt_isotp_config config = {.tx_id = 0x7E8, .rx_id = 0x7E0, .pad = true};
	char whole[1200];

	assert_true(snprintf(whole, sizeof(whole), "telltale-profile 1\nname uds\ndbc %s/schemas/dbc/telltale_demo.dbc\n%s",
			     getenv("TT_SOURCE_DIR"), text) < (int)sizeof(whole));
	memset(&ecu, 0, sizeof(ecu));
	tt_isotp_init(&ecu.link, &config, ecu.rx, sizeof(ecu.rx));
	answer("19028F", "5902FF");
	parked_open(&w, whole, more);
	parked_keep();
	w.heard = hear;
	w.guest = (struct parked_guest){.say = say, .wake_at = wake_at};
	w.talks = true;
	w.talk_us = w.now_us;
	w.ignition = 4;
}

static int drive(void **state)
{
	(void)state;
	open_with(profile);
	parked_run(&w, TT_SEC(5));
	return 0;
}

static int leave(void **state)
{
	(void)state;
	parked_close(&w);
	return 0;
}

static const Telltale__V1__FaultEvent *fault(size_t n)
{
	for (size_t i = 0; i < parked_nevents; i++) {
		if (parked_events[i]->body_case == TELLTALE__V1__ENVELOPE__BODY_FAULT && n-- == 0)
			return parked_events[i]->fault;
	}
	return NULL;
}

static void a_confirmed_code_is_told_with_all_its_details_and_its_end_without(void **state)
{
	const Telltale__V1__FaultEvent *f;

	(void)state;
	answer("19028F", "5902FF030113AF");
	answer("1904030113FF", "5904030113AF0102F40D3EF40C2198");
	answer("1906030113FF", "5906030113AF0105");
	parked_run(&w, TT_SEC(10));
	f = fault(0);
	assert_non_null(f);
	assert_int_equal(f->change, 1);
	assert_int_equal(f->protocol, 2);
	assert_string_equal(f->code, "P0301-13");
	assert_int_equal(f->ecu, 0x7E8);
	assert_int_equal(f->status, 0xAF);
	assert_true(f->stored && f->pending && f->mil && !f->permanent);
	assert_int_equal(f->occurrences, 0); /* UDS does not count */
	assert_int_equal(f->n_snapshot, 2);
	assert_int_equal(f->snapshot[0]->record, 1);
	assert_int_equal(f->snapshot[0]->did, 0xF40D);
	assert_int_equal(f->snapshot[0]->raw.len, 1);
	assert_int_equal(f->snapshot[0]->raw.data[0], 0x3E);
	assert_int_equal(f->snapshot[1]->did, 0xF40C);
	assert_memory_equal(f->snapshot[1]->raw.data, "\x21\x98", 2);
	assert_int_equal(f->n_extended, 1);
	assert_int_equal(f->extended[0]->record, 1);
	assert_memory_equal(f->extended[0]->raw.data, "\x05", 1);
	assert_null(fault(1));
	answer("19028F", "5902FF");
	parked_run(&w, TT_SEC(10));
	f = fault(1);
	assert_non_null(f);
	assert_int_equal(f->change, 3);
	assert_int_equal(f->n_snapshot, 0);
	assert_int_equal(f->n_extended, 0);
	assert_null(fault(2));
}

static void status_bits_become_stored_and_pending(void **state)
{
	static const struct {
		const char *list;
		bool stored, pending, told;
	} cases[] = {
		{"5902FF03011308", true, false, true},  /* confirmed */
		{"5902FF03011301", false, true, true},  /* fails now */
		{"5902FF03011304", false, true, true},  /* pending */
		{"5902FF03011372", false, false, false} /* failed this cycle and since the clearing, tests not completed: no fault yet */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const size_t before = parked_nevents;
		const Telltale__V1__FaultEvent *f = NULL;

		answer("19028F", cases[i].list);
		parked_run(&w, TT_SEC(10));
		for (size_t n = before; n < parked_nevents; n++) {
			if (parked_events[n]->body_case == TELLTALE__V1__ENVELOPE__BODY_FAULT)
				f = parked_events[n]->fault;
		}
		assert_int_equal(f != NULL, cases[i].told);
		if (f) {
			assert_int_equal(f->change, 1);
			assert_int_equal(f->stored, cases[i].stored);
			assert_int_equal(f->pending, cases[i].pending);
			assert_false(f->mil);
		}
		answer("19028F", "5902FF");
		parked_run(&w, TT_SEC(10));
	}
}

static void a_silence_or_an_answer_that_cannot_be_read_clears_nothing(void **state)
{
	(void)state;
	answer("19028F", "5902FF030113AF");
	parked_run(&w, TT_SEC(10));
	assert_non_null(fault(0));
	ecu.silent = true;
	parked_run(&w, TT_SEC(120));
	assert_null(fault(1));
	assert_non_null(parked_condition("ecu.silent"));
	assert_non_null(strstr(parked_condition("ecu.silent")->detail, "7E8"));
	ecu.silent = false;
	parked_run(&w, TT_SEC(120));
	assert_null(parked_condition("ecu.silent"));
	assert_null(fault(1));
	answer("19028F", "5903FF"); /* the echo of another report */
	parked_run(&w, TT_SEC(120));
	assert_null(fault(1));
}

static void a_refusal_is_a_condition_until_the_service_is_answered_and_what_the_ecu_lacks_is_none(void **state)
{
	(void)state;
	parked_run(&w, TT_SEC(10)); /* 1234 is not supported: 7F 22 11 */
	assert_null(parked_condition("ecu.refusing"));
	answer("19028F", "7F1922"); /* conditionsNotCorrect */
	parked_run(&w, TT_SEC(10));
	assert_non_null(parked_condition("ecu.refusing"));
	assert_non_null(strstr(parked_condition("ecu.refusing")->detail, "19"));
	answer("19028F", "5902FF");
	parked_run(&w, TT_SEC(120));
	assert_null(parked_condition("ecu.refusing"));
}

static double heard;
static unsigned nheard;

static void on_value(void *ctx, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value)
{
	(void)ctx;
	(void)slot;
	(void)at_us;
	if (strcmp(rule->vss->path, "Vehicle.Powertrain.CombustionEngine.ECT") != 0)
		return;
	heard = value;
	nheard++;
}

/* `4:1:2 signed`: four bytes of data, of which the second and the third are the value. */
static void a_data_identifier_becomes_a_value_with_its_sign(void **state)
{
	(void)state;
	leave(NULL);
	open_with(profile);
	answer("221234", "621234AA005ABB");
	w.agent->vehicle->on_value = on_value;
	nheard = 0;
	parked_run(&w, TT_SEC(5));
	assert_true(nheard > 0);
	assert_true(heard > 89.9 && heard < 90.1);
	answer("221234", "621234AAFFD8BB");
	parked_run(&w, TT_SEC(5));
	assert_true(heard < -39.9 && heard > -40.1);
}

static unsigned twins_of(const char *ecu_line)
{
	char text[800];
	unsigned n;

	(void)snprintf(text, sizeof(text), "telltale-profile 1\nname twins\n%s\n", ecu_line);
	parked_open(&w, text, NULL);
	n = w.agent->vehicle->faults.ntwins;
	if (n > 0)
		assert_int_equal(w.agent->vehicle->faults.twins[0].ecu, w.agent->profile.uds.ecus[0].response);
	parked_close(&w);
	return n;
}

/* ISO 15765-4: only these pairs are OBD's; any other ECU that answers OBD cannot be told to be the same one. */
static void an_ecu_is_a_twin_under_an_address_pair_of_obd_only(void **state)
{
	(void)state;
	assert_int_equal(twins_of("ecu a 0x7E0 0x7E8"), 1);
	assert_int_equal(twins_of("ecu a 0x7E7 0x7EF"), 1);
	assert_int_equal(twins_of("ecu a 0x18DA10F1 0x18DAF110 29bit"), 1);
	assert_int_equal(twins_of("ecu a 0x7DF 0x7E7"), 0);
	assert_int_equal(twins_of("ecu a 0x7E8 0x7F0"), 0);
	assert_int_equal(twins_of("ecu a 0x7E0 0x7E9"), 0);
	assert_int_equal(twins_of("ecu a 0x744 0x74C"), 0);
	assert_int_equal(twins_of("ecu a 0x7E0 0x7E8 extended 10 F1"), 0);
	assert_int_equal(twins_of("ecu a 0x18DA10F1 0x18DAF111 29bit"), 0);
	assert_int_equal(twins_of("ecu a 0x18DA10F2 0x18DAF110 29bit"), 0);
	assert_int_equal(twins_of("ecu a 0x18DB10F1 0x18DAF110 29bit"), 0);
	assert_int_equal(twins_of("ecu a 0x7E0 0x7E8\necu b 0x7E1 0x7E9"), 2);
}

/* The same ECU by OBD: its answers are read from the same script. */
static void a_defect_that_both_protocols_tell_leaves_the_car_once(void **state)
{
	unsigned raised = 0;

	(void)state;
	leave(NULL);
	open_with(profile);
	answer("0100", "410080000001"); /* found by its physical identifier, too: the scan verifies it there */
	answer("03", "43010301");
	answer("07", "4700");
	answer("0A", "4A010301");
	answer("19028F", "5902FF03011308");
	ecu.obd_too = true;
	parked_run(&w, TT_SEC(60));
	for (size_t n = 0; fault(n); n++) {
		assert_string_equal(fault(n)->code, "P0301-13");
		raised += fault(n)->change == 1;
	}
	assert_int_equal(raised, 1);
}

static void an_ecu_on_a_bus_that_is_not_there_is_refused_at_the_start(void **state)
{
	static const char text[] = "telltale-profile 1\nname far\nbus 1 far\necu a 0x7E0 0x7E8 bus far\n";
	struct tt_agent *agent;
	struct tt_errmsg msg = {.text = ""};
	char path[200];
	FILE *f;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/far", w.folder);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	strcpy(w.settings.profile, path);
	(void)snprintf(w.settings.journal, sizeof(w.settings.journal), "%s/other", w.folder);
	assert_int_equal(tt_agent_create(w.loop, &w.settings, &agent, &msg), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "ecu a is on bus 1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, drive, leave)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_confirmed_code_is_told_with_all_its_details_and_its_end_without),
		TEST(status_bits_become_stored_and_pending),
		TEST(a_silence_or_an_answer_that_cannot_be_read_clears_nothing),
		TEST(a_refusal_is_a_condition_until_the_service_is_answered_and_what_the_ecu_lacks_is_none),
		TEST(a_data_identifier_becomes_a_value_with_its_sign),
		cmocka_unit_test(an_ecu_is_a_twin_under_an_address_pair_of_obd_only),
		TEST(a_defect_that_both_protocols_tell_leaves_the_car_once),
		TEST(an_ecu_on_a_bus_that_is_not_there_is_refused_at_the_start),
	};

	return cmocka_run_group_tests_name("agent uds", tests, NULL, NULL);
}
