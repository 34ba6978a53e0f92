#include "operator/commands.h"

#include "base/text.h"
#include "base/time.h"
#include "firmware/update/manifest.h"
#include "firmware/update/slots_file.h"
#include "operator/keys.h"
#include "operator/options.h"
#include "telltale.pb-c.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { DAYS_MAX = 3650 };

struct words {
	const char *dir, *program, *out, *key, *arch, *version, *sequence, *url, *unit, *days;
};

static enum tt_err number(const char *text, const char *what, int64_t lo, int64_t hi, int64_t *out, struct tt_errmsg *msg)
{
	if (tt_parse_i64(text, strlen(text), out) != TT_OK || *out < lo || *out > hi)
		return tt_errmsg_set(msg, TT_EINVAL, "--%s wants a number, %" PRId64 "..%" PRId64, what, lo, hi);
	return TT_OK;
}

static enum tt_err write_file(const char *path, const uint8_t *bytes, size_t len, struct tt_errmsg *msg)
{
	FILE *f = fopen(path, "we");
	const bool written = f && fwrite(bytes, 1, len, f) == len;

	return f && fclose(f) == 0 && written ? TT_OK : tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
}

/* What the car would refuse is refused here already. */
static enum tt_err sign(const struct words *w, const struct tt_operator_key *key, const Telltale__V1__UpdateManifest *m,
			struct tt_errmsg *msg)
{
	uint8_t body[TT_MANIFEST_MAX_BYTES], message[TT_MANIFEST_MAX_BYTES + TT_SIGN_OVERHEAD];
	const size_t size = telltale__v1__update_manifest__get_packed_size(m);
	struct tt_manifest read;
	const char *why;
	size_t len;
	enum tt_err err = size <= sizeof(body) ? tt_manifest_decode(body, telltale__v1__update_manifest__pack(m, body), &read) : TT_ERANGE;

	if (err)
		return tt_errmsg_set(msg, err, "a word is too long or has blanks: architecture, version, address or unit");
	why = tt_manifest_refusal(&read, m->unit, m->arch, tt_utc_now());
	if (why)
		return tt_errmsg_set(msg, TT_EINVAL, "%s", why);
	err = tt_signed_make(TT_SIGN_UPDATE, key->secret, body, size, message, sizeof(message), &len);
	return err ? tt_errmsg_set(msg, err, "signing: %s", tt_err_text(err)) : write_file(w->out, message, len, msg);
}

static enum tt_err run(const struct words *w, struct tt_errmsg *msg)
{
	Telltale__V1__UpdateManifest m = TELLTALE__V1__UPDATE_MANIFEST__INIT;
	struct tt_operator_key key;
	struct tt_home home;
	struct stat st;
	uint8_t sum[TT_MANIFEST_SUM];
	int64_t sequence = 0, days = 0;
	enum tt_err err = tt_home_find(w->dir, &home, msg);

	if (!err && tt_sign_init() != TT_OK)
		err = tt_errmsg_set(msg, TT_EIO, "no source of randomness");
	if (!err)
		err = number(w->sequence, "sequence", 1, INT64_MAX, &sequence, msg);
	if (!err)
		err = number(w->days, "days", 1, DAYS_MAX, &days, msg);
	if (!err && (stat(w->program, &st) != 0 || tt_slots_sum(w->program, sum) != TT_OK || st.st_size == 0))
		err = tt_errmsg_set(msg, TT_EIO, "%s: not a program of at most %d MiB", w->program, TT_MANIFEST_PROGRAM_MAX >> 20);
	if (!err)
		err = tt_keys_open(&home, w->key, TT_SIGN_UPDATE, &key, msg);
	if (err)
		return err;
	m.unit = (char *)(uintptr_t)w->unit; /* packing does not write */
	m.arch = (char *)(uintptr_t)w->arch;
	m.version = (char *)(uintptr_t)w->version;
	m.url = (char *)(uintptr_t)w->url;
	m.sequence = (uint64_t)sequence;
	m.size = (uint64_t)st.st_size;
	m.sha256 = (ProtobufCBinaryData){.len = sizeof(sum), .data = sum};
	m.expires_at_us = tt_utc_now() + days * TT_SEC(86400);
	err = sign(w, &key, &m, msg);
	tt_sign_wipe(&key, sizeof(key));
	if (!err)
		printf("%s: update %" PRId64 ", version %s for %s, valid for %" PRId64 " days\n", w->out, sequence, w->version, w->arch,
		       days);
	return err;
}

int tt_cmd_update_sign(int argc, char *argv[])
{
	struct words w = {.key = "operator", .unit = "", .days = "30"};
	const char *words[2];
	const struct tt_option options[] = {
		{"home", &w.dir, NULL, false, "folder of this installation [run]"},
		{"key", &w.key, NULL, false, "name of the key that signs; its role is update [operator]"},
		{"arch", &w.arch, NULL, true, "amd64, arm64 or armhf"},
		{"version", &w.version, NULL, true, "for people, at most 31 characters"},
		{"sequence", &w.sequence, NULL, true, "rises with every update; never taken twice"},
		{"url", &w.url, NULL, true, "where the cars fetch PROGRAM, https: or file:"},
		{"unit", &w.unit, NULL, false, "for this unit alone [every unit that trusts the key]"},
		{"days", &w.days, NULL, false, "how long the manifest is valid [30]"},
	};
	const struct tt_usage usage = {"update sign PROGRAM MANIFEST",
				       "Sign an update of the in-car agent: the manifest that telltale-update fetches.", options,
				       sizeof(options) / sizeof(options[0]), 2};
	const enum tt_err err = tt_options_read(&usage, argc, argv, words);
	struct tt_errmsg msg = {""};

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	w.program = words[0];
	w.out = words[1];
	return run(&w, &msg) == TT_OK ? TT_EXIT_OK : tt_home_failed(&msg);
}
