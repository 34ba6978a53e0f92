#include "power_bench.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct tt_power p;
struct tt_power_config cfg;
tt_mono_us now;

void start(bool ignition)
{
	cfg = TT_POWER_DEFAULT;
	cfg.ignition = ignition;
	cfg.sample_us = TT_SEC(60);
	now = TT_SEC(100);
	tt_power_init(&p, &cfg, now);
}

int fresh(void **state)
{
	(void)state;
	start(true);
	return 0;
}

int fresh_without_ignition(void **state)
{
	(void)state;
	start(false);
	return 0;
}

void pass(int64_t us)
{
	const tt_mono_us until = now + us;

	while (tt_power_wake_at(&p) <= until) {
		now = tt_power_wake_at(&p) > now ? tt_power_wake_at(&p) : now;
		if (tt_power_sample_due(&p, now)) {
			if (p.mv > 0)
				tt_power_voltage(&p, now, p.mv);
			else
				tt_power_no_voltage(&p, now);
		}
		tt_power_tick(&p, now);
	}
	now = until;
	tt_power_tick(&p, now);
}

void expect(enum tt_power_state state, enum tt_wake wake)
{
	assert_string_equal(tt_power_state_name(p.state), tt_power_state_name(state));
	assert_int_equal(p.state, state);
	assert_string_equal(tt_wake_name(p.wake), tt_wake_name(wake));
}

void sleeping(int32_t mv)
{
	tt_power_ignition(&p, now, TT_IGNITION_ON);
	tt_power_traffic(&p, now);
	if (mv > 0)
		tt_power_voltage(&p, now, mv);
	pass(TT_SEC(60));
	tt_power_ignition(&p, now, TT_IGNITION_OFF);
	pass(TT_SEC(600));
	assert_int_equal(p.state, TT_POWER_SLEEP);
	assert_int_equal(p.since_us, now);
}
