#include "firmware/proto/j1939_tp.h"

#include <string.h>

enum { CONTROL_LEN = 8, PACKET_DATA = 7, SIZE_MIN = 9, PRIORITY_TP = 7 };

#define T1_US TT_MS(750)
#define T2_US TT_MS(1250)
#define ASK_US TT_MS(1000) /* asked again within the sender's T3 of 1250 ms, and long after its 200 ms to respond (Tr) */

const char *tt_j1939_abort_text(uint8_t reason)
{
	static const char *const texts[] = {
		[1] = "already in a connection",
		[2] = "resources needed for another task",
		[3] = "timeout",
		[4] = "CTS while data is being sent",
		[5] = "too many retransmissions",
		[6] = "unexpected data packet",
		[7] = "bad sequence number",
		[8] = "duplicate sequence number",
		[9] = "message too long, or unexpected EDPO",
		[10] = "EDPO for another parameter group",
		[11] = "EDPO for more packets than granted",
		[12] = "bad EDPO offset",
		[13] = "other reason (deprecated)",
		[14] = "ECTS for another parameter group",
		[15] = "ECTS for too many packets",
	};

	if (reason == TT_J1939_ABORT_OTHER)
		return "other reason";
	return reason > 0 && reason < sizeof(texts) / sizeof(texts[0]) ? texts[reason] : "reserved reason";
}

void tt_j1939_tp_init(struct tt_j1939_tp *t, uint8_t address)
{
	t->address = address;
	for (size_t i = 0; i < TT_J1939_SESSIONS; i++)
		t->sessions[i].used = false;
	t->nqueue = 0;
	t->last_abort = 0;
	memset(&t->count, 0, sizeof(t->count));
}

void tt_j1939_tp_address(struct tt_j1939_tp *t, uint8_t address)
{
	for (size_t i = 0; i < TT_J1939_SESSIONS; i++) {
		if (t->sessions[i].used && t->sessions[i].ours)
			t->sessions[i].used = false;
	}
	t->nqueue = 0;
	t->address = address;
}

/* ---- what we say ---- */

/* A full queue drops: the sender's own timeouts tell it. */
static void say(struct tt_j1939_tp *t, uint8_t bus, uint8_t dest, const uint8_t data[CONTROL_LEN])
{
	const struct tt_j1939_id id = {.pgn = TT_PGN_TP_CM, .priority = PRIORITY_TP, .source = t->address, .dest = dest};

	if (t->nqueue < TT_J1939_TP_QUEUE)
		tt_j1939_frame(&id, bus, data, CONTROL_LEN, &t->queue[t->nqueue++]);
}

#define PGN_BYTES(pgn) (uint8_t)(pgn), (uint8_t)((pgn) >> 8), (uint8_t)((pgn) >> 16)

static void say_abort(struct tt_j1939_tp *t, uint8_t bus, const struct tt_j1939_id *of, uint8_t reason)
{
	const uint8_t data[CONTROL_LEN] = {TT_J1939_ABORT, reason, 0xFF, 0xFF, 0xFF, PGN_BYTES(of->pgn)};

	t->last_abort = reason;
	say(t, bus, of->source, data);
}

static void say_end(struct tt_j1939_tp *t, const struct tt_j1939_session *s)
{
	const uint8_t data[CONTROL_LEN] = {TT_J1939_END, (uint8_t)s->size, (uint8_t)(s->size >> 8), s->packets, 0xFF, PGN_BYTES(s->id.pgn)};

	say(t, s->bus, s->id.source, data);
}

static bool has(const struct tt_j1939_session *s, unsigned packet)
{
	return s->seen[packet / 8] >> packet % 8 & 1;
}

/* Grants the first run of missing packets; there is at least one. The third time in a row for the same one is the last. */
static void say_cts(struct tt_j1939_tp *t, struct tt_j1939_session *s, tt_mono_us now_us, enum tt_j1939_abort when_over)
{
	unsigned from = 1, n = 1;

	while (has(s, from))
		from++;
	while (n < s->at_once && from + n <= s->packets && !has(s, from + n))
		n++;
	s->tries = from == s->asked_from ? (uint8_t)(s->tries + 1) : 1;
	if (s->tries > TT_J1939_TP_TRIES) {
		say_abort(t, s->bus, &s->id, (uint8_t)when_over);
		s->used = false;
		if (when_over == TT_J1939_ABORT_TIMEOUT)
			t->count.timeouts++;
		else
			t->count.aborted++;
		return;
	}
	const uint8_t data[CONTROL_LEN] = {TT_J1939_CTS, (uint8_t)n, (uint8_t)from, 0xFF, 0xFF, PGN_BYTES(s->id.pgn)};

	s->asked_from = (uint8_t)from;
	s->window_end = (uint8_t)(from + n - 1);
	s->deadline_us = now_us + ASK_US;
	say(t, s->bus, s->id.source, data);
}

/* ---- sessions ---- */

static struct tt_j1939_session *find(struct tt_j1939_tp *t, uint8_t bus, uint8_t source, uint8_t dest)
{
	for (size_t i = 0; i < TT_J1939_SESSIONS; i++) {
		struct tt_j1939_session *s = &t->sessions[i];

		if (s->used && s->bus == bus && s->id.source == source && s->id.dest == dest)
			return s;
	}
	return NULL;
}

static struct tt_j1939_session *free_slot(struct tt_j1939_tp *t)
{
	struct tt_j1939_session *oldest = &t->sessions[0];

	for (size_t i = 0; i < TT_J1939_SESSIONS; i++) {
		struct tt_j1939_session *s = &t->sessions[i];

		if (!s->used)
			return s;
		if (s->heard_us < oldest->heard_us)
			oldest = s;
	}
	if (oldest->ours)
		say_abort(t, oldest->bus, &oldest->id, TT_J1939_ABORT_RESOURCES);
	t->count.evicted++;
	return oldest;
}

static void drop_broken(struct tt_j1939_tp *t, struct tt_j1939_session *s)
{
	s->used = false;
	t->count.broken++;
}

static void expire(struct tt_j1939_tp *t, tt_mono_us now_us)
{
	for (size_t i = 0; i < TT_J1939_SESSIONS; i++) {
		struct tt_j1939_session *s = &t->sessions[i];

		if (!s->used || now_us < s->deadline_us)
			continue;
		if (s->ours) {
			say_cts(t, s, now_us, TT_J1939_ABORT_TIMEOUT);
			continue;
		}
		s->used = false;
		t->count.timeouts++;
	}
}

/* ---- announcements ---- */

static void take_announcement(struct tt_j1939_tp *t, tt_mono_us now_us, const struct tt_can_frame *f, const struct tt_j1939_id *cm,
			      bool bam)
{
	const unsigned size = f->data[1] | (unsigned)f->data[2] << 8;
	const struct tt_j1939_id id = {
		.pgn = tt_j1939_pgn_at(f->data + 5), .priority = cm->priority, .source = cm->source, .dest = cm->dest};
	const bool ours = !bam && cm->dest == t->address && t->address <= TT_J1939_ADDRESS_MAX;
	struct tt_j1939_session *s;

	if (cm->source > TT_J1939_ADDRESS_MAX) { /* null and global address: nobody who could be answered */
		t->count.malformed++;
		return;
	}
	if (bam != (cm->dest == TT_J1939_GLOBAL) || size < SIZE_MIN || size > TT_J1939_MAX || id.pgn > TT_PGN_MAX ||
	    f->data[3] != (size + PACKET_DATA - 1) / PACKET_DATA) {
		t->count.malformed++;
		if (ours)
			say_abort(t, f->bus, &id, size > TT_J1939_MAX ? TT_J1939_ABORT_SIZE : TT_J1939_ABORT_OTHER);
		return;
	}
	s = find(t, f->bus, id.source, id.dest);
	if (s && s->ours && s->id.pgn != id.pgn) {
		say_abort(t, f->bus, &id, TT_J1939_ABORT_BUSY);
		return;
	}
	if (s)
		t->count.broken++; /* the newest announcement of a pair counts, J1939-21 5.10.2.2 */
	else
		s = free_slot(t);
	s->used = true;
	s->bam = bam;
	s->ours = ours;
	s->bus = f->bus;
	s->id = id;
	s->size = (uint16_t)size;
	s->packets = f->data[3];
	s->have = s->asked_from = s->tries = 0;
	s->at_once = f->data[4]; /* 0 grants one all the same */
	s->heard_us = now_us;
	s->deadline_us = now_us + (bam ? T1_US : T2_US);
	memset(s->seen, 0, sizeof(s->seen));
	if (ours)
		say_cts(t, s, now_us, TT_J1939_ABORT_RETRIES);
}

/* What the receiver of a session that we only hear says to its sender. */
static void take_answer(struct tt_j1939_tp *t, tt_mono_us now_us, const struct tt_can_frame *f, const struct tt_j1939_id *cm)
{
	struct tt_j1939_session *s = find(t, f->bus, cm->dest, cm->source);

	if (!s || s->id.pgn != tt_j1939_pgn_at(f->data + 5))
		return;
	if (f->data[0] == TT_J1939_END) {
		drop_broken(t, s);
		return;
	}
	s->heard_us = now_us;
	s->deadline_us = now_us + T2_US;
}

static void take_abort(struct tt_j1939_tp *t, const struct tt_can_frame *f, const struct tt_j1939_id *cm)
{
	const uint32_t pgn = tt_j1939_pgn_at(f->data + 5);
	struct tt_j1939_session *s = find(t, f->bus, cm->source, cm->dest);

	if (!s || s->id.pgn != pgn)
		s = find(t, f->bus, cm->dest, cm->source);
	if (!s || s->id.pgn != pgn)
		return;
	s->used = false;
	t->count.aborted++;
	t->last_abort = f->data[1];
}

static void take_control(struct tt_j1939_tp *t, tt_mono_us now_us, const struct tt_can_frame *f, const struct tt_j1939_id *cm)
{
	if (f->len < CONTROL_LEN) {
		t->count.malformed++;
		return;
	}
	switch (f->data[0]) {
	case TT_J1939_RTS:
	case TT_J1939_BAM:
		take_announcement(t, now_us, f, cm, f->data[0] == TT_J1939_BAM);
		break;
	case TT_J1939_CTS:
	case TT_J1939_END:
		take_answer(t, now_us, f, cm);
		break;
	case TT_J1939_ABORT:
		take_abort(t, f, cm);
		break;
	default:
		t->count.malformed++;
	}
}

/* ---- packets ---- */

/* A number that no packet of the session has. Of a session between others its receiver is the judge. */
static void impossible(struct tt_j1939_tp *t, struct tt_j1939_session *s)
{
	t->count.malformed++;
	if (s->ours)
		say_abort(t, s->bus, &s->id, TT_J1939_ABORT_BAD_SEQUENCE);
	s->used = !s->ours && !s->bam;
}

static bool complete(struct tt_j1939_tp *t, struct tt_j1939_session *s, struct tt_j1939_message *out)
{
	if (s->ours)
		say_end(t, s);
	s->used = false; /* the data stays until the slot is taken again */
	t->count.complete++;
	*out = (struct tt_j1939_message){.id = s->id, .bus = s->bus, .data = s->data, .len = s->size, .transported = true};
	return true;
}

static bool take_packet(struct tt_j1939_tp *t, tt_mono_us now_us, const struct tt_can_frame *f, const struct tt_j1939_id *dt,
			struct tt_j1939_message *out)
{
	struct tt_j1939_session *s = find(t, f->bus, dt->source, dt->dest);
	const unsigned packet = f->len > 0 ? f->data[0] : 0;
	size_t at, n;

	if (!s) {
		t->count.ignored++;
		return false;
	}
	if (packet == 0 || packet > s->packets) {
		impossible(t, s);
		return false;
	}
	at = (packet - 1) * (size_t)PACKET_DATA;
	n = s->size - at < PACKET_DATA ? s->size - at : PACKET_DATA;
	if (f->len < n + 1) { /* the padding may be missing, the data may not */
		t->count.malformed++;
		return false;
	}
	if (has(s, packet)) {
		/* other data under an old number: the next announcement was lost, and two messages must not be mixed */
		if (s->bam && memcmp(s->data + at, f->data + 1, n) != 0)
			drop_broken(t, s);
		else
			t->count.ignored++;
		return false;
	}
	if (s->bam && packet != s->have + 1U) {
		drop_broken(t, s);
		return false;
	}
	memcpy(s->data + at, f->data + 1, n);
	s->seen[packet / 8] |= (uint8_t)(1U << packet % 8);
	s->have++;
	s->heard_us = now_us;
	s->deadline_us = now_us + (s->bam || s->ours ? T1_US : T2_US);
	if (s->have == s->packets)
		return complete(t, s, out);
	if (s->ours && packet == s->window_end)
		say_cts(t, s, now_us, TT_J1939_ABORT_RETRIES);
	return false;
}

bool tt_j1939_tp_feed(struct tt_j1939_tp *t, tt_mono_us now_us, const struct tt_can_frame *f, struct tt_j1939_message *out)
{
	struct tt_j1939_id id;

	if (!tt_j1939_split(f, &id))
		return false;
	if (id.pgn == TT_PGN_TP_CM || id.pgn == TT_PGN_TP_DT)
		expire(t, now_us);
	if (id.pgn == TT_PGN_TP_CM) {
		take_control(t, now_us, f, &id);
		return false;
	}
	if (id.pgn == TT_PGN_TP_DT)
		return take_packet(t, now_us, f, &id, out);
	memcpy(t->single, f->data, f->len);
	*out = (struct tt_j1939_message){.id = id, .bus = f->bus, .data = t->single, .len = f->len};
	return true;
}

void tt_j1939_tp_tick(struct tt_j1939_tp *t, tt_mono_us now_us)
{
	expire(t, now_us);
}

bool tt_j1939_tp_next_tx(struct tt_j1939_tp *t, struct tt_can_frame *out)
{
	if (t->nqueue == 0)
		return false;
	*out = t->queue[0];
	t->nqueue--;
	memmove(t->queue, t->queue + 1, t->nqueue * sizeof(t->queue[0]));
	return true;
}

tt_mono_us tt_j1939_tp_wake_at(const struct tt_j1939_tp *t)
{
	tt_mono_us at = TT_NEVER;

	if (t->nqueue > 0)
		return 0;
	for (size_t i = 0; i < TT_J1939_SESSIONS; i++) {
		if (t->sessions[i].used)
			at = tt_min_i64(at, t->sessions[i].deadline_us);
	}
	return at;
}
