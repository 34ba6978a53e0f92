#include "wire/edr.h"

#include "wire/signal.h"

#include <string.h>

enum { BEFORE_MS = -1000, HOLD_MS = 100 };

struct element;
typedef void (*read_fn)(struct tt_captured *c, const struct element *e, struct tt_edr_value *out);

struct element {
	const char *word, *name, *unit;
	read_fn read;
	const char *paths[2];
};

/* The first path that the profile maps. */
static const struct tt_signal *signal_of(const struct tt_captured *c, const struct element *e)
{
	for (size_t i = 0; i < 2; i++) {
		const struct tt_signal *s = e->paths[i] ? tt_signal_by_path(e->paths[i], strlen(e->paths[i])) : NULL;

		if (s && tt_captured_mapped(c, s->number))
			return s;
	}
	return NULL;
}

struct series {
	const struct tt_signal *s;
	const struct tt_captured_sample *samples;
	size_t n;
};

/* What was recorded for an element; false when the profile maps no signal of it. Until a sample serves, it was not heard. */
static bool recorded(struct tt_captured *c, const struct element *e, struct series *series, struct tt_edr_value *out)
{
	series->s = signal_of(c, e);
	if (!series->s)
		return false;
	series->n = tt_captured_samples(c, series->s->number, &series->samples);
	out->status = TT_EDR_NOT_HEARD;
	return true;
}

/* The value that held at a time: in thousandths, or as it is when the signal has no unit. */
static bool held_at(const struct series *of, int32_t at_ms, int64_t *out)
{
	size_t after = 0;

	while (after < of->n && of->samples[after].at_ms <= at_ms)
		after++;
	if (after == 0)
		return false;
	*out = of->s->unit[0] ? of->samples[after - 1].value * 1000 / of->s->scale : of->samples[after - 1].value;
	return true;
}

static void put(struct tt_edr_value *out, int64_t value)
{
	out->known[out->n] = true;
	out->value[out->n++] = value;
	out->status = TT_EDR_OK;
}

static void finish(struct tt_edr_value *out, size_t n, int32_t from_ms, int32_t step_ms)
{
	if (out->status != TT_EDR_OK)
		return;
	out->n = n;
	out->from_ms = from_ms;
	out->step_ms = step_ms;
}

static void read_SERIES(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	struct series of;

	if (!recorded(c, e, &of, out))
		return;
	for (size_t i = 0; i < TT_EDR_SERIES; i++) {
		out->known[i] = held_at(&of, TT_EDR_SERIES_FROM_MS + TT_EDR_SERIES_STEP_MS * (int32_t)i, &out->value[i]);
		out->status = out->known[i] ? TT_EDR_OK : out->status;
	}
	finish(out, TT_EDR_SERIES, TT_EDR_SERIES_FROM_MS, TT_EDR_SERIES_STEP_MS);
}

static void read_BEFORE(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	struct series of;
	int64_t value;

	if (recorded(c, e, &of, out) && held_at(&of, BEFORE_MS, &value))
		put(out, value);
}

/* The first sample that says so. */
static void read_FIRES(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	struct series of;

	if (!recorded(c, e, &of, out))
		return;
	for (size_t i = 0; i < of.n; i++) {
		if (of.samples[i].value != 0) {
			put(out, of.samples[i].at_ms);
			return;
		}
	}
}

/* What an acceleration adds up to between two times, mm/s: each sample stands until the next one, at most HOLD_MS. */
static int64_t integral(const struct series *of, int32_t from_ms, int32_t to_ms)
{
	int64_t sum = 0;

	for (size_t i = 0; i < of->n; i++) {
		int32_t begin = of->samples[i].at_ms, end = begin < INT32_MAX - HOLD_MS ? begin + HOLD_MS : begin;

		if (i + 1 < of->n && of->samples[i + 1].at_ms < end)
			end = of->samples[i + 1].at_ms;
		begin = begin < from_ms ? from_ms : begin;
		end = end > to_ms ? to_ms : end;
		if (end > begin)
			sum += of->samples[i].value * 1000 / of->s->scale * (end - begin);
	}
	return sum / 1000;
}

/* Speed has no sign of its own; what it loses is a negative delta-v. */
static int64_t speed_change(const struct series *of, int32_t to_ms, bool *known)
{
	int64_t before = 0, now = 0;

	*known = held_at(of, TT_EDR_PULSE_FROM_MS, &before) && held_at(of, to_ms, &now);
	return (now - before) * 10 / 36; /* km/h/1000 to mm/s */
}

static void read_PULSE(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	struct series of;
	bool speed;

	if (!recorded(c, e, &of, out))
		return;
	speed = strcmp(of.s->path, "Vehicle.Speed") == 0;
	for (size_t i = 0; of.n > 0 && i < TT_EDR_PULSE; i++) {
		const int32_t to = TT_EDR_PULSE_FROM_MS + TT_EDR_PULSE_STEP_MS * (int32_t)i;

		out->known[i] = true;
		out->value[i] = speed ? speed_change(&of, to, &out->known[i]) : integral(&of, TT_EDR_PULSE_FROM_MS, to);
		out->status = out->known[i] ? TT_EDR_OK : out->status;
	}
	finish(out, TT_EDR_PULSE, TT_EDR_PULSE_FROM_MS, TT_EDR_PULSE_STEP_MS);
}

/* Where the pulse is largest, whatever its sign. */
static size_t peak(const struct tt_edr_value *pulse)
{
	size_t at = 0;

	for (size_t i = 1; i < pulse->n; i++) {
		const int64_t a = pulse->value[at], b = pulse->value[i];

		if ((b < 0 ? -b : b) > (a < 0 ? -a : a))
			at = i;
	}
	return at;
}

static void read_peak(struct tt_captured *c, const struct element *e, struct tt_edr_value *out, bool time)
{
	struct tt_edr_value pulse = {.status = TT_EDR_NOT_MAPPED};

	read_PULSE(c, e, &pulse);
	out->status = pulse.status;
	if (pulse.status == TT_EDR_OK)
		put(out, time ? TT_EDR_PULSE_FROM_MS + TT_EDR_PULSE_STEP_MS * (int64_t)peak(&pulse) : pulse.value[peak(&pulse)]);
}

static void read_PULSE_MAX(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	read_peak(c, e, out, false);
}

static void read_PULSE_TIME(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	read_peak(c, e, out, true);
}

static void read_EVENTS(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	struct tt_captured_facts facts;

	(void)e;
	tt_captured_facts(c, &facts);
	out->status = TT_EDR_NOT_HEARD;
	if (facts.events > 0)
		put(out, facts.events);
}

static void read_SECOND(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	struct tt_captured_facts facts;

	(void)e;
	tt_captured_facts(c, &facts);
	out->status = TT_EDR_NOT_HEARD;
	if (facts.second_event_ms > 0)
		put(out, facts.second_event_ms);
}

static void read_WHOLE(struct tt_captured *c, const struct element *e, struct tt_edr_value *out)
{
	struct tt_captured_facts facts;

	(void)e;
	tt_captured_facts(c, &facts);
	put(out, facts.complete);
}

static const struct element elements[TT_EDR_COUNT] = {
#define X(id, word, name, unit, way, path, other) [TT_EDR_##id] = {word, name, unit, read_##way, {path, other}},
	TT_EDR_ELEMENTS(X)
#undef X
};

const char *tt_edr_word(enum tt_edr_element element)
{
	return elements[element].word;
}

const char *tt_edr_name(enum tt_edr_element element)
{
	return elements[element].name;
}

const char *tt_edr_unit(enum tt_edr_element element)
{
	return elements[element].unit;
}

void tt_edr_read(struct tt_captured *c, enum tt_edr_element element, struct tt_edr_value *out)
{
	memset(out, 0, sizeof(*out));
	out->status = TT_EDR_NOT_MAPPED;
	elements[element].read(c, &elements[element], out);
}
