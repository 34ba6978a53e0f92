#include "operator/commands.h"

#include "operator/home.h"
#include "operator/keys.h"
#include "operator/options.h"
#include "operator/pki.h"
#include "wire/topic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT_DAYS = 825 };

/* Names the broker's ACL or the gateway's sessions use for themselves. */
static bool reserved(const char *name)
{
	return strcmp(name, "gateway") == 0 || strcmp(name, "operator") == 0 || strncmp(name, "gw-", 3) == 0;
}

static enum tt_err issue(const struct tt_home *home, const char *name, char serial[64], struct tt_errmsg *msg)
{
	char ca[TT_PATH_MAX], base[TT_PATH_MAX], relative[64];
	struct tt_pki_request rq = {.common_name = name, .use = TT_PKI_CLIENT, .issuer_base = ca, .out_base = base, .days = UNIT_DAYS};
	struct tt_pki_info info;
	enum tt_err err;

	(void)snprintf(relative, sizeof(relative), "pki/units/%s", name);
	if (tt_home_path(home, "pki/fleet-ca", ca) || tt_home_path(home, relative, base))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", home->dir);
	err = tt_pki_issue(&rq, serial, msg);
	/* Left behind by a call that was cut before its COMMIT: take it over. */
	if (err != TT_EEXIST || tt_pki_inspect(base, &info, msg))
		return err;
	strcpy(serial, info.serial_hex);
	return TT_OK;
}

struct unit_words {
	const char *name, *vin;
};

static enum tt_err find_vehicle(struct tt_store *store, const char *vin, struct tt_vehicle *out, struct tt_errmsg *msg)
{
	const enum tt_err err = tt_store_vehicle_by_vin(store, TT_SCOPE_SYSTEM, vin, out);

	return err ? tt_errmsg_set(msg, err, "vehicle %s: %s; add it first with 'telltale vehicle add %s'", vin, tt_err_text(err), vin)
		   : TT_OK;
}

static enum tt_err add_unit(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg)
{
	const struct unit_words *w = ctx;
	struct tt_unit unit = {.shard = (int32_t)tt_shard_of(w->name), .created_at = tt_utc_now()};
	struct tt_vehicle vehicle = {.id = 0};
	char trusted[64];
	size_t nkeys = 0;
	int64_t id;
	enum tt_err err = w->vin ? find_vehicle(store, w->vin, &vehicle, msg) : TT_OK;

	if (err)
		return err;
	strcpy(unit.name, w->name); /* tt_unit_name_valid bounds it */
	err = issue(home, w->name, unit.certificate_serial, msg);
	if (err)
		return err;
	err = tt_store_unit_insert(store, &unit, &id);
	if (err == TT_EEXIST)
		return tt_errmsg_set(msg, err, "unit %s exists; 'telltale unit list' shows it", w->name);
	if (!err && w->vin)
		err = tt_store_install(store, w->name, vehicle.id, unit.created_at);
	(void)snprintf(trusted, sizeof(trusted), "pki/units/%s.keys", w->name);
	if (!err)
		err = tt_keys_write_trusted(home, trusted, &nkeys, msg);
	if (!err)
		printf("unit %s: shard %02u, certificate %s/pki/units/%s.crt%s%s\n", w->name, tt_shard_of(w->name), home->dir, w->name,
		       w->vin ? ", installed in " : "", w->vin ? w->vin : "");
	return err;
}

int tt_cmd_unit_add(int argc, char *argv[])
{
	const char *dir = NULL, *words[1];
	struct unit_words w = {.vin = NULL};
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"vin", &w.vin, NULL, false, "install it in this vehicle, from now on"},
	};
	const struct tt_usage usage = {"unit add NAME", "Provision a unit: its certificate, its shard, its row in the record.", options,
				       sizeof(options) / sizeof(options[0]), 1};
	const enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	w.name = words[0];
	if (!tt_unit_name_valid(w.name) || reserved(w.name)) {
		fprintf(stderr,
			"telltale: unit name '%s': 1 to 32 letters, digits and '-'; 'gateway', 'operator' and 'gw-...' are reserved\n",
			w.name);
		return TT_EXIT_USAGE;
	}
	return tt_home_write(dir, add_unit, &w);
}

struct revoked {
	char (*serials)[64];
	size_t n, cap;
};

static enum tt_err collect_revoked(void *ctx, const struct tt_unit *row)
{
	struct revoked *r = ctx;

	if (!row->revoked_at || !row->certificate_serial[0])
		return TT_OK;
	if (r->n == r->cap) {
		const size_t cap = r->cap ? r->cap * 2 : 64;
		char(*grown)[64] = realloc(r->serials, cap * sizeof(*grown));

		if (!grown)
			return TT_ENOMEM;
		r->serials = grown;
		r->cap = cap;
	}
	strcpy(r->serials[r->n++], row->certificate_serial);
	return TT_OK;
}

static enum tt_err write_crl(struct tt_store *store, const struct tt_home *home, struct tt_errmsg *msg)
{
	struct revoked r = {.n = 0};
	const char **list = NULL;
	char ca[TT_PATH_MAX];
	enum tt_err err = tt_store_unit_list(store, collect_revoked, &r);

	if (!err)
		err = tt_home_path(home, "pki/fleet-ca", ca);
	if (!err && !(list = calloc(r.n + 1, sizeof(*list))))
		err = TT_ENOMEM;
	if (err) {
		(void)tt_errmsg_set(msg, err, "revocation list: %s", tt_err_text(err));
	} else {
		for (size_t i = 0; i < r.n; i++)
			list[i] = r.serials[i];
		err = tt_pki_write_crl(ca, list, r.n, msg);
	}
	free(list);
	free(r.serials);
	return err;
}

static enum tt_err revoke_unit(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg)
{
	const struct unit_words *w = ctx;
	enum tt_err err = tt_store_unit_revoke(store, w->name, tt_utc_now());

	if (err == TT_ENOTFOUND)
		return tt_errmsg_set(msg, err, "no unit '%s'; 'telltale unit list' names them", w->name);
	if (!err)
		err = write_crl(store, home, msg);
	if (!err)
		printf("unit %s: revoked; the gateway refuses it from now on, the broker after its next start\n", w->name);
	return err;
}

int tt_cmd_unit_revoke(int argc, char *argv[])
{
	const char *dir = NULL, *words[1];
	struct unit_words w = {.vin = NULL};
	const struct tt_option options[] = {{"home", &dir, NULL, false, "folder of this installation [run]"}};
	const struct tt_usage usage = {"unit revoke NAME", "Never listen to this unit again: revocation list and record.", options, 1, 1};
	const enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	w.name = words[0];
	return tt_home_write(dir, revoke_unit, &w);
}

static enum tt_err print_unit(void *ctx, const struct tt_unit *row)
{
	char when[TT_UTC_TEXT];

	(void)ctx;
	tt_utc_format(row->revoked_at ? row->revoked_at : row->created_at, when);
	printf("%-32s %02d  %-17s  %s %s\n", row->name, row->shard, row->vin[0] ? row->vin : "-", row->revoked_at ? "revoked" : "since  ",
	       when);
	return TT_OK;
}

static enum tt_err list_units(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg)
{
	(void)home;
	(void)ctx;
	(void)msg;
	return tt_store_unit_list(store, print_unit, NULL);
}

int tt_cmd_unit_list(int argc, char *argv[])
{
	const char *dir = NULL;
	const struct tt_option options[] = {{"home", &dir, NULL, false, "folder of this installation [run]"}};
	const struct tt_usage usage = {"unit list", "Every unit: name, shard, vehicle, state.", options, 1, 0};
	const enum tt_err err = tt_options_read(&usage, argc, argv, NULL);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	return tt_home_read(dir, list_units, NULL);
}
