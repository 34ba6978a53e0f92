#include "operator/commands.h"

#include "operator/home.h"
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
	return strcmp(name, "gateway") == 0 || strncmp(name, "gw-", 3) == 0;
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

static enum tt_err record_unit(struct tt_store *store, const struct tt_home *home, const char *name, const char *vin, struct tt_errmsg *msg)
{
	struct tt_unit unit = {.shard = (int32_t)tt_shard_of(name), .created_at = tt_utc_now()};
	struct tt_vehicle vehicle = {.id = 0};
	int64_t id;
	enum tt_err err = TT_OK;

	if (vin) {
		err = tt_store_vehicle_by_vin(store, TT_SCOPE_SYSTEM, vin, &vehicle);
		if (err)
			return tt_errmsg_set(msg, err, "vehicle %s: %s; add it first with 'telltale vehicle add %s'", vin, tt_err_text(err),
					     vin);
	}
	strcpy(unit.name, name); /* tt_unit_name_valid bounds it */
	err = issue(home, name, unit.certificate_serial, msg);
	if (err)
		return err;
	err = tt_store_unit_insert(store, &unit, &id);
	if (err == TT_EEXIST)
		return tt_errmsg_set(msg, err, "unit %s exists; 'telltale unit list' shows it", name);
	if (!err && vin)
		err = tt_store_install(store, name, vehicle.id, unit.created_at);
	if (err)
		return tt_errmsg_set(msg, err, "unit %s: %s", name, tt_store_message(store));
	return err;
}

int tt_cmd_unit_add(int argc, char *argv[])
{
	const char *dir = NULL, *vin = NULL, *words[1];
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"vin", &vin, NULL, false, "install it in this vehicle, from now on"},
	};
	const struct tt_usage usage = {"unit add NAME", "Provision a unit: its certificate, its shard, its row in the record.", options,
				       sizeof(options) / sizeof(options[0]), 1};
	struct tt_home home;
	struct tt_store *store = NULL;
	struct tt_errmsg msg;
	enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	if (!tt_unit_name_valid(words[0]) || reserved(words[0])) {
		fprintf(stderr, "telltale: unit name '%s': 1 to 32 letters, digits and '-'; 'gateway' and 'gw-...' are reserved\n",
			words[0]);
		return TT_EXIT_USAGE;
	}
	err = tt_home_find(dir, &home, &msg);
	if (!err)
		err = tt_home_open(&home, &store, &msg);
	if (err)
		return tt_home_failed(&msg);
	err = tt_store_begin(store);
	if (err)
		(void)tt_errmsg_set(&msg, err, "%s", tt_store_message(store));
	else
		err = record_unit(store, &home, words[0], vin, &msg);
	if (!err && (err = tt_store_commit(store)) != TT_OK)
		(void)tt_errmsg_set(&msg, err, "%s", tt_store_message(store));
	tt_store_close(store);
	if (err)
		return tt_home_failed(&msg);
	printf("unit %s: shard %02u, certificate %s/pki/units/%s.crt%s%s\n", words[0], tt_shard_of(words[0]), home.dir, words[0],
	       vin ? ", installed in " : "", vin ? vin : "");
	return TT_EXIT_OK;
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

int tt_cmd_unit_revoke(int argc, char *argv[])
{
	const char *dir = NULL, *words[1];
	const struct tt_option options[] = {{"home", &dir, NULL, false, "folder of this installation [run]"}};
	const struct tt_usage usage = {"unit revoke NAME", "Never listen to this unit again: revocation list and record.", options, 1, 1};
	struct tt_home home;
	struct tt_store *store = NULL;
	struct tt_errmsg msg;
	enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	err = tt_home_find(dir, &home, &msg);
	if (!err)
		err = tt_home_open(&home, &store, &msg);
	if (err)
		return tt_home_failed(&msg);
	err = tt_store_begin(store);
	if (!err)
		err = tt_store_unit_revoke(store, words[0], tt_utc_now());
	if (!err)
		err = tt_store_commit(store);
	if (err == TT_ENOTFOUND)
		(void)tt_errmsg_set(&msg, err, "no unit '%s'; 'telltale unit list' names them", words[0]);
	else if (err)
		(void)tt_errmsg_set(&msg, err, "unit %s: %s", words[0], tt_store_message(store));
	else
		err = write_crl(store, &home, &msg);
	tt_store_close(store);
	if (err)
		return tt_home_failed(&msg);
	printf("unit %s: revoked; the gateway refuses it from now on, the broker after a restart or SIGHUP\n", words[0]);
	return TT_EXIT_OK;
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

int tt_cmd_unit_list(int argc, char *argv[])
{
	const char *dir = NULL;
	const struct tt_option options[] = {{"home", &dir, NULL, false, "folder of this installation [run]"}};
	const struct tt_usage usage = {"unit list", "Every unit: name, shard, vehicle, state.", options, 1, 0};
	struct tt_home home;
	struct tt_store *store = NULL;
	struct tt_errmsg msg;
	enum tt_err err = tt_options_read(&usage, argc, argv, NULL);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	err = tt_home_find(dir, &home, &msg);
	if (!err)
		err = tt_home_open(&home, &store, &msg);
	if (err)
		return tt_home_failed(&msg);
	err = tt_store_unit_list(store, print_unit, NULL);
	if (err) {
		const int status = tt_home_store_failed(store, "units", err);

		tt_store_close(store);
		return status;
	}
	tt_store_close(store);
	return TT_EXIT_OK;
}
