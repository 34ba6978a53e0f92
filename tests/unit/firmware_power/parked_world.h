/*
 * A car and the whole agent in it on simulated time: the real loop, buses, scan, journal, outbox, detection and power machine; the broker
 * and the gateway behind it are in memory (parked_mqtt.c) and acknowledge everything after a moment. What is counted is what the agent did.
 */
#ifndef TT_TESTS_PARKED_WORLD_H
#define TT_TESTS_PARKED_WORLD_H

#include "base/loop.h"
#include "firmware/agent/agent_parts.h"

struct parked_count {
	uint64_t frames;       /* that the agent sent to the car */
	uint64_t frames_quiet; /* of these, while the power machine did not let it ask */
	uint64_t wakeups;      /* turns of the loop */
	uint64_t wakeups_asleep;
	uint64_t connects, messages[TT_NCLASSES], bytes[TT_NCLASSES]; /* bytes: topic and payload */
	tt_mono_us online_us;
};

/* What somebody else on the car's bus says, e.g. an ECU that `heard` the agent's question. All NULL: nobody. */
struct parked_guest {
	void *ctx;
	bool (*say)(void *ctx, tt_mono_us now_us, struct tt_can_frame *out); /* false: nothing now */
	tt_mono_us (*wake_at)(void *ctx);
};

struct parked_world {
	struct tt_loop *loop;
	struct tt_settings settings;
	struct tt_agent *agent;
	struct tt_can_port *car;
	char folder[64], voltage_file[96];
	tt_mono_us now_us;
	tt_utc_us utc_us;   /* stands beside now_us; may be stepped */
	uint8_t ignition;   /* LowVoltageState; 4 = on */
	int32_t mv;         /* in the voltage file and on the bus */
	bool talks;         /* the car's bus is awake: BodyStatus every second (every 100 ms in a real one) */
	tt_mono_us talk_us; /* last said */
	struct parked_count count;
	/* Hears what the agent sends to the car; NULL: nobody. Set after parked_open. */
	void (*heard)(void *ctx, const struct tt_can_frame *frame);
	void *heard_ctx;
	struct parked_guest guest;
};

/* Settings beyond the defaults as "--key=value", ended by NULL. A profile of the test's own: profile text or NULL for the demo car's. */
void parked_open(struct parked_world *w, const char *profile, const char *const *more);
void parked_close(struct parked_world *w);
/* The agent ends in good order and starts again, with its files; no time passes. */
void parked_restart(struct parked_world *w);
/* Lets time pass. */
void parked_run(struct parked_world *w, int64_t us);
/* One turn of the loop now: what was put on the bus is heard. */
void parked_turn(struct parked_world *w);
/* A frame of the car's, heard at once. */
void parked_say(struct parked_world *w, uint32_t id, const uint8_t data[8]);
/* Drives for so long, then parks: the bus stays awake for 30 s and falls silent. */
void parked_drive(struct parked_world *w, int64_t us);
void parked_volts(struct parked_world *w, int32_t mv);

/* A condition of the last state, or NULL; a metric of it, which must be there. */
const Telltale__V1__Condition *parked_condition(const char *name);
int64_t parked_metric(const char *name);

/* parked_mqtt.c: what the broker saw last. */
extern Telltale__V1__State *parked_state; /* freed by the next one */
extern struct parked_count *parked_counts;
extern bool parked_broker_away;
/* Sees every message that leaves; NULL: nobody does. */
extern void (*parked_tap)(enum tt_class cls, const char *topic, const void *payload, size_t len, int qos);
/* Uses the tap to keep alerts and events as they leave, until parked_close. */
enum { PARKED_EVENTS = 256 };
void parked_keep(void);
extern Telltale__V1__Envelope *parked_events[PARKED_EVENTS];
extern size_t parked_nevents;

#endif
