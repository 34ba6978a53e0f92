#include "operator/commands.h"

#include "base/text.h"
#include "operator/home.h"
#include "operator/options.h"
#include "operator/pki.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { EXPIRY_WARN_DAYS = 30, FREE_MIB_WARN = 512, BROKER_TIMEOUT_S = 3 };

enum grade { OK, WARN, FAIL };

struct doctor {
	struct tt_home home;
	unsigned count[3];
};

static void TT_PRINTF(4, 5) say(struct doctor *d, enum grade grade, const char *what, const char *fmt, ...)
{
	static const char *const words[] = {"ok  ", "warn", "FAIL"};
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("%s %-14s %s\n", words[grade], what, text);
	d->count[grade]++;
}

static void check_certificate(struct doctor *d, const char *name)
{
	char base[TT_PATH_MAX];
	struct tt_pki_info info;
	struct tt_errmsg msg;
	int64_t days;

	if (tt_home_path(&d->home, name, base))
		return;
	if (tt_pki_inspect(base, &info, &msg)) {
		say(d, FAIL, "certificate", "%s; 'telltale init' makes what is missing", msg.text);
		return;
	}
	days = (info.not_after - tt_utc_now()) / TT_DAY_US;
	if (!info.key_matches)
		say(d, FAIL, "certificate",
		    "%s: the key does not belong to it; restore both from a backup, or remove both and run 'telltale init'", name);
	else if (days < 0)
		say(d, FAIL, "certificate", "%s: ran out %lld days ago; remove it and run 'telltale init'", name, (long long)-days);
	else if (days < EXPIRY_WARN_DAYS)
		say(d, WARN, "certificate", "%s: runs out in %lld days; remove it and run 'telltale init' before", name, (long long)days);
	else
		say(d, OK, "certificate", "%s: %s, good for %lld days", name, info.common_name, (long long)days);
}

static void check_record(struct doctor *d)
{
	struct tt_store *store = NULL;
	struct tt_errmsg msg;
	struct statvfs fs;
	int64_t have = 0, want = 0, poison = 0;

	if (access(d->home.store_url + strlen("sqlite:"), F_OK) != 0) {
		say(d, FAIL, "record", "%s does not exist; run 'telltale init', or name the right folder with --home", d->home.store_url);
		return;
	}
	if (tt_store_open(d->home.store_url, false, &store, &msg)) {
		say(d, FAIL, "record", "%s; restore the last 'telltale backup'", msg.text);
		return;
	}
	if (tt_store_version(store, &have, &want))
		say(d, FAIL, "record", "version cannot be read: %s", tt_store_message(store));
	else if (have != want)
		say(d, have < want ? WARN : FAIL, "record", "schema %lld, this program knows %lld; %s", (long long)have, (long long)want,
		    have < want ? "any writing command migrates it" : "use the newer program");
	if (tt_store_check(store, &msg))
		say(d, FAIL, "record", "%s; stop the services and restore the last 'telltale backup'", msg.text);
	else
		say(d, OK, "record", "%s: whole, schema %lld", d->home.store_url, (long long)have);
	if (!tt_store_quarantine_count(store, &poison) && poison > 0)
		say(d, WARN, "quarantine", "%lld messages could not be read; their reasons stand in the table 'quarantine'",
		    (long long)poison);
	tt_store_close(store);
	if (statvfs(d->home.dir, &fs) == 0) {
		const unsigned long long mib = (unsigned long long)fs.f_bavail * fs.f_frsize >> 20;

		say(d, mib < FREE_MIB_WARN ? WARN : OK, "disk", "%llu MiB free in %s%s", mib, d->home.dir,
		    mib < FREE_MIB_WARN ? "; free some: a full disk stops the gateway from acknowledging" : "");
	}
}

static void check_clock(struct doctor *d)
{
	const enum tt_clock_quality q = tt_utc_quality();
	char now[TT_UTC_TEXT];

	tt_utc_format(tt_utc_now(), now);
	if (q == TT_CLOCK_NTP)
		say(d, OK, "clock", "%s, synchronised", now);
	else if (q == TT_CLOCK_FREE)
		say(d, WARN, "clock", "%s, not synchronised; install chrony or systemd-timesyncd", now);
	else
		say(d, FAIL, "clock", "%s cannot be right; set the clock, certificates are refused until then", now);
}

/* The ports stand in the broker's configuration, in the order of the template: units, then services. */
static enum tt_err broker_ports(const struct doctor *d, char ports[2][8], struct tt_errmsg *msg)
{
	char path[TT_PATH_MAX], line[512];
	unsigned n = 0;
	FILE *f;

	if (tt_home_path(&d->home, "mosquitto/mosquitto.conf", path))
		return TT_ERANGE;
	f = fopen(path, "re");
	if (!f)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: %s; run 'telltale init'", path, strerror(errno));
	while (n < 2 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "listener %7[0-9] ", ports[n]) == 1)
			n++;
	}
	fclose(f);
	return n == 2 ? TT_OK : tt_errmsg_set(msg, TT_ECONFIG, "%s: no two listeners; run 'telltale init' to write it anew", path);
}

static SSL_CTX *service_context(const struct doctor *d)
{
	char ca[TT_PATH_MAX], cert[TT_PATH_MAX], key[TT_PATH_MAX];
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx || tt_home_path(&d->home, "pki/fleet-ca.crt", ca) || tt_home_path(&d->home, "pki/gateway.crt", cert) ||
	    tt_home_path(&d->home, "pki/gateway.key", key) || SSL_CTX_load_verify_locations(ctx, ca, NULL) != 1 ||
	    SSL_CTX_use_certificate_file(ctx, cert, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return ctx;
}

static void check_broker(struct doctor *d, const char *host)
{
	char ports[2][8], target[300];
	struct tt_errmsg msg;
	SSL_CTX *ctx = NULL;
	BIO *bio = NULL;

	if (broker_ports(d, ports, &msg)) {
		say(d, FAIL, "broker", "%s", msg.text);
		return;
	}
	(void)snprintf(target, sizeof(target), "%s:%s", host, ports[1]);
	ctx = service_context(d);
	bio = ctx ? BIO_new_ssl_connect(ctx) : NULL;
	if (!bio) {
		say(d, FAIL, "broker", "the gateway's certificate cannot be used, see above");
	} else {
		SSL *ssl = NULL;

		BIO_set_conn_hostname(bio, target);
		BIO_get_ssl(bio, &ssl);
		(void)SSL_set1_host(ssl, host);
		BIO_set_nbio(bio, 1);
		if (BIO_do_connect_retry(bio, BROKER_TIMEOUT_S, 50) == 1 && SSL_get_verify_result(ssl) == X509_V_OK)
			say(d, OK, "broker", "%s answers, its certificate is good", target);
		else if (SSL_get_verify_result(ssl) != X509_V_OK)
			say(d, FAIL, "broker", "%s: certificate refused: %s; 'telltale init --host' must name the host units use", target,
			    X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
		else
			say(d, FAIL, "broker", "%s does not answer; start mosquitto -c %s/mosquitto/mosquitto.conf", target, d->home.dir);
	}
	ERR_clear_error();
	BIO_free_all(bio);
	SSL_CTX_free(ctx);
}

int tt_cmd_doctor(int argc, char *argv[])
{
	const char *dir = NULL, *host = "localhost";
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"host", &host, NULL, false, "broker's host [localhost]"},
	};
	const struct tt_usage usage = {
		"doctor", "Check configuration, certificates, broker, record and clock; each finding says the way out.", options, 2, 0};
	struct doctor d = {.count = {0}};
	struct tt_errmsg msg;
	const enum tt_err err = tt_options_read(&usage, argc, argv, NULL);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	if (tt_home_find(dir, &d.home, &msg))
		return tt_home_failed(&msg);
	check_clock(&d);
	check_certificate(&d, "pki/fleet-ca");
	check_certificate(&d, "pki/service-ca");
	check_certificate(&d, "pki/broker");
	check_certificate(&d, "pki/gateway");
	check_record(&d);
	check_broker(&d, host);
	printf("%u ok, %u to look at, %u wrong\n", d.count[OK], d.count[WARN], d.count[FAIL]);
	return d.count[FAIL] ? TT_EXIT_FAILED : TT_EXIT_OK;
}
