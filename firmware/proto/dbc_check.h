/*
 * What is doubtful in a database that could be read: things that a reader of statements does not notice. PURE.
 *
 *     tt_dbc_read(text, len, &arena, told, ctx, &dbc);     (tells what could not be read)
 *     tt_dbc_check(&dbc, text, len, told, ctx);            (tells the rest; in no order of lines)
 *
 * Errors: names that two messages share, scale 0, an empty range, multiplexors in a circle, a multiplexor value range that is empty.
 * Warnings: overlapping signals that can be there together, ranges beyond the raw value's, values of VAL_ or of multiplexors that the bits
 * cannot hold, two texts for one value, integers of more than 53 bits (their physical value is a double), lengths that no frame has, text
 * that is not UTF-8.
 */
#ifndef TT_FIRMWARE_PROTO_DBC_CHECK_H
#define TT_FIRMWARE_PROTO_DBC_CHECK_H

#include "firmware/proto/dbc.h"

void tt_dbc_check(const struct tt_dbc *dbc, const char *text, size_t len, tt_dbc_told_fn told, void *ctx);

/* What a file holds. Broken messages and signals are not counted. */
struct tt_dbc_census {
	uint32_t messages, signals, multiplexed, fd, j1939, value_tables; /* value_tables: signals with texts */
};
void tt_dbc_count(const struct tt_dbc *dbc, struct tt_dbc_census *out);

#endif
