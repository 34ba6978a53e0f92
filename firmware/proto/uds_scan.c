#include "firmware/proto/uds_scan_parts.h"

#include <assert.h>

enum {
	SILENCES_MAX = 3,
	RETRIES_MAX = 3,
	ROOM = 5, /* results that one answer may bring: the ECU is back, and three identifiers; or it is silent, and a detail is missing */
	MASK_DEFAULT = 0x8F,
	PENDINGS_DEFAULT = 6,
	PENDING_NRC = 0x78,
};
#define RETRY_US TT_MS(200) /* after NRC 21 */

static_assert((int)ROOM <= (int)TT_UDS_QUEUE, "the queue must hold what one request brings");

static void set_default(int64_t *field, int64_t value)
{
	if (*field == 0)
		*field = value;
}

struct tt_uds_result *tt_uds_scan_push(struct tt_uds_scan *s, enum tt_uds_result_kind kind, tt_mono_us now_us)
{
	struct tt_uds_result *result;

	/* No request is made before the queue is empty, so this holds whatever the bus brings. */
	TT_ASSERT(s->q_len < TT_UDS_QUEUE);
	result = &s->queue[s->q_len++];
	*result = (struct tt_uds_result){.kind = kind, .ecu = s->request.ecu, .at_us = now_us};
	return result;
}

bool tt_uds_scan_next(struct tt_uds_scan *s, struct tt_uds_result *out)
{
	if (s->q_len == 0)
		return false;
	*out = s->queue[0];
	memmove(s->queue, s->queue + 1, --s->q_len * sizeof(s->queue[0]));
	return true;
}

static void start_over(struct tt_uds_scan *s, tt_mono_us now_us)
{
	s->request.active = false;
	s->quiet_until_us = now_us;
	for (size_t i = 0; i < s->config.necus; i++) {
		struct tt_uds_scan_ecu *e = &s->ecus[i];

		e->open = false;
		e->open_at_us = now_us;
		for (size_t k = 0; k < TT_UDS_LISTS; k++) {
			if (e->lists[k].due_us != TT_NEVER)
				e->lists[k].due_us = now_us;
		}
	}
	for (size_t i = 0; i < s->config.ndids; i++) {
		if (s->dids[i].due_us != TT_NEVER)
			s->dids[i].due_us = now_us;
	}
}

void tt_uds_scan_init(struct tt_uds_scan *s, const struct tt_uds_scan_config *config, tt_mono_us now_us)
{
	struct tt_uds_scan_config *c = &s->config;

	TT_ASSERT(config->necus <= TT_UDS_ECUS && config->ndids <= TT_UDS_DIDS);
	memset(s, 0, sizeof(*s));
	*c = *config;
	set_default(&c->min_gap_us, TT_MS(50));
	set_default(&c->p2_us, TT_MS(150));
	set_default(&c->p2_star_us, TT_SEC(5));
	set_default(&c->codes_period_us, TT_SEC(10));
	set_default(&c->did_period_us, TT_SEC(10));
	if (c->mask == 0)
		c->mask = MASK_DEFAULT;
	if (c->pending_max == 0)
		c->pending_max = PENDINGS_DEFAULT;
	for (size_t i = 0; i < c->necus; i++) {
		if (!c->ecus[i].supported)
			s->ecus[i].lists[TT_UDS_ASK_SUPPORTED - TT_UDS_ASK_CODES].due_us = TT_NEVER;
		if (!c->ecus[i].counters)
			s->ecus[i].lists[TT_UDS_ASK_COUNTERS - TT_UDS_ASK_CODES].due_us = TT_NEVER;
	}
	start_over(s, now_us);
}

void tt_uds_scan_pause(struct tt_uds_scan *s, tt_mono_us now_us, bool on)
{
	if (on == s->paused)
		return;
	s->paused = on;
	start_over(s, now_us);
}

static void heard(struct tt_uds_scan *s, tt_mono_us now_us)
{
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];

	e->silences = 0;
	if (e->heard && !e->silent)
		return;
	e->heard = true;
	e->silent = false;
	tt_uds_scan_push(s, TT_UDS_RESULT_ECU, now_us);
}

static void silence(struct tt_uds_scan *s, tt_mono_us now_us)
{
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];

	s->request.active = false;
	tt_uds_scan_unanswered(s, now_us);
	if (e->silent || ++e->silences < SILENCES_MAX)
		return;
	e->silent = true;
	e->open = false;
	if (e->lists[0].due_us == TT_NEVER)
		e->lists[0].due_us = now_us; /* the one question that finds it again */
	tt_uds_scan_push(s, TT_UDS_RESULT_SILENT, now_us);
}

static void refuse(struct tt_uds_scan *s, tt_mono_us now_us, uint8_t nrc)
{
	const bool unsupported = tt_uds_nrc(nrc)->action == TT_UDS_NRC_UNSUPPORTED;
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];
	const enum tt_uds_question question = s->request.question;
	struct tt_uds_result *result;

	s->request.active = false;
	if (!e->told_refusal[question] || e->told_nrc[question] != nrc) {
		result = tt_uds_scan_push(s, TT_UDS_RESULT_REFUSING, now_us);
		result->service = s->request.bytes[0];
		result->report = result->service == TT_UDS_READ_CODES ? s->request.bytes[1] : 0;
		result->nrc = nrc;
		result->unsupported = unsupported;
	}
	e->told_refusal[question] = true;
	e->told_nrc[question] = nrc;
	tt_uds_scan_refused(s, now_us, unsupported);
}

static void negative(struct tt_uds_scan *s, tt_mono_us now_us, uint8_t nrc)
{
	const struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];
	const enum tt_uds_nrc_action action = tt_uds_nrc(nrc)->action;

	if (action == TT_UDS_NRC_PENDING && s->request.pendings < s->config.pending_max) {
		s->request.pendings++;
		s->request.deadline_us = now_us + (e->open ? e->p2_star_us : s->config.p2_star_us);
	} else if (action == TT_UDS_NRC_RETRY && s->request.retries < RETRIES_MAX) {
		s->request.retries++;
		s->request.again = true;
		s->request.deadline_us = now_us + RETRY_US;
	} else {
		refuse(s, now_us, nrc);
	}
}

static void positive(struct tt_uds_scan *s, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];
	const enum tt_uds_question question = s->request.question;

	s->request.active = false;
	if (tt_uds_scan_answered(s, now_us, msg, len)) {
		e->told_refusal[question] = false;
		e->told_bad = false;
		return;
	}
	if (!e->told_bad)
		tt_uds_scan_push(s, TT_UDS_RESULT_BAD, now_us)->service = s->request.bytes[0];
	e->told_bad = true;
	tt_uds_scan_unanswered(s, now_us);
}

static void message(struct tt_uds_scan *s, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	uint8_t service, nrc;

	if (tt_uds_is_negative(msg, len, &service, &nrc)) {
		if (service != s->request.bytes[0])
			return; /* of an earlier question: wait on */
		heard(s, now_us);
		negative(s, now_us, nrc);
	} else if (msg[0] == s->request.bytes[0] + TT_UDS_RESPONSE) {
		heard(s, now_us);
		positive(s, now_us, msg, len);
	}
}

bool tt_uds_scan_busy(const struct tt_uds_scan *s)
{
	return s->request.active && s->request.sent;
}

static void link_events(struct tt_uds_scan *s, tt_mono_us now_us)
{
	struct tt_isotp_event event;

	/* Of the next question's link, if it ends this one: that starts empty. */
	while (tt_uds_scan_busy(s) && tt_isotp_next_event(&s->link, &event)) {
		if (event.kind == TT_ISOTP_MESSAGE)
			message(s, now_us, event.data, event.len);
		else
			silence(s, now_us); /* a request is sent already, so it is an answer that broke off */
	}
}

bool tt_uds_scan_feed(struct tt_uds_scan *s, tt_mono_us now_us, const struct tt_can_frame *in)
{
	if (!tt_uds_scan_busy(s) || s->request.again || !tt_isotp_feed(&s->link, now_us, in))
		return false;
	link_events(s, now_us);
	return true;
}

static void deadline(struct tt_uds_scan *s, tt_mono_us now_us)
{
	if (s->request.again) {
		s->request.again = s->request.sent = false;
		s->request.deadline_us = TT_NEVER;
	} else if (tt_isotp_receiving(&s->link)) {
		s->request.deadline_us = now_us + s->link.config.n_cr_us; /* the first frame came in time; the link's timers count now */
	} else if (s->request.pendings >= s->config.pending_max) {
		refuse(s, now_us, PENDING_NRC);
	} else {
		silence(s, now_us);
	}
}

void tt_uds_scan_tick(struct tt_uds_scan *s, tt_mono_us now_us)
{
	if (!s->request.active) /* as always while paused */
		return;
	if (s->request.sent) {
		tt_isotp_tick(&s->link, now_us);
		link_events(s, now_us);
	}
	if (s->request.active && now_us >= s->request.deadline_us)
		deadline(s, now_us);
}

static void link_to(struct tt_uds_scan *s, const struct tt_uds_ecu *ecu)
{
	const struct tt_isotp_config config = {.tx_id = ecu->request,
					       .rx_id = ecu->response,
					       .extended = ecu->extended,
					       .addressed = ecu->addressed,
					       .tx_address = ecu->target,
					       .rx_address = ecu->source,
					       .bus = s->config.bus,
					       .pad = true,
					       .pad_byte = s->config.pad_byte};

	tt_isotp_init(&s->link, &config, s->rx_buf, sizeof(s->rx_buf));
}

/* A request is a single frame on a fresh link: it can be sent, leaves at once, and is done with that. */
static bool send(struct tt_uds_scan *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];
	struct tt_isotp_event sent;
	bool left;

	link_to(s, &s->config.ecus[s->request.ecu]);
	(void)!tt_isotp_send(&s->link, s->request.bytes, s->request.len);
	left = tt_isotp_next_tx(&s->link, now_us, out);
	(void)tt_isotp_next_event(&s->link, &sent);
	e->asked_us = now_us;
	s->quiet_until_us = now_us + s->config.min_gap_us;
	s->request.sent = true;
	s->request.deadline_us = now_us + (e->open ? e->p2_us : s->config.p2_us);
	if (s->request.question == TT_UDS_ASK_KEEP)
		s->request.active = false; /* wants no answer */
	return left;
}

bool tt_uds_scan_next_tx(struct tt_uds_scan *s, tt_mono_us now_us, bool may_begin, struct tt_can_frame *out)
{
	struct tt_uds_next next;

	if (s->paused)
		return false;
	if (tt_uds_scan_busy(s))
		return !s->request.again && tt_isotp_next_tx(&s->link, now_us, out); /* flow control */
	if (!may_begin || s->q_len > 0 || now_us < s->quiet_until_us)
		return false;
	if (!s->request.active) {
		next = tt_uds_scan_plan(s, now_us);
		if (next.due_us > now_us)
			return false;
		tt_uds_scan_build(s, now_us, &next);
	}
	return send(s, now_us, out);
}

tt_mono_us tt_uds_scan_wake_at(const struct tt_uds_scan *s)
{
	tt_mono_us at;

	if (s->paused)
		return TT_NEVER;
	if (tt_uds_scan_busy(s))
		return s->request.again ? s->request.deadline_us : tt_min_i64(s->request.deadline_us, tt_isotp_wake_at(&s->link));
	at = s->request.active ? INT64_MIN : tt_uds_scan_plan(s, INT64_MIN).due_us;
	return at > s->quiet_until_us ? at : s->quiet_until_us;
}
