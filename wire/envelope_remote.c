#include "wire/envelope_bounds.h"

enum {
	REASON_MAX = 119,
	FAULTS_MAX = 64,
	VALUES_MAX = 160,
	ECU_MAX = 0x1FFFFFFF,
	SIGNAL_MAX = 0xFFFF,
	CODES_MAX = 32,
	ANSWERS_MAX = 16,
	READ_MAX = 40,
	FENCES_MAX = 32,
	FENCE_NAME_MAX = 31,
};

#define CHECK(numbers, prefix, why) tt_envelope_check_numbers(numbers, sizeof(numbers) / sizeof((numbers)[0]), prefix, why)

static enum tt_err check_reason(const char *reason, const char *prefix, struct tt_errmsg *why)
{
	return tt_envelope_text_valid(reason, REASON_MAX)
		       ? TT_OK
		       : tt_errmsg_set(why, TT_EPROTO, "%sreason must be printable UTF-8 of at most %d bytes", prefix, REASON_MAX);
}

static enum tt_err check_known(const Telltale__V1__KnownFault *f, const char *prefix, struct tt_errmsg *why)
{
	const struct tt_envelope_number numbers[] = {
		{"ecu", f->ecu, 0, ECU_MAX},
		{"protocol", (unsigned)f->protocol, 1, TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_J1939},
	};
	const enum tt_err err = CHECK(numbers, prefix, why);

	if (!err && !tt_envelope_code_valid(f->code, f->protocol))
		return tt_errmsg_set(why, TT_EPROTO, "%scode is no code of protocol %d", prefix, (int)f->protocol);
	return err;
}

static enum tt_err check_cleared(const Telltale__V1__ClearedCodes *c, struct tt_errmsg *why)
{
	const struct tt_envelope_number counts[] = {
		{"n_codes", c->n_codes, 0, CODES_MAX},
		{"n_ecus", c->n_ecus, 0, ANSWERS_MAX},
	};
	enum tt_err err = CHECK(counts, "command_result.cleared.", why);

	for (size_t i = 0; !err && i < c->n_codes; i++)
		err = check_known(c->codes[i], "command_result.cleared.codes.", why);
	for (size_t i = 0; !err && i < c->n_ecus; i++) {
		const struct tt_envelope_number numbers[] = {
			{"ecu", c->ecus[i]->ecu, 0, ECU_MAX},
			{"nrc", c->ecus[i]->nrc, 0, UINT8_MAX},
		};

		err = CHECK(numbers, "command_result.cleared.ecus.", why);
	}
	return err;
}

enum tt_err tt_envelope_check_command_result(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__CommandResult *r = body;
	const struct tt_envelope_number numbers[] = {
		{"id", r->id, 1, UINT64_MAX},
		{"counter", r->counter, 0, INT64_MAX},
		{"kind", (unsigned)r->kind, 0, TELLTALE__V1__COMMAND_KIND__COMMAND_KIND_DESTINATION},
		{"outcome", (unsigned)r->outcome, 1, TELLTALE__V1__COMMAND_OUTCOME__COMMAND_OUTCOME_UNSUPPORTED},
		{"at_us", (uint64_t)r->at_us, 0, TT_ENVELOPE_UTC_MAX},
	};
	enum tt_err err = CHECK(numbers, "command_result.", why);

	if (!err)
		err = check_reason(r->reason, "command_result.", why);
	return err || !r->cleared ? err : check_cleared(r->cleared, why);
}

enum tt_err tt_envelope_check_config_result(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__ConfigResult *r = body;
	const struct tt_envelope_number numbers[] = {
		{"version", r->version, 0, INT64_MAX},
		{"outcome", (unsigned)r->outcome, 1, TELLTALE__V1__CONFIG_OUTCOME__CONFIG_OUTCOME_ACCEPTED},
		{"at_us", (uint64_t)r->at_us, 0, TT_ENVELOPE_UTC_MAX},
		{"active_version", r->active_version, 0, INT64_MAX},
	};
	const enum tt_err err = CHECK(numbers, "config_result.", why);

	return err ? err : check_reason(r->reason, "config_result.", why);
}

static enum tt_err check_values(const Telltale__V1__FullState *s, struct tt_errmsg *why)
{
	enum tt_err err = TT_OK;

	for (size_t i = 0; !err && i < s->n_values; i++) {
		const struct tt_envelope_number numbers[] = {{"signal", s->values[i]->signal, 1, SIGNAL_MAX}};

		err = CHECK(numbers, "full_state.values.", why);
	}
	if (!err && s->trip) {
		const struct tt_envelope_number numbers[] = {
			{"trip", s->trip->trip, 1, UINT64_MAX},
			{"duration_s", s->trip->duration_s, 0, TT_ENVELOPE_UTC_MAX / 1000000},
			{"distance_m", s->trip->distance_m, 0, UINT64_C(10000000000)},
		};

		err = CHECK(numbers, "full_state.trip.", why);
	}
	return err;
}

static enum tt_err check_fence(const Telltale__V1__FenceState *f, struct tt_errmsg *why)
{
	const struct tt_envelope_number numbers[] = {{"since_us", (uint64_t)f->since_us, 0, TT_ENVELOPE_UTC_MAX}};

	if (f->name[0] == '\0' || !tt_envelope_text_valid(f->name, FENCE_NAME_MAX))
		return tt_errmsg_set(why, TT_EPROTO, "full_state.fences.name must be printable UTF-8 of 1..%d bytes", FENCE_NAME_MAX);
	return CHECK(numbers, "full_state.fences.", why);
}

enum tt_err tt_envelope_check_full_state(const void *body, struct tt_errmsg *why)
{
	const Telltale__V1__FullState *s = body;
	const struct tt_envelope_number counts[] = {
		{"n_faults", s->n_faults, 0, FAULTS_MAX},
		{"n_values", s->n_values, 0, VALUES_MAX},
		{"n_read", s->n_read, 0, READ_MAX},
		{"n_fences", s->n_fences, 0, FENCES_MAX},
	};
	enum tt_err err = CHECK(counts, "full_state.", why);

	if (!err)
		err = s->state ? tt_envelope_check_state(s->state, why) : tt_errmsg_set(why, TT_EPROTO, "full_state.state is missing");
	for (size_t i = 0; !err && i < s->n_faults; i++)
		err = check_known(s->faults[i], "full_state.faults.", why);
	for (size_t i = 0; !err && i < s->n_read; i++) {
		const struct tt_envelope_number numbers[] = {
			{"ecu", s->read[i]->ecu, 0, ECU_MAX},
			{"protocol", (unsigned)s->read[i]->protocol, 1, TELLTALE__V1__DTC_PROTOCOL__DTC_PROTOCOL_J1939},
		};

		err = CHECK(numbers, "full_state.read.", why);
	}
	for (size_t i = 0; !err && i < s->n_fences; i++)
		err = check_fence(s->fences[i], why);
	return err ? err : check_values(s, why);
}
