#include "command_bench.h"

#include <string.h>

struct tt_command command(uint32_t kind, uint64_t id, uint64_t counter)
{
	struct tt_command c;

	memset(&c, 0, sizeof(c));
	strcpy(c.unit, "CAR-7");
	c.id = id;
	c.counter = counter;
	c.kind = kind;
	c.not_before_us = TT_SEC(1000);
	c.expires_at_us = TT_SEC(1300);
	c.fields = 0x7E;
	return c;
}
