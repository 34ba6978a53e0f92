#include "server/api/render_car.h"

#include "base/text.h"
#include "crm/domain/happened.h"
#include "server/api/render.h"
#include "wire/edr.h"
#include "wire/signal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { POINTS_MAX = 2000, SIGNAL_LATITUDE = 20, SIGNAL_ALTITUDE = 22 };

#define NAME_OF(names, n) ((n) >= 0 && (size_t)(n) < sizeof(names) / sizeof((names)[0]) ? (names)[n] : "unknown")

json_t *tt_render_stored(const char *text, json_t *empty)
{
	json_t *v = json_loads(text, 0, NULL);

	if (v && json_typeof(v) == json_typeof(empty)) {
		json_decref(empty);
		return v;
	}
	json_decref(v);
	return empty;
}

static json_t *thousandths(int64_t milli, bool known)
{
	return known ? json_real((double)milli / 1000) : json_null();
}

json_t *tt_render_happening(const struct tt_vehicle_event *e, const char *reason)
{
	static const char *const causes[] = {"unknown", "bus_acceleration", "bus_speed", "gps_speed", "gps_position", "gps_heading",
					     "tilt",    "resting",          "charging",  "cranking",  "placard",      "sibling",
					     "warning", "temperature",      "level"};
	const struct tt_happened_kind *kind = tt_happened_kind(e->kind);
	const bool measured = kind && *kind->unit, fence = e->kind == TT_HAPPENED_GEOFENCE;

	return json_pack("{s:I, s:s, s:s, s:{s:s, s:s}, s:s, s:s, s:b, s:b, s:o, s:o, s:f, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", /* */
			 "id", (json_int_t)e->id, "kind", kind ? kind->name : "unknown", "unit", kind ? kind->unit : "", "text", "en",
			 kind ? kind->title_en : "", "zh", kind ? kind->title_zh : "", "cause", NAME_OF(causes, e->cause), "subject",
			 fence && !reason ? "" : e->subject, "begun", e->begun, "dwelt", e->dwelt, "began_at", tt_render_time(e->began_at),
			 "ended_at", tt_render_time(e->ended_at), "duration_s", (double)e->duration_ms / 1000, "value",
			 thousandths(e->value_milli, measured), "limit", thousandths(e->limit_milli, measured && e->limit_milli != 0),
			 "peak", thousandths(e->peak_milli, measured && e->peak_milli != 0), "odometer_m", tt_render_id(e->odometer_m),
			 "late", e->late, "ticket_id", tt_render_id(e->ticket_id), "place",
			 reason ? tt_render_place(&e->place) : json_null());
}

json_t *tt_render_ecu(const struct tt_ecu *row)
{
	char ecu[24];
	struct tt_text t = tt_text_init(ecu, sizeof(ecu));

	tt_text_str(&t, "0x");
	tt_text_hex(&t, row->ecu, 3);
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:I, s:o, s:o, s:o}", "ecu", ecu, "name", row->name, "vin", row->vin,
			 "calibrations", tt_render_stored(row->calibrations, json_array()), "cvns",
			 tt_render_stored(row->cvns, json_array()), "tests", (json_int_t)row->tests, "tests_failed",
			 (json_int_t)row->tests_failed, "first_seen_at", tt_render_time(row->first_seen_at), "changed_at",
			 tt_render_time(row->changed_at), "reported_at", tt_render_time(row->reported_at));
}

json_t *tt_render_unit(const struct tt_unit_state *s)
{
	static const char *const powers[] = {"unknown", "drive", "parked", "sleep", "deep_sleep"};
	static const char *const wakes[] = {"unknown", "boot", "ignition", "bus", "voltage", "movement", "check_in", "alert", "resume"};

	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:b, s:I, s:b, s:b, s:s, s:o, s:o}", /* */
			 "unit", s->unit, "reported_at", tt_render_time(s->reported_at), "version", s->version, "power",
			 NAME_OF(powers, s->power), "wake", NAME_OF(wakes, s->wake), "power_since", tt_render_time(s->power_since),
			 "next_contact_at", tt_render_time(s->next_contact_at), "heard_at", tt_render_time(s->heard_at), "battery_v",
			 thousandths(s->battery_mv, s->battery_mv != 0), "below_floor", s->below_floor, "config_version",
			 (json_int_t)s->config_version, "config_trial", s->config_trial, "ignition_block", s->ignition_block, "slot",
			 s->slot, "update_refused", tt_render_id(s->update_refused), "metrics",
			 tt_render_stored(s->metrics, json_object()));
}

/* What clearing codes found; null for every other result. */
static json_t *cleared(const struct tt_told *row)
{
	json_t *detail = tt_render_stored(row->detail, json_object());

	if (json_object_get(detail, "ecus"))
		return detail;
	json_decref(detail);
	return json_null();
}

json_t *tt_render_told(const struct tt_told *row)
{
	static const char *const commands[] = {
		"unknown", "ping",   "full_state",  "report_rate",    "capture",          "read_codes",     "clear_codes",
		"lock",    "unlock", "horn_lights", "ignition_block", "ignition_release", "driver_message", "destination"};
	static const char *const outcomes[] = {"unknown", "accepted", "armed",    "done",        "refused",
					       "failed",  "expired",  "replayed", "unauthentic", "unsupported"};
	static const char *const configs[] = {"unknown", "applied", "confirmed", "rejected", "rolled_back", "waiting"};
	const bool command = row->what[1] == 'o' && row->what[2] == 'm';
	char number[24];

	(void)snprintf(number, sizeof(number), "%" PRIu64, row->number);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "what", row->what, "number", number, "kind",
			 command ? NAME_OF(commands, row->kind) : "config", "outcome",
			 command ? NAME_OF(outcomes, row->outcome) : NAME_OF(configs, row->outcome), "reason", row->reason, "cleared",
			 cleared(row), "at", tt_render_time(row->at));
}

/* Every step-th point, so that a signal of a fast bus does not make a page of megabytes. */
static json_t *points(const struct tt_signal *signal, const struct tt_captured_sample *samples, size_t n)
{
	const size_t step = (n + POINTS_MAX - 1) / POINTS_MAX;
	json_t *at = json_array(), *value = json_array();

	for (size_t i = 0; i < n; i += step) {
		json_array_append_new(at, json_integer(samples[i].at_ms));
		json_array_append_new(value, json_real((double)samples[i].value / signal->scale));
	}
	return json_pack("{s:i, s:s, s:s, s:b, s:o, s:o}", "number", (int)signal->number, "path", signal->path, "unit", signal->unit,
			 "thinned", step > 1, "at_ms", at, "value", value);
}

static json_t *signals(struct tt_captured *captured)
{
	json_t *list = json_array();

	for (size_t i = 0; i < tt_signal_count(); i++) {
		const struct tt_signal *signal = tt_signal_at(i);
		const struct tt_captured_sample *samples;
		size_t n;

		if (signal->number >= SIGNAL_LATITUDE && signal->number <= SIGNAL_ALTITUDE)
			continue;
		n = tt_captured_samples(captured, signal->number, &samples);
		if (n > 0)
			json_array_append_new(list, points(signal, samples, n));
	}
	return list;
}

/* Units of the desk for those of the recorder. */
static const struct {
	const char *recorded, *shown;
	double factor;
} edr_units[] = {
	{"mm/s", "km/h", 0.0036},   {"km/h/1000", "km/h", 0.001},       {"%/1000", "percent", 0.001},
	{"rpm/1000", "rpm", 0.001}, {"degrees/1000", "degrees", 0.001}, {"mm/1000", "mm", 0.001},
};

static json_t *element(struct tt_captured *captured, enum tt_edr_element which)
{
	static const char *const statuses[] = {[TT_EDR_OK] = "ok", [TT_EDR_NOT_MAPPED] = "not_mapped", [TT_EDR_NOT_HEARD] = "not_heard"};
	const char *unit = tt_edr_unit(which);
	json_t *values = json_array();
	struct tt_edr_value v;
	double factor = 1;

	tt_edr_read(captured, which, &v);
	for (size_t i = 0; i < sizeof(edr_units) / sizeof(edr_units[0]); i++) {
		if (strcmp(edr_units[i].recorded, tt_edr_unit(which)) == 0) {
			unit = edr_units[i].shown;
			factor = edr_units[i].factor;
		}
	}
	for (size_t i = 0; i < v.n; i++)
		json_array_append_new(values, v.known[i] ? json_real((double)v.value[i] * factor) : json_null());
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:o}", "element", tt_edr_word(which), "unit", unit, "status", statuses[v.status],
			 "from_ms", (int)v.from_ms, "step_ms", (int)v.step_ms, "values", values);
}

static json_t *elements(struct tt_captured *captured, bool crash)
{
	json_t *list = json_array();

	for (int i = 0; crash && i < TT_EDR_COUNT; i++)
		json_array_append_new(list, element(captured, (enum tt_edr_element)i));
	return list;
}

json_t *tt_render_captured(struct tt_captured *captured)
{
	struct tt_captured_facts f;

	tt_captured_facts(captured, &f);
	return json_pack("{s:o, s:s, s:i, s:i, s:b, s:b, s:i, s:i, s:i, s:i, s:o, s:o}", "trigger_at", tt_render_time(f.trigger_at_us),
			 "reason", f.reason == TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH ? "crash" : "command", "parts",
			 (int)f.parts, "missing", (int)f.missing, "ended", f.ended, "complete", f.complete, "impacts", (int)f.events,
			 "lost", (int)f.lost, "from_ms", (int)f.from_ms, "to_ms", (int)f.to_ms, "signals", signals(captured), "elements",
			 elements(captured, f.reason == TELLTALE__V1__CAPTURE_REASON__CAPTURE_REASON_CRASH));
}
