/*
 * Any text is read or refused with a line inside it, within the arena it was promised; the reader that goes on always comes to an end, and
 * tells something exactly when the strict one refuses; whatever was read compiles, decodes and can be checked; what was decoded can be
 * written back.
 */
#include "firmware/proto/dbc_check.h"
#include "firmware/proto/dbc_plan.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decoded signals, put where they came from, change nothing. */
static void write_back(const struct tt_can_frame *f, const struct tt_dbc_value *values, size_t n)
{
	uint8_t data[TT_CAN_MAX_DATA];

	TT_ASSERT(n <= 1024);
	memcpy(data, f->data, sizeof(data));
	for (size_t i = 0; i < n; i++)
		TT_ASSERT(tt_dbc_put_raw(values[i].signal, values[i].raw, data, f->len) == TT_OK);
	TT_ASSERT(memcmp(data, f->data, sizeof(data)) == 0);
}

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
		TT_ASSERT(dbc->messages[i].broken || tt_dbc_plan_find(&plan, &f));
		write_back(&f, values, tt_dbc_plan_decode(&plan, &f, values, 1024));
	}
	free(arena.p);
}

struct listener {
	uint32_t lines;
	size_t errors;
};

static void told(void *ctx, const struct tt_dbc_fault *fault)
{
	struct listener *l = ctx;

	TT_ASSERT(fault->why && fault->line >= 1 && fault->line <= l->lines);
	l->errors += !fault->warning;
}

static size_t read_on(const char *text, size_t size)
{
	const size_t cap = tt_dbc_arena_size(text, size);
	struct tt_dbc_arena arena = {.p = malloc(cap), .cap = cap};
	struct listener l = {.lines = 1};
	struct tt_dbc_census census;
	struct tt_dbc dbc;
	size_t errors;

	TT_ASSERT(arena.p);
	for (size_t i = 0; i < size; i++)
		l.lines += text[i] == '\n';
	TT_ASSERT(tt_dbc_read(text, size, &arena, told, &l, &dbc) == TT_OK);
	errors = l.errors;
	tt_dbc_check(&dbc, text, size, told, &l);
	tt_dbc_count(&dbc, &census);
	TT_ASSERT(census.messages <= dbc.nmessages);
	decode_all(&dbc);
	free(arena.p);
	return errors;
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
	TT_ASSERT((err != TT_OK) == (read_on((const char *)data, size) > 0));
	return 0;
}
