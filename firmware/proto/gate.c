#include "firmware/proto/gate.h"

#include "base/cursor.h"
#include "firmware/proto/j1939_tp.h"

#define READ_ONLY \
	{ \
		0x01, 0x02, 0x03, 0x06, 0x07, 0x09, 0x0A \
	}

enum {
	PCI_SINGLE = 0,
	PCI_FIRST = 1,
	PCI_CONSECUTIVE = 2,
	PCI_FLOW = 3,
	PCI_KINDS = 4,
	CLASSIC_MAX = 8,
	PER_CONSECUTIVE = 7,
	SESSION_CONTROL = 0x10,
	DEFAULT_SESSION = 0x01,
	SUPPRESS = 0x80 /* bit of a sub-function: no positive answer, please (ISO 14229-1 8.2.2) */
};

static const struct tt_gate_rule read_only_rules[] = {
	{.id = 0x7DF, .mask = 0x7FF, .services = READ_ONLY, .max_per_s = 5},
	{.id = 0x7E0, .mask = 0x7F8, .flow_control = true, .services = READ_ONLY, .max_per_s = 40},
	{.id = 0x18DB33F1, .mask = 0x1FFFFFFF, .extended = true, .services = READ_ONLY, .max_per_s = 5},
	{.id = 0x18DA00F1, .mask = 0x1FFF00FF, .extended = true, .flow_control = true, .services = READ_ONLY, .max_per_s = 40},
};

const struct tt_gate_config tt_gate_read_only = {
	.rules = read_only_rules, .nrules = sizeof(read_only_rules) / sizeof(read_only_rules[0]), .bus_max_per_s = 40};

const char *tt_gate_verdict_text(enum tt_gate_verdict verdict)
{
	static const char *const texts[TT_GATE_VERDICTS] = {
		[TT_GATE_PASS] = "allowed",
		[TT_GATE_BAD_FRAME] = "only classic data frames may be sent",
		[TT_GATE_IDENTIFIER] = "identifier not on the allow-list",
		[TT_GATE_CONTROL] = "kind of frame not allowed on this identifier",
		[TT_GATE_SERVICE] = "service not allowed on this identifier",
		[TT_GATE_RATE] = "rate of this identifier used up",
		[TT_GATE_BUDGET] = "budget of this bus used up",
	};

	return (unsigned)verdict < TT_GATE_VERDICTS ? texts[verdict] : "unknown verdict";
}

enum tt_err tt_gate_rule_allow(struct tt_gate_rule *rule, uint8_t service)
{
	uint8_t *free_place;

	if (memchr(rule->services, service, sizeof(rule->services)))
		return TT_OK;
	free_place = memchr(rule->services, 0, sizeof(rule->services));
	if (!free_place)
		return TT_EFULL;
	*free_place = service;
	return TT_OK;
}

enum tt_err tt_gate_init(struct tt_gate *g, const struct tt_gate_config *config)
{
	if (config->nrules > TT_GATE_RULES || config->bus_max_per_s == 0)
		return TT_ERANGE;
	for (size_t i = 0; i < config->nrules; i++) {
		if (config->rules[i].max_per_s == 0)
			return TT_ERANGE;
	}
	memset(g, 0, sizeof(*g));
	g->config = config;
	return TT_OK;
}

/* What frames have cost falls due as time passes, and may never be more than a second: no more than max a second, bursts of as many. A
 * clock that steps back pays nothing. */
static void bucket_drain(struct tt_gate_bucket *b, tt_mono_us now_us)
{
	const int64_t passed_us = now_us > b->at_us ? now_us - b->at_us : 0;

	b->owed_us -= tt_min_i64(b->owed_us, passed_us);
	b->at_us = now_us;
}

static bool has_room(const struct tt_gate_bucket *b, int64_t cost_us)
{
	return b->owed_us + cost_us <= TT_SEC(1);
}

static bool service_allowed(const struct tt_gate_rule *rule, uint8_t service)
{
	return service != 0 && memchr(rule->services, service, sizeof(rule->services)) != NULL;
}

/* A session other than the default one changes what the ECU does: only the one that the rule names. */
static bool session_allowed(const struct tt_gate_rule *rule, struct tt_rd *r)
{
	uint8_t session;

	if (tt_rd_u8(r, &session))
		return false;
	session &= (uint8_t)~SUPPRESS;
	return session == DEFAULT_SESSION || (session != 0 && session == rule->session);
}

/* Is it of the segmented message whose first frame passed: the same rule (and so the same address byte), identifier and bus? */
static bool continues(const struct tt_gate *g, const struct tt_gate_rule *rule, const struct tt_can_frame *f)
{
	return g->segment.rule == rule && g->segment.key == tt_can_key(f) && g->segment.bus == f->bus && g->segment.expected > 0;
}

/* What an ISO-TP frame is for: its control byte, then the service of single and first frames (ISO 15765-2 9.6). */
static enum tt_gate_verdict content(const struct tt_gate *g, const struct tt_gate_rule *rule, const struct tt_can_frame *f)
{
	struct tt_rd r = tt_rd_init(f->data, f->len);
	uint8_t pci, service, address;

	if (rule->addressed && (tt_rd_u8(&r, &address) || address != rule->address))
		return TT_GATE_CONTROL;
	if (tt_rd_u8(&r, &pci) || pci >> 4 >= PCI_KINDS)
		return TT_GATE_CONTROL;
	if (pci >> 4 == PCI_FLOW)
		return rule->flow_control && r.left >= 2 ? TT_GATE_PASS : TT_GATE_CONTROL;
	if (pci >> 4 == PCI_CONSECUTIVE)
		return continues(g, rule, f) ? TT_GATE_PASS : TT_GATE_CONTROL;
	if (pci >> 4 == PCI_FIRST && (!rule->segmented || tt_rd_skip(&r, 1)))
		return TT_GATE_CONTROL;
	if (pci >> 4 == PCI_SINGLE && ((pci & 0xF) == 0 || (pci & 0xFU) > r.left))
		return TT_GATE_CONTROL;
	if (tt_rd_u8(&r, &service) || !service_allowed(rule, service))
		return TT_GATE_SERVICE;
	return service != SESSION_CONTROL || session_allowed(rule, &r) ? TT_GATE_PASS : TT_GATE_SERVICE;
}

static bool group_allowed(const struct tt_gate_rule *rule, uint32_t pgn)
{
	bool allowed = false;

	for (size_t i = 0; i < TT_GATE_PGNS && rule->pgns[i] != 0; i++)
		allowed = allowed || rule->pgns[i] == pgn;
	return allowed;
}

/* J1939-21 5.4.2, 5.10.3; J1939-81 4.2. */
static enum tt_gate_verdict content_j1939(const struct tt_gate_rule *rule, const struct tt_can_frame *f)
{
	const uint8_t control = f->data[0];

	if (rule->kind == TT_GATE_J1939_REQUEST) {
		if (f->len != 3)
			return TT_GATE_CONTROL;
		return group_allowed(rule, tt_j1939_pgn_at(f->data)) ? TT_GATE_PASS : TT_GATE_SERVICE;
	}
	if (f->len != CLASSIC_MAX)
		return TT_GATE_CONTROL;
	if (rule->kind == TT_GATE_J1939_TP)
		return control == TT_J1939_CTS || control == TT_J1939_END || control == TT_J1939_ABORT ? TT_GATE_PASS : TT_GATE_CONTROL;
	return memcmp(f->data, rule->name, TT_GATE_NAME) == 0 ? TT_GATE_PASS : TT_GATE_SERVICE;
}

/* The first rule that lets the contents pass; else what the last one that names the identifier has against them. */
static const struct tt_gate_rule *rule_of(const struct tt_gate *g, const struct tt_can_frame *f, enum tt_gate_verdict *verdict)
{
	*verdict = TT_GATE_IDENTIFIER;
	for (size_t i = 0; i < g->config->nrules; i++) {
		const struct tt_gate_rule *rule = &g->config->rules[i];

		if (rule->extended != f->extended || (f->id & rule->mask) != rule->id)
			continue;
		*verdict = rule->kind == TT_GATE_ISOTP ? content(g, rule, f) : content_j1939(rule, f);
		if (*verdict == TT_GATE_PASS)
			return rule;
	}
	return NULL;
}

/* The first frame holds one byte less than each that follows. */
static void follow_segments(struct tt_gate *g, const struct tt_gate_rule *rule, const struct tt_can_frame *f)
{
	const unsigned at = rule->addressed, kind = f->data[at] >> 4, len = (f->data[at] & 0xFU) << 8 | f->data[at + 1];

	if (kind == PCI_FIRST) {
		g->segment.rule = rule;
		g->segment.key = tt_can_key(f);
		g->segment.bus = f->bus;
		g->segment.expected = (uint16_t)(len / (PER_CONSECUTIVE - at));
	} else if (kind == PCI_CONSECUTIVE) {
		g->segment.expected--;
	}
}

static bool opened_for(const struct tt_gate *g, const struct tt_can_frame *f)
{
	for (size_t i = 0; i < g->nopened; i++) {
		const struct tt_can_frame *o = &g->opened[i];

		if (o->bus == f->bus && tt_can_key(o) == tt_can_key(f) && o->len == f->len && memcmp(o->data, f->data, f->len) == 0)
			return true;
	}
	return false;
}

/* A frame of a command pays from the bus's budget alone: the profile set its pace. */
static enum tt_gate_verdict spend(struct tt_gate *g, tt_mono_us now_us, const struct tt_can_frame *f)
{
	struct tt_gate_bucket *bucket = &g->buses[f->bus];
	const int64_t cost = TT_SEC(1) / g->config->bus_max_per_s;

	bucket_drain(bucket, now_us);
	if (!has_room(bucket, cost))
		return TT_GATE_BUDGET;
	bucket->owed_us += cost;
	return TT_GATE_PASS;
}

static enum tt_gate_verdict judge(struct tt_gate *g, tt_mono_us now_us, const struct tt_can_frame *f)
{
	const struct tt_gate_rule *rule;
	struct tt_gate_bucket *of_rule, *of_bus;
	enum tt_gate_verdict verdict;
	int64_t rule_cost, bus_cost;

	if (f->rtr || f->error || f->fd || f->len > CLASSIC_MAX || f->bus >= TT_GATE_BUSES)
		return TT_GATE_BAD_FRAME;
	/* a stray bit above the identifier is a flag to the kernel: the frame on the wire would be another than the one that is judged */
	if (f->id > (f->extended ? (uint32_t)TT_CAN_EFF_MASK : (uint32_t)TT_CAN_SFF_MASK))
		return TT_GATE_BAD_FRAME;
	if (opened_for(g, f))
		return spend(g, now_us, f);
	rule = rule_of(g, f, &verdict);
	if (!rule)
		return verdict;
	of_rule = &g->rules[rule - g->config->rules];
	of_bus = &g->buses[f->bus];
	bucket_drain(of_rule, now_us);
	bucket_drain(of_bus, now_us);
	rule_cost = TT_SEC(1) / rule->max_per_s;
	bus_cost = TT_SEC(1) / g->config->bus_max_per_s;
	if (!has_room(of_rule, rule_cost))
		return TT_GATE_RATE;
	if (!has_room(of_bus, bus_cost))
		return TT_GATE_BUDGET;
	of_rule->owed_us += rule_cost;
	of_bus->owed_us += bus_cost;
	if (rule->kind == TT_GATE_ISOTP)
		follow_segments(g, rule, f);
	return TT_GATE_PASS;
}

enum tt_gate_verdict tt_gate_check(struct tt_gate *g, tt_mono_us now_us, const struct tt_can_frame *f)
{
	const enum tt_gate_verdict verdict = judge(g, now_us, f);

	g->count[verdict]++;
	return verdict;
}

void tt_gate_open(struct tt_gate *g, const struct tt_can_frame *frames, size_t n)
{
	g->opened = frames;
	g->nopened = n;
}

void tt_gate_close(struct tt_gate *g)
{
	tt_gate_open(g, NULL, 0);
}
