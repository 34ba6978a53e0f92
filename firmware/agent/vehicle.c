#include "firmware/agent/vehicle.h"
#include "firmware/agent/vehicle_motion.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- roles: what detection makes of a signal ---- */

static int32_t milli(double v)
{
	const double scaled = v * 1000;

	return scaled > INT32_MAX ? INT32_MAX : scaled < -INT32_MAX ? -INT32_MAX : (int32_t)lround(scaled);
}

static void role_speed(struct tt_vehicle *v, tt_mono_us at_us, double kmh)
{
	const int32_t mm_s = milli(kmh / 3.6);

	tt_crash_speed(&v->crash, at_us, mm_s);
	tt_motion_speed(&v->motion, at_us, mm_s);
}

static void take_odometer(struct tt_vehicle *v, tt_mono_us at_us, enum tt_odometer_source source, int64_t m)
{
	tt_odometer_reading(&v->odometer, at_us, source, m);
	tt_trip_odometer(&v->trip, tt_odometer_value(&v->odometer));
}

static void role_odometer(struct tt_vehicle *v, tt_mono_us at_us, double m)
{
	take_odometer(v, at_us, TT_ODOMETER_BROADCAST, m >= 0 && m < 1e13 ? (int64_t)m : -1);
}

static void role_accel_x(struct tt_vehicle *v, tt_mono_us at_us, double m_s2)
{
	tt_crash_accel(&v->crash, at_us, 0, milli(m_s2));
	tt_motion_accel(&v->motion, at_us, 0, milli(m_s2));
}

static void role_accel_y(struct tt_vehicle *v, tt_mono_us at_us, double m_s2)
{
	tt_crash_accel(&v->crash, at_us, 1, milli(m_s2));
	tt_motion_accel(&v->motion, at_us, 1, milli(m_s2));
}

/* A role has no argument of its own, so each bag has a function. */
#define AIRBAG(n) \
	static void role_airbag_##n(struct tt_vehicle *v, tt_mono_us at_us, double value) \
	{ \
		tt_crash_airbag(&v->crash, at_us, n, value != 0); \
	}
AIRBAG(0)
AIRBAG(1)
AIRBAG(2)
AIRBAG(3)
AIRBAG(4)
AIRBAG(5)
AIRBAG(6)
AIRBAG(7)
AIRBAG(8)
AIRBAG(9)
AIRBAG(10)
#undef AIRBAG

static void role_belt_driver(struct tt_vehicle *v, tt_mono_us at_us, double value)
{
	(void)at_us;
	tt_crash_belt(&v->crash, 0, value != 0);
}

static void role_belt_passenger(struct tt_vehicle *v, tt_mono_us at_us, double value)
{
	(void)at_us;
	tt_crash_belt(&v->crash, 1, value != 0);
}

static void role_impact(struct tt_vehicle *v, tt_mono_us at_us, double value)
{
	tt_crash_impact(&v->crash, at_us, value != 0);
}

static void role_rollover(struct tt_vehicle *v, tt_mono_us at_us, double value)
{
	tt_crash_rollover(&v->crash, at_us, value != 0);
}

static void role_fuel_cut_off(struct tt_vehicle *v, tt_mono_us at_us, double value)
{
	tt_crash_fuel_cut_off(&v->crash, at_us, value != 0);
}

static void role_sos(struct tt_vehicle *v, tt_mono_us at_us, double value)
{
	tt_sos_level(&v->sos, at_us, value != 0);
}

static const struct {
	const char *path;
	tt_vehicle_role_fn fn;
} roles[] = {
	{"Vehicle.Speed", role_speed},
	{"Vehicle.TraveledDistance", role_odometer},
	{"Vehicle.Acceleration.Longitudinal", role_accel_x},
	{"Vehicle.Acceleration.Lateral", role_accel_y},
	{"Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed", role_airbag_0},
	{"Vehicle.Cabin.Seat.Row1.PassengerSide.Airbag.IsDeployed", role_airbag_1},
	{"Vehicle.Cabin.Seat.Row1.Middle.Airbag.IsDeployed", role_airbag_2},
	{"Vehicle.Cabin.Seat.Row2.DriverSide.Airbag.IsDeployed", role_airbag_3},
	{"Vehicle.Cabin.Seat.Row2.Middle.Airbag.IsDeployed", role_airbag_4},
	{"Vehicle.Cabin.Seat.Row2.PassengerSide.Airbag.IsDeployed", role_airbag_5},
	{"Vehicle.Telltale.Airbag.SideLeft", role_airbag_6},
	{"Vehicle.Telltale.Airbag.SideRight", role_airbag_7},
	{"Vehicle.Telltale.Airbag.CurtainLeft", role_airbag_8},
	{"Vehicle.Telltale.Airbag.CurtainRight", role_airbag_9},
	{"Vehicle.Telltale.Airbag.Knee", role_airbag_10},
	{"Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted", role_belt_driver},
	{"Vehicle.Cabin.Seat.Row1.PassengerSide.IsBelted", role_belt_passenger},
	{"Vehicle.Telltale.ImpactDetected", role_impact},
	{"Vehicle.Telltale.Rollover", role_rollover},
	{"Vehicle.Telltale.FuelCutOff", role_fuel_cut_off},
	{"Vehicle.Telltale.SosButton", role_sos},
};

static tt_vehicle_role_fn role_of(const struct tt_signal *vss)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(roles[i].path, vss->path) == 0)
			return roles[i].fn;
	}
	return tt_vehicle_motion_role(vss->path);
}

static void set_ignition(struct tt_vehicle *v, tt_mono_us at_us, enum tt_ignition ignition)
{
	v->ignition = ignition;
	tt_trip_ignition(&v->trip, at_us, ignition);
	tt_motion_ignition(&v->motion, at_us, ignition);
}

void tt_vehicle_value(struct tt_vehicle *v, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double physical)
{
	double value;

	if (!tt_profile_transform(rule, physical, &value)) {
		v->invalid++;
		return;
	}
	if (rule->vss == v->profile->ignition)
		set_ignition(v, at_us,
			     value >= v->profile->ignition_low && value <= v->profile->ignition_high ? TT_IGNITION_ON : TT_IGNITION_OFF);
	if (v->roles[slot])
		v->roles[slot](v, at_us, value);
	v->on_value(v->ctx, slot, rule, at_us, value);
}

void tt_vehicle_invalid(struct tt_vehicle *v, unsigned slot)
{
	v->invalid++;
	if (v->roles[slot] == role_speed)
		tt_crash_speed_invalid(&v->crash);
}

/* ---- frames ---- */

void tt_vehicle_frame(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_can_frame *frame)
{
	struct tt_dbc_value values[TT_PROFILE_SIGNALS];
	const size_t n = tt_decoder_frame(&v->decoder, frame, values, TT_PROFILE_SIGNALS);

	for (size_t i = 0; i < n; i++) {
		const struct tt_dbc_signal *s = values[i].signal;
		const unsigned slot = values[i].user - 1;

		if ((s->min != 0 || s->max != 0) && (values[i].value < s->min || values[i].value > s->max)) {
			tt_vehicle_invalid(v, slot);
			continue;
		}
		tt_vehicle_value(v, slot, &v->profile->signals[slot].rule, at_us, values[i].value);
	}
}

void tt_vehicle_filters(const struct tt_vehicle *v, uint8_t bus, struct tt_can_filter_set *out)
{
	tt_decoder_filters(&v->decoder, bus, out);
	if (bus < TT_PROFILE_BUSES && v->profile->j1939.buses[bus].on) {
		tt_vehicle_j1939_filters(v, bus, out);
		return;
	}
	/* diagnostic responses, ISO 15765-4: 7E8..7EF and 18DAF1xx */
	tt_can_filter_put(out, (struct tt_can_filter){.id = 0x7E8, .mask = 0x7F8, .extended = false});
	tt_can_filter_put(out, (struct tt_can_filter){.id = 0x18DAF100, .mask = 0x1FFFFF00, .extended = true});
	for (size_t i = 0; i < v->profile->uds.necus; i++) {
		const struct tt_profile_ecu *e = &v->profile->uds.ecus[i];

		if (e->bus == bus)
			tt_can_filter_put(out, (struct tt_can_filter){.id = e->response,
								      .mask = e->extended ? TT_CAN_EFF_MASK : TT_CAN_SFF_MASK,
								      .extended = e->extended});
	}
}

/* ---- OBD ---- */

void tt_vehicle_readiness(struct tt_vehicle *v, uint32_t ecu, uint32_t supported, uint32_t incomplete)
{
	if (ecu != v->readiness_ecu && __builtin_popcount(supported) <= __builtin_popcount(v->readiness_supported))
		return;
	v->readiness_ecu = ecu;
	v->readiness_supported = supported;
	v->readiness_incomplete = incomplete;
}

static void on_readiness(struct tt_vehicle *v, const struct tt_obd_result *r)
{
	tt_fault_watch_lamp(&v->faults, r->at_us, r->ecu, r->u.readiness.mil);
	tt_vehicle_readiness(v, r->ecu, r->u.readiness.supported, r->u.readiness.incomplete);
}

static void on_dtcs(struct tt_vehicle *v, const struct tt_obd_result *r)
{
	const enum tt_fault_status status = r->u.dtcs.service == TT_OBD_STORED    ? TT_FAULT_STORED
					    : r->u.dtcs.service == TT_OBD_PENDING ? TT_FAULT_PENDING
										  : TT_FAULT_PERMANENT;

	if (r->u.dtcs.cut)
		return; /* an incomplete list says nothing about what it lacks; the next one is asked for anyway */
	tt_fault_reads_note(&v->reads, TT_FAULT_OBD, r->ecu, status);
	tt_fault_watch_codes(&v->faults, r->at_us, r->ecu, status, r->u.dtcs.codes, r->u.dtcs.n);
}

static void take_count(struct tt_vehicle *v, uint8_t pid, int64_t milli)
{
	static const uint8_t pids[TT_SINCE_COUNTS] = {
		[TT_SINCE_KM] = 0x31,     [TT_SINCE_WARM_UPS] = 0x30,    [TT_SINCE_MINUTES] = 0x4E,
		[TT_SINCE_MIL_KM] = 0x21, [TT_SINCE_MIL_MINUTES] = 0x4D,
	};

	for (unsigned i = 0; i < TT_SINCE_COUNTS; i++) {
		if (pids[i] != pid)
			continue;
		v->since.known |= 1U << i;
		v->since.counts[i] = (uint32_t)(milli / 1000);
	}
}

static void on_pid(struct tt_vehicle *v, const struct tt_obd_result *r)
{
	if (r->u.pid.pid == TT_OBD_PID_ODOMETER)
		take_odometer(v, r->at_us, TT_ODOMETER_A6, r->u.pid.value.value_milli); /* thousandths of a kilometre */
	take_count(v, r->u.pid.pid, r->u.pid.value.value_milli);
	for (size_t i = 0; i < v->profile->npolls; i++) {
		if (v->profile->polls[i].pid == r->u.pid.pid)
			tt_vehicle_value(v, (unsigned)(TT_PROFILE_SIGNALS + i), &v->profile->polls[i].rule, r->at_us,
					 (double)r->u.pid.value.value_milli / 1000);
	}
}

static void on_vin(struct tt_vehicle *v, const struct tt_obd_result *r)
{
	memcpy(v->vin, r->u.vin, sizeof(v->vin));
}

static void on_freeze(struct tt_vehicle *v, const struct tt_obd_result *r)
{
	tt_fault_watch_freeze(&v->faults, r->at_us, r->ecu, r->u.freeze.dtc, r->u.freeze.items, r->u.freeze.n);
}

void tt_vehicle_obd(struct tt_vehicle *v, const struct tt_obd_result *result)
{
	static void (*const takers[])(struct tt_vehicle *, const struct tt_obd_result *) = {
		[TT_OBD_RESULT_VIN] = on_vin, [TT_OBD_RESULT_READINESS] = on_readiness, [TT_OBD_RESULT_DTCS] = on_dtcs,
		[TT_OBD_RESULT_PID] = on_pid, [TT_OBD_RESULT_FREEZE] = on_freeze,
	};

	if (result->kind < sizeof(takers) / sizeof(takers[0]) && takers[result->kind])
		takers[result->kind](v, result);
}

void tt_vehicle_did(struct tt_vehicle *v, size_t did, tt_mono_us at_us, double value)
{
	tt_vehicle_value(v, (unsigned)(TT_PROFILE_SIGNALS + TT_PROFILE_POLLS + did), &v->profile->uds.dids[did].rule, at_us, value);
}

void tt_vehicle_silent(struct tt_vehicle *v, tt_mono_us now_us)
{
	if (v->profile->ignition)
		set_ignition(v, now_us, TT_IGNITION_UNKNOWN);
}

/* ---- life ---- */

static void find_roles(struct tt_vehicle *v)
{
	for (size_t i = 0; i < v->profile->nsignals; i++)
		v->roles[i] = role_of(v->profile->signals[i].rule.vss);
	for (size_t i = 0; i < v->profile->npolls; i++)
		v->roles[TT_PROFILE_SIGNALS + i] = role_of(v->profile->polls[i].rule.vss);
	for (size_t i = 0; i < v->profile->uds.ndids; i++)
		v->roles[TT_PROFILE_SIGNALS + TT_PROFILE_POLLS + i] = role_of(v->profile->uds.dids[i].rule.vss);
	for (size_t i = 0; i < v->profile->j1939.nspns; i++)
		v->roles[TT_VEHICLE_SPNS + i] = role_of(v->profile->j1939.spns[i].rule.vss);
}

enum tt_err tt_vehicle_create(const struct tt_profile *profile, const struct tt_decoder_text *dbcs, int64_t odometer_report_m,
			      tt_vehicle_value_fn on_value, void *ctx, struct tt_vehicle **out, struct tt_errmsg *msg)
{
	struct tt_vehicle *v = calloc(1, sizeof(*v));
	struct tt_trip_config trip = TT_TRIP_DEFAULT;
	enum tt_err err;

	if (!v)
		return tt_errmsg_set(msg, TT_ENOMEM, "vehicle: out of memory");
	v->profile = profile;
	v->on_value = on_value;
	v->ctx = ctx;
	tt_crash_init(&v->crash, &TT_CRASH_DEFAULT);
	trip.idle_us = TT_MS(profile->motion.milli[TT_MOTION_PARK_TIMEOUT]);
	trip.tank_ml = profile->motion.milli[TT_MOTION_FUEL_TANK];
	tt_trip_init(&v->trip, &trip);
	tt_odometer_init(&v->odometer, odometer_report_m);
	tt_motion_init(&v->motion, &profile->motion, &v->trip, &v->odometer);
	tt_sos_init(&v->sos, &TT_SOS_DEFAULT);
	tt_fault_watch_init(&v->faults, &TT_FAULT_DEFAULT);
	find_roles(v);
	err = tt_decoder_init(&v->decoder, profile, dbcs, msg);
	if (err) {
		tt_vehicle_destroy(v);
		return err;
	}
	*out = v;
	return TT_OK;
}

void tt_vehicle_destroy(struct tt_vehicle *v)
{
	if (!v)
		return;
	tt_decoder_free(&v->decoder);
	free(v);
}
