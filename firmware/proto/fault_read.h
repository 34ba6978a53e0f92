/*
 * Whose trouble codes were read since the start, and which of their lists. PURE.
 *
 * It is what lets a full state say that a code is gone: a code that no list holds is gone only when the lists in which it would stand were
 * read. As in fault_watch.h one list without a code proves nothing; `need` lists do.
 *
 * Memory: the caller's struct. An ECU that finds no room counts as not read. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_FAULT_READ_H
#define TT_FIRMWARE_PROTO_FAULT_READ_H

#include "firmware/proto/fault_watch.h"

enum { TT_FAULT_READS = 40 };

struct tt_fault_reads {
	struct tt_fault_read {
		enum tt_fault_protocol protocol;
		uint32_t ecu;
		uint8_t lists[TT_FAULT_STATUSES]; /* complete ones so far, per status bit; stays at 255 */
	} ecus[TT_FAULT_READS];
	size_t n;
};

/* A complete list of codes of this status came. */
void tt_fault_reads_note(struct tt_fault_reads *r, enum tt_fault_protocol protocol, uint32_t ecu, enum tt_fault_status status);
/* Bits of enum tt_fault_status: the lists that were read often enough to believe them, by the rules of cfg. */
uint8_t tt_fault_reads_lists(const struct tt_fault_read *e, const struct tt_fault_config *cfg);

#endif
