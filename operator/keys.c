#include "operator/keys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = 256, HEX_BYTES = 2 * TT_SIGN_SEED + 1 };

static bool name_valid(const char *name)
{
	const size_t n = strlen(name);

	return n > 0 && n < TT_TRUST_NAME && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == n;
}

static enum tt_err path_of(const struct tt_home *home, const char *folder, const char *name, const char *suffix, char out[TT_PATH_MAX],
			   struct tt_errmsg *msg)
{
	char relative[256];
	const int n = snprintf(relative, sizeof(relative), "%s/%s%s", folder, name, suffix);

	if (n < 0 || (size_t)n >= sizeof(relative) || tt_home_path(home, relative, out) != TT_OK)
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", home->dir);
	return TT_OK;
}

static enum tt_err write_file(const char *path, const char *text, mode_t mode, struct tt_errmsg *msg)
{
	char temp[TT_PATH_MAX + 8];
	size_t n = strlen(text);
	bool ok;
	int fd;

	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", temp, strerror(errno));
	ok = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	ok = close(fd) == 0 && ok;
	return ok && rename(temp, path) == 0 ? TT_OK : tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
}

static void hex_of(const uint8_t *bytes, size_t n, char *out)
{
	for (size_t i = 0; i < n; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

enum tt_err tt_keys_new(const struct tt_home *home, const char *name, const char *roles, struct tt_errmsg *msg)
{
	char key_path[TT_PATH_MAX], pub_path[TT_PATH_MAX], line[LINE_BYTES], hex[HEX_BYTES];
	uint8_t seed[TT_SIGN_SEED], public_key[TT_SIGN_PUBLIC], secret[TT_SIGN_SECRET];
	unsigned bits;
	enum tt_err err;

	if (!name_valid(name))
		return tt_errmsg_set(msg, TT_EINVAL, "key name '%s': 1 to 31 letters, digits, '-' and '_'", name);
	if (tt_trust_roles(roles, strlen(roles), &bits) != TT_OK)
		return tt_errmsg_set(msg, TT_EINVAL, "roles '%s': command, config, update, separated by commas", roles);
	err = tt_home_mkdir(home, "keys", msg);
	if (!err)
		err = path_of(home, "keys", name, ".key", key_path, msg);
	if (!err)
		err = path_of(home, "keys", name, ".pub", pub_path, msg);
	if (err)
		return err;
	if (access(key_path, F_OK) == 0)
		return tt_errmsg_set(msg, TT_EEXIST, "%s is there already; choose another name", key_path);
	tt_sign_new(seed);
	tt_sign_from_seed(seed, public_key, secret);
	hex_of(seed, sizeof(seed), hex);
	(void)snprintf(line, sizeof(line), "telltale-key 1\nseed %s\nroles %s\n", hex, roles);
	err = write_file(key_path, line, 0600, msg);
	hex_of(public_key, sizeof(public_key), hex);
	(void)snprintf(line, sizeof(line), "key %s %s %s\n", hex, roles, name);
	if (!err)
		err = write_file(pub_path, line, 0644, msg);
	tt_sign_wipe(seed, sizeof(seed));
	tt_sign_wipe(secret, sizeof(secret));
	return err;
}

static bool seed_of(const char *hex, uint8_t seed[TT_SIGN_SEED])
{
	for (unsigned i = 0; i < TT_SIGN_SEED; i++) {
		unsigned byte;

		if (sscanf(hex + (size_t)2 * i, "%2x", &byte) != 1)
			return false;
		seed[i] = (uint8_t)byte;
	}
	return true;
}

enum tt_err tt_keys_open(const struct tt_home *home, const char *name, enum tt_sign_role role, struct tt_operator_key *out,
			 struct tt_errmsg *msg)
{
	char path[TT_PATH_MAX], hex[HEX_BYTES], roles[64];
	uint8_t seed[TT_SIGN_SEED];
	struct stat st;
	enum tt_err err = name_valid(name) ? path_of(home, "keys", name, ".key", path, msg)
					   : tt_errmsg_set(msg, TT_EINVAL, "key name '%s': letters, digits, '-' and '_'", name);
	FILE *f;
	int n;

	if (err)
		return err;
	f = fopen(path, "re");
	if (!f)
		return tt_errmsg_set(msg, TT_ENOTFOUND, "%s: %s; `telltale key new %s` makes it", path, strerror(errno), name);
	n = fscanf(f, "telltale-key 1 seed %64[0-9a-f] roles %63s", hex, roles);
	err = fstat(fileno(f), &st) == 0 && st.st_mode & 077 ? TT_EDENIED : TT_OK;
	fclose(f);
	if (err)
		return tt_errmsg_set(msg, err, "%s: others may read it; chmod 600, or better a new key", path);
	if (n != 2 || strlen(hex) != HEX_BYTES - 1 || !seed_of(hex, seed) || tt_trust_roles(roles, strlen(roles), &out->roles) != TT_OK)
		return tt_errmsg_set(msg, TT_ECORRUPT, "%s: not a key", path);
	tt_sign_wipe(hex, sizeof(hex));
	if (!(out->roles & 1U << role))
		return tt_errmsg_set(msg, TT_EDENIED, "key %s: may sign %s, not %s", name, roles, tt_sign_role_name(role));
	strcpy(out->name, name);
	tt_sign_from_seed(seed, out->public_key, out->secret);
	tt_sign_wipe(seed, sizeof(seed));
	return TT_OK;
}

enum tt_err tt_keys_each(const struct tt_home *home, void (*fn)(void *ctx, const char *line), void *ctx, struct tt_errmsg *msg)
{
	char folder[TT_PATH_MAX], path[TT_PATH_MAX], line[LINE_BYTES];
	struct dirent **names;
	int n;

	if (tt_home_path(home, "keys", folder))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", home->dir);
	n = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(names[i]->d_name, '.');
		FILE *f = NULL;

		if (dot && strcmp(dot, ".pub") == 0 && path_of(home, "keys", names[i]->d_name, "", path, NULL) == TT_OK)
			f = fopen(path, "re");
		if (f && fgets(line, sizeof(line), f))
			fn(ctx, line);
		if (f)
			fclose(f);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return TT_OK;
}

struct list {
	char text[TT_TRUST_KEYS * LINE_BYTES + 64];
	size_t len, n;
};

static void add_line(void *ctx, const char *line)
{
	struct list *l = ctx;
	const size_t n = strlen(line);

	if (l->n++ >= TT_TRUST_KEYS || l->len + n >= sizeof(l->text))
		return;
	memcpy(l->text + l->len, line, n + 1);
	l->len += n;
}

enum tt_err tt_keys_write_trusted(const struct tt_home *home, const char *relative, size_t *n, struct tt_errmsg *msg)
{
	struct list l = {.text = "telltale-keys 1\n"};
	char path[TT_PATH_MAX];
	enum tt_err err;

	l.len = strlen(l.text);
	err = tt_keys_each(home, add_line, &l, msg);
	if (!err && l.n > TT_TRUST_KEYS)
		err = tt_errmsg_set(msg, TT_EFULL, "a unit trusts at most %d keys; remove the .pub of those that are retired",
				    TT_TRUST_KEYS);
	if (!err && tt_home_path(home, relative, path))
		err = tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", home->dir);
	if (!err)
		err = write_file(path, l.text, 0644, msg);
	if (!err)
		*n = l.n;
	return err;
}

enum tt_err tt_keys_count(const struct tt_home *home, const char *what, const char *unit, uint64_t least, uint64_t *out,
			  struct tt_errmsg *msg)
{
	char path[TT_PATH_MAX], name[128], text[32] = "";
	uint64_t last = 0;
	enum tt_err err = tt_home_mkdir(home, "keys/counters", msg);
	int fd;

	(void)snprintf(name, sizeof(name), "%s.%s", what, unit);
	if (!err)
		err = path_of(home, "keys/counters", name, "", path, msg);
	if (err)
		return err;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX) != 0 || pread(fd, text, sizeof(text) - 1, 0) < 0) {
		err = tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (text[0] && sscanf(text, "%" SCNu64, &last) != 1) {
		err = tt_errmsg_set(msg, TT_ECORRUPT, "%s: not a number; write one above every counter that was used", path);
		goto out;
	}
	last = last + 1 > least ? last + 1 : least;
	(void)snprintf(text, sizeof(text), "%020" PRIu64 "\n", last);
	/* one sector, always the same length: it is there whole or not at all */
	if (pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text) || fsync(fd) != 0)
		err = tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	else
		*out = last;
out:
	if (fd >= 0)
		close(fd);
	return err;
}
