#include "wire/signal.h"

#include <string.h>

#define TT_SIGNAL(number, path, unit, scale) {number, path, unit, scale},
static const struct tt_signal signals[] = {
#include "schemas/signals/signals.def"
};
#undef TT_SIGNAL

enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };

const struct tt_signal *tt_signal_by_number(uint16_t number)
{
	/* The table stands in order of number (tests/unit/wire/signal_test.c). */
	size_t lo = 0, hi = SIGNAL_COUNT;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (signals[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < SIGNAL_COUNT && signals[lo].number == number ? &signals[lo] : NULL;
}

const struct tt_signal *tt_signal_by_path(const char *path, size_t len)
{
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		if (strlen(signals[i].path) == len && memcmp(signals[i].path, path, len) == 0)
			return &signals[i];
	return NULL;
}

size_t tt_signal_count(void)
{
	return SIGNAL_COUNT;
}

const struct tt_signal *tt_signal_at(size_t index)
{
	return index < SIGNAL_COUNT ? &signals[index] : NULL;
}
