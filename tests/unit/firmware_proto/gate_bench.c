#include "gate_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

unsigned burst(struct tt_gate *g, tt_mono_us now_us, const struct tt_can_frame *f, enum tt_gate_verdict then)
{
	for (unsigned n = 0;; n++) {
		const enum tt_gate_verdict got = tt_gate_check(g, now_us, f);

		if (got != TT_GATE_PASS) {
			assert_int_equal(got, then);
			return n;
		}
	}
}
