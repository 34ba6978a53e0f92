/*
 * What an event data recorder tells of a crash, read from a capture: the elements of 49 CFR 563.7, tables I and II, as far as the car's
 * profile maps them.
 *
 * Each element says why it has no value: the car does not have the signal (TT_EDR_NOT_MAPPED), or has it and was not heard at the time
 * (TT_EDR_NOT_HEARD). Time zero is the trigger, which comes up to 150 ms after the first contact; series of the pulse therefore begin 150
 * ms before it. Series before the crash are at -5.0, -4.5 ... 0 s: the value that held then.
 *
 * Differences to a recorder in the restraint computer: sampled from the bus (10 Hz or better, the pulse at the bus's own pace), and delta-v
 * is integrated from what the bus shows, or taken from the speed where the car broadcasts no acceleration. No I/O; memory: the caller's.
 */
#ifndef TT_WIRE_EDR_H
#define TT_WIRE_EDR_H

#include "wire/captured.h"

/* X(id, word, name, unit, way it is read, paths: the first one mapped counts) */
#define TT_EDR_ELEMENTS(X) \
	X(DELTA_V_LONGITUDINAL, "delta_v_longitudinal", "delta-V, longitudinal", "mm/s", PULSE, "Vehicle.Acceleration.Longitudinal", \
	  "Vehicle.Speed") \
	X(MAX_DELTA_V_LONGITUDINAL, "max_delta_v_longitudinal", "maximum delta-V, longitudinal", "mm/s", PULSE_MAX, \
	  "Vehicle.Acceleration.Longitudinal", "Vehicle.Speed") \
	X(TIME_MAX_DELTA_V_LONGITUDINAL, "time_max_delta_v_longitudinal", "time, maximum delta-V, longitudinal", "ms", PULSE_TIME, \
	  "Vehicle.Acceleration.Longitudinal", "Vehicle.Speed") \
	X(SPEED, "speed", "speed, vehicle indicated", "km/h/1000", SERIES, "Vehicle.Speed", NULL) \
	X(ACCELERATOR, "accelerator", "accelerator pedal, % full", "%/1000", SERIES, "Vehicle.Chassis.Accelerator.PedalPosition", \
	  "Vehicle.Powertrain.CombustionEngine.TPS") \
	X(SERVICE_BRAKE, "service_brake", "service brake, on/off", "", SERIES, "Vehicle.Telltale.ServiceBrake", \
	  "Vehicle.Chassis.Brake.PedalPosition") \
	X(IGNITION_CYCLES, "ignition_cycles", "ignition cycle, crash", "", BEFORE, "Vehicle.Telltale.IgnitionCycles", NULL) \
	X(BELT_DRIVER, "belt_driver", "safety belt status, driver", "", BEFORE, "Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted", NULL) \
	X(AIRBAG_LAMP, "airbag_lamp", "frontal air bag warning lamp", "", BEFORE, "Vehicle.Telltale.AirbagWarningLamp", NULL) \
	X(AIRBAG_DRIVER, "airbag_driver", "frontal air bag deployment, time to deploy, driver", "ms", FIRES, \
	  "Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed", NULL) \
	X(AIRBAG_PASSENGER, "airbag_passenger", "frontal air bag deployment, time to deploy, right front passenger", "ms", FIRES, \
	  "Vehicle.Cabin.Seat.Row1.PassengerSide.Airbag.IsDeployed", NULL) \
	X(MULTI_EVENT, "multi_event", "multi-event, number of events", "", EVENTS, NULL, NULL) \
	X(SECOND_EVENT, "second_event", "time from event 1 to 2", "ms", SECOND, NULL, NULL) \
	X(COMPLETE, "complete", "complete file recorded", "", WHOLE, NULL, NULL) \
	X(DELTA_V_LATERAL, "delta_v_lateral", "delta-V, lateral", "mm/s", PULSE, "Vehicle.Acceleration.Lateral", NULL) \
	X(MAX_DELTA_V_LATERAL, "max_delta_v_lateral", "maximum delta-V, lateral", "mm/s", PULSE_MAX, "Vehicle.Acceleration.Lateral", NULL) \
	X(TIME_MAX_DELTA_V_LATERAL, "time_max_delta_v_lateral", "time, maximum delta-V, lateral", "ms", PULSE_TIME, \
	  "Vehicle.Acceleration.Lateral", NULL) \
	X(ENGINE_RPM, "engine_rpm", "engine rpm", "rpm/1000", SERIES, "Vehicle.Powertrain.CombustionEngine.Speed", NULL) \
	X(ABS, "abs", "ABS activity", "", SERIES, "Vehicle.ADAS.ABS.IsEngaged", NULL) \
	X(STABILITY, "stability", "stability control", "", SERIES, "Vehicle.ADAS.ESC.IsEngaged", NULL) \
	X(STEERING, "steering", "steering input", "degrees/1000", SERIES, "Vehicle.Chassis.SteeringWheel.Angle", NULL) \
	X(BELT_PASSENGER, "belt_passenger", "safety belt status, right front passenger", "", BEFORE, \
	  "Vehicle.Cabin.Seat.Row1.PassengerSide.IsBelted", NULL) \
	X(AIRBAG_SWITCH, "airbag_switch", "frontal air bag on, right front passenger", "", BEFORE, \
	  "Vehicle.Cabin.Seat.Row1.PassengerSide.Airbag.IsEnabled", NULL) \
	X(SIDE_LEFT, "side_left", "side air bag, time to deploy, left", "ms", FIRES, "Vehicle.Telltale.Airbag.SideLeft", NULL) \
	X(SIDE_RIGHT, "side_right", "side air bag, time to deploy, right", "ms", FIRES, "Vehicle.Telltale.Airbag.SideRight", NULL) \
	X(CURTAIN_LEFT, "curtain_left", "side curtain, time to deploy, left", "ms", FIRES, "Vehicle.Telltale.Airbag.CurtainLeft", NULL) \
	X(CURTAIN_RIGHT, "curtain_right", "side curtain, time to deploy, right", "ms", FIRES, "Vehicle.Telltale.Airbag.CurtainRight", \
	  NULL) \
	X(PRETENSIONER_DRIVER, "pretensioner_driver", "pretensioner, time to fire, driver", "ms", FIRES, \
	  "Vehicle.Telltale.Pretensioner.Row1.DriverSide", NULL) \
	X(PRETENSIONER_PASSENGER, "pretensioner_passenger", "pretensioner, time to fire, right front passenger", "ms", FIRES, \
	  "Vehicle.Telltale.Pretensioner.Row1.PassengerSide", NULL) \
	X(SEAT_DRIVER, "seat_driver", "seat position, driver", "mm/1000", BEFORE, "Vehicle.Cabin.Seat.Row1.DriverSide.Position", NULL) \
	X(OCCUPIED_PASSENGER, "occupied_passenger", "seat occupied, right front passenger", "", BEFORE, \
	  "Vehicle.Cabin.Seat.Row1.PassengerSide.IsOccupied", NULL)

enum tt_edr_element {
#define X(id, word, name, unit, way, path, other) TT_EDR_##id,
	TT_EDR_ELEMENTS(X)
#undef X
		TT_EDR_COUNT
};

enum tt_edr_status { TT_EDR_OK, TT_EDR_NOT_MAPPED, TT_EDR_NOT_HEARD };

enum {
	TT_EDR_SERIES = 11,
	TT_EDR_PULSE = 41,
	TT_EDR_PULSE_FROM_MS = -150,
	TT_EDR_PULSE_STEP_MS = 10,
	TT_EDR_SERIES_FROM_MS = -5000,
	TT_EDR_SERIES_STEP_MS = 500
};

struct tt_edr_value {
	enum tt_edr_status status; /* of a series: OK when at least one value is there */
	size_t n;                  /* 1, TT_EDR_SERIES or TT_EDR_PULSE; 0 unless OK */
	int32_t from_ms, step_ms;  /* of a series: time of its first value against the trigger, and between two; else 0 */
	int64_t value[TT_EDR_PULSE];
	bool known[TT_EDR_PULSE];
};

const char *tt_edr_word(enum tt_edr_element element); /* static; for programs: "delta_v_longitudinal" */
const char *tt_edr_name(enum tt_edr_element element); /* static; for people */
const char *tt_edr_unit(enum tt_edr_element element); /* static; "" = a number, or 0 and 1 */
/*
 * Reads one element. A time to deploy is against the trigger; -5000 or less: it was deployed before the capture; not heard: it did not
 * fire, or was never told.
 */
void tt_edr_read(struct tt_captured *c, enum tt_edr_element element, struct tt_edr_value *out);

#endif
