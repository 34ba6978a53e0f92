/*
 * `telltale dbc check [--json] FILE...`: what DBC files hold, and what is wrong in them, by line.
 *
 *     FILE:LINE: error: what is wrong; the way out (the word)
 *     FILE: 8 messages, 33 signals (0 multiplexed), ...; 0 errors, 1 warning
 *
 * An error is something that is left out or would be decoded wrongly; a warning something that decoding does not suffer from. With --json
 * one object a file: {"file":..,"messages":..,...,"findings":[{"line":..,"severity":"error","text":..,"at":..}]}.
 */
#ifndef TT_OPERATOR_CHECK_H
#define TT_OPERATOR_CHECK_H

/* argv: what follows the command's name. Exit status: 0 clean or warnings only; 1 errors in a file; 2 wrong usage, or a file cannot be
 * read. */
int tt_operator_dbc_check(int argc, char *argv[]);

#endif
