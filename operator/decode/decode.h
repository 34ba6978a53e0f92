/*
 * `telltale decode [--dbc [BUS=]FILE]... [--j1939 [--spn-method N]] [LOG|-]`: candump log lines to one JSON object a line.
 *
 * Kinds: message (a frame a DBC knows, with the signals that are there and the texts of their values), pid, readiness, dtc, freeze and vin
 * (OBD responses, put together from ISO-TP as a bystander); with --j1939 dm1, dm2, dm5 and vin of any source, and messages that the
 * transport protocol brought. Blank lines and lines that begin with '#' are skipped. A line that cannot be read is told on stderr as
 * LOG:LINE: reason, and the rest goes on.
 */
#ifndef TT_OPERATOR_DECODE_H
#define TT_OPERATOR_DECODE_H

/* argv: what follows the command's name. Exit status: 0; 1 when a line or file could not be read; 2 for wrong usage. */
int tt_operator_decode(int argc, char *argv[]);

#endif
