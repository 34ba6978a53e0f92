#include "operator/commands.h"

#include "operator/home.h"
#include "operator/options.h"
#include "operator/pki.h"
#include "operator/template.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mosquitto_templates.h"

enum { CA_DAYS = 3650, LEAF_DAYS = 825 };

static enum tt_err issue_once(const struct tt_home *home, const struct tt_pki_request *like, const char *issuer, const char *name,
			      struct tt_errmsg *msg)
{
	char issuer_base[TT_PATH_MAX], out_base[TT_PATH_MAX];
	struct tt_pki_request rq = *like;
	enum tt_err err = tt_home_path(home, name, out_base);

	if (!err && issuer)
		err = tt_home_path(home, issuer, issuer_base);
	if (err)
		return tt_errmsg_set(msg, err, "%s: the path is too long", home->dir);
	rq.issuer_base = issuer ? issuer_base : NULL;
	rq.out_base = out_base;
	err = tt_pki_issue(&rq, NULL, msg);
	if (err == TT_EEXIST)
		return TT_OK;
	if (!err)
		printf("made %s.crt\n", out_base);
	return err;
}

static enum tt_err make_certificates(const struct tt_home *home, const char *host, struct tt_errmsg *msg)
{
	char alt[300], crl[TT_PATH_MAX], ca[TT_PATH_MAX];
	const struct tt_pki_request fleet = {.common_name = "Telltale fleet CA", .use = TT_PKI_AUTHORITY, .days = CA_DAYS};
	const struct tt_pki_request service = {.common_name = "Telltale service CA", .use = TT_PKI_AUTHORITY, .days = CA_DAYS};
	const struct tt_pki_request gateway = {.common_name = "gateway", .use = TT_PKI_CLIENT, .days = LEAF_DAYS};
	const struct tt_pki_request sender = {.common_name = "operator", .use = TT_PKI_CLIENT, .days = LEAF_DAYS};
	struct tt_pki_request broker = {.common_name = host, .use = TT_PKI_SERVER, .alt_names = alt, .days = LEAF_DAYS};
	enum tt_err err;

	if (snprintf(alt, sizeof(alt), "DNS:localhost,IP:127.0.0.1%s%s",
		     strcmp(host, "localhost") == 0 ? "" : ",DNS:", strcmp(host, "localhost") == 0 ? "" : host) >= (int)sizeof(alt))
		return tt_errmsg_set(msg, TT_ERANGE, "--host is too long");
	err = issue_once(home, &fleet, NULL, "pki/fleet-ca", msg);
	if (!err)
		err = issue_once(home, &service, NULL, "pki/service-ca", msg);
	if (!err)
		err = issue_once(home, &broker, "pki/fleet-ca", "pki/broker", msg);
	if (!err)
		err = issue_once(home, &gateway, "pki/service-ca", "pki/gateway", msg);
	if (!err)
		err = issue_once(home, &sender, "pki/service-ca", "pki/operator", msg);
	if (err)
		return err;
	if (tt_home_path(home, "pki/fleet-ca.crl", crl) || tt_home_path(home, "pki/fleet-ca", ca))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", home->dir);
	return access(crl, F_OK) == 0 ? TT_OK : tt_pki_write_crl(ca, NULL, 0, msg);
}

static enum tt_err write_broker_files(const struct tt_home *home, const char *bind_host, const char *unit_port, const char *service_port,
				      struct tt_errmsg *msg)
{
	char dir[TT_PATH_MAX], pki[TT_PATH_MAX], path[TT_PATH_MAX];
	const struct passwd *me = getpwuid(geteuid());
	const struct tt_template_value values[] = {
		{"HOST", bind_host},
		{"UNIT_PORT", unit_port},
		{"SERVICE_PORT", service_port},
		{"DIR", dir},
		{"PKI", pki},
		{"USER", me ? me->pw_name : "mosquitto"},
	};
	const size_t n = sizeof(values) / sizeof(values[0]);
	enum tt_err err;

	if (tt_home_path(home, "mosquitto", dir) || tt_home_path(home, "pki", pki) || tt_home_path(home, "mosquitto/mosquitto.conf", path))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", home->dir);
	err = tt_template_write(tt_embed_mosquitto_conf_in, values, n, path, msg);
	if (err)
		return err;
	if (tt_home_path(home, "mosquitto/acl", path))
		return tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", home->dir);
	return tt_template_write(tt_embed_acl_in, values, n, path, msg);
}

static enum tt_err make_record(const struct tt_home *home, struct tt_errmsg *msg)
{
	struct tt_store *store;
	enum tt_err err = tt_store_open(home->store_url, true, &store, msg);

	if (err)
		return err;
	err = tt_store_migrate(store, tt_utc_now(), msg);
	tt_store_close(store);
	return err;
}

int tt_cmd_init(int argc, char *argv[])
{
	const char *dir = NULL, *host = "localhost", *bind_host = "127.0.0.1", *unit_port = "8883", *service_port = "8884";
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"host", &host, NULL, false, "name under which units reach the broker, for its certificate [localhost]"},
		{"bind", &bind_host, NULL, false, "address the broker listens on [127.0.0.1]"},
		{"unit-port", &unit_port, NULL, false, "broker's port for units [8883]"},
		{"service-port", &service_port, NULL, false, "broker's port for gateways [8884]"},
	};
	const struct tt_usage usage = {"init", "Make certificates, the record and the broker's configuration; what exists is kept.",
				       options, sizeof(options) / sizeof(options[0]), 0};
	struct tt_home home;
	struct tt_errmsg msg;
	enum tt_err err = tt_options_read(&usage, argc, argv, NULL);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	err = tt_home_find(dir, &home, &msg);
	if (!err)
		err = tt_home_mkdir(&home, "pki/units", &msg);
	if (!err)
		err = tt_home_mkdir(&home, "mosquitto/data", &msg);
	if (!err)
		err = make_certificates(&home, host, &msg);
	if (!err)
		err = write_broker_files(&home, bind_host, unit_port, service_port, &msg);
	if (!err)
		err = make_record(&home, &msg);
	if (err)
		return tt_home_failed(&msg);
	printf("ready: %s\n", home.dir);
	return TT_EXIT_OK;
}
