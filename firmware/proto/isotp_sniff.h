/*
 * ISO-TP read by a bystander: messages put together again from a log or a listening tap, both directions, flow control present or not.
 * PURE. CAN FD too; messages above 4095 bytes are given up and counted.
 *
 * A stream a CAN identifier and bus. Nothing is sent and nothing times out by itself: a message whose next frame comes more than N_Cr late
 * is given up when that frame comes. When all streams are taken, the one that was idle longest makes room.
 *
 * Memory: the caller's, about 0.5 MB. Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_ISOTP_SNIFF_H
#define TT_FIRMWARE_PROTO_ISOTP_SNIFF_H

#include "firmware/proto/isotp.h"

enum { TT_ISOTP_SNIFF_STREAMS = 128 };

struct tt_isotp_sniff_stream {
	uint32_t key; /* tt_can_key() */
	uint8_t bus, sequence;
	uint8_t frame_len; /* of the first frame */
	bool used, busy;
	size_t len, have;
	tt_mono_us at_us;
	uint8_t buf[TT_ISOTP_MAX];
};

struct tt_isotp_sniff {
	struct tt_isotp_sniff_stream streams[TT_ISOTP_SNIFF_STREAMS];
	uint64_t broken; /* messages given up: wrong sequence, too late, interrupted */
};

void tt_isotp_sniff_init(struct tt_isotp_sniff *s);
/* Take a frame of a diagnostic identifier; true when it completes a message: *data is valid until the next call. */
bool tt_isotp_sniff_feed(struct tt_isotp_sniff *s, tt_mono_us at_us, const struct tt_can_frame *f, const uint8_t **data, size_t *len);

#endif
