#include "firmware/agent/agent_capture.h"
#include "firmware/agent/agent_obd.h"
#include "firmware/agent/agent_parts.h"
#include "firmware/agent/agent_uds.h"
#include "firmware/agent/remote.h"

#include "base/log.h"

enum { TURN_MAX_US = 1000000, ASLEEP_REOPEN_US = 60000000 };

static void take_result(struct tt_agent *a, const struct tt_obd_result *r)
{
	tt_agent_power_frame(a, r->at_us, true);
	tt_vehicle_obd(a->vehicle, r);
	tt_agent_ecu_take(a, r);
	tt_ecus_take(&a->ecus, r);
	if (r->kind == TT_OBD_RESULT_VIN)
		tt_log(TT_LOG_INFO, NULL, "vin", "read from %X", r->ecu); /* the number itself is personal data */
}

static bool all_ended(const struct tt_agent *a)
{
	for (size_t i = 0; i < a->nbuses; i++) {
		if (!a->buses[i]->ended)
			return false;
	}
	return a->nbuses > 0;
}

static void end_when_done(struct tt_agent *a, tt_mono_us now_us)
{
	if (!a->settings->exit_at_end || !all_ended(a) || tt_fault_watch_wake_at(&a->vehicle->faults) != TT_NEVER ||
	    tt_agent_capture_wake_at(a) != TT_NEVER)
		return;
	tt_agent_conditions(a, now_us); /* that the bus is silent is the last word */
	tt_agent_chunk(a, now_us);
	if (tt_journal_flush(a->journal) != TT_OK)
		return;
	tt_agent_pump(a, now_us);
	if (tt_outbox_empty(&a->outbox) && tt_mqtt_unacknowledged(a->mqtt) == 0 && a->told.conditions == a->conditions.changes) {
		tt_log(TT_LOG_INFO, NULL, "agent.done", "every log has ended and everything was delivered");
		tt_loop_stop(a->loop);
	}
}

static tt_mono_us wake_at(const struct tt_agent *a, tt_mono_us now_us)
{
	const struct tt_vehicle *v = a->vehicle;
	const bool asleep = tt_power_asleep(&a->power.core);
	tt_mono_us at = tt_min_i64(asleep ? TT_NEVER : now_us + TURN_MAX_US, tt_agent_power_wake_at(a));

	for (size_t i = 0; i < a->nbuses; i++) {
		const tt_mono_us bus_at = tt_bus_wake_at(a->buses[i]);

		/* a sleeper looks for a lost bus from time to time, not every second */
		at = tt_min_i64(at, asleep && bus_at < now_us + ASLEEP_REOPEN_US ? now_us + ASLEEP_REOPEN_US : bus_at);
	}
	at = tt_min_i64(at, tt_agent_watch_wake_at(a));
	at = tt_min_i64(at, tt_agent_j1939_wake_at(a));
	at = tt_min_i64(at, tt_crash_wake_at(&v->crash));
	at = tt_min_i64(at, tt_sos_wake_at(&v->sos));
	at = tt_min_i64(at, tt_trip_wake_at(&v->trip));
	if (now_us >= a->refusal.retry_at_us)
		at = tt_min_i64(at, tt_fault_watch_wake_at(&v->faults));
	at = tt_min_i64(at, tt_outbox_wake_at(&a->outbox));
	at = tt_min_i64(at, a->chunk_at_us);
	at = tt_min_i64(at, tt_agent_capture_wake_at(a));
	at = tt_min_i64(at, tt_agent_state_at(a));
	at = tt_min_i64(at, tt_remote_wake_at(a, now_us));
	/* what is due already could not be done now; the timer must not spin over it */
	return at <= now_us ? now_us + TT_MS(1) : at;
}

/* Ages are judged, and rows dated, by a clock that was set; what waits for the next commit waits longer while nobody listens. */
static enum tt_err keep_journal(struct tt_agent *a, tt_mono_us now_us)
{
	const struct tt_stamp stamp = tt_agent_stamp(a, now_us);

	return tt_journal_tick(a->journal, now_us, stamp.quality >= TT_CLOCK_NTP ? stamp.utc_us : 0, tt_mqtt_is_up(a->mqtt));
}

void tt_agent_advance(void *ctx, tt_mono_us now_us)
{
	struct tt_agent *a = ctx;
	bool may_ask;

	tt_agent_power_turn(a, now_us);
	may_ask = tt_agent_power_may_ask(a, now_us) && !a->watch.starts.minimal;
	for (size_t i = 0; i < a->nbuses; i++) {
		tt_bus_tick(a->buses[i], now_us, may_ask);
		while (tt_bus_next(a->buses[i], &a->result))
			take_result(a, &a->result);
	}
	tt_agent_j1939_turn(a, now_us, may_ask);
	tt_agent_power_sent(a, may_ask);
	tt_agent_uds(a, now_us);
	tt_agent_detect(a, now_us);
	tt_agent_ecu_tell(a, now_us);
	tt_agent_capture(a, now_us);
	if (now_us >= a->chunk_at_us)
		tt_agent_chunk(a, now_us);
	if (now_us - a->flushed_us >= TT_SEC(1)) {
		a->flushed_us = now_us;
		if (keep_journal(a, now_us) != TT_OK)
			tt_log(TT_LOG_DEBUG, NULL, "journal.flush", "refused; its health says why");
		tt_agent_conditions(a, now_us);
	}
	tt_remote_tick(a, now_us);
	tt_outbox_tick(&a->outbox, now_us);
	tt_agent_pump(a, now_us);
	tt_agent_state(a, now_us);
	tt_agent_update(a, now_us);
	end_when_done(a, now_us);
	tt_agent_watch_turn(a, now_us);
	tt_agent_health_turn(a, tt_mono_now() - now_us);
	TT_ASSERT(tt_loop_timer(a->loop, wake_at(a, now_us), tt_agent_advance, a) == TT_OK);
}
