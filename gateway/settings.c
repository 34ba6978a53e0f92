#include "gateway/settings.h"

#include "base/text.h"

#include <string.h>

static const struct tt_config_key keys[] = {
	TT_CONFIG_STR(struct tt_settings, broker_host, "broker-host", "127.0.0.1", "Broker's name or address."),
	TT_CONFIG_NUM(struct tt_settings, broker_port, "broker-port", 1, 65535, "8884", "Broker's port for services."),
	TT_CONFIG_FLAG(struct tt_settings, tls, "tls", "true", "Mutual TLS; false only for tests on one machine."),
	TT_CONFIG_STR(struct tt_settings, ca, "ca", "", "File with the certificate authority of the broker (PEM)."),
	TT_CONFIG_STR(struct tt_settings, cert, "cert", "", "File with the gateway's certificate (PEM)."),
	TT_CONFIG_STR(struct tt_settings, key, "key", "", "File with the gateway's private key (PEM)."),
	TT_CONFIG_STR(struct tt_settings, store, "store", "sqlite:telltale.db", "The record: sqlite:PATH."),
	TT_CONFIG_STR(struct tt_settings, shards, "shards", "0-63", "Shards to serve, e.g. 0-63 or 0-15,32."),
	TT_CONFIG_NUM(struct tt_settings, batch, "batch", 1, 4096, "2000", "Messages a transaction at most."),
	TT_CONFIG_NUM(struct tt_settings, batch_ms, "batch-ms", 1, 1000, "8", "Milliseconds a transaction collects changes at most."),
	TT_CONFIG_NUM(struct tt_settings, late_minutes, "late-minutes", 1, 1440, "15", "Minutes after which an event is marked late."),
	TT_CONFIG_STR(struct tt_settings, metrics_file, "metrics-file", "",
		      "File rewritten every 5 s with counters (Prometheus text); empty = none."),
	TT_CONFIG_STR(struct tt_settings, log_level, "log-level", "info", "error, warn, info or debug."),
};

const struct tt_config_spec tt_settings_spec = {
	.program = "telltale-gateway",
	.purpose = "Takes what units publish from the broker into the record, one transaction a batch, and acknowledges after its commit.",
	.env_prefix = "TELLTALE_GATEWAY",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
};

static enum tt_err number(const char *s, size_t n, unsigned *out)
{
	int64_t v;

	if (tt_parse_i64(s, n, &v) || v < 0 || v >= TT_SHARDS)
		return TT_EINVAL;
	*out = (unsigned)v;
	return TT_OK;
}

/* "7" or "8-15". */
static enum tt_err range(const char *s, size_t n, uint64_t *set)
{
	const char *dash = memchr(s, '-', n);
	size_t head = dash ? (size_t)(dash - s) : n;
	unsigned from, to;

	if (number(s, head, &from))
		return TT_EINVAL;
	to = from;
	if (dash && number(dash + 1, n - head - 1, &to))
		return TT_EINVAL;
	if (to < from)
		return TT_EINVAL;
	for (unsigned i = from; i <= to; i++)
		*set |= UINT64_C(1) << i;
	return TT_OK;
}

enum tt_err tt_settings_shards(const char *text, uint64_t *out, struct tt_errmsg *msg)
{
	uint64_t set = 0;

	for (const char *s = text;;) {
		size_t n = strcspn(s, ",");

		if (range(s, n, &set))
			return tt_errmsg_set(msg, TT_ECONFIG, "shards: \"%.*s\" is no shard or range of shards; 0-%d, e.g. 0-15,32", (int)n,
					     s, TT_SHARDS - 1);
		if (s[n] == '\0')
			break;
		s += n + 1;
	}
	*out = set;
	return TT_OK;
}

enum tt_err tt_settings_check(const struct tt_settings *settings, uint64_t *shards, struct tt_errmsg *msg)
{
	if (settings->tls && (!*settings->ca || !*settings->cert || !*settings->key))
		return tt_errmsg_set(msg, TT_ECONFIG, "tls needs ca, cert and key (telltale init makes them); --tls=false for tests");
	return tt_settings_shards(settings->shards, shards, msg);
}
