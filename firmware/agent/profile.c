#include "firmware/agent/profile_parts.h"

#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES_MAX = 512, GRACE_MS_DEFAULT = 10000, PARKED_HOURS_DEFAULT = 120 };

enum tt_err tt_profile_bad(struct tt_profile_parser *p, const char *reason, const char *word)
{
	return tt_errmsg_set(p->msg, TT_ECONFIG, "%s:%u: %s%s%s", p->what, p->line, reason, *word ? ": " : "", word);
}

bool tt_profile_number(const char *s, double *out)
{
	char *end;

	errno = 0;
	*out = strtod(s, &end);
	return end != s && *end == '\0' && errno == 0 && isfinite(*out);
}

bool tt_profile_integer(const char *s, int64_t lo, int64_t hi, int64_t *out)
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

enum tt_err tt_profile_copy(struct tt_profile_parser *p, const char *word, char *out, size_t cap)
{
	if (strlen(word) >= cap)
		return tt_profile_bad(p, "too long", word);
	memcpy(out, word, strlen(word) + 1);
	return TT_OK;
}

enum tt_err tt_profile_vss(struct tt_profile_parser *p, const char *path, const struct tt_signal **out)
{
	*out = tt_signal_by_path(path, strlen(path));
	return *out ? TT_OK : tt_profile_bad(p, "no such VSS path in schemas/signals/signals.def", path);
}

enum tt_err tt_profile_need(struct tt_profile_parser *p, size_t least, const char *usage)
{
	return p->nwords >= least ? TT_OK : tt_profile_bad(p, "usage", usage);
}

static enum tt_err on_version(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "telltale-profile 1");

	if (!err && strcmp(p->words[1], "1") != 0)
		err = tt_profile_bad(p, "unknown format version, this agent reads 1", p->words[1]);
	p->versioned = true;
	return err;
}

static enum tt_err on_name(struct tt_profile_parser *p)
{
	enum tt_err err = tt_profile_need(p, 2, "name TEXT");

	return err ? err : tt_profile_copy(p, p->words[1], p->out->name, sizeof(p->out->name));
}

static const struct tt_profile_directive head_directives[] = {
	{"telltale-profile", on_version},
	{"name", on_name},
	{NULL, NULL},
};

static const struct tt_profile_directive *const sections[] = {
	head_directives,
	tt_profile_bus_directives,
	tt_profile_signal_directives,
	tt_profile_power_directives,
	tt_profile_transmit_directives,
	tt_profile_remote_directives,
	tt_profile_motion_directives,
	tt_profile_obd_directives,
	tt_profile_uds_directives,
	tt_profile_j1939_directives,
};

static enum tt_err parse_line(struct tt_profile_parser *p, const char *text, size_t len)
{
	char line[LINE_BYTES_MAX];
	const char *hash = memchr(text, '#', len);

	if (hash)
		len = (size_t)(hash - text);
	if (len >= sizeof(line))
		return tt_profile_bad(p, "line too long (511 bytes)", "");
	if (memchr(text, '\0', len))
		return tt_profile_bad(p, "this is not a text file", "");
	memcpy(line, text, len);
	line[len] = '\0';
	p->nwords = 0;
	for (char *save = NULL, *word = strtok_r(line, " \t\r", &save); word; word = strtok_r(NULL, " \t\r", &save)) {
		if (p->nwords == TT_PROFILE_WORDS)
			return tt_profile_bad(p, "too many words", word);
		p->words[p->nwords++] = word;
	}
	if (p->nwords == 0)
		return TT_OK;
	if (!p->versioned && strcmp(p->words[0], "telltale-profile") != 0)
		return tt_profile_bad(p, "the first line must be `telltale-profile 1`, not", p->words[0]);
	for (size_t s = 0; s < sizeof(sections) / sizeof(sections[0]); s++) {
		for (const struct tt_profile_directive *d = sections[s]; d->name; d++) {
			if (strcmp(p->words[0], d->name) == 0)
				return d->fn(p);
		}
	}
	return tt_profile_bad(p, "unknown directive", p->words[0]);
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
	for (size_t i = 0; i < profile->uds.ndids; i++) {
		if (profile->uds.dids[i].rule.vss == vss)
			return true;
	}
	for (size_t i = 0; i < profile->j1939.nspns; i++) {
		if (profile->j1939.spns[i].rule.vss == vss)
			return true;
	}
	return false;
}

static enum tt_err check_whole(const char *what, const struct tt_profile *profile, bool versioned, struct tt_errmsg *msg)
{
	if (!versioned)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: empty; begin with `telltale-profile 1` (see schemas/profiles/demo.profile)",
				     what);
	if (profile->nsignals > 0 && profile->buses.ndbcs == 0)
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: signals but no dbc; add `dbc PATH`", what);
	if (profile->ignition && !mapped(profile, profile->ignition))
		return tt_errmsg_set(msg, TT_ECONFIG, "%s: ignition uses %s, which no signal, poll or did gives", what,
				     profile->ignition->path);
	return TT_OK;
}

enum tt_err tt_profile_parse(const char *what, const char *text, size_t len, struct tt_profile *out, struct tt_errmsg *msg)
{
	struct tt_profile_parser p = {.what = what, .msg = msg, .out = out};
	const char *end = text + len;
	enum tt_err err = TT_OK;

	memset(out, 0, sizeof(*out));
	out->ignition_grace_us = TT_MS(GRACE_MS_DEFAULT);
	out->remote.off_limit_us = TT_SEC(PARKED_HOURS_DEFAULT * 3600);
	out->power = TT_POWER_DEFAULT;
	tt_motion_config_init(&out->motion);
	while (!err && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		p.line++;
		err = parse_line(&p, text, (size_t)(stop - text));
		text = newline ? newline + 1 : end;
	}
	if (!err)
		err = check_whole(what, out, p.versioned, msg);
	return err ? err : tt_profile_motion_whole(&p);
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
