#include "wire/topic.h"

#include "base/text.h"

#include <string.h>

static const char *const class_names[TT_NCLASSES] = {[TT_CLASS_NONE] = "none",
						     [TT_CLASS_ALERT] = "alert",
						     [TT_CLASS_EVENT] = "event",
						     [TT_CLASS_BULK] = "bulk",
						     [TT_CLASS_STATE] = "state"};
static const char *const dn_names[] = {[TT_DN_ACK] = "ack", [TT_DN_CMD] = "cmd", [TT_DN_CFG] = "cfg", [TT_DN_MSG] = "msg"};
static const char root[] = "tt/1/";

static bool unit_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

bool tt_unit_name_valid(const char *name)
{
	size_t n = 0;

	while (n <= TT_UNIT_MAX && unit_char(name[n]))
		n++;
	return n >= 1 && n <= TT_UNIT_MAX && name[n] == '\0';
}

unsigned tt_shard_of(const char *unit)
{
	uint32_t hash = 2166136261U; /* FNV-1a offset basis and prime, 32 bit */

	for (; *unit; unit++) {
		hash ^= (unsigned char)*unit;
		hash *= 16777619U;
	}
	return hash % TT_SHARDS;
}

const char *tt_class_name(enum tt_class cls)
{
	return (unsigned)cls < TT_NCLASSES ? class_names[cls] : class_names[TT_CLASS_NONE];
}

/* Moves *at behind `expected`, or leaves it and says no. */
static bool skip(const char **at, const char *expected)
{
	const size_t n = strlen(expected);

	if (strncmp(*at, expected, n) != 0)
		return false;
	*at += n;
	return true;
}

static bool take_shard(const char **at, unsigned *shard)
{
	const char *s = *at;

	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return false;
	*shard = (unsigned)(s[0] - '0') * 10 + (unsigned)(s[1] - '0');
	*at += 2;
	return true;
}

static bool take_unit(const char **at, char unit[TT_UNIT_MAX + 1])
{
	size_t n = 0;

	while (n < TT_UNIT_MAX && unit_char((*at)[n])) {
		unit[n] = (*at)[n];
		n++;
	}
	unit[n] = '\0';
	*at += n;
	return n > 0;
}

static enum tt_class class_of(const char *name)
{
	for (int cls = TT_CLASS_ALERT; cls < TT_NCLASSES; cls++)
		if (strcmp(name, class_names[cls]) == 0)
			return (enum tt_class)cls;
	return TT_CLASS_NONE;
}

enum tt_err tt_topic_parse(const char *topic, struct tt_topic *out)
{
	struct tt_topic t;
	const char *at = topic;

	if (!skip(&at, root) || !take_shard(&at, &t.shard) || !skip(&at, "/") || !take_unit(&at, t.unit) || !skip(&at, "/up/"))
		return TT_EPROTO;
	t.cls = class_of(at);
	if (t.cls == TT_CLASS_NONE || t.shard != tt_shard_of(t.unit))
		return TT_EPROTO;
	*out = t;
	return TT_OK;
}

static void build(char out[TT_TOPIC_MAX], unsigned shard, const char *unit, const char *way, const char *leaf)
{
	struct tt_text t = tt_text_init(out, TT_TOPIC_MAX);

	tt_text_str(&t, root);
	tt_text_char(&t, (char)('0' + shard / 10));
	tt_text_char(&t, (char)('0' + shard % 10));
	tt_text_char(&t, '/');
	tt_text_str(&t, unit);
	tt_text_str(&t, way);
	tt_text_str(&t, leaf);
	TT_ASSERT(!t.cut);
}

void tt_topic_up(const char *unit, enum tt_class cls, char out[TT_TOPIC_MAX])
{
	TT_ASSERT(tt_unit_name_valid(unit) && cls > TT_CLASS_NONE && cls < TT_NCLASSES);
	build(out, tt_shard_of(unit), unit, "/up/", class_names[cls]);
}

void tt_topic_dn(const char *unit, enum tt_dn kind, char out[TT_TOPIC_MAX])
{
	TT_ASSERT(tt_unit_name_valid(unit) && kind <= TT_DN_MSG);
	build(out, tt_shard_of(unit), unit, "/dn/", dn_names[kind]);
}

void tt_topic_dn_filter(const char *unit, char out[TT_TOPIC_MAX])
{
	TT_ASSERT(tt_unit_name_valid(unit));
	build(out, tt_shard_of(unit), unit, "/dn/", "+");
}

void tt_topic_shard_filter(unsigned shard, enum tt_class cls, char out[TT_TOPIC_MAX])
{
	TT_ASSERT(shard < TT_SHARDS && cls > TT_CLASS_NONE && cls < TT_NCLASSES);
	build(out, shard, "+", "/up/", class_names[cls]);
}
