/* replay:FILE, a candump log mapped into memory and read line by line at the recorded pace or as fast as asked. */
#include "firmware/io/can_backend.h"
#include "firmware/proto/candump.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct options {
	char file[TT_CAN_ADDRESS_MAX];
	char bus[TT_CANDUMP_BUS]; /* "" = every interface */
	bool max;
};

struct replay_port {
	struct tt_can_port port;
	struct options options;
	char *text; /* the whole file, mapped */
	size_t len, pos;
	unsigned long line;
	tt_mono_us shift_us; /* bus time = log time + shift */
	tt_mono_us latest_us;
	struct tt_candump next;
	bool have_next;
};

static enum tt_err parse_option(struct options *o, const char *s, size_t n, const char *where, struct tt_errmsg *msg)
{
	if (n == 7 && memcmp(s, "speed=1", n) == 0) {
		o->max = false;
	} else if (n == 9 && memcmp(s, "speed=max", n) == 0) {
		o->max = true;
	} else if (n > 4 && n - 4 < sizeof(o->bus) && memcmp(s, "bus=", 4) == 0) {
		memcpy(o->bus, s + 4, n - 4);
		o->bus[n - 4] = '\0';
	} else {
		return tt_errmsg_set(msg, TT_EINVAL, "replay:%s: '%.*s' is not an option; write speed=1, speed=max or bus=NAME", where,
				     (int)n, s);
	}
	return TT_OK;
}

static enum tt_err parse_options(const char *where, struct options *o, struct tt_errmsg *msg)
{
	const char *mark = strrchr(where, '?');
	const size_t n = mark ? (size_t)(mark - where) : strlen(where);

	*o = (struct options){.max = false};
	memcpy(o->file, where, n); /* the front bounds the address */
	for (const char *s = mark ? mark + 1 : NULL; s;) {
		const char *end = strchr(s, '&');
		enum tt_err err = parse_option(o, s, end ? (size_t)(end - s) : strlen(s), where, msg);

		if (err)
			return err;
		s = end ? end + 1 : NULL;
	}
	return TT_OK;
}

static enum tt_err map_file(struct replay_port *rp, struct tt_errmsg *msg)
{
	const char *file = rp->options.file;
	const int fd = open(file, O_RDONLY | O_CLOEXEC);
	enum tt_err err = TT_OK;
	struct stat st;

	if (fd < 0)
		return tt_errmsg_set(msg, errno == ENOENT ? TT_ENOTFOUND : TT_EDENIED, "replay:%s: %s", file, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0) {
		err = tt_errmsg_set(msg, TT_EINVAL, "replay:%s: not a file with something in it", file);
	} else {
		rp->len = (size_t)st.st_size;
		rp->text = mmap(NULL, rp->len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (rp->text == MAP_FAILED) {
			rp->text = NULL;
			err = tt_errmsg_set(msg, TT_EIO, "replay:%s: %s", file, strerror(errno));
		}
	}
	close(fd);
	return err;
}

static size_t line_end(const struct replay_port *rp, size_t from)
{
	const char *end = memchr(rp->text + from, '\n', rp->len - from);

	return end ? (size_t)(end - rp->text) : rp->len;
}

/* Log time of the first and of the last line that can be read. False when there is none. */
static bool log_span(const struct replay_port *rp, tt_utc_us *first, tt_utc_us *last)
{
	struct tt_candump entry;
	bool found = false;

	for (size_t at = 0, end; !found && at < rp->len; at = end + 1) {
		end = line_end(rp, at);
		found = tt_candump_parse(rp->text + at, end - at, &entry, NULL) == TT_OK;
	}
	if (!found)
		return false;
	*first = entry.at_us;
	for (size_t end = rp->len, at; end > 0; end = at - 1) {
		const char *before = memrchr(rp->text, '\n', end);

		at = before ? (size_t)(before - rp->text) + 1 : 0;
		if (tt_candump_parse(rp->text + at, end - at, &entry, NULL) == TT_OK)
			break;
		if (at == 0)
			break;
	}
	*last = entry.at_us;
	return true;
}

static enum tt_err arm(struct replay_port *rp, tt_mono_us at_us)
{
	const int64_t at = at_us < 1 ? 1 : at_us; /* zero would disarm it */
	const struct itimerspec when = {.it_value = {.tv_sec = (time_t)(at / 1000000), .tv_nsec = (long)(at % 1000000 * 1000)}};

	return timerfd_settime(rp->port.fd, TFD_TIMER_ABSTIME, &when, NULL) == 0 ? TT_OK : TT_EIO;
}

static void replay_close(struct tt_can_port *port)
{
	struct replay_port *rp = (struct replay_port *)port;

	if (rp->text)
		munmap(rp->text, rp->len);
	if (rp->port.fd >= 0)
		close(rp->port.fd);
	free(rp);
}

static enum tt_err replay_open(const char *where, const struct tt_can_filter *filters, size_t nfilters, struct tt_can_port **out,
			       struct tt_errmsg *msg)
{
	struct replay_port *rp = calloc(1, sizeof(*rp));
	tt_utc_us first, last;
	enum tt_err err;

	(void)filters;
	(void)nfilters;
	if (!rp)
		return tt_errmsg_set(msg, TT_ENOMEM, "replay:%s: out of memory", where);
	rp->port.fd = -1;
	err = parse_options(where, &rp->options, msg);
	if (!err)
		err = map_file(rp, msg);
	if (!err && !log_span(rp, &first, &last))
		err = tt_errmsg_set(msg, TT_EINVAL, "replay:%s: no line is of candump's log format; record with candump -L", where);
	if (!err) {
		rp->shift_us = tt_mono_now() - (rp->options.max ? last : first);
		rp->latest_us = rp->shift_us + first;
		rp->port.fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
		err = rp->port.fd >= 0 ? arm(rp, 1) : TT_EIO;
		if (err)
			err = tt_errmsg_set(msg, err, "replay:%s: timer: %s", where, strerror(errno));
	}
	if (err)
		replay_close(&rp->port);
	else
		*out = &rp->port;
	return err;
}

/* Read on to the next frame of our interface; unreadable lines are counted and told. False at the end. */
static bool find_next(struct replay_port *rp)
{
	while (!rp->have_next && rp->pos < rp->len) {
		const size_t start = rp->pos, end = line_end(rp, start);
		struct tt_candump_fault fault;

		rp->pos = end + 1;
		rp->line++;
		if (end == start)
			continue;
		if (tt_candump_parse(rp->text + start, end - start, &rp->next, &fault)) {
			rp->port.stats.errors++;
			(void)tt_errmsg_set(&rp->port.problem, TT_EINVAL, "replay:%s:%lu:%zu: %s", rp->options.file, rp->line, fault.column,
					    fault.why);
			continue;
		}
		rp->have_next = rp->options.bus[0] == '\0' || strcmp(rp->options.bus, rp->next.bus) == 0;
	}
	return rp->have_next;
}

static enum tt_err replay_recv(struct tt_can_port *port, struct tt_can_frame *frame, tt_mono_us *at_us)
{
	struct replay_port *rp = (struct replay_port *)port;
	const tt_mono_us now_us = tt_mono_now();
	tt_mono_us due_us;

	if (!find_next(rp)) {
		return TT_EEOF; /* the timer has fired and is never read, so the descriptor stays readable */
	}
	due_us = rp->shift_us + rp->next.at_us;
	if (due_us < rp->latest_us) /* the recorder's clock was set back */
		due_us = rp->latest_us;
	if (rp->options.max) {
		due_us = tt_min_i64(due_us, now_us);
	} else if (due_us > now_us) {
		if (arm(rp, due_us))
			return tt_errmsg_set(&port->problem, TT_EIO, "replay:%s: timer: %s", rp->options.file, strerror(errno));
		return TT_EAGAIN;
	}
	rp->latest_us = due_us;
	rp->have_next = false;
	*frame = rp->next.frame;
	*at_us = due_us;
	return TT_OK;
}

const struct tt_can_ops tt_can_replay_ops = {
	.scheme = "replay:",
	.listen_only = true,
	.open = replay_open,
	.close = replay_close,
	.recv = replay_recv,
};
