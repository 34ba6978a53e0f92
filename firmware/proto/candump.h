/*
 * One line of a candump log (`candump -L`, `candump -l`), read and written. PURE.
 *
 *     (1609459200.100000) can0 1F0#0102          11-bit identifier: 3 hexadecimal digits
 *     (1609459200.100000) can0 18FECA00#FF.00    29-bit identifier: 8 digits; dots between bytes are allowed
 *     (1609459200.100000) can0 7DF#R or #R8      remote request
 *     (1609459200.100000) can0 1F0##1AABB        CAN FD: one flag digit (bit 0 bit rate switch, bit 1 error state), then data
 *     (1609459200.100000) can0 20000040#..       error frame: bit 29 set, the rest is the error class of linux/can/error.h
 *
 * A trailing direction word (`R`, `T`), as candump -x writes it, the raw length code `_9`..`_F` of eight-byte frames and the line's end are
 * read and dropped. Sources: can-utils' log format as its manual page candump(1) and lib.h describe it.
 *
 * Memory: the caller's; the line need not end in NUL. Threads: no state.
 */
#ifndef TT_FIRMWARE_PROTO_CANDUMP_H
#define TT_FIRMWARE_PROTO_CANDUMP_H

#include "base/time.h"
#include "firmware/proto/can_frame.h"

enum { TT_CANDUMP_BUS = 16, TT_CANDUMP_LINE = 208 };

struct tt_candump {
	tt_utc_us at_us;           /* whole microseconds; further decimals are cut */
	char bus[TT_CANDUMP_BUS];  /* interface name, 1..15 bytes and NUL */
	struct tt_can_frame frame; /* frame.bus is 0: the caller maps names to numbers */
};

/* Where and why a line could not be read. why is static text; column counts from 1. */
struct tt_candump_fault {
	const char *why;
	size_t column;
};

/*
 * Read one line. fault may be NULL; it is written on failure only.
 * Errors: TT_EINVAL: the line is not of this format. TT_ERANGE: well formed, but an identifier, length or time is out of range.
 */
TT_MUSTCHECK enum tt_err tt_candump_parse(const char *line, size_t len, struct tt_candump *out, struct tt_candump_fault *fault);

/* Write the line without line end, NUL-terminated, six decimals; *len without the NUL. TT_EFULL when cap is too small (TT_CANDUMP_LINE is
 * enough). */
TT_MUSTCHECK enum tt_err tt_candump_format(const struct tt_candump *in, char *out, size_t cap, size_t *len);

#endif
