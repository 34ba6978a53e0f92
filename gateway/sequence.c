#include "gateway/sequence.h"

enum tt_sequence_verdict tt_sequence_judge(uint64_t mark, uint64_t seq, uint64_t first_seq_held, uint64_t *gap)
{
	*gap = 0;
	if (seq <= mark)
		return TT_SEQUENCE_DUPLICATE;
	*gap = seq - mark - 1;
	if (*gap == 0)
		return TT_SEQUENCE_NEXT;
	return seq == first_seq_held ? TT_SEQUENCE_GAP : TT_SEQUENCE_HOLE;
}
