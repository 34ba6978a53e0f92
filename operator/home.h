/*
 * The home folder of one installation: record, certificates, broker configuration. Chosen by --home, else TELLTALE_HOME, else ./run.
 *
 *   telltale.db           the record (SQLite)
 *   pki/                  fleet-ca.{crt,key,crl} service-ca.{crt,key} broker.{crt,key} gateway.{crt,key} operator.{crt,key}
 * units/NAME.{crt,key,keys} keys/                 what signs commands and configurations (operator/keys.h) mosquitto/ mosquitto.conf acl
 * data/
 */
#ifndef TT_OPERATOR_HOME_H
#define TT_OPERATOR_HOME_H

#include "base/err.h"
#include "crm/store/store.h"

enum { TT_PATH_MAX = 1024 };

struct tt_home {
	char dir[TT_PATH_MAX]; /* absolute where it exists */
	char store_url[TT_PATH_MAX + 32];
};

/* given may be NULL. TT_ERANGE: the path is too long. */
TT_MUSTCHECK enum tt_err tt_home_find(const char *given, struct tt_home *out, struct tt_errmsg *msg);
/* dir/name into out[TT_PATH_MAX]. TT_ERANGE. */
TT_MUSTCHECK enum tt_err tt_home_path(const struct tt_home *home, const char *name, char out[TT_PATH_MAX]);
/* Make a folder (mode 0700) with its parents below the home. Existing: TT_OK. */
TT_MUSTCHECK enum tt_err tt_home_mkdir(const struct tt_home *home, const char *name, struct tt_errmsg *msg);
/* Open the record of the home, migrated; says `telltale init` when there is none. */
TT_MUSTCHECK enum tt_err tt_home_open(const struct tt_home *home, struct tt_store **out, struct tt_errmsg *msg);

/*
 * What most commands are: find the home, open its record, act, tell. tt_home_write acts inside one transaction and commits it.
 * The exit status: 0, or 1 after the message was told on stderr; an act that fails without a message is told in the store's words.
 */
typedef enum tt_err (*tt_home_act)(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg);
int tt_home_read(const char *dir, tt_home_act act, void *ctx);
int tt_home_write(const char *dir, tt_home_act act, void *ctx);

/* Tell a failure on stderr as "telltale: TEXT" and give the exit status. */
int tt_home_failed(const struct tt_errmsg *msg);
/* The same, when only the code and the store's words are known. */
int tt_home_store_failed(struct tt_store *store, const char *what, enum tt_err err);

#endif
