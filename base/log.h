/*
 * The context logger: one line a fact, on stderr, as `time level program event key=value ... text`.
 *
 * Context is a chain of small structs on the caller's stack (connection, then unit, then event): each line carries the whole
 * chain, so a line can be understood alone. Secrets never become a context value or an argument. Cores do not log.
 *
 * Levels: error = someone must act; warn = something was refused, lost or degraded; info = life cycle; debug = each step.
 * Threads: tt_log may be called from any thread; tt_log_init once, before the others start.
 */
#ifndef TT_BASE_LOG_H
#define TT_BASE_LOG_H

#include "base/err.h"
#include "base/time.h"

enum tt_log_level { TT_LOG_ERROR, TT_LOG_WARN, TT_LOG_INFO, TT_LOG_DEBUG };

/* One key=value of context; `up` is the surrounding context or NULL. Key and value must outlive the calls that use them. */
struct tt_log_ctx {
	const char *key;
	const char *value;
	const struct tt_log_ctx *up;
};

/* program is kept, not copied. */
void tt_log_init(const char *program, enum tt_log_level level);
/* "error", "warn", "info", "debug". TT_EINVAL otherwise. */
TT_MUSTCHECK enum tt_err tt_log_level_parse(const char *name, enum tt_log_level *out);

/* event: a stable word for machines ("mqtt.connected"); fmt: key=value pairs or a sentence for people. Line breaks become spaces. */
void tt_log(enum tt_log_level level, const struct tt_log_ctx *ctx, const char *event, const char *fmt, ...) TT_PRINTF(4, 5);

/* Rate limit for errors that may come per frame: at most `burst` lines every `interval_us`, then silent. */
struct tt_log_limit {
	int64_t interval_us;
	unsigned burst;
	tt_mono_us window_start;
	unsigned used;
	uint64_t suppressed; /* since the last line that went out */
};
/* True when a line may go out now; *missed is then how many were swallowed since the last one. */
bool tt_log_allow(struct tt_log_limit *limit, tt_mono_us now_us, uint64_t *missed);

#endif
