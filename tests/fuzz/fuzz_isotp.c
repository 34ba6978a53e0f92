/*
 * A link fed with whatever a bus may bring. Input: 10 bytes a step: flags and length, a time step, then 8 data bytes. Flags also make the
 * link send; a byte over chooses CAN FD, an address byte, confirmation of frames, holds.
 */
#include "firmware/proto/isotp.h"
#include "firmware/proto/isotp_sniff.h"

#include <string.h>

enum { STEP = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drain(struct tt_isotp *link, tt_mono_us now)
{
	struct tt_isotp_event event;
	struct tt_can_frame frame;
	unsigned frames = 0;

	while (tt_isotp_next_event(link, &event))
		TT_ASSERT(event.kind != TT_ISOTP_MESSAGE || (event.len > 0 && event.len <= link->rx.cap));
	while (frames++ < 1000 && tt_isotp_next_tx(link, now, &frame))
		TT_ASSERT(frame.len >= 8 && frame.len <= link->config.tx_dl && frame.id == 0x7E0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tt_isotp_sniff sniff;
	static const uint8_t message[300];
	uint8_t buf[64];
	struct tt_isotp link;
	tt_mono_us now = 0;

	/* what is left over after the steps chooses the link */
	const uint8_t options = size % STEP ? data[size - 1] : 0;
	const bool addressed = options & 2;

	tt_isotp_sniff_init(&sniff);
	tt_isotp_init(&link,
		      &(struct tt_isotp_config){.tx_id = 0x7E0,
						.rx_id = 0x7E8,
						.pad = true,
						.fd = options & 1,
						.tx_dl = options & 1 ? 64 : 8,
						.addressed = addressed,
						.rx_address = 0xF1,
						.confirm = options & 4,
						.block_size = size > 0 ? data[0] & 3 : 0},
		      buf, sizeof(buf));
	for (; size >= STEP; data += STEP, size -= STEP) {
		struct tt_can_frame f = {.id = 0x7E8, .len = data[0] & 0xF, .rtr = data[0] & 0x10, .fd = data[0] & 0x20};
		const uint8_t *out;
		size_t len;

		if (f.fd)
			f.len = (uint8_t)(f.len * 4);
		memcpy(f.data, data + 2, 8);
		if (addressed)
			f.data[0] = 0xF1;
		now += data[1] * 8000;
		if (data[0] & 0x40)
			(void)!tt_isotp_send(&link, message, 1 + data[1] + (size_t)(data[0] & 0x80 ? 40 : 0));
		if (options & 8)
			tt_isotp_hold(&link, now, data[1] & 1);
		TT_ASSERT(tt_isotp_feed(&link, now, &f) || (addressed && f.len == 0));
		drain(&link, now);
		if (tt_isotp_sniff_feed(&sniff, now, &f, &out, &len))
			TT_ASSERT(len > 0 && len <= TT_ISOTP_MAX && out[len - 1] <= 0xFF);
		if (data[1] & 2)
			tt_isotp_confirm(&link, now);
		tt_isotp_tick(&link, now + 1);
		drain(&link, now + 1);
	}
	return 0;
}
