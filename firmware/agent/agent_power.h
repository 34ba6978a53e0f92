/*
 * The power machine (firmware/proto/power.h) in the agent: what feeds it, and what its moves do. Asleep the broker and gpsd are let go,
 * nothing is collected, and the loop has no timer but the machine's; DEEP suspends the computer where a program for it is named.
 */
#ifndef TT_FIRMWARE_AGENT_AGENT_POWER_H
#define TT_FIRMWARE_AGENT_AGENT_POWER_H

#include "base/err.h"
#include "firmware/agent/profile.h"
#include "firmware/io/resume.h"
#include "firmware/io/suspend.h"
#include "wire/topic.h"

struct tt_agent;

struct tt_agent_power {
	struct tt_power core;
	enum tt_power_state acted; /* the state whose consequences were drawn */
	tt_mono_us now_us;         /* the core's time never goes back */
	const struct tt_signal *voltage, *engine, *speed;
	tt_mono_us heard_us;   /* the buses last said anything; 0 = never */
	unsigned moving_fixes; /* in a row */
	int movement_fd;       /* -1 = none */
	uint64_t turns_at;     /* of the loop when it fell asleep */
	uint64_t turns_asleep; /* before that */
	uint64_t sent_unasked; /* frames sent although the car may not be asked: must stay 0 */
	uint64_t sent;         /* frames sent, at the last look */
	tt_mono_us woke_us;    /* until the first state after it is told; 0 */
	tt_mono_us suspend_at_us;
	bool suspend_fails;
	struct tt_suspend suspend;
	struct tt_resume *resume;
};

TT_MUSTCHECK enum tt_err tt_agent_power_load(struct tt_agent *a, struct tt_errmsg *msg);
void tt_agent_power_unload(struct tt_agent *a);

/* What feeds it. */
void tt_agent_power_frame(struct tt_agent *a, tt_mono_us at_us, bool answer);
void tt_agent_power_value(struct tt_agent *a, const struct tt_signal *vss, double value);
void tt_agent_power_fix(struct tt_agent *a, uint32_t speed_mm_s);
void tt_agent_power_alert(struct tt_agent *a, tt_mono_us now_us);

/* Once a turn, first: time, and the consequences of a move. */
void tt_agent_power_turn(struct tt_agent *a, tt_mono_us now_us);
bool tt_agent_power_may_ask(const struct tt_agent *a, tt_mono_us now_us);
/* After the buses had their turn. */
void tt_agent_power_sent(struct tt_agent *a, bool may_ask);
/* Below the floor only alerts leave; asleep nothing is collected. */
bool tt_agent_power_may_send(const struct tt_agent *a, enum tt_class cls);
bool tt_agent_power_collects(const struct tt_agent *a);
tt_mono_us tt_agent_power_wake_at(const struct tt_agent *a);
/* Turns of the loop while asleep, up to now. */
uint64_t tt_agent_power_wakeups(const struct tt_agent *a);

#endif
