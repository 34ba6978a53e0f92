/*
 * Configurations told from afar, on disk: each in its own folder, and one pointer file that says which is in use.
 *
 *	DIR/pointer           active, good, highest seen, trial, tries, and what the gateway must still be told
 *	DIR/waiting           the version that was accepted and waits until the car stands; no file: none
 *	DIR/v<VERSION>/       signed (the message as it came), profile, and the files that it names
 *
 * Nothing in use is ever changed: a new folder is written and synced, then the pointer is replaced by rename. At each start the folder is
 * checked again, signature and sums, so that a flash that rots cannot configure a car. Version 0 is what the unit was installed with.
 *
 * Memory: the caller's struct; reading a document takes memory for as long as it lasts. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_AGENT_CONFIG_STORE_H
#define TT_FIRMWARE_AGENT_CONFIG_STORE_H

#include "firmware/agent/settings.h"
#include "firmware/proto/config_doc.h"
#include "wire/sign.h"

enum { TT_CONFIG_STORE_PATH = 512, TT_CONFIG_STORE_REASON = 120, TT_CONFIG_STORE_TRIES = 3 };

/* The wire's ConfigOutcome. */
enum tt_config_outcome {
	TT_CONFIG_NONE,
	TT_CONFIG_APPLIED,
	TT_CONFIG_CONFIRMED,
	TT_CONFIG_REJECTED,
	TT_CONFIG_ROLLED_BACK,
	TT_CONFIG_ACCEPTED /* waits until it may be used */
};

struct tt_config_store {
	char dir[TT_SETTING_PATH]; /* "" = this unit takes no configuration */
	uint64_t active, good, seen;
	bool trial;
	unsigned tries;   /* starts in this trial */
	uint64_t waiting; /* accepted, and not in use yet; 0 = none. Above seen */
	/* not in the journal yet */
	enum tt_config_outcome tell;
	uint64_t tell_version;
	char reason[TT_CONFIG_STORE_REASON];
};

/* Reads the pointer; none: version 0. One that cannot be read counts as none, with a roll-back to tell. TT_ERANGE: the path is too long. */
TT_MUSTCHECK enum tt_err tt_config_store_open(const char *dir, struct tt_config_store *out, struct tt_errmsg *msg);
/* TT_EIO: the old pointer holds. */
TT_MUSTCHECK enum tt_err tt_config_store_save(const struct tt_config_store *s, struct tt_errmsg *msg);
/*
 * Version 0: nothing waits any more. A file of its own, so that an older agent, given back its slot, still reads the pointer. TT_EIO: as
 * before.
 */
TT_MUSTCHECK enum tt_err tt_config_store_wait(struct tt_config_store *s, uint64_t version, struct tt_errmsg *msg);
/* What the gateway must be told; reason is cut to fit, and what is not printable ASCII becomes '?'. */
void tt_config_store_note(struct tt_config_store *s, enum tt_config_outcome outcome, uint64_t version, const char *reason);
/* This version is in use from now on, on trial, and that is to be told. In memory only. */
void tt_config_store_try(struct tt_config_store *s, uint64_t version);
/* The active one is given up for the last good one, or, when it is that, for the built-in one. */
void tt_config_store_roll_back(struct tt_config_store *s, const char *reason);

/* DIR/v<version>/name. */
void tt_config_store_path(const struct tt_config_store *s, uint64_t version, const char *name, char out[TT_CONFIG_STORE_PATH]);

/*
 * Writes the folder of doc->version. Files without content are taken from the active folder, or from beside builtin_profile, when their sum
 * is right. TT_ENOTFOUND: a file that the unit does not have; TT_ECORRUPT: a content that is not what its sum says; TT_EIO, TT_ENOMEM. msg
 * tells.
 */
TT_MUSTCHECK enum tt_err tt_config_store_stage(const struct tt_config_store *s, const struct tt_config_doc *doc, const uint8_t *message,
					       size_t len, const char *builtin_profile, struct tt_errmsg *msg);
void tt_config_store_discard(const struct tt_config_store *s, uint64_t version);
/* Everything but the active, the good and the waiting one. */
void tt_config_store_tidy(const struct tt_config_store *s);

/*
 * Is the active folder still what was signed? Applies its settings to *settings and names its profile there. TT_ECORRUPT, TT_EDENIED (its
 * key is not trusted any more), TT_EIO, TT_ENOMEM; msg tells. *settings may then be half changed.
 */
TT_MUSTCHECK enum tt_err tt_config_store_use(const struct tt_config_store *s, uint64_t version, const struct tt_trust *trust,
					     struct tt_settings *settings, struct tt_errmsg *msg);

/* Settings that may be told from afar: reporting and scanning rates, and how long the journal keeps. TT_ECONFIG: unknown, or out of range.
 */
TT_MUSTCHECK enum tt_err tt_config_store_setting(struct tt_settings *settings, const char *key, const char *value, struct tt_errmsg *msg);

#endif
