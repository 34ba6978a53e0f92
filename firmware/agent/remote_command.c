#include "firmware/agent/remote.h"

#include <stdio.h>
#include <string.h>

static tt_utc_us utc_now(const struct tt_agent *a, tt_mono_us now_us)
{
	return tt_agent_stamp(a, now_us).utc_us;
}

static bool save(struct tt_agent *a)
{
	struct tt_remote *r = a->remote;
	const bool lost = tt_command_file_save(r->ledger_path, &r->ledger) != TT_OK;

	if (lost && !r->ledger_lost)
		tt_log(TT_LOG_ERROR, NULL, "commands.unsaved", "%s: cannot be written; no command is taken until it can", r->ledger_path);
	r->ledger_lost = lost;
	return !lost;
}

void tt_remote_result(struct tt_agent *a, const struct tt_remote_ref *ref, enum tt_command_outcome outcome, const char *reason)
{
	struct tt_command_entry *e = tt_command_entry_by_id(&a->remote->ledger, ref->key_id, ref->id);

	tt_log(TT_LOG_INFO, NULL, "command.result", "id=%016llx outcome=%s %s", (unsigned long long)ref->id,
	       tt_command_outcome_name(outcome), reason);
	if (!e)
		return; /* sixteen newer ones came meanwhile */
	tt_command_note(e, outcome, reason, utc_now(a, tt_mono_now()));
	(void)save(a); /* what is on disk already keeps it from being done twice */
}

static enum tt_command_ignition ignition_of(const struct tt_agent *a)
{
	static const enum tt_command_ignition map[] = {
		[TT_IGNITION_UNKNOWN] = TT_COMMAND_IGNITION_UNKNOWN,
		[TT_IGNITION_OFF] = TT_COMMAND_IGNITION_OFF,
		[TT_IGNITION_ON] = TT_COMMAND_IGNITION_ON,
	};

	return map[a->vehicle->ignition];
}

static uint32_t supported(const struct tt_agent *a)
{
	uint32_t kinds = UINT32_MAX;

	if (!a->profile.ignition) /* nobody could tell when the engine is off */
		kinds &= ~(UINT32_C(1) << TT_COMMAND_IGNITION_BLOCK);
	if (!a->remote->head)
		kinds &= ~(UINT32_C(1) << TT_COMMAND_DRIVER_MESSAGE | UINT32_C(1) << TT_COMMAND_DESTINATION);
	return kinds;
}

void tt_remote_situation(const struct tt_agent *a, tt_mono_us now_us, struct tt_command_situation *s)
{
	const struct tt_remote *r = a->remote;
	const struct tt_stamp stamp = tt_agent_stamp(a, now_us);

	*s = (struct tt_command_situation){
		.unit = a->settings->unit,
		.utc_us = stamp.utc_us,
		.clock = stamp.quality,
		.floor_us = r->ledger.floor_us,
		.may_ask = tt_agent_power_may_ask(a, now_us),
		.may_clear = tt_remote_may_clear(a),
		.head_unit = tt_head_unit_present(r->head),
		.horn_resting = now_us < r->horn_free_us,
		.acting = tt_actuate_running(&r->act),
		.supports = supported(a),
		.off_limit_us = a->profile.remote.off_limit_us,
	};
	for (unsigned k = 0; k < TT_COMMAND_KINDS; k++)
		s->actuates |= (uint32_t)(a->profile.remote.plans[k].nframes > 0) << k;
	tt_remote_car_tell(&r->car, now_us, s);
}

/* What was not signed by whom we trust is not even looked at; that somebody tries is told. */
static void unauthentic(struct tt_agent *a, tt_mono_us now_us, const char *why)
{
	struct tt_remote *r = a->remote;
	uint64_t missed;

	r->forged_us = now_us;
	(void)snprintf(r->forged, sizeof(r->forged), "%s", why);
	if (tt_log_allow(&r->forged_limit, now_us, &missed))
		tt_log(TT_LOG_WARN, NULL, "command.unauthentic", "%s; not told before: %llu", why, (unsigned long long)missed);
}

/* The operator whose key is not trusted should hear of it: with what the body claims to be, and seldom. */
static void answer_unauthentic(struct tt_agent *a, tt_mono_us now_us, const struct tt_signed *m, enum tt_trust_verdict verdict)
{
	struct tt_remote *r = a->remote;
	struct tt_command_entry e = {.key_id = m->key_id};
	struct tt_command c;
	uint64_t missed;

	unauthentic(a, now_us, tt_trust_verdict_text(verdict));
	if (tt_command_decode(m->body, m->body_len, &c) != TT_OK || strcmp(c.unit, a->settings->unit) != 0 ||
	    !tt_log_allow(&r->refused_limit, now_us, &missed))
		return;
	e.id = c.id;
	e.counter = c.counter;
	e.kind = c.kind < TT_COMMAND_KINDS ? c.kind : TT_COMMAND_NONE;
	tt_command_note(&e, TT_OUTCOME_UNAUTHENTIC, tt_trust_verdict_text(verdict), utc_now(a, now_us));
	(void)tt_remote_tell_command(a, now_us, &e);
}

static enum tt_command_admission admit(struct tt_agent *a, uint64_t key_id, const struct tt_command *c, struct tt_command_entry **entry)
{
	uint64_t keep[TT_TRUST_KEYS];

	for (size_t i = 0; i < a->remote->trust.n; i++)
		keep[i] = a->remote->trust.keys[i].id;
	return tt_command_admit(&a->remote->ledger, key_id, c, keep, a->remote->trust.n, entry);
}

/* One block waits at a time; a newer one, and a release, put an end to the older. */
static void disarm(struct tt_agent *a, const char *why)
{
	const struct tt_remote_ref ref = a->remote->armed;

	if (ref.id == 0)
		return;
	a->remote->armed = (struct tt_remote_ref){0, 0};
	tt_remote_result(a, &ref, TT_OUTCOME_REFUSED, why);
}

static void carry_out(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref, const struct tt_command *c)
{
	struct tt_command_situation s;
	struct tt_command_verdict v;

	tt_remote_situation(a, now_us, &s);
	v = tt_command_judge(c, &s);
	if (v.outcome != TT_OUTCOME_ACCEPTED && v.outcome != TT_OUTCOME_ARMED) {
		tt_remote_result(a, ref, v.outcome, v.reason);
		return;
	}
	if (c->kind == TT_COMMAND_IGNITION_BLOCK || c->kind == TT_COMMAND_IGNITION_RELEASE)
		disarm(a, "another command took its place");
	if (v.outcome == TT_OUTCOME_ARMED) {
		a->remote->armed = *ref;
		tt_remote_result(a, ref, TT_OUTCOME_ARMED, v.reason);
		return;
	}
	tt_remote_act(a, now_us, ref, c);
}

void tt_remote_take_command(struct tt_agent *a, tt_mono_us now_us, const uint8_t *payload, size_t len)
{
	struct tt_remote *r = a->remote;
	struct tt_command_entry *e;
	struct tt_remote_ref ref;
	enum tt_trust_verdict verdict;
	struct tt_signed m;
	struct tt_command c;

	if (tt_signed_decode(payload, len, &m) != TT_OK) {
		unauthentic(a, now_us, "not a signed message");
		return;
	}
	verdict = tt_trust_check(&r->trust, &m, TT_SIGN_COMMAND);
	if (verdict != TT_TRUST_GOOD) {
		answer_unauthentic(a, now_us, &m, verdict);
		return;
	}
	if (tt_command_decode(m.body, m.body_len, &c) != TT_OK) {
		unauthentic(a, now_us, "well signed, but not a command");
		return;
	}
	ref = (struct tt_remote_ref){m.key_id, c.id};
	/* A command for another unit must not use up this one's counter: the key counts each unit for itself. */
	if (strcmp(c.unit, a->settings->unit) != 0) {
		unauthentic(a, now_us, "signed for another unit");
		return;
	}
	switch (admit(a, m.key_id, &c, &e)) {
	case TT_COMMAND_DUPLICATE:
		e->told = false; /* the first result, once more */
		return;
	case TT_COMMAND_REPLAYED:
	case TT_COMMAND_NO_ROOM: {
		struct tt_command_entry replay = {.key_id = m.key_id, .id = c.id, .counter = c.counter};
		uint64_t missed;

		tt_command_note(&replay, TT_OUTCOME_REPLAYED, "its counter was used before, or is too old", utc_now(a, now_us));
		if (tt_log_allow(&r->refused_limit, now_us, &missed))
			(void)tt_remote_tell_command(a, now_us, &replay);
		return;
	}
	case TT_COMMAND_NEW:
		break;
	}
	tt_log(TT_LOG_INFO, NULL, "command", "id=%016llx kind=%s", (unsigned long long)c.id, tt_command_kind_name(c.kind));
	if (!save(a)) {
		tt_remote_result(a, &ref, TT_OUTCOME_FAILED, "its use cannot be written down, so it was not carried out");
		return;
	}
	carry_out(a, now_us, &ref, &c);
}

/* The block that waits acts when it may. */
static void look_at_armed(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;
	struct tt_command_situation s;
	struct tt_remote_ref ref = r->armed;

	if (ref.id == 0 || tt_actuate_running(&r->act))
		return;
	tt_remote_situation(a, now_us, &s);
	if (tt_command_still(TT_COMMAND_IGNITION_BLOCK, &s).outcome != TT_OUTCOME_ACCEPTED)
		return;
	r->armed = (struct tt_remote_ref){0, 0};
	tt_remote_actuate(a, now_us, &ref, TT_COMMAND_IGNITION_BLOCK, 0);
}

static void tell_results(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_command_ledger *l = &a->remote->ledger;
	bool told = false;

	for (size_t i = 0; i < TT_COMMAND_ENTRIES; i++) {
		struct tt_command_entry *e = &l->entries[i];

		if (e->outcome == TT_OUTCOME_NONE || e->told)
			continue;
		if (!tt_remote_tell_command(a, now_us, e))
			break;
		e->told = told = true;
	}
	if (told)
		(void)save(a);
}

void tt_remote_commands_tick(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;

	if (r->ledger.floor_us < 0 && tt_agent_stamp(a, now_us).quality != TT_CLOCK_UNKNOWN) {
		r->ledger.floor_us = utc_now(a, now_us);
		(void)save(a);
	}
	tt_remote_car_ignition(&r->car, now_us, ignition_of(a));
	tt_remote_act_tick(a, now_us);
	tt_remote_block_tick(a, now_us);
	tt_remote_clear_tick(a, now_us);
	look_at_armed(a, now_us);
	if (now_us >= a->refusal.retry_at_us)
		tell_results(a, now_us);
}
