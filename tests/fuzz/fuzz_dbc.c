/* Any text is read or refused with a line inside it, within the arena it was promised; whatever was read compiles and decodes. */
#include "firmware/proto/dbc.h"
#include "firmware/proto/dbc_plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode_all(const struct tt_dbc *dbc)
{
	const size_t cap = tt_dbc_plan_bound(dbc);
	struct tt_dbc_arena arena = {.p = malloc(cap), .cap = cap};
	static struct tt_dbc_value values[1024];
	struct tt_dbc_plan plan;

	TT_ASSERT(arena.p);
	TT_ASSERT(tt_dbc_plan_build(dbc, TT_DBC_PLAN_ALL | TT_DBC_PLAN_J1939, &arena, &plan) == TT_OK);
	for (uint32_t i = 0; i < dbc->nmessages; i++) {
		struct tt_can_frame f = {.id = dbc->messages[i].key & TT_CAN_EFF_MASK, .extended = dbc->messages[i].key >> 31, .len = 64};

		memset(f.data, (int)i * 37, sizeof(f.data));
		TT_ASSERT(tt_dbc_plan_find(&plan, &f));
		TT_ASSERT(tt_dbc_plan_decode(&plan, &f, values, 1024) <= 1024);
	}
	free(arena.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t cap = tt_dbc_arena_size((const char *)data, size);
	struct tt_dbc_arena arena = {.p = malloc(cap), .cap = cap};
	struct tt_dbc_fault fault = {0};
	struct tt_dbc dbc;
	enum tt_err err;

	TT_ASSERT(arena.p);
	err = tt_dbc_parse((const char *)data, size, &arena, &dbc, &fault);
	TT_ASSERT(err != TT_ENOMEM);
	if (err)
		TT_ASSERT(fault.why && fault.line >= 1);
	else
		decode_all(&dbc);
	free(arena.p);
	return 0;
}
