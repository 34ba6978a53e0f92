#include "sim/body.h"

#include <string.h>

static const struct {
	const char *name;
	uint32_t id;
	uint8_t len, data[2];
} orders[] = {
	{"lock", 0x3B1, 2, {0x02, 0x00}},
	{"unlock", 0x3B1, 2, {0x01, 0x00}},
	{"horn", 0x3B3, 1, {0x01}},
};
enum { LOCK, UNLOCK };

const char *tt_body_take(struct tt_car *car, const struct tt_can_frame *f)
{
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (f->extended || f->rtr || f->fd || f->id != orders[i].id || f->len != orders[i].len ||
		    memcmp(f->data, orders[i].data, f->len) != 0)
			continue;
		if (i == LOCK || i == UNLOCK)
			car->locked = i == LOCK;
		car->off_for_us = 0; /* it says what it did, for as long as after the ignition went off */
		return orders[i].name;
	}
	return NULL;
}
