#include "journal_fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

const struct tt_journal_limits journal_small = {.max_bytes = TT_JOURNAL_MIN_BYTES};

int journal_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	/* In memory where there is such a place: thousands of commits would wait for the build machine's disk. */
	strcpy(f->folder, "/dev/shm/tt-journal-XXXXXX");
	if (!mkdtemp(f->folder)) {
		strcpy(f->folder, "/tmp/tt-journal-XXXXXX");
		if (!mkdtemp(f->folder))
			return -1;
	}
	snprintf(f->path, sizeof(f->path), "%s/journal.db", f->folder);
	*state = f;
	return 0;
}

int journal_teardown(void **state)
{
	struct fixture *f = *state;
	char command[96];

	tt_journal_close(f->journal);
	snprintf(command, sizeof(command), "rm -rf '%s'", f->folder);
	if (system(command) != 0)
		return -1;
	free(f);
	return 0;
}

enum tt_err journal_open_with(struct fixture *f, const struct tt_journal_limits *limits, struct tt_errmsg *msg)
{
	tt_journal_close(f->journal);
	f->journal = NULL;
	return tt_journal_open(f->path, limits, &f->journal, msg);
}

void journal_open(struct fixture *f)
{
	struct tt_errmsg msg;

	if (tt_journal_open(f->path, &journal_small, &f->journal, &msg))
		fail_msg("%s", msg.text);
}

void journal_reopen(struct fixture *f)
{
	tt_journal_close(f->journal);
	f->journal = NULL;
	journal_open(f);
}

/* An envelope whose created_at_us is the tag and whose epoch, seq and first_seq_held are still unknown. */
size_t journal_envelope(uint8_t *buf, enum tt_class cls, int64_t tag, size_t padding)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__TelemetryChunk chunk = TELLTALE__V1__TELEMETRY_CHUNK__INIT;
	Telltale__V1__Odometer odometer = TELLTALE__V1__ODOMETER__INIT;
	Telltale__V1__Alert alert = TELLTALE__V1__ALERT__INIT;
	static uint8_t columns[TT_JOURNAL_EVENT_MAX];
	size_t len = 0;

	env.schema = TT_SCHEMA;
	env.class_ = (Telltale__V1__EventClass)cls;
	env.created_at_us = tag;
	if (cls == TT_CLASS_BULK) {
		chunk.samples = 1;
		chunk.encoding = 1;
		chunk.raw_bytes = 1;
		chunk.columns.data = columns;
		chunk.columns.len = padding ? padding : 1;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_TELEMETRY;
		env.telemetry = &chunk;
	} else if (cls == TT_CLASS_EVENT) {
		odometer.source = TELLTALE__V1__ODOMETER_SOURCE__ODOMETER_SOURCE_PID_A6;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_ODOMETER;
		env.odometer = &odometer;
	} else {
		alert.kind = TELLTALE__V1__ALERT_KIND__ALERT_KIND_SOS;
		alert.incident = 7;
		env.body_case = TELLTALE__V1__ENVELOPE__BODY_ALERT;
		env.alert = &alert;
	}
	assert_int_equal(tt_envelope_encode(&env, buf, TT_ENVELOPE_MAX_BYTES, &len), TT_OK);
	return len;
}

uint64_t journal_append(struct fixture *f, enum tt_class cls, int64_t tag)
{
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	const size_t len = journal_envelope(buf, cls, tag, 0);
	uint64_t seq = 0;

	assert_int_equal(tt_journal_append(f->journal, cls, buf, len, &seq), TT_OK);
	return seq;
}

enum tt_err journal_append_large(struct fixture *f, int64_t tag, size_t padding)
{
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	const size_t len = journal_envelope(buf, TT_CLASS_BULK, tag, padding);

	return tt_journal_append_bulk(f->journal, buf, len);
}

/* Reads the next event, checks that a gateway would take it, and returns its tag; -1 when there is none. */
int64_t journal_next(struct fixture *f, enum tt_class cls, uint64_t after, uint64_t *seq, uint64_t *first_held)
{
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	Telltale__V1__Envelope *env = NULL;
	struct tt_errmsg why = {{0}};
	size_t len = 0;
	int64_t tag;
	enum tt_err err = tt_journal_next(f->journal, cls, after, buf, sizeof(buf), &len, seq);

	if (err == TT_ENOTFOUND)
		return -1;
	assert_int_equal(err, TT_OK);
	if (tt_envelope_decode(buf, len, cls, &env, &why))
		fail_msg("%s", why.text);
	assert_int_equal(env->epoch, tt_journal_epoch(f->journal));
	assert_int_equal(env->seq, *seq);
	*first_held = env->first_seq_held;
	tag = env->created_at_us;
	tt_envelope_free(env);
	return tag;
}

void journal_expect_held(struct fixture *f, enum tt_class cls, int64_t first_tag, int64_t last_tag)
{
	uint64_t seq = 0, held = 0;

	for (int64_t tag = first_tag; tag <= last_tag; tag++)
		assert_int_equal(journal_next(f, cls, seq, &seq, &held), tag);
	assert_int_equal(journal_next(f, cls, seq, &seq, &held), -1);
}

struct tt_journal_depth journal_depth(struct fixture *f, enum tt_class cls)
{
	struct tt_journal_depth d;

	tt_journal_depth(f->journal, cls, &d);
	return d;
}

void journal_overwrite(const char *path, off_t at, const char *bytes, size_t n)
{
	const int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, at), n);
	close(fd);
}
