#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 1024 };

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *log_program = "telltale";
static enum tt_log_level log_level = TT_LOG_INFO;

void tt_log_init(const char *program, enum tt_log_level level)
{
	log_program = program;
	log_level = level;
}

enum tt_err tt_log_level_parse(const char *name, enum tt_log_level *out)
{
	for (unsigned i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
		if (strcmp(name, level_names[i]) == 0) {
			*out = (enum tt_log_level)i;
			return TT_OK;
		}
	}
	return TT_EINVAL;
}

struct line {
	char text[LINE_MAX_BYTES];
	size_t len;
};

static void TT_PRINTF(2, 0) line_vadd(struct line *l, const char *fmt, va_list ap)
{
	const size_t room = sizeof(l->text) - l->len;
	const int n = vsnprintf(l->text + l->len, room, fmt, ap);

	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void TT_PRINTF(2, 3) line_add(struct line *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	line_vadd(l, fmt, ap);
	va_end(ap);
}

static void line_add_ctx(struct line *l, const struct tt_log_ctx *ctx)
{
	if (!ctx)
		return;
	line_add_ctx(l, ctx->up);
	line_add(l, " %s=%s", ctx->key, ctx->value);
}

void tt_log(enum tt_log_level level, const struct tt_log_ctx *ctx, const char *event, const char *fmt, ...)
{
	char when[TT_UTC_TEXT];
	struct line l = {.len = 0};
	va_list ap;

	if (level > log_level)
		return;
	tt_utc_format(tt_utc_now(), when);
	line_add(&l, "%s %-5s %s %s", when, level_names[level], log_program, event);
	line_add_ctx(&l, ctx);
	line_add(&l, " ");
	va_start(ap, fmt);
	line_vadd(&l, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < l.len; i++) {
		if ((unsigned char)l.text[i] < ' ')
			l.text[i] = ' ';
	}
	if (l.len == sizeof(l.text) - 1)
		l.len--;
	l.text[l.len++] = '\n';
	/* One write a line: lines of several threads never mix. A full or closed stderr must not stop the program. */
	if (write(STDERR_FILENO, l.text, l.len) < 0)
		return;
}

bool tt_log_allow(struct tt_log_limit *limit, tt_mono_us now_us, uint64_t *missed)
{
	if (now_us - limit->window_start >= limit->interval_us) {
		limit->window_start = now_us;
		limit->used = 0;
	}
	if (limit->used >= limit->burst) {
		limit->suppressed++;
		return false;
	}
	limit->used++;
	*missed = limit->suppressed;
	limit->suppressed = 0;
	return true;
}
