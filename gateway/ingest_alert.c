#include "crm/domain/rescue.h"
#include "crm/domain/severity.h"
#include "gateway/ingest_internal.h"

#include <inttypes.h>
#include <string.h>

/* One alert with what the record knows of its incident. */
struct rescue_case {
	const struct tt_ingest_arrival *a;
	const Telltale__V1__Alert *alert;
	struct tt_event_time time;
	struct tt_place place;
	struct tt_severity_result severity;
	struct tt_rescue row;
	bool exists;
};

static void judge_severity(struct rescue_case *c)
{
	const Telltale__V1__CrashDetail *crash = c->alert->crash;

	c->severity = (struct tt_severity_result){
		.severity = TT_SEVERITY_UNKNOWN, .worst_per_mille = -1, .best_per_mille = -1, .rule = "no crash data"};
	if (crash) {
		/* Age, sex and direction are not on the wire: taken at their worst by the model. */
		const struct tt_crash facts = {
			.delta_v_mm_s = crash->delta_v_mm_s,
			.airbag_deployed = crash->airbag_deployed,
			.rollover = crash->rollover,
			.belted = tt_severity_belts(crash->belts_known, crash->belts_fastened, 0),
		};

		tt_severity_judge(&tt_severity_ka6, &facts, &c->severity);
	}
}

/* JSON for the board: trigger, airbag, delta-v, speed before, rollover, belts, and how the severity came about. */
static enum tt_err detail(const struct rescue_case *c, char *buf, size_t cap)
{
	static const char *const triggers[] = {"unknown",      "airbag",   "delta_v",
					       "acceleration", "rollover", "fuel_cut_off"}; /* CrashTrigger */
	const Telltale__V1__CrashDetail *crash = c->alert->crash;
	struct tt_json j = tt_json_init(buf, cap);

	tt_json_open(&j, NULL, '{');
	if (crash) {
		tt_json_str(&j, "trigger", triggers[crash->trigger]);
		tt_json_bool(&j, "airbag", crash->airbag_deployed);
		if (crash->delta_v_mm_s != 0)
			tt_json_fixed(&j, "delta_v_km_h", (int64_t)crash->delta_v_mm_s * 36 / 1000, 1);
		if (crash->speed_known)
			tt_json_fixed(&j, "speed_before_km_h", (int64_t)crash->speed_before_mm_s * 36 / 1000, 1);
		tt_json_bool(&j, "rollover", crash->rollover);
		tt_json_bool(&j, "fuel_cut_off", crash->fuel_cut_off);
		if (crash->direction_known) {
			tt_json_fixed(&j, "delta_v_longitudinal_km_h", (int64_t)crash->delta_v_longitudinal_mm_s * 36 / 1000, 1);
			tt_json_fixed(&j, "delta_v_lateral_km_h", (int64_t)crash->delta_v_lateral_mm_s * 36 / 1000, 1);
		}
		if (crash->events > 0)
			tt_json_int(&j, "impacts", crash->events);
		if (crash->belts_known)
			tt_json_int(&j, "belts_fastened", crash->belts_fastened);
		tt_json_str(&j, "model", tt_severity_ka6.name);
		tt_json_str(&j, "rule", c->severity.rule);
		if (c->severity.worst_per_mille >= 0) {
			tt_json_int(&j, "probability_permille", c->severity.worst_per_mille);
			tt_json_int(&j, "probability_best_permille", c->severity.best_per_mille);
		}
	}
	if (c->alert->odometer_m != 0)
		tt_json_int(&j, "odometer_m", c->alert->odometer_m);
	tt_json_close(&j, '}');
	return tt_json_end(&j);
}

/* The alert's own place; without one the last the record knows, whose time tells its age. */
static enum tt_err find_place(struct rescue_case *c)
{
	struct tt_vehicle_state state;
	enum tt_err err;

	c->place = tt_ingest_place(c->alert->position, c->time.event_at);
	if (c->place.fix_at != 0)
		return TT_OK;
	err = tt_ingest_vehicle_row(c->a, &state);
	if (!err && state.place.fix_at != 0) {
		state.place.fix = c->place.fix;
		c->place = state.place;
	}
	return err;
}

static enum tt_err open_case(struct rescue_case *c)
{
	const struct tt_link *link = c->a->link;
	enum tt_err err;

	c->row = (struct tt_rescue){
		.dealer_id = link->dealer_id,
		.vehicle_id = link->vehicle_id,
		.customer_id = link->customer_id,
		.incident = c->alert->incident,
		.opened_at = c->a->in->received_at,
		.updated_at = c->a->in->received_at,
		.escalate_at = tt_rescue_escalate_at(c->a->in->received_at, 0),
		.event_at = c->time.event_at,
		.late = c->time.late,
		.place = c->place,
		.version = 1,
	};
	tt_ingest_copy(c->row.kind, sizeof(c->row.kind), tt_rescue_kind_name((enum tt_rescue_kind)c->alert->kind));
	tt_ingest_copy(c->row.status, sizeof(c->row.status), tt_rescue_status_name(TT_RESCUE_NEW));
	tt_ingest_copy(c->row.severity, sizeof(c->row.severity), tt_severity_name(c->severity.severity));
	err = detail(c, c->row.detail, sizeof(c->row.detail));
	if (!err)
		err = tt_store_rescue_insert(c->a->ingest->store, &c->row, &c->row.id);
	if (!err)
		c->a->ingest->pending.rescues_opened++;
	return err;
}

static bool is_high(const char *severity)
{
	return strcmp(severity, tt_severity_name(TT_SEVERITY_HIGH)) == 0;
}

/* A further alert of the incident: what it knows better is taken over; the severity only rises. */
static enum tt_err update_case(struct rescue_case *c)
{
	enum tt_err err = TT_OK;

	if (c->place.fix_at > c->row.place.fix_at)
		c->row.place = c->place;
	/* A supplement knows all that the first alert did, and more; only one that makes less of the crash is an older one. */
	if (c->severity.severity != TT_SEVERITY_UNKNOWN && (c->severity.severity == TT_SEVERITY_HIGH || !is_high(c->row.severity))) {
		tt_ingest_copy(c->row.severity, sizeof(c->row.severity), tt_severity_name(c->severity.severity));
		err = detail(c, c->row.detail, sizeof(c->row.detail));
	}
	c->row.updated_at = c->a->in->received_at;
	return err ? err : tt_store_rescue_update(c->a->ingest->store, &c->row);
}

static enum tt_err tell_desk(const struct rescue_case *c)
{
	char body[TT_JSON_MAX];
	struct tt_json j = tt_json_init(body, sizeof(body));
	enum tt_err err;

	tt_json_open(&j, NULL, '{');
	tt_json_str(&j, "kind", c->row.kind);
	tt_json_str(&j, "status", c->row.status);
	tt_json_str(&j, "severity", c->row.severity);
	tt_json_str(&j, "vin", c->a->link->vin);
	tt_json_bool(&j, "late", c->row.late);
	/* An open rescue is a reason to see the position (design.md section 7); a closed one is not. */
	if (c->row.place.fix_at != 0 && c->row.closed_at == 0) {
		tt_json_fixed(&j, "latitude", c->row.place.latitude_e7, 7);
		tt_json_fixed(&j, "longitude", c->row.place.longitude_e7, 7);
	}
	tt_json_close(&j, '}');
	err = tt_json_end(&j);
	if (!err)
		err = tt_ingest_timeline(c->a, TT_SUBJECT_RESCUE, c->row.id, c->exists ? "alert_repeated" : "opened", c->row.kind,
					 c->row.detail);
	return err ? err : tt_ingest_change(c->a, c->exists ? "rescue.updated" : "rescue.opened", c->row.id, body);
}

static enum tt_err tell_people(const struct rescue_case *c)
{
	static const char *const owner[] = {[TT_RESCUE_CRASH] = "crash_owner",
					    [TT_RESCUE_SOS] = "sos_owner",
					    [TT_RESCUE_THEFT] = "theft_owner",
					    [TT_RESCUE_BREAKDOWN] = "breakdown_owner"};
	struct tt_ingest_notice notice = {.template_name = owner[c->alert->kind],
					  .urgent = true,
					  .subject = TT_SUBJECT_RESCUE,
					  .subject_id = c->row.id,
					  .text = c->row.kind,
					  .event_at = c->row.event_at,
					  .late = c->row.late};
	enum tt_err err = tt_ingest_tell_owner(c->a, &notice);

	notice.template_name = "rescue_dealer";
	return err ? err : tt_ingest_tell_dealer(c->a, &notice);
}

enum tt_err tt_ingest_apply_alert(const struct tt_ingest_arrival *a)
{
	const Telltale__V1__Alert *alert = a->env->alert;
	struct rescue_case c = {.a = a, .alert = alert};
	enum tt_err err;

	/* The decoder lets only the four kinds through. */
	TT_ASSERT(alert->kind >= TELLTALE__V1__ALERT_KIND__ALERT_KIND_CRASH &&
		  alert->kind <= TELLTALE__V1__ALERT_KIND__ALERT_KIND_BREAKDOWN);
	tt_ingest_time(a, alert->detected_at_us, &c.time);
	judge_severity(&c);
	err = tt_ingest_vehicle_seen(a, alert->position, alert->odometer_m, c.time.event_at);
	if (!err)
		err = find_place(&c);
	if (err)
		return err;
	err = tt_store_rescue_find(a->ingest->store, a->link->vehicle_id, alert->incident, &c.row);
	c.exists = !err;
	if (err && err != TT_ENOTFOUND)
		return err;
	err = c.exists ? update_case(&c) : open_case(&c);
	if (!err)
		err = tell_desk(&c);
	return err || c.exists ? err : tell_people(&c);
}
