#include "sim/truck.h"

#include "firmware/proto/j1939_dm.h"
#include "firmware/proto/j1939_spn.h"
#include "firmware/proto/j1939_tp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { US = 0xF9 };

static struct tt_car car;
static struct tt_truck truck;
static struct tt_j1939_tp tp;
static tt_mono_us now;
/* the last message of each kind */
static struct tt_j1939_dm dm1, dm2;
static unsigned frames, dm1s, dm2s, by_transport;
static char vin[TT_VIN_TEXT];
static uint8_t vin_dest;
static int64_t milli[1000];

static int setup(void **state)
{
	(void)state;
	now = TT_SEC(10);
	tt_car_init(&car);
	tt_truck_init(&truck, &car, now);
	tt_j1939_tp_init(&tp, US);
	memset(milli, 0, sizeof(milli));
	frames = dm1s = dm2s = by_transport = 0;
	vin[0] = '\0';
	return 0;
}

static void act(const char *text)
{
	struct tt_sim_action a;
	struct tt_errmsg msg = {""};

	if (tt_sim_action_parse(text, strlen(text), &a, &msg) || tt_car_apply(&car, &a))
		fail_msg("%s: %s", text, msg.text);
}

static void take(const struct tt_j1939_message *m)
{
	const struct tt_j1939_spn *spn;

	by_transport += m->transported;
	if (m->id.pgn == TT_PGN_DM1 && tt_j1939_dm(m->data, m->len, 4, &dm1) == TT_OK)
		dm1s++;
	if (m->id.pgn == TT_PGN_DM2 && tt_j1939_dm(m->data, m->len, 4, &dm2) == TT_OK)
		dm2s++;
	if (m->id.pgn == TT_PGN_VIN && tt_j1939_vin(m->data, m->len, vin) == TT_OK)
		vin_dest = m->id.dest;
	for (size_t i = 0; (spn = tt_j1939_spn_at(i)); i++) {
		if (spn->pgn == m->id.pgn)
			(void)tt_j1939_spn_value(spn, m->data, m->len, &milli[spn->spn]);
	}
}

static void run(int64_t us)
{
	const tt_mono_us end = now + us;
	struct tt_j1939_message m;
	struct tt_can_frame f;

	for (; now < end; now += TT_MS(5)) {
		tt_car_step(&car, TT_MS(5));
		while (tt_truck_next_tx(&truck, now, &f)) {
			frames++;
			if (tt_j1939_tp_feed(&tp, now, &f, &m))
				take(&m);
		}
		assert_true(tt_truck_wake_at(&truck) > now);
		tt_j1939_tp_tick(&tp, now);
		while (tt_j1939_tp_next_tx(&tp, &f))
			tt_truck_feed(&truck, now, &f);
	}
}

static void ask(uint32_t pgn, uint8_t dest)
{
	struct tt_can_frame f;

	tt_j1939_request(pgn, US, dest, 0, &f);
	tt_truck_feed(&truck, now, &f);
}

static void it_broadcasts_what_it_is(void **state)
{
	(void)state;
	act("speed 72 km/h");
	run(TT_SEC(15));
	assert_int_equal(milli[84], 72000);
	assert_int_equal(milli[96], 62000);
	assert_int_equal(milli[110], 90000); /* it has warmed up */
	assert_int_equal(milli[168], 13900);
	assert_int_equal(milli[247], 1234000);
	assert_true(milli[190] > 800000);
	assert_true(milli[917] > 10000000000 && milli[917] < 10001000000);
	assert_true(milli[245] > 9999000000 && milli[245] <= milli[917]);
	assert_int_equal(dm1s, 15);
	assert_int_equal(dm1.n, 0);
	assert_int_equal(dm1.lamps, 0x00FF);
	assert_int_equal(by_transport, 0);
}

static void one_code_is_a_frame_and_two_are_a_bam(void **state)
{
	(void)state;
	act("set spn 609/19 rsl");
	run(TT_SEC(2));
	assert_int_equal(dm1.n, 1);
	assert_int_equal(dm1.dtcs[0].spn, 609);
	assert_int_equal(dm1.dtcs[0].fmi, 19);
	assert_int_equal(dm1.dtcs[0].occurrences, 1);
	assert_int_equal(dm1.lamps, 0x10FF);
	assert_int_equal(by_transport, 0);
	act("set spn 520192/31 awl pl");
	run(TT_SEC(2));
	assert_int_equal(dm1.n, 2);
	assert_int_equal(dm1.dtcs[1].spn, 520192);
	assert_int_equal(dm1.dtcs[1].fmi, 31);
	assert_int_equal(dm1.lamps, 0x15FF);
	assert_true(by_transport > 0);
	act("clear spn 609/19");
	act("set spn 609/19");
	act("clear spn");
	run(TT_SEC(2));
	assert_int_equal(dm1.n, 0);
	assert_int_equal(dm2s, 0); /* only on request */
	ask(TT_PGN_DM2, TT_J1939_GLOBAL);
	run(TT_SEC(1));
	assert_int_equal(dm2.n, 2);
	assert_int_equal(dm2.dtcs[0].occurrences, 2);
}

static void the_vin_comes_on_request_to_all_or_to_one(void **state)
{
	(void)state;
	run(TT_SEC(1));
	assert_string_equal(vin, "");
	ask(TT_PGN_VIN, 0x21); /* somebody else */
	ask(TT_PGN_HOURS, 0);  /* not on request here */
	run(TT_SEC(1));
	assert_string_equal(vin, "");
	ask(TT_PGN_VIN, TT_J1939_GLOBAL);
	run(TT_SEC(1));
	assert_string_equal(vin, car.vin);
	assert_int_equal(vin_dest, TT_J1939_GLOBAL);
	vin[0] = '\0';
	ask(TT_PGN_VIN, 0);
	ask(TT_PGN_DM5, 0);
	run(TT_SEC(1));
	assert_string_equal(vin, car.vin);
	assert_int_equal(vin_dest, US);
	assert_int_equal(truck.requests, 4);
}

static void with_the_ignition_off_the_bus_sleeps(void **state)
{
	(void)state;
	act("ignition off");
	run(TT_SEC(3));
	frames = 0;
	ask(TT_PGN_VIN, TT_J1939_GLOBAL);
	run(TT_SEC(5));
	assert_int_equal(frames, 0);
	act("ignition on");
	run(TT_SEC(2));
	assert_true(frames > 20);
}

static void a_code_must_be_one(void **state)
{
	static const char *const bad[] = {"set spn", "set spn P0301", "set spn 609", "set spn 609/32", "set spn 609/19 red", "clear spn x"};
	struct tt_sim_action a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(tt_sim_action_parse(bad[i], strlen(bad[i]), &a, NULL), TT_OK);
	for (unsigned i = 1; i <= TT_CAR_SPNS + 1; i++) {
		a = (struct tt_sim_action){.verb = TT_SIM_VERB_SET_SPN, .value = i << 5};
		assert_int_equal(tt_car_apply(&car, &a), i <= TT_CAR_SPNS ? TT_OK : TT_EFULL);
	}
	run(TT_SEC(3));
	assert_int_equal(dm1.n, TT_CAR_SPNS);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(it_broadcasts_what_it_is, setup),
		cmocka_unit_test_setup(one_code_is_a_frame_and_two_are_a_bam, setup),
		cmocka_unit_test_setup(the_vin_comes_on_request_to_all_or_to_one, setup),
		cmocka_unit_test_setup(with_the_ignition_off_the_bus_sleeps, setup),
		cmocka_unit_test_setup(a_code_must_be_one, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
