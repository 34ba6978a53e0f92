#include "firmware/agent/remote.h"

static char *text(const char *s)
{
	return (char *)(uintptr_t)s; /* protobuf-c has no const strings; encoding does not write */
}

bool tt_remote_tell_command(struct tt_agent *a, tt_mono_us now_us, const struct tt_command_entry *e)
{
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__CommandResult result = TELLTALE__V1__COMMAND_RESULT__INIT;
	struct tt_remote_clear_parts cleared;

	result.id = e->id;
	result.counter = e->counter;
	result.key_id = e->key_id;
	result.kind = (Telltale__V1__CommandKind)e->kind;
	result.outcome = (Telltale__V1__CommandOutcome)e->outcome;
	result.reason = text(e->reason);
	result.at_us = e->at_us;
	result.cleared = tt_remote_clear_parts(a, e, &cleared);
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_COMMAND_RESULT;
	env.command_result = &result;
	return tt_agent_emit(a, now_us, TT_CLASS_EVENT, &env) != TT_EAGAIN; /* what cannot be encoded would not be later either */
}

bool tt_remote_tell_config(struct tt_agent *a, tt_mono_us now_us, uint64_t *seq)
{
	const struct tt_config_store *s = &a->remote->store;
	Telltale__V1__Envelope env = TELLTALE__V1__ENVELOPE__INIT;
	Telltale__V1__ConfigResult result = TELLTALE__V1__CONFIG_RESULT__INIT;
	struct tt_journal_depth depth;

	result.version = s->tell_version;
	result.outcome = (Telltale__V1__ConfigOutcome)s->tell;
	result.reason = text(s->reason);
	result.at_us = tt_agent_stamp(a, now_us).utc_us;
	result.active_version = s->active;
	env.body_case = TELLTALE__V1__ENVELOPE__BODY_CONFIG_RESULT;
	env.config_result = &result;
	if (tt_agent_emit(a, now_us, TT_CLASS_EVENT, &env) != TT_OK)
		return false;
	tt_journal_depth(a->journal, TT_CLASS_EVENT, &depth);
	*seq = depth.next_seq - 1;
	return true;
}
