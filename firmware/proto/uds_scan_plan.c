/* What is asked, and what becomes of the questions. */
#include "firmware/proto/uds_scan_parts.h"

enum { BACKOFF_MAX = 6 };
#define S3_US TT_SEC(5)      /* an ECU leaves its session when it hears nothing for so long (ISO 14229-2 table 5) */
#define KEEP_US TT_SEC(2)    /* TesterPresent, well before */
#define REOPEN_US TT_SEC(60) /* after a refused session */
#define WAY_US TT_MS(100)    /* what gateways and the bus add to P2 and P2* of the ECU */
#define P2_MAX_US TT_SEC(2)  /* an ECU that claims more must not hold up all others */
#define P2_STAR_MAX_US TT_SEC(10)

static const struct {
	enum tt_uds_report report;
	enum tt_uds_result_kind kind;
} lists[TT_UDS_LISTS] = {
	{TT_UDS_BY_MASK, TT_UDS_RESULT_CODES}, {TT_UDS_SUPPORTED, TT_UDS_RESULT_SUPPORTED}, {TT_UDS_COUNTERS, TT_UDS_RESULT_COUNTERS}};

/* Index of the list that a question asks for; TT_UDS_LISTS when it is none. */
static unsigned list_of(enum tt_uds_question question)
{
	return question >= TT_UDS_ASK_CODES && question <= TT_UDS_ASK_COUNTERS ? (unsigned)question - TT_UDS_ASK_CODES : TT_UDS_LISTS;
}

/* ---- planning ---- */

static void earlier(struct tt_uds_next *next, enum tt_uds_question question, uint8_t ecu, tt_mono_us due_us)
{
	if (due_us < next->due_us)
		*next = (struct tt_uds_next){question, ecu, due_us};
}

/* The next real question to this ECU, apart from its session. Details of a code come before all else. */
static struct tt_uds_next plan_ecu(const struct tt_uds_scan *s, uint8_t ecu)
{
	const struct tt_uds_scan_ecu *e = &s->ecus[ecu];
	struct tt_uds_next next = {TT_UDS_ASK_CODES, ecu, e->lists[0].due_us};

	if (e->silent)
		return next;
	if (e->details > 0)
		return (struct tt_uds_next){TT_UDS_ASK_SNAPSHOTS, ecu, e->asked_us};
	if (e->heard) {
		earlier(&next, TT_UDS_ASK_SUPPORTED, ecu, e->lists[TT_UDS_ASK_SUPPORTED - TT_UDS_ASK_CODES].due_us);
		earlier(&next, TT_UDS_ASK_COUNTERS, ecu, e->lists[TT_UDS_ASK_COUNTERS - TT_UDS_ASK_CODES].due_us);
	}
	for (size_t i = 0; i < s->config.ndids; i++) {
		if (s->config.dids[i].ecu == ecu)
			earlier(&next, TT_UDS_ASK_DATA, ecu, s->dids[i].due_us);
	}
	return next;
}

static struct tt_uds_next with_session(const struct tt_uds_scan *s, const struct tt_uds_next *next)
{
	const struct tt_uds_scan_ecu *e = &s->ecus[next->ecu];

	if (s->config.ecus[next->ecu].session == 0)
		return *next;
	if (!e->open)
		return next->due_us >= e->open_at_us && next->due_us != TT_NEVER && !e->silent
			       ? (struct tt_uds_next){TT_UDS_ASK_OPEN, next->ecu, next->due_us}
			       : *next;
	if (next->due_us >= e->asked_us + S3_US)
		return (struct tt_uds_next){TT_UDS_ASK_CLOSE, next->ecu, e->asked_us};
	if (next->due_us > e->asked_us + KEEP_US)
		return (struct tt_uds_next){TT_UDS_ASK_KEEP, next->ecu, e->asked_us + KEEP_US};
	return *next;
}

struct tt_uds_next tt_uds_scan_plan(const struct tt_uds_scan *s, tt_mono_us now_us)
{
	struct tt_uds_next first = {.due_us = TT_NEVER};

	for (uint8_t i = 0; i < s->config.necus; i++) {
		struct tt_uds_next next = plan_ecu(s, i);

		/* What is overdue is due now: a session that was refused long ago must not look refused still. */
		if (next.due_us < now_us)
			next.due_us = now_us;
		next = with_session(s, &next);
		if (next.due_us < first.due_us)
			first = next;
	}
	return first;
}

/* Identifiers of this ECU that are due, as many as one frame takes. */
static void build_data(struct tt_uds_scan *s, tt_mono_us now_us, uint8_t ecu)
{
	const size_t max = s->ecus[ecu].singly ? 1 : s->config.ecus[ecu].addressed ? TT_UDS_REQUEST_DIDS - 1 : TT_UDS_REQUEST_DIDS;
	uint16_t dids[TT_UDS_REQUEST_DIDS];
	uint8_t n = 0;

	for (size_t i = 0; i < s->config.ndids && n < max; i++) {
		if (s->config.dids[i].ecu != ecu || s->dids[i].due_us > now_us)
			continue;
		s->request.dids[n] = (uint8_t)i;
		dids[n++] = s->config.dids[i].did;
	}
	s->request.ndids = n;
	(void)!tt_uds_request_data(dids, n, s->request.bytes, &s->request.len); /* 1..3 of them */
}

/* The oldest code without details; the last ones of the list are those. */
static uint32_t next_code(const struct tt_uds_scan_ecu *e)
{
	return e->confirmed[e->nconfirmed - e->details];
}

void tt_uds_scan_build(struct tt_uds_scan *s, tt_mono_us now_us, const struct tt_uds_next *next)
{
	const struct tt_uds_scan_ecu *e = &s->ecus[next->ecu];
	uint8_t *bytes = s->request.bytes;

	memset(&s->request, 0, sizeof(s->request));
	s->request.active = true;
	s->request.ecu = next->ecu;
	s->request.question = next->question;
	s->request.deadline_us = TT_NEVER;
	if (next->question == TT_UDS_ASK_SNAPSHOTS || next->question == TT_UDS_ASK_EXTENDED) {
		s->request.code = next_code(e);
		tt_uds_request_records(next->question == TT_UDS_ASK_SNAPSHOTS ? TT_UDS_SNAPSHOTS : TT_UDS_EXTENDED, s->request.code, bytes,
				       &s->request.len);
	} else if (next->question == TT_UDS_ASK_DATA) {
		build_data(s, now_us, next->ecu);
	} else if (next->question == TT_UDS_ASK_CODES) {
		tt_uds_request_by_mask(s->config.mask, bytes, &s->request.len);
	} else if (list_of(next->question) < TT_UDS_LISTS) {
		tt_uds_request_report(lists[list_of(next->question)].report, bytes, &s->request.len);
	} else if (next->question == TT_UDS_ASK_KEEP) {
		tt_uds_request_tester_present(bytes, &s->request.len);
	} else {
		tt_uds_request_session(next->question == TT_UDS_ASK_OPEN ? s->config.ecus[next->ecu].session : TT_UDS_DEFAULT_SESSION,
				       bytes, &s->request.len);
	}
}

/* ---- answers ---- */

static bool known_confirmed(const struct tt_uds_scan_ecu *e, uint32_t code)
{
	for (unsigned i = 0; i < e->nconfirmed; i++) {
		if (e->confirmed[i] == code)
			return true;
	}
	return false;
}

static bool confirmed_in(struct tt_rd r, uint32_t code)
{
	struct tt_uds_code c;

	while (tt_uds_codes_next(&r, &c) == TT_OK) {
		if (c.code == code && (c.status & TT_UDS_CONFIRMED))
			return true;
	}
	return false;
}

/* Forgets the codes that are not confirmed any more: when they come back they have new details. */
static void forget_gone(struct tt_uds_scan_ecu *e, const struct tt_rd *list)
{
	const unsigned told = e->nconfirmed - e->details;
	unsigned kept = 0, details = 0;

	for (unsigned i = 0; i < e->nconfirmed; i++) {
		if (!confirmed_in(*list, e->confirmed[i]))
			continue;
		details += i >= told;
		e->confirmed[kept++] = e->confirmed[i];
	}
	e->nconfirmed = (uint8_t)kept;
	e->details = (uint8_t)details;
}

/* Codes that are confirmed for the first time will be asked for their details. */
static void remember_confirmed(struct tt_uds_scan_ecu *e, struct tt_rd list)
{
	struct tt_uds_code c;

	forget_gone(e, &list);
	while (tt_uds_codes_next(&list, &c) == TT_OK) {
		if (!(c.status & TT_UDS_CONFIRMED) || known_confirmed(e, c.code) || e->nconfirmed == TT_UDS_CONFIRMED_CODES)
			continue;
		e->confirmed[e->nconfirmed++] = c.code;
		e->details++;
	}
}

static bool take_list(struct tt_uds_scan *s, tt_mono_us now_us, unsigned which, const uint8_t *msg, size_t len)
{
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];
	struct tt_uds_result *result;
	struct tt_uds_code c;
	struct tt_rd list, r;
	uint8_t available;
	enum tt_err err;

	if (tt_uds_codes_begin(msg, len, lists[which].report, &list, &available))
		return false;
	r = list;
	while ((err = tt_uds_codes_next(&r, &c)) == TT_OK)
		;
	if (err != TT_EEOF)
		return false;
	result = tt_uds_scan_push(s, lists[which].kind, now_us);
	result->msg = msg;
	result->len = len;
	if (lists[which].report == TT_UDS_BY_MASK)
		remember_confirmed(e, list);
	e->lists[which] = (struct tt_uds_scan_task){.due_us = lists[which].report == TT_UDS_SUPPORTED ? TT_NEVER
												      : now_us + s->config.codes_period_us};
	return true;
}

/* Snapshots are followed by extended data at once; with them the code is done. */
static void next_detail(struct tt_uds_scan *s, tt_mono_us now_us)
{
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];

	if (s->request.question == TT_UDS_ASK_SNAPSHOTS) {
		tt_uds_scan_build(s, now_us, &(struct tt_uds_next){TT_UDS_ASK_EXTENDED, s->request.ecu, now_us});
	} else {
		e->details--;
	}
}

static void push_records(struct tt_uds_scan *s, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_uds_result *result =
		tt_uds_scan_push(s, s->request.question == TT_UDS_ASK_SNAPSHOTS ? TT_UDS_RESULT_SNAPSHOTS : TT_UDS_RESULT_EXTENDED, now_us);

	result->code = s->request.code;
	result->msg = msg;
	result->len = len;
	next_detail(s, now_us);
}

static bool take_records(struct tt_uds_scan *s, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	const enum tt_uds_report report = s->request.question == TT_UDS_ASK_SNAPSHOTS ? TT_UDS_SNAPSHOTS : TT_UDS_EXTENDED;
	const uint8_t ecu = s->request.ecu;
	struct tt_uds_records it;
	struct tt_uds_record record;
	struct tt_uds_code code;
	enum tt_err err = tt_uds_records_begin(msg, len, report, &code, s->config.lengths[ecu], s->config.nlengths[ecu], &it);

	if (err || code.code != s->request.code)
		return false;
	while ((err = tt_uds_records_next(&it, &record)) == TT_OK)
		;
	if (err != TT_EEOF)
		return false;
	push_records(s, now_us, msg, len);
	return true;
}

static int64_t did_period(const struct tt_uds_scan *s, uint8_t did)
{
	const int64_t own = s->config.dids[did].period_us;

	return own != 0 ? own : s->config.did_period_us;
}

static bool take_data(struct tt_uds_scan *s, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	struct tt_uds_result *result;
	const uint8_t *data[TT_UDS_REQUEST_DIDS];
	struct tt_rd r;

	(void)!tt_uds_data_begin(msg, len, &r); /* the service is the question's */
	for (unsigned i = 0; i < s->request.ndids; i++) {
		const struct tt_uds_did *did = &s->config.dids[s->request.dids[i]];

		if (tt_uds_data_next(&r, did->did, did->len, &data[i]))
			return false;
	}
	if (!tt_uds_only_padding(&r))
		return false;
	for (unsigned i = 0; i < s->request.ndids; i++) {
		const uint8_t at = s->request.dids[i];

		result = tt_uds_scan_push(s, TT_UDS_RESULT_DATA, now_us);
		result->did = s->config.dids[at].did;
		result->msg = data[i];
		result->len = s->config.dids[at].len;
		s->dids[at] = (struct tt_uds_scan_task){.due_us = now_us + did_period(s, at)};
	}
	return true;
}

/* How long to wait for an ECU that answers within told_us itself; 0: it did not say. */
static int64_t patience(int64_t told_us, int64_t least_us, int64_t most_us)
{
	const int64_t us = tt_min_i64(told_us + WAY_US, most_us);

	return told_us == 0 || us < least_us ? least_us : us;
}

static bool take_session(struct tt_uds_scan *s, const uint8_t *msg, size_t len)
{
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];
	struct tt_uds_session told;

	if (tt_uds_session_read(msg, len, &told) || told.session != s->request.bytes[1])
		return false;
	e->open = s->request.question == TT_UDS_ASK_OPEN;
	e->p2_us = patience(told.p2_us, s->config.p2_us, P2_MAX_US);
	e->p2_star_us = patience(told.p2_star_us, s->config.p2_star_us, P2_STAR_MAX_US);
	return true;
}

bool tt_uds_scan_answered(struct tt_uds_scan *s, tt_mono_us now_us, const uint8_t *msg, size_t len)
{
	const unsigned list = list_of(s->request.question);

	if (list < TT_UDS_LISTS)
		return take_list(s, now_us, list, msg, len);
	if (s->request.question == TT_UDS_ASK_DATA)
		return take_data(s, now_us, msg, len);
	if (s->request.question == TT_UDS_ASK_SNAPSHOTS || s->request.question == TT_UDS_ASK_EXTENDED)
		return take_records(s, now_us, msg, len);
	return take_session(s, msg, len);
}

static void back_off(struct tt_uds_scan_task *task, tt_mono_us now_us, int64_t period_us)
{
	task->due_us = now_us + (period_us << task->backoff);
	if (task->backoff < BACKOFF_MAX)
		task->backoff++;
}

static void give_up(struct tt_uds_scan *s, tt_mono_us now_us, bool unsupported)
{
	struct tt_uds_scan_ecu *e = &s->ecus[s->request.ecu];
	const unsigned list = list_of(s->request.question);

	if (s->request.question == TT_UDS_ASK_SNAPSHOTS || s->request.question == TT_UDS_ASK_EXTENDED) {
		push_records(s, now_us, NULL, 0);
	} else if (list < TT_UDS_LISTS) {
		back_off(&e->lists[list], now_us, s->config.codes_period_us);
		if (unsupported)
			e->lists[list].due_us = TT_NEVER;
	} else if (s->request.question == TT_UDS_ASK_DATA) {
		for (unsigned i = 0; i < s->request.ndids; i++) {
			struct tt_uds_scan_task *task = &s->dids[s->request.dids[i]];

			if (unsupported)
				task->due_us = TT_NEVER;
			else
				back_off(task, now_us, did_period(s, s->request.dids[i]));
		}
	} else {
		e->open = false; /* S3 closes it when we could not */
		e->open_at_us = now_us + REOPEN_US;
	}
}

void tt_uds_scan_refused(struct tt_uds_scan *s, tt_mono_us now_us, bool unsupported)
{
	/* Which of several it does not have the ECU does not say: one at a time shows. */
	if (s->request.question == TT_UDS_ASK_DATA && s->request.ndids > 1)
		s->ecus[s->request.ecu].singly = true;
	else
		give_up(s, now_us, unsupported);
}

void tt_uds_scan_unanswered(struct tt_uds_scan *s, tt_mono_us now_us)
{
	give_up(s, now_us, false);
}
