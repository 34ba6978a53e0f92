#include "firmware/agent/remote.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void save(struct tt_agent *a)
{
	struct tt_errmsg msg = {.text = ""};

	if (tt_config_store_save(&a->remote->store, &msg) != TT_OK)
		tt_log(TT_LOG_ERROR, NULL, "config.unsaved", "%s", msg.text);
}

static void reject(struct tt_agent *a, uint64_t version, const char *why)
{
	tt_log(TT_LOG_WARN, NULL, "config.rejected", "version=%" PRIu64 " %s", version, why);
	tt_config_store_note(&a->remote->store, TT_CONFIG_REJECTED, version, why);
	(void)snprintf(a->remote->rejected, sizeof(a->remote->rejected), "%s", a->remote->store.reason);
}

/* NULL: it is for us and new. */
static const char *not_for_us(const struct tt_agent *a, const struct tt_config_doc *doc)
{
	if (doc->unit[0] && strcmp(doc->unit, a->settings->unit) != 0)
		return "is for another unit";
	if (doc->version <= a->remote->store.seen)
		return "its version is not above the highest that this unit has had";
	if (a->remote->store.trial)
		return "another one is on trial; send it again when that is over";
	return NULL;
}

/* Everything that a start does with it, without a start. */
static enum tt_err try_folder(const struct tt_agent *a, const struct tt_config_doc *doc, struct tt_errmsg *msg)
{
	struct tt_settings *settings = malloc(sizeof(*settings));
	enum tt_err err;

	if (!settings)
		return tt_errmsg_set(msg, TT_ENOMEM, "out of memory");
	*settings = a->remote->given;
	err = tt_config_store_use(&a->remote->store, doc->version, &a->remote->trust, settings, msg);
	if (!err)
		err = tt_agent_try(settings, msg);
	free(settings);
	return err;
}

static void take_in_use(struct tt_agent *a, const struct tt_config_doc *doc)
{
	struct tt_config_store *s = &a->remote->store;
	const struct tt_config_store before = *s;
	struct tt_errmsg msg = {.text = ""};

	s->seen = s->active = doc->version;
	s->trial = true;
	s->tries = 0;
	tt_config_store_note(s, TT_CONFIG_APPLIED, doc->version, "on trial until the gateway acknowledges it");
	if (tt_config_store_save(s, &msg) != TT_OK) {
		*s = before;
		reject(a, doc->version, msg.text);
		return;
	}
	tt_log(TT_LOG_INFO, NULL, "config.applied", "version=%" PRIu64, doc->version);
	a->remote->restart = true;
	tt_loop_stop(a->loop);
}

static void take_document(struct tt_agent *a, const struct tt_config_doc *doc, const uint8_t *payload, size_t len)
{
	struct tt_config_store *s = &a->remote->store;
	struct tt_errmsg msg = {.text = ""};
	const char *why = not_for_us(a, doc);

	if (doc->version == s->active && (doc->unit[0] == '\0' || strcmp(doc->unit, a->settings->unit) == 0)) {
		/* the broker's second delivery, or an operator who missed the answer */
		tt_config_store_note(s, s->trial ? TT_CONFIG_APPLIED : TT_CONFIG_CONFIRMED, doc->version, "in use already");
		return;
	}
	if (why) {
		reject(a, doc->version, why);
		return;
	}
	if (tt_config_store_stage(s, doc, payload, len, a->remote->given.profile, &msg) == TT_OK && try_folder(a, doc, &msg) == TT_OK) {
		take_in_use(a, doc);
		return;
	}
	tt_config_store_discard(s, doc->version);
	reject(a, doc->version, msg.text);
}

void tt_remote_take_config(struct tt_agent *a, const uint8_t *payload, size_t len)
{
	struct tt_remote *r = a->remote;
	struct tt_config_doc *doc;
	enum tt_trust_verdict verdict;
	struct tt_signed m;
	const char *why = "";

	if (!r->store.dir[0]) {
		reject(a, 0, "this unit takes no configuration from afar");
		return;
	}
	if (tt_signed_decode(payload, len, &m) != TT_OK) {
		reject(a, 0, "not a signed message");
		return;
	}
	verdict = tt_trust_check(&r->trust, &m, TT_SIGN_CONFIG);
	if (verdict != TT_TRUST_GOOD) {
		reject(a, 0, tt_trust_verdict_text(verdict));
		return;
	}
	doc = malloc(sizeof(*doc));
	if (!doc || tt_config_doc_decode(m.body, m.body_len, doc, &why) != TT_OK)
		reject(a, 0, doc ? why : "out of memory");
	else
		take_document(a, doc, payload, len);
	free(doc);
}

void tt_remote_acked(struct tt_agent *a, const struct tt_ack *ack)
{
	struct tt_remote *r = a->remote;
	struct tt_config_store *s = &r->store;

	if (!s->trial || r->trial_seq == 0 || ack->cls != TT_CLASS_EVENT || ack->epoch != tt_journal_epoch(a->journal) ||
	    ack->up_to_seq < r->trial_seq)
		return;
	s->trial = false;
	s->good = s->active;
	s->tries = 0;
	r->trial_until_us = TT_NEVER;
	tt_config_store_note(s, TT_CONFIG_CONFIRMED, s->active, "the gateway was reached with it");
	tt_log(TT_LOG_INFO, NULL, "config.confirmed", "version=%" PRIu64, s->active);
	save(a);
	tt_config_store_tidy(s);
}

void tt_remote_config_tick(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;
	struct tt_config_store *s = &r->store;
	uint64_t seq;

	if (r->restart)
		return;
	if (s->trial && now_us >= r->trial_until_us) {
		tt_log(TT_LOG_WARN, NULL, "config.rolled_back", "version=%" PRIu64 ": the gateway was not reached with it", s->active);
		tt_config_store_roll_back(s, "the gateway was not reached with it in time");
		save(a);
		r->restart = true;
		tt_loop_stop(a->loop);
		return;
	}
	if (s->tell == TT_CONFIG_NONE || now_us < a->refusal.retry_at_us || !tt_remote_tell_config(a, now_us, &seq))
		return;
	if (s->tell == TT_CONFIG_APPLIED)
		r->trial_seq = seq;
	s->tell = TT_CONFIG_NONE;
	if (s->dir[0])
		save(a);
}
