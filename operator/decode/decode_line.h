/*
 * One log line in, zero or more JSON lines out. Internal to decode and its tests. No files, no globals.
 */
#ifndef TT_OPERATOR_DECODE_LINE_H
#define TT_OPERATOR_DECODE_LINE_H

#include "firmware/proto/candump.h"
#include "firmware/proto/dbc_plan.h"
#include "firmware/proto/isotp_sniff.h"

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
};

/* The line without its end. fault is written on failure. Errors: those of tt_candump_parse; TT_EFULL: more buses than TT_DECODE_BUSES. */
TT_MUSTCHECK enum tt_err tt_decode_line(struct tt_decode *d, const char *line, size_t len, FILE *out, struct tt_candump_fault *fault);

#endif
