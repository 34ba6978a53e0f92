#include "dbc_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

_Alignas(16) uint8_t parts_memory[PARTS_MEMORY], plan_memory[PARTS_MEMORY];
struct tt_dbc dbc;
struct tt_dbc_plan plan;
struct tt_dbc_fault heard[HEARD_MAX];
size_t nheard;

void hear(void *ctx, const struct tt_dbc_fault *fault)
{
	(void)ctx;
	assert_true(nheard < HEARD_MAX);
	heard[nheard++] = *fault;
}

void read_bytes(const char *text, size_t len)
{
	struct tt_dbc_arena a = {.p = parts_memory, .cap = tt_dbc_arena_size(text, len)};

	nheard = 0;
	assert_true(a.cap <= PARTS_MEMORY);
	assert_int_equal(tt_dbc_read(text, len, &a, hear, NULL, &dbc), TT_OK);
}

void read_text(const char *text)
{
	read_bytes(text, strlen(text));
}

enum tt_err parse_text(const char *text, struct tt_dbc_fault *fault)
{
	struct tt_dbc_arena a = {.p = parts_memory, .cap = PARTS_MEMORY};

	return tt_dbc_parse(text, strlen(text), &a, &dbc, fault);
}

const char *file_text(const char *name, size_t *len)
{
	static char text[TEXT_MAX];
	const char *root = getenv("TT_SOURCE_DIR");
	char path[512];
	FILE *f;

	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/%s", root, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	*len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[*len] = '\0';
	return text;
}

void load(const char *name)
{
	struct tt_dbc_fault fault = {0};
	size_t len;

	if (parse_text(file_text(name, &len), &fault))
		fail_msg("%s:%u: %s: %s", name, (unsigned)fault.line, fault.why, fault.detail);
}

void build(unsigned flags)
{
	struct tt_dbc_arena a = {.p = plan_memory, .cap = PARTS_MEMORY};

	assert_int_equal(tt_dbc_plan_build(&dbc, flags, &a, &plan), TT_OK);
}

void compile(const char *text, unsigned flags)
{
	read_text(text);
	build(flags);
}

struct tt_dbc_signal *signal_of(uint32_t message, const char *name)
{
	return tt_dbc_signal_by_name(&dbc.messages[message], name);
}

struct tt_can_frame frame(uint32_t key, const char *hex)
{
	struct tt_can_frame f = {.id = key & TT_CAN_EFF_MASK, .extended = key >> 31};

	memset(f.data, 0xA5, sizeof(f.data));
	for (unsigned v; *hex && sscanf(hex, "%2x", &v) == 1; hex += hex[2] ? 3 : 2)
		f.data[f.len++] = (uint8_t)v;
	return f;
}
