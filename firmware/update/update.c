/*
 * telltale-update: fetches the manifest, and the program that it names into the slot that is not in use. It starts nothing: the agent ends
 * in good order when the car is parked, and telltale-launch tries the new program.
 *
 * A broken download goes on where it stopped. Exit status 0: staged, or nothing new; 1: failed, try again later; 2: configuration.
 */
#include "base/config.h"
#include "base/log.h"
#include "firmware/update/manifest.h"
#include "firmware/update/slots_file.h"
#include "wire/sign.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCH "amd64"
#elif defined(__aarch64__)
#define ARCH "arm64"
#elif defined(__arm__)
#define ARCH "armhf"
#else
#error "name this architecture as Debian does"
#endif

enum { EXIT_CONFIG = 2, URL_BYTES = 512, SLOW_BYTES_S = 200, SLOW_S = 120, KEYS_BYTES = 8192 };

struct settings {
	char unit[64], state[TT_SLOTS_PATH], keys[TT_SLOTS_PATH], manifest_url[URL_BYTES], ca[TT_SLOTS_PATH], cert[TT_SLOTS_PATH],
		key[TT_SLOTS_PATH];
};

static const struct tt_config_key keys[] = {
	TT_CONFIG_STR(struct settings, unit, "unit", NULL, "Name of this unit."),
	TT_CONFIG_STR(struct settings, state, "state", NULL, "Folder of the slots, the one that telltale-launch is given."),
	TT_CONFIG_STR(struct settings, keys, "keys", NULL, "File of the trusted keys; one with the role `update` must have signed."),
	TT_CONFIG_STR(struct settings, manifest_url, "manifest-url", NULL, "Address of the signed manifest, https: or file:."),
	TT_CONFIG_STR(struct settings, ca, "ca", "", "Certificate authority of that server, a PEM file; empty for the system's."),
	TT_CONFIG_STR(struct settings, cert, "cert", "", "This unit's certificate, a PEM file; empty for none."),
	TT_CONFIG_STR(struct settings, key, "key", "", "This unit's private key, a PEM file."),
};

static const struct tt_config_spec spec = {
	.program = "telltale-update",
	.purpose = "Fetches a signed update of the in-car agent into the slot that is not in use.",
	.env_prefix = "TELLTALE_UPDATE",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
};

/* ---- fetching ---- */

struct sink {
	FILE *file;     /* NULL: into memory */
	uint8_t *bytes; /* cap */
	uint64_t used, cap;
};

static size_t on_data(char *data, size_t size, size_t n, void *ctx)
{
	struct sink *s = ctx;

	(void)size; /* always 1 */
	if (n > s->cap - s->used)
		return 0;
	if (!s->file)
		memcpy(s->bytes + s->used, data, n);
	else if (fwrite(data, 1, n, s->file) != n)
		return 0;
	s->used += n;
	return n;
}

/* Appends to the sink what lies at url from byte s->used on. */
static enum tt_err fetch(const struct settings *set, const char *url, struct sink *s, struct tt_errmsg *msg)
{
	char why[CURL_ERROR_SIZE] = "";
	CURL *c = curl_easy_init();
	CURLcode code;

	if (!c)
		return tt_errmsg_set(msg, TT_ENOMEM, "libcurl does not start");
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,file");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 60L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	curl_easy_setopt(c, CURLOPT_RESUME_FROM_LARGE, (curl_off_t)s->used);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	if (set->ca[0])
		curl_easy_setopt(c, CURLOPT_CAINFO, set->ca);
	if (set->cert[0]) {
		curl_easy_setopt(c, CURLOPT_SSLCERT, set->cert);
		curl_easy_setopt(c, CURLOPT_SSLKEY, set->key);
	}
	code = curl_easy_perform(c);
	curl_easy_cleanup(c);
	return code == CURLE_OK ? TT_OK : tt_errmsg_set(msg, TT_EIO, "%s: %s", url, why[0] ? why : curl_easy_strerror(code));
}

/* ---- the manifest ---- */

static enum tt_err load_trust(const char *path, struct tt_trust *trust, struct tt_errmsg *msg)
{
	static char text[KEYS_BYTES];
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: %s", path, strerror(errno));
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (n == sizeof(text))
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: longer than a file of keys", path);
	return tt_trust_parse(path, text, n, trust, msg);
}

static enum tt_err get_manifest(const struct settings *set, uint8_t *buf, size_t cap, struct tt_manifest *m, struct tt_errmsg *msg)
{
	struct sink sink = {.bytes = buf, .cap = cap};
	enum tt_trust_verdict verdict;
	struct tt_trust trust;
	struct tt_signed signed_body;
	const char *why;
	enum tt_err err = load_trust(set->keys, &trust, msg);

	if (!err)
		err = fetch(set, set->manifest_url, &sink, msg);
	if (err)
		return err;
	if (tt_signed_decode(buf, (size_t)sink.used, &signed_body) != TT_OK)
		return tt_errmsg_set(msg, TT_EPROTO, "%s: not a signed manifest", set->manifest_url);
	verdict = tt_trust_check(&trust, &signed_body, TT_SIGN_UPDATE);
	if (verdict != TT_TRUST_GOOD)
		return tt_errmsg_set(msg, TT_EDENIED, "%s: %s", set->manifest_url, tt_trust_verdict_text(verdict));
	err = tt_manifest_decode(signed_body.body, signed_body.body_len, m);
	if (err)
		return tt_errmsg_set(msg, err, "%s: the manifest is not readable: %s", set->manifest_url, tt_err_text(err));
	why = tt_manifest_refusal(m, set->unit, ARCH, tt_utc_now());
	return why ? tt_errmsg_set(msg, TT_EDENIED, "%s: %s", set->manifest_url, why) : TT_OK;
}

/* ---- the program ---- */

/* What an earlier try has left, if it is of this update: the name tells. */
static enum tt_err download(const struct settings *set, const struct tt_manifest *m, const char *part, struct tt_errmsg *msg)
{
	struct sink sink = {.file = fopen(part, "abe"), .cap = m->size};
	struct stat st;
	bool good;
	enum tt_err err = TT_OK;

	if (!sink.file || fstat(fileno(sink.file), &st) != 0) {
		err = tt_errmsg_set(msg, TT_EIO, "%s: %s", part, strerror(errno));
	} else {
		sink.used = (uint64_t)st.st_size <= m->size ? (uint64_t)st.st_size : m->size;
		if (sink.used < m->size)
			err = fetch(set, m->url, &sink, msg);
	}
	if (!sink.file)
		return err;
	good = fflush(sink.file) == 0 && fsync(fileno(sink.file)) == 0 && fchmod(fileno(sink.file), 0700) == 0;
	good = fclose(sink.file) == 0 && good;
	return err || good ? err : tt_errmsg_set(msg, TT_EIO, "%s: %s", part, strerror(errno));
}

/* Into the slot's place, whole and proved. */
static enum tt_err install(const struct settings *set, enum tt_slot slot, const struct tt_manifest *m, struct tt_errmsg *msg)
{
	char program[TT_SLOTS_PATH], folder[TT_SLOTS_PATH], part[TT_SLOTS_PATH + 32];
	uint8_t sum[TT_SLOT_SUM];
	enum tt_err err = tt_slots_program_path(set->state, slot, program, sizeof(program));

	if (err)
		return tt_errmsg_set(msg, err, "%s: the path is too long", set->state);
	snprintf(folder, sizeof(folder), "%s", program);
	*strrchr(folder, '/') = '\0';
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", folder, strerror(errno));
	snprintf(part, sizeof(part), "%s.%016llx", program, (unsigned long long)m->sequence);
	err = download(set, m, part, msg);
	if (err)
		return err;
	if (tt_slots_sum(part, sum) != TT_OK || memcmp(sum, m->sha256, sizeof(sum)) != 0) {
		(void)unlink(part); /* nothing to go on with */
		return tt_errmsg_set(msg, TT_ECORRUPT, "%s: not the program that the manifest names; fetched anew next time", m->url);
	}
	if (rename(part, program) != 0 || tt_slots_sync_folder(folder) != TT_OK)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", program, strerror(errno));
	return TT_OK;
}

/* ---- the state: read, changed and written under its lock ---- */

static enum tt_err change(const char *dir, enum tt_err (*fn)(struct tt_slots *s, const struct tt_manifest *m), const struct tt_manifest *m,
			  struct tt_slots *s, struct tt_errmsg *msg)
{
	int lock;
	enum tt_err err = tt_slots_lock(dir, TT_SLOTS_STATE_LOCK, &lock);

	if (err)
		return tt_errmsg_set(msg, err, "%s: the state of the slots is in use", dir);
	err = tt_slots_load(dir, s, msg);
	if (!err) {
		err = fn(s, m);
		if (err)
			(void)tt_errmsg_set(msg, err, "another update is on trial; it is decided first");
	}
	if (!err)
		err = tt_slots_save(dir, s, msg);
	close(lock);
	return err;
}

/* A program on trial is left alone, one that only waits for its trial gives way. */
static enum tt_err make_room(struct tt_slots *s, const struct tt_manifest *m)
{
	(void)m;
	if (s->trial.slot != TT_SLOT_PACKAGED && s->tries < TT_SLOT_TRIES)
		return TT_ECONFLICT;
	tt_slots_give_up(s);
	return TT_OK;
}

static enum tt_err stage(struct tt_slots *s, const struct tt_manifest *m)
{
	return s->trial.slot == TT_SLOT_PACKAGED ? tt_slots_stage(s, m->sequence, m->version, m->sha256) : TT_ECONFLICT;
}

static enum tt_err update(const struct settings *set, struct tt_errmsg *msg)
{
	static uint8_t buf[TT_MANIFEST_MAX_BYTES + TT_SIGN_OVERHEAD];
	struct tt_manifest m;
	struct tt_slots s, probe;
	enum tt_slot slot;
	enum tt_err err = tt_slots_load(set->state, &s, msg);

	if (!err)
		err = get_manifest(set, buf, sizeof(buf), &m, msg);
	if (err)
		return err;
	probe = s;
	if (tt_slots_stage(&probe, m.sequence, m.version, m.sha256) != TT_OK) {
		tt_log(TT_LOG_INFO, NULL, "update.none", "nothing newer than what is here: %s", m.version);
		return TT_OK;
	}
	err = change(set->state, make_room, &m, &s, msg);
	slot = tt_slots_target(&s);
	if (!err)
		err = install(set, slot, &m, msg);
	if (!err)
		err = change(set->state, stage, &m, &s, msg);
	if (!err)
		tt_log(TT_LOG_INFO, NULL, "update.staged", "%s waits in slot %s", m.version, tt_slot_name(slot));
	return err;
}

int main(int argc, char **argv)
{
	static struct settings set;
	struct tt_errmsg msg = {.text = ""};
	bool help = false;
	int lock = -1;
	enum tt_err err = tt_config_load(&spec, &set, argc, argv, &help, &msg);

	if (help)
		return 0;
	if (err) {
		fprintf(stderr, "telltale-update: %s\n", msg.text);
		return EXIT_CONFIG;
	}
	tt_log_init("telltale-update", TT_LOG_INFO);
	err = tt_sign_init();
	if (err || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		fprintf(stderr, "telltale-update: libsodium or libcurl does not start\n");
		return 1;
	}
	err = tt_slots_lock(set.state, TT_SLOTS_UPDATE_LOCK, &lock);
	if (err)
		(void)tt_errmsg_set(&msg, err, "%s: %s", set.state, err == TT_EAGAIN ? "another update is under way" : "cannot be written");
	else
		err = update(&set, &msg);
	if (err)
		fprintf(stderr, "telltale-update: %s\n", msg.text);
	if (lock >= 0)
		close(lock);
	curl_global_cleanup();
	return err == TT_ECONFIG ? EXIT_CONFIG : err ? 1 : 0;
}
