#include "operator/decode/decode.h"

#include "operator/decode/decode_files.h"
#include "operator/decode/decode_j1939.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, FAILED = 1, USAGE = 2 };

struct request {
	const char *dbcs[TT_DECODE_DBCS];
	size_t ndbcs;
	const char *log; /* "-" or NULL: standard input */
	bool j1939, help;
	unsigned method; /* of SPN conversion; 0 = as the standard's version 4 */
};

static void print_usage(FILE *out)
{
	fputs("usage: telltale decode [--dbc [BUS=]FILE]... [--j1939 [--spn-method 1|2|3]] [LOG|-]\n"
	      "\n"
	      "Reads candump log lines (candump -L) and writes one JSON object a line: messages of the DBC files, and OBD responses (pid, "
	      "readiness, dtc, freeze, vin, monitor, calid, cvn, ecu_name, in_use). A line that cannot be read is told on stderr and "
	      "skipped; the exit status is then 1.\n"
	      "\n"
	      "  --dbc FILE   decode the messages of this database; may be given up to 16 times. What is broken in it is left out\n"
	      "               and counted on stderr (`telltale dbc check FILE` tells it). can1=FILE: for frames of interface can1 only;\n"
	      "               write ./a=b.dbc for a file with such a name\n"
	      "  --j1939      match 29-bit messages by PGN, from any source address; put multi-packet messages together; dm1, dm2, dm5, "
	      "vin\n"
	      "  --spn-method how SPNs are packed in codes whose conversion bit is set; without it as in those where it is not\n"
	      "  LOG          the log; - or nothing: standard input\n",
	      out);
}

static int parse_arguments(int argc, char *argv[], struct request *q)
{
	bool options = true;

	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i];

		if (options && strcmp(arg, "--") == 0) {
			options = false;
		} else if (options && strcmp(arg, "--help") == 0) {
			q->help = true;
		} else if (options && strcmp(arg, "--j1939") == 0) {
			q->j1939 = true;
		} else if (options && strcmp(arg, "--spn-method") == 0) {
			const char *method = ++i < argc ? argv[i] : "";

			if (method[0] < '1' || method[0] > '3' || method[1]) {
				fputs("telltale decode: --spn-method wants 1, 2 or 3\n", stderr);
				return USAGE;
			}
			q->method = (unsigned)(method[0] - '0');
		} else if (options && (strcmp(arg, "--dbc") == 0 || strncmp(arg, "--dbc=", 6) == 0)) {
			const char *file = arg[5] == '=' ? arg + 6 : ++i < argc ? argv[i] : NULL;

			if (!file || q->ndbcs == TT_DECODE_DBCS) {
				fprintf(stderr, "telltale decode: %s\n", file ? "more than 16 databases" : "--dbc needs a file");
				return USAGE;
			}
			q->dbcs[q->ndbcs++] = file;
		} else if ((options && arg[0] == '-' && arg[1]) || q->log) {
			fprintf(stderr, "telltale decode: unexpected argument '%s'\n", arg);
			return USAGE;
		} else {
			q->log = arg;
		}
	}
	return OK;
}

static int decode_log(struct tt_decode *d, FILE *in, const char *name)
{
	char *line = NULL;
	size_t cap = 0;
	unsigned long number = 0;
	int status = OK;

	for (ssize_t n; (n = getline(&line, &cap, in)) >= 0;) {
		struct tt_candump_fault fault = {.why = ""};

		number++;
		if (n > 0 && line[n - 1] == '\n')
			n--;
		if (tt_decode_line(d, line, (size_t)n, stdout, &fault)) {
			fprintf(stderr, "%s:%lu: %s (column %zu)\n", name, number, fault.why, fault.column);
			status = FAILED;
		}
	}
	if (ferror(in)) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		status = FAILED;
	}
	free(line);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "telltale decode: writing failed: %s\n", strerror(errno));
		status = FAILED;
	}
	return status;
}

static int decode_with(struct tt_decode *d, const struct request *q)
{
	const bool from_stdin = !q->log || strcmp(q->log, "-") == 0;
	const char *name = from_stdin ? "-" : q->log;
	FILE *in = from_stdin ? stdin : fopen(q->log, "rb");
	int status;

	if (!in) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		return FAILED;
	}
	status = decode_log(d, in, name);
	if (!from_stdin)
		(void)fclose(in);
	return status;
}

/* [BUS=]FILE: what stands before the first '=' is an interface, unless it has a slash. */
static int read_dbc(struct tt_decode_dbc *dbc, const char *word, bool j1939)
{
	const size_t n = strcspn(word, "=/");
	const bool has_bus = n > 0 && word[n] == '=';
	const char *path = has_bus ? word + n + 1 : word;
	struct tt_errmsg msg;

	if (tt_decode_dbc_read(path, j1939, dbc, &msg)) {
		fprintf(stderr, "%s\n", msg.text);
		return FAILED;
	}
	if (has_bus) {
		dbc->bus = word;
		dbc->bus_len = n;
	}
	if (dbc->left_out > 0)
		fprintf(stderr, "%s: %u broken statement%s left out; `telltale dbc check` tells which\n", path, dbc->left_out,
			dbc->left_out == 1 ? "" : "s");
	return OK;
}

int tt_operator_decode(int argc, char *argv[])
{
	struct request q = {0};
	struct tt_decode *d;
	int status = parse_arguments(argc, argv, &q);

	if (status || q.help) {
		print_usage(status ? stderr : stdout);
		return status;
	}
	d = calloc(1, sizeof(*d));
	if (!d) {
		fputs("telltale decode: out of memory\n", stderr);
		return FAILED;
	}
	tt_isotp_sniff_init(&d->sniff);
	if (q.j1939)
		tt_decode_j1939_init(d, q.method ? q.method : TT_J1939_METHOD_DEFAULT);
	for (; d->ndbcs < q.ndbcs && status == OK; d->ndbcs++)
		status = read_dbc(&d->dbcs[d->ndbcs], q.dbcs[d->ndbcs], q.j1939);
	if (status == OK)
		status = decode_with(d, &q);
	for (size_t i = 0; i < TT_DECODE_DBCS; i++)
		tt_decode_dbc_free(&d->dbcs[i]);
	free(d);
	return status;
}
