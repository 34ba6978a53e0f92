#include "wire/topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void every_class_and_shard_reads_back_what_was_written(void **state)
{
	bool seen[TT_SHARDS] = {false};
	unsigned shards = 0;

	(void)state;
	for (int i = 0; i < 2000; i++)
		for (int cls = TT_CLASS_ALERT; cls < TT_NCLASSES; cls++) {
			char unit[TT_UNIT_MAX + 1], topic[TT_TOPIC_MAX];
			struct tt_topic t;

			snprintf(unit, sizeof(unit), "unit-%d", i);
			tt_topic_up(unit, (enum tt_class)cls, topic);
			assert_int_equal(tt_topic_parse(topic, &t), TT_OK);
			assert_string_equal(t.unit, unit);
			assert_int_equal(t.cls, cls);
			assert_int_equal(t.shard, tt_shard_of(unit));
			shards += !seen[t.shard];
			seen[t.shard] = true;
		}
	assert_int_equal(shards, TT_SHARDS);
}

/* The published 32-bit FNV-1a vectors: "" 811c9dc5, "a" e40c292c, "foobar" bf9cf968 (draft-eastlake-fnv). */
static void the_shard_is_fnv_1a(void **state)
{
	(void)state;
	assert_int_equal(tt_shard_of(""), 0x811c9dc5U % TT_SHARDS);
	assert_int_equal(tt_shard_of("a"), 0xe40c292cU % TT_SHARDS);
	assert_int_equal(tt_shard_of("foobar"), 0xbf9cf968U % TT_SHARDS);
}

static void topics_are_written_as_documented(void **state)
{
	char out[TT_TOPIC_MAX];

	(void)state;
	tt_topic_up("a", TT_CLASS_ALERT, out);
	assert_string_equal(out, "tt/1/44/a/up/alert");
	tt_topic_dn("a", TT_DN_ACK, out);
	assert_string_equal(out, "tt/1/44/a/dn/ack");
	tt_topic_dn_filter("a", out);
	assert_string_equal(out, "tt/1/44/a/dn/+");
	tt_topic_shard_filter(7, TT_CLASS_ALERT, out);
	assert_string_equal(out, "tt/1/07/+/up/alert");
	tt_topic_shard_filter(63, TT_CLASS_BULK, out);
	assert_string_equal(out, "tt/1/63/+/up/bulk");
}

static void a_unit_name_has_1_to_32_letters_digits_and_hyphens(void **state)
{
	static const struct {
		const char *name;
		bool valid;
	} cases[] = {
		{"a", true},
		{"A-9", true},
		{"0123456789abcdef0123456789ABCDEF", true},
		{"0123456789abcdef0123456789ABCDEFG", false},
		{"", false},
		{"a b", false},
		{"a/b", false},
		{"+", false},
		{"#", false},
		{"a_b", false},
		{"m\xc3\xbcnchen", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(tt_unit_name_valid(cases[i].name), cases[i].valid);
}

static void a_foreign_topic_is_refused_and_leaves_the_output(void **state)
{
	static const char *const bad[] = {
		"",
		"tt",
		"tt/1/44/a/up",
		"tt/1/44/a/up/",
		"tt/1/44/a/up/alerts",
		"tt/1/44/a/up/alert/",
		"tt/1/44/a/up/none",
		"tt/1/44/a/dn/ack",
		"tt/1/43/a/up/alert", /* not the unit's shard */
		"tt/1/4/a/up/alert",
		"tt/1/044/a/up/alert",
		"tt/2/44/a/up/alert",
		"tt/1/44//up/alert",
		"tt/1/44/a/b/up/alert",
		"tt/1/44/+/up/alert",
		"/tt/1/44/a/up/alert",
		"tt/1/44/0123456789abcdef0123456789ABCDEFG/up/alert",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct tt_topic t = {.shard = 99, .cls = TT_CLASS_STATE};

		if (tt_topic_parse(bad[i], &t) != TT_EPROTO)
			fail_msg("accepted %s", bad[i]);
		assert_int_equal(t.shard, 99);
	}
}

static void classes_have_the_topics_names(void **state)
{
	(void)state;
	assert_string_equal(tt_class_name(TT_CLASS_EVENT), "event");
	assert_string_equal(tt_class_name((enum tt_class)77), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_class_and_shard_reads_back_what_was_written),
		cmocka_unit_test(the_shard_is_fnv_1a),
		cmocka_unit_test(topics_are_written_as_documented),
		cmocka_unit_test(a_unit_name_has_1_to_32_letters_digits_and_hyphens),
		cmocka_unit_test(a_foreign_topic_is_refused_and_leaves_the_output),
		cmocka_unit_test(classes_have_the_topics_names),
	};

	return cmocka_run_group_tests_name("wire topic", tests, NULL, NULL);
}
