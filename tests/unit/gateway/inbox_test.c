#include "gateway/inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void messages_come_back_in_order_and_unchanged(void **state)
{
	struct tt_inbox inbox = {.n = 0};

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		uint8_t payload[300];

		memset(payload, (int)(i & 0xFF), sizeof(payload));
		assert_int_equal(tt_inbox_add(&inbox, i % 64, i & 1 ? "odd" : "even", payload, i % sizeof(payload)), TT_OK);
	}
	for (unsigned i = 0; i < 2000; i++) {
		struct tt_inbound in = tt_inbox_at(&inbox, i, 7);

		assert_string_equal(in.topic, i & 1 ? "odd" : "even");
		assert_int_equal(in.len, i % 300);
		assert_int_equal(in.size, i % 300);
		assert_true(in.received_at == 7);
		for (size_t k = 0; k < in.len; k++)
			assert_int_equal(in.payload[k], i & 0xFF);
	}
	tt_inbox_free(&inbox);
}

static void a_giant_is_cut_but_its_size_is_known(void **state)
{
	struct tt_inbox inbox = {.n = 0};
	size_t size = 10 << 20;
	uint8_t *giant = calloc(1, size);
	struct tt_inbound in;

	(void)state;
	assert_non_null(giant);
	assert_int_equal(tt_inbox_add(&inbox, 0, "t", giant, size), TT_OK);
	in = tt_inbox_at(&inbox, 0, 0);
	assert_int_equal(in.len, TT_INGEST_PAYLOAD_KEPT);
	assert_int_equal(in.size, size);
	free(giant);
	tt_inbox_free(&inbox);
}

static void it_is_bounded_and_useful_again_after_clear(void **state)
{
	struct tt_inbox inbox = {.n = 0};
	enum tt_err err = TT_OK;

	(void)state;
	for (size_t i = 0; i < TT_INBOX_MESSAGES_MAX + 1 && !err; i++)
		err = tt_inbox_add(&inbox, 0, "t", NULL, 0);
	assert_int_equal(err, TT_EFULL);
	assert_int_equal(inbox.n, TT_INBOX_MESSAGES_MAX);
	tt_inbox_clear(&inbox);
	assert_int_equal(tt_inbox_add(&inbox, 3, "again", NULL, 0), TT_OK);
	assert_string_equal(tt_inbox_at(&inbox, 0, 0).topic, "again");
	tt_inbox_free(&inbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_back_in_order_and_unchanged),
		cmocka_unit_test(a_giant_is_cut_but_its_size_is_known),
		cmocka_unit_test(it_is_bounded_and_useful_again_after_clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
