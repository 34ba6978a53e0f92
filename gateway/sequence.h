/*
 * What the gateway makes of a sequence number: the whole of deduplication, eviction and go-back-N in one decision.
 *
 * The mark is the highest number stored of a (unit, class, epoch). A unit numbers without holes and sends in order, so a number is stored
 * before, next, or beyond a hole. A hole is closed by the unit (it sends again from mark + 1), unless the unit no longer holds what is
 * missing: then it says so with first_seq_held, and the missing ones are counted as evicted, never guessed. PURE.
 */
#ifndef TT_GATEWAY_SEQUENCE_H
#define TT_GATEWAY_SEQUENCE_H

#include <stdint.h>

enum tt_sequence_verdict {
	TT_SEQUENCE_DUPLICATE, /* stored already: acknowledge again */
	TT_SEQUENCE_NEXT,      /* accept */
	TT_SEQUENCE_GAP,       /* accept; *gap numbers before it were evicted by the unit */
	TT_SEQUENCE_HOLE,      /* do not accept; ask for mark + 1; *gap numbers are missing */
};

/* seq 1.., first_seq_held 1..seq (wire/envelope.h keeps both). *gap is 0 for the other two. */
enum tt_sequence_verdict tt_sequence_judge(uint64_t mark, uint64_t seq, uint64_t first_seq_held, uint64_t *gap);

#endif
