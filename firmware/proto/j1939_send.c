#include "firmware/proto/j1939_send.h"

#include "firmware/proto/j1939_tp.h"

#include <string.h>

enum { IDLE, SINGLE, ANNOUNCE, WAIT, PACKETS, ABORTING };
enum { CONTROL_LEN = 8, PACKET_DATA = 7, PRIORITY_TP = 7, AGAIN_MAX = 10, ALL_AT_ONCE = 255 };

#define BAM_GAP_US TT_MS(50)
#define T3_US TT_MS(1250)
#define T4_US TT_MS(1050)
#define PGN_BYTES(pgn) (uint8_t)(pgn), (uint8_t)((pgn) >> 8), (uint8_t)((pgn) >> 16)

void tt_j1939_send_init(struct tt_j1939_send *s, const struct tt_j1939_send_config *config)
{
	memset(s, 0, sizeof(*s));
	s->config = *config;
	if (s->config.bam_gap_us == 0)
		s->config.bam_gap_us = BAM_GAP_US;
	if (s->config.at_once == 0)
		s->config.at_once = ALL_AT_ONCE;
	s->result = TT_J1939_SEND_DONE;
	s->due_us = s->deadline_us = TT_NEVER;
}

enum tt_err tt_j1939_send(struct tt_j1939_send *s, const struct tt_j1939_id *id, const uint8_t *data, size_t len)
{
	if (s->state != IDLE)
		return TT_EAGAIN;
	if (len == 0 || len > TT_J1939_MAX)
		return TT_ERANGE;
	s->id = *id;
	s->data = data;
	s->len = len;
	s->packets = (unsigned)((len + PACKET_DATA - 1) / PACKET_DATA);
	s->asked_from = s->again = 0;
	s->why = 0;
	s->state = len <= TT_J1939_SINGLE ? SINGLE : ANNOUNCE;
	s->due_us = 0;
	s->deadline_us = TT_NEVER;
	s->result = TT_J1939_SEND_BUSY;
	return TT_OK;
}

static void end(struct tt_j1939_send *s, enum tt_j1939_send_result result, uint8_t why)
{
	s->state = IDLE;
	s->result = result;
	s->why = why;
	s->due_us = s->deadline_us = TT_NEVER;
}

static void abort_with(struct tt_j1939_send *s, enum tt_j1939_abort why)
{
	s->why = (uint8_t)why;
	s->state = ABORTING;
	s->due_us = 0;
	s->deadline_us = TT_NEVER;
}

static void take_cts(struct tt_j1939_send *s, tt_mono_us now_us, unsigned n, unsigned from)
{
	if (s->state != WAIT) {
		abort_with(s, TT_J1939_ABORT_CTS_WHILE_SENDING);
		return;
	}
	if (n == 0) { /* hold */
		s->deadline_us = now_us + T4_US;
		return;
	}
	if (from == 0 || from > s->packets) {
		abort_with(s, TT_J1939_ABORT_BAD_SEQUENCE);
		return;
	}
	s->again = from == s->asked_from ? s->again + 1 : 0;
	s->asked_from = from;
	if (s->again > AGAIN_MAX) {
		abort_with(s, TT_J1939_ABORT_RETRIES);
		return;
	}
	s->next = from;
	s->until = from + n - 1 < s->packets ? from + n - 1 : s->packets;
	s->state = PACKETS;
	s->due_us = 0;
	s->deadline_us = TT_NEVER;
}

void tt_j1939_send_feed(struct tt_j1939_send *s, tt_mono_us now_us, const struct tt_can_frame *f)
{
	const bool connected = (s->state == WAIT || s->state == PACKETS) && s->id.dest != TT_J1939_GLOBAL;
	struct tt_j1939_id id;

	if (!connected || !tt_j1939_split(f, &id) || id.pgn != TT_PGN_TP_CM || id.source != s->id.dest || id.dest != s->id.source ||
	    f->len < CONTROL_LEN || tt_j1939_pgn_at(f->data + 5) != s->id.pgn)
		return;
	if (f->data[0] == TT_J1939_CTS)
		take_cts(s, now_us, f->data[1], f->data[2]);
	else if (f->data[0] == TT_J1939_END)
		end(s, TT_J1939_SEND_DONE, 0);
	else if (f->data[0] == TT_J1939_ABORT)
		end(s, TT_J1939_SEND_FAILED, f->data[1]);
}

static void control(const struct tt_j1939_send *s, const uint8_t data[CONTROL_LEN], struct tt_can_frame *out)
{
	const struct tt_j1939_id id = {.pgn = TT_PGN_TP_CM, .priority = PRIORITY_TP, .source = s->id.source, .dest = s->id.dest};

	tt_j1939_frame(&id, s->config.bus, data, CONTROL_LEN, out);
}

static void put_announcement(struct tt_j1939_send *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	const bool bam = s->id.dest == TT_J1939_GLOBAL;
	const uint8_t data[CONTROL_LEN] = {
		bam ? TT_J1939_BAM : TT_J1939_RTS, (uint8_t)s->len,     (uint8_t)(s->len >> 8), (uint8_t)s->packets,
		bam ? 0xFF : s->config.at_once,    PGN_BYTES(s->id.pgn)};

	control(s, data, out);
	s->next = 1;
	s->until = s->packets;
	s->state = bam ? PACKETS : WAIT;
	s->due_us = bam ? now_us + s->config.bam_gap_us : TT_NEVER;
	s->deadline_us = bam ? TT_NEVER : now_us + T3_US;
}

static void put_packet(struct tt_j1939_send *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	const bool bam = s->id.dest == TT_J1939_GLOBAL;
	const struct tt_j1939_id id = {.pgn = TT_PGN_TP_DT, .priority = PRIORITY_TP, .source = s->id.source, .dest = s->id.dest};
	const size_t at = (s->next - 1) * (size_t)PACKET_DATA, n = s->len - at < PACKET_DATA ? s->len - at : PACKET_DATA;
	uint8_t data[CONTROL_LEN];

	memset(data, 0xFF, sizeof(data));
	data[0] = (uint8_t)s->next;
	memcpy(data + 1, s->data + at, n);
	tt_j1939_frame(&id, s->config.bus, data, CONTROL_LEN, out);
	if (bam)
		s->due_us = now_us + s->config.bam_gap_us;
	if (s->next++ < s->until)
		return;
	if (bam) {
		end(s, TT_J1939_SEND_DONE, 0);
		return;
	}
	s->state = WAIT;
	s->due_us = TT_NEVER;
	s->deadline_us = now_us + T3_US;
}

static void put_abort(struct tt_j1939_send *s, struct tt_can_frame *out)
{
	const uint8_t data[CONTROL_LEN] = {TT_J1939_ABORT, s->why, 0xFF, 0xFF, 0xFF, PGN_BYTES(s->id.pgn)};

	control(s, data, out);
	end(s, TT_J1939_SEND_FAILED, s->why);
}

bool tt_j1939_send_next_tx(struct tt_j1939_send *s, tt_mono_us now_us, struct tt_can_frame *out)
{
	if (now_us >= s->deadline_us)
		abort_with(s, TT_J1939_ABORT_TIMEOUT);
	if (now_us < s->due_us)
		return false;
	if (s->state == SINGLE) {
		tt_j1939_frame(&s->id, s->config.bus, s->data, (uint8_t)s->len, out);
		end(s, TT_J1939_SEND_DONE, 0);
	} else if (s->state == ANNOUNCE) {
		put_announcement(s, now_us, out);
	} else if (s->state == PACKETS) {
		put_packet(s, now_us, out);
	} else {
		put_abort(s, out);
	}
	return true;
}

enum tt_j1939_send_result tt_j1939_send_result(const struct tt_j1939_send *s)
{
	return s->result;
}

tt_mono_us tt_j1939_send_wake_at(const struct tt_j1939_send *s)
{
	return tt_min_i64(s->due_us, s->deadline_us);
}
