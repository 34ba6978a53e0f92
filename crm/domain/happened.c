#include "crm/domain/happened.h"

#include "base/text.h"
#include "crm/domain/ticket.h"

#include <string.h>

/* Ten years: beyond that a duration is nonsense, and times stay far from what can be written. */
#define DURATION_MAX_MS (INT64_C(3650) * 86400 * 1000)

static const struct tt_happened_kind kinds[TT_HAPPENED_KINDS] = {
	{"harsh_braking", "m/s2", 1, 0, "Harsh braking", "急刹车"},
	{"harsh_acceleration", "m/s2", 1, 0, "Harsh acceleration", "急加速"},
	{"harsh_cornering", "m/s2", 1, 0, "Harsh cornering", "急转弯"},
	{"overspeed", "km/h", 0, 0, "Too fast", "超速"},
	{"towing", "m", 0, 0, "Moved with the ignition off", "熄火后被移动"},
	{"geofence", "", 0, 0, "Geofence", "电子围栏"},
	{"low_battery", "V", 2, TT_IMPACT_SERVICE, "12 V battery low", "12V蓄电池电压过低"},
	{"battery_ageing", "V", 2, 0, "12 V battery ageing", "12V蓄电池老化"},
	{"tyre_pressure", "kPa", 0, TT_IMPACT_SOON, "Tyre pressure low", "胎压过低"},
	{"coolant_hot", "degC", 1, TT_IMPACT_STOP, "Engine too hot", "发动机过热"},
	{"fuel_drop", "%", 1, TT_IMPACT_SERVICE, "Fuel lost while parked", "停车期间燃油减少"},
};

const struct tt_happened_kind *tt_happened_kind(int32_t kind)
{
	return kind >= 1 && kind <= TT_HAPPENED_KINDS ? &kinds[kind - 1] : NULL;
}

const struct tt_happened_kind *tt_happened_by_name(const char *name)
{
	for (size_t i = 0; i < TT_HAPPENED_KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static void measured(struct tt_happened *h, const struct tt_happened_seen *seen)
{
	h->value_milli = seen->value_milli;
	h->limit_milli = seen->limit_milli;
}

static enum tt_happened_news began(struct tt_happened *h, const struct tt_happened_seen *seen)
{
	if (h->begun)
		return TT_HAPPENED_NOTHING_NEW;
	h->begun = true;
	/* A clock that was set in between must not make it end before it began. */
	h->began_at = h->ended_at != 0 && h->ended_at < seen->at ? h->ended_at : seen->at;
	measured(h, seen);
	if (h->ended_at == 0) { /* the end knows both better */
		h->peak_milli = seen->peak_milli;
		h->duration_ms = tt_min_i64(seen->duration_ms, DURATION_MAX_MS);
	}
	return TT_HAPPENED_BEGAN;
}

static enum tt_happened_news ended(struct tt_happened *h, const struct tt_happened_seen *seen)
{
	if (h->ended_at != 0)
		return TT_HAPPENED_NOTHING_NEW;
	h->duration_ms = tt_min_i64(seen->duration_ms, DURATION_MAX_MS);
	h->peak_milli = seen->peak_milli;
	if (!h->begun) {
		h->began_at = seen->at - TT_MS(h->duration_ms);
		measured(h, seen);
	}
	h->ended_at = seen->at > h->began_at ? seen->at : h->began_at;
	return TT_HAPPENED_ENDED;
}

static enum tt_happened_news instant(struct tt_happened *h, const struct tt_happened_seen *seen)
{
	const bool fence = seen->kind == TT_HAPPENED_GEOFENCE;
	enum tt_happened_news news;

	if (fence && h->dwelt)
		return TT_HAPPENED_NOTHING_NEW;
	news = began(h, seen);
	if (fence) {
		h->dwelt = true;
		return TT_HAPPENED_DWELT;
	}
	if (news == TT_HAPPENED_BEGAN && h->ended_at == 0)
		h->ended_at = h->began_at + TT_MS(h->duration_ms);
	return news;
}

enum tt_happened_news tt_happened_merge(struct tt_happened *known, const struct tt_happened_seen *seen)
{
	static enum tt_happened_news (*const by_phase[])(struct tt_happened *, const struct tt_happened_seen *) = {
		[TT_HAPPENED_INSTANT] = instant, [TT_HAPPENED_BEGIN] = began, [TT_HAPPENED_END] = ended};

	TT_ASSERT(seen->phase >= TT_HAPPENED_INSTANT && seen->phase <= TT_HAPPENED_END && seen->at > 0 && seen->duration_ms >= 0);
	return by_phase[seen->phase](known, seen);
}

static void quantity(struct tt_text *t, const struct tt_happened_kind *kind, int64_t milli)
{
	static const int64_t parts[] = {1000, 100, 10};

	tt_text_fixed(t, milli / parts[kind->decimals], kind->decimals);
	tt_text_char(t, ' ');
	tt_text_str(t, kind->unit);
}

void tt_happened_say(const struct tt_happened_kind *kind, const char *subject, int64_t value_milli, int64_t limit_milli, char *out,
		     size_t size)
{
	struct tt_text t = tt_text_init(out, size);

	tt_text_str(&t, subject);
	if (!*kind->unit)
		return;
	if (*subject)
		tt_text_str(&t, ": ");
	quantity(&t, kind, value_milli);
	if (limit_milli != 0) {
		tt_text_str(&t, ", limit ");
		quantity(&t, kind, limit_milli);
	}
}
