#include "gateway/sequence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void a_number_is_judged_by_the_mark_and_by_what_the_unit_still_holds(void **state)
{
	static const struct {
		const char *name;
		uint64_t mark, seq, first;
		enum tt_sequence_verdict verdict;
		uint64_t gap;
	} cases[] = {
		{"the very first", 0, 1, 1, TT_SEQUENCE_NEXT, 0},
		{"the next", 41, 42, 30, TT_SEQUENCE_NEXT, 0},
		{"the next, all before it acknowledged", 41, 42, 42, TT_SEQUENCE_NEXT, 0},
		{"the last one again", 41, 41, 30, TT_SEQUENCE_DUPLICATE, 0},
		{"an old one again", 41, 1, 1, TT_SEQUENCE_DUPLICATE, 0},
		{"one is missing and held", 41, 43, 42, TT_SEQUENCE_HOLE, 1},
		{"one is missing and held, an older one too", 41, 43, 1, TT_SEQUENCE_HOLE, 1},
		{"nine were evicted, this is the oldest left", 41, 51, 51, TT_SEQUENCE_GAP, 9},
		{"nine were evicted, but one before this is held", 41, 52, 51, TT_SEQUENCE_HOLE, 10},
		{"the record is new, the journal is not", 0, 1000, 1000, TT_SEQUENCE_GAP, 999},
		{"the record is new, the journal holds more", 0, 1000, 7, TT_SEQUENCE_HOLE, 999},
		{"the largest number", INT64_MAX - 1, INT64_MAX, 1, TT_SEQUENCE_NEXT, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t gap = 77;
		enum tt_sequence_verdict verdict = tt_sequence_judge(cases[i].mark, cases[i].seq, cases[i].first, &gap);

		if (verdict != cases[i].verdict || gap != cases[i].gap)
			fail_msg("%s: verdict %d, gap %d", cases[i].name, (int)verdict, (int)gap);
	}
}

/* Whatever comes, the mark only rises, and what it rises by is one stored plus what was counted as gone. */
static void over_all_small_numbers_nothing_is_skipped_uncounted(void **state)
{
	(void)state;
	for (uint64_t mark = 0; mark < 12; mark++) {
		for (uint64_t seq = 1; seq < 14; seq++) {
			for (uint64_t first = 1; first <= seq; first++) {
				uint64_t gap;
				enum tt_sequence_verdict v = tt_sequence_judge(mark, seq, first, &gap);

				assert_int_equal(v == TT_SEQUENCE_DUPLICATE, seq <= mark);
				if (v == TT_SEQUENCE_NEXT || v == TT_SEQUENCE_GAP)
					assert_int_equal(mark + gap + 1, seq);
				if (v == TT_SEQUENCE_GAP)
					assert_true(first > mark + 1);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_judged_by_the_mark_and_by_what_the_unit_still_holds),
		cmocka_unit_test(over_all_small_numbers_nothing_is_skipped_uncounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
