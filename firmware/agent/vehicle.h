/*
 * What the car is doing: frames and OBD answers go in, decoded by the profile, and feed the detection cores; values go out to telemetry.
 * No sockets, no clock: the agent polls the cores embedded here.
 *
 * Only mapped signals are decoded. A value outside the range its DBC gives, or that a map does not name, is invalid: it feeds nothing (the
 * crash core is told, so that it forgets its history).
 * Memory: database and plan are taken in create; nothing later. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_VEHICLE_H
#define TT_FIRMWARE_AGENT_VEHICLE_H

#include "firmware/agent/decoder.h"
#include "firmware/proto/crash.h"
#include "firmware/proto/fault_read.h"
#include "firmware/proto/motion.h"
#include "firmware/proto/j1939_dm.h"
#include "firmware/proto/odometer.h"
#include "firmware/proto/sos.h"
#include "firmware/proto/trip.h"

/* A valid value of a mapped signal, poll, data identifier or parameter. slot: 0..TT_VEHICLE_SLOTS-1, fixed for the rule. */
enum { TT_VEHICLE_SPNS = TT_PROFILE_SIGNALS + TT_PROFILE_POLLS + TT_PROFILE_DIDS, TT_VEHICLE_SLOTS = TT_VEHICLE_SPNS + TT_PROFILE_SPNS };
typedef void (*tt_vehicle_value_fn)(void *ctx, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value);

struct tt_vehicle;
typedef void (*tt_vehicle_role_fn)(struct tt_vehicle *v, tt_mono_us at_us, double value);

/* What the car counts since its codes were cleared, in the order of the wire's SinceClear. */
enum { TT_SINCE_KM, TT_SINCE_WARM_UPS, TT_SINCE_MINUTES, TT_SINCE_MIL_KM, TT_SINCE_MIL_MINUTES, TT_SINCE_COUNTS };
struct tt_vehicle_since {
	uint32_t known; /* bits */
	uint32_t counts[TT_SINCE_COUNTS];
};

struct tt_vehicle {
	const struct tt_profile *profile;
	tt_vehicle_value_fn on_value;
	void *ctx;
	struct tt_decoder decoder;
	tt_vehicle_role_fn roles[TT_VEHICLE_SLOTS];
	struct tt_crash crash;
	struct tt_trip trip;
	struct tt_odometer odometer;
	struct tt_motion motion;  /* feeds trip and odometer, too */
	tt_utc_us utc_of_zero_us; /* what UTC monotonic 0 was, kept by the owner; 0 = not known */
	bool engine_told;         /* a signal says whether it runs */
	struct tt_sos sos;
	struct tt_fault_watch faults;
	struct tt_fault_reads reads; /* whose codes were read, for a full state */
	enum tt_ignition ignition;
	char vin[TT_VIN_TEXT];                              /* "" = not read */
	uint32_t readiness_supported, readiness_incomplete; /* of the ECU that reports the most monitors: */
	uint32_t readiness_ecu;
	struct tt_vehicle_since since;
	struct tt_j1939_dm dm; /* of the J1939 message at hand */
	uint64_t invalid;      /* values that were out of range */
};

/*
 * dbcs: the contents of each of profile->buses.dbcs; not kept. profile must outlive the vehicle.
 * Errors: those of tt_decoder_init; TT_ENOMEM. msg names file and line.
 */
TT_MUSTCHECK enum tt_err tt_vehicle_create(const struct tt_profile *profile, const struct tt_decoder_text *dbcs, int64_t odometer_report_m,
					   tt_vehicle_value_fn on_value, void *ctx, struct tt_vehicle **out, struct tt_errmsg *msg);
void tt_vehicle_destroy(struct tt_vehicle *v); /* NULL is fine */

/* Adds what the vehicle and a scan can use of a bus, for its port's filters. */
void tt_vehicle_filters(const struct tt_vehicle *v, uint8_t bus, struct tt_can_filter_set *out);

void tt_vehicle_frame(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_can_frame *frame);
void tt_vehicle_obd(struct tt_vehicle *v, const struct tt_obd_result *result);
/* A value of profile->uds.dids[did], as read. */
void tt_vehicle_did(struct tt_vehicle *v, size_t did, tt_mono_us at_us, double value);
/* vehicle_j1939.c: a whole J1939 message, DM1 to the faults, DM5 to readiness, parameters to where the profile wants them. True: it brought
 * the VIN. */
bool tt_vehicle_j1939(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m);
/* The buses have been silent: whether the ignition is on is not known any more. */
void tt_vehicle_silent(struct tt_vehicle *v, tt_mono_us now_us);

/* What a J1939 bus gives beyond its database. */
void tt_vehicle_j1939_filters(const struct tt_vehicle *v, uint8_t bus, struct tt_can_filter_set *out);
/* For vehicle_*.c: a physical value of a slot goes through its rule to the roles and to on_value; or it is not valid. */
void tt_vehicle_value(struct tt_vehicle *v, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double physical);
void tt_vehicle_invalid(struct tt_vehicle *v, unsigned slot);
/* An ECU's monitors, bit sets over enum tt_obd_monitor. The one that reports the most is kept. */
void tt_vehicle_readiness(struct tt_vehicle *v, uint32_t ecu, uint32_t supported, uint32_t incomplete);

#endif
