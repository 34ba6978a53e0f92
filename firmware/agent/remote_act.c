#include "firmware/agent/agent_capture.h"
#include "firmware/agent/agent_obd.h"
#include "firmware/agent/remote.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 320, HEAD_WAIT_US = 900000000 };

/* ---- frames ---- */

static void close_gates(struct tt_agent *a)
{
	for (size_t i = 0; i < a->nbuses; i++)
		tt_gate_close(&a->buses[i]->gate);
}

void tt_remote_actuate(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref, uint32_t kind, uint32_t for_ms)
{
	const struct tt_actuate_plan *plan = &a->profile.remote.plans[kind];
	struct tt_remote *r = a->remote;

	for (size_t i = 0; i < a->nbuses; i++)
		tt_gate_open(&a->buses[i]->gate, plan->frames, plan->nframes);
	r->acting = *ref;
	r->acting_kind = kind;
	tt_actuate_start(&r->act, plan, now_us, for_ms);
	if (kind == TT_COMMAND_HORN_LIGHTS)
		r->horn_free_us = now_us + TT_MS(for_ms) + TT_REMOTE_HORN_REST_US;
	tt_remote_act_tick(a, now_us);
}

static void send_due(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;
	struct tt_can_frame f;

	while (tt_actuate_next_tx(&r->act, now_us, &f)) {
		if (f.bus >= a->nbuses || tt_bus_send(a->buses[f.bus], now_us, &f) != TT_OK)
			tt_actuate_abort(&r->act, "the bus did not take the frame");
	}
}

static void finish(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;
	const struct tt_remote_ref ref = r->acting;
	const bool done = r->act.state == TT_ACTUATE_DONE;

	close_gates(a);
	r->acting = (struct tt_remote_ref){0, 0};
	r->act.state = TT_ACTUATE_IDLE;
	if (done && (r->acting_kind == TT_COMMAND_IGNITION_BLOCK || r->acting_kind == TT_COMMAND_IGNITION_RELEASE))
		tt_remote_block_set(a, now_us, r->acting_kind == TT_COMMAND_IGNITION_BLOCK);
	tt_remote_result(a, &ref, done ? TT_OUTCOME_DONE : TT_OUTCOME_FAILED,
			 !done                  ? r->act.why
			 : r->act.plan->confirm ? "sent, and confirmed by the car"
						: "sent; this car does not confirm it");
}

void tt_remote_act_tick(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;
	struct tt_command_situation s;
	struct tt_command_verdict v;

	if (r->acting.id == 0)
		return;
	tt_remote_situation(a, now_us, &s);
	v = tt_command_still(r->acting_kind, &s);
	if (v.outcome != TT_OUTCOME_ACCEPTED && r->act.state == TT_ACTUATE_SENDING)
		tt_actuate_abort(&r->act, v.reason);
	send_due(a, now_us);
	if (!tt_actuate_running(&r->act))
		finish(a, now_us);
}

/* ---- the head unit ---- */

static void wait_for_head(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref)
{
	struct tt_remote *r = a->remote;
	size_t at = 0;

	for (size_t i = 1; i < TT_REMOTE_HEAD_WAITS; i++) {
		if (r->waits[at].ref.id != 0 && (r->waits[i].ref.id == 0 || r->waits[i].until_us < r->waits[at].until_us))
			at = i;
	}
	if (r->waits[at].ref.id != 0)
		tt_remote_result(a, &r->waits[at].ref, TT_OUTCOME_FAILED, "not acknowledged before three newer ones came");
	r->waits[at].ref = *ref;
	r->waits[at].until_us = now_us + HEAD_WAIT_US;
}

static void say(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref, const struct tt_command *c)
{
	struct tt_command_situation s;
	char line[LINE_BYTES];
	const char *moves;
	int n;

	tt_remote_situation(a, now_us, &s);
	moves = !s.speed_known                                                                        ? "unknown"
		: s.speed_mm_s > TT_COMMAND_STANDING_MM_S || s.speed_mm_s < -TT_COMMAND_STANDING_MM_S ? "moving"
												      : "standing";
	if (c->kind == TT_COMMAND_DRIVER_MESSAGE)
		n = snprintf(line, sizeof(line), "%s %016" PRIx64 " %s %s", c->speak ? "speak" : "show", c->id, moves, c->text);
	else
		n = snprintf(line, sizeof(line), "navigate %016" PRIx64 " %s %.7f %.7f %s", c->id, moves, c->latitude_e7 / 1e7,
			     c->longitude_e7 / 1e7, c->text);
	if (n < 0 || (size_t)n >= sizeof(line) || tt_head_unit_say(a->remote->head, line) != TT_OK) {
		tt_remote_result(a, ref, TT_OUTCOME_FAILED, "the head unit did not take it");
		return;
	}
	tt_remote_result(a, ref, TT_OUTCOME_ACCEPTED, "handed to the head unit");
	wait_for_head(a, now_us, ref);
}

void tt_remote_head_answer(void *ctx, uint64_t id, bool acknowledged, const char *text)
{
	struct tt_agent *a = ctx;
	struct tt_remote *r = a->remote;
	char reason[TT_COMMAND_REASON];
	size_t n;

	n = (size_t)snprintf(reason, sizeof(reason), "%s%.80s",
			     acknowledged ? "acknowledged by the driver" : "the head unit refused: ", text);
	for (size_t i = 0; i < n && i < sizeof(reason) - 1; i++)
		reason[i] = (char)(reason[i] >= 0x20 && reason[i] < 0x7F ? reason[i] : '?');
	for (size_t i = 0; i < TT_REMOTE_HEAD_WAITS; i++) {
		const struct tt_remote_ref ref = r->waits[i].ref;

		if (ref.id != id || id == 0)
			continue;
		r->waits[i].ref.id = 0;
		tt_remote_result(a, &ref, acknowledged ? TT_OUTCOME_DONE : TT_OUTCOME_FAILED, reason);
	}
	TT_ASSERT(tt_loop_timer(a->loop, 0, tt_agent_advance, a) == TT_OK);
}

/* ---- everything else ---- */

bool tt_remote_may_clear(const struct tt_agent *a)
{
	return a->profile.obd.clear_codes;
}

static void set_rate(struct tt_agent *a, tt_mono_us now_us, const struct tt_command *c)
{
	struct tt_remote *r = a->remote;

	r->settings.state_interval_ms = r->settings.telemetry_interval_ms = c->interval_ms;
	r->rate_until_us = now_us + TT_MS(c->duration_ms);
	if (a->chunk_at_us != TT_NEVER)
		a->chunk_at_us = tt_min_i64(a->chunk_at_us, now_us + TT_MS(c->interval_ms));
}

static void simple(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref, const struct tt_command *c)
{
	const char *reason = "";
	uint64_t capture;
	enum tt_command_outcome outcome = TT_OUTCOME_DONE;

	switch (c->kind) {
	case TT_COMMAND_FULL_STATE:
		a->remote->full_due = true;
		break;
	case TT_COMMAND_REPORT_RATE:
		set_rate(a, now_us, c);
		break;
	case TT_COMMAND_READ_CODES:
		for (size_t i = 0; i < a->nbuses; i++)
			tt_obd_scan_hurry(&a->buses[i]->scan, now_us);
		reason = "asked; what is found comes as fault events";
		break;
	case TT_COMMAND_CAPTURE:
		outcome = tt_capture_trigger(a, now_us, &capture) == TT_OK ? TT_OUTCOME_DONE : TT_OUTCOME_FAILED;
		reason = outcome == TT_OUTCOME_DONE ? "begun; it comes in parts" : "the recorder is busy";
		break;
	default: /* ping */
		break;
	}
	tt_remote_result(a, ref, outcome, reason);
}

void tt_remote_act(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref, const struct tt_command *c)
{
	if (tt_command_actuates(c->kind))
		tt_remote_actuate(a, now_us, ref, c->kind, c->kind == TT_COMMAND_HORN_LIGHTS ? c->duration_ms : 0);
	else if (c->kind == TT_COMMAND_DRIVER_MESSAGE || c->kind == TT_COMMAND_DESTINATION)
		say(a, now_us, ref, c);
	else if (c->kind == TT_COMMAND_CLEAR_CODES)
		tt_remote_clear(a, now_us, ref);
	else
		simple(a, now_us, ref, c);
}
