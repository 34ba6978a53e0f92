#include "gateway/ingest_internal.h"

#include <string.h>

#define LABEL(name, label) [TT_REASON_##name] = (label),
const char *tt_ingest_reason_label(enum tt_ingest_reason reason)
{
	static const char *const labels[TT_INGEST_NREASONS] = {TT_INGEST_REASONS(LABEL)};

	TT_ASSERT(reason < TT_INGEST_NREASONS);
	return labels[reason];
}
#undef LABEL

static bool may_keep(struct tt_ingest_allowance *a, tt_utc_us now)
{
	/* A clock set back starts a new window too, so that it cannot close the quarantine for years. */
	if (now < a->since || now - a->since >= TT_INGEST_QUARANTINE_WINDOW_US)
		*a = (struct tt_ingest_allowance){.since = now, .used = 0};
	return a->used++ < TT_INGEST_QUARANTINE_ROWS;
}

static enum tt_err add(struct tt_ingest *ingest, const struct tt_inbound *in, const char *unit_name, enum tt_ingest_reason reason,
		       const char *why)
{
	struct tt_quarantine row = {.received_at = in->received_at, .size = (int64_t)in->size};
	char text[sizeof(row.reason)];
	struct tt_text t = tt_text_init(text, sizeof(text));

	tt_text_str(&t, tt_ingest_reason_label(reason));
	tt_text_str(&t, ": ");
	tt_ingest_copy(row.reason, sizeof(row.reason), text);
	tt_ingest_copy(row.reason + t.len, sizeof(row.reason) - t.len, why);
	tt_ingest_copy(row.topic, sizeof(row.topic), in->topic);
	tt_ingest_copy(row.unit, sizeof(row.unit), unit_name);
	return tt_store_quarantine_add(ingest->store, &row, in->payload, in->len);
}

enum tt_err tt_ingest_quarantine(struct tt_ingest *ingest, const struct tt_inbound *in, struct tt_ingest_unit *unit, const char *unit_name,
				 enum tt_ingest_reason reason, const char *why, bool *kept)
{
	bool keep = may_keep(unit ? &unit->allowance : &ingest->strangers, in->received_at);
	enum tt_err err = keep ? add(ingest, in, unit_name, reason, why) : TT_OK;

	if (err)
		return err;
	ingest->pending.quarantined[reason]++;
	if (!keep)
		ingest->pending.quarantine_unkept++;
	if (kept)
		*kept = keep;
	return TT_OK;
}

void tt_ingest_copy(char *out, size_t cap, const char *text)
{
	size_t n = strlen(text);

	if (n >= cap) {
		n = cap - 1;
		while (n > 0 && ((uint8_t)text[n] & 0xC0) == 0x80)
			n--;
	}
	memcpy(out, text, n);
	out[n] = '\0';
}
