#include "j1939_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct tt_j1939_tp tp;
struct tt_j1939_message msg;
tt_mono_us now;

struct tt_can_frame frame(uint32_t id, const char *hex)
{
	struct tt_can_frame f = {.id = id, .extended = true};

	for (unsigned v; *hex && sscanf(hex, "%2x", &v) == 1; hex += hex[2] ? 3 : 2)
		f.data[f.len++] = (uint8_t)v;
	return f;
}

bool hear(uint32_t id, const char *hex)
{
	const struct tt_can_frame f = frame(id, hex);

	return tt_j1939_tp_feed(&tp, now, &f, &msg);
}

void owes(uint32_t id, const char *hex)
{
	const struct tt_can_frame want = frame(id, hex);
	struct tt_can_frame f;

	assert_true(tt_j1939_tp_next_tx(&tp, &f));
	assert_int_equal(f.id, want.id);
	assert_true(f.extended);
	assert_int_equal(f.len, 8);
	assert_memory_equal(f.data, want.data, 8);
}

void owes_nothing(void)
{
	struct tt_can_frame f;

	assert_false(tt_j1939_tp_next_tx(&tp, &f));
}

int listener(void **state)
{
	(void)state;
	now = TT_SEC(100);
	tt_j1939_tp_init(&tp, TT_J1939_NO_ADDRESS);
	return 0;
}

int responder(void **state)
{
	(void)listener(state);
	tt_j1939_tp_init(&tp, US);
	return 0;
}
