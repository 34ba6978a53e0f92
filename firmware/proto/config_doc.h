/*
 * Reading a configuration told from afar (schemas/proto/telltale.proto, ConfigDocument): shape and bounds. PURE.
 *
 * What the profile in it means, whether its files are what their sums say and whether the settings may be set is for the agent to judge
 * (firmware/agent/config_store.h). Memory: everything points into the caller's bytes, but names and texts, which are copied with a NUL.
 */
#ifndef TT_FIRMWARE_PROTO_CONFIG_DOC_H
#define TT_FIRMWARE_PROTO_CONFIG_DOC_H

#include "base/err.h"
#include "base/time.h"

enum {
	TT_CONFIG_DOC_UNIT = 33,
	TT_CONFIG_DOC_FILES = 8,
	TT_CONFIG_DOC_SETTINGS = 16,
	TT_CONFIG_DOC_NAME = 64,
	TT_CONFIG_DOC_VALUE = 64,
	TT_CONFIG_DOC_SUM = 32,
	TT_CONFIG_DOC_MAX_BYTES = 130000, /* the broker takes 128 KiB */
};

struct tt_config_doc_file {
	char name[TT_CONFIG_DOC_NAME];
	const uint8_t *sha256; /* TT_CONFIG_DOC_SUM bytes */
	const uint8_t *content;
	size_t len; /* 0: the unit has it already */
};

struct tt_config_doc {
	char unit[TT_CONFIG_DOC_UNIT]; /* "" = every unit */
	uint64_t version;
	tt_utc_us issued_at_us;
	const uint8_t *profile;
	size_t profile_len;
	struct tt_config_doc_file files[TT_CONFIG_DOC_FILES];
	size_t nfiles;
	struct {
		char key[TT_CONFIG_DOC_NAME];
		char value[TT_CONFIG_DOC_VALUE];
	} settings[TT_CONFIG_DOC_SETTINGS];
	size_t nsettings;
};

/*
 * why (static text) is written on failure. TT_EPROTO: unreadable, a bound broken, two files of one name, no version, no profile.
 * TT_ENOTSUP: a field that we do not know: half understood is not understood. TT_ERANGE: longer than TT_CONFIG_DOC_MAX_BYTES. *out holds
 * nothing of use then.
 */
TT_MUSTCHECK enum tt_err tt_config_doc_decode(const uint8_t *bytes, size_t len, struct tt_config_doc *out, const char **why);

/* 1..63 of A-Z a-z 0-9 . _ -, not beginning with a dot: a name and no path. */
bool tt_config_doc_name_valid(const char *name);

#endif
