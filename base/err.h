/*
 * The one list of errors, the must-check mark and the error text that travels with a failure.
 *
 * Every fallible function returns enum tt_err and writes its output (last pointers) only on TT_OK. A function that can tell its
 * caller more than the code does takes a struct tt_errmsg: the text names the thing and the way out ("store ./run/telltale.db:
 * disk full; free space or move the file"). The caller owns the message; nobody logs and returns.
 *
 * Threads: no shared state; safe anywhere.
 */
#ifndef TT_BASE_ERR_H
#define TT_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#define TT_MUSTCHECK __attribute__((warn_unused_result))
#define TT_PRINTF(fmt_index, first_arg) __attribute__((format(printf, fmt_index, first_arg)))

#define TT_ERR_MAP(X) \
	X(TT_EINVAL, "invalid argument") \
	X(TT_ENOMEM, "out of memory") \
	X(TT_EPROTO, "protocol violation") \
	X(TT_ERANGE, "value out of range") \
	X(TT_EFULL, "no room left") \
	X(TT_EEOF, "end of input") \
	X(TT_EAGAIN, "not ready, try again") \
	X(TT_ETIMEOUT, "timed out") \
	X(TT_ENOTFOUND, "not found") \
	X(TT_EEXIST, "already exists") \
	X(TT_ECONFLICT, "conflict with the current state") \
	X(TT_EDENIED, "not allowed") \
	X(TT_EIO, "input/output error") \
	X(TT_ENOSPC, "disk full") \
	X(TT_ECORRUPT, "data is corrupt") \
	X(TT_EVERSION, "unknown version") \
	X(TT_ECONFIG, "configuration error") \
	X(TT_ENOTSUP, "not supported")

#define TT_ERR_ENUM(name, text) name,
enum tt_err { TT_OK, TT_ERR_MAP(TT_ERR_ENUM) TT_ERR_COUNT };
#undef TT_ERR_ENUM

/* Static text of an error, never NULL. */
const char *tt_err_text(enum tt_err err);

/* Symbolic name ("TT_EINVAL"), never NULL. */
const char *tt_err_name(enum tt_err err);

/* A failure told to a person. Always NUL-terminated; cut, never overrun. */
struct tt_errmsg {
	char text[320];
};

/* Fill msg (may be NULL) and hand err back, so that `return tt_errmsg_set(msg, TT_EIO, ...)` reads as one step. */
enum tt_err tt_errmsg_set(struct tt_errmsg *msg, enum tt_err err, const char *fmt, ...) TT_PRINTF(3, 4);

/*
 * A programmer error: prints file, line and condition on stderr and aborts. Stays on in release builds (style 11).
 * Never used for input.
 */
#define TT_ASSERT(cond) ((cond) ? (void)0 : tt_assert_failed(__FILE__, __LINE__, #cond))
_Noreturn void tt_assert_failed(const char *file, int line, const char *cond);

#endif
