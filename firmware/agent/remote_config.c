#include "firmware/agent/remote.h"

#include "firmware/agent/agent_capture.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A message on dn/cfg, as it came. */
struct incoming {
	const uint8_t *bytes;
	size_t len;
};

static void save(struct tt_agent *a)
{
	struct tt_errmsg msg = {.text = ""};

	if (tt_config_store_save(&a->remote->store, &msg) != TT_OK)
		tt_log(TT_LOG_ERROR, NULL, "config.unsaved", "%s", msg.text);
}

/*
 * The same document, rejected for the same reason, is told once: the broker delivers what it retains at each connection, and the journal is
 * no place to write that down every time.
 */
static bool told_before(struct tt_remote *r, const struct incoming *in, const char *why)
{
	uint8_t sum[TT_CONFIG_DOC_SUM];
	crypto_hash_sha256_state state;

	(void)crypto_hash_sha256_init(&state); /* none of the three fails */
	(void)crypto_hash_sha256_update(&state, in->bytes, in->len);
	(void)crypto_hash_sha256_update(&state, (const uint8_t *)why, strlen(why));
	(void)crypto_hash_sha256_final(&state, sum);
	for (unsigned i = 0; i < r->told_rejected.n; i++) {
		if (memcmp(r->told_rejected.sums[i], sum, sizeof(sum)) == 0)
			return true;
	}
	memcpy(r->told_rejected.sums[r->told_rejected.next], sum, sizeof(sum));
	r->told_rejected.next = (r->told_rejected.next + 1) % TT_REMOTE_REJECTED;
	r->told_rejected.n += r->told_rejected.n < TT_REMOTE_REJECTED;
	return false;
}

static void reject(struct tt_agent *a, const struct incoming *in, uint64_t version, const char *why)
{
	struct tt_remote *r = a->remote;
	struct tt_config_store scratch;

	tt_config_store_note(&scratch, TT_CONFIG_REJECTED, version, why); /* as it will be told */
	(void)snprintf(r->rejected, sizeof(r->rejected), "%s", scratch.reason);
	if (told_before(r, in, why))
		return;
	tt_log(TT_LOG_WARN, NULL, "config.rejected", "version=%" PRIu64 " %s", version, why);
	tt_config_store_note(&r->store, TT_CONFIG_REJECTED, version, why);
}

/* Whoever wrote it: nobody knows. Each may be another, so their number is bounded by time. */
static void reject_unsigned(struct tt_agent *a, const struct incoming *in, const char *why)
{
	uint64_t missed;

	if (tt_log_allow(&a->remote->refused_limit, tt_mono_now(), &missed))
		reject(a, in, 0, why);
}

/* NULL: it is for us and new. */
static const char *not_for_us(const struct tt_agent *a, const struct tt_config_doc *doc)
{
	if (doc->unit[0] && strcmp(doc->unit, a->settings->unit) != 0)
		return "is for another unit";
	if (doc->version <= a->remote->store.seen)
		return "its version is not above the highest that this unit has had";
	if (doc->version < a->remote->store.waiting)
		return "its version is not above that of the one which waits until the car stands";
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

/* NULL: it may be used now. Unknown is no reason: a car whose bus gives no speed would never get one. */
static const char *must_wait(const struct tt_agent *a, tt_mono_us now_us)
{
	if (tt_remote_car_moves(&a->remote->car, now_us))
		return "accepted; waits until the car stands";
	return tt_agent_capture_wake_at(a) != TT_NEVER ? "accepted; waits for the end of a capture" : NULL;
}

static bool take_in_use(struct tt_agent *a, uint64_t version, struct tt_errmsg *msg)
{
	struct tt_config_store *s = &a->remote->store;
	const struct tt_config_store before = *s;

	tt_config_store_try(s, version);
	if (tt_config_store_save(s, msg) != TT_OK) {
		*s = before;
		return false;
	}
	if (s->waiting && tt_config_store_wait(s, 0, msg) != TT_OK)
		tt_log(TT_LOG_WARN, NULL, "config.unsaved", "%s; the next start sees that it is in use", msg->text);
	tt_log(TT_LOG_INFO, NULL, "config.applied", "version=%" PRIu64, version);
	a->remote->restart = true;
	tt_loop_stop(a->loop);
	return true;
}

/* A newer one takes the place of the one that waits. */
static bool put_off(struct tt_agent *a, tt_mono_us now_us, uint64_t version, const char *why, struct tt_errmsg *msg)
{
	struct tt_config_store *s = &a->remote->store;
	const uint64_t older = s->waiting;
	uint64_t seq;

	if (tt_config_store_wait(s, version, msg) != TT_OK)
		return false;
	if (older) {
		tt_config_store_note(s, TT_CONFIG_REJECTED, older, "a newer one took its place before the car stood");
		if (!tt_remote_tell_config(a, now_us, &seq))
			tt_log(TT_LOG_WARN, NULL, "config.untold", "version=%" PRIu64 ": the journal refuses it", older);
	}
	a->remote->waiting_until_us = now_us + TT_REMOTE_WAIT_US;
	tt_config_store_note(s, TT_CONFIG_ACCEPTED, version, why);
	tt_log(TT_LOG_INFO, NULL, "config.accepted", "version=%" PRIu64 " %s", version, why);
	save(a);
	tt_config_store_tidy(s);
	return true;
}

static bool use_or_wait(struct tt_agent *a, uint64_t version, struct tt_errmsg *msg)
{
	const tt_mono_us now = tt_mono_now();
	const char *why = must_wait(a, now);

	return why ? put_off(a, now, version, why, msg) : take_in_use(a, version, msg);
}

/* The broker's second delivery, or an operator who missed the answer. */
static bool known_already(struct tt_config_store *s, uint64_t version)
{
	if (version == s->active)
		tt_config_store_note(s, s->trial ? TT_CONFIG_APPLIED : TT_CONFIG_CONFIRMED, version, "in use already");
	else if (version == s->waiting)
		tt_config_store_note(s, TT_CONFIG_ACCEPTED, version, "accepted already; waits until the car stands");
	else
		return false;
	return true;
}

/* A reason has 119 bytes, and the folder is ours: what is wrong stands behind it. */
static const char *without_folder(const struct tt_config_store *s, uint64_t version, const char *why)
{
	char folder[TT_CONFIG_STORE_PATH];

	tt_config_store_path(s, version, "", folder);
	return strncmp(why, folder, strlen(folder)) == 0 ? why + strlen(folder) : why;
}

static void take_document(struct tt_agent *a, const struct tt_config_doc *doc, const struct incoming *in)
{
	struct tt_config_store *s = &a->remote->store;
	struct tt_errmsg msg = {.text = ""};
	const char *why = not_for_us(a, doc);

	if ((doc->unit[0] == '\0' || strcmp(doc->unit, a->settings->unit) == 0) && known_already(s, doc->version))
		return;
	if (why) {
		reject(a, in, doc->version, why);
		return;
	}
	if (tt_config_store_stage(s, doc, in->bytes, in->len, a->remote->given.profile, &msg) == TT_OK &&
	    try_folder(a, doc, &msg) == TT_OK && use_or_wait(a, doc->version, &msg))
		return;
	tt_config_store_discard(s, doc->version);
	reject(a, in, doc->version, without_folder(s, doc->version, msg.text));
}

void tt_remote_take_config(struct tt_agent *a, const uint8_t *payload, size_t len)
{
	const struct incoming in = {payload, len};
	struct tt_remote *r = a->remote;
	struct tt_config_doc *doc;
	enum tt_trust_verdict verdict;
	struct tt_signed m;
	const char *why = "";

	if (!r->store.dir[0]) {
		reject(a, &in, 0, "this unit takes no configuration from afar");
		return;
	}
	if (tt_signed_decode(payload, len, &m) != TT_OK) {
		reject_unsigned(a, &in, "not a signed message");
		return;
	}
	verdict = tt_trust_check(&r->trust, &m, TT_SIGN_CONFIG);
	if (verdict != TT_TRUST_GOOD) {
		reject_unsigned(a, &in, tt_trust_verdict_text(verdict));
		return;
	}
	doc = malloc(sizeof(*doc));
	if (!doc || tt_config_doc_decode(m.body, m.body_len, doc, &why) != TT_OK)
		reject(a, &in, 0, doc ? why : "out of memory");
	else
		take_document(a, doc, &in);
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

/* A pointer that cannot be written ends it: told, so that whoever sent it sends it again. */
static bool use_waiting(struct tt_agent *a)
{
	struct tt_config_store *s = &a->remote->store;
	struct tt_errmsg msg = {.text = ""};
	const uint64_t version = s->waiting;

	if (take_in_use(a, version, &msg))
		return true;
	tt_log(TT_LOG_ERROR, NULL, "config.unsaved", "%s", msg.text);
	if (tt_config_store_wait(s, 0, &msg) == TT_OK) {
		tt_config_store_note(s, TT_CONFIG_REJECTED, version, msg.text);
		tt_config_store_discard(s, version);
	}
	return false;
}

void tt_remote_config_tick(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;
	struct tt_config_store *s = &r->store;
	uint64_t seq;

	if (r->restart)
		return;
	if (s->waiting && (now_us >= r->waiting_until_us || !must_wait(a, now_us)) && use_waiting(a))
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
