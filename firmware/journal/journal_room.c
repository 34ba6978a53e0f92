#include "firmware/journal/journal_room.h"

#include "firmware/journal/journal_db.h"

enum {
	FIXED_PAGES = 24,      /* schema, marks, and each class's half-filled pages at its ends */
	PAGES_PER_INNER = 128, /* at least so many leaves under one inner page of a table */
	OVERFLOW_BYTES = TT_JDB_PAGE - 4,
	LOCAL_MAX = TT_JDB_PAGE - 35, /* longest row that stays on its leaf */
	LOCAL_MIN = (TT_JDB_PAGE - 12) * 32 / 255 - 23,
	ROW_OVERHEAD = 33, /* cell pointer, lengths, record header, seq, cost, date */
	LEAF_HEADER = 8,
};

uint64_t tt_journal_row_cost(size_t len)
{
	const size_t payload = len + ROW_OVERHEAD;
	size_t local = payload, pages = 0;

	if (payload > LOCAL_MAX) {
		local = LOCAL_MIN + (payload - LOCAL_MIN) % OVERFLOW_BYTES;
		if (local > LOCAL_MAX)
			local = LOCAL_MIN;
		pages = (payload - local + OVERFLOW_BYTES - 1) / OVERFLOW_BYTES;
	}
	return pages * TT_JDB_PAGE + TT_JDB_PAGE / ((TT_JDB_PAGE - LEAF_HEADER) / local);
}

uint64_t tt_journal_row_budget(uint64_t pages)
{
	return (pages - FIXED_PAGES - pages / PAGES_PER_INNER) * TT_JDB_PAGE;
}
