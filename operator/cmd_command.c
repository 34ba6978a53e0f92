#include "operator/commands.h"

#include "base/text.h"
#include "base/time.h"
#include "firmware/proto/command.h"
#include "operator/keys.h"
#include "operator/options.h"
#include "operator/send.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { VALID_S = 300, WAIT_S_MAX = 86400 };

struct words {
	const char *dir, *unit, *kind, *key, *text, *for_ms, *interval_ms, *lat, *lon, *valid_s, *wait_s, *host, *port, *out;
	bool speak, plain;
};

static bool number(const char *text, int64_t lo, int64_t hi, int64_t *out)
{
	return !text || (tt_parse_i64(text, strlen(text), out) == TT_OK && *out >= lo && *out <= hi);
}

static bool degrees(const char *text, int32_t *out)
{
	char *end = NULL;
	const double v = text ? strtod(text, &end) : 0;

	if (text && (end == text || *end != '\0' || !(fabs(v) <= 180)))
		return false;
	*out = (int32_t)lround(v * 1e7);
	return true;
}

static enum tt_err fill(const struct words *w, Telltale__V1__Command *c, int64_t *wait_s, struct tt_errmsg *msg)
{
	const enum tt_command_kind kind = tt_command_kind_by_name(w->kind);
	int64_t for_ms = 0, interval_ms = 0, valid_s = VALID_S;

	if (kind == TT_COMMAND_NONE)
		return tt_errmsg_set(msg, TT_EINVAL,
				     "kind '%s': ping full-state report-rate capture read-codes clear-codes lock unlock horn-lights "
				     "ignition-block ignition-release message destination",
				     w->kind);
	if (!number(w->for_ms, 0, UINT32_MAX, &for_ms) || !number(w->interval_ms, 0, UINT32_MAX, &interval_ms) ||
	    !number(w->valid_s, 1, 86400, &valid_s) || !number(w->wait_s, 0, WAIT_S_MAX, wait_s) || !degrees(w->lat, &c->latitude_e7) ||
	    !degrees(w->lon, &c->longitude_e7))
		return tt_errmsg_set(msg, TT_EINVAL, "a number is none, or out of range");
	c->unit = (char *)(uintptr_t)w->unit; /* encoding does not write */
	c->kind = (Telltale__V1__CommandKind)kind;
	c->not_before_us = tt_utc_now();
	c->expires_at_us = c->not_before_us + TT_SEC(valid_s);
	c->duration_ms = (uint32_t)for_ms;
	c->interval_ms = (uint32_t)interval_ms;
	c->text = (char *)(uintptr_t)(w->text ? w->text : "");
	c->speak = w->speak;
	if (strlen(c->text) >= TT_COMMAND_TEXT)
		return tt_errmsg_set(msg, TT_ERANGE, "the text has more than %d bytes", TT_COMMAND_TEXT - 1);
	return TT_OK;
}

struct waiting {
	uint64_t id;
	uint32_t outcome;
};

static bool take(void *ctx, const Telltale__V1__Envelope *env)
{
	struct waiting *w = ctx;
	const Telltale__V1__CommandResult *r = env->command_result;

	if (env->body_case != TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT || r->id != w->id)
		return false;
	printf("%s%s%s\n", tt_command_outcome_name((uint32_t)r->outcome), r->reason[0] ? ": " : "", r->reason);
	fflush(stdout);
	w->outcome = (uint32_t)r->outcome;
	return w->outcome != TT_OUTCOME_ACCEPTED && w->outcome != TT_OUTCOME_ARMED;
}

static enum tt_err write_out(const char *path, const uint8_t *bytes, size_t len, struct tt_errmsg *msg)
{
	FILE *f = fopen(path, "we");
	bool ok = f && fwrite(bytes, 1, len, f) == len;

	ok = f && fclose(f) == 0 && ok;
	return ok ? TT_OK : tt_errmsg_set(msg, TT_EIO, "%s: cannot be written", path);
}

static enum tt_err sign_and_send(const struct words *w, const struct tt_home *home, const struct tt_operator_key *key,
				 Telltale__V1__Command *c, int64_t wait_s, struct tt_errmsg *msg)
{
	struct waiting waiting;
	struct tt_send s = {.home = home,
			    .host = w->host,
			    .port = w->port,
			    .plain = w->plain,
			    .unit = w->unit,
			    .where = TT_DN_CMD,
			    .wait_s = (int)wait_s,
			    .take = take,
			    .ctx = &waiting};
	uint8_t body[TT_COMMAND_BYTES_MAX], message[TT_COMMAND_BYTES_MAX + TT_SIGN_OVERHEAD];
	enum tt_err err = tt_keys_count(home, key->name, w->unit, 1, &c->counter, msg);

	if (err)
		return err;
	if (getrandom(&c->id, sizeof(c->id), 0) != sizeof(c->id))
		return tt_errmsg_set(msg, TT_EIO, "no source of randomness");
	c->id |= c->id == 0;
	waiting = (struct waiting){c->id, TT_OUTCOME_NONE};
	if (telltale__v1__command__get_packed_size(c) > sizeof(body))
		return tt_errmsg_set(msg, TT_ERANGE, "the command is too long");
	err = tt_signed_make(TT_SIGN_COMMAND, key->secret, body, telltale__v1__command__pack(c, body), message, sizeof(message), &s.len);
	s.message = message;
	if (!err)
		err = w->out ? write_out(w->out, message, s.len, msg) : tt_send(&s, msg);
	if (!err)
		printf("command %016" PRIx64 " counter %" PRIu64 "\n", c->id, c->counter);
	if (!err && wait_s > 0 && waiting.outcome != TT_OUTCOME_DONE)
		err = tt_errmsg_set(msg, TT_EDENIED, "%s: %s", w->unit, tt_command_outcome_name(waiting.outcome));
	return err;
}

static int run(const struct words *w)
{
	Telltale__V1__Command c = TELLTALE__V1__COMMAND__INIT;
	struct tt_operator_key key;
	struct tt_errmsg msg = {""};
	struct tt_home home;
	int64_t wait_s = 0;
	enum tt_err err = tt_home_find(w->dir, &home, &msg);

	if (!err && !tt_unit_name_valid(w->unit))
		err = tt_errmsg_set(&msg, TT_EINVAL, "unit '%s': 1 to 32 letters, digits and '-'", w->unit);
	if (!err)
		err = fill(w, &c, &wait_s, &msg);
	if (!err && tt_sign_init() != TT_OK)
		err = tt_errmsg_set(&msg, TT_EIO, "no source of randomness");
	if (!err)
		err = tt_keys_open(&home, w->key, TT_SIGN_COMMAND, &key, &msg);
	if (!err) {
		err = sign_and_send(w, &home, &key, &c, wait_s, &msg);
		tt_sign_wipe(&key, sizeof(key));
	}
	return err ? tt_home_failed(&msg) : TT_EXIT_OK;
}

int tt_cmd_command_send(int argc, char *argv[])
{
	struct words w = {.key = "operator"};
	const char *words[2];
	const struct tt_option options[] = {
		{"home", &w.dir, NULL, false, "folder of this installation [run]"},
		{"key", &w.key, NULL, false, "name of the key that signs [operator]"},
		{"text", &w.text, NULL, false, "message: what the driver is told; destination: its name"},
		{"speak", NULL, &w.speak, false, "message: read it aloud"},
		{"for-ms", &w.for_ms, NULL, false, "horn-lights, report-rate: for how long"},
		{"interval-ms", &w.interval_ms, NULL, false, "report-rate: between two reports"},
		{"lat", &w.lat, NULL, false, "destination: degrees north"},
		{"lon", &w.lon, NULL, false, "destination: degrees east"},
		{"valid", &w.valid_s, NULL, false, "seconds until it expires, 1..86400 [300]"},
		{"wait", &w.wait_s, NULL, false, "seconds to wait for the result; exit 0 when it is done [0]"},
		{"out", &w.out, NULL, false, "write the signed message to this file and send nothing"},
		{"host", &w.host, NULL, false, "broker [localhost]"},
		{"port", &w.port, NULL, false, "its port for services [8884]"},
		{"plain", NULL, &w.plain, false, "without TLS: for tests on one machine"},
	};
	const struct tt_usage usage = {"command send UNIT KIND", "Sign a command and send it to a unit.", options,
				       sizeof(options) / sizeof(options[0]), 2};
	const enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	w.unit = words[0];
	w.kind = words[1];
	return run(&w);
}
