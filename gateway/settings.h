/*
 * The gateway's one configuration table (base/config.h) and the set of shards it serves.
 */
#ifndef TT_GATEWAY_SETTINGS_H
#define TT_GATEWAY_SETTINGS_H

#include "base/config.h"
#include "wire/topic.h"

#include <assert.h>
#include <stdint.h>

struct tt_settings {
	char broker_host[256];
	int64_t broker_port;
	bool tls;
	char ca[512], cert[512], key[512];
	char store[512];
	char shards[256];
	int64_t batch, batch_ms, late_minutes;
	char metrics_file[512];
	char log_level[8];
};

extern const struct tt_config_spec tt_settings_spec;

static_assert(TT_SHARDS == 64, "a set of shards is 64 bits");

/* "0-63", "0,2,8-15": bit n set for shard n. TT_ECONFIG with the piece that is wrong. */
TT_MUSTCHECK enum tt_err tt_settings_shards(const char *text, uint64_t *out, struct tt_errmsg *msg);
/* What the table cannot say: TLS needs its three files, the shards must be readable. */
TT_MUSTCHECK enum tt_err tt_settings_check(const struct tt_settings *settings, uint64_t *shards, struct tt_errmsg *msg);

#endif
