/*
 * Certificates of one installation: two authorities (fleet: units and the broker; service: gateways), P-256 keys, SHA-256.
 *
 * A certificate name is made once and never overwritten; keys are written with mode 0600 before the certificate appears, and every file
 * arrives by rename, so that a cut never leaves half a file. OpenSSL does the cryptography.
 * Errors: TT_EEXIST, TT_EIO (file, named), TT_ECORRUPT (an existing file cannot be read), TT_ENOMEM (OpenSSL refused).
 */
#ifndef TT_OPERATOR_PKI_H
#define TT_OPERATOR_PKI_H

#include "base/err.h"
#include "base/time.h"

enum tt_pki_use { TT_PKI_AUTHORITY, TT_PKI_SERVER, TT_PKI_CLIENT };

struct tt_pki_request {
	const char *common_name;
	enum tt_pki_use use;
	const char *alt_names;   /* TT_PKI_SERVER: "DNS:localhost,IP:127.0.0.1"; NULL otherwise */
	const char *issuer_base; /* path without suffix of the authority's .crt and .key; NULL: self-signed */
	const char *out_base;    /* path without suffix of the .crt and .key to write */
	int days;
};

/* serial_hex (may be NULL) receives the serial number. */
TT_MUSTCHECK enum tt_err tt_pki_issue(const struct tt_pki_request *request, char serial_hex[64], struct tt_errmsg *msg);

/* Write issuer_base.crl with these serial numbers (upper-case hex) revoked; n may be 0. */
TT_MUSTCHECK enum tt_err tt_pki_write_crl(const char *issuer_base, const char *const serials_hex[], size_t n, struct tt_errmsg *msg);

struct tt_pki_info {
	char common_name[64];
	char serial_hex[64];
	tt_utc_us not_after;
	bool key_matches; /* base.key belongs to base.crt */
};
TT_MUSTCHECK enum tt_err tt_pki_inspect(const char *base, struct tt_pki_info *out, struct tt_errmsg *msg);

#endif
