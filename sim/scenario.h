/*
 * Scenarios: what happens to a simulated car, in readable text. PURE.
 *
 *     # a comment; blank lines are fine
 *     odometer 14990 km          no time: together with the step before (at the start: 0 s)
 *     at 2s set dtc P0301 stored freeze rpm=2150 speed=62
 *     after 500ms airbag driver  counted from the step before
 *     repeat                     last line: start over, the car keeps its state
 *
 * Times: a number with ms, s or min, up to three decimals, a day at most; steps are in order. Actions, also one datagram each at
 * `telltale-sim
 * --control`:
 *
 *     vin VIN | odometer N km | odometer N m | ignition off|acc|on|start
 *     drive [N km/h]             follow the track at its speeds (no track: 50 km/h), or at N at most
 *     speed N km/h               go to N and hold it        stop                 brake to standstill
 *     brake hard [N km/h]        to N (standstill) with 8 m/s^2      floor N km/h      to N with 5 m/s^2
 *     swerve left|right          for three seconds with 6 m/s^2      tow on|off        carried along the track at 8 m/s, wheels still
 *     crash [N km/h] [BAG]       lose N (40) within 100 ms, then stand; BAG, as airbag names them, fires at once
 *     airbag driver|passenger|rear-left|rear-right|all|reset      rollover yes|no
 *     belt driver|passenger on|off      door front-left|front-right|rear-left|rear-right open|closed      lock | unlock
 *     tyre front-left|front-right|rear-left|rear-right N kPa
 *     sos press|release      battery N V      fuel N %      coolant N C
 *     set dtc CODE [stored] [pending] [permanent] [prefailed] [ecu engine|transmission]
 *         [freeze [load=%] [coolant=C] [rpm=N] [speed=km/h] [intake=C] [throttle=%]]
 *                                a stored code lights the lamp and freezes the car's values, or those given
 *     clear dtc [CODE]           as a repair does; permanent codes go too
 *     set spn SPN/FMI [mil] [rsl] [awl] [pl]      of a lorry (--truck): an active J1939 code of the engine, lamps on
 *     clear spn [SPN/FMI]        not active any more; it goes to the previously active ones
 *     ecu engine|transmission answers|silent|pending|slow|old
 *         pending: "response pending" (7F xx 78) before each answer; slow: the same, and the answer takes 3 s; old: refuses
 *         more than one PID a request
 *     bus talks|silent           broadcast messages         gps fix|lost
 *     note TEXT | end            end: the simulator exits
 *
 * Memory: the caller's; steps keep pointers into the text, which must outlive them. Errors: TT_EINVAL and TT_ERANGE, with a message that
 * names the line and what is allowed; TT_EFULL for more than TT_SCENARIO_STEPS.
 */
#ifndef TT_SIM_SCENARIO_H
#define TT_SIM_SCENARIO_H

#include "base/err.h"
#include "base/time.h"

enum { TT_SCENARIO_STEPS = 256, TT_SIM_VIN = 18 };

enum tt_sim_verb {
	TT_SIM_VERB_VIN,      /* vin */
	TT_SIM_VERB_ODOMETER, /* value m */
	TT_SIM_VERB_IGNITION, /* which: enum tt_car_ignition */
	TT_SIM_VERB_DRIVE,    /* value mm/s, 0 = the track's speeds */
	TT_SIM_VERB_SPEED,    /* value mm/s */
	TT_SIM_VERB_STOP,
	TT_SIM_VERB_BRAKE,     /* value mm/s */
	TT_SIM_VERB_FLOOR,     /* value mm/s */
	TT_SIM_VERB_SWERVE,    /* on = left */
	TT_SIM_VERB_TOW,       /* on */
	TT_SIM_VERB_TYRE,      /* which: place bit, value 1/1000 kPa */
	TT_SIM_VERB_CRASH,     /* value mm/s */
	TT_SIM_VERB_AIRBAG,    /* which: bits of bags, 0 = reset */
	TT_SIM_VERB_ROLLOVER,  /* on */
	TT_SIM_VERB_BELT,      /* which: seat bit, on */
	TT_SIM_VERB_DOOR,      /* which: door bit, on = open */
	TT_SIM_VERB_LOCK,      /* on */
	TT_SIM_VERB_SOS,       /* on */
	TT_SIM_VERB_BATTERY,   /* value mV */
	TT_SIM_VERB_FUEL,      /* value 1/1000 % */
	TT_SIM_VERB_COOLANT,   /* value 1/1000 degree C */
	TT_SIM_VERB_SET_DTC,   /* code, status, which: ECU, freeze */
	TT_SIM_VERB_CLEAR_DTC, /* code, 0 = all */
	TT_SIM_VERB_SET_SPN,   /* value: SPN << 5 | FMI, which: bits of lamps as in DM1's first byte */
	TT_SIM_VERB_CLEAR_SPN, /* value, 0 = all */
	TT_SIM_VERB_ECU,       /* which: ECU, mode */
	TT_SIM_VERB_BUS,       /* on = talks */
	TT_SIM_VERB_GPS,       /* on = fix */
	TT_SIM_VERB_NOTE,
	TT_SIM_VERB_END,
};

enum { TT_SIM_ECU_ENGINE, TT_SIM_ECU_TRANSMISSION, TT_SIM_ECUS };
/* PREFAILED: the test is on its way to fail; UDS alone tells it (19 14). */
enum { TT_SIM_DTC_STORED = 1, TT_SIM_DTC_PENDING = 2, TT_SIM_DTC_PERMANENT = 4, TT_SIM_DTC_PREFAILED = 8 };
enum { TT_SIM_ECU_ANSWERS, TT_SIM_ECU_SILENT, TT_SIM_ECU_PENDING, TT_SIM_ECU_SLOW, TT_SIM_ECU_OLD };
enum { TT_SIM_FRONT_LEFT = 1, TT_SIM_FRONT_RIGHT = 2, TT_SIM_REAR_LEFT = 4, TT_SIM_REAR_RIGHT = 8, TT_SIM_ALL_PLACES = 15 };

/* What a freeze frame holds, in the order of its PIDs 04 05 0C 0D 0F 11. */
enum tt_sim_freeze {
	TT_SIM_FREEZE_LOAD,    /* % */
	TT_SIM_FREEZE_COOLANT, /* degree C */
	TT_SIM_FREEZE_RPM,
	TT_SIM_FREEZE_SPEED,    /* km/h */
	TT_SIM_FREEZE_INTAKE,   /* degree C */
	TT_SIM_FREEZE_THROTTLE, /* % */
	TT_SIM_FREEZE_ITEMS
};

struct tt_sim_action {
	enum tt_sim_verb verb;
	int64_t value;
	unsigned which;
	bool on;
	unsigned mode;                       /* TT_SIM_ECU_... */
	uint16_t code;                       /* two bytes as on the bus */
	unsigned status;                     /* TT_SIM_DTC_... bits */
	unsigned frozen;                     /* bits of enum tt_sim_freeze that are given */
	int32_t freeze[TT_SIM_FREEZE_ITEMS]; /* 1/1000 of the unit */
	char vin[TT_SIM_VIN];
};

struct tt_sim_step {
	int64_t at_us; /* since the scenario's start */
	struct tt_sim_action action;
	const char *text; /* the action as written */
	size_t text_len;
	unsigned line;
};

struct tt_scenario {
	struct tt_sim_step steps[TT_SCENARIO_STEPS];
	size_t nsteps;
	bool repeat;
};

TT_MUSTCHECK enum tt_err tt_scenario_parse(const char *text, size_t len, struct tt_scenario *out, struct tt_errmsg *msg);
/* One action without a time. */
TT_MUSTCHECK enum tt_err tt_sim_action_parse(const char *line, size_t len, struct tt_sim_action *out, struct tt_errmsg *msg);

#endif
