#include "firmware/agent/agent_capture.h"
#include "firmware/agent/agent_parts.h"
#include "firmware/agent/remote.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void sample(struct tt_agent *a, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value)
{
	const tt_mono_us now = tt_mono_now();
	struct tt_sample s = {.signal = rule->vss->number};

	tt_agent_capture_value(a, slot, at_us, value);
	if (!tt_agent_power_collects(a) || a->settings->telemetry_interval_ms == 0 ||
	    !tt_telemetry_pass(a->telemetry, slot, rule, at_us, value, &s.value))
		return;
	s.at_us = tt_agent_utc_of(a, now, at_us);
	if (tt_chunk_add(a->telemetry->chunk, &s) != TT_OK) {
		tt_agent_chunk(a, now);
		a->telemetry->dropped += tt_chunk_add(a->telemetry->chunk, &s) != TT_OK;
	}
	if (a->chunk_at_us == TT_NEVER)
		a->chunk_at_us = now + TT_MS(a->settings->telemetry_interval_ms);
}

void tt_agent_on_value(void *ctx, unsigned slot, const struct tt_profile_rule *rule, tt_mono_us at_us, double value)
{
	tt_agent_power_value(ctx, rule->vss, value);
	sample(ctx, slot, rule, at_us, value);
	tt_remote_value(ctx, slot, rule, at_us, value);
}

void tt_agent_on_frame(void *ctx, tt_mono_us at_us, const struct tt_can_frame *frame)
{
	struct tt_agent *a = ctx;

	tt_agent_power_frame(a, at_us, false);
	tt_vehicle_frame(a->vehicle, at_us, frame);
	tt_agent_j1939_frame(a, at_us, frame);
	/* A crash does not wait for the rest of the batch. */
	if (a->vehicle->crash.pending)
		tt_agent_detect(a, tt_mono_now());
}

void tt_agent_on_batch(void *ctx, tt_mono_us now_us)
{
	tt_agent_advance(ctx, now_us);
}

static void take_fix_time(struct tt_agent *a, const struct tt_gps_fix *fix)
{
	if (tt_fix_time_take(&a->fix_time, fix->fix_at_us, fix->received_us, tt_utc_now(), tt_utc_quality()))
		tt_log(TT_LOG_WARN, NULL, "gps.jump", "the receiver's time jumped by %lld s", (long long)(a->fix_time.jump_us / 1000000));
}

void tt_agent_on_gps(void *ctx)
{
	struct tt_agent *a = ctx;
	const struct tt_gps_fix *fix = tt_gps_fix(a->gps);
	const double values[TT_TELEMETRY_GPS] = {fix->latitude_e7 / 1e7, fix->longitude_e7 / 1e7, fix->altitude_mm / 1e3,
						 fix->heading_cdeg / 1e2, fix->accuracy_mm / 1e3};

	if (fix->known && fix->received_us != a->gps_sampled_us) {
		a->gps_sampled_us = fix->received_us;
		take_fix_time(a, fix);
		tt_remote_fix(a, fix);
		tt_agent_power_fix(a, fix->speed_mm_s);
		tt_agent_motion_fix(a, fix);
		for (unsigned i = 0; i < TT_TELEMETRY_GPS; i++)
			sample(a, TT_VEHICLE_SLOTS + i, &a->gps_rules[i], fix->received_us, values[i]);
	}
	tt_agent_advance(a, tt_mono_now());
}

void tt_agent_on_sos_input(void *ctx, int fd, unsigned ready)
{
	struct tt_agent *a = ctx;
	const tt_mono_us now = tt_mono_now();
	char bytes[256];
	const ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n > 0) {
		tt_sos_pulse(&a->vehicle->sos, now);
		tt_agent_advance(a, now);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR) || ready & TT_LOOP_HANGUP) {
		tt_log(TT_LOG_ERROR, NULL, "sos.lost", "%s: the input is gone", a->settings->sos_input);
		tt_loop_remove(a->loop, fd);
		close(fd);
		a->sos_fd = -1;
	}
}

void tt_agent_on_up(void *ctx)
{
	struct tt_agent *a = ctx;

	a->told.at_us = 0;
	tt_outbox_online(&a->outbox, true);
	tt_remote_up(a);
	/* libmosquitto does not write from inside its callback: the turn runs from the timer, at once */
	TT_ASSERT(tt_loop_timer(a->loop, 0, tt_agent_advance, a) == TT_OK);
}

void tt_agent_on_down(void *ctx, const char *why)
{
	struct tt_agent *a = ctx;

	(void)why;
	tt_outbox_online(&a->outbox, false);
	tt_remote_down(a);
}

void tt_agent_on_message(void *ctx, const char *topic, const uint8_t *payload, size_t len)
{
	struct tt_agent *a = ctx;
	const size_t n = strlen(topic);
	struct tt_ack ack;
	enum tt_err err;

	if (n < 7 || strcmp(topic + n - 7, "/dn/ack") != 0) {
		tt_remote_message(a, n < 3 ? topic : topic + n - 3, payload, len);
		TT_ASSERT(tt_loop_timer(a->loop, 0, tt_agent_advance, a) == TT_OK);
		return;
	}
	err = tt_ack_decode(payload, len, &ack);
	if (!err)
		err = tt_outbox_ack(&a->outbox, tt_mono_now(), &ack);
	if (!err)
		tt_remote_acked(a, &ack);
	if (err)
		tt_log(TT_LOG_WARN, NULL, "ack.refused", "%s", tt_err_text(err));
	TT_ASSERT(tt_loop_timer(a->loop, 0, tt_agent_advance, a) == TT_OK);
}

enum tt_err tt_agent_send(void *ctx, enum tt_class cls, const uint8_t *envelope, size_t len)
{
	struct tt_agent *a = ctx;

	if (!tt_agent_power_may_send(a, cls))
		return TT_EAGAIN;
	return tt_mqtt_publish(a->mqtt, a->topics[cls], envelope, len, 1, false);
}

unsigned tt_agent_jitter(void *ctx)
{
	(void)ctx;
	return (unsigned)(750 + tt_random_u64() % 501);
}
