#include "server/notify/mail.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LINE = 76, KEY_BYTES = 16 };

static const struct {
	const char *template_name;
	const char *subject_en, *subject_zh;
	const char *text_en, *text_zh;
} templates[] = {
	{"fault_owner", "Your car reports a fault", "您的车辆报告了故障",
	 "Your car reported a fault. Your dealer has been informed and will contact you.",
	 "您的车辆报告了一个故障，经销商已收到通知，将与您联系。"},
	{"maintenance_owner", "Your car is due for service", "您的车辆需要保养",
	 "A service of your car is coming up. Please make an appointment with your dealer.", "您的车辆即将需要保养，请与经销商预约。"},
	{"crash_owner", "Your car reports a crash", "您的车辆报告了碰撞", "Your car reported a crash. Our rescue team is working on it.",
	 "您的车辆报告了碰撞，救援团队正在处理。"},
	{"sos_owner", "Your car calls for help", "您的车辆发出了求助",
	 "The SOS button of your car was pressed. Our rescue team is working on it.", "您的车辆按下了求助按钮，救援团队正在处理。"},
	{"theft_owner", "Your car reports a theft", "您的车辆报告了盗抢",
	 "Your car reports that it is being moved without permission. We are looking into it.", "您的车辆报告被非授权移动，我们正在处理。"},
	{"breakdown_owner", "Your car reports a breakdown", "您的车辆报告了抛锚", "Your car reports a breakdown. Help is being arranged.",
	 "您的车辆报告抛锚，我们正在安排救援。"},
};
enum { NTEMPLATES = sizeof(templates) / sizeof(templates[0]) };

bool tt_mail_address_ok(const char *address)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-";
	size_t local = strspn(address, allowed);
	const char *domain = address + local + 1;

	if (local == 0 || local > 64 || address[local] != '@')
		return false;
	return domain[0] && strlen(domain) < 250 &&
	       strspn(domain, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-") == strlen(domain);
}

static const char *text_of(const json_t *payload, const char *name)
{
	const char *s = json_string_value(json_object_get(payload, name));

	return s ? s : "";
}

/* Ends a text in memory. NULL when one of its pieces found no memory, which fclose alone does not tell. */
static char *finish(FILE *f, char **text, bool complete)
{
	complete = ferror(f) == 0 && complete;
	if (fclose(f) == 0 && complete)
		return *text;
	free(*text);
	return NULL;
}

static bool write_base64(FILE *f, const char *text, size_t len, bool wrap)
{
	size_t cap = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_ORIGINAL);
	char *b64 = malloc(cap);

	if (!b64)
		return false;
	sodium_bin2base64(b64, cap, (const uint8_t *)text, len, sodium_base64_VARIANT_ORIGINAL);
	for (size_t at = 0, n = strlen(b64); at < n; at += LINE)
		(void)fprintf(f, "%.*s%s", LINE, b64 + at, wrap ? "\r\n" : "");
	free(b64);
	return true;
}

static bool write_subject(FILE *f, const char *subject)
{
	(void)fputs("Subject: =?utf-8?B?", f);
	/* subjects of the table stay below one encoded word of 75 */
	return write_base64(f, subject, strlen(subject), false) && fputs("?=\r\n", f) >= 0;
}

/* Day and month names are the protocol's, whatever the locale. */
static void write_date(FILE *f, tt_utc_us now)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t at = (time_t)(now / 1000000);
	struct tm tm;

	gmtime_r(&at, &tm);
	(void)fprintf(f, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
		      tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool write_headers(FILE *f, const struct tt_outbox *row, const char *from, const char *subject, tt_utc_us now)
{
	uint8_t hash[KEY_BYTES];
	char id[KEY_BYTES * 2 + 1];

	crypto_generichash(hash, sizeof(hash), (const uint8_t *)row->idempotency_key, strlen(row->idempotency_key), NULL, 0);
	sodium_bin2hex(id, sizeof(id), hash, sizeof(hash));
	write_date(f, now);
	(void)fprintf(f, "From: <%s>\r\nTo: <%s>\r\nMessage-ID: <%s@%s>\r\n", from, row->recipient, id, strchr(from, '@') + 1);
	if (!write_subject(f, subject))
		return false;
	(void)fputs("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		    "Content-Transfer-Encoding: base64\r\n\r\n",
		    f);
	return true;
}

static char *body_text(const json_t *payload, const char *text, bool zh)
{
	char *out = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&out, &len);
	const char *name = text_of(payload, "name");

	if (!f)
		return NULL;
	if (name[0])
		(void)fprintf(f, zh ? "%s，您好：\n\n" : "Dear %s,\n\n", name);
	(void)fprintf(f, "%s\n", text);
	if (text_of(payload, "text")[0])
		(void)fprintf(f, "\n%s\n", text_of(payload, "text"));
	(void)fprintf(f, "\n%s %s %s\n%s\n", text_of(payload, "make"), text_of(payload, "model"), text_of(payload, "plate"),
		      text_of(payload, "at"));
	return finish(f, &out, true);
}

enum tt_err tt_mail_compose(const struct tt_outbox *row, const char *from, tt_utc_us now, char **out)
{
	json_t *payload = json_loads(row->payload, 0, NULL);
	bool zh = strncmp(text_of(payload, "language"), "zh", 2) == 0;
	const char *subject = zh ? "来自您车辆的消息" : "A message from your car", *text = "";
	char *body, *mail = NULL;
	size_t len = 0;
	bool complete;
	FILE *f;

	if (!tt_mail_address_ok(row->recipient) || !tt_mail_address_ok(from)) {
		json_decref(payload);
		return TT_EINVAL;
	}
	for (size_t i = 0; i < NTEMPLATES; i++) {
		if (strcmp(templates[i].template_name, row->template_name) == 0) {
			subject = zh ? templates[i].subject_zh : templates[i].subject_en;
			text = zh ? templates[i].text_zh : templates[i].text_en;
		}
	}
	body = body_text(payload, text, zh);
	json_decref(payload);
	f = body ? open_memstream(&mail, &len) : NULL;
	if (!f) {
		free(body);
		return TT_ENOMEM;
	}
	complete = write_headers(f, row, from, subject, now) && write_base64(f, body, strlen(body), true);
	free(body);
	mail = finish(f, &mail, complete);
	if (!mail)
		return TT_ENOMEM;
	*out = mail;
	return TT_OK;
}
