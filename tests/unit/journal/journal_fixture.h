/*
 * A journal of its own for every test, in a folder that goes with it, and envelopes that are told apart by a tag.
 */
#ifndef TT_TEST_JOURNAL_FIXTURE_H
#define TT_TEST_JOURNAL_FIXTURE_H

#include "firmware/journal/journal.h"

#include <sys/types.h>

struct fixture {
	char folder[64];
	char path[96];
	struct tt_journal *journal;
};

/* The smallest journal there may be, in plain. */
extern const struct tt_journal_limits journal_small;

int journal_setup(void **state);
int journal_teardown(void **state);

/* Closes the journal and opens it with these limits; an error is the test's to judge. */
enum tt_err journal_open_with(struct fixture *f, const struct tt_journal_limits *limits, struct tt_errmsg *msg);
/* With journal_small; an error fails the test. */
void journal_open(struct fixture *f);
void journal_reopen(struct fixture *f);

/* An envelope whose created_at_us is the tag and whose epoch, seq and first_seq_held are still unknown; buf has TT_ENVELOPE_MAX_BYTES. */
size_t journal_envelope(uint8_t *buf, enum tt_class cls, int64_t tag, size_t padding);
/* Appends one and returns its seq. */
uint64_t journal_append(struct fixture *f, enum tt_class cls, int64_t tag);
/* Bulk with this many bytes of telemetry. */
enum tt_err journal_append_large(struct fixture *f, int64_t tag, size_t padding);

/* Reads the next event, checks that a gateway would take it, and returns its tag; -1 when there is none. */
int64_t journal_next(struct fixture *f, enum tt_class cls, uint64_t after, uint64_t *seq, uint64_t *first_held);
/* These tags are held, in this order, and no other. */
void journal_expect_held(struct fixture *f, enum tt_class cls, int64_t first_tag, int64_t last_tag);
struct tt_journal_depth journal_depth(struct fixture *f, enum tt_class cls);

/* Writes bytes into a file, which is made when there is none. */
void journal_overwrite(const char *path, off_t at, const char *bytes, size_t n);

#endif
