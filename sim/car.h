/*
 * The simulated car: what it is and how it moves. PURE; time enters as steps.
 *
 * Speeds are mm/s, distances micrometres, so that a step of one millisecond loses nothing. The caller owns the struct. Faults live in
 * the ECU that reports them; a stored code freezes the values of that moment (SAE J1979 service 02).
 */
#ifndef TT_SIM_CAR_H
#define TT_SIM_CAR_H

#include "sim/scenario.h"

enum { TT_CAR_DTCS = 32, TT_CAR_TYRES = 4, TT_CAR_TOW_MM_S = 8000 };
enum { TT_CAR_SPNS = 16 };
/* VSS Vehicle.LowVoltageSystemState, as schemas/dbc/telltale_demo.dbc counts it. */
enum tt_car_ignition { TT_CAR_OFF = 2, TT_CAR_ACC = 3, TT_CAR_ON = 4, TT_CAR_START = 5 };

struct tt_car_dtc {
	uint16_t code;
	unsigned status; /* TT_SIM_DTC_... */
	bool frozen;
	int32_t freeze[TT_SIM_FREEZE_ITEMS]; /* 1/1000 of the unit */
};

struct tt_car_ecu {
	struct tt_car_dtc dtcs[TT_CAR_DTCS]; /* in the order they were set */
	unsigned ndtcs;
	unsigned mode; /* TT_SIM_ECU_... */
};

/* A J1939 code of the engine. */
struct tt_car_spn {
	uint32_t code; /* SPN << 5 | FMI */
	uint8_t lamps; /* as in DM1's first byte */
	uint8_t count; /* how often it was set */
	bool active;   /* or previously */
};

struct tt_car {
	char vin[TT_SIM_VIN];
	enum tt_car_ignition ignition;
	int64_t off_for_us;    /* since the ignition went off */
	int64_t speed_mm_s;    /* never negative */
	int64_t target_mm_s;   /* held unless the track is followed */
	bool follow;           /* take the track's speed, at most target_mm_s when that is not 0 */
	int64_t limit_mm_s;    /* of the track here; set by the caller before each step */
	int64_t accel_mm_s2;   /* along, of the last step */
	int64_t lateral_mm_s2; /* left is positive; set by the caller */
	int64_t hard_mm_s2;    /* acceleration of a harsh manoeuvre under way; 0 = ordinary */
	int64_t swerve_left_us, swerve_mm_s2;
	bool towed;                            /* carried; the wheels stand */
	int64_t tyres_milli_kpa[TT_CAR_TYRES]; /* in the order of the places' bits */
	int64_t crash_left_us;                 /* of the impact */
	int64_t crash_mm_s2;                   /* deceleration of the impact */
	int64_t crash_rest_um_s;               /* fractions of speed */
	int64_t odometer_um;
	int64_t travelled_um;      /* along the track, since the start */
	int64_t lamp_um, clear_um; /* driven with the lamp on; since the codes were cleared */
	int64_t run_us;            /* engine running */
	int64_t coolant_milli;     /* degree C */
	int64_t fuel_milli;        /* % */
	int64_t battery_mv;
	bool battery_fixed;          /* by the scenario */
	unsigned bags, belts, doors; /* bits of places */
	bool rollover, locked, sos, wrecked;
	bool bus_silent, gps_lost;
	bool cleared; /* readiness monitors have to run again */
	struct tt_car_ecu ecus[TT_SIM_ECUS];
	struct tt_car_spn spns[TT_CAR_SPNS];
	unsigned nspns;
	int64_t engine_hours_us;
};

/* VIN 3FADP4FJ2BM113913, ignition on, standing, belts on, 10,000 km, warm. */
void tt_car_init(struct tt_car *car);
/* TT_EFULL: no room for another code. Notes and END change nothing. */
TT_MUSTCHECK enum tt_err tt_car_apply(struct tt_car *car, const struct tt_sim_action *action);
void tt_car_step(struct tt_car *car, int64_t dt_us);

bool tt_car_engine_running(const struct tt_car *car);
int64_t tt_car_rpm(const struct tt_car *car);
/* Present value of what a freeze frame would hold, 1/1000 of the unit. */
int32_t tt_car_value(const struct tt_car *car, enum tt_sim_freeze what);
/* The lamp: a stored code in any ECU. */
bool tt_car_lamp(const struct tt_car *car);
unsigned tt_car_count(const struct tt_car_ecu *ecu, unsigned status);
/* As service 04 does: permanent codes stay until the car has proved itself. */
void tt_car_clear_by_tester(struct tt_car *car, unsigned ecu);

#endif
