/* A record in a folder of its own under /tmp, for the tests of the SQLite store. */
#ifndef TT_TESTS_SCRATCH_H
#define TT_TESTS_SCRATCH_H

#include "crm/store/store.h"

struct scratch {
	char folder[64], path[96], url[112], copy[96];
};

void scratch_open(struct scratch *s);
/* Removes the record and its companions, keeps the folder. */
void scratch_clear(const struct scratch *s);
void scratch_close(const struct scratch *s);
/* A fresh or existing record, migrated. Fails the test when it cannot. */
struct tt_store *scratch_store(const struct scratch *s);

/* Dealer and vehicle of their own, committed. */
struct scratch_world {
	int64_t dealer, vehicle;
};
struct scratch_world scratch_world(struct tt_store *store);

/*
 * One "event" as the gateway commits it: ticket number n (its occurrences hold n), a timeline entry, a change. In the caller's transaction.
 * Any of the three alone in a record later is a torn commit.
 */
TT_MUSTCHECK enum tt_err scratch_event(struct tt_store *store, const struct scratch_world *w, int64_t n);

struct scratch_tally {
	int64_t tickets, highest, changes, entries;
};
/* What a reader sees at one moment. */
struct scratch_tally scratch_count(struct tt_store *store);
/* The tally is that of n whole events. */
bool scratch_whole(const struct scratch_tally *t);

#endif
