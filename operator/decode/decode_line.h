/*
 * One log line in, zero or more JSON lines out. Internal to decode and its tests. No files, no globals.
 */
#ifndef TT_OPERATOR_DECODE_LINE_H
#define TT_OPERATOR_DECODE_LINE_H

#include "firmware/proto/candump.h"
#include "firmware/proto/dbc_plan.h"
#include "firmware/proto/isotp_sniff.h"
#include "firmware/proto/j1939_dm.h"
#include "firmware/proto/j1939_tp.h"

#include <stdio.h>

enum { TT_DECODE_DBCS = 16, TT_DECODE_SIGNALS = 1024, TT_DECODE_BUSES = 32 };

/* A DBC file, compiled; decode_files.h fills it. */
struct tt_decode_dbc {
	struct tt_dbc_plan plan;
	const char *bus; /* frames of this interface only; NULL = of all */
	size_t bus_len;
	void *database, *decoder; /* what the plan points to */
	unsigned left_out;
};

struct tt_decode {
	struct tt_decode_dbc dbcs[TT_DECODE_DBCS];
	size_t ndbcs;
	char buses[TT_DECODE_BUSES][TT_CANDUMP_BUS]; /* names to numbers, in order of appearance */
	size_t nbuses;
	struct tt_isotp_sniff sniff;
	struct tt_dbc_value values[TT_DECODE_SIGNALS];
	struct {
		bool on;
		unsigned method; /* of SPN conversion, where the bit is set */
		struct tt_j1939_tp tp;
		struct tt_j1939_dm dm;
	} j1939; /* decode_j1939.h */
};

/* What a database may know: a frame, or a message of many frames. */
struct tt_decode_payload {
	tt_utc_us at_us;
	const char *bus;
	uint32_t key; /* tt_can_key() */
	const uint8_t *data;
	size_t len;
	size_t readable; /* messages that the database declares longer than this are left out (dbc_plan.h wants their bytes readable) */
};
/* One "message" line of each database that knows it. */
void tt_decode_message(struct tt_decode *d, const struct tt_decode_payload *p, FILE *out);

/* The line without its end. fault is written on failure. Errors: those of tt_candump_parse; TT_EFULL: more buses than TT_DECODE_BUSES. */
TT_MUSTCHECK enum tt_err tt_decode_line(struct tt_decode *d, const char *line, size_t len, FILE *out, struct tt_candump_fault *fault);

#endif
