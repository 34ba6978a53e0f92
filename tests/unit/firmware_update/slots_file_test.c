/* The slots' state on disk: every state survives a round trip; what is not ours is refused and said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "firmware/update/slots_file.h"

struct folder {
	char dir[64];
	char file[96];
};

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	snprintf(f->dir, sizeof(f->dir), "/tmp/tt-slots-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->file, sizeof(f->file), "%s/slots", f->dir);
	*state = f;
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const names[] = {"slots", "slots.new", "lock", "update.lock", "a/telltale-agent", "a"};
	struct folder *f = *state;
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", f->dir, names[i]);
		(void)remove(path);
	}
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static void no_file_is_a_fresh_installation(void **state)
{
	const struct folder *f = *state;
	struct tt_slots s;
	struct tt_errmsg msg;

	assert_int_equal(tt_slots_load(f->dir, &s, &msg), TT_OK);
	assert_int_equal(s.good.slot, TT_SLOT_PACKAGED);
	assert_int_equal(s.trial.slot, TT_SLOT_PACKAGED);
}

static void every_state_survives_a_round_trip(void **state)
{
	const struct folder *f = *state;
	struct tt_slots s = tt_slots_init(), read;
	const uint8_t sum[TT_SLOT_SUM] = {0, 1, 0xFE, 0xFF};
	struct tt_errmsg msg;

	for (unsigned step = 0; step < 5; step++) {
		assert_int_equal(tt_slots_save(f->dir, &s, &msg), TT_OK);
		memset(&read, 0xAA, sizeof(read));
		assert_int_equal(tt_slots_load(f->dir, &read, &msg), TT_OK);
		assert_int_equal(read.good.slot, s.good.slot);
		assert_int_equal(read.good.sequence, s.good.sequence);
		assert_memory_equal(read.good.sha256, s.good.sha256, TT_SLOT_SUM);
		assert_int_equal(read.trial.slot, s.trial.slot);
		assert_int_equal(read.trial.sequence, s.trial.sequence);
		assert_string_equal(read.trial.version, s.trial.version);
		assert_memory_equal(read.trial.sha256, s.trial.sha256, TT_SLOT_SUM);
		assert_int_equal(read.tries, s.tries);
		assert_int_equal(read.refused, s.refused);
		if (step % 2 == 0)
			assert_int_equal(tt_slots_stage(&s, UINT64_MAX - 4 + step, "1.2.3-rc1", sum), TT_OK);
		else if (step == 1)
			assert_true(tt_slots_confirm(&s, s.trial.slot));
		else
			tt_slots_give_up(&s);
	}
}

static void what_is_not_ours_is_refused_and_said(void **state)
{
#define SUM64 "0001020304050607080910111213141516171819202122232425262728293031"
	static const char *const texts[] = {
		"",
		"telltale-slots 2\n",
		"telltale-slots 1\nnonsense\n",
		"telltale-slots 1\ngood c 1 1.0 " SUM64 "\n",
		"telltale-slots 1\ngood a 1 1.0 00\n",
		"telltale-slots 1\ngood a 1 1.0\n",
		"telltale-slots 1\ngood a 1 1.0 zz" SUM64 "\n",
		"telltale-slots 1\ntrial a 1 1.0 " SUM64 "\n",
		"telltale-slots 1\ntrial a 1 1.0 " SUM64 " 4\n",
		"telltale-slots 1\nrefused x\n",
	};
	const struct folder *f = *state;
	struct tt_slots s;
	struct tt_errmsg msg;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_text(f->file, texts[i]);
		if (tt_slots_load(f->dir, &s, &msg) != TT_ECORRUPT)
			fail_msg("taken: %s", texts[i]);
		assert_non_null(strstr(msg.text, "packaged"));
	}
	write_text(f->file, "telltale-slots 1\ngood a 1 1.0 " SUM64 "\n");
	assert_int_equal(tt_slots_load(f->dir, &s, &msg), TT_OK);
}

static void a_sum_is_sha256(void **state)
{
	const struct folder *f = *state;
	/* FIPS 180-2, "abc" */
	static const uint8_t abc[TT_SLOT_SUM] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40,
						 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17,
						 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};
	char folder[80], path[128];
	uint8_t sum[TT_SLOT_SUM];

	assert_int_equal(tt_slots_program_path(f->dir, TT_SLOT_A, path, sizeof(path)), TT_OK);
	assert_int_equal(tt_slots_sum(path, sum), TT_ENOTFOUND);
	snprintf(folder, sizeof(folder), "%s/a", f->dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	write_text(path, "abc");
	assert_int_equal(tt_slots_sum(path, sum), TT_OK);
	assert_memory_equal(sum, abc, sizeof(abc));
	assert_int_equal(tt_slots_program_path(f->dir, TT_SLOT_A, path, 8), TT_ERANGE);
}

static void one_process_at_a_time(void **state)
{
	const struct folder *f = *state;
	int first, second;

	assert_int_equal(tt_slots_lock(f->dir, TT_SLOTS_STATE_LOCK, &first), TT_OK);
	assert_int_equal(tt_slots_lock(f->dir, TT_SLOTS_STATE_LOCK, &second), TT_EAGAIN);
	assert_int_equal(tt_slots_lock(f->dir, TT_SLOTS_UPDATE_LOCK, &second), TT_OK);
	close(second);
	close(first);
	assert_int_equal(tt_slots_lock(f->dir, TT_SLOTS_STATE_LOCK, &second), TT_OK);
	close(second);
	assert_int_equal(tt_slots_lock("/nowhere/at/all", TT_SLOTS_STATE_LOCK, &second), TT_EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(no_file_is_a_fresh_installation, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(every_state_survives_a_round_trip, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(what_is_not_ours_is_refused_and_said, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_sum_is_sha256, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(one_process_at_a_time, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
