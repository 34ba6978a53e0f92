/*
 * The vehicle profile: which database describes the car's bus, which of its signals we want and what they are called in VSS, where
 * ignition and SOS come from, what is asked by OBD, and what may be sent beyond the read-only default. Format and example:
 * schemas/profiles/demo.profile.
 *
 * One directive a line, `#` starts a comment, words are separated by blanks:
 *
 *	telltale-profile 1                                 first line: the format's version
 *	name TEXT                                          shown in logs
 *	bus NUMBER NAME                                    names the NUMBER-th bus (0..) of the agent's `can` setting
 *	dbc PATH [bus BUS] [j1939]                         relative to the profile's own folder; see below
 *	signal MESSAGE.SIGNAL VSS.PATH [bus BUS] [invert] [map RAW=VALUE,...] [scale FACTOR] [offset NUMBER] [every MS]
 *	                               [on-change] [local]
 *	poll PID VSS.PATH [scale FACTOR] [offset NUMBER] [every MS] [on-change] [local]     PID of service 01, e.g. 0x42
 *	ignition VSS.PATH on LOW[..HIGH]                   values of the (transformed) signal that mean ignition on; all others mean off
 *	ignition-grace MS                                  how long after ignition off the car may still be asked (0..600000; 10000)
 *	threshold NAME NUMBER                              of detection, in its unit; names and ranges in firmware/proto/motion_config.h
 *	speed-limit KMH                                    over-speed is told; the same as `threshold speed-limit`
 *	tow-alert yes|no                                   movement with the ignition off is also an alert of kind THEFT (no)
 *	battery-system 12|24                               volts (12)
 *	tyre-placard FRONT_KPA [REAR_KPA]                  cold pressures
 *	geofence NAME circle LAT LON RADIUS_M [dwell MINUTES]
 *	geofence NAME polygon LAT,LON ... [dwell MINUTES]  3 to 64 points; a further line of the same NAME goes on with it
 *	power WORD NUMBER                                  when the unit sleeps and wakes; words and units: profile_power.c
 *	j1939 BUS [address ADDRESS]                        this bus speaks J1939: no OBD there; with an address (0x80..0xF9) the agent
 *	                                                   claims it and may ask, without one it only listens
 *	j1939-request BUS dm2|dm5|vin|ecu-id|software [to ADDRESS] [every SECONDS]      asked of everybody, until answered (three times)
 *	j1939-conversion SOURCE 1|2|3                      how this source packs SPNs where its conversion bit is set
 *	spn NUMBER VSS.PATH [bus BUS] [invert] ... as poll    a parameter that firmware/proto/j1939_spn.c knows, e.g. 247
 *	transmit ID [mask MASK] [29bit] services HEX,... [rate N]       frames allowed beyond read-only OBD; 10 only for session 01
 *	actuate KIND frame ID:DATA [bus N] [repeat N every MS] [confirm VSS.PATH VALUE within MS]
 *	                                                   what the command KIND sends, and the signal that shows that the car did it; up to
 *	                                                   4 lines a kind, in order: lock unlock horn-lights ignition-block ignition-release
 *	actuate-parked-limit HOURS                         unlock is refused when the car was off for longer (1..2160; 120)
 *	clear-codes allowed                                a command may clear trouble codes (service 04); without it 04 is never sent
 *	ecu NAME REQUEST RESPONSE [29bit] [extended TARGET SOURCE] [session HEX] [counters] [bus N]
 *	                                                   asked by UDS for its codes (19 02, 04, 06; 0A once), `counters`: for tests
 *	                                                   on their way to fail as well (19 14)
 *	did ECU HEX LENGTH[:AT[:BYTES]] VSS.PATH [signed] [options as signal]    read by 22; the value is BYTES (1..8) from byte AT on
 *	snapshot ECU HEX LENGTH                            bytes of a data identifier in the snapshots of trouble codes
 *	extended-data ECU HEX LENGTH                       bytes of an extended data record
 *
 * `ecu` allows services 19 and 22 at that identifier; `session` (03 and up) also 10 with this session and the default one, and 3E. The
 * programming session (02) is refused.
 *
 * Databases: a dbc with `bus` describes that bus alone; the one without describes every bus that has none of its own, so that a profile
 * with a single dbc needs no bus lines. BUS is a number or a name given above. A signal with `bus` is taken from that bus only; without it,
 * from every bus whose database has it, and only one database may. `j1939` matches 29-bit messages by group, from any source; messages that
 * the database itself says are J1939's are so matched without it. What is broken in a database and not named here is left out and counted.
 *
 * value = raw physical value, then invert (0 becomes 1, anything else 0) or map, then * scale + offset. `map` refuses values that it does
 * not name: they are invalid. Telemetry of a signal: at most every MS milliseconds, with on-change only when the value differs from the
 * last one sent (both: and), with `local` never.
 *
 * Memory: the caller's struct, about 60 KB. Threads: a read profile may be shared.
 */
#ifndef TT_FIRMWARE_AGENT_PROFILE_H
#define TT_FIRMWARE_AGENT_PROFILE_H

#include "base/err.h"
#include "firmware/proto/actuate.h"
#include "firmware/proto/command.h"
#include "firmware/proto/gate.h"
#include "firmware/proto/power.h"
#include "firmware/proto/j1939_node.h"
#include "firmware/proto/j1939_spn.h"
#include "firmware/proto/motion_config.h"
#include "wire/signal.h"

enum {
	TT_PROFILE_SIGNALS = 64,
	TT_PROFILE_POLLS = 24,
	TT_PROFILE_MAP = 8,
	TT_PROFILE_WORD = 64,
	TT_PROFILE_SYMBOL = 129, /* a DBC's names have up to 128 characters */
	TT_PROFILE_PATH = 256,
	TT_PROFILE_TRANSMIT = 16,
	TT_PROFILE_ECUS = 8,
	TT_PROFILE_DIDS = 24,
	TT_PROFILE_RECORDS = 48,
	TT_PROFILE_DID_BYTES = 64,
	TT_PROFILE_ECU_NAME = 16,
	TT_PROFILE_BUSES = 4,
	TT_PROFILE_DBCS = TT_PROFILE_BUSES + 1,
	TT_PROFILE_BUS_NAME = 32,
	TT_PROFILE_ANY_BUS = -1,
	TT_PROFILE_SPNS = 16,
	TT_PROFILE_SOURCES = 256,
};

/* profile_bus.c */
struct tt_profile_dbc {
	char path[TT_PROFILE_PATH]; /* as written */
	int bus;                    /* 0.., or TT_PROFILE_ANY_BUS: every bus without a database of its own */
	bool j1939;
	unsigned line;
};

struct tt_profile_buses {
	struct tt_profile_dbc dbcs[TT_PROFILE_DBCS];
	size_t ndbcs;
	char names[TT_PROFILE_BUSES][TT_PROFILE_BUS_NAME]; /* "" = none given */
};

/* What becomes of a value, and how often it is sent. */
struct tt_profile_rule {
	const struct tt_signal *vss;
	bool invert;
	uint8_t nmap;
	struct {
		int64_t raw, value;
	} map[TT_PROFILE_MAP];
	double scale, offset;
	int64_t every_us;
	bool on_change;
	bool local; /* for detection only, no telemetry */
	int bus;    /* of a signal: from this bus only, or TT_PROFILE_ANY_BUS */
	unsigned line;
};

struct tt_profile_signal {
	char message[TT_PROFILE_SYMBOL];
	char signal[TT_PROFILE_SYMBOL];
	struct tt_profile_rule rule;
};

struct tt_profile_poll {
	uint8_t pid;
	struct tt_profile_rule rule;
};

struct tt_profile_ecu {
	char name[TT_PROFILE_ECU_NAME];
	uint32_t request, response;
	bool extended;          /* 29 bits */
	bool addressed;         /* extended or mixed addressing */
	uint8_t target, source; /* address byte of requests and of responses */
	uint8_t session;        /* 0 = the default session only */
	bool counters;
	uint8_t bus;
};

/* One value in a data identifier; several may share the identifier, whose length they must agree on. */
struct tt_profile_did {
	uint8_t ecu; /* index */
	uint16_t did;
	uint8_t len;       /* of the identifier's data, 1..TT_PROFILE_DID_BYTES */
	uint8_t at, bytes; /* of the value; bytes 1..8 */
	bool is_signed;
	struct tt_profile_rule rule;
};

/* Lengths that UDS leaves to whoever wrote the ECU. */
struct tt_profile_record {
	uint8_t ecu;     /* index */
	bool extended;   /* an extended data record; else a data identifier in snapshots */
	uint16_t number; /* record number or data identifier */
	uint8_t len;     /* 1..TT_PROFILE_DID_BYTES */
};

struct tt_profile_uds {
	struct tt_profile_ecu ecus[TT_PROFILE_ECUS];
	size_t necus;
	struct tt_profile_did dids[TT_PROFILE_DIDS];
	size_t ndids;
	struct tt_profile_record records[TT_PROFILE_RECORDS];
	size_t nrecords;
};

/* What commands may do to the car; empty by default. */
struct tt_profile_remote {
	struct tt_actuate_plan plans[TT_COMMAND_KINDS];
	int64_t off_limit_us;
};

/* profile_obd.c */
struct tt_profile_obd {
	bool clear_codes;
};

/* profile_j1939.c */
struct tt_profile_spn {
	const struct tt_j1939_spn *spn;
	struct tt_profile_rule rule;
};

struct tt_profile_j1939 {
	struct {
		bool on;
		bool talks; /* address and asks hold */
		uint8_t address;
		struct tt_j1939_ask asks[TT_J1939_ASKS];
		size_t nasks;
	} buses[TT_PROFILE_BUSES];
	uint8_t method[TT_PROFILE_SOURCES]; /* by source; 0 = version 4 */
	struct tt_profile_spn spns[TT_PROFILE_SPNS];
	size_t nspns;
};

struct tt_profile {
	char name[TT_PROFILE_WORD];
	struct tt_profile_buses buses;
	struct tt_profile_signal signals[TT_PROFILE_SIGNALS];
	size_t nsignals;
	struct tt_profile_poll polls[TT_PROFILE_POLLS];
	size_t npolls;
	const struct tt_signal *ignition; /* NULL = unknown to this car */
	double ignition_low, ignition_high;
	int64_t ignition_grace_us;
	struct tt_power_config power; /* but ignition, grace_us: the agent fills them from the above */
	struct tt_gate_rule transmit[TT_PROFILE_TRANSMIT];
	size_t ntransmit;
	struct tt_profile_remote remote;
	struct tt_motion_config motion;
	struct tt_profile_obd obd;
	struct tt_profile_uds uds;
	struct tt_profile_j1939 j1939;
};

/* what: the profile's name for messages. TT_ECONFIG, with "what:line: reason; way out" in msg. */
TT_MUSTCHECK enum tt_err tt_profile_parse(const char *what, const char *text, size_t len, struct tt_profile *out, struct tt_errmsg *msg);

/* The gate's rule that an ECU of the profile implies. */
struct tt_gate_rule tt_profile_ecu_rule(const struct tt_profile_ecu *ecu);

/* Applies invert, map, scale and offset. False: the map does not name the value. */
bool tt_profile_transform(const struct tt_profile_rule *rule, double physical, double *out);

#endif
