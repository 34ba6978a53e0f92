#include "operator/home.h"

#include "operator/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum tt_err tt_home_find(const char *given, struct tt_home *out, struct tt_errmsg *msg)
{
	const char *from_env = getenv("TELLTALE_HOME");
	const char *path = given ? given : from_env ? from_env : "run";
	char resolved[4096];
	int n;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return tt_errmsg_set(msg, TT_EIO, "home %s: %s; choose another with --home", path, strerror(errno));
	if (!realpath(path, resolved))
		return tt_errmsg_set(msg, TT_EIO, "home %s: %s", path, strerror(errno));
	n = snprintf(out->dir, sizeof(out->dir), "%s", resolved);
	if (n < 0 || (size_t)n >= sizeof(out->dir) - 128)
		return tt_errmsg_set(msg, TT_ERANGE, "home %s: the path is too long", path);
	n = snprintf(out->store_url, sizeof(out->store_url), "sqlite:%s/telltale.db", out->dir);
	TT_ASSERT(n > 0 && (size_t)n < sizeof(out->store_url));
	return TT_OK;
}

enum tt_err tt_home_path(const struct tt_home *home, const char *name, char out[TT_PATH_MAX])
{
	const int n = snprintf(out, TT_PATH_MAX, "%s/%s", home->dir, name);

	return n > 0 && n < TT_PATH_MAX ? TT_OK : TT_ERANGE;
}

enum tt_err tt_home_mkdir(const struct tt_home *home, const char *name, struct tt_errmsg *msg)
{
	char path[TT_PATH_MAX];
	enum tt_err err = tt_home_path(home, name, path);

	if (err)
		return tt_errmsg_set(msg, err, "%s/%s: the path is too long", home->dir, name);
	for (char *p = path + strlen(home->dir) + 1;; p++) {
		if (*p == '/' || *p == '\0') {
			const char saved = *p;

			*p = '\0';
			if (mkdir(path, 0700) != 0 && errno != EEXIST)
				return tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
			*p = saved;
			if (!saved)
				return TT_OK;
		}
	}
}

enum tt_err tt_home_open(const struct tt_home *home, struct tt_store **out, struct tt_errmsg *msg)
{
	struct tt_store *store;
	enum tt_err err;

	if (access(home->store_url + strlen("sqlite:"), F_OK) != 0)
		return tt_errmsg_set(msg, TT_ENOTFOUND, "no record in %s; run 'telltale init' first, or name the right folder with --home",
				     home->dir);
	err = tt_store_open(home->store_url, false, &store, msg);
	if (err)
		return err;
	err = tt_store_migrate(store, tt_utc_now(), msg);
	if (err) {
		tt_store_close(store);
		return err;
	}
	*out = store;
	return TT_OK;
}

static int run(const char *dir, tt_home_act act, void *ctx, bool writes)
{
	struct tt_home home;
	struct tt_store *store = NULL;
	struct tt_errmsg msg = {""};
	enum tt_err err = tt_home_find(dir, &home, &msg);

	if (!err)
		err = tt_home_open(&home, &store, &msg);
	if (err)
		return tt_home_failed(&msg);
	if (writes)
		err = tt_store_begin(store);
	if (!err)
		err = act(&home, store, ctx, &msg);
	if (!err && writes)
		err = tt_store_commit(store);
	if (err && !msg.text[0])
		(void)tt_errmsg_set(&msg, err, "%s: %s", tt_err_text(err), tt_store_message(store));
	tt_store_close(store);
	return err ? tt_home_failed(&msg) : TT_EXIT_OK;
}

int tt_home_read(const char *dir, tt_home_act act, void *ctx)
{
	return run(dir, act, ctx, false);
}

int tt_home_write(const char *dir, tt_home_act act, void *ctx)
{
	return run(dir, act, ctx, true);
}

int tt_home_failed(const struct tt_errmsg *msg)
{
	fprintf(stderr, "telltale: %s\n", msg->text);
	return TT_EXIT_FAILED;
}

int tt_home_store_failed(struct tt_store *store, const char *what, enum tt_err err)
{
	fprintf(stderr, "telltale: %s: %s (%s)\n", what, tt_err_text(err), tt_store_message(store));
	return TT_EXIT_FAILED;
}
