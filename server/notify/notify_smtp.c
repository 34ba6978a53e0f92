#include "base/time.h"
#include "server/notify/curl_guard.h"
#include "server/notify/mail.h"
#include "server/notify/notify.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct smtp {
	CURL *curl;
	char *from;
	bool allow_local; /* true: a mail relay on the same machine is the ordinary case, and its address is the operator's */
};

struct source {
	const char *at;
	size_t left;
};

static size_t read_mail(char *buf, size_t size, size_t n, void *ctx)
{
	struct source *s = (struct source *)ctx;
	size_t take = s->left < size * n ? s->left : size * n;

	memcpy(buf, s->at, take);
	s->at += take;
	s->left -= take;
	return take;
}

static enum tt_err judge(CURL *curl, CURLcode code, struct tt_errmsg *msg)
{
	long status = 0;

	if (code == CURLE_OK)
		return TT_OK;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 500 && status < 600 && code != CURLE_LOGIN_DENIED)
		return tt_errmsg_set(msg, TT_EDENIED, "mail: the relay answered %ld, which will not change", status);
	return tt_errmsg_set(msg, TT_EIO, "mail: %s (relay answered %ld)", curl_easy_strerror(code), status);
}

static enum tt_err transfer(struct smtp *s, const char *to, const char *mail, struct tt_errmsg *msg)
{
	struct source source = {.at = mail, .left = strlen(mail)};
	struct curl_slist *recipients = curl_slist_append(NULL, to);
	enum tt_err err;

	if (!recipients || curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, s->from) != CURLE_OK ||
	    curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, recipients) != CURLE_OK ||
	    curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L) != CURLE_OK ||
	    curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, read_mail) != CURLE_OK ||
	    curl_easy_setopt(s->curl, CURLOPT_READDATA, &source) != CURLE_OK)
		err = tt_errmsg_set(msg, TT_EIO, "mail: libcurl refuses the message");
	else
		err = judge(s->curl, curl_easy_perform(s->curl), msg);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
	return err;
}

static enum tt_err send_mail(void *ctx, const struct tt_outbox *row, struct tt_errmsg *msg)
{
	struct smtp *s = (struct smtp *)ctx;
	char *mail, to[TT_NAME_MAX + 2];
	enum tt_err err;

	if (strcmp(row->channel, "email") != 0)
		return tt_errmsg_set(msg, TT_ENOTSUP, "mail: nothing is configured to send %s; notify=webhook can hand it to a provider",
				     row->channel);
	err = tt_mail_compose(row, s->from, tt_utc_now(), &mail);
	if (err)
		return tt_errmsg_set(msg, err, "mail: %s", err == TT_EINVAL ? "the recipient is not a plain address" : tt_err_text(err));
	(void)snprintf(to, sizeof(to), "<%s>", row->recipient); /* sized for it */
	err = transfer(s, to, mail, msg);
	free(mail);
	return err;
}

static void destroy(void *ctx)
{
	struct smtp *s = (struct smtp *)ctx;

	if (s->curl)
		curl_easy_cleanup(s->curl);
	free(s->from);
	free(s);
}

static bool set_login(CURL *curl, const struct tt_smtp_config *config)
{
	if (!config->user[0])
		return true;
	return curl_easy_setopt(curl, CURLOPT_USERNAME, config->user) == CURLE_OK &&
	       curl_easy_setopt(curl, CURLOPT_PASSWORD, config->password) == CURLE_OK;
}

enum tt_err tt_notify_smtp(const struct tt_smtp_config *config, struct tt_notify_channel *out, struct tt_errmsg *msg)
{
	struct smtp *s;

	if (strncmp(config->url, "smtp://", 7) != 0 && strncmp(config->url, "smtps://", 8) != 0)
		return tt_errmsg_set(msg, TT_ECONFIG, "smtp-url %s: must begin with smtp:// or smtps://", config->url);
	if (!tt_mail_address_ok(config->from))
		return tt_errmsg_set(msg, TT_ECONFIG, "mail-from %s: must be one plain address", config->from);
	s = calloc(1, sizeof(*s));
	if (!s)
		return tt_errmsg_set(msg, TT_ENOMEM, "out of memory");
	s->allow_local = true;
	s->from = strdup(config->from);
	s->curl = curl_easy_init();
	if (!s->from || !s->curl || tt_curl_guard(s->curl, config->timeout_ms, &s->allow_local) ||
	    curl_easy_setopt(s->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps") != CURLE_OK ||
	    curl_easy_setopt(s->curl, CURLOPT_URL, config->url) != CURLE_OK ||
	    curl_easy_setopt(s->curl, CURLOPT_USE_SSL, config->require_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY) != CURLE_OK ||
	    !set_login(s->curl, config)) {
		destroy(s);
		return tt_errmsg_set(msg, TT_EIO, "mail: libcurl cannot be set up");
	}
	*out = (struct tt_notify_channel){.name = "email", .ctx = s, .send = send_mail, .destroy = destroy};
	return TT_OK;
}
