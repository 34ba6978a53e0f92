/*
 * An update's manifest (schemas/proto/telltale.proto, UpdateManifest): shape and bounds, and whether it is for this unit. PURE.
 * Who signed it is checked before (wire/sign.h, role "update"). Memory: the caller's struct; sha256 points into the caller's bytes.
 */
#ifndef TT_FIRMWARE_UPDATE_MANIFEST_H
#define TT_FIRMWARE_UPDATE_MANIFEST_H

#include "base/err.h"
#include "base/time.h"

enum {
	TT_MANIFEST_UNIT = 33,
	TT_MANIFEST_ARCH = 16,
	TT_MANIFEST_VERSION = 32,
	TT_MANIFEST_URL = 512,
	TT_MANIFEST_SUM = 32,
	TT_MANIFEST_MAX_BYTES = 4096,
	TT_MANIFEST_PROGRAM_MAX = 64 << 20,
};

struct tt_manifest {
	char unit[TT_MANIFEST_UNIT]; /* "" = every unit */
	char arch[TT_MANIFEST_ARCH]; /* Debian's name */
	char version[TT_MANIFEST_VERSION];
	char url[TT_MANIFEST_URL]; /* https: or file: */
	uint64_t sequence;         /* 1.. */
	uint64_t size;             /* 1..TT_MANIFEST_PROGRAM_MAX */
	const uint8_t *sha256;     /* TT_MANIFEST_SUM bytes */
	tt_utc_us expires_at_us;
};

/* TT_EPROTO: unreadable, a field missing or out of bounds. TT_ENOTSUP: a field that we do not know. *out is of no use then. */
TT_MUSTCHECK enum tt_err tt_manifest_decode(const uint8_t *bytes, size_t len, struct tt_manifest *out);

/* Why this manifest is not for this unit at this time; NULL when it is. Static text. */
const char *tt_manifest_refusal(const struct tt_manifest *m, const char *unit, const char *arch, tt_utc_us now_us);

#endif
