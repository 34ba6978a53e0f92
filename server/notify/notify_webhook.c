#include "base/time.h"
#include "server/notify/curl_guard.h"
#include "server/notify/notify.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct webhook {
	CURL *curl;
	char *url;
	char *secret;
	bool allow_local;
};

static size_t ignore_body(char *data, size_t size, size_t n, void *ctx)
{
	(void)data;
	(void)ctx;
	return size * n;
}

static char *body_of(const struct tt_outbox *row)
{
	char at[TT_UTC_TEXT];
	json_t *payload = json_loads(row->payload, 0, NULL);
	json_t *o;
	char *text;

	tt_utc_format(row->created_at, at);
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "id", row->idempotency_key, "channel", row->channel, "recipient", row->recipient,
		      "template", row->template_name, "created_at", at, "payload", payload ? payload : json_null());
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return text;
}

/* HMAC-SHA256(secret, timestamp "." body), so that neither can be replayed or changed without the other. */
static void sign(const char *secret, const char *timestamp, const char *body, char hex[crypto_auth_hmacsha256_BYTES * 2 + 1])
{
	crypto_auth_hmacsha256_state state;
	uint8_t mac[crypto_auth_hmacsha256_BYTES];

	crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret, strlen(secret));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)timestamp, strlen(timestamp));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)".", 1);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)body, strlen(body));
	crypto_auth_hmacsha256_final(&state, mac);
	sodium_bin2hex(hex, sizeof(mac) * 2 + 1, mac, sizeof(mac));
}

static bool add(struct curl_slist **list, const char *name, const char *value)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "%s: %s", name, value);
	struct curl_slist *grown = n > 0 && (size_t)n < sizeof(line) ? curl_slist_append(*list, line) : NULL;

	if (grown)
		*list = grown;
	return grown != NULL;
}

static struct curl_slist *headers_of(const struct webhook *w, const struct tt_outbox *row, const char *body)
{
	char timestamp[24], mac[crypto_auth_hmacsha256_BYTES * 2 + 1], signature[sizeof(mac) + 8];
	struct curl_slist *list = NULL;

	(void)snprintf(timestamp, sizeof(timestamp), "%lld", (long long)(tt_utc_now() / 1000000)); /* 20 digits at most */
	sign(w->secret, timestamp, body, mac);
	(void)snprintf(signature, sizeof(signature), "sha256=%s", mac); /* sized for it */
	if (add(&list, "Content-Type", "application/json") && add(&list, "Idempotency-Key", row->idempotency_key) &&
	    add(&list, "X-Telltale-Timestamp", timestamp) && add(&list, "X-Telltale-Signature", signature))
		return list;
	curl_slist_free_all(list);
	return NULL;
}

static enum tt_err judge(CURL *curl, CURLcode code, struct tt_errmsg *msg)
{
	long status = 0;

	if (code != CURLE_OK)
		return tt_errmsg_set(msg, TT_EIO, "webhook: %s", curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return TT_OK;
	if (status >= 400 && status < 500 && status != 408 && status != 425 && status != 429)
		return tt_errmsg_set(msg, TT_EDENIED, "webhook: answered %ld, which will not change", status);
	return tt_errmsg_set(msg, TT_EAGAIN, "webhook: answered %ld", status);
}

static enum tt_err post(void *ctx, const struct tt_outbox *row, struct tt_errmsg *msg)
{
	struct webhook *w = (struct webhook *)ctx;
	char *body = body_of(row);
	struct curl_slist *headers = body ? headers_of(w, row, body) : NULL;
	enum tt_err err;

	if (!headers) {
		free(body);
		return tt_errmsg_set(msg, TT_ENOMEM, "webhook: the message cannot be built");
	}
	if (curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, headers) != CURLE_OK ||
	    curl_easy_setopt(w->curl, CURLOPT_POSTFIELDS, body) != CURLE_OK)
		err = tt_errmsg_set(msg, TT_EIO, "webhook: libcurl refuses the message");
	else
		err = judge(w->curl, curl_easy_perform(w->curl), msg);
	curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	free(body);
	return err;
}

static void destroy(void *ctx)
{
	struct webhook *w = (struct webhook *)ctx;

	if (w->curl)
		curl_easy_cleanup(w->curl);
	if (w->secret)
		sodium_memzero(w->secret, strlen(w->secret));
	free(w->secret);
	free(w->url);
	free(w);
}

enum tt_err tt_notify_webhook(const struct tt_webhook_config *config, struct tt_notify_channel *out, struct tt_errmsg *msg)
{
	struct webhook *w;

	if (strncmp(config->url, "https://", 8) != 0 && !(config->allow_local && strncmp(config->url, "http://", 7) == 0))
		return tt_errmsg_set(msg, TT_ECONFIG, "webhook-url %s: must begin with https:// (http:// needs webhook-allow-local)",
				     config->url);
	if (!config->secret[0])
		return tt_errmsg_set(msg, TT_ECONFIG, "the webhook's secret is empty: webhook-secret-file must name a file with one line");
	w = calloc(1, sizeof(*w));
	if (!w)
		return tt_errmsg_set(msg, TT_ENOMEM, "out of memory");
	w->allow_local = config->allow_local;
	w->url = strdup(config->url);
	w->secret = strdup(config->secret);
	w->curl = curl_easy_init();
	if (!w->url || !w->secret || !w->curl || tt_curl_guard(w->curl, config->timeout_ms, &w->allow_local) ||
	    curl_easy_setopt(w->curl, CURLOPT_PROTOCOLS_STR, config->allow_local ? "http,https" : "https") != CURLE_OK ||
	    curl_easy_setopt(w->curl, CURLOPT_URL, w->url) != CURLE_OK ||
	    curl_easy_setopt(w->curl, CURLOPT_WRITEFUNCTION, ignore_body) != CURLE_OK ||
	    curl_easy_setopt(w->curl, CURLOPT_USERAGENT, "telltale-server/1") != CURLE_OK) {
		destroy(w);
		return tt_errmsg_set(msg, TT_EIO, "webhook: libcurl cannot be set up");
	}
	*out = (struct tt_notify_channel){.name = "webhook", .ctx = w, .send = post, .destroy = destroy};
	return TT_OK;
}
