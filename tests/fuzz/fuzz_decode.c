/* Whole logs through the line decoder with the test database; the JSON goes nowhere. */
#include "operator/decode/decode_j1939.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char dbc_text[] =
	"BO_ 496 EngineData: 8 E\n SG_ Mode M : 0|4@1+ (1,0) [0|0] \"\" X\n SG_ A m1 : 15|16@0- (0.1,-3) [0|0] \"C\" X\n"
	" SG_ B m2 : 4|40@1+ (1e-3,0) [0|0] \"s\" X\n SG_ F : 32|32@1- (1,0) [0|0] \"\" X\nSIG_VALTYPE_ 496 F : 1;\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tt_decode d;
	static _Alignas(16) uint8_t memory[1 << 14];
	struct tt_dbc_arena arena = {.p = memory, .cap = sizeof(memory)};
	FILE *null = fopen("/dev/null", "w");
	struct tt_dbc dbc;

	TT_ASSERT(null);
	memset(&d, 0, sizeof(d));
	tt_isotp_sniff_init(&d.sniff);
	TT_ASSERT(tt_dbc_parse(dbc_text, sizeof(dbc_text) - 1, &arena, &dbc, NULL) == TT_OK);
	TT_ASSERT(tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &arena, &d.dbcs[0].plan) == TT_OK);
	d.ndbcs = 1;
	tt_decode_j1939_init(&d, 1);
	while (size > 0) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t len = end ? (size_t)(end - data) : size;
		struct tt_candump_fault fault;

		(void)!tt_decode_line(&d, (const char *)data, len, null, &fault);
		data += end ? len + 1 : len;
		size -= end ? len + 1 : len;
	}
	(void)fclose(null);
	return 0;
}
