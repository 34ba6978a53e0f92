/*
 * Told from afar: what comes on dn/cmd and dn/cfg, what the car then does, and what is answered.
 *
 * Signatures are checked here (wire/sign.h), decisions are the pure cores' (firmware/proto/command.h, actuate.h), memory of what was used
 * and applied is on disk (command_file.h, config_store.h) before anything happens. Without a trusted-keys file everything is refused.
 *
 * A configuration is taken in use by starting anew inside the process: tt_remote_wants_restart tells main. Shared by agent.c, state.c and
 * the remote_*.c. Memory: taken at the start, but for a configuration, which needs some while it is judged. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_AGENT_REMOTE_H
#define TT_FIRMWARE_AGENT_REMOTE_H

#include "firmware/agent/agent_parts.h"
#include "firmware/agent/command_file.h"
#include "firmware/agent/config_store.h"
#include "firmware/agent/head_unit.h"
#include "firmware/agent/remote_car.h"
#include "firmware/proto/actuate.h"
#include "firmware/proto/fault_code.h"

enum { TT_REMOTE_HEAD_WAITS = 4, TT_REMOTE_OUTAGE_US = 300000000, TT_REMOTE_HORN_REST_US = 60000000 };

/* Names a command in the ledger. */
struct tt_remote_ref {
	uint64_t key_id, id;
};

enum { TT_REMOTE_CLEAR_CODES = 32, TT_REMOTE_REJECTED = 8 };
/* Nobody drives for so long without standing for a moment: a speed that says so is stuck. */
#define TT_REMOTE_WAIT_US TT_SEC(4 * 3600)

/* The clearing of codes that is under way, or was the last: what was known when the ECUs were asked. Their answers: tt_agent_cleared. */
struct tt_remote_clearing {
	struct tt_remote_ref ref; /* id 0 = none since the start */
	bool waits;
	tt_mono_us until_us;
	struct tt_fault_before codes[TT_REMOTE_CLEAR_CODES];
	size_t ncodes;
	bool cut; /* there were more */
};

/* A result's ClearedCodes while it is encoded. */
struct tt_remote_clear_parts {
	Telltale__V1__ClearedCodes cleared;
	Telltale__V1__KnownFault codes[TT_REMOTE_CLEAR_CODES], *code_list[TT_REMOTE_CLEAR_CODES];
	char texts[TT_REMOTE_CLEAR_CODES][TT_FAULT_CODE_TEXT];
	Telltale__V1__EcuAnswer answers[TT_AGENT_CLEARED_ECUS], *answer_list[TT_AGENT_CLEARED_ECUS];
};

struct tt_remote {
	struct tt_settings settings; /* in use: as given, and what the configuration says */
	struct tt_settings given;
	struct tt_trust trust;
	struct tt_config_store store;
	bool restart;
	tt_mono_us waiting_until_us; /* then the configuration that waits is used, come what may */
	struct {
		uint8_t sums[TT_REMOTE_REJECTED][TT_CONFIG_DOC_SUM]; /* of document and reason, told since the start */
		unsigned n, next;
	} told_rejected;
	char rejected[TT_CONDITION_DETAIL]; /* why the last configuration was; "" = it was not */
	tt_mono_us trial_until_us;          /* TT_NEVER when there is no trial */
	uint64_t trial_seq; /* of the event whose acknowledgement proves that the gateway is reached; 0 = not in the journal yet */

	struct tt_command_ledger ledger;
	char ledger_path[TT_SETTING_PATH + 16];
	bool ledger_lost; /* it cannot be written: no command is taken */
	struct tt_log_limit forged_limit, refused_limit;
	tt_mono_us forged_us; /* last refused for its signature; 0 = never */
	char forged[TT_CONDITION_DETAIL];

	struct tt_remote_car car;
	struct tt_actuate act;
	struct tt_remote_ref acting; /* id 0 = none */
	uint32_t acting_kind;
	struct tt_remote_ref armed; /* the block that waits; id 0 = none */
	bool block_in_force;
	bool block_unsaved; /* remote_block.c: the file does not say so yet */
	tt_mono_us block_retry_us;
	char block_path[TT_SETTING_PATH + 16];
	tt_mono_us horn_free_us;

	struct tt_remote_clearing clearing;

	tt_mono_us rate_until_us; /* TT_NEVER: as configured */
	int64_t usual_state_ms, usual_telemetry_ms;
	struct tt_head_unit *head;
	struct {
		struct tt_remote_ref ref; /* id 0 = free */
		tt_mono_us until_us;
	} waits[TT_REMOTE_HEAD_WAITS];

	bool full_due;
	tt_mono_us down_since_us; /* 0 = up */
	struct {
		bool known;
		uint16_t number;
		int32_t scale;
		tt_mono_us at_us;
		double value;
	} values[TT_TELEMETRY_SLOTS];
};

/* First of all: which settings and which profile. a->settings points into a->remote afterwards. TT_ECONFIG, TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_remote_begin(struct tt_agent *a, const struct tt_settings *given, struct tt_errmsg *msg);
/* When everything else stands. */
TT_MUSTCHECK enum tt_err tt_remote_start(struct tt_agent *a, struct tt_errmsg *msg);
void tt_remote_end(struct tt_agent *a);
/* The agent could not be made with the configuration in use: true when another one is now, and it should be tried again. */
bool tt_remote_give_up(const struct tt_settings *given, const struct tt_errmsg *why);

/* kind: "cmd" or "cfg", the topic's last word. */
void tt_remote_message(struct tt_agent *a, const char *kind, const uint8_t *payload, size_t len);
void tt_remote_acked(struct tt_agent *a, const struct tt_ack *ack);
void tt_remote_up(struct tt_agent *a);
void tt_remote_down(struct tt_agent *a);
void tt_remote_value(struct tt_agent *a, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value);
void tt_remote_fix(struct tt_agent *a, const struct tt_gps_fix *fix);
void tt_remote_tick(struct tt_agent *a, tt_mono_us now_us);
tt_mono_us tt_remote_wake_at(const struct tt_agent *a, tt_mono_us now_us);
void tt_remote_conditions(struct tt_agent *a, tt_mono_us now_us);
void tt_remote_state(const struct tt_agent *a, Telltale__V1__State *state);

/* ---- between the remote_*.c ---- */

/* remote_command.c */
void tt_remote_take_command(struct tt_agent *a, tt_mono_us now_us, const uint8_t *payload, size_t len);
void tt_remote_situation(const struct tt_agent *a, tt_mono_us now_us, struct tt_command_situation *s);
/* The end of a command, or a step on the way: noted, stored, told at the next tick. */
void tt_remote_result(struct tt_agent *a, const struct tt_remote_ref *ref, enum tt_command_outcome outcome, const char *reason);
void tt_remote_commands_tick(struct tt_agent *a, tt_mono_us now_us);

/* What the agent can do beside frames: the seams to the other rooms. */
bool tt_remote_may_clear(const struct tt_agent *a);

/* remote_act.c: begins what was accepted; its end comes as a result. */
void tt_remote_act(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref, const struct tt_command *c);
void tt_remote_actuate(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref, uint32_t kind, uint32_t for_ms);
void tt_remote_act_tick(struct tt_agent *a, tt_mono_us now_us);
void tt_remote_head_answer(void *ctx, uint64_t id, bool acknowledged, const char *text);

/* remote_clear.c: asks the ECUs; the result comes when the last has answered. */
void tt_remote_clear(struct tt_agent *a, tt_mono_us now_us, const struct tt_remote_ref *ref);
void tt_remote_clear_tick(struct tt_agent *a, tt_mono_us now_us);
tt_mono_us tt_remote_clear_wake_at(const struct tt_agent *a);
/* NULL: this result has none. */
Telltale__V1__ClearedCodes *tt_remote_clear_parts(const struct tt_agent *a, const struct tt_command_entry *e,
						  struct tt_remote_clear_parts *parts);

/* remote_block.c: the block in force, over any number of results and restarts. load: after the ledger. */
void tt_remote_block_load(struct tt_agent *a);
void tt_remote_block_set(struct tt_agent *a, tt_mono_us now_us, bool in_force);
void tt_remote_block_tick(struct tt_agent *a, tt_mono_us now_us);

/* remote_config.c */
void tt_remote_take_config(struct tt_agent *a, const uint8_t *payload, size_t len);
void tt_remote_config_tick(struct tt_agent *a, tt_mono_us now_us);

/* remote_tell.c: into the journal. False: it refused, try again later. */
bool tt_remote_tell_command(struct tt_agent *a, tt_mono_us now_us, const struct tt_command_entry *e);
bool tt_remote_tell_config(struct tt_agent *a, tt_mono_us now_us, uint64_t *seq);
/* remote_full.c; the same */
bool tt_remote_tell_full(struct tt_agent *a, tt_mono_us now_us);

#endif
