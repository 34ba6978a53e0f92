#include "remote_testcar.h"

#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

const char tt_testcar_profile[] = "telltale-profile 1\n"
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

void tt_testcar_write(const char *dir, const char *name, const char *text)
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

void tt_testcar_start(struct tt_testcar *c)
{
	struct tt_errmsg msg = {.text = ""};

	assert_int_equal(tt_loop_create(32, &c->loop), TT_OK);
	if (tt_agent_create(c->loop, &c->settings, &c->agent, &msg) != TT_OK)
		fail_msg("%s", msg.text);
}

void tt_testcar_stop(struct tt_testcar *c)
{
	tt_agent_destroy(c->agent);
	tt_loop_destroy(c->loop);
	c->agent = NULL;
}

int tt_testcar_setup(void **state)
{
	static unsigned serial;
	struct tt_testcar *c = calloc(1, sizeof(*c));
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
	tt_testcar_write(c->dir, "keys", keys);
	tt_testcar_write(c->dir, "profile", tt_testcar_profile);
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
	c->settings.can_bitrate = 500000;
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
	tt_testcar_start(c);
	*state = c;
	return 0;
}

int tt_testcar_teardown(void **state)
{
	struct tt_testcar *c = *state;
	char command[128];

	if (c->agent)
		tt_testcar_stop(c);
	tt_can_port_close(c->port);
	(void)snprintf(command, sizeof(command), "rm -rf %s", c->dir);
	assert_int_equal(system(command), 0);
	free(c);
	return 0;
}

void tt_testcar_say(struct tt_testcar *c, uint32_t id, const uint8_t *data, uint8_t len)
{
	struct tt_can_frame f = {.id = id, .len = len};

	memcpy(f.data, data, len);
	assert_int_equal(tt_can_port_send(c->port, &f), TT_OK);
}

void tt_testcar_broadcast(struct tt_testcar *c, unsigned speed, uint8_t power, bool locked)
{
	const uint8_t dynamics[8] = {(uint8_t)speed, (uint8_t)(speed >> 8)};
	const uint8_t body[8] = {power, 0xE0, 0x2E, locked ? 0x10 : 0};

	tt_testcar_say(c, 0xB4, dynamics, 8);
	tt_testcar_say(c, 0x300, body, 8);
}

void tt_testcar_hear(struct tt_testcar *c)
{
	struct tt_can_frame f;
	tt_mono_us at;

	while (tt_can_port_recv(c->port, &f, &at) == TT_OK) {
		assert_true(c->nseen < 256);
		c->seen[c->nseen++] = f;
	}
}

void tt_testcar_run(struct tt_testcar *c, int ms, unsigned speed, uint8_t power, bool locked)
{
	const tt_mono_us until = tt_mono_now() + TT_MS(ms);

	while (tt_mono_now() < until) {
		tt_testcar_broadcast(c, speed, power, locked);
		assert_int_equal(tt_loop_turn(c->loop, tt_mono_now() + TT_MS(5)), TT_OK);
		tt_testcar_hear(c);
	}
}

Telltale__V1__Command tt_testcar_command(struct tt_testcar *c, uint32_t kind)
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

size_t tt_testcar_sign(const uint8_t *secret, enum tt_sign_role role, const Telltale__V1__Command *m, uint8_t *out)
{
	uint8_t body[TT_COMMAND_BYTES_MAX];
	size_t len = 0;

	assert_int_equal(tt_signed_make(role, secret, body, telltale__v1__command__pack(m, body), out, 1024, &len), TT_OK);
	return len;
}

void tt_testcar_hand_in(struct tt_testcar *c, const Telltale__V1__Command *m)
{
	uint8_t bytes[1024];
	const size_t len = tt_testcar_sign(c->secret, TT_SIGN_COMMAND, m, bytes);

	tt_remote_message(c->agent, "cmd", bytes, len);
}

const struct tt_command_entry *tt_testcar_entry(struct tt_testcar *c, uint64_t id)
{
	return tt_command_entry_by_id(&c->agent->remote->ledger, tt_sign_key_id(c->public_key), id);
}

void tt_testcar_expect(struct tt_testcar *c, uint64_t id, enum tt_command_outcome outcome, const char *reason)
{
	const struct tt_command_entry *e = tt_testcar_entry(c, id);

	assert_non_null(e);
	if (e->outcome != outcome || !strstr(e->reason, reason))
		fail_msg("%s: %s, wanted %s: %s", tt_command_outcome_name(e->outcome), e->reason, tt_command_outcome_name(outcome), reason);
}

void tt_testcar_expect_frame(const struct tt_can_frame *f, uint32_t id, size_t len, uint8_t first)
{
	assert_int_equal(f->id, id);
	assert_int_equal(f->len, len);
	assert_int_equal(f->data[0], first);
}

void tt_testcar_configure(struct tt_testcar *c, uint64_t version, const char *profile, const char *key, const char *value)
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

void tt_testcar_expect_config(struct tt_testcar *c, enum tt_config_outcome outcome, uint64_t version, const char *reason)
{
	const struct tt_config_store *s = &c->agent->remote->store;

	if (s->tell != outcome || s->tell_version != version || !strstr(s->reason, reason))
		fail_msg("%d %llu: %s", (int)s->tell, (unsigned long long)s->tell_version, s->reason);
}

void tt_testcar_restart(struct tt_testcar *c)
{
	assert_true(tt_agent_wants_restart(c->agent));
	tt_testcar_stop(c);
	tt_testcar_start(c);
}

Telltale__V1__Envelope *tt_testcar_told(struct tt_testcar *c, Telltale__V1__Envelope__BodyCase kind)
{
	static uint8_t bytes[TT_ENVELOPE_MAX_BYTES];
	Telltale__V1__Envelope *last = NULL;
	uint64_t after = 0, seq;
	size_t len;

	for (; tt_journal_next(c->agent->journal, TT_CLASS_EVENT, after, bytes, sizeof(bytes), &len, &seq) == TT_OK; after = seq) {
		Telltale__V1__Envelope *env = telltale__v1__envelope__unpack(NULL, len, bytes);

		assert_non_null(env);
		if (env->body_case != kind) {
			telltale__v1__envelope__free_unpacked(env, NULL);
			continue;
		}
		if (last)
			telltale__v1__envelope__free_unpacked(last, NULL);
		last = env;
	}
	return last;
}

void tt_testcar_profile_add(struct tt_testcar *c, const char *lines)
{
	char text[4096];

	tt_testcar_stop(c);
	(void)snprintf(text, sizeof(text), "%s%s", tt_testcar_profile, lines);
	tt_testcar_write(c->dir, "profile", text);
	tt_testcar_start(c);
}
