/*
 * What rows take of the journal's file. Internal to firmware/journal/; no state.
 */
#ifndef TT_FIRMWARE_JOURNAL_JOURNAL_ROOM_H
#define TT_FIRMWARE_JOURNAL_JOURNAL_ROOM_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the file that one row with a body of len takes: its share of a leaf, and its own overflow pages (SQLite file format, 1.6). */
uint64_t tt_journal_row_cost(size_t len);
/* Bytes that all rows of a file of so many pages may take together. */
uint64_t tt_journal_row_budget(uint64_t pages);

#endif
