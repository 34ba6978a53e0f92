#include "firmware/agent/profile.h"

#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 24, LINE_BYTES_MAX = 512, EVERY_MS_MAX = 86400000, GRACE_MS_MAX = 600000, GRACE_MS_DEFAULT = 10000 };

struct parser {
	const char *what;
	unsigned line;
	struct tt_errmsg *msg;
	struct tt_profile *out;
	bool versioned;
	char *words[WORDS_MAX]; /* of the present line, NUL-terminated */
	size_t nwords;
};

#define BAD(p, ...) bad_line(p, __VA_ARGS__)

static enum tt_err bad_line(struct parser *p, const char *reason, const char *word)
{
	return tt_errmsg_set(p->msg, TT_ECONFIG, "%s:%u: %s%s%s", p->what, p->line, reason, *word ? ": " : "", word);
}

static bool number(const char *s, double *out)
{
	char *end;

	errno = 0;
	*out = strtod(s, &end);
	return end != s && *end == '\0' && errno == 0 && isfinite(*out);
}

static bool integer(const char *s, int64_t lo, int64_t hi, int64_t *out)
{
	uint64_t hex;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		if (tt_parse_hex(s + 2, strlen(s + 2), &hex) != TT_OK || hex > INT64_MAX)
			return false;
		*out = (int64_t)hex;
	} else if (tt_parse_i64(s, strlen(s), out) != TT_OK) {
		return false;
	}
	return *out >= lo && *out <= hi;
}

static enum tt_err copy_word(struct parser *p, const char *word, char *out, size_t cap)
{
	if (strlen(word) >= cap)
		return BAD(p, "too long", word);
	memcpy(out, word, strlen(word) + 1);
	return TT_OK;
}

static enum tt_err find_vss(struct parser *p, const char *path, const struct tt_signal **out)
{
	*out = tt_signal_by_path(path, strlen(path));
	return *out ? TT_OK : BAD(p, "no such VSS path in schemas/signals/signals.def", path);
}

/* ---- options of signal and poll ---- */

typedef enum tt_err (*option_fn)(struct parser *p, struct tt_profile_rule *rule, char *arg);

static enum tt_err option_invert(struct parser *p, struct tt_profile_rule *rule, char *arg)
{
	(void)p;
	(void)arg;
	rule->invert = true;
	return TT_OK;
}

static enum tt_err option_map(struct parser *p, struct tt_profile_rule *rule, char *arg)
{
	for (char *save = NULL, *pair = strtok_r(arg, ",", &save); pair; pair = strtok_r(NULL, ",", &save)) {
		char *equals = strchr(pair, '=');

		if (rule->nmap == TT_PROFILE_MAP)
			return BAD(p, "map has more than 8 pairs", pair);
		if (!equals)
			return BAD(p, "map wants RAW=VALUE pairs", pair);
		*equals = '\0';
		if (!integer(pair, INT64_MIN, INT64_MAX, &rule->map[rule->nmap].raw) ||
		    !integer(equals + 1, INT64_MIN, INT64_MAX, &rule->map[rule->nmap].value))
			return BAD(p, "map wants whole numbers", pair);
		rule->nmap++;
	}
	return TT_OK;
}

static enum tt_err option_scale(struct parser *p, struct tt_profile_rule *rule, char *arg)
{
	return number(arg, &rule->scale) && rule->scale != 0 ? TT_OK : BAD(p, "scale wants a number other than 0", arg);
}

static enum tt_err option_offset(struct parser *p, struct tt_profile_rule *rule, char *arg)
{
	return number(arg, &rule->offset) ? TT_OK : BAD(p, "offset wants a number", arg);
}

static enum tt_err option_every(struct parser *p, struct tt_profile_rule *rule, char *arg)
{
	int64_t ms;

	if (!integer(arg, 0, EVERY_MS_MAX, &ms))
		return BAD(p, "every wants milliseconds, 0..86400000", arg);
	rule->every_us = TT_MS(ms);
	return TT_OK;
}

static enum tt_err option_on_change(struct parser *p, struct tt_profile_rule *rule, char *arg)
{
	(void)p;
	(void)arg;
	rule->on_change = true;
	return TT_OK;
}

static enum tt_err option_local(struct parser *p, struct tt_profile_rule *rule, char *arg)
{
	(void)p;
	(void)arg;
	rule->local = true;
	return TT_OK;
}

static const struct {
	const char *name;
	bool takes_arg;
	option_fn fn;
} options[] = {
	{"invert", false, option_invert}, {"map", true, option_map},     {"scale", true, option_scale},
	{"offset", true, option_offset},  {"every", true, option_every}, {"on-change", false, option_on_change},
	{"local", false, option_local},
};

static enum tt_err parse_option(struct parser *p, struct tt_profile_rule *rule, size_t *at)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (strcmp(p->words[*at], options[i].name) != 0)
			continue;
		if (options[i].takes_arg && ++*at >= p->nwords)
			return BAD(p, "value missing after", options[i].name);
		return options[i].fn(p, rule, p->words[*at]);
	}
	return BAD(p, "unknown option (invert, map, scale, offset, every, on-change, local)", p->words[*at]);
}

static enum tt_err parse_rule(struct parser *p, const char *path, struct tt_profile_rule *rule)
{
	enum tt_err err;

	*rule = (struct tt_profile_rule){.scale = 1, .line = p->line};
	err = find_vss(p, path, &rule->vss);
	for (size_t i = 3; !err && i < p->nwords; i++)
		err = parse_option(p, rule, &i);
	if (!err && rule->invert && rule->nmap > 0)
		err = BAD(p, "invert and map exclude each other", path);
	return err;
}

/* ---- directives ---- */

static enum tt_err need_words(struct parser *p, size_t least, const char *usage)
{
	return p->nwords >= least ? TT_OK : BAD(p, "usage", usage);
}

static enum tt_err on_version(struct parser *p)
{
	enum tt_err err = need_words(p, 2, "telltale-profile 1");

	if (!err && strcmp(p->words[1], "1") != 0)
		err = BAD(p, "unknown format version, this agent reads 1", p->words[1]);
	p->versioned = true;
	return err;
}

static enum tt_err on_name(struct parser *p)
{
	enum tt_err err = need_words(p, 2, "name TEXT");

	return err ? err : copy_word(p, p->words[1], p->out->name, sizeof(p->out->name));
}

static enum tt_err on_dbc(struct parser *p)
{
	enum tt_err err = need_words(p, 2, "dbc PATH");

	if (!err && p->out->dbc[0])
		err = BAD(p, "a profile names one dbc", p->words[1]);
	return err ? err : copy_word(p, p->words[1], p->out->dbc, sizeof(p->out->dbc));
}

static enum tt_err on_signal(struct parser *p)
{
	struct tt_profile_signal *s = &p->out->signals[p->out->nsignals];
	enum tt_err err = need_words(p, 3, "signal MESSAGE.SIGNAL VSS.PATH [options]");
	char *dot;

	if (err)
		return err;
	if (p->out->nsignals == TT_PROFILE_SIGNALS)
		return BAD(p, "more than 64 signals", p->words[1]);
	dot = strchr(p->words[1], '.');
	if (!dot || dot == p->words[1] || !dot[1])
		return BAD(p, "wants MESSAGE.SIGNAL as the dbc names them", p->words[1]);
	*dot = '\0';
	err = copy_word(p, p->words[1], s->message, sizeof(s->message));
	if (!err)
		err = copy_word(p, dot + 1, s->signal, sizeof(s->signal));
	if (!err)
		err = parse_rule(p, p->words[2], &s->rule);
	for (size_t i = 0; !err && i < p->out->nsignals; i++) {
		if (p->out->signals[i].rule.vss == s->rule.vss)
			err = BAD(p, "mapped twice", s->rule.vss->path);
	}
	if (!err)
		p->out->nsignals++;
	return err;
}

static enum tt_err on_poll(struct parser *p)
{
	struct tt_profile_poll *q = &p->out->polls[p->out->npolls];
	enum tt_err err = need_words(p, 3, "poll PID VSS.PATH [options]");
	int64_t pid;

	if (err)
		return err;
	if (p->out->npolls == TT_PROFILE_POLLS)
		return BAD(p, "more than 24 polls", p->words[1]);
	if (!integer(p->words[1], 1, 0xFF, &pid) || pid % 0x20 == 0)
		return BAD(p, "wants a PID of service 01 like 0x42", p->words[1]);
	q->pid = (uint8_t)pid;
	err = parse_rule(p, p->words[2], &q->rule);
	if (!err)
		p->out->npolls++;
	return err;
}

static enum tt_err on_ignition(struct parser *p)
{
	enum tt_err err = need_words(p, 4, "ignition VSS.PATH on LOW[..HIGH]");
	char *dots;

	if (!err && strcmp(p->words[2], "on") != 0)
		err = BAD(p, "usage", "ignition VSS.PATH on LOW[..HIGH]");
	if (!err)
		err = find_vss(p, p->words[1], &p->out->ignition);
	if (err)
		return err;
	dots = strstr(p->words[3], "..");
	if (dots)
		*dots = '\0';
	if (!number(p->words[3], &p->out->ignition_low) || !number(dots ? dots + 2 : p->words[3], &p->out->ignition_high) ||
	    p->out->ignition_low > p->out->ignition_high)
		return BAD(p, "wants LOW or LOW..HIGH", p->words[3]);
	return TT_OK;
}

static enum tt_err on_grace(struct parser *p)
{
	enum tt_err err = need_words(p, 2, "ignition-grace MS");
	int64_t ms;

	if (!err && !integer(p->words[1], 0, GRACE_MS_MAX, &ms))
		err = BAD(p, "wants milliseconds, 0..600000", p->words[1]);
	if (!err)
		p->out->ignition_grace_us = TT_MS(ms);
	return err;
}

static enum tt_err parse_services(struct parser *p, char *list, struct tt_gate_rule *rule)
{
	size_t n = 0;

	for (char *save = NULL, *word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		uint64_t service;

		if (n + 1 == TT_GATE_SERVICES)
			return BAD(p, "more services than a rule takes", word);
		if (tt_parse_hex(word, strlen(word), &service) != TT_OK || service == 0 || service > 0x3E)
			return BAD(p, "wants service identifiers in hexadecimal, 01..3E", word);
		rule->services[n++] = (uint8_t)service;
	}
	return TT_OK;
}

static enum tt_err transmit_option(struct parser *p, struct tt_gate_rule *rule, size_t *at)
{
	const char *word = p->words[*at];
	int64_t v = 0;

	if (strcmp(word, "29bit") == 0) {
		rule->extended = true;
		return TT_OK;
	}
	if (*at + 1 >= p->nwords)
		return BAD(p, "unknown option, or its value is missing", word);
	++*at;
	if (strcmp(word, "services") == 0)
		return parse_services(p, p->words[*at], rule);
	if (strcmp(word, "rate") == 0) {
		if (!integer(p->words[*at], 1, 100, &v))
			return BAD(p, "rate wants frames a second, 1..100", p->words[*at]);
		rule->max_per_s = (uint16_t)v;
		return TT_OK;
	}
	if (strcmp(word, "mask") != 0 || !integer(p->words[*at], 1, TT_CAN_EFF_MASK, &v))
		return BAD(p, "unknown option or bad mask (mask, 29bit, services, rate)", word);
	rule->mask = (uint32_t)v;
	return TT_OK;
}

static enum tt_err on_transmit(struct parser *p)
{
	struct tt_gate_rule *rule = &p->out->transmit[p->out->ntransmit];
	enum tt_err err = need_words(p, 4, "transmit ID [mask MASK] [29bit] services HEX,... [rate N]");
	int64_t id;

	if (err)
		return err;
	if (p->out->ntransmit == TT_PROFILE_TRANSMIT)
		return BAD(p, "more than 16 transmit rules", p->words[1]);
	if (!integer(p->words[1], 0, TT_CAN_EFF_MASK, &id))
		return BAD(p, "wants a CAN identifier", p->words[1]);
	*rule = (struct tt_gate_rule){.id = (uint32_t)id, .flow_control = true, .max_per_s = 10};
	for (size_t i = 2; !err && i < p->nwords; i++)
		err = transmit_option(p, rule, &i);
	if (err)
		return err;
	if (rule->services[0] == 0)
		return BAD(p, "names no services; nothing would pass", p->words[1]);
	if (!rule->extended && id > TT_CAN_SFF_MASK)
		return BAD(p, "identifier has more than 11 bits; add 29bit", p->words[1]);
	if (rule->mask == 0)
		rule->mask = rule->extended ? TT_CAN_EFF_MASK : TT_CAN_SFF_MASK;
	p->out->ntransmit++;
	return TT_OK;
}

static const struct {
	const char *name;
	enum tt_err (*fn)(struct parser *p);
} directives[] = {
	{"telltale-profile", on_version},
	{"name", on_name},
	{"dbc", on_dbc},
	{"signal", on_signal},
	{"poll", on_poll},
	{"ignition", on_ignition},
	{"ignition-grace", on_grace},
	{"transmit", on_transmit},
};

static enum tt_err parse_line(struct parser *p, const char *text, size_t len)
{
	char line[LINE_BYTES_MAX];
	const char *hash = memchr(text, '#', len);

	if (hash)
		len = (size_t)(hash - text);
	if (len >= sizeof(line))
		return BAD(p, "line too long (511 bytes)", "");
	if (memchr(text, '\0', len))
		return BAD(p, "this is not a text file", "");
	memcpy(line, text, len);
	line[len] = '\0';
	p->nwords = 0;
	for (char *save = NULL, *word = strtok_r(line, " \t\r", &save); word; word = strtok_r(NULL, " \t\r", &save)) {
		if (p->nwords == WORDS_MAX)
			return BAD(p, "too many words", word);
		p->words[p->nwords++] = word;
	}
	if (p->nwords == 0)
		return TT_OK;
	if (!p->versioned && strcmp(p->words[0], "telltale-profile") != 0)
		return BAD(p, "the first line must be `telltale-profile 1`, not", p->words[0]);
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
		if (strcmp(p->words[0], directives[i].name) == 0)
			return directives[i].fn(p);
	}
	return BAD(p, "unknown directive", p->words[0]);
}

static bool mapped(const struct tt_profile *profile, const struct tt_signal *vss)
{
	for (size_t i = 0; i < profile->nsignals; i++) {
		if (profile->signals[i].rule.vss == vss)
			return true;
	}
	for (size_t i = 0; i < profile->npolls; i++) {
		if (profile->polls[i].rule.vss == vss)
			return true;
	}
	return false;
}

static enum tt_err check_whole(const char *what, const struct tt_profile *profile, bool versioned, struct tt_errmsg *msg)
{
	if (!versioned)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: empty; begin with `telltale-profile 1` (see schemas/profiles/demo.profile)",
				     what);
	if (profile->nsignals > 0 && !profile->dbc[0])
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: signals but no dbc; add `dbc PATH`", what);
	if (profile->ignition && !mapped(profile, profile->ignition))
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: ignition uses %s, which no signal or poll gives", what, profile->ignition->path);
	return TT_OK;
}

enum tt_err tt_profile_parse(const char *what, const char *text, size_t len, struct tt_profile *out, struct tt_errmsg *msg)
{
	struct parser p = {.what = what, .msg = msg, .out = out};
	const char *end = text + len;
	enum tt_err err = TT_OK;

	memset(out, 0, sizeof(*out));
	out->ignition_grace_us = TT_MS(GRACE_MS_DEFAULT);
	while (!err && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		p.line++;
		err = parse_line(&p, text, (size_t)(stop - text));
		text = newline ? newline + 1 : end;
	}
	return err ? err : check_whole(what, out, p.versioned, msg);
}

bool tt_profile_transform(const struct tt_profile_rule *rule, double physical, double *out)
{
	double v = physical;

	if (rule->invert)
		v = physical == 0;
	for (unsigned i = 0; i < rule->nmap; i++) {
		if (physical == (double)rule->map[i].raw) {
			*out = (double)rule->map[i].value * rule->scale + rule->offset;
			return true;
		}
	}
	if (rule->nmap > 0)
		return false;
	*out = v * rule->scale + rule->offset;
	return true;
}
