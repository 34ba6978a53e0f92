#include "operator/decode/check.h"

#include "operator/decode/decode_files.h"

#include "base/utf8.h"
#include "firmware/proto/dbc_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CLEAN = 0, FAULTY = 1, UNREADABLE = 2 };

struct finding {
	struct tt_dbc_fault fault;
	size_t order; /* as told: findings of one line keep it */
};

struct report {
	struct finding *items;
	size_t n, cap;
	unsigned errors, warnings;
	bool out_of_memory;
};

struct facts {
	struct tt_dbc_census census;
	uint32_t nodes, tables;
	size_t plan_bytes;
};

static void collect(void *ctx, const struct tt_dbc_fault *fault)
{
	struct report *r = ctx;

	if (r->n == r->cap) {
		const size_t cap = r->cap ? 2 * r->cap : 64;
		struct finding *more = realloc(r->items, cap * sizeof(*more));

		if (!more) {
			r->out_of_memory = true;
			return;
		}
		r->items = more;
		r->cap = cap;
	}
	r->items[r->n] = (struct finding){.fault = *fault, .order = r->n};
	r->n++;
	r->errors += !fault->warning;
	r->warnings += fault->warning;
}

static int by_line(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->fault.line != y->fault.line)
		return x->fault.line < y->fault.line ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* ---- output ---- */

/* A word of the file, in whatever encoding and perhaps cut: what is not UTF-8 or not printable becomes '?'. */
static void put_word(FILE *out, const char *word, bool json)
{
	const bool utf8 = tt_utf8_valid(word, strlen(word));

	for (; *word; word++) {
		const unsigned char c = (unsigned char)*word;
		const bool strange = c < 0x20 || c == 0x7F || (c >= 0x80 && !utf8);

		if (json && (c == '"' || c == '\\'))
			fputc('\\', out);
		fputc(strange ? '?' : c, out);
	}
}

static const char *severity(const struct finding *f)
{
	return f->fault.warning ? "warning" : "error";
}

static const char *s_of(unsigned long n)
{
	return n == 1 ? "" : "s";
}

static void print_text(const char *path, const struct report *r, const struct facts *x)
{
	const struct tt_dbc_census *c = &x->census;

	for (size_t i = 0; i < r->n; i++) {
		const struct tt_dbc_fault *f = &r->items[i].fault;

		printf("%s:%u: %s: %s", path, (unsigned)f->line, severity(&r->items[i]), f->why);
		if (f->detail[0]) {
			fputs(" (", stdout);
			put_word(stdout, f->detail, false);
			fputc(')', stdout);
		}
		fputc('\n', stdout);
	}
	printf("%s: %u message%s, %u signal%s (%u multiplexed, %u with value texts), %u CAN FD, %u J1939, %u node%s, %u value table%s; "
	       "decode plan "
	       "%zu bytes; %u error%s, %u warning%s\n",
	       path, (unsigned)c->messages, s_of(c->messages), (unsigned)c->signals, s_of(c->signals), (unsigned)c->multiplexed,
	       (unsigned)c->value_tables, (unsigned)c->fd, (unsigned)c->j1939, (unsigned)x->nodes, s_of(x->nodes), (unsigned)x->tables,
	       s_of(x->tables), x->plan_bytes, r->errors, s_of(r->errors), r->warnings, s_of(r->warnings));
}

static void print_json(const char *path, const struct report *r, const struct facts *x)
{
	const struct tt_dbc_census *c = &x->census;

	fputs("{\"file\":\"", stdout);
	put_word(stdout, path, true);
	printf("\",\"messages\":%u,\"signals\":%u,\"multiplexed\":%u,\"with_texts\":%u,\"can_fd\":%u,\"j1939\":%u,\"nodes\":%u,"
	       "\"value_tables\":%u,\"plan_bytes\":%zu,\"errors\":%u,\"warnings\":%u,\"findings\":[",
	       (unsigned)c->messages, (unsigned)c->signals, (unsigned)c->multiplexed, (unsigned)c->value_tables, (unsigned)c->fd,
	       (unsigned)c->j1939, (unsigned)x->nodes, (unsigned)x->tables, x->plan_bytes, r->errors, r->warnings);
	for (size_t i = 0; i < r->n; i++) {
		const struct tt_dbc_fault *f = &r->items[i].fault;

		printf("%s{\"line\":%u,\"severity\":\"%s\",\"text\":\"", i ? "," : "", (unsigned)f->line, severity(&r->items[i]));
		put_word(stdout, f->why, true);
		fputs("\",\"at\":\"", stdout);
		put_word(stdout, f->detail, true);
		fputs("\"}", stdout);
	}
	fputs("]}\n", stdout);
}

/* ---- work ---- */

static enum tt_err examine(const char *text, size_t len, struct report *r, struct facts *out)
{
	struct tt_dbc_arena database = {.cap = tt_dbc_arena_size(text, len)}, decoder = {.cap = 0};
	struct tt_dbc_plan plan;
	struct tt_dbc dbc;
	enum tt_err err = TT_ENOMEM;

	database.p = malloc(database.cap);
	if (database.p)
		err = tt_dbc_read(text, len, &database, collect, r, &dbc);
	if (err)
		goto out;
	decoder.cap = tt_dbc_plan_bound(&dbc);
	decoder.p = malloc(decoder.cap);
	err = decoder.p ? tt_dbc_plan_build(&dbc, TT_DBC_PLAN_ALL, &decoder, &plan) : TT_ENOMEM;
	if (err)
		goto out;
	tt_dbc_check(&dbc, text, len, collect, r);
	tt_dbc_count(&dbc, &out->census);
	out->nodes = dbc.nnodes;
	out->tables = dbc.ntables;
	out->plan_bytes = decoder.used;
	if (r->out_of_memory)
		err = TT_ENOMEM;
out:
	free(decoder.p);
	free(database.p);
	return err;
}

static int check_file(const char *path, bool json)
{
	struct report r = {.items = NULL};
	struct facts facts;
	struct tt_errmsg msg;
	char *text = NULL;
	size_t len;
	enum tt_err err = tt_decode_file_read(path, &text, &len, &msg);

	if (!err && examine(text, len, &r, &facts))
		err = tt_errmsg_set(&msg, TT_ENOMEM, "%s: out of memory", path);
	if (err) {
		fprintf(stderr, "%s\n", msg.text);
	} else {
		if (r.n > 0)
			qsort(r.items, r.n, sizeof(r.items[0]), by_line);
		(json ? print_json : print_text)(path, &r, &facts);
	}
	free(r.items);
	free(text);
	return err ? UNREADABLE : r.errors > 0 ? FAULTY : CLEAN;
}

static void print_usage(FILE *out)
{
	fputs("usage: telltale dbc check [--json] FILE...\n"
	      "\n"
	      "Says what DBC files hold, and what is wrong in them, by line: FILE:LINE: error|warning: text; way out (word).\n"
	      "The agent and `telltale decode` leave out what has an error and use the rest.\n"
	      "Exit status: 0 clean or warnings only, 1 errors, 2 wrong usage or a file that cannot be read.\n"
	      "\n"
	      "  --json   one JSON object a file\n",
	      out);
}

int tt_operator_dbc_check(int argc, char *argv[])
{
	bool json = false, options = true;
	int status = CLEAN, nfiles = 0;

	for (int i = 0; i < argc; i++) {
		if (options && strcmp(argv[i], "--help") == 0) {
			print_usage(stdout);
			return CLEAN;
		}
		if (options && strcmp(argv[i], "--json") == 0) {
			json = true;
		} else if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && argv[i][0] == '-') {
			fprintf(stderr, "telltale dbc check: unknown option '%s'\n", argv[i]);
			print_usage(stderr);
			return UNREADABLE;
		} else {
			argv[nfiles++] = argv[i]; /* the files, in order; options may stand anywhere */
		}
	}
	if (nfiles == 0) {
		print_usage(stderr);
		return UNREADABLE;
	}
	for (int i = 0; i < nfiles; i++) {
		const int one = check_file(argv[i], json);

		status = one > status ? one : status;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "telltale dbc check: writing failed: %s\n", strerror(errno));
		return UNREADABLE;
	}
	return status;
}
