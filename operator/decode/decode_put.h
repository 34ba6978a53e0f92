/*
 * The pieces of JSON that the decoders of decode share. Internal to decode.
 */
#ifndef TT_OPERATOR_DECODE_PUT_H
#define TT_OPERATOR_DECODE_PUT_H

#include "operator/decode/decode_line.h"

/* The shortest text that reads back as the same double, always recognisable as a fraction; null for what JSON cannot say. */
void tt_decode_put_double(FILE *out, double v);
void tt_decode_put_string(FILE *out, const char *s);
/* {"kind":KIND,"t":SECONDS: the object stays open. */
void tt_decode_put_head(FILE *out, const char *kind, tt_utc_us at_us);
/* The head of what an ECU said: with "ecu", the identifier that it answers with. */
void tt_decode_put_ecu(FILE *out, const char *kind, const struct tt_candump *line);

/* decode_obd.c: lines for one whole OBD response of services 01 to 0A; nothing for others. */
void tt_decode_obd(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out);

#endif
