/* Acks. What is accepted lies within its bounds and survives encoding. */
#include "base/err.h"
#include "wire/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tt_ack ack, again;
	uint8_t buf[TT_ACK_MAX_BYTES];
	size_t len = 0;

	if (tt_ack_decode(data, size, &ack))
		return 0;
	TT_ASSERT(ack.epoch != 0 && ack.cls >= TT_CLASS_ALERT && ack.cls <= TT_CLASS_BULK);
	TT_ASSERT(!tt_ack_encode(ack.epoch, ack.cls, ack.up_to_seq, ack.resend, buf, sizeof(buf), &len));
	TT_ASSERT(!tt_ack_decode(buf, len, &again));
	TT_ASSERT(again.epoch == ack.epoch && again.cls == ack.cls && again.up_to_seq == ack.up_to_seq && again.resend == ack.resend);
	return 0;
}
