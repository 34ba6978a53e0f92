#include "journal_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct tt_journal_key key_a = {.bytes = {1, 2, 3}}, key_b = {.bytes = {3, 2, 1}};
static const struct tt_journal_limits sealed_a = {.max_bytes = TT_JOURNAL_MIN_BYTES, .key = &key_a};
static const struct tt_journal_limits sealed_b = {.max_bytes = TT_JOURNAL_MIN_BYTES, .key = &key_b};

/* Whether the file or its log holds these bytes. */
static bool on_disk(const struct fixture *f, const char *suffix, const uint8_t *bytes, size_t n)
{
	static uint8_t all[4 << 20];
	char path[128];
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", f->path, suffix);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(all, 1, sizeof(all), file);
	fclose(file);
	for (size_t i = 0; i + n <= len; i++) {
		if (memcmp(all + i, bytes, n) == 0)
			return true;
	}
	return false;
}

static void a_sealed_journal_reads_back_and_its_disk_shows_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	const size_t len = journal_envelope(buf, TT_CLASS_EVENT, 987654321, 0);

	assert_int_equal(journal_open_with(f, &sealed_a, NULL), TT_OK);
	journal_append(f, TT_CLASS_EVENT, 987654321);
	journal_append(f, TT_CLASS_ALERT, 5);
	assert_int_equal(journal_append_large(f, 6, 30000), TT_OK);
	assert_int_equal(journal_open_with(f, &sealed_a, NULL), TT_OK);
	journal_expect_held(f, TT_CLASS_EVENT, 987654321, 987654321);
	journal_expect_held(f, TT_CLASS_ALERT, 5, 5);
	journal_expect_held(f, TT_CLASS_BULK, 6, 6);
	assert_false(on_disk(f, "", buf, len) || on_disk(f, "-wal", buf, len));
	assert_int_equal(journal_open_with(f, &journal_small, NULL), TT_OK); /* the same without a key is there to be found */
	journal_append(f, TT_CLASS_EVENT, 987654321);
	assert_true(on_disk(f, "", buf, len) || on_disk(f, "-wal", buf, len));
}

static void another_key_or_none_puts_the_file_aside_whole(void **state)
{
	static const struct tt_journal_limits *const others[] = {&sealed_b, &journal_small};
	struct fixture *f = *state;
	struct tt_journal_health health;
	struct tt_errmsg msg;
	char moved[128], log[128], back_log[160];
	uint64_t epoch;

	assert_int_equal(journal_open_with(f, &sealed_a, &msg), TT_OK);
	assert_string_equal(msg.text, "");
	journal_append(f, TT_CLASS_ALERT, 5);
	epoch = tt_journal_epoch(f->journal);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(journal_open_with(f, others[i], &msg), TT_OK);
		assert_int_not_equal(tt_journal_epoch(f->journal), epoch);
		snprintf(moved, sizeof(moved), "%s.locked-%u", f->path, i + 1);
		assert_non_null(strstr(msg.text, moved));
		tt_journal_health(f->journal, &health);
		assert_true(health.locked && !health.moved_aside);
		journal_expect_held(f, TT_CLASS_ALERT, 1, 0);
		journal_append(f, TT_CLASS_ALERT, 9);
		/* the key comes back, and so does the file */
		tt_journal_close(f->journal);
		f->journal = NULL;
		snprintf(log, sizeof(log), "%s-wal", f->path);
		assert_int_equal(unlink(f->path), 0);
		assert_int_equal(unlink(log), 0);
		snprintf(back_log, sizeof(back_log), "%s-wal", moved);
		assert_int_equal(rename(back_log, log), 0);
		assert_int_equal(rename(moved, f->path), 0);
		assert_int_equal(journal_open_with(f, &sealed_a, &msg), TT_OK);
		assert_int_equal(tt_journal_epoch(f->journal), epoch);
		journal_expect_held(f, TT_CLASS_ALERT, 5, 5);
		journal_overwrite(moved, 0, "taken", 5); /* a name that is taken is not used again */
	}
}

static void a_plain_file_that_meets_a_key_is_sealed_in_place(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch, before;

	journal_open(f);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 20; tag++)
		journal_append(f, TT_CLASS_EVENT, tag);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 4), TT_OK);
	assert_int_equal(journal_append_large(f, 7, 20000), TT_OK);
	before = journal_depth(f, TT_CLASS_EVENT).bytes;
	assert_int_equal(journal_open_with(f, &sealed_a, NULL), TT_OK);
	assert_int_equal(tt_journal_epoch(f->journal), epoch);
	journal_expect_held(f, TT_CLASS_EVENT, 5, 20);
	journal_expect_held(f, TT_CLASS_BULK, 7, 7);
	assert_true(journal_depth(f, TT_CLASS_EVENT).bytes > before);
	assert_int_equal(journal_append(f, TT_CLASS_EVENT, 21), 21);
	assert_int_equal(journal_open_with(f, &sealed_a, NULL), TT_OK);
	journal_expect_held(f, TT_CLASS_EVENT, 5, 21);
}

static void a_sealed_journal_renumbers_and_seals_anew(void **state)
{
	struct fixture *f = *state;
	uint64_t epoch, seq = 0, held = 0;

	assert_int_equal(journal_open_with(f, &sealed_a, NULL), TT_OK);
	epoch = tt_journal_epoch(f->journal);
	for (int64_t tag = 1; tag <= 6; tag++)
		journal_append(f, TT_CLASS_EVENT, tag);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 4), TT_OK);
	assert_int_equal(tt_journal_ack(f->journal, epoch, TT_CLASS_EVENT, 9), TT_ECONFLICT);
	assert_int_not_equal(tt_journal_epoch(f->journal), epoch);
	assert_int_equal(journal_open_with(f, &sealed_a, NULL), TT_OK);
	assert_int_equal(journal_next(f, TT_CLASS_EVENT, 0, &seq, &held), 5);
	assert_int_equal(seq, 1);
	journal_expect_held(f, TT_CLASS_EVENT, 5, 6);
	assert_int_equal(journal_append(f, TT_CLASS_EVENT, 7), 3);
}

static void damage_of_a_sealed_journal_leaves_what_can_be_unsealed(void **state)
{
	struct fixture *f = *state;
	static char noise[4096];
	char log[128];

	assert_int_equal(journal_open_with(f, &sealed_a, NULL), TT_OK);
	for (int64_t tag = 1; tag <= 5; tag++) {
		journal_append(f, TT_CLASS_ALERT, tag);
		journal_append(f, TT_CLASS_EVENT, 10 + tag);
		assert_int_equal(journal_append_large(f, tag, 9000), TT_OK);
	}
	tt_journal_close(f->journal);
	f->journal = NULL;
	memset(noise, 0xA5, sizeof(noise));
	journal_overwrite(f->path, 3 * 4096, noise, sizeof(noise)); /* page 4: the table of bulk */
	snprintf(log, sizeof(log), "%s-wal", f->path);
	assert_int_equal(unlink(log), 0);
	assert_int_equal(journal_open_with(f, &sealed_a, NULL), TT_OK);
	journal_expect_held(f, TT_CLASS_ALERT, 1, 5);
	journal_expect_held(f, TT_CLASS_EVENT, 11, 15);
}

static void a_key_file_must_be_private_and_whole(void **state)
{
	static const char digits[] = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\n";
	struct fixture *f = *state;
	struct tt_journal_key key;
	struct tt_errmsg msg;

	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_ECONFIG);
	journal_overwrite(f->path, 0, digits, 65);
	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_OK);
	assert_int_equal(key.bytes[1], 0x11);
	assert_int_equal(key.bytes[31], 0xFF);
	for (unsigned bit = 1; bit < 0100; bit <<= 1) {
		assert_int_equal(chmod(f->path, 0600 | bit), 0);
		assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_ECONFIG);
		assert_non_null(strstr(msg.text, "chmod 600"));
	}
	assert_int_equal(chmod(f->path, 0400), 0);
	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_OK);
	assert_int_equal(chmod(f->path, 0600), 0);
	assert_int_equal(truncate(f->path, 63), 0);
	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_ECONFIG);
	assert_non_null(strstr(msg.text, "64 hexadecimal digits"));
	journal_overwrite(f->path, 0, digits, 65);
	journal_overwrite(f->path, 30, "g", 1);
	assert_int_equal(tt_journal_key_load(f->path, &key, &msg), TT_ECONFIG);
	assert_int_equal(tt_journal_key_load(f->folder, &key, &msg), TT_ECONFIG); /* a folder */
	tt_journal_key_forget(&key);
	assert_int_equal(key.bytes[31], 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, journal_setup, journal_teardown)
	const struct CMUnitTest tests[] = {
		T(a_sealed_journal_reads_back_and_its_disk_shows_nothing), T(another_key_or_none_puts_the_file_aside_whole),
		T(a_plain_file_that_meets_a_key_is_sealed_in_place),       T(a_sealed_journal_renumbers_and_seals_anew),
		T(damage_of_a_sealed_journal_leaves_what_can_be_unsealed), T(a_key_file_must_be_private_and_whole),
	};

	return cmocka_run_group_tests_name("journal sealed", tests, NULL, NULL);
}
