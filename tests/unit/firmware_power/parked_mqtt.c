/* firmware/io/mqtt.h in memory: a broker 200 ms away, and behind it a gateway that stores everything and says so 50 ms later. */
#include "parked_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct tt_mqtt {
	struct tt_loop *loop;
	struct tt_mqtt_handler handler;
	bool up, away;
	tt_mono_us up_since_us;
	struct tt_ack acks[TT_NCLASSES];
	bool due[TT_NCLASSES];
	char dn[TT_TOPIC_MAX];
};

Telltale__V1__State *parked_state;
struct parked_count *parked_counts;
bool parked_broker_away;
void (*parked_tap)(enum tt_class cls, const char *topic, const void *payload, size_t len, int qos);

static void on_connect(void *ctx, tt_mono_us now_us)
{
	struct tt_mqtt *m = ctx;

	if (m->away || m->up)
		return;
	if (parked_broker_away) {
		assert_int_equal(tt_loop_timer(m->loop, now_us + TT_SEC(60), on_connect, m), TT_OK);
		return;
	}
	m->up = true;
	m->up_since_us = now_us;
	parked_counts->connects++;
	m->handler.up(m->handler.ctx);
}

static void on_acks(void *ctx, tt_mono_us now_us)
{
	struct tt_mqtt *m = ctx;
	uint8_t buf[64];
	size_t len;

	(void)now_us;
	for (unsigned cls = TT_CLASS_ALERT; m->up && cls <= TT_CLASS_BULK; cls++) {
		if (!m->due[cls])
			continue;
		m->due[cls] = false;
		assert_int_equal(
			tt_ack_encode(m->acks[cls].epoch, (enum tt_class)cls, m->acks[cls].up_to_seq, false, buf, sizeof(buf), &len),
			TT_OK);
		m->handler.message(m->handler.ctx, m->dn, buf, len);
	}
}

enum tt_err tt_mqtt_create(struct tt_loop *loop, const struct tt_mqtt_config *config, const struct tt_mqtt_handler *handler,
			   struct tt_mqtt **out, struct tt_errmsg *msg)
{
	struct tt_mqtt *m = calloc(1, sizeof(*m));

	(void)config;
	(void)msg;
	assert_non_null(m);
	m->loop = loop;
	m->handler = *handler;
	memcpy(m->dn, "tt/1/00/CAR-7/dn/ack", sizeof("tt/1/00/CAR-7/dn/ack"));
	assert_int_equal(tt_loop_timer(loop, tt_mono_now() + TT_MS(200), on_connect, m), TT_OK);
	*out = m;
	return TT_OK;
}

static void hang_up(struct tt_mqtt *m)
{
	if (!m->up)
		return;
	m->up = false;
	parked_counts->online_us += tt_mono_now() - m->up_since_us;
	m->handler.down(m->handler.ctx, "gone");
}

void tt_mqtt_destroy(struct tt_mqtt *m)
{
	if (!m)
		return;
	assert_int_equal(tt_loop_timer(m->loop, TT_NEVER, on_connect, m), TT_OK);
	assert_int_equal(tt_loop_timer(m->loop, TT_NEVER, on_acks, m), TT_OK);
	free(m);
	if (parked_state)
		telltale__v1__state__free_unpacked(parked_state, NULL);
	parked_state = NULL;
}

bool tt_mqtt_is_up(const struct tt_mqtt *m)
{
	return m->up;
}

const char *tt_mqtt_problem(const struct tt_mqtt *m)
{
	return m->up ? "" : "away";
}

static void take(struct tt_mqtt *m, const char *topic, const void *payload, size_t len, int qos)
{
	Telltale__V1__Envelope *env;
	struct tt_errmsg why;
	enum tt_class cls = TT_CLASS_STATE;
	uint8_t *packed;

	for (unsigned i = TT_CLASS_ALERT; i < TT_NCLASSES; i++) {
		if (strstr(topic, tt_class_name((enum tt_class)i)))
			cls = (enum tt_class)i;
	}
	if (tt_envelope_decode(payload, len, cls, &env, &why) != TT_OK)
		fail_msg("%s: %s", topic, why.text);
	if (parked_tap)
		parked_tap(cls, topic, payload, len, qos);
	parked_counts->messages[cls]++;
	parked_counts->bytes[cls] += len + strlen(topic);
	if (cls == TT_CLASS_STATE) {
		const size_t n = telltale__v1__state__get_packed_size(env->state);

		if (parked_state)
			telltale__v1__state__free_unpacked(parked_state, NULL);
		packed = malloc(n);
		assert_non_null(packed);
		(void)telltale__v1__state__pack(env->state, packed);
		parked_state = telltale__v1__state__unpack(NULL, n, packed);
		free(packed);
	} else {
		m->acks[cls] = (struct tt_ack){.epoch = env->epoch, .cls = cls, .up_to_seq = env->seq};
		m->due[cls] = true;
		assert_int_equal(tt_loop_timer(m->loop, tt_mono_now() + TT_MS(50), on_acks, m), TT_OK);
	}
	tt_envelope_free(env);
}

enum tt_err tt_mqtt_publish(struct tt_mqtt *m, const char *topic, const void *payload, size_t len, int qos, bool retain)
{
	(void)retain;
	if (!m->up)
		return TT_EAGAIN;
	take(m, topic, payload, len, qos);
	return TT_OK;
}

unsigned tt_mqtt_unacknowledged(const struct tt_mqtt *m)
{
	(void)m;
	return 0;
}

void tt_mqtt_leave(struct tt_mqtt *m)
{
	m->away = true;
	assert_int_equal(tt_loop_timer(m->loop, TT_NEVER, on_connect, m), TT_OK);
	hang_up(m);
}

void tt_mqtt_return(struct tt_mqtt *m)
{
	m->away = false;
	assert_int_equal(tt_loop_timer(m->loop, tt_mono_now() + TT_MS(200), on_connect, m), TT_OK);
}

void tt_mqtt_goodbye(struct tt_mqtt *m)
{
	m->away = true;
	hang_up(m);
}
