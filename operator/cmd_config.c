#include "operator/commands.h"

#include "base/text.h"
#include "base/time.h"
#include "firmware/proto/config_doc.h"
#include "operator/keys.h"
#include "operator/options.h"
#include "operator/send.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = TT_CONFIG_DOC_MAX_BYTES, WAIT_S_MAX = 86400 };

struct words {
	const char *dir, *unit, *file, *key, *version, *set, *wait_s, *host, *port, *out;
	bool fleet, known, plain;
};

/* The document and everything that it points to. */
struct draft {
	Telltale__V1__ConfigDocument doc;
	char *profile; /* with its dbc paths cut down to names */
	size_t profile_len;
	Telltale__V1__ConfigFile files[TT_CONFIG_DOC_FILES], *file_list[TT_CONFIG_DOC_FILES];
	char names[TT_CONFIG_DOC_FILES][TT_CONFIG_DOC_NAME];
	uint8_t sums[TT_CONFIG_DOC_FILES][TT_CONFIG_DOC_SUM];
	char *contents[TT_CONFIG_DOC_FILES];
	Telltale__V1__ConfigSetting settings[TT_CONFIG_DOC_SETTINGS], *setting_list[TT_CONFIG_DOC_SETTINGS];
	char set[1024];
};

static enum tt_err slurp(const char *path, char **out, size_t *len, struct tt_errmsg *msg)
{
	FILE *f = fopen(path, "re");
	char *buf = f ? malloc(8 * (size_t)FILE_BYTES + 1) : NULL;

	if (!buf) {
		if (f)
			fclose(f);
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	}
	*len = fread(buf, 1, 8 * (size_t)FILE_BYTES, f);
	buf[*len] = '\0';
	*out = buf;
	return fclose(f) == 0 ? TT_OK : tt_errmsg_set(msg, TT_EIO, "%s: cannot be read", path);
}

/* One dbc of the profile: its content, sum and bare name go with the document. */
static enum tt_err add_file(struct draft *d, const char *profile_path, const char *word, size_t n, bool known, struct tt_errmsg *msg)
{
	const char *slash = word[0] == '/' ? NULL : strrchr(profile_path, '/');
	const int folder = slash ? (int)(slash - profile_path) + 1 : 0;
	const size_t i = d->doc.n_files;
	char path[TT_PATH_MAX];
	const char *name = word + n;
	size_t len;
	enum tt_err err;

	while (name > word && name[-1] != '/')
		name--;
	if (i == TT_CONFIG_DOC_FILES)
		return tt_errmsg_set(msg, TT_EFULL, "%s: names more than %d files", profile_path, TT_CONFIG_DOC_FILES);
	if ((size_t)(word + n - name) >= sizeof(d->names[i]) ||
	    (size_t)snprintf(path, sizeof(path), "%.*s%.*s", folder, profile_path, (int)n, word) >= sizeof(path))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: a path is too long", profile_path);
	memcpy(d->names[i], name, (size_t)(word + n - name));
	err = slurp(path, &d->contents[i], &len, msg);
	if (err)
		return err;
	(void)crypto_hash_sha256(d->sums[i], (const uint8_t *)d->contents[i], len); /* always 0 */
	telltale__v1__config_file__init(&d->files[i]);
	d->files[i].name = d->names[i];
	d->files[i].sha256 = (ProtobufCBinaryData){.len = TT_CONFIG_DOC_SUM, .data = d->sums[i]};
	if (!known)
		d->files[i].content = (ProtobufCBinaryData){.len = len, .data = (uint8_t *)d->contents[i]};
	d->file_list[i] = &d->files[i];
	d->doc.n_files++;
	return TT_OK;
}

static size_t blanks(const char *s)
{
	return strspn(s, " \t");
}

/* Copies the profile; `dbc PATH` becomes `dbc NAME`, since the file will stand beside it. */
static enum tt_err take_profile(struct draft *d, const struct words *w, struct tt_errmsg *msg)
{
	char *text, *out;
	size_t len, used = 0;
	enum tt_err err = slurp(w->file, &text, &len, msg);

	if (err)
		return err;
	out = d->profile = malloc(len + 1);
	if (!out)
		err = tt_errmsg_set(msg, TT_ENOMEM, "out of memory");
	for (const char *line = text; !err && *line;) {
		const size_t n = strcspn(line, "\n"), lead = blanks(line);
		const char *word = line + lead + 3 + blanks(line + lead + 3);
		const size_t wn = strncmp(line + lead, "dbc", 3) == 0 && word > line + lead + 3 ? strcspn(word, " \t\r\n#") : 0;

		if (wn > 0) {
			const char *name;

			err = add_file(d, w->file, word, wn, w->known, msg);
			if (err)
				break;
			name = d->names[d->doc.n_files - 1];
			used += (size_t)sprintf(out + used, "dbc %s%.*s", name, (int)(line + n - (word + wn)), word + wn);
		} else {
			memcpy(out + used, line, n);
			used += n;
		}
		line += n;
		if (*line == '\n')
			out[used++] = *line++;
	}
	free(text);
	d->profile_len = used;
	return err;
}

/* "key=value,key=value" */
static enum tt_err take_settings(struct draft *d, const char *set, struct tt_errmsg *msg)
{
	if (strlen(set) >= sizeof(d->set))
		return tt_errmsg_set(msg, TT_ERANGE, "--set is too long");
	strcpy(d->set, set);
	for (char *save = NULL, *word = strtok_r(d->set, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		const size_t i = d->doc.n_settings;
		char *equals = strchr(word, '=');

		if (!equals || i == TT_CONFIG_DOC_SETTINGS)
			return tt_errmsg_set(msg, TT_EINVAL, "--set %s: wants KEY=VALUE, at most %d of them", word, TT_CONFIG_DOC_SETTINGS);
		*equals = '\0';
		telltale__v1__config_setting__init(&d->settings[i]);
		d->settings[i].key = word;
		d->settings[i].value = equals + 1;
		d->setting_list[i] = &d->settings[i];
		d->doc.n_settings++;
	}
	return TT_OK;
}

struct waiting {
	uint64_t version;
	Telltale__V1__ConfigOutcome outcome;
};

static bool take(void *ctx, const Telltale__V1__Envelope *env)
{
	static const char *const names[] = {"none", "applied", "confirmed", "rejected", "rolled back", "accepted"};
	struct waiting *w = ctx;
	const Telltale__V1__ConfigResult *r = env->config_result;

	/* what could not be read has version 0 */
	if (env->body_case != TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT || (r->version != w->version && r->version != 0))
		return false;
	w->outcome = r->outcome;
	static_assert(sizeof(names) / sizeof(names[0]) == TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_ACCEPTED + 1,
		      "the decoder lets no other through");
	printf("%s%s%s\n", names[r->outcome], r->reason[0] ? ": " : "", r->reason);
	fflush(stdout);
	return r->outcome != TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_APPLIED &&
	       r->outcome != TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_ACCEPTED;
}

static enum tt_err sign_and_send(const struct words *w, const struct tt_home *home, const struct tt_operator_key *key, struct draft *d,
				 struct tt_errmsg *msg)
{
	const size_t cap = telltale__v1__config_document__get_packed_size(&d->doc);
	struct waiting waiting = {.version = d->doc.version};
	int64_t wait_s = 0;
	struct tt_send s = {.home = home,
			    .host = w->host,
			    .port = w->port,
			    .plain = w->plain,
			    .unit = w->unit,
			    .where = TT_DN_CFG,
			    .take = take,
			    .ctx = &waiting};
	uint8_t *body = malloc(cap + 1), *message = malloc(cap + TT_SIGN_OVERHEAD);
	enum tt_err err = body && message ? TT_OK : tt_errmsg_set(msg, TT_ENOMEM, "out of memory");

	if (!err && cap > TT_CONFIG_DOC_MAX_BYTES)
		err = tt_errmsg_set(msg, TT_ERANGE, "%zu bytes, the broker takes %d; --known leaves out what the unit has", cap,
				    TT_CONFIG_DOC_MAX_BYTES);
	if (!err && w->wait_s && (tt_parse_i64(w->wait_s, strlen(w->wait_s), &wait_s) || wait_s < 0 || wait_s > WAIT_S_MAX))
		err = tt_errmsg_set(msg, TT_EINVAL, "--wait wants seconds");
	if (err)
		goto out;
	s.wait_s = (int)wait_s;
	s.message = message;
	err = tt_signed_make(TT_SIGN_CONFIG, key->secret, body, telltale__v1__config_document__pack(&d->doc, body), message,
			     cap + TT_SIGN_OVERHEAD, &s.len);
	if (!err && w->out) {
		FILE *f = fopen(w->out, "we");
		const bool ok = f && fwrite(message, 1, s.len, f) == s.len;

		if (!(f && fclose(f) == 0 && ok))
			err = tt_errmsg_set(msg, TT_EIO, "%s: cannot be written", w->out);
	} else if (!err) {
		err = tt_send(&s, msg);
	}
	if (!err)
		printf("configuration %" PRIu64 " (%zu bytes)\n", d->doc.version, s.len);
	if (!err && wait_s > 0 && waiting.outcome != TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_CONFIRMED)
		err = tt_errmsg_set(msg, TT_EDENIED, "%s: not confirmed", w->unit);
out:
	free(body);
	free(message);
	return err;
}

static enum tt_err send_draft(const struct words *w, const struct tt_home *home, struct draft *d, struct tt_errmsg *msg)
{
	struct tt_operator_key key;
	int64_t least = 1;
	enum tt_err err = tt_keys_open(home, w->key, TT_SIGN_CONFIG, &key, msg);

	if (err)
		return err;
	if (w->version && (tt_parse_i64(w->version, strlen(w->version), &least) || least < 1))
		err = tt_errmsg_set(msg, TT_EINVAL, "--version wants a number from 1");
	if (!err)
		err = tt_keys_count(home, "config", w->unit, (uint64_t)least, &d->doc.version, msg);
	d->doc.unit = w->fleet ? d->doc.unit : (char *)(uintptr_t)w->unit; /* encoding does not write */
	d->doc.issued_at_us = tt_utc_now();
	d->doc.profile = (ProtobufCBinaryData){.len = d->profile_len, .data = (uint8_t *)d->profile};
	d->doc.files = d->file_list;
	d->doc.settings = d->setting_list;
	if (!err)
		err = sign_and_send(w, home, &key, d, msg);
	tt_sign_wipe(&key, sizeof(key));
	return err;
}

static int run(const struct words *w)
{
	struct draft *d = calloc(1, sizeof(*d));
	struct tt_errmsg msg = {""};
	struct tt_home home;
	enum tt_err err = d ? tt_home_find(w->dir, &home, &msg) : tt_errmsg_set(&msg, TT_ENOMEM, "out of memory");

	if (!err && !tt_unit_name_valid(w->unit))
		err = tt_errmsg_set(&msg, TT_EINVAL, "unit '%s': 1 to 32 letters, digits and '-'", w->unit);
	if (!err && tt_sign_init() != TT_OK)
		err = tt_errmsg_set(&msg, TT_EIO, "no source of randomness");
	if (!err) {
		telltale__v1__config_document__init(&d->doc);
		err = take_profile(d, w, &msg);
	}
	if (!err && w->set)
		err = take_settings(d, w->set, &msg);
	if (!err)
		err = send_draft(w, &home, d, &msg);
	for (size_t i = 0; d && i < TT_CONFIG_DOC_FILES; i++)
		free(d->contents[i]);
	if (d)
		free(d->profile);
	free(d);
	return err ? tt_home_failed(&msg) : TT_EXIT_OK;
}

int tt_cmd_config_send(int argc, char *argv[])
{
	struct words w = {.key = "operator"};
	const char *words[2];
	const struct tt_option options[] = {
		{"home", &w.dir, NULL, false, "folder of this installation [run]"},
		{"key", &w.key, NULL, false, "name of the key that signs [operator]"},
		{"version", &w.version, NULL, false, "at least this version [the next]"},
		{"set", &w.set, NULL, false,
		 "KEY=VALUE,...: telemetry-interval-ms, state-interval-ms, scan-interval-ms, odometer-report-m"},
		{"fleet", NULL, &w.fleet, false, "valid for every unit that trusts the key; UNIT only says where it is sent"},
		{"known", NULL, &w.known, false, "send the files' sums only: the unit has them"},
		{"wait", &w.wait_s, NULL, false, "seconds to wait for the result; exit 0 when it is confirmed [0]"},
		{"out", &w.out, NULL, false, "write the signed message to this file and send nothing"},
		{"host", &w.host, NULL, false, "broker [localhost]"},
		{"port", &w.port, NULL, false, "its port for services [8884]"},
		{"plain", NULL, &w.plain, false, "without TLS: for tests on one machine"},
	};
	const struct tt_usage usage = {"config send UNIT PROFILE", "Sign a profile, with the databases it names, and send it to a unit.",
				       options, sizeof(options) / sizeof(options[0]), 2};
	const enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	w.unit = words[0];
	w.file = words[1];
	return run(&w);
}
