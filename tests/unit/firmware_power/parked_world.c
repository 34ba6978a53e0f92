#include "parked_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

Telltale__V1__Envelope *parked_events[PARKED_EVENTS];
size_t parked_nevents;

enum { ARGS = 24, TURNS_AT_ONCE = 10000 };

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void parked_volts(struct parked_world *w, int32_t mv)
{
	char text[16];

	w->mv = mv;
	assert_true(snprintf(text, sizeof(text), "%d\n", (int)mv) > 0);
	write_file(w->voltage_file, text);
}

static void stand(struct parked_world *w, tt_mono_us now_us)
{
	w->utc_us += now_us - w->now_us;
	w->now_us = now_us;
	tt_clock_stand(w->now_us, w->utc_us);
}

void parked_open(struct parked_world *w, const char *profile, const char *const *more)
{
	static char profile_arg[600], journal_arg[128], voltage_arg[128];
	const char *argv[ARGS] = {"telltale-agent",      "--unit=CAR-7", "--tls=false",
				  "--can=memory:parked", "--gpsd-host=", "--log-level=error",
				  profile_arg,           journal_arg,    voltage_arg};
	char path[128];
	struct tt_errmsg msg;
	bool help;
	int argc = 9;

	memset(w, 0, sizeof(*w));
	(void)snprintf(w->folder, sizeof(w->folder), "%s/tt-parked-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(w->folder));
	(void)snprintf(w->voltage_file, sizeof(w->voltage_file), "%s/in0_input", w->folder);
	(void)snprintf(journal_arg, sizeof(journal_arg), "--journal=%s/journal", w->folder);
	(void)snprintf(voltage_arg, sizeof(voltage_arg), "--voltage-file=%s", w->voltage_file);
	(void)snprintf(profile_arg, sizeof(profile_arg), "--profile=%s/schemas/profiles/demo.profile", getenv("TT_SOURCE_DIR"));
	if (profile) {
		(void)snprintf(path, sizeof(path), "%s/profile", w->folder);
		write_file(path, profile);
		(void)snprintf(profile_arg, sizeof(profile_arg), "--profile=%s", path);
	}
	while (more && *more)
		argv[argc++] = *more++;
	assert_int_equal(tt_config_load(&tt_settings_spec, &w->settings, argc, (char **)(uintptr_t)argv, &help, &msg), TT_OK);
	tt_log_init("parked", TT_LOG_ERROR);
	parked_counts = &w->count;
	parked_broker_away = false;
	w->utc_us = INT64_C(1795312800000000);
	w->ignition = 2;
	stand(w, TT_SEC(1000));
	parked_volts(w, 12700);
	assert_int_equal(tt_can_port_open("memory:parked", NULL, 0, &w->car, &msg), TT_OK);
	assert_int_equal(tt_loop_create(32, &w->loop), TT_OK);
	if (tt_agent_create(w->loop, &w->settings, &w->agent, &msg) != TT_OK)
		fail_msg("%s", msg.text);
}

void parked_restart(struct parked_world *w)
{
	struct tt_errmsg msg;

	tt_agent_destroy(w->agent);
	tt_loop_destroy(w->loop);
	assert_int_equal(tt_loop_create(32, &w->loop), TT_OK);
	if (tt_agent_create(w->loop, &w->settings, &w->agent, &msg) != TT_OK)
		fail_msg("%s", msg.text);
}

static void keep(enum tt_class cls, const char *topic, const void *payload, size_t len, int qos)
{
	struct tt_errmsg why;

	(void)qos;
	if (cls != TT_CLASS_ALERT && cls != TT_CLASS_EVENT)
		return;
	assert_true(parked_nevents < PARKED_EVENTS);
	if (tt_envelope_decode(payload, len, cls, &parked_events[parked_nevents], &why) != TT_OK)
		fail_msg("%s: %s", topic, why.text);
	parked_nevents++;
}

void parked_keep(void)
{
	parked_tap = keep;
}

void parked_close(struct parked_world *w)
{
	char command[128];

	tt_agent_destroy(w->agent);
	tt_loop_destroy(w->loop);
	if (parked_tap == keep)
		parked_tap = NULL;
	while (parked_nevents > 0)
		tt_envelope_free(parked_events[--parked_nevents]);
	tt_can_port_close(w->car);
	tt_clock_stand(0, 0);
	(void)snprintf(command, sizeof(command), "rm -r %s", w->folder);
	assert_int_equal(system(command), 0);
}

static void hear(struct parked_world *w)
{
	struct tt_can_frame f;
	tt_mono_us at;

	while (tt_can_port_recv(w->car, &f, &at) == TT_OK) {
		w->count.frames++;
		w->count.frames_quiet += !tt_power_may_ask(&w->agent->power.core, w->now_us);
		if (w->heard)
			w->heard(w->heard_ctx, &f);
	}
	while (w->guest.say && w->guest.say(w->guest.ctx, w->now_us, &f))
		assert_int_equal(tt_can_port_send(w->car, &f), TT_OK);
}

void parked_turn(struct parked_world *w)
{
	w->count.wakeups++;
	w->count.wakeups_asleep += tt_power_asleep(&w->agent->power.core);
	assert_int_equal(tt_loop_turn(w->loop, 0), TT_OK);
	hear(w);
}

void parked_say(struct parked_world *w, uint32_t id, const uint8_t data[8])
{
	struct tt_can_frame f = {.id = id, .len = 8};

	memcpy(f.data, data, 8);
	assert_int_equal(tt_can_port_send(w->car, &f), TT_OK);
	parked_turn(w);
}

static void talk(struct parked_world *w)
{
	const uint8_t body[8] = {w->ignition, (uint8_t)w->mv, (uint8_t)(w->mv >> 8)};

	w->talk_us = w->now_us;
	parked_say(w, 0x300, body);
}

static tt_mono_us guest_at(const struct parked_world *w)
{
	const tt_mono_us at = w->guest.wake_at ? w->guest.wake_at(w->guest.ctx) : TT_NEVER;

	return at < w->now_us ? w->now_us : at;
}

void parked_run(struct parked_world *w, int64_t us)
{
	const tt_mono_us until = w->now_us + us;
	unsigned at_once = 0;

	for (;;) {
		const tt_mono_us due = tt_min_i64(tt_loop_wake_at(w->loop), guest_at(w)),
				 said = w->talks ? w->talk_us + TT_SEC(1) : TT_NEVER;
		const tt_mono_us next = tt_min_i64(due, said);

		if (next > until)
			break;
		at_once = next > w->now_us ? 0 : at_once + 1;
		assert_true(at_once < TURNS_AT_ONCE); /* the agent spins */
		if (next > w->now_us)
			stand(w, next);
		if (said <= w->now_us)
			talk(w);
		else
			parked_turn(w);
	}
	stand(w, until);
}

void parked_drive(struct parked_world *w, int64_t us)
{
	w->talks = true;
	w->talk_us = w->now_us;
	w->ignition = 4;
	parked_volts(w, 14200);
	parked_run(w, us);
	w->ignition = 2;
	parked_volts(w, 12700);
	parked_run(w, TT_SEC(30));
	w->talks = false;
}

const Telltale__V1__Condition *parked_condition(const char *name)
{
	for (size_t i = 0; parked_state && i < parked_state->n_conditions; i++) {
		if (strcmp(parked_state->conditions[i]->name, name) == 0)
			return parked_state->conditions[i];
	}
	return NULL;
}

int64_t parked_metric(const char *name)
{
	for (size_t i = 0; i < parked_state->n_metrics; i++) {
		if (strcmp(parked_state->metrics[i]->name, name) == 0)
			return parked_state->metrics[i]->value;
	}
	fail_msg("no metric %s", name);
	return 0;
}
