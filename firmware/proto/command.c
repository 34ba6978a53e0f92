#include "firmware/proto/command.h"

#include "base/pb.h"
#include "base/text.h"
#include "base/utf8.h"

#include <string.h>

static const char *const kinds[TT_COMMAND_KINDS] = {
	[TT_COMMAND_NONE] = "none",
	[TT_COMMAND_PING] = "ping",
	[TT_COMMAND_FULL_STATE] = "full-state",
	[TT_COMMAND_REPORT_RATE] = "report-rate",
	[TT_COMMAND_CAPTURE] = "capture",
	[TT_COMMAND_READ_CODES] = "read-codes",
	[TT_COMMAND_CLEAR_CODES] = "clear-codes",
	[TT_COMMAND_LOCK] = "lock",
	[TT_COMMAND_UNLOCK] = "unlock",
	[TT_COMMAND_HORN_LIGHTS] = "horn-lights",
	[TT_COMMAND_IGNITION_BLOCK] = "ignition-block",
	[TT_COMMAND_IGNITION_RELEASE] = "ignition-release",
	[TT_COMMAND_DRIVER_MESSAGE] = "message",
	[TT_COMMAND_DESTINATION] = "destination",
};

const char *tt_command_kind_name(uint32_t kind)
{
	return kinds[kind < TT_COMMAND_KINDS ? kind : TT_COMMAND_NONE];
}

enum tt_command_kind tt_command_kind_by_name(const char *name)
{
	unsigned kind = TT_COMMAND_KINDS - 1;

	while (kind > TT_COMMAND_NONE && strcmp(kinds[kind], name) != 0)
		kind--;
	return (enum tt_command_kind)kind;
}

const char *tt_command_outcome_name(uint32_t outcome)
{
	static const char *const names[TT_OUTCOMES] = {"none",   "accepted", "armed",    "done",        "refused",
						       "failed", "expired",  "replayed", "unauthentic", "unsupported"};

	return names[outcome < TT_OUTCOMES ? outcome : TT_OUTCOME_NONE];
}

/* ---- reading ---- */

enum kind { STRING, FIXED, U64, S64, U32, S32, FLAG };

/* Number, place and type of each field of the message (schemas/proto/telltale.proto, Command). */
static const struct {
	enum kind kind;
	size_t offset;
	size_t cap; /* strings: with the NUL */
} layout[] = {
	[1] = {.kind = STRING, .offset = offsetof(struct tt_command, unit), .cap = TT_COMMAND_UNIT},
	[2] = {.kind = FIXED, .offset = offsetof(struct tt_command, id)},
	[3] = {.kind = U64, .offset = offsetof(struct tt_command, counter)},
	[4] = {.kind = S64, .offset = offsetof(struct tt_command, not_before_us)},
	[5] = {.kind = S64, .offset = offsetof(struct tt_command, expires_at_us)},
	[6] = {.kind = U32, .offset = offsetof(struct tt_command, kind)},
	[7] = {.kind = U32, .offset = offsetof(struct tt_command, duration_ms)},
	[8] = {.kind = U32, .offset = offsetof(struct tt_command, interval_ms)},
	[9] = {.kind = STRING, .offset = offsetof(struct tt_command, text), .cap = TT_COMMAND_TEXT},
	[10] = {.kind = FLAG, .offset = offsetof(struct tt_command, speak)},
	[11] = {.kind = S32, .offset = offsetof(struct tt_command, latitude_e7)},
	[12] = {.kind = S32, .offset = offsetof(struct tt_command, longitude_e7)},
};
enum { FIELDS = sizeof(layout) / sizeof(layout[0]) };

static enum tt_pb_type type_of(enum kind kind)
{
	return kind == STRING ? TT_PB_BYTES : kind == FIXED ? TT_PB_FIXED64 : TT_PB_VARINT;
}

static enum tt_err read_text(char *to, size_t cap, const struct tt_pb_field *f)
{
	if (f->value >= cap || !tt_utf8_printable((const char *)f->bytes, (size_t)f->value))
		return TT_EPROTO;
	memcpy(to, f->bytes, (size_t)f->value);
	to[f->value] = '\0';
	return TT_OK;
}

static enum tt_err read_field(struct tt_command *c, const struct tt_pb_field *f)
{
	char *at = (char *)c + layout[f->number].offset;
	const int64_t s = tt_unzigzag(f->value);
	const uint32_t u32 = (uint32_t)f->value;
	const int32_t s32 = (int32_t)s;
	const bool flag = f->value == 1;
	const struct {
		const void *from;
		size_t size;
		bool fits;
	} values[] = {
		[FIXED] = {&f->value, sizeof(f->value), true},
		[U64] = {&f->value, sizeof(f->value), f->value <= INT64_MAX},
		[S64] = {&s, sizeof(s), s >= 0},
		[U32] = {&u32, sizeof(u32), f->value <= UINT32_MAX},
		[S32] = {&s32, sizeof(s32), s >= INT32_MIN && s <= INT32_MAX},
		[FLAG] = {&flag, sizeof(flag), f->value <= 1},
	};
	const enum kind kind = layout[f->number].kind;

	if (f->type != type_of(kind))
		return TT_EPROTO;
	if (kind == STRING)
		return read_text(at, layout[f->number].cap, f);
	if (!values[kind].fits)
		return TT_EPROTO;
	memcpy(at, values[kind].from, values[kind].size);
	return TT_OK;
}

enum tt_err tt_command_decode(const uint8_t *bytes, size_t len, struct tt_command *out)
{
	struct tt_rd r = tt_rd_init(bytes, len);
	struct tt_pb_field f;
	struct tt_command c;
	enum tt_err err;

	memset(&c, 0, sizeof(c));
	if (len > TT_COMMAND_BYTES_MAX)
		return TT_EPROTO;
	while ((err = tt_pb_next(&r, &f)) == TT_OK) {
		if (f.number >= FIELDS) {
			c.unknown = true;
			continue;
		}
		err = read_field(&c, &f);
		if (err)
			return err;
		c.fields |= UINT32_C(1) << f.number;
	}
	if (err != TT_EEOF || c.id == 0 || c.counter == 0 || c.unit[0] == '\0')
		return TT_EPROTO;
	*out = c;
	return TT_OK;
}

/* ---- used once ---- */

bool tt_command_window_take(struct tt_command_window *w, uint64_t counter)
{
	uint64_t distance;

	if (counter > w->counter) {
		distance = counter - w->counter;
		/* the old highest becomes bit distance - 1; a shift of 64 and more is not defined in C, and leaves nothing */
		w->used = distance < TT_COMMAND_WINDOW ? w->used << distance : 0;
		if (distance <= TT_COMMAND_WINDOW)
			w->used |= UINT64_C(1) << (distance - 1);
		w->counter = counter;
		return true;
	}
	distance = w->counter - counter;
	if (distance == 0 || distance > TT_COMMAND_WINDOW || counter == 0 || w->used >> (distance - 1) & 1)
		return false;
	w->used |= UINT64_C(1) << (distance - 1);
	return true;
}

void tt_command_ledger_init(struct tt_command_ledger *l, tt_utc_us floor_us)
{
	memset(l, 0, sizeof(*l));
	l->floor_us = floor_us;
}

static bool trusted(uint64_t key_id, const uint64_t *keep, size_t nkeep)
{
	for (size_t i = 0; i < nkeep; i++) {
		if (keep[i] == key_id)
			return true;
	}
	return false;
}

static struct tt_command_window *window_of(struct tt_command_ledger *l, uint64_t key_id, const uint64_t *keep, size_t nkeep)
{
	struct tt_command_window *room = NULL, *retired = NULL;

	for (size_t i = 0; i < TT_COMMAND_KEYS; i++) {
		struct tt_command_window *w = &l->windows[i];

		if (w->key_id == key_id)
			return w;
		if (w->key_id == 0 && !room)
			room = w;
		if (!retired && !trusted(w->key_id, keep, nkeep))
			retired = w;
	}
	room = room ? room : retired;
	if (room)
		*room = (struct tt_command_window){.key_id = key_id};
	return room;
}

static struct tt_command_entry *entry_of(struct tt_command_ledger *l, uint64_t key_id, uint64_t id, uint64_t counter)
{
	struct tt_command_entry *e = tt_command_entry_by_id(l, key_id, id);

	return e && e->counter == counter ? e : NULL;
}

/* The oldest gives way, but not one that waits for its condition while there is another. */
static struct tt_command_entry *new_entry(struct tt_command_ledger *l)
{
	for (unsigned i = 0; i < TT_COMMAND_ENTRIES && l->entries[l->next].outcome == TT_OUTCOME_ARMED; i++)
		l->next = (l->next + 1) % TT_COMMAND_ENTRIES;
	l->next = (l->next + 1) % TT_COMMAND_ENTRIES;
	return &l->entries[(l->next + TT_COMMAND_ENTRIES - 1) % TT_COMMAND_ENTRIES];
}

enum tt_command_admission tt_command_admit(struct tt_command_ledger *l, uint64_t key_id, const struct tt_command *c, const uint64_t *keep,
					   size_t nkeep, struct tt_command_entry **entry)
{
	struct tt_command_window *w = window_of(l, key_id, keep, nkeep);

	*entry = NULL;
	if (!w)
		return TT_COMMAND_NO_ROOM;
	if (!tt_command_window_take(w, c->counter)) {
		*entry = entry_of(l, key_id, c->id, c->counter);
		return *entry ? TT_COMMAND_DUPLICATE : TT_COMMAND_REPLAYED;
	}
	*entry = new_entry(l);
	**entry = (struct tt_command_entry){.key_id = key_id,
					    .id = c->id,
					    .counter = c->counter,
					    .kind = c->kind < TT_COMMAND_KINDS ? c->kind : TT_COMMAND_NONE,
					    .outcome = TT_OUTCOME_ACCEPTED,
					    .told = true};
	return TT_COMMAND_NEW;
}

void tt_command_note(struct tt_command_entry *e, enum tt_command_outcome outcome, const char *reason, tt_utc_us at_us)
{
	struct tt_text t = tt_text_init(e->reason, sizeof(e->reason));
	size_t n = strlen(reason);

	if (n >= sizeof(e->reason))
		n = sizeof(e->reason) - 1;
	tt_text_bytes(&t, reason, n);
	e->outcome = outcome;
	e->at_us = at_us;
	e->told = false;
}

struct tt_command_entry *tt_command_entry_by_id(struct tt_command_ledger *l, uint64_t key_id, uint64_t id)
{
	for (size_t i = 0; i < TT_COMMAND_ENTRIES; i++) {
		struct tt_command_entry *e = &l->entries[i];

		if (e->outcome != TT_OUTCOME_NONE && e->key_id == key_id && e->id == id)
			return e;
	}
	return NULL;
}

unsigned tt_command_interrupted(struct tt_command_ledger *l, tt_utc_us at_us)
{
	unsigned n = 0;

	for (size_t i = 0; i < TT_COMMAND_ENTRIES; i++) {
		if (l->entries[i].outcome != TT_OUTCOME_ACCEPTED)
			continue;
		tt_command_note(&l->entries[i], TT_OUTCOME_FAILED, "interrupted by a restart: how far it came is not known", at_us);
		n++;
	}
	return n;
}
