/*
 * The bodies that answer commands and configurations: what is whole comes back whole, each broken bound is refused and named.
 */
#include "wire/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[TT_ENVELOPE_MAX_BYTES];
static char empty[] = "", reason[] = "the car moves", p0301[] = "P0301", depot[] = "depot",
	    long_name[] = "a-fence-whose-name-has-32-letters", bad[] = "X", long_reason[121], control[] = "a\nb";

struct set {
	Telltale__V1__Envelope env;
	Telltale__V1__CommandResult command;
	Telltale__V1__ConfigResult config;
	Telltale__V1__FullState full;
	Telltale__V1__State state;
	Telltale__V1__KnownFault fault, *faults[65];
	Telltale__V1__LatestValue value, *values[161];
	Telltale__V1__OpenTrip trip;
	Telltale__V1__ReadEcu read, *reads[41];
	Telltale__V1__FenceState fence, *fences[33];
	Telltale__V1__ClearedCodes cleared;
	Telltale__V1__EcuAnswer answer, *answers[17];
};

enum which { COMMAND, CONFIG, FULL, KINDS };

/* What clearing said, whose codes were read, and the fences. */
static void fill_rest(struct set *s)
{
	s->read = (Telltale__V1__ReadEcu)TELLTALE__V1__READ_ECU__INIT;
	s->read.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_UDS;
	s->read.ecu = 0x7E9;
	s->read.pending = true;
	s->fence = (Telltale__V1__FenceState)TELLTALE__V1__FENCE_STATE__INIT;
	s->fence.name = depot;
	s->fence.inside = s->fence.dwelt = true;
	s->fence.since_us = 9;
	s->fence.occurrence = UINT64_MAX;
	s->answer = (Telltale__V1__EcuAnswer)TELLTALE__V1__ECU_ANSWER__INIT;
	s->answer.ecu = 0x7E8;
	s->answer.nrc = 0x22;
	for (size_t i = 0; i < 41; i++)
		s->reads[i] = &s->read;
	for (size_t i = 0; i < 33; i++)
		s->fences[i] = &s->fence;
	for (size_t i = 0; i < 17; i++)
		s->answers[i] = &s->answer;
	s->full.n_read = 40;
	s->full.read = s->reads;
	s->full.n_fences = 32;
	s->full.fences = s->fences;
	s->cleared = (Telltale__V1__ClearedCodes)TELLTALE__V1__CLEARED_CODES__INIT;
	s->cleared.n_codes = 32;
	s->cleared.codes = s->faults;
	s->cleared.codes_cut = true;
	s->cleared.n_ecus = 16;
	s->cleared.ecus = s->answers;
	s->command.cleared = &s->cleared;
}

static void fill(struct set *s, enum which which)
{
	memset(s, 0, sizeof(*s));
	s->env = (Telltale__V1__Envelope)TELLTALE__V1__ENVELOPE__INIT;
	s->env.schema = TT_SCHEMA;
	s->env.epoch = s->env.seq = s->env.first_seq_held = 1;
	s->env.class_ = TELLTALE__V1__EVENT_CLASS__EVENT_CLASS_EVENT;
	s->command = (Telltale__V1__CommandResult)TELLTALE__V1__COMMAND_RESULT__INIT;
	s->command.id = UINT64_MAX;
	s->command.counter = INT64_MAX;
	s->command.key_id = 7;
	s->command.kind = TELLTALE__V1__COMMAND_KIND__COMMAND_KIND_UNLOCK;
	s->command.outcome = TELLTALE__V1__COMMAND_OUTCOME__COMMAND_OUTCOME_REFUSED;
	s->command.reason = reason;
	s->command.at_us = 5;
	s->config = (Telltale__V1__ConfigResult)TELLTALE__V1__CONFIG_RESULT__INIT;
	s->config.version = 4;
	s->config.outcome = TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_ROLLED_BACK;
	s->config.reason = reason;
	s->config.active_version = 3;
	s->state = (Telltale__V1__State)TELLTALE__V1__STATE__INIT;
	s->state.agent_version = s->state.vin = empty;
	s->state.config_version = 3;
	s->state.config_trial = s->state.ignition_block = true;
	s->fault = (Telltale__V1__KnownFault)TELLTALE__V1__KNOWN_FAULT__INIT;
	s->fault.code = p0301;
	s->fault.ecu = 0x7E8;
	s->fault.stored = s->fault.mil = true;
	s->fault.protocol = TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_OBD2;
	s->value = (Telltale__V1__LatestValue)TELLTALE__V1__LATEST_VALUE__INIT;
	s->value.signal = 1;
	s->value.value = -40;
	s->value.age_ms = 1500;
	s->trip = (Telltale__V1__OpenTrip)TELLTALE__V1__OPEN_TRIP__INIT;
	s->trip.trip = 42;
	for (size_t i = 0; i < 65; i++)
		s->faults[i] = &s->fault;
	for (size_t i = 0; i < 161; i++)
		s->values[i] = &s->value;
	s->full = (Telltale__V1__FullState)TELLTALE__V1__FULL_STATE__INIT;
	s->full.state = &s->state;
	s->full.n_faults = 64;
	s->full.faults = s->faults;
	s->full.n_values = 160;
	s->full.values = s->values;
	s->full.trip = &s->trip;
	fill_rest(s);
	if (which == COMMAND) {
		s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT;
		s->env.command_result = &s->command;
	} else if (which == CONFIG) {
		s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT;
		s->env.config_result = &s->config;
	} else {
		s->env.body_case = TELLTALE__V1__ENVELOPE__BODY_FULL_STATE;
		s->env.full_state = &s->full;
	}
}

static enum tt_err round_trip(struct set *s, enum tt_class cls, Telltale__V1__Envelope **env, struct tt_errmsg *why)
{
	size_t len = 0;

	assert_int_equal(tt_envelope_encode(&s->env, bytes, sizeof(bytes), &len), TT_OK);
	return tt_envelope_decode(bytes, len, cls, env, why);
}

static void what_is_whole_comes_back_whole(void **state)
{
	Telltale__V1__Envelope *env = NULL;
	struct tt_errmsg why = {{0}};
	struct set s;

	(void)state;
	fill(&s, COMMAND);
	assert_int_equal(round_trip(&s, TT_CLASS_EVENT, &env, &why), TT_OK);
	assert_true(env->command_result->id == UINT64_MAX && env->command_result->counter == INT64_MAX && env->command_result->key_id == 7);
	assert_int_equal(env->command_result->kind, 8);
	assert_int_equal(env->command_result->outcome, 4);
	assert_string_equal(env->command_result->reason, reason);
	assert_true(env->command_result->cleared->n_codes == 32 && env->command_result->cleared->codes_cut);
	assert_string_equal(env->command_result->cleared->codes[31]->code, "P0301");
	assert_true(env->command_result->cleared->n_ecus == 16 && env->command_result->cleared->ecus[15]->nrc == 0x22);
	tt_envelope_free(env);
	fill(&s, CONFIG);
	assert_int_equal(round_trip(&s, TT_CLASS_EVENT, &env, &why), TT_OK);
	assert_true(env->config_result->version == 4 && env->config_result->active_version == 3);
	tt_envelope_free(env);
	fill(&s, FULL);
	assert_int_equal(round_trip(&s, TT_CLASS_EVENT, &env, &why), TT_OK);
	assert_true(env->full_state->n_faults == 64 && env->full_state->n_values == 160 && env->full_state->trip->trip == 42);
	assert_true(env->full_state->n_read == 40 && env->full_state->read[39]->ecu == 0x7E9 && env->full_state->read[39]->pending);
	assert_true(env->full_state->n_fences == 32 && env->full_state->fences[31]->inside && env->full_state->fences[31]->since_us == 9);
	assert_string_equal(env->full_state->fences[31]->name, "depot");
	assert_true(env->full_state->state->config_trial && env->full_state->state->ignition_block);
	assert_true(env->full_state->values[159]->value == -40 && env->full_state->values[159]->age_ms == 1500);
	tt_envelope_free(env);
}

static void the_bodies_are_events_and_nothing_else(void **state)
{
	(void)state;
	for (int which = 0; which < KINDS; which++)
		for (int cls = TT_CLASS_ALERT; cls < TT_NCLASSES; cls++) {
			Telltale__V1__Envelope *env = NULL;
			struct set s;

			fill(&s, (enum which)which);
			s.env.class_ = (Telltale__V1__EventClass)cls;
			assert_int_equal(round_trip(&s, (enum tt_class)cls, &env, NULL), cls == TT_CLASS_EVENT ? TT_OK : TT_EPROTO);
			tt_envelope_free(env);
		}
}

#define CHANGE(name, statement) \
	static void name(struct set *s) \
	{ \
		statement; \
	}
CHANGE(id_0, s->command.id = 0)
CHANGE(counter_huge, s->command.counter = (uint64_t)INT64_MAX + 1)
CHANGE(kind_14, s->command.kind = (Telltale__V1__CommandKind)14)
CHANGE(kind_minus, s->command.kind = (Telltale__V1__CommandKind)-1)
CHANGE(outcome_0, s->command.outcome = (Telltale__V1__CommandOutcome)0)
CHANGE(outcome_10, s->command.outcome = (Telltale__V1__CommandOutcome)10)
CHANGE(command_reason, s->command.reason = long_reason)
CHANGE(command_at, s->command.at_us = -1)
CHANGE(config_outcome, s->config.outcome = (Telltale__V1__ConfigOutcome)6)
CHANGE(config_outcome_0, s->config.outcome = (Telltale__V1__ConfigOutcome)0)
CHANGE(config_version, s->config.version = UINT64_MAX)
CHANGE(config_active, s->config.active_version = UINT64_MAX)
CHANGE(config_reason, s->config.reason = control)
CHANGE(faults_65, s->full.n_faults = 65)
CHANGE(values_161, s->full.n_values = 161)
CHANGE(no_state, s->full.state = NULL)
CHANGE(state_version, s->state.config_version = UINT64_MAX)
CHANGE(fault_code, s->fault.code = bad)
CHANGE(fault_ecu, s->fault.ecu = 0x20000000)
CHANGE(fault_protocol, s->fault.protocol = (Telltale__V1__DtcProtocol)0)
CHANGE(value_0, s->value.signal = 0)
CHANGE(trip_0, s->trip.trip = 0)
CHANGE(cleared_33, s->cleared.n_codes = 33)
CHANGE(cleared_code, s->fault.code = bad)
CHANGE(answers_17, s->cleared.n_ecus = 17)
CHANGE(answer_ecu, s->answer.ecu = 0x20000000)
CHANGE(answer_nrc, s->answer.nrc = 256)
CHANGE(reads_41, s->full.n_read = 41)
CHANGE(read_ecu, s->read.ecu = 0x20000000)
CHANGE(read_protocol, s->read.protocol = (Telltale__V1__DtcProtocol)4)
CHANGE(fences_33, s->full.n_fences = 33)
CHANGE(fence_empty, s->fence.name = empty)
CHANGE(fence_name, s->fence.name = long_name)
CHANGE(fence_control, s->fence.name = control)
CHANGE(fence_since, s->fence.since_us = -1)
CHANGE(state_waiting, s->state.config_waiting = UINT64_MAX)

static void each_broken_bound_is_refused_and_named(void **state)
{
	static const struct {
		enum which which;
		void (*change)(struct set *s);
		const char *names;
	} cases[] = {
		{COMMAND, id_0, "command_result.id is 0"},
		{COMMAND, counter_huge, "command_result.counter"},
		{COMMAND, kind_14, "command_result.kind is 14"},
		{COMMAND, kind_minus, "command_result.kind"},
		{COMMAND, outcome_0, "command_result.outcome is 0"},
		{COMMAND, outcome_10, "command_result.outcome is 10"},
		{COMMAND, command_reason, "command_result.reason"},
		{COMMAND, command_at, "command_result.at_us"},
		{CONFIG, config_outcome, "config_result.outcome is 6"},
		{CONFIG, config_outcome_0, "config_result.outcome is 0"},
		{CONFIG, config_version, "config_result.version"},
		{CONFIG, config_active, "config_result.active_version"},
		{CONFIG, config_reason, "config_result.reason"},
		{FULL, faults_65, "full_state.n_faults is 65"},
		{FULL, values_161, "full_state.n_values is 161"},
		{FULL, no_state, "full_state.state is missing"},
		{FULL, state_version, "state.config_version"},
		{FULL, fault_code, "full_state.faults.code"},
		{FULL, fault_ecu, "full_state.faults.ecu"},
		{FULL, fault_protocol, "full_state.faults.protocol is 0"},
		{FULL, value_0, "full_state.values.signal is 0"},
		{FULL, trip_0, "full_state.trip.trip is 0"},
		{COMMAND, cleared_33, "command_result.cleared.n_codes is 33"},
		{COMMAND, cleared_code, "command_result.cleared.codes.code"},
		{COMMAND, answers_17, "command_result.cleared.n_ecus is 17"},
		{COMMAND, answer_ecu, "command_result.cleared.ecus.ecu"},
		{COMMAND, answer_nrc, "command_result.cleared.ecus.nrc is 256"},
		{FULL, reads_41, "full_state.n_read is 41"},
		{FULL, read_ecu, "full_state.read.ecu"},
		{FULL, read_protocol, "full_state.read.protocol is 4"},
		{FULL, fences_33, "full_state.n_fences is 33"},
		{FULL, fence_empty, "full_state.fences.name"},
		{FULL, fence_name, "full_state.fences.name"},
		{FULL, fence_control, "full_state.fences.name"},
		{FULL, fence_since, "full_state.fences.since_us"},
		{FULL, state_waiting, "state.config_waiting"},
	};

	(void)state;
	memset(long_reason, 'x', sizeof(long_reason) - 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Telltale__V1__Envelope *env = NULL;
		struct tt_errmsg why = {{0}};
		enum tt_err err;
		struct set s;

		fill(&s, cases[i].which);
		cases[i].change(&s);
		err = round_trip(&s, TT_CLASS_EVENT, &env, &why);
		if (err != TT_EPROTO || !strstr(why.text, cases[i].names))
			fail_msg("case %zu (%s): %s: %s", i, cases[i].names, tt_err_name(err), why.text);
		assert_null(env);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_whole_comes_back_whole),
		cmocka_unit_test(the_bodies_are_events_and_nothing_else),
		cmocka_unit_test(each_broken_bound_is_refused_and_named),
	};

	return cmocka_run_group_tests_name("wire remote", tests, NULL, NULL);
}
