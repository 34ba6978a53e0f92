#include "firmware/agent/profile_parts.h"

#include "base/text.h"

#include <string.h>

static enum tt_err parse_services(struct tt_profile_parser *p, char *list, struct tt_gate_rule *rule)
{
	size_t n = 0;

	for (char *save = NULL, *word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		uint64_t service;

		if (n + 1 == TT_GATE_SERVICES)
			return tt_profile_bad(p, "more services than a rule takes", word);
		if (tt_parse_hex(word, strlen(word), &service) != TT_OK || service == 0 || service > 0x3E)
			return tt_profile_bad(p, "wants service identifiers in hexadecimal, 01..3E", word);
		rule->services[n++] = (uint8_t)service;
	}
	return TT_OK;
}

static enum tt_err transmit_option(struct tt_profile_parser *p, struct tt_gate_rule *rule, size_t *at)
{
	const char *word = p->words[*at];
	int64_t v = 0;

	if (strcmp(word, "29bit") == 0) {
		rule->extended = true;
		return TT_OK;
	}
	if (*at + 1 >= p->nwords)
		return tt_profile_bad(p, "unknown option, or its value is missing", word);
	++*at;
	if (strcmp(word, "services") == 0)
		return parse_services(p, p->words[*at], rule);
	if (strcmp(word, "rate") == 0) {
		if (!tt_profile_integer(p->words[*at], 1, 100, &v))
			return tt_profile_bad(p, "rate wants frames a second, 1..100", p->words[*at]);
		rule->max_per_s = (uint16_t)v;
		return TT_OK;
	}
	if (strcmp(word, "mask") != 0 || !tt_profile_integer(p->words[*at], 1, TT_CAN_EFF_MASK, &v))
		return tt_profile_bad(p, "unknown option or bad mask (mask, 29bit, services, rate)", word);
	rule->mask = (uint32_t)v;
	return TT_OK;
}

static enum tt_err on_transmit(struct tt_profile_parser *p)
{
	struct tt_gate_rule *rule = &p->out->transmit[p->out->ntransmit];
	enum tt_err err = tt_profile_need(p, 4, "transmit ID [mask MASK] [29bit] services HEX,... [rate N]");
	int64_t id;

	if (err)
		return err;
	if (p->out->ntransmit == TT_PROFILE_TRANSMIT)
		return tt_profile_bad(p, "more than 16 transmit rules", p->words[1]);
	if (!tt_profile_integer(p->words[1], 0, TT_CAN_EFF_MASK, &id))
		return tt_profile_bad(p, "wants a CAN identifier", p->words[1]);
	*rule = (struct tt_gate_rule){.id = (uint32_t)id, .flow_control = true, .max_per_s = 10};
	for (size_t i = 2; !err && i < p->nwords; i++)
		err = transmit_option(p, rule, &i);
	if (err)
		return err;
	if (rule->services[0] == 0)
		return tt_profile_bad(p, "names no services; nothing would pass", p->words[1]);
	if (!rule->extended && id > TT_CAN_SFF_MASK)
		return tt_profile_bad(p, "identifier has more than 11 bits; add 29bit", p->words[1]);
	if (rule->mask == 0)
		rule->mask = rule->extended ? TT_CAN_EFF_MASK : TT_CAN_SFF_MASK;
	p->out->ntransmit++;
	return TT_OK;
}

const struct tt_profile_directive tt_profile_transmit_directives[] = {
	{"transmit", on_transmit},
	{NULL, NULL},
};
