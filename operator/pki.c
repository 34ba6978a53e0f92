#include "operator/pki.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { PATH_CAP = 1200, CRL_DAYS = 3650 };

static enum tt_err openssl_failed(const char *what, struct tt_errmsg *msg)
{
	char text[160] = "";

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	ERR_clear_error();
	return tt_errmsg_set(msg, TT_ENOMEM, "%s: OpenSSL refused: %s", what, text);
}

static enum tt_err path_of(const char *base, const char *suffix, char out[PATH_CAP], struct tt_errmsg *msg)
{
	const int n = snprintf(out, PATH_CAP, "%s%s", base, suffix);

	return n > 0 && n < PATH_CAP ? TT_OK : tt_errmsg_set(msg, TT_ERANGE, "%s: the path is too long", base);
}

/* What a PEM file is written from: exactly one of the three. */
struct pem {
	EVP_PKEY *key;
	X509 *cert;
	X509_CRL *crl;
};

static enum tt_err write_pem(const char *base, const char *suffix, const struct pem *pem, struct tt_errmsg *msg)
{
	char path[PATH_CAP], temp[PATH_CAP + 8];
	enum tt_err err = path_of(base, suffix, path, msg);
	FILE *f;
	bool ok;
	int fd;

	if (err)
		return err;
	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, pem->key ? 0600 : 0644);
	f = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (!f) {
		if (fd >= 0)
			close(fd);
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", temp, strerror(errno));
	}
	if (pem->key)
		ok = PEM_write_PrivateKey(f, pem->key, NULL, NULL, 0, NULL, NULL) == 1;
	else if (pem->cert)
		ok = PEM_write_X509(f, pem->cert) == 1;
	else
		ok = PEM_write_X509_CRL(f, pem->crl) == 1;
	ok = fflush(f) == 0 && fsync(fd) == 0 && ok;
	ok = fclose(f) == 0 && ok;
	if (!ok || rename(temp, path) != 0)
		return tt_errmsg_set(msg, TT_EIO, "%s: cannot be written: %s", path, strerror(errno));
	return TT_OK;
}

static enum tt_err open_pem(const char *base, const char *suffix, FILE **out, struct tt_errmsg *msg)
{
	char path[PATH_CAP];
	const enum tt_err err = path_of(base, suffix, path, msg);

	if (err)
		return err;
	*out = fopen(path, "re");
	return *out ? TT_OK : tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
}

static enum tt_err read_cert(const char *base, X509 **out, struct tt_errmsg *msg)
{
	FILE *f;
	const enum tt_err err = open_pem(base, ".crt", &f, msg);

	if (err)
		return err;
	*out = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	return *out ? TT_OK : tt_errmsg_set(msg, TT_ECORRUPT, "%s.crt: not a PEM certificate", base);
}

static enum tt_err read_key(const char *base, EVP_PKEY **out, struct tt_errmsg *msg)
{
	FILE *f;
	const enum tt_err err = open_pem(base, ".key", &f, msg);

	if (err)
		return err;
	*out = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	fclose(f);
	return *out ? TT_OK : tt_errmsg_set(msg, TT_ECORRUPT, "%s.key: not a PEM private key", base);
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext && X509_add_ext(cert, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool add_extensions(X509 *cert, X509 *issuer, const struct tt_pki_request *rq)
{
	static const struct {
		const char *constraints, *usage, *extended;
	} uses[] = {
		[TT_PKI_AUTHORITY] = {"critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign", NULL},
		[TT_PKI_SERVER] = {"critical,CA:FALSE", "critical,digitalSignature", "serverAuth"},
		[TT_PKI_CLIENT] = {"critical,CA:FALSE", "critical,digitalSignature", "clientAuth"},
	};

	return add_extension(cert, issuer, NID_basic_constraints, uses[rq->use].constraints) &&
	       add_extension(cert, issuer, NID_key_usage, uses[rq->use].usage) &&
	       (!uses[rq->use].extended || add_extension(cert, issuer, NID_ext_key_usage, uses[rq->use].extended)) &&
	       (!rq->alt_names || add_extension(cert, issuer, NID_subject_alt_name, rq->alt_names)) &&
	       add_extension(cert, issuer, NID_subject_key_identifier, "hash") &&
	       (!rq->issuer_base || add_extension(cert, issuer, NID_authority_key_identifier, "keyid"));
}

static bool set_serial(X509 *cert)
{
	unsigned char bytes[16];
	BIGNUM *n;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] &= 0x7F; /* positive, and never zero in practice; RFC 5280 4.1.2.2 */
	bytes[0] |= 0x40;
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
	BN_free(n);
	return ok;
}

static bool fill(X509 *cert, X509 *issuer, EVP_PKEY *key, EVP_PKEY *issuer_key, const struct tt_pki_request *rq)
{
	X509_NAME *name = X509_get_subject_name(cert);

	return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
	       X509_gmtime_adj(X509_getm_notBefore(cert), -300) && /* clocks of cars are a little off */
	       X509_time_adj_ex(X509_getm_notAfter(cert), rq->days, 0, NULL) && X509_set_pubkey(cert, key) == 1 &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)rq->common_name, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 && add_extensions(cert, issuer, rq) &&
	       X509_sign(cert, issuer_key, EVP_sha256()) > 0;
}

static enum tt_err serial_text(const X509 *cert, char out[64])
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
	char *hex = n ? BN_bn2hex(n) : NULL;
	const bool ok = hex && strlen(hex) < 64;

	if (ok)
		strcpy(out, hex);
	OPENSSL_free(hex);
	BN_free(n);
	return ok ? TT_OK : TT_ECORRUPT;
}

enum tt_err tt_pki_issue(const struct tt_pki_request *rq, char serial_hex[64], struct tt_errmsg *msg)
{
	EVP_PKEY *key = NULL, *issuer_key = NULL;
	X509 *cert = NULL, *issuer = NULL;
	char path[PATH_CAP];
	enum tt_err err = path_of(rq->out_base, ".crt", path, msg);

	if (err)
		return err;
	if (access(path, F_OK) == 0)
		return tt_errmsg_set(msg, TT_EEXIST, "%s is there already; remove it by hand to issue a new one", path);
	if (rq->issuer_base) {
		err = read_cert(rq->issuer_base, &issuer, msg);
		if (!err)
			err = read_key(rq->issuer_base, &issuer_key, msg);
		if (err)
			goto out;
	}
	key = EVP_EC_gen("P-256");
	cert = X509_new();
	if (!key || !cert || !fill(cert, issuer ? issuer : cert, key, issuer_key ? issuer_key : key, rq)) {
		err = openssl_failed(rq->common_name, msg);
		goto out;
	}
	err = write_pem(rq->out_base, ".key", &(struct pem){.key = key}, msg);
	if (!err)
		err = write_pem(rq->out_base, ".crt", &(struct pem){.cert = cert}, msg);
	if (!err && serial_hex)
		err = serial_text(cert, serial_hex);
out:
	EVP_PKEY_free(key);
	EVP_PKEY_free(issuer_key);
	X509_free(cert);
	X509_free(issuer);
	return err;
}

static bool crl_add(X509_CRL *crl, const char *serial_hex, ASN1_TIME *now)
{
	BIGNUM *n = NULL;
	ASN1_INTEGER *serial = NULL;
	X509_REVOKED *revoked = X509_REVOKED_new();
	bool ok = revoked && BN_hex2bn(&n, serial_hex) > 0 && (serial = BN_to_ASN1_INTEGER(n, NULL)) != NULL &&
		  X509_REVOKED_set_serialNumber(revoked, serial) == 1 && X509_REVOKED_set_revocationDate(revoked, now) == 1 &&
		  X509_CRL_add0_revoked(crl, revoked) == 1;

	if (!ok)
		X509_REVOKED_free(revoked);
	ASN1_INTEGER_free(serial);
	BN_free(n);
	return ok;
}

enum tt_err tt_pki_write_crl(const char *issuer_base, const char *const serials_hex[], size_t n, struct tt_errmsg *msg)
{
	X509 *issuer = NULL;
	EVP_PKEY *key = NULL;
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *now = X509_gmtime_adj(NULL, 0), *next = X509_gmtime_adj(NULL, (long)CRL_DAYS * 86400);
	enum tt_err err = read_cert(issuer_base, &issuer, msg);
	bool ok;

	if (!err)
		err = read_key(issuer_base, &key, msg);
	if (err)
		goto out;
	ok = crl && now && next && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	     X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer)) == 1 && X509_CRL_set1_lastUpdate(crl, now) == 1 &&
	     X509_CRL_set1_nextUpdate(crl, next) == 1;
	for (size_t i = 0; ok && i < n; i++)
		ok = crl_add(crl, serials_hex[i], now);
	ok = ok && X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, key, EVP_sha256()) > 0;
	err = ok ? write_pem(issuer_base, ".crl", &(struct pem){.crl = crl}, msg) : openssl_failed("revocation list", msg);
out:
	X509_free(issuer);
	EVP_PKEY_free(key);
	X509_CRL_free(crl);
	ASN1_TIME_free(now);
	ASN1_TIME_free(next);
	return err;
}

enum tt_err tt_pki_inspect(const char *base, struct tt_pki_info *out, struct tt_errmsg *msg)
{
	struct tt_pki_info info = {.key_matches = false};
	X509 *cert = NULL;
	EVP_PKEY *key = NULL;
	int days, seconds;
	enum tt_err err = read_cert(base, &cert, msg);

	if (!err)
		err = read_key(base, &key, msg);
	if (!err)
		err = serial_text(cert, info.serial_hex);
	if (err)
		goto out;
	info.key_matches = X509_check_private_key(cert, key) == 1;
	ERR_clear_error();
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, info.common_name, sizeof(info.common_name)) < 0 ||
	    ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(cert)) != 1) {
		err = tt_errmsg_set(msg, TT_ECORRUPT, "%s.crt: no common name or end date", base);
		goto out;
	}
	info.not_after = tt_utc_now() + days * TT_DAY_US + TT_SEC(seconds);
	*out = info;
out:
	X509_free(cert);
	EVP_PKEY_free(key);
	return err;
}
