#include "firmware/agent/agent_health.h"

#include "firmware/agent/agent_parts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static_assert((int)TT_HEALTH_BUSES == (int)TT_AGENT_BUSES, "each bus has its count");

enum { ZONES = 8, LOAD_MIN_US = 1000000 };

/* ---- looking around ---- */

static bool read_file(const char *path, int64_t *out)
{
	FILE *f = fopen(path, "re");
	bool good = f && fscanf(f, "%" SCNd64, out) == 1;

	if (f)
		fclose(f);
	return good;
}

/* What the interface saw, our filters notwithstanding; else what the port brought. */
static uint64_t bits_of(const struct tt_bus *b)
{
	static const char *const counters[] = {"rx_packets", "tx_packets", "rx_bytes", "tx_bytes"};
	static const char scheme[] = "socketcan:";
	int64_t n[4];
	char path[TT_BUS_ADDRESS + 64];

	if (strncmp(b->address, scheme, sizeof(scheme) - 1) != 0)
		return b->bits;
	for (unsigned i = 0; i < 4; i++) {
		(void)snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s", b->address + sizeof(scheme) - 1, counters[i]);
		if (!read_file(path, &n[i]))
			return b->bits;
	}
	return tt_can_bits((uint64_t)(n[0] + n[1]), (uint64_t)(n[2] + n[3]));
}

static void look_at_load(struct tt_agent *a, tt_mono_us now_us)
{
	const int64_t span_us = now_us - a->health.looked_us;
	const bool first = a->health.looked_us == 0;
	int64_t most = 0;

	if (span_us < LOAD_MIN_US)
		return;
	for (size_t i = 0; i < a->nbuses; i++) {
		const uint64_t bits = bits_of(a->buses[i]);
		const uint64_t more = bits > a->health.bits[i] ? bits - a->health.bits[i] : 0; /* a new interface counts from 0 */
		const int64_t permille = (int64_t)((double)more * 1e9 / (double)span_us / (double)a->settings->can_bitrate);

		a->health.bits[i] = bits;
		most = permille > most ? permille : most;
	}
	a->health.looked_us = now_us;
	a->health.load_permille = first ? -1 : most;
}

static bool memory_kb(int64_t *out)
{
	FILE *f = fopen("/proc/self/statm", "re");
	int64_t pages;
	bool good = f && fscanf(f, "%*d %" SCNd64, &pages) == 1;

	if (f)
		fclose(f);
	if (good)
		*out = pages * sysconf(_SC_PAGESIZE) / 1024;
	return good;
}

static bool temperature_mc(int64_t *out)
{
	bool known = false;

	for (unsigned i = 0; i < ZONES; i++) {
		char path[64];
		int64_t mc;

		(void)snprintf(path, sizeof(path), "/sys/class/thermal/thermal_zone%u/temp", i);
		if (!read_file(path, &mc))
			continue;
		*out = known && *out > mc ? *out : mc;
		known = true;
	}
	return known;
}

void tt_agent_health_turn(struct tt_agent *a, int64_t took_us)
{
	a->health.turn_max_us = took_us > a->health.turn_max_us ? took_us : a->health.turn_max_us;
}

/* ---- telling it ---- */

static void add(struct tt_agent_health_parts *p, const char *name, int64_t value)
{
	TT_ASSERT(p->n < TT_AGENT_METRICS);
	telltale__v1__metric__init(&p->metrics[p->n]);
	p->metrics[p->n].name = (char *)(uintptr_t)name; /* protobuf-c has no const strings; encoding does not write */
	p->metrics[p->n].value = value;
	p->list[p->n] = &p->metrics[p->n];
	p->n++;
}

static void add_buses(const struct tt_agent *a, struct tt_agent_health_parts *p)
{
	uint64_t frames = 0, lost = 0, errors = 0;

	for (size_t i = 0; i < a->nbuses; i++) {
		frames += a->buses[i]->frames;
		lost += a->buses[i]->stats.lost;
		errors += a->buses[i]->stats.errors;
	}
	if (a->health.load_permille >= 0)
		add(p, "bus.load_permille", a->health.load_permille);
	add(p, "bus.frames", (int64_t)frames);
	add(p, "bus.lost", (int64_t)lost);
	add(p, "bus.errors", (int64_t)errors);
}

static void add_wakes(const struct tt_agent *a, tt_mono_us now_us, struct tt_agent_health_parts *p)
{
	static const char *const names[TT_WAKES] = {
		[TT_WAKE_IGNITION] = "wake.ignition", [TT_WAKE_BUS] = "wake.bus",           [TT_WAKE_VOLTAGE] = "wake.voltage",
		[TT_WAKE_MOVEMENT] = "wake.movement", [TT_WAKE_CHECK_IN] = "wake.check_in", [TT_WAKE_ALERT] = "wake.alert",
		[TT_WAKE_RESUME] = "wake.resume",
	};

	(void)now_us;
	for (unsigned i = 0; i < TT_WAKES; i++) {
		if (names[i])
			add(p, names[i], a->power.core.wakes[i]);
	}
	add(p, "wakeups", (int64_t)tt_agent_power_wakeups(a));
	add(p, "tx.asleep", (int64_t)a->power.sent_unasked);
}

static void add_power(const struct tt_agent *a, tt_mono_us now_us, struct tt_agent_health_parts *p)
{
	const struct tt_power *core = &a->power.core;
	const tt_mono_us contact_us = tt_power_check_in_at(core);

	telltale__v1__power__init(&p->power);
	p->power.state = (Telltale__V1__PowerState)core->state;
	p->power.since_us = tt_agent_utc_of(a, now_us, core->since_us);
	p->power.wake = (Telltale__V1__WakeReason)core->wake;
	p->power.next_contact_us = contact_us == TT_NEVER ? 0 : tt_agent_utc_of(a, now_us, contact_us);
	p->power.heard_at_us = a->power.heard_us == 0 ? 0 : tt_agent_utc_of(a, now_us, a->power.heard_us);
	p->power.battery_mv = (uint32_t)core->mv;
	p->power.below_floor = core->below_floor;
}

static uint64_t commits(const struct tt_agent *a)
{
	struct tt_journal_wear wear;

	tt_journal_wear(a->journal, &wear);
	return wear.commits;
}

void tt_agent_health_add(struct tt_agent *a, tt_mono_us now_us, struct tt_agent_health_parts *p, Telltale__V1__State *state)
{
	int64_t v;

	p->n = 0;
	look_at_load(a, now_us);
	add_buses(a, p);
	add(p, "decode.invalid", (int64_t)a->vehicle->invalid);
	add(p, "telemetry.dropped", (int64_t)a->telemetry->dropped);
	add(p, "journal.commits", (int64_t)commits(a));
	if (a->health.starts > 0)
		add(p, "starts", a->health.starts);
	if (memory_kb(&v))
		add(p, "memory_kb", v);
	if (temperature_mc(&v))
		add(p, "temperature_mc", v);
	add(p, "loop_max_us", a->health.turn_max_us);
	a->health.turn_max_us = 0;
	add_wakes(a, now_us, p);
	add_power(a, now_us, p);
	state->power = &p->power;
	state->metrics = p->list;
	state->n_metrics = p->n;
}
