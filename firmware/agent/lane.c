#include "firmware/agent/lane.h"

#include <string.h>

void tt_lane_init(struct tt_lane *lane, uint64_t epoch)
{
	TT_ASSERT(epoch != 0);
	memset(lane, 0, sizeof(*lane));
	lane->epoch = epoch;
	lane->first_seq = lane->next_seq = 1;
}

enum tt_err tt_lane_add(struct tt_lane *lane, const uint8_t *envelope, size_t len)
{
	const size_t at = lane->next_seq % TT_LANE_ALERTS;

	if (len == 0)
		return TT_EINVAL;
	if (len > TT_LANE_BYTES)
		return TT_ERANGE;
	if (tt_lane_held(lane) == TT_LANE_ALERTS) {
		lane->first_seq++;
		lane->evicted++;
	}
	memcpy(lane->alerts[at].bytes, envelope, len);
	lane->alerts[at].len = len;
	lane->next_seq++;
	return TT_OK;
}

enum tt_err tt_lane_next(const struct tt_lane *lane, uint64_t after_seq, uint8_t *buf, size_t cap, size_t *len, uint64_t *seq)
{
	const uint64_t at = after_seq < lane->first_seq ? lane->first_seq : after_seq + 1;
	size_t n;
	enum tt_err err;

	if (at >= lane->next_seq)
		return TT_ENOTFOUND;
	n = lane->alerts[at % TT_LANE_ALERTS].len;
	if (n > cap)
		return TT_EFULL;
	memcpy(buf, lane->alerts[at % TT_LANE_ALERTS].bytes, n);
	err = tt_envelope_stamp(buf, cap, &n, lane->epoch, at, lane->first_seq);
	if (err)
		return err;
	*len = n;
	*seq = at;
	return TT_OK;
}

uint64_t tt_lane_ack(struct tt_lane *lane, uint64_t up_to_seq)
{
	if (up_to_seq >= lane->next_seq)
		up_to_seq = lane->next_seq - 1;
	if (up_to_seq >= lane->first_seq)
		lane->first_seq = up_to_seq + 1;
	return up_to_seq;
}

uint64_t tt_lane_held(const struct tt_lane *lane)
{
	return lane->next_seq - lane->first_seq;
}
