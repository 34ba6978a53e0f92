/*
 * A car for the tests of what is told from afar: the whole agent on a bus in memory, the rest of the car at the other end of it. The broker
 * is absent; what would come from it is handed in, and what would go to it is read from the ledger, the store and the journal.
 *
 * Every function fails the test when something is not as it must be. Memory: setup makes the car, teardown frees it.
 */
#ifndef TT_TESTS_UNIT_FIRMWARE_AGENT_REMOTE_TESTCAR_H
#define TT_TESTS_UNIT_FIRMWARE_AGENT_REMOTE_TESTCAR_H

#include "firmware/agent/atomic_file.h"
#include "firmware/agent/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct tt_testcar {
	struct tt_loop *loop;
	struct tt_agent *agent;
	struct tt_settings settings;
	struct tt_can_port *port; /* the rest of the car */
	char dir[64];
	uint8_t public_key[TT_SIGN_PUBLIC], secret[TT_SIGN_SECRET];        /* trusted for commands and configurations */
	uint8_t config_key[TT_SIGN_PUBLIC], config_secret[TT_SIGN_SECRET]; /* trusted for configurations only */
	uint8_t stranger[TT_SIGN_PUBLIC], stranger_secret[TT_SIGN_SECRET];
	struct tt_can_frame seen[256]; /* what the agent sent */
	size_t nseen;
	uint64_t counter;
};

/* Speed, low voltage state, door; frames for every command that acts. */
extern const char tt_testcar_profile[];

/* dir/name := text */
void tt_testcar_write(const char *dir, const char *name, const char *text);
void tt_testcar_start(struct tt_testcar *c);
void tt_testcar_stop(struct tt_testcar *c);
int tt_testcar_setup(void **state);
int tt_testcar_teardown(void **state);
void tt_testcar_say(struct tt_testcar *c, uint32_t id, const uint8_t *data, uint8_t len);
/* One broadcast of the car: speed in hundredths of a km/h, low voltage state (2 off, 4 on), door locked. */
void tt_testcar_broadcast(struct tt_testcar *c, unsigned speed, uint8_t power, bool locked);
void tt_testcar_hear(struct tt_testcar *c);
/* The loop runs for a while; the car goes on saying what it said. */
void tt_testcar_run(struct tt_testcar *c, int ms, unsigned speed, uint8_t power, bool locked);
Telltale__V1__Command tt_testcar_command(struct tt_testcar *c, uint32_t kind);
size_t tt_testcar_sign(const uint8_t *secret, enum tt_sign_role role, const Telltale__V1__Command *m, uint8_t *out);
void tt_testcar_hand_in(struct tt_testcar *c, const Telltale__V1__Command *m);
/* NULL: not in the ledger (any more). */
const struct tt_command_entry *tt_testcar_entry(struct tt_testcar *c, uint64_t id);
void tt_testcar_expect(struct tt_testcar *c, uint64_t id, enum tt_command_outcome outcome, const char *reason);
void tt_testcar_expect_frame(const struct tt_can_frame *f, uint32_t id, size_t len, uint8_t first);
/* Signed with the configuration key and handed in; it names demo.dbc. */
void tt_testcar_configure(struct tt_testcar *c, uint64_t version, const char *profile, const char *key, const char *value);
void tt_testcar_expect_config(struct tt_testcar *c, enum tt_config_outcome outcome, uint64_t version, const char *reason);
/* The last event of this kind in the journal, as it would go to the gateway; the caller frees it. NULL: none. */
Telltale__V1__Envelope *tt_testcar_told(struct tt_testcar *c, Telltale__V1__Envelope__BodyCase kind);
/* Starts anew with this text behind its profile. */
void tt_testcar_profile_add(struct tt_testcar *c, const char *lines);
/* Which the agent must have asked for. */
void tt_testcar_restart(struct tt_testcar *c);

#define TT_TESTCAR_TEST(name) cmocka_unit_test_setup_teardown(name, tt_testcar_setup, tt_testcar_teardown)

#endif
