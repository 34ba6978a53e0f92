#include "firmware/agent/profile_parts.h"

#include "base/text.h"

#include <string.h>

enum { SESSION_FIRST = 0x03, SESSION_LAST = 0x7E, VALUE_BYTES_MAX = 8, RATE = 20 };

static const char ecu_usage[] = "ecu NAME REQUEST RESPONSE [29bit] [extended TARGET SOURCE] [session HEX] [counters] [bus N]";

static bool hexadecimal(const char *s, uint64_t lo, uint64_t hi, uint64_t *out)
{
	const size_t prefix = s[0] == '0' && (s[1] == 'x' || s[1] == 'X') ? 2 : 0;

	return tt_parse_hex(s + prefix, strlen(s + prefix), out) == TT_OK && *out >= lo && *out <= hi;
}

struct tt_gate_rule tt_profile_ecu_rule(const struct tt_profile_ecu *ecu)
{
	struct tt_gate_rule rule = {.id = ecu->request,
				    .mask = ecu->extended ? TT_CAN_EFF_MASK : TT_CAN_SFF_MASK,
				    .extended = ecu->extended,
				    .flow_control = true,
				    .addressed = ecu->addressed,
				    .address = ecu->target,
				    .session = ecu->session,
				    .services = {0x19, 0x22},
				    .max_per_s = RATE};

	if (ecu->session != 0) {
		rule.services[2] = 0x10;
		rule.services[3] = 0x3E;
	}
	return rule;
}

static enum tt_err find_ecu(struct tt_profile_parser *p, const char *name, uint8_t *out)
{
	for (size_t i = 0; i < p->out->uds.necus; i++) {
		if (strcmp(p->out->uds.ecus[i].name, name) == 0) {
			*out = (uint8_t)i;
			return TT_OK;
		}
	}
	return tt_profile_bad(p, "no such ecu; an `ecu` line must come before", name);
}

/* ---- ecu ---- */

static enum tt_err option_extended(struct tt_profile_parser *p, struct tt_profile_ecu *e, char **args)
{
	uint64_t target, source;

	if (!hexadecimal(args[0], 0, 0xFF, &target) || !hexadecimal(args[1], 0, 0xFF, &source))
		return tt_profile_bad(p, "extended wants the address bytes of requests and responses", args[0]);
	e->addressed = true;
	e->target = (uint8_t)target;
	e->source = (uint8_t)source;
	return TT_OK;
}

static enum tt_err option_session(struct tt_profile_parser *p, struct tt_profile_ecu *e, char **args)
{
	uint64_t session;

	if (!hexadecimal(args[0], SESSION_FIRST, SESSION_LAST, &session))
		return tt_profile_bad(p, "session wants 03..7E (01 needs no word, 02 is for programming and never opened)", args[0]);
	e->session = (uint8_t)session;
	return TT_OK;
}

static enum tt_err option_bus(struct tt_profile_parser *p, struct tt_profile_ecu *e, char **args)
{
	int bus = 0;
	enum tt_err err = tt_profile_bus(p, args[0], &bus);

	e->bus = (uint8_t)bus;
	return err;
}

static enum tt_err option_29bit(struct tt_profile_parser *p, struct tt_profile_ecu *e, char **args)
{
	(void)p;
	(void)args;
	e->extended = true;
	return TT_OK;
}

static enum tt_err option_counters(struct tt_profile_parser *p, struct tt_profile_ecu *e, char **args)
{
	(void)p;
	(void)args;
	e->counters = true;
	return TT_OK;
}

static const struct {
	const char *name;
	size_t args;
	enum tt_err (*fn)(struct tt_profile_parser *p, struct tt_profile_ecu *e, char **args);
} ecu_options[] = {{"29bit", 0, option_29bit},
		   {"extended", 2, option_extended},
		   {"session", 1, option_session},
		   {"counters", 0, option_counters},
		   {"bus", 1, option_bus}};

static enum tt_err ecu_option(struct tt_profile_parser *p, struct tt_profile_ecu *e, size_t *at)
{
	for (size_t i = 0; i < sizeof(ecu_options) / sizeof(ecu_options[0]); i++) {
		char **args = &p->words[*at + 1];

		if (strcmp(p->words[*at], ecu_options[i].name) != 0)
			continue;
		*at += ecu_options[i].args;
		return *at < p->nwords ? ecu_options[i].fn(p, e, args) : tt_profile_bad(p, "value missing after", ecu_options[i].name);
	}
	return tt_profile_bad(p, "unknown option (29bit, extended, session, counters, bus)", p->words[*at]);
}

static enum tt_err check_ecu(struct tt_profile_parser *p, const struct tt_profile_ecu *e)
{
	const uint32_t max = e->extended ? TT_CAN_EFF_MASK : TT_CAN_SFF_MASK;

	if (e->request > max || e->response > max)
		return tt_profile_bad(p, "identifier has more than 11 bits; add 29bit", p->words[1]);
	if (e->request == e->response)
		return tt_profile_bad(p, "request and response cannot share an identifier", p->words[2]);
	for (size_t i = 0; i < p->out->uds.necus; i++) {
		const struct tt_profile_ecu *other = &p->out->uds.ecus[i];

		if (strcmp(other->name, e->name) == 0)
			return tt_profile_bad(p, "ecu named twice", e->name);
		if (other->bus == e->bus && other->extended == e->extended && other->response == e->response && other->source == e->source)
			return tt_profile_bad(p, "two ecus answer with the same identifier", p->words[3]);
	}
	return TT_OK;
}

static enum tt_err on_ecu(struct tt_profile_parser *p)
{
	struct tt_profile_ecu *e = &p->out->uds.ecus[p->out->uds.necus];
	enum tt_err err = tt_profile_need(p, 4, ecu_usage);
	int64_t request, response;

	if (err)
		return err;
	if (p->out->uds.necus == TT_PROFILE_ECUS)
		return tt_profile_bad(p, "more than 8 ecus", p->words[1]);
	if (!tt_profile_integer(p->words[2], 0, TT_CAN_EFF_MASK, &request) ||
	    !tt_profile_integer(p->words[3], 0, TT_CAN_EFF_MASK, &response))
		return tt_profile_bad(p, "wants CAN identifiers", ecu_usage);
	*e = (struct tt_profile_ecu){.request = (uint32_t)request, .response = (uint32_t)response};
	err = tt_profile_copy(p, p->words[1], e->name, sizeof(e->name));
	for (size_t i = 4; !err && i < p->nwords; i++)
		err = ecu_option(p, e, &i);
	if (!err)
		err = check_ecu(p, e);
	if (!err)
		p->out->uds.necus++;
	return err;
}

/* ---- did ---- */

/* LENGTH[:AT[:BYTES]]; without AT the value is everything, without BYTES all from AT on. */
static enum tt_err parse_place(struct tt_profile_parser *p, char *word, struct tt_profile_did *d)
{
	char *at_word = strchr(word, ':'), *bytes_word = at_word ? strchr(at_word + 1, ':') : NULL;
	int64_t len, at = 0, bytes;

	if (bytes_word)
		*bytes_word++ = '\0';
	if (at_word)
		*at_word++ = '\0';
	if (!tt_profile_integer(word, 1, TT_PROFILE_DID_BYTES, &len))
		return tt_profile_bad(p, "length wants 1..64 bytes", word);
	if (at_word && !tt_profile_integer(at_word, 0, len - 1, &at))
		return tt_profile_bad(p, "the value must begin inside the data", at_word);
	bytes = len - at;
	if (bytes_word && !tt_profile_integer(bytes_word, 1, bytes, &bytes))
		return tt_profile_bad(p, "the value must end inside the data", bytes_word);
	if (bytes > VALUE_BYTES_MAX)
		return tt_profile_bad(p, "a value has at most 8 bytes; say which, LENGTH:AT:BYTES", p->words[3]);
	d->len = (uint8_t)len;
	d->at = (uint8_t)at;
	d->bytes = (uint8_t)bytes;
	return TT_OK;
}

static enum tt_err on_did(struct tt_profile_parser *p)
{
	struct tt_profile_did *d = &p->out->uds.dids[p->out->uds.ndids];
	enum tt_err err = tt_profile_need(p, 5, "did ECU HEX LENGTH[:AT[:BYTES]] VSS.PATH [signed] [options]");
	uint64_t did;
	size_t first = 5;

	if (err)
		return err;
	if (p->out->uds.ndids == TT_PROFILE_DIDS)
		return tt_profile_bad(p, "more than 24 dids", p->words[2]);
	*d = (struct tt_profile_did){0};
	err = find_ecu(p, p->words[1], &d->ecu);
	if (err)
		return err;
	if (!hexadecimal(p->words[2], 0, 0xFFFF, &did))
		return tt_profile_bad(p, "wants a data identifier in hexadecimal, 0000..FFFF", p->words[2]);
	d->did = (uint16_t)did;
	err = parse_place(p, p->words[3], d);
	if (err)
		return err;
	for (size_t i = 0; i < p->out->uds.ndids; i++) {
		const struct tt_profile_did *other = &p->out->uds.dids[i];

		if (other->ecu == d->ecu && other->did == d->did && other->len != d->len)
			return tt_profile_bad(p, "the same data identifier had another length before", p->words[2]);
	}
	if (p->nwords > first && strcmp(p->words[first], "signed") == 0) {
		d->is_signed = true;
		first++;
	}
	err = tt_profile_rule_parse(p, p->words[4], first, &d->rule);
	if (!err)
		p->out->uds.ndids++;
	return err;
}

/* ---- snapshot, extended-data ---- */

static enum tt_err add_record(struct tt_profile_parser *p, bool extended, uint64_t max)
{
	struct tt_profile_record *r = &p->out->uds.records[p->out->uds.nrecords];
	enum tt_err err = tt_profile_need(p, 4, extended ? "extended-data ECU HEX LENGTH" : "snapshot ECU HEX LENGTH");
	uint64_t number;
	int64_t len;

	if (err)
		return err;
	if (p->out->uds.nrecords == TT_PROFILE_RECORDS)
		return tt_profile_bad(p, "more than 48 records", p->words[2]);
	*r = (struct tt_profile_record){.extended = extended};
	err = find_ecu(p, p->words[1], &r->ecu);
	if (err)
		return err;
	if (!hexadecimal(p->words[2], 0, max, &number))
		return tt_profile_bad(p,
				      extended ? "wants a record number in hexadecimal, 00..EF" : "wants a data identifier in hexadecimal",
				      p->words[2]);
	if (!tt_profile_integer(p->words[3], 1, TT_PROFILE_DID_BYTES, &len))
		return tt_profile_bad(p, "length wants 1..64 bytes", p->words[3]);
	r->number = (uint16_t)number;
	r->len = (uint8_t)len;
	p->out->uds.nrecords++;
	return TT_OK;
}

static enum tt_err on_snapshot(struct tt_profile_parser *p)
{
	return add_record(p, false, 0xFFFF);
}

static enum tt_err on_extended_data(struct tt_profile_parser *p)
{
	return add_record(p, true, 0xEF);
}

const struct tt_profile_directive tt_profile_uds_directives[] = {
	{"ecu", on_ecu}, {"did", on_did}, {"snapshot", on_snapshot}, {"extended-data", on_extended_data}, {NULL, NULL},
};
