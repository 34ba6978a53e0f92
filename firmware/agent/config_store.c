#include "firmware/agent/config_store.h"

#include "base/text.h"
#include "firmware/agent/atomic_file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { POINTER_BYTES = 512, FILE_BYTES_MAX = 16 << 20, PATH = TT_CONFIG_STORE_PATH };

static_assert(TT_CONFIG_DOC_SUM == crypto_hash_sha256_BYTES, "SHA-256");

void tt_config_store_path(const struct tt_config_store *s, uint64_t version, const char *name, char out[TT_CONFIG_STORE_PATH])
{
	(void)snprintf(out, PATH, "%s/v%" PRIu64 "/%s", s->dir, version, name); /* open bounds dir, the document bounds name */
}

void tt_config_store_note(struct tt_config_store *s, enum tt_config_outcome outcome, uint64_t version, const char *reason)
{
	size_t n = 0;

	for (; reason[n] && n < sizeof(s->reason) - 1; n++)
		s->reason[n] = (char)(reason[n] >= 0x20 && reason[n] < 0x7F ? reason[n] : '?');
	s->reason[n] = '\0';
	s->tell = outcome;
	s->tell_version = version;
}

void tt_config_store_try(struct tt_config_store *s, uint64_t version)
{
	s->seen = s->active = version;
	s->trial = true;
	s->tries = 0;
	tt_config_store_note(s, TT_CONFIG_APPLIED, version, "on trial until the gateway acknowledges it");
}

void tt_config_store_roll_back(struct tt_config_store *s, const char *reason)
{
	tt_config_store_note(s, TT_CONFIG_ROLLED_BACK, s->active, reason);
	if (s->active == s->good)
		s->good = 0;
	s->active = s->good;
	s->trial = false;
	s->tries = 0;
}

/* ---- the pointer ---- */

static bool parse_pointer(const char *text, struct tt_config_store *s)
{
	unsigned trial, tell;
	int end = 0;
	const char *nl;

	if (sscanf(text,
		   "telltale-config 1 active %" SCNu64 " good %" SCNu64 " seen %" SCNu64 " trial %1u tries %4u tell %1u %" SCNu64 " :%n",
		   &s->active, &s->good, &s->seen, &trial, &s->tries, &tell, &s->tell_version, &end) != 7 ||
	    end == 0 || trial > 1 || tell > TT_CONFIG_ACCEPTED || s->seen > INT64_MAX || s->active > s->seen || s->good > s->seen)
		return false;
	nl = strchr(text + end, '\n');
	if (!nl || nl[1] != '\0' || (size_t)(nl - text) - (size_t)end >= sizeof(s->reason))
		return false;
	s->trial = trial == 1;
	tt_config_store_note(s, (enum tt_config_outcome)tell, s->tell_version, "");
	memcpy(s->reason, text + end, (size_t)(nl - text) - (size_t)end);
	return true;
}

/* What waits; a file that cannot be read, or of a version that was, is as none. */
static uint64_t read_waiting(const struct tt_config_store *s)
{
	char path[PATH], *text = NULL;
	uint64_t version = 0;
	int end = 0;
	size_t len;

	(void)snprintf(path, sizeof(path), "%s/waiting", s->dir);
	if (tt_atomic_file_read(path, POINTER_BYTES, &text, &len) != TT_OK)
		return 0;
	if (sscanf(text, "telltale-waiting 1 %" SCNu64 "%n", &version, &end) != 1 || strcmp(text + end, "\n") != 0 || version > INT64_MAX ||
	    version <= s->seen)
		version = 0;
	free(text);
	return version;
}

enum tt_err tt_config_store_wait(struct tt_config_store *s, uint64_t version, struct tt_errmsg *msg)
{
	char path[PATH], text[POINTER_BYTES];
	enum tt_err err = TT_OK;
	int n;

	(void)snprintf(path, sizeof(path), "%s/waiting", s->dir);
	if (version == 0) {
		if (unlink(path) != 0 && errno != ENOENT)
			return tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	} else {
		n = snprintf(text, sizeof(text), "telltale-waiting 1 %" PRIu64 "\n", version);
		err = tt_atomic_file_write(path, text, (size_t)n, 0600, msg);
	}
	if (!err)
		s->waiting = version;
	return err;
}

enum tt_err tt_config_store_open(const char *dir, struct tt_config_store *out, struct tt_errmsg *msg)
{
	struct tt_config_store s;
	char path[PATH], *text = NULL;
	size_t len;
	enum tt_err err;

	memset(&s, 0, sizeof(s));
	if (strlen(dir) >= sizeof(s.dir))
		return tt_errmsg_set(msg, TT_ERANGE, "config-dir %s: the path is too long", dir);
	strcpy(s.dir, dir);
	*out = s;
	if (!dir[0])
		return TT_OK;
	(void)snprintf(path, sizeof(path), "%s/pointer", dir);
	err = tt_atomic_file_read(path, POINTER_BYTES, &text, &len);
	if (err == TT_ENOTFOUND) {
		out->waiting = read_waiting(&s);
		return TT_OK;
	}
	if (err || !parse_pointer(text, &s)) {
		memset(&s, 0, sizeof(s));
		strcpy(s.dir, dir);
		tt_config_store_note(&s, TT_CONFIG_ROLLED_BACK, 0, "the pointer cannot be read: the built-in configuration is in use");
	}
	free(text);
	s.waiting = read_waiting(&s);
	*out = s;
	return TT_OK;
}

enum tt_err tt_config_store_save(const struct tt_config_store *s, struct tt_errmsg *msg)
{
	char path[PATH], text[POINTER_BYTES];
	const int n = snprintf(
		text, sizeof(text),
		"telltale-config 1 active %" PRIu64 " good %" PRIu64 " seen %" PRIu64 " trial %u tries %u tell %u %" PRIu64 " :%s\n",
		s->active, s->good, s->seen, s->trial, s->tries > 9999 ? 9999 : s->tries, (unsigned)s->tell, s->tell_version, s->reason);

	(void)snprintf(path, sizeof(path), "%s/pointer", s->dir);
	return tt_atomic_file_write(path, text, (size_t)n, 0600, msg);
}

/* ---- folders ---- */

static void remove_folder(const char *folder)
{
	DIR *d = opendir(folder);
	char path[PATH + 256];

	for (struct dirent *e; d && (e = readdir(d));) {
		const int n = snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);

		if (n > 0 && (size_t)n < sizeof(path) && e->d_name[0] != '.')
			(void)unlink(path);
	}
	if (d)
		closedir(d);
	(void)rmdir(folder);
}

static void folder_of(const struct tt_config_store *s, uint64_t version, char out[PATH])
{
	(void)snprintf(out, PATH, "%s/v%" PRIu64, s->dir, version);
}

void tt_config_store_discard(const struct tt_config_store *s, uint64_t version)
{
	char folder[PATH];

	folder_of(s, version, folder);
	remove_folder(folder);
}

void tt_config_store_tidy(const struct tt_config_store *s)
{
	DIR *d = s->dir[0] ? opendir(s->dir) : NULL;

	for (struct dirent *e; d && (e = readdir(d));) {
		int64_t version;

		if (e->d_name[0] == 'v' && tt_parse_i64(e->d_name + 1, strlen(e->d_name + 1), &version) == TT_OK && version > 0 &&
		    (uint64_t)version != s->active && (uint64_t)version != s->good && (uint64_t)version != s->waiting)
			tt_config_store_discard(s, (uint64_t)version);
	}
	if (d)
		closedir(d);
}

static bool sum_holds(const void *bytes, size_t len, const uint8_t *want)
{
	uint8_t sum[TT_CONFIG_DOC_SUM];

	(void)crypto_hash_sha256(sum, bytes, len); /* always 0 */
	return memcmp(sum, want, sizeof(sum)) == 0;
}

/* The content of a file that has this sum; the caller frees. */
static enum tt_err read_with_sum(const char *path, const uint8_t *want, char **out, size_t *len)
{
	enum tt_err err = tt_atomic_file_read(path, FILE_BYTES_MAX, out, len);

	if (!err && !sum_holds(*out, *len, want)) {
		free(*out);
		err = TT_ECORRUPT;
	}
	return err;
}

/* A file that the unit has already: in the active folder, beside the built-in profile, or where a profile of the repository has its DBC. */
static enum tt_err find_known(const struct tt_config_store *s, const struct tt_config_doc_file *f, const char *builtin_profile, char **out,
			      size_t *len)
{
	static const char *const beside[] = {"", "../dbc/"};
	const char *slash = strrchr(builtin_profile, '/');
	const int folder = slash ? (int)(slash - builtin_profile) + 1 : 0;
	char path[PATH];
	enum tt_err err = TT_ENOTFOUND;

	if (s->active) {
		tt_config_store_path(s, s->active, f->name, path);
		err = read_with_sum(path, f->sha256, out, len);
	}
	for (size_t i = 0; err && i < sizeof(beside) / sizeof(beside[0]); i++) {
		(void)snprintf(path, sizeof(path), "%.*s%s%s", folder, builtin_profile, beside[i], f->name);
		err = read_with_sum(path, f->sha256, out, len);
	}
	return err;
}

static enum tt_err stage_file(const struct tt_config_store *s, const struct tt_config_doc *doc, const struct tt_config_doc_file *f,
			      const char *builtin_profile, struct tt_errmsg *msg)
{
	char path[PATH], *known = NULL;
	const void *content = f->content;
	size_t len = f->len;
	enum tt_err err = TT_OK;

	if (strcmp(f->name, "profile") == 0 || strcmp(f->name, "signed") == 0)
		return tt_errmsg_set(msg, TT_EINVAL, "file %s: the name is taken", f->name);
	if (len > 0 && !sum_holds(content, len, f->sha256))
		return tt_errmsg_set(msg, TT_ECORRUPT, "file %s: its content is not what its sum says", f->name);
	if (len == 0) {
		if (find_known(s, f, builtin_profile, &known, &len) != TT_OK)
			return tt_errmsg_set(msg, TT_ENOTFOUND, "file %s: came without content, and the unit has none of that sum",
					     f->name);
		content = known;
	}
	tt_config_store_path(s, doc->version, f->name, path);
	err = tt_atomic_file_write(path, content, len, 0600, msg);
	free(known);
	return err;
}

enum tt_err tt_config_store_stage(const struct tt_config_store *s, const struct tt_config_doc *doc, const uint8_t *message, size_t len,
				  const char *builtin_profile, struct tt_errmsg *msg)
{
	char folder[PATH], path[PATH];
	enum tt_err err = TT_OK;

	folder_of(s, doc->version, folder);
	remove_folder(folder); /* left by a cut */
	if ((mkdir(s->dir, 0700) != 0 && errno != EEXIST) || mkdir(folder, 0700) != 0)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", folder, strerror(errno));
	for (size_t i = 0; !err && i < doc->nfiles; i++)
		err = stage_file(s, doc, &doc->files[i], builtin_profile, msg);
	tt_config_store_path(s, doc->version, "profile", path);
	if (!err)
		err = tt_atomic_file_write(path, doc->profile, doc->profile_len, 0600, msg);
	tt_config_store_path(s, doc->version, "signed", path);
	return err ? err : tt_atomic_file_write(path, message, len, 0600, msg);
}

/* ---- use ---- */

enum tt_err tt_config_store_setting(struct tt_settings *settings, const char *key, const char *value, struct tt_errmsg *msg)
{
	static const char *const allowed[] = {
		"telemetry-interval-ms", "state-interval-ms", "scan-interval-ms", "odometer-report-m", "window", "resend-ms",
		"journal-event-days",    "journal-bulk-days"};
	const struct tt_config_key *k = NULL;
	int64_t v;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		for (size_t n = 0; strcmp(key, allowed[i]) == 0 && n < tt_settings_spec.nkeys; n++) {
			if (strcmp(tt_settings_spec.keys[n].name, key) == 0)
				k = &tt_settings_spec.keys[n];
		}
	}
	if (!k)
		return tt_errmsg_set(msg, TT_ECONFIG, "setting %s: may not be told from afar", key);
	if (tt_parse_i64(value, strlen(value), &v) != TT_OK || v < k->min || v > k->max)
		return tt_errmsg_set(msg, TT_ECONFIG, "setting %s: must be %" PRId64 "..%" PRId64, key, k->min, k->max);
	memcpy((char *)settings + k->offset, &v, sizeof(v));
	return TT_OK;
}

/* What the folder holds against what was signed. */
static enum tt_err check_folder(const struct tt_config_store *s, const struct tt_config_doc *doc, const char *profile,
				struct tt_errmsg *msg)
{
	char path[PATH], *text;
	size_t len;
	enum tt_err err = tt_atomic_file_read(profile, FILE_BYTES_MAX, &text, &len);
	bool same;

	if (err)
		return tt_errmsg_set(msg, TT_ECORRUPT, "%s: %s", profile, tt_err_text(err));
	same = len == doc->profile_len && memcmp(text, doc->profile, len) == 0;
	free(text);
	if (!same)
		return tt_errmsg_set(msg, TT_ECORRUPT, "%s: is not what was signed", profile);
	for (size_t i = 0; i < doc->nfiles; i++) {
		tt_config_store_path(s, doc->version, doc->files[i].name, path);
		err = read_with_sum(path, doc->files[i].sha256, &text, &len);
		if (err)
			return tt_errmsg_set(msg, TT_ECORRUPT, "%s: %s", path, tt_err_text(err));
		free(text);
	}
	return TT_OK;
}

static enum tt_err use_document(const struct tt_config_store *s, uint64_t version, const struct tt_config_doc *doc,
				struct tt_settings *settings, struct tt_errmsg *msg)
{
	char path[PATH];
	enum tt_err err = TT_OK;

	if (doc->version != version || (doc->unit[0] && strcmp(doc->unit, settings->unit) != 0))
		return tt_errmsg_set(msg, TT_ECORRUPT, "configuration %" PRIu64 ": the folder holds another", version);
	tt_config_store_path(s, version, "profile", path);
	err = check_folder(s, doc, path, msg);
	for (size_t i = 0; !err && i < doc->nsettings; i++)
		err = tt_config_store_setting(settings, doc->settings[i].key, doc->settings[i].value, msg);
	if (!err && strlen(path) >= sizeof(settings->profile))
		err = tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", path);
	if (!err)
		strcpy(settings->profile, path);
	return err;
}

enum tt_err tt_config_store_use(const struct tt_config_store *s, uint64_t version, const struct tt_trust *trust,
				struct tt_settings *settings, struct tt_errmsg *msg)
{
	struct tt_config_doc *doc = calloc(1, sizeof(*doc));
	char path[PATH], *message = NULL;
	struct tt_signed m;
	const char *why = "";
	enum tt_trust_verdict verdict;
	size_t len;
	enum tt_err err;

	tt_config_store_path(s, version, "signed", path);
	err = doc ? tt_atomic_file_read(path, 2 * (size_t)TT_CONFIG_DOC_MAX_BYTES, &message, &len) : TT_ENOMEM;
	if (!err)
		err = tt_signed_decode((const uint8_t *)message, len, &m);
	if (err) {
		(void)tt_errmsg_set(msg, err, "%s: %s", path, tt_err_text(err));
		goto out;
	}
	verdict = tt_trust_check(trust, &m, TT_SIGN_CONFIG);
	if (verdict != TT_TRUST_GOOD)
		err = tt_errmsg_set(msg, TT_EDENIED, "%s: %s", path, tt_trust_verdict_text(verdict));
	else if (tt_config_doc_decode(m.body, m.body_len, doc, &why) != TT_OK)
		err = tt_errmsg_set(msg, TT_ECORRUPT, "%s: %s", path, why);
	else
		err = use_document(s, version, doc, settings, msg);
out:
	free(message);
	free(doc);
	return err;
}
