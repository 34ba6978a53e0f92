#include "firmware/agent/remote.h"

#include "firmware/agent/atomic_file.h"

#include <stdlib.h>
#include <string.h>

enum { KEYS_BYTES_MAX = 8192 };

static enum tt_err load_trust(const struct tt_settings *s, struct tt_trust *out, struct tt_errmsg *msg)
{
	char *text;
	size_t len;
	enum tt_err err;

	memset(out, 0, sizeof(*out));
	if (!s->trusted_keys[0])
		return TT_OK;
	err = tt_atomic_file_read(s->trusted_keys, KEYS_BYTES_MAX, &text, &len);
	if (err)
		return tt_errmsg_set(msg, TT_ECONFIG, "trusted-keys %s: %s; `telltale key trust` writes it", s->trusted_keys,
				     tt_err_text(err));
	err = tt_trust_parse(s->trusted_keys, text, len, out, msg);
	free(text);
	return err;
}

static void load_ledger(struct tt_agent *a)
{
	struct tt_remote *r = a->remote;
	enum tt_err err;

	(void)snprintf(r->ledger_path, sizeof(r->ledger_path), "%s.commands", a->settings->journal);
	err = tt_command_file_load(r->ledger_path, &r->ledger);
	if (err) {
		const bool known = tt_utc_quality() != TT_CLOCK_UNKNOWN;

		if (err != TT_ENOTFOUND)
			tt_log(TT_LOG_WARN, NULL, "commands.lost", "%s: %s; what acts on the car must be signed later than now",
			       r->ledger_path, tt_err_text(err));
		tt_command_ledger_init(&r->ledger, known ? tt_utc_now() : -1);
		if (tt_command_file_save(r->ledger_path, &r->ledger) != TT_OK)
			tt_log(TT_LOG_ERROR, NULL, "commands.unsaved", "%s: cannot be written", r->ledger_path);
	}
	(void)tt_command_interrupted(&r->ledger, tt_utc_now());
	for (size_t i = 0; i < TT_COMMAND_ENTRIES; i++) {
		const struct tt_command_entry *e = &r->ledger.entries[(r->ledger.next + i) % TT_COMMAND_ENTRIES]; /* oldest first */

		if (e->outcome == TT_OUTCOME_ARMED && e->kind == TT_COMMAND_IGNITION_BLOCK)
			r->armed = (struct tt_remote_ref){e->key_id, e->id};
	}
}

/* What waited for the car to stand is put on trial by a start. It goes with the pointer; the file that names it goes afterwards. */
static void take_waiting(struct tt_config_store *s)
{
	struct tt_errmsg msg = {.text = ""};

	tt_config_store_try(s, s->waiting);
	if (tt_config_store_save(s, &msg) != TT_OK || tt_config_store_wait(s, 0, &msg) != TT_OK)
		tt_log(TT_LOG_ERROR, NULL, "config.unsaved", "%s", msg.text);
	s->waiting = 0;
}

/* The configuration in use, or the last that can be. */
static void choose(struct tt_remote *r)
{
	struct tt_config_store *s = &r->store;
	struct tt_errmsg msg = {.text = ""};

	if (s->waiting) /* nothing runs yet that it could interrupt */
		take_waiting(s);
	if (s->trial && ++s->tries > TT_CONFIG_STORE_TRIES)
		tt_config_store_roll_back(s, "the agent began again and again with it");
	for (r->settings = r->given; s->active != 0; r->settings = r->given) {
		if (tt_config_store_use(s, s->active, &r->trust, &r->settings, &msg) == TT_OK)
			break;
		tt_log(TT_LOG_ERROR, NULL, "config.corrupt", "%s", msg.text);
		tt_config_store_roll_back(s, msg.text);
	}
	if (s->dir[0] && (s->seen > 0 || s->tell) && tt_config_store_save(s, &msg) != TT_OK)
		tt_log(TT_LOG_ERROR, NULL, "config.unsaved", "%s", msg.text);
}

enum tt_err tt_remote_begin(struct tt_agent *a, const struct tt_settings *given, struct tt_errmsg *msg)
{
	struct tt_remote *r = calloc(1, sizeof(*r));
	enum tt_err err;

	if (!r)
		return tt_errmsg_set(msg, TT_ENOMEM, "remote: out of memory");
	a->remote = r;
	a->settings = &r->settings;
	r->settings = r->given = *given;
	r->trial_until_us = r->rate_until_us = TT_NEVER;
	r->forged_limit = (struct tt_log_limit){.interval_us = TT_SEC(60), .burst = 3};
	r->refused_limit = (struct tt_log_limit){.interval_us = TT_SEC(60), .burst = 6};
	err = tt_sign_init();
	if (err)
		return tt_errmsg_set(msg, err, "remote: no source of randomness");
	err = load_trust(given, &r->trust, msg);
	if (!err)
		err = tt_config_store_open(given->config_dir, &r->store, msg);
	if (!err)
		choose(r);
	r->usual_state_ms = r->settings.state_interval_ms;
	r->usual_telemetry_ms = r->settings.telemetry_interval_ms;
	return err;
}

bool tt_remote_give_up(const struct tt_settings *given, const struct tt_errmsg *why)
{
	struct tt_config_store s;
	struct tt_errmsg msg;

	if (tt_config_store_open(given->config_dir, &s, &msg) != TT_OK || s.active == 0)
		return false;
	tt_log(TT_LOG_ERROR, NULL, "config.unusable", "version=%llu %s", (unsigned long long)s.active, why->text);
	tt_config_store_roll_back(&s, why->text);
	return tt_config_store_save(&s, &msg) == TT_OK;
}

enum tt_err tt_remote_start(struct tt_agent *a, struct tt_errmsg *msg)
{
	struct tt_remote *r = a->remote;

	load_ledger(a);
	tt_remote_block_load(a);
	if (r->store.trial)
		r->trial_until_us = tt_mono_now() + TT_SEC(a->settings->config_trial_s);
	if (!a->settings->head_unit[0])
		return TT_OK;
	return tt_head_unit_create(a->loop, a->settings->head_unit, tt_remote_head_answer, a, &r->head, msg);
}

void tt_remote_end(struct tt_agent *a)
{
	if (!a->remote)
		return;
	tt_head_unit_destroy(a->remote->head);
	free(a->remote);
	a->remote = NULL;
}

void tt_remote_message(struct tt_agent *a, const char *kind, const uint8_t *payload, size_t len)
{
	if (strcmp(kind, "cmd") == 0)
		tt_remote_take_command(a, tt_mono_now(), payload, len);
	else if (strcmp(kind, "cfg") == 0)
		tt_remote_take_config(a, payload, len);
}

void tt_remote_up(struct tt_agent *a)
{
	struct tt_remote *r = a->remote;

	r->full_due = r->full_due || (r->down_since_us > 0 && tt_mono_now() - r->down_since_us >= TT_REMOTE_OUTAGE_US);
	r->down_since_us = 0;
}

void tt_remote_down(struct tt_agent *a)
{
	if (a->remote->down_since_us == 0)
		a->remote->down_since_us = tt_mono_now();
}

/* Numbers of schemas/signals/signals.def. */
enum { SIGNAL_SPEED = 1, SIGNAL_RPM = 5, SIGNAL_ENGINE_RUNNING = 6, RPM_RUNNING = 300 };

void tt_remote_value(struct tt_agent *a, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value)
{
	struct tt_remote *r = a->remote;
	const uint16_t number = rule->vss->number;

	r->values[slot].known = true;
	r->values[slot].number = number;
	r->values[slot].scale = rule->vss->scale;
	r->values[slot].at_us = at_us;
	r->values[slot].value = value;
	if (number == SIGNAL_SPEED && value > -1000 && value < 1000)
		tt_remote_car_speed(&r->car, at_us, (int32_t)(value / 3.6 * 1000));
	else if (number == SIGNAL_ENGINE_RUNNING)
		tt_remote_car_engine(&r->car, at_us, value >= 0.5);
	else if (number == SIGNAL_RPM)
		tt_remote_car_engine(&r->car, at_us, value >= RPM_RUNNING);
	tt_actuate_value(&r->act, number, value);
}

void tt_remote_fix(struct tt_agent *a, const struct tt_gps_fix *fix)
{
	tt_remote_car_gps(&a->remote->car, fix->received_us, fix->speed_mm_s);
}

void tt_remote_tick(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;

	if (now_us >= r->rate_until_us) {
		r->rate_until_us = TT_NEVER;
		r->settings.state_interval_ms = r->usual_state_ms;
		r->settings.telemetry_interval_ms = r->usual_telemetry_ms;
	}
	for (size_t i = 0; i < TT_REMOTE_HEAD_WAITS; i++) {
		const struct tt_remote_ref ref = r->waits[i].ref;

		if (ref.id == 0 || now_us < r->waits[i].until_us)
			continue;
		r->waits[i].ref.id = 0;
		tt_remote_result(a, &ref, TT_OUTCOME_FAILED, "the driver did not acknowledge it in time");
	}
	tt_remote_commands_tick(a, now_us);
	tt_remote_config_tick(a, now_us);
	if (r->full_due && now_us >= a->refusal.retry_at_us)
		r->full_due = !tt_remote_tell_full(a, now_us);
}

tt_mono_us tt_remote_wake_at(const struct tt_agent *a, tt_mono_us now_us)
{
	const struct tt_remote *r = a->remote;
	tt_mono_us at = tt_min_i64(tt_actuate_wake_at(&r->act), tt_min_i64(r->rate_until_us, r->trial_until_us));

	(void)now_us;
	at = tt_min_i64(at, tt_remote_clear_wake_at(a));
	at = tt_min_i64(at, r->store.waiting ? r->waiting_until_us : TT_NEVER);
	for (size_t i = 0; i < TT_REMOTE_HEAD_WAITS; i++) {
		if (r->waits[i].ref.id != 0)
			at = tt_min_i64(at, r->waits[i].until_us);
	}
	return at;
}

void tt_remote_conditions(struct tt_agent *a, tt_mono_us now_us)
{
	const struct tt_remote *r = a->remote;
	const bool forged = r->forged_us > 0 && now_us - r->forged_us < TT_SEC(60);

	tt_condition_set(&a->conditions, TT_COND_COMMAND_UNAUTHENTIC, forged, now_us, r->forged);
	tt_condition_set(&a->conditions, TT_COND_COMMAND_UNSAVED, r->ledger_lost || r->block_unsaved, now_us,
			 r->ledger_lost ? r->ledger_path : r->block_path);
	tt_condition_set(&a->conditions, TT_COND_CONFIG_REJECTED, r->rejected[0], now_us, r->rejected);
}

void tt_remote_state(const struct tt_agent *a, Telltale__V1__State *state)
{
	state->config_version = a->remote->store.active;
	state->config_trial = a->remote->store.trial;
	state->config_waiting = a->remote->store.waiting;
	state->ignition_block = a->remote->armed.id != 0 || a->remote->block_in_force;
}
