/*
 * The agent's inside: agent.c is its life, agent_input.c what comes in, agent_turn.c what time makes due, events.c and state.c what it
 * tells.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_PARTS_H
#define TT_FIRMWARE_AGENT_AGENT_PARTS_H

#include "base/log.h"
#include "firmware/agent/agent.h"
#include "firmware/agent/agent_update.h"
#include "firmware/agent/agent_health.h"
#include "firmware/agent/agent_power.h"
#include "firmware/agent/agent_watch.h"
#include "firmware/agent/agent_j1939.h"
#include "firmware/agent/agent_obd.h"
#include "firmware/agent/agent_motion.h"
#include "firmware/agent/bus.h"
#include "firmware/agent/condition.h"
#include "firmware/agent/ecus.h"
#include "firmware/agent/fix_time.h"
#include "firmware/agent/outbox.h"
#include "firmware/agent/stamp.h"
#include "firmware/agent/telemetry.h"
#include "firmware/io/backoff.h"
#include "firmware/io/gps.h"
#include "firmware/io/mqtt.h"

#define TT_AGENT_VERSION "0.1.0"

enum { TT_AGENT_COLUMNS = 60000 };

/* What the last state message said, for "has anything changed". */
struct tt_agent_told {
	tt_mono_us at_us; /* 0 = never on this connection */
	uint32_t conditions;
	bool ignition_on, mil, vin;
	unsigned faults;
	bool journal_ok;
	enum tt_power_state power;
};

/* While the journal refuses everything: what lasts is tried again with growing pauses, the rest is counted. */
struct tt_agent_refusal {
	tt_mono_us retry_at_us; /* 0 = the journal works */
	struct tt_backoff backoff;
	uint64_t events; /* that could not be told later; reported as evicted */
	struct tt_log_limit log, read_log, trip_log;
};

struct tt_remote;

struct tt_agent {
	struct tt_loop *loop;
	const struct tt_settings *settings; /* in remote */
	struct tt_remote *remote;
	struct tt_profile profile;
	struct tt_gate_rule rules[TT_GATE_RULES];
	struct tt_gate_config gate;
	struct tt_vehicle *vehicle;
	struct tt_telemetry *telemetry;
	struct tt_recorder *recorder;
	struct tt_profile_rule gps_rules[TT_TELEMETRY_GPS];
	tt_mono_us chunk_at_us; /* when the chunk goes, TT_NEVER while empty */
	struct tt_bus *buses[TT_AGENT_BUSES];
	size_t nbuses;
	struct tt_agent_j1939 j1939;
	struct tt_gps *gps; /* NULL: none in this car */
	tt_mono_us gps_sampled_us;
	struct tt_fix_time fix_time;
	struct tt_mqtt *mqtt;
	struct tt_journal *journal;
	char journal_locked[TT_CONDITION_DETAIL]; /* what was put aside at the start; "" = nothing */
	struct tt_outbox outbox;
	struct tt_conditions conditions;
	struct tt_ecus ecus;
	struct tt_ecu_reports ecu_reports;
	struct tt_agent_cleared cleared;
	struct tt_agent_uds *uds; /* NULL: the profile lists no ECU */
	struct tt_agent_told told;
	char topics[TT_NCLASSES][TT_TOPIC_MAX], dn_filter[TT_TOPIC_MAX];
	char known_path[TT_SETTING_PATH + 16], trip_path[TT_SETTING_PATH + 16], ecus_path[TT_SETTING_PATH + 16];
	tt_mono_us trip_saved_us;
	struct tt_agent_motion motion;
	int sos_fd; /* -1 = none */
	uint64_t crash_incident, sos_incident, trip;
	tt_mono_us flushed_us;
	bool silent; /* all buses */
	bool published;
	tt_mono_us started_us;
	struct tt_agent_refusal refusal;
	struct tt_agent_update update;
	struct tt_agent_power power;
	struct tt_agent_health health;
	struct tt_agent_watch watch;
	bool running; /* the start is over */
	uint8_t buf[TT_ENVELOPE_MAX_BYTES];
	uint8_t columns[TT_AGENT_COLUMNS];
	struct tt_obd_result result;
};

/* Time now, with its quality; and the time of something that happened at at_us. */
struct tt_stamp tt_agent_stamp(const struct tt_agent *a, tt_mono_us now_us);
tt_utc_us tt_agent_utc_of(const struct tt_agent *a, tt_mono_us now_us, tt_mono_us at_us);
/* The last known position as of at_us; in *p, whose init is done here. */
void tt_agent_position(struct tt_agent *a, tt_mono_us now_us, tt_mono_us at_us, Telltale__V1__Position *p);

/* agent_input.c: what the loop, the cores and the broker call; ctx is the agent. */
void tt_agent_on_value(void *ctx, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value);
void tt_agent_on_frame(void *ctx, tt_mono_us at_us, const struct tt_can_frame *frame);
void tt_agent_on_batch(void *ctx, tt_mono_us now_us);
void tt_agent_on_gps(void *ctx);
void tt_agent_on_sos_input(void *ctx, int fd, unsigned ready);
void tt_agent_on_up(void *ctx);
void tt_agent_on_down(void *ctx, const char *why);
void tt_agent_on_message(void *ctx, const char *topic, const uint8_t *payload, size_t len);
enum tt_err tt_agent_send(void *ctx, enum tt_class cls, const uint8_t *envelope, size_t len);
unsigned tt_agent_jitter(void *ctx);

/* agent_turn.c: everything that time or input makes due. Runs after each batch of input and by the timer. ctx is the agent. */
void tt_agent_advance(void *ctx, tt_mono_us now_us);

/* events.c: everything that detection has ready becomes events in the journal. Alerts first; they are published before it returns. */
void tt_agent_detect(struct tt_agent *a, tt_mono_us now_us);
/*
 * Encodes one event, whose body the caller has filled, stamps it and puts it into the journal (bulk: pending). TT_EAGAIN: the journal
 * refused it now, an alert is kept in memory instead; TT_ERANGE: it would not fit later either. Both are logged.
 */
TT_MUSTCHECK enum tt_err tt_agent_emit(struct tt_agent *a, tt_mono_us now_us, enum tt_class cls, Telltale__V1__Envelope *env);
/* An alert of which the caller has filled kind and incident: stamped, into the journal, and out. */
void tt_agent_alert(struct tt_agent *a, tt_mono_us now_us, tt_mono_us at_us, Telltale__V1__Alert *alert);
/* Puts what telemetry has collected into the journal. */
void tt_agent_chunk(struct tt_agent *a, tt_mono_us now_us);
/* Keeps the trip under way beside the journal, or forgets the one that ended. */
void tt_agent_keep_trip(struct tt_agent *a, tt_mono_us now_us);
void tt_agent_pump(struct tt_agent *a, tt_mono_us now_us);

/* agent.c: would a start with these settings go well, as far as files and profile are concerned? TT_ECONFIG, TT_ENOMEM; msg tells. */
TT_MUSTCHECK enum tt_err tt_agent_try(const struct tt_settings *settings, struct tt_errmsg *msg);

/* state.c */
void tt_agent_conditions(struct tt_agent *a, tt_mono_us now_us);
/* Publishes the state when something changed or the interval passed. */
void tt_agent_state(struct tt_agent *a, tt_mono_us now_us);
tt_mono_us tt_agent_state_at(const struct tt_agent *a);
/* Hands a state as of now to fn; it holds until fn returns, whose result it gives. */
TT_MUSTCHECK enum tt_err tt_agent_with_state(struct tt_agent *a, tt_mono_us now_us,
					     enum tt_err (*fn)(void *ctx, Telltale__V1__State *state), void *ctx);
/* The last will: a state that says offline. */
TT_MUSTCHECK enum tt_err tt_agent_will(const struct tt_agent *a, uint8_t *buf, size_t cap, size_t *len);
/* Says that the unit goes offline in good order, with all it knows. The caller disconnects. */
void tt_agent_farewell(struct tt_agent *a);

#endif
