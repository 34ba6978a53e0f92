/*
 * Clearing codes, as a command: what was there, who was asked, what they answered. The command's result waits for the last answer, and
 * carries all of it.
 */
#include "firmware/agent/agent_obd.h"
#include "firmware/agent/remote.h"

#include "base/text.h"
#include "firmware/proto/fault_code.h"

/* An ECU may ask for patience several times; after this it counts as silent. */
#define CLEAR_WAIT_US TT_SEC(30)

enum { WORDS_CODES = 6 }; /* as many codes stand in the reason */

static void note_codes(struct tt_agent *a)
{
	struct tt_remote_clearing *c = &a->remote->clearing;
	const struct tt_fault_watch *w = &a->vehicle->faults;

	c->ncodes = 0;
	c->cut = w->dropped > 0;
	for (size_t i = 0; i < TT_FAULTS; i++) {
		const struct tt_fault *f = &w->faults[i];

		const uint8_t status = f->used ? tt_fault_watch_status(w, f) : 0;

		if (status == 0)
			continue;
		if (c->ncodes == TT_REMOTE_CLEAR_CODES) {
			c->cut = true;
			return;
		}
		c->codes[c->ncodes++] = (struct tt_fault_before){
			.protocol = f->protocol, .ecu = f->ecu, .code = f->code, .status = status, .mil = f->mil || f->told_mil};
	}
}

void tt_remote_clear(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref)
{
	struct tt_remote_clearing *c = &a->remote->clearing;
	char reason[TT_COMMAND_REASON];
	enum tt_err err;

	if (c->waits) {
		c->waits = false;
		tt_remote_result(a, &c->ref, TT_OUTCOME_FAILED, "asked once more before every ECU had answered");
	}
	note_codes(a);
	err = tt_agent_clear_codes(a, now_us);
	c->ref = *ref;
	if (err != TT_OK) {
		c->ref.id = 0;
		(void)snprintf(reason, sizeof(reason), "no ECU could be asked: %s",
			       err == TT_EDENIED     ? "the profile does not allow it on this bus"
			       : err == TT_ENOTFOUND ? "none has answered so far"
						     : tt_err_text(err));
		tt_remote_result(a, ref, TT_OUTCOME_FAILED, reason);
		return;
	}
	c->waits = true;
	c->until_us = now_us + CLEAR_WAIT_US;
	(void)snprintf(reason, sizeof(reason), "%u ECUs asked, %zu codes known", a->cleared.necus, c->ncodes);
	tt_remote_result(a, ref, TT_OUTCOME_ACCEPTED, reason);
}

static void say_codes(struct tt_text *t, const struct tt_remote_clearing *c)
{
	char code[TT_FAULT_CODE_TEXT];

	tt_text_str(t, c->ncodes == 0 ? "no codes were known" : "there were");
	for (size_t i = 0; i < c->ncodes && i < WORDS_CODES; i++) {
		tt_fault_code_text(c->codes[i].protocol, c->codes[i].code, code);
		tt_text_char(t, ' ');
		tt_text_str(t, code);
	}
	if (c->ncodes > WORDS_CODES || c->cut)
		tt_text_str(t, " and more");
}

static void say_answers(struct tt_text *t, const struct tt_agent_cleared *cleared)
{
	char line[64];

	for (unsigned i = 0; i < cleared->necus; i++) {
		const char *what = cleared->ecus[i].done  ? "cleared"
				   : cleared->ecus[i].nrc ? tt_obd_nrc(cleared->ecus[i].nrc)->text
							  : "no answer";

		(void)snprintf(line, sizeof(line), "; %X: %.40s", cleared->ecus[i].ecu, what);
		tt_text_str(t, line);
	}
}

void tt_remote_clear_tick(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote_clearing *c = &a->remote->clearing;
	const struct tt_agent_cleared *cleared = &a->cleared;
	char reason[512];
	struct tt_text t = tt_text_init(reason, sizeof(reason));

	if (!c->waits || (cleared->done + cleared->failed < cleared->necus && now_us < c->until_us))
		return;
	c->waits = false;
	say_codes(&t, c);
	say_answers(&t, cleared);
	tt_remote_result(a, &c->ref, cleared->done == cleared->necus ? TT_OUTCOME_DONE : TT_OUTCOME_FAILED, reason);
}

tt_mono_us tt_remote_clear_wake_at(const struct tt_agent *a)
{
	return a->remote->clearing.waits ? a->remote->clearing.until_us : TT_NEVER;
}

/* ---- into the result ---- */

static void put_codes(const struct tt_remote_clearing *c, struct tt_remote_clear_parts *p)
{
	for (size_t i = 0; i < c->ncodes; i++) {
		Telltale__V1__KnownFault *out = &p->codes[i];

		telltale__v1__known_fault__init(out);
		tt_fault_code_text(c->codes[i].protocol, c->codes[i].code, p->texts[i]);
		out->code = p->texts[i];
		out->ecu = c->codes[i].ecu;
		out->stored = c->codes[i].status & TT_FAULT_STORED;
		out->pending = c->codes[i].status & TT_FAULT_PENDING;
		out->permanent = c->codes[i].status & TT_FAULT_PERMANENT;
		out->mil = c->codes[i].mil;
		out->protocol = (Telltale__V1__DtcProtocol)c->codes[i].protocol;
		p->code_list[i] = out;
	}
	p->cleared.n_codes = c->ncodes;
	p->cleared.codes = p->code_list;
	p->cleared.codes_cut = c->cut;
}

Telltale__V1__ClearedCodes *tt_remote_clear_parts(const struct tt_agent *a, const struct tt_command_entry *e,
						  struct tt_remote_clear_parts *p)
{
	const struct tt_remote_clearing *c = &a->remote->clearing;
	const struct tt_agent_cleared *cleared = &a->cleared;

	if (c->waits || c->ref.id == 0 || e->id != c->ref.id || e->key_id != c->ref.key_id ||
	    (e->outcome != TT_OUTCOME_DONE && e->outcome != TT_OUTCOME_FAILED))
		return NULL;
	telltale__v1__cleared_codes__init(&p->cleared);
	put_codes(c, p);
	for (unsigned i = 0; i < cleared->necus; i++) {
		telltale__v1__ecu_answer__init(&p->answers[i]);
		p->answers[i].ecu = cleared->ecus[i].ecu;
		p->answers[i].done = cleared->ecus[i].done;
		p->answers[i].nrc = cleared->ecus[i].nrc;
		p->answer_list[i] = &p->answers[i];
	}
	p->cleared.n_ecus = cleared->necus;
	p->cleared.ecus = p->answer_list;
	return &p->cleared;
}
