#include "firmware/agent/profile_parts.h"

#include <string.h>

enum { EVERY_MS_MAX = 86400000 };

/* ---- options of signal and poll ---- */

typedef enum tt_err (*option_fn)(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg);

static enum tt_err option_invert(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg)
{
	(void)p;
	(void)arg;
	rule->invert = true;
	return TT_OK;
}

static enum tt_err option_map(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg)
{
	for (char *save = NULL, *pair = strtok_r(arg, ",", &save); pair; pair = strtok_r(NULL, ",", &save)) {
		char *equals = strchr(pair, '=');

		if (rule->nmap == TT_PROFILE_MAP)
			return tt_profile_bad(p, "map has more than 8 pairs", pair);
		if (!equals)
			return tt_profile_bad(p, "map wants RAW=VALUE pairs", pair);
		*equals = '\0';
		if (!tt_profile_integer(pair, INT64_MIN, INT64_MAX, &rule->map[rule->nmap].raw) ||
		    !tt_profile_integer(equals + 1, INT64_MIN, INT64_MAX, &rule->map[rule->nmap].value))
			return tt_profile_bad(p, "map wants whole numbers", pair);
		rule->nmap++;
	}
	return TT_OK;
}

static enum tt_err option_scale(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg)
{
	return tt_profile_number(arg, &rule->scale) && rule->scale != 0 ? TT_OK
									: tt_profile_bad(p, "scale wants a number other than 0", arg);
}

static enum tt_err option_offset(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg)
{
	return tt_profile_number(arg, &rule->offset) ? TT_OK : tt_profile_bad(p, "offset wants a number", arg);
}

static enum tt_err option_every(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg)
{
	int64_t ms;

	if (!tt_profile_integer(arg, 0, EVERY_MS_MAX, &ms))
		return tt_profile_bad(p, "every wants milliseconds, 0..86400000", arg);
	rule->every_us = TT_MS(ms);
	return TT_OK;
}

static enum tt_err option_on_change(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg)
{
	(void)p;
	(void)arg;
	rule->on_change = true;
	return TT_OK;
}

static enum tt_err option_local(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg)
{
	(void)p;
	(void)arg;
	rule->local = true;
	return TT_OK;
}

static enum tt_err option_bus(struct tt_profile_parser *p, struct tt_profile_rule *rule, char *arg)
{
	/* polls ask whoever answers, on every bus */
	return strcmp(p->words[0], "poll") != 0 ? tt_profile_bus(p, arg, &rule->bus) : tt_profile_bad(p, "only a signal has a bus", arg);
}

static const struct {
	const char *name;
	bool takes_arg;
	option_fn fn;
} options[] = {
	{"invert", false, option_invert}, {"map", true, option_map},     {"scale", true, option_scale},
	{"offset", true, option_offset},  {"every", true, option_every}, {"on-change", false, option_on_change},
	{"local", false, option_local},   {"bus", true, option_bus},
};

static enum tt_err parse_option(struct tt_profile_parser *p, struct tt_profile_rule *rule, size_t *at)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(p->words[*at], options[i].name) != 0)
			continue;
		if (options[i].takes_arg && ++*at >= p->nwords)
			return tt_profile_bad(p, "value missing after", options[i].name);
		return options[i].fn(p, rule, p->words[*at]);
	}
	return tt_profile_bad(p, "unknown option (bus, invert, map, scale, offset, every, on-change, local)", p->words[*at]);
}

enum tt_err tt_profile_rule_parse(struct tt_profile_parser *p, const char *path, size_t first, struct tt_profile_rule *rule)
{
	enum tt_err err;

	*rule = (struct tt_profile_rule){.scale = 1, .bus = TT_PROFILE_ANY_BUS, .line = p->line};
	err = tt_profile_vss(p, path, &rule->vss);
	for (size_t i = first; !err && i < p->nwords; i++)
		err = parse_option(p, rule, &i);
	if (!err && rule->invert && rule->nmap > 0)
		err = tt_profile_bad(p, "invert and map exclude each other", path);
	return err;
}

/* ---- directives ---- */

static enum tt_err on_signal(struct tt_profile_parser *p)
{
	struct tt_profile_signal *s = &p->out->signals[p->out->nsignals];
	enum tt_err err = tt_profile_need(p, 3, "signal MESSAGE.SIGNAL VSS.PATH [options]");
	char *dot;

	if (err)
		return err;
	if (p->out->nsignals == TT_PROFILE_SIGNALS)
		return tt_profile_bad(p, "more than 64 signals", p->words[1]);
	dot = strchr(p->words[1], '.');
	if (!dot || dot == p->words[1] || !dot[1])
		return tt_profile_bad(p, "wants MESSAGE.SIGNAL as the dbc names them", p->words[1]);
	*dot = '\0';
	err = tt_profile_copy(p, p->words[1], s->message, sizeof(s->message));
	if (!err)
		err = tt_profile_copy(p, dot + 1, s->signal, sizeof(s->signal));
	if (!err)
		err = tt_profile_rule_parse(p, p->words[2], 3, &s->rule);
	for (size_t i = 0; !err && i < p->out->nsignals; i++) {
		if (p->out->signals[i].rule.vss == s->rule.vss)
			err = tt_profile_bad(p, "mapped twice", s->rule.vss->path);
	}
	if (!err)
		p->out->nsignals++;
	return err;
}

static enum tt_err on_poll(struct tt_profile_parser *p)
{
	struct tt_profile_poll *q = &p->out->polls[p->out->npolls];
	enum tt_err err = tt_profile_need(p, 3, "poll PID VSS.PATH [options]");
	int64_t pid;

	if (err)
		return err;
	if (p->out->npolls == TT_PROFILE_POLLS)
		return tt_profile_bad(p, "more than 24 polls", p->words[1]);
	if (!tt_profile_integer(p->words[1], 1, 0xFF, &pid) || pid % 0x20 == 0)
		return tt_profile_bad(p, "wants a PID of service 01 like 0x42", p->words[1]);
	q->pid = (uint8_t)pid;
	err = tt_profile_rule_parse(p, p->words[2], 3, &q->rule);
	if (!err)
		p->out->npolls++;
	return err;
}

const struct tt_profile_directive tt_profile_signal_directives[] = {
	{"signal", on_signal},
	{"poll", on_poll},
	{NULL, NULL},
};
