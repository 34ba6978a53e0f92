/*
 * Told from afar, in the whole agent on a bus in memory: what is refused, what reaches the bus, what survives a restart. The broker is
 * absent; what would come from it is handed in, and what would go to it is read from the ledger and the store.
 */
#include "firmware/agent/atomic_file.h"
#include "firmware/agent/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <sodium.h>

#include <cmocka.h>

struct car {
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

static const char profile_text[] = "telltale-profile 1\n"
				   "name remote\n"
				   "dbc demo.dbc\n"
				   "signal VehicleDynamics.VehicleSpeed Vehicle.Speed\n"
				   "signal BodyStatus.LowVoltageState Vehicle.LowVoltageSystemState\n"
				   "signal BodyStatus.DoorFrontLeftLocked Vehicle.Cabin.Door.Row1.DriverSide.IsLocked\n"
				   "ignition Vehicle.LowVoltageSystemState on 4..5\n"
				   "ignition-grace 0\n"
				   "actuate unlock frame 3B1:0100 repeat 3 every 50\n"
				   "actuate unlock frame 3B2:02 confirm Vehicle.Cabin.Door.Row1.DriverSide.IsLocked 0 within 2000\n"
				   "actuate lock frame 3B1:0200\n"
				   "actuate horn-lights frame 18FF0102:01 repeat 100 every 50\n"
				   "actuate ignition-block frame 3C0:AA55\n"
				   "actuate ignition-release frame 3C0:0000\n";

static void write_text(const char *dir, const char *name, const char *text)
{
	char path[160];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void make_key(uint8_t fill, uint8_t *public_key, uint8_t *secret)
{
	uint8_t seed[TT_SIGN_SEED];

	memset(seed, fill, sizeof(seed));
	tt_sign_from_seed(seed, public_key, secret);
}

static void print_key(char *out, size_t cap, const uint8_t *key, const char *roles)
{
	int n = snprintf(out, cap, "key ");

	for (size_t i = 0; i < TT_SIGN_PUBLIC; i++)
		n += snprintf(out + n, cap - (size_t)n, "%02x", key[i]);
	(void)snprintf(out + n, cap - (size_t)n, " %s test%s\n", roles, roles);
}

static void start(struct car *c)
{
	struct tt_errmsg msg = {.text = ""};

	assert_int_equal(tt_loop_create(32, &c->loop), TT_OK);
	if (tt_agent_create(c->loop, &c->settings, &c->agent, &msg) != TT_OK)
		fail_msg("%s", msg.text);
}

static void stop(struct car *c)
{
	tt_agent_destroy(c->agent);
	tt_loop_destroy(c->loop);
	c->agent = NULL;
}

static int setup(void **state)
{
	static unsigned serial;
	struct car *c = calloc(1, sizeof(*c));
	char keys[400] = "telltale-keys 1\n", dbc[256], address[64];
	struct tt_errmsg msg;

	assert_non_null(c);
	assert_int_equal(tt_sign_init(), TT_OK);
	/* in memory where that is possible: a ledger's sync on a busy disk can last longer than a speed stays fresh */
	strcpy(c->dir, access("/dev/shm", W_OK) == 0 ? "/dev/shm/tt_remote_XXXXXX" : "/tmp/tt_remote_XXXXXX");
	assert_non_null(mkdtemp(c->dir));
	make_key(1, c->public_key, c->secret);
	make_key(2, c->config_key, c->config_secret);
	make_key(3, c->stranger, c->stranger_secret);
	print_key(keys + strlen(keys), 150, c->public_key, "command,config");
	print_key(keys + strlen(keys), 150, c->config_key, "config");
	write_text(c->dir, "keys", keys);
	write_text(c->dir, "profile", profile_text);
	(void)snprintf(dbc, sizeof(dbc), "cp %s/schemas/dbc/telltale_demo.dbc %s/demo.dbc", getenv("TT_SOURCE_DIR"), c->dir);
	assert_int_equal(system(dbc), 0);
	(void)snprintf(address, sizeof(address), "memory:remote%u", serial++);
	assert_int_equal(tt_can_port_open(address, NULL, 0, &c->port, &msg), TT_OK);
	strcpy(c->settings.unit, "CAR-7");
	strcpy(c->settings.broker_host, "127.0.0.1");
	c->settings.broker_port = 1;
	strcpy(c->settings.can, address);
	(void)snprintf(c->settings.journal, sizeof(c->settings.journal), "%s/journal", c->dir);
	c->settings.journal_max_bytes = 4 << 20;
	(void)snprintf(c->settings.profile, sizeof(c->settings.profile), "%s/profile", c->dir);
	(void)snprintf(c->settings.trusted_keys, sizeof(c->settings.trusted_keys), "%s/keys", c->dir);
	(void)snprintf(c->settings.config_dir, sizeof(c->settings.config_dir), "%s/config", c->dir);
	(void)snprintf(c->settings.head_unit, sizeof(c->settings.head_unit), "%s/head", c->dir);
	c->settings.config_trial_s = 600;
	c->settings.scan_interval_ms = 10000;
	c->settings.telemetry_interval_ms = 10000;
	c->settings.state_interval_ms = 60000;
	c->settings.odometer_report_m = 1000;
	c->settings.window = 8;
	c->settings.resend_ms = 15000;
	start(c);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct car *c = *state;
	char command[128];

	if (c->agent)
		stop(c);
	tt_can_port_close(c->port);
	(void)snprintf(command, sizeof(command), "rm -rf %s", c->dir);
	assert_int_equal(system(command), 0);
	free(c);
	return 0;
}

static void say(struct car *c, uint32_t id, const uint8_t *data, uint8_t len)
{
	struct tt_can_frame f = {.id = id, .len = len};

	memcpy(f.data, data, len);
	assert_int_equal(tt_can_port_send(c->port, &f), TT_OK);
}

/* One broadcast of the car: speed in hundredths of a km/h, low voltage state (2 off, 4 on), door locked. */
static void broadcast(struct car *c, unsigned speed, uint8_t power, bool locked)
{
	const uint8_t dynamics[8] = {(uint8_t)speed, (uint8_t)(speed >> 8)};
	const uint8_t body[8] = {power, 0xE0, 0x2E, locked ? 0x10 : 0};

	say(c, 0xB4, dynamics, 8);
	say(c, 0x300, body, 8);
}

static void hear(struct car *c)
{
	struct tt_can_frame f;
	tt_mono_us at;

	while (tt_can_port_recv(c->port, &f, &at) == TT_OK) {
		assert_true(c->nseen < 256);
		c->seen[c->nseen++] = f;
	}
}

/* The loop runs for a while; the car goes on saying what it said. */
static void run(struct car *c, int ms, unsigned speed, uint8_t power, bool locked)
{
	const tt_mono_us until = tt_mono_now() + TT_MS(ms);

	while (tt_mono_now() < until) {
		broadcast(c, speed, power, locked);
		assert_int_equal(tt_loop_turn(c->loop, tt_mono_now() + TT_MS(5)), TT_OK);
		hear(c);
	}
}

static Telltale__V1__Command command(struct car *c, uint32_t kind)
{
	static char unit[] = "CAR-7";
	Telltale__V1__Command m = TELLTALE__V1__COMMAND__INIT;

	m.unit = unit;
	m.counter = ++c->counter;
	m.id = 1000 + m.counter;
	m.not_before_us = tt_utc_now();
	m.expires_at_us = m.not_before_us + TT_SEC(60);
	m.kind = (Telltale__V1__CommandKind)kind;
	return m;
}

static size_t sign(const uint8_t *secret, enum tt_sign_role role, const Telltale__V1__Command *m, uint8_t *out)
{
	uint8_t body[TT_COMMAND_BYTES_MAX];
	size_t len = 0;

	assert_int_equal(tt_signed_make(role, secret, body, telltale__v1__command__pack(m, body), out, 1024, &len), TT_OK);
	return len;
}

static void hand_in(struct car *c, const Telltale__V1__Command *m)
{
	uint8_t bytes[1024];
	const size_t len = sign(c->secret, TT_SIGN_COMMAND, m, bytes);

	tt_remote_message(c->agent, "cmd", bytes, len);
}

static const struct tt_command_entry *entry(struct car *c, uint64_t id)
{
	return tt_command_entry_by_id(&c->agent->remote->ledger, tt_sign_key_id(c->public_key), id);
}

static void expect(struct car *c, uint64_t id, enum tt_command_outcome outcome, const char *reason)
{
	const struct tt_command_entry *e = entry(c, id);

	assert_non_null(e);
	if (e->outcome != outcome || !strstr(e->reason, reason))
		fail_msg("%s: %s, wanted %s: %s", tt_command_outcome_name(e->outcome), e->reason, tt_command_outcome_name(outcome), reason);
}

static void expect_frame(const struct tt_can_frame *f, uint32_t id, size_t len, uint8_t first)
{
	assert_int_equal(f->id, id);
	assert_int_equal(f->len, len);
	assert_int_equal(f->data[0], first);
}

static void unlock_is_refused_on_a_moving_car_and_nothing_is_sent(void **state)
{
	struct car *c = *state;
	Telltale__V1__Command m;

	run(c, 50, 3000, 2, true);
	m = command(c, TT_COMMAND_UNLOCK);
	hand_in(c, &m);
	run(c, 200, 3000, 2, true);
	expect(c, m.id, TT_OUTCOME_REFUSED, "moving");
	assert_int_equal(c->nseen, 0);
	/* Kept and sent again when the car stands: it was used up. */
	run(c, 50, 0, 2, true);
	hand_in(c, &m);
	run(c, 200, 0, 2, true);
	expect(c, m.id, TT_OUTCOME_REFUSED, "moving");
	assert_int_equal(c->nseen, 0);
}

static void unlock_is_refused_when_nothing_is_known(void **state)
{
	struct car *c = *state;
	const Telltale__V1__Command m = command(c, TT_COMMAND_UNLOCK);

	hand_in(c, &m);
	expect(c, m.id, TT_OUTCOME_REFUSED, "not known");
	assert_int_equal(c->nseen, 0);
}

static void unlock_at_standstill_is_exactly_the_profile_s_frames(void **state)
{
	struct car *c = *state;
	Telltale__V1__Command m;

	run(c, 50, 0, 2, true);
	m = command(c, TT_COMMAND_UNLOCK);
	hand_in(c, &m);
	run(c, 400, 0, 2, true);
	expect(c, m.id, TT_OUTCOME_ACCEPTED, "");
	assert_int_equal(c->nseen, 4);
	for (size_t i = 0; i < 3; i++)
		expect_frame(&c->seen[i], 0x3B1, 2, 1);
	expect_frame(&c->seen[3], 0x3B2, 1, 2);
	run(c, 50, 0, 2, false); /* the door says that it is open */
	expect(c, m.id, TT_OUTCOME_DONE, "confirmed");
	/* the gate is closed again for the very same frame */
	assert_int_equal(tt_bus_send(c->agent->buses[0], tt_mono_now(), &c->seen[0]), TT_EDENIED);
	hand_in(c, &m);
	run(c, 100, 0, 2, false);
	assert_int_equal(c->nseen, 4);
	expect(c, m.id, TT_OUTCOME_DONE, "confirmed");
}

static void a_car_that_begins_to_move_ends_it(void **state)
{
	struct car *c = *state;
	Telltale__V1__Command m;
	size_t before;

	run(c, 50, 0, 2, true);
	m = command(c, TT_COMMAND_HORN_LIGHTS);
	m.duration_ms = 5000;
	hand_in(c, &m);
	run(c, 300, 0, 2, true);
	assert_true(c->nseen > 0);
	expect_frame(&c->seen[0], 0x18FF0102, 1, 1);
	run(c, 50, 1000, 2, true);
	expect(c, m.id, TT_OUTCOME_FAILED, "moving");
	before = c->nseen;
	run(c, 200, 1000, 2, true);
	assert_int_equal(c->nseen, before);
}

static void a_restart_does_not_carry_it_out_again(void **state)
{
	struct car *c = *state;
	Telltale__V1__Command done, interrupted, other;

	run(c, 50, 0, 2, true);
	done = command(c, TT_COMMAND_LOCK);
	hand_in(c, &done);
	run(c, 100, 0, 2, true);
	expect(c, done.id, TT_OUTCOME_DONE, "");
	interrupted = command(c, TT_COMMAND_UNLOCK);
	hand_in(c, &interrupted);
	c->nseen = 0;
	stop(c);
	hear(c);
	c->nseen = 0;
	start(c);
	run(c, 50, 0, 2, true);
	hand_in(c, &done);
	hand_in(c, &interrupted);
	run(c, 200, 0, 2, true);
	assert_int_equal(c->nseen, 0);
	expect(c, done.id, TT_OUTCOME_DONE, "");
	expect(c, interrupted.id, TT_OUTCOME_FAILED, "restart");
	other = command(c, TT_COMMAND_PING); /* and the window goes on */
	hand_in(c, &other);
	expect(c, other.id, TT_OUTCOME_DONE, "");
}

static void a_lost_ledger_takes_nothing_that_was_signed_before(void **state)
{
	struct car *c = *state;
	Telltale__V1__Command old, fresh;

	run(c, 50, 0, 2, true);
	old = command(c, TT_COMMAND_LOCK);
	stop(c);
	write_text(c->dir, "journal.commands", "telltale-commands 1 nonsense\n");
	start(c);
	run(c, 50, 0, 2, true);
	hand_in(c, &old);
	expect(c, old.id, TT_OUTCOME_REFUSED, "before this unit began");
	fresh = command(c, TT_COMMAND_LOCK);
	hand_in(c, &fresh);
	run(c, 100, 0, 2, true);
	expect(c, fresh.id, TT_OUTCOME_DONE, "");
}

static void the_block_waits_for_the_ignition_and_the_release_lifts_it(void **state)
{
	struct car *c = *state;
	Telltale__V1__Command block, again, release;

	run(c, 50, 5000, 4, true);
	block = command(c, TT_COMMAND_IGNITION_BLOCK);
	hand_in(c, &block);
	expect(c, block.id, TT_OUTCOME_ARMED, "");
	stop(c); /* armed also over a restart */
	c->nseen = 0;
	start(c);
	run(c, 100, 5000, 4, true);
	for (size_t i = 0; i < c->nseen; i++)
		assert_int_not_equal(c->seen[i].id, 0x3C0);
	run(c, 100, 0, 4, true); /* standing, but still on */
	expect(c, block.id, TT_OUTCOME_ARMED, "");
	again = command(c, TT_COMMAND_IGNITION_BLOCK); /* a newer one takes its place */
	hand_in(c, &again);
	expect(c, block.id, TT_OUTCOME_REFUSED, "took its place");
	expect(c, again.id, TT_OUTCOME_ARMED, "");
	c->nseen = 0;
	run(c, 200, 0, 2, true);
	expect(c, again.id, TT_OUTCOME_DONE, "");
	assert_int_equal(c->nseen, 1);
	expect_frame(&c->seen[0], 0x3C0, 2, 0xAA);
	assert_true(c->agent->remote->block_in_force);
	release = command(c, TT_COMMAND_IGNITION_RELEASE);
	hand_in(c, &release);
	run(c, 100, 0, 2, true);
	expect(c, release.id, TT_OUTCOME_DONE, "");
	assert_false(c->agent->remote->block_in_force);
}

static void a_flipped_bit_anywhere_is_refused(void **state)
{
	struct car *c = *state;
	const Telltale__V1__Command m = command(c, TT_COMMAND_UNLOCK);
	uint8_t bytes[1024];
	const size_t len = sign(c->secret, TT_SIGN_COMMAND, &m, bytes);

	run(c, 50, 0, 2, true);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		tt_remote_message(c->agent, "cmd", bytes, len);
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
	for (size_t n = 0; n < len; n++)
		tt_remote_message(c->agent, "cmd", bytes, n);
	run(c, 100, 0, 2, true);
	assert_int_equal(c->nseen, 0);
	assert_null(entry(c, m.id));
	assert_int_equal(c->agent->remote->ledger.windows[0].key_id, 0);
	assert_true(c->agent->remote->forged_us > 0);
	tt_remote_message(c->agent, "cmd", bytes, len); /* as it was: it still counts */
	assert_non_null(entry(c, m.id));
}

static void only_the_right_key_in_the_right_role_for_the_right_unit(void **state)
{
	static char other[] = "CAR-8";
	struct car *c = *state;
	Telltale__V1__Command m = command(c, TT_COMMAND_PING);
	const struct tt_command_ledger *l = &c->agent->remote->ledger;
	uint8_t bytes[1024];
	size_t len;

	len = sign(c->stranger_secret, TT_SIGN_COMMAND, &m, bytes);
	tt_remote_message(c->agent, "cmd", bytes, len);
	len = sign(c->config_secret, TT_SIGN_COMMAND, &m, bytes); /* trusted, but not for commands */
	tt_remote_message(c->agent, "cmd", bytes, len);
	len = sign(c->secret, TT_SIGN_CONFIG, &m, bytes); /* signed as something else */
	tt_remote_message(c->agent, "cmd", bytes, len);
	len = sign(c->secret, TT_SIGN_COMMAND, &m, bytes); /* and the same as a configuration */
	tt_remote_message(c->agent, "cfg", bytes, len);
	m.unit = other;
	hand_in(c, &m);
	for (size_t i = 0; i < TT_COMMAND_ENTRIES; i++)
		assert_int_equal(l->entries[i].outcome, TT_OUTCOME_NONE);
	for (size_t i = 0; i < TT_COMMAND_KEYS; i++)
		assert_int_equal(l->windows[i].key_id, 0);
	assert_int_equal(c->agent->remote->store.tell, TT_CONFIG_REJECTED);
	assert_string_equal(c->agent->remote->store.reason, "the signature does not hold");
}

static void expired_and_early_commands_are_refused(void **state)
{
	struct car *c = *state;
	Telltale__V1__Command m;

	run(c, 50, 0, 2, true);
	m = command(c, TT_COMMAND_LOCK);
	m.not_before_us -= TT_SEC(7200);
	m.expires_at_us = m.not_before_us + TT_SEC(60);
	hand_in(c, &m);
	expect(c, m.id, TT_OUTCOME_EXPIRED, "");
	m = command(c, TT_COMMAND_LOCK);
	m.not_before_us += TT_SEC(7200);
	m.expires_at_us = m.not_before_us + TT_SEC(60);
	hand_in(c, &m);
	expect(c, m.id, TT_OUTCOME_REFUSED, "not valid yet");
	assert_int_equal(c->nseen, 0);
}

static void reports_come_faster_for_a_while(void **state)
{
	struct car *c = *state;
	Telltale__V1__Command m = command(c, TT_COMMAND_REPORT_RATE);

	m.interval_ms = 2000;
	m.duration_ms = 10000;
	hand_in(c, &m);
	expect(c, m.id, TT_OUTCOME_DONE, "");
	assert_int_equal(c->agent->settings->state_interval_ms, 2000);
	tt_remote_tick(c->agent, tt_mono_now() + TT_SEC(11));
	assert_int_equal(c->agent->settings->state_interval_ms, 60000);
	assert_int_equal(c->agent->settings->telemetry_interval_ms, 10000);
}

static void the_driver_s_answer_comes_back(void **state)
{
	static char text[] = "Stra\xc3\x9f\x65 frei";
	struct car *c = *state;
	Telltale__V1__Command m = command(c, TT_COMMAND_DRIVER_MESSAGE);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char line[400], answer[64];
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ssize_t n;

	m.text = text;
	m.speak = true;
	hand_in(c, &m);
	expect(c, m.id, TT_OUTCOME_FAILED, "no head unit");
	strcpy(at.sun_path, c->settings.head_unit);
	assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	run(c, 50, 0, 2, true);
	m = command(c, TT_COMMAND_DRIVER_MESSAGE);
	m.text = text;
	m.speak = true;
	hand_in(c, &m);
	expect(c, m.id, TT_OUTCOME_ACCEPTED, "handed");
	n = recv(fd, line, sizeof(line) - 1, 0);
	assert_true(n > 0);
	line[n] = '\0';
	(void)snprintf(answer, sizeof(answer), "speak %016llx standing Stra\xc3\x9f\x65 frei\n", (unsigned long long)m.id);
	assert_string_equal(line, answer);
	(void)snprintf(answer, sizeof(answer), "ack %016llx\n", (unsigned long long)m.id);
	assert_int_equal(send(fd, answer, strlen(answer), 0), strlen(answer));
	run(c, 50, 0, 2, true);
	expect(c, m.id, TT_OUTCOME_DONE, "acknowledged");
	close(fd);
}

static void a_profile_without_frames_does_nothing(void **state)
{
	struct car *c = *state;
	const char *line = strstr(profile_text, "actuate");
	char text[sizeof(profile_text)];
	Telltale__V1__Command m;

	stop(c);
	memcpy(text, profile_text, (size_t)(line - profile_text));
	text[line - profile_text] = '\0';
	write_text(c->dir, "profile", text);
	start(c);
	run(c, 50, 0, 2, true);
	for (uint32_t kind = TT_COMMAND_LOCK; kind <= TT_COMMAND_IGNITION_RELEASE; kind++) {
		m = command(c, kind);
		m.duration_ms = kind == TT_COMMAND_HORN_LIGHTS ? 1000 : 0;
		hand_in(c, &m);
		expect(c, m.id, TT_OUTCOME_UNSUPPORTED, "no frames");
	}
	run(c, 100, 0, 2, true);
	assert_int_equal(c->nseen, 0);
}

/* ---- configurations ---- */

static void configure(struct car *c, uint64_t version, const char *profile, const char *key, const char *value)
{
	static char unit[] = "CAR-7", name[] = "demo.dbc";
	Telltale__V1__ConfigDocument d = TELLTALE__V1__CONFIG_DOCUMENT__INIT;
	Telltale__V1__ConfigFile file = TELLTALE__V1__CONFIG_FILE__INIT, *files[] = {&file};
	Telltale__V1__ConfigSetting setting = TELLTALE__V1__CONFIG_SETTING__INIT, *settings[] = {&setting};
	static uint8_t body[70000], message[71000];
	char path[128], *content;
	size_t len, n;
	uint8_t sum[32];

	(void)snprintf(path, sizeof(path), "%s/demo.dbc", c->dir);
	assert_int_equal(tt_atomic_file_read(path, 1 << 20, &content, &n), TT_OK);
	(void)crypto_hash_sha256(sum, (const uint8_t *)content, n);
	free(content);
	file.name = name;
	file.sha256 = (ProtobufCBinaryData){.len = 32, .data = sum};
	setting.key = (char *)(uintptr_t)key;
	setting.value = (char *)(uintptr_t)value;
	d.unit = unit;
	d.version = version;
	d.profile = (ProtobufCBinaryData){.len = strlen(profile), .data = (uint8_t *)(uintptr_t)profile};
	d.n_files = 1;
	d.files = files;
	d.n_settings = 1;
	d.settings = settings;
	assert_true(telltale__v1__config_document__get_packed_size(&d) < sizeof(body));
	assert_int_equal(tt_signed_make(TT_SIGN_CONFIG, c->config_secret, body, telltale__v1__config_document__pack(&d, body), message,
					sizeof(message), &len),
			 TT_OK);
	tt_remote_message(c->agent, "cfg", message, len);
}

static void expect_config(struct car *c, enum tt_config_outcome outcome, uint64_t version, const char *reason)
{
	const struct tt_config_store *s = &c->agent->remote->store;

	if (s->tell != outcome || s->tell_version != version || !strstr(s->reason, reason))
		fail_msg("%d %llu: %s", (int)s->tell, (unsigned long long)s->tell_version, s->reason);
}

static void restart(struct car *c)
{
	assert_true(tt_agent_wants_restart(c->agent));
	stop(c);
	start(c);
}

static void a_configuration_is_tried_confirmed_and_kept(void **state)
{
	struct car *c = *state;
	struct tt_ack ack = {.cls = TT_CLASS_EVENT};

	configure(c, 5, profile_text, "state-interval-ms", "7000");
	expect_config(c, TT_CONFIG_APPLIED, 5, "on trial");
	restart(c);
	assert_int_equal(c->agent->settings->state_interval_ms, 7000);
	assert_non_null(strstr(c->agent->settings->profile, "/config/v5/profile"));
	run(c, 50, 0, 2, true); /* the result goes into the journal */
	assert_true(c->agent->remote->trial_seq > 0);
	ack.epoch = tt_journal_epoch(c->agent->journal);
	ack.up_to_seq = c->agent->remote->trial_seq - 1;
	tt_remote_acked(c->agent, &ack); /* of something before it: no proof */
	assert_true(c->agent->remote->store.trial);
	ack.up_to_seq++;
	tt_remote_acked(c->agent, &ack);
	expect_config(c, TT_CONFIG_CONFIRMED, 5, "");
	assert_false(c->agent->remote->store.trial);
	stop(c);
	start(c);
	assert_int_equal(c->agent->remote->store.active, 5);
	configure(c, 5, profile_text, "state-interval-ms", "8000"); /* of a version that was */
	expect_config(c, TT_CONFIG_CONFIRMED, 5, "in use already");
	configure(c, 4, profile_text, "state-interval-ms", "8000");
	expect_config(c, TT_CONFIG_REJECTED, 4, "not above");
	assert_int_equal(c->agent->settings->state_interval_ms, 7000);
}

static void a_configuration_without_the_gateway_is_given_back(void **state)
{
	struct car *c = *state;

	configure(c, 5, profile_text, "state-interval-ms", "7000");
	restart(c);
	run(c, 20, 0, 2, true);
	tt_remote_tick(c->agent, tt_mono_now() + TT_SEC(601));
	restart(c);
	expect_config(c, TT_CONFIG_ROLLED_BACK, 5, "not reached");
	assert_int_equal(c->agent->remote->store.active, 0);
	assert_int_equal(c->agent->settings->state_interval_ms, 60000);
	configure(c, 5, profile_text, "state-interval-ms", "7000");
	expect_config(c, TT_CONFIG_REJECTED, 5, "not above");
}

static void a_configuration_that_kills_the_agent_is_given_back(void **state)
{
	struct car *c = *state;

	configure(c, 5, profile_text, "state-interval-ms", "7000");
	for (int i = 0; i < TT_CONFIG_STORE_TRIES; i++) {
		stop(c);
		start(c);
		assert_int_equal(c->agent->remote->store.active, 5);
	}
	stop(c);
	start(c);
	assert_int_equal(c->agent->remote->store.active, 0);
	expect_config(c, TT_CONFIG_ROLLED_BACK, 5, "again and again");
}

static void what_is_wrong_is_rejected_with_the_reason_and_changes_nothing(void **state)
{
	struct car *c = *state;
	char path[160];

	configure(c, 5, "telltale-profile 1\nsignal Nonsense.Signal Vehicle.Speed\ndbc demo.dbc\n", "state-interval-ms", "7000");
	expect_config(c, TT_CONFIG_REJECTED, 5, "Nonsense");
	configure(c, 6, profile_text, "broker-host", "evil");
	expect_config(c, TT_CONFIG_REJECTED, 6, "may not be told from afar");
	configure(c, 7, profile_text, "state-interval-ms", "1");
	expect_config(c, TT_CONFIG_REJECTED, 7, "must be");
	configure(c, 8, "telltale-profile 1\ndbc other.dbc\nsignal A.B Vehicle.Speed\n", "state-interval-ms", "7000");
	expect_config(c, TT_CONFIG_REJECTED, 8, "other.dbc");
	assert_int_equal(c->agent->remote->store.seen, 0);
	assert_false(tt_agent_wants_restart(c->agent));
	(void)snprintf(path, sizeof(path), "%s/config/v5", c->dir);
	assert_int_not_equal(access(path, F_OK), 0);
	assert_int_equal(c->agent->settings->state_interval_ms, 60000);
}

static void a_stored_configuration_that_rots_gives_way(void **state)
{
	struct car *c = *state;
	struct tt_ack ack = {.cls = TT_CLASS_EVENT, .up_to_seq = UINT32_MAX};

	configure(c, 5, profile_text, "state-interval-ms", "7000");
	restart(c);
	run(c, 50, 0, 2, true);
	ack.epoch = tt_journal_epoch(c->agent->journal);
	tt_remote_acked(c->agent, &ack);
	configure(c, 6, profile_text, "state-interval-ms", "8000");
	restart(c);
	run(c, 50, 0, 2, true);
	tt_remote_acked(c->agent, &ack);
	assert_int_equal(c->agent->remote->store.good, 6);
	stop(c);
	write_text(c->dir, "config/v6/demo.dbc", "VERSION \"rotten\"\n");
	start(c);
	assert_int_equal(c->agent->remote->store.active, 0); /* version 5 was tidied away when 6 was confirmed */
	expect_config(c, TT_CONFIG_ROLLED_BACK, 6, "data is corrupt");
	stop(c);
	write_text(c->dir, "config/pointer", "rubbish");
	start(c);
	assert_int_equal(c->agent->remote->store.active, 0);
	expect_config(c, TT_CONFIG_ROLLED_BACK, 0, "pointer");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(unlock_is_refused_on_a_moving_car_and_nothing_is_sent),
		T(unlock_is_refused_when_nothing_is_known),
		T(unlock_at_standstill_is_exactly_the_profile_s_frames),
		T(a_car_that_begins_to_move_ends_it),
		T(a_restart_does_not_carry_it_out_again),
		T(a_lost_ledger_takes_nothing_that_was_signed_before),
		T(the_block_waits_for_the_ignition_and_the_release_lifts_it),
		T(a_flipped_bit_anywhere_is_refused),
		T(only_the_right_key_in_the_right_role_for_the_right_unit),
		T(expired_and_early_commands_are_refused),
		T(reports_come_faster_for_a_while),
		T(the_driver_s_answer_comes_back),
		T(a_profile_without_frames_does_nothing),
		T(a_configuration_is_tried_confirmed_and_kept),
		T(a_configuration_without_the_gateway_is_given_back),
		T(a_configuration_that_kills_the_agent_is_given_back),
		T(what_is_wrong_is_rejected_with_the_reason_and_changes_nothing),
		T(a_stored_configuration_that_rots_gives_way),
	};

	return cmocka_run_group_tests_name("remote", tests, NULL, NULL);
}
