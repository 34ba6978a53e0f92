/* Any line is read or refused with a reason inside it; what is read survives being written and read again. */
#include "firmware/proto/candump.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tt_candump first, second;
	struct tt_candump_fault fault = {0};
	char line[TT_CANDUMP_LINE];
	size_t len;

	if (tt_candump_parse((const char *)data, size, &first, &fault)) {
		TT_ASSERT(fault.why && fault.column >= 1 && fault.column <= size + 1);
		return 0;
	}
	TT_ASSERT(tt_candump_format(&first, line, sizeof(line), &len) == TT_OK);
	TT_ASSERT(tt_candump_parse(line, len, &second, NULL) == TT_OK);
	TT_ASSERT(memcmp(&first.frame, &second.frame, sizeof(first.frame)) == 0 && first.at_us == second.at_us);
	return 0;
}
