#include "operator/decode/decode_j1939.h"

#include "operator/decode/decode_put.h"

#include <inttypes.h>

#define KEY_29 UINT32_C(0x80000000)

void tt_decode_j1939_init(struct tt_decode *d, unsigned method)
{
	d->j1939.on = true;
	d->j1939.method = method;
	tt_j1939_tp_init(&d->j1939.tp, TT_J1939_NO_ADDRESS);
}

static void put_source(FILE *out, const char *kind, const struct tt_candump *line, const struct tt_j1939_message *m)
{
	tt_decode_put_head(out, kind, line->at_us);
	fprintf(out, ",\"source\":\"0x%02X\"", m->id.source);
}

static void put_codes(struct tt_decode *d, const char *kind, const struct tt_candump *line, const struct tt_j1939_message *m, FILE *out)
{
	struct tt_j1939_dm *dm = &d->j1939.dm;

	if (tt_j1939_dm(m->data, m->len, d->j1939.method, dm))
		return;
	put_source(out, kind, line, m);
	fputs(",\"lamps\":{", out);
	for (unsigned i = 0; i < TT_J1939_LAMPS; i++)
		fprintf(out, "%s\"%s\":\"%s\"", i ? "," : "", tt_j1939_lamp_name((enum tt_j1939_lamp)i),
			tt_j1939_lamp_state_name(tt_j1939_lamp(dm->lamps, (enum tt_j1939_lamp)i)));
	fputs("},\"dtcs\":[", out);
	for (size_t i = 0; i < dm->n; i++)
		fprintf(out, "%s{\"spn\":%" PRIu32 ",\"fmi\":%u,\"oc\":%u}", i ? "," : "", dm->dtcs[i].spn, dm->dtcs[i].fmi,
			dm->dtcs[i].occurrences);
	fputs("]}\n", out);
}

static void put_dm1(struct tt_decode *d, const struct tt_candump *line, const struct tt_j1939_message *m, FILE *out)
{
	put_codes(d, "dm1", line, m, out);
}

static void put_dm2(struct tt_decode *d, const struct tt_candump *line, const struct tt_j1939_message *m, FILE *out)
{
	put_codes(d, "dm2", line, m, out);
}

static void put_count(FILE *out, const char *name, uint8_t count)
{
	if (count == 0xFF)
		fprintf(out, ",\"%s\":null", name);
	else
		fprintf(out, ",\"%s\":%u", name, count);
}

static void put_monitors(FILE *out, const char *name, uint32_t set)
{
	const char *comma = "";

	fprintf(out, ",\"%s\":[", name);
	for (unsigned i = 0; i < TT_J1939_MONITORS; i++) {
		if (!(set >> i & 1))
			continue;
		fprintf(out, "%s\"%s\"", comma, tt_j1939_monitor_name(i));
		comma = ",";
	}
	fputc(']', out);
}

static void put_dm5(struct tt_decode *d, const struct tt_candump *line, const struct tt_j1939_message *m, FILE *out)
{
	struct tt_j1939_dm5 dm5;

	(void)d;
	if (tt_j1939_dm5(m->data, m->len, &dm5))
		return;
	put_source(out, "dm5", line, m);
	put_count(out, "active", dm5.active);
	put_count(out, "previously_active", dm5.previous);
	put_count(out, "compliance", dm5.compliance);
	put_monitors(out, "supported", dm5.supported);
	put_monitors(out, "incomplete", dm5.incomplete);
	fputs("}\n", out);
}

static void put_vin(struct tt_decode *d, const struct tt_candump *line, const struct tt_j1939_message *m, FILE *out)
{
	char vin[TT_VIN_TEXT];

	(void)d;
	if (tt_j1939_vin(m->data, m->len, vin))
		return;
	put_source(out, "vin", line, m);
	fprintf(out, ",\"vin\":\"%s\"}\n", vin);
}

static const struct {
	uint32_t pgn;
	void (*put)(struct tt_decode *d, const struct tt_candump *line, const struct tt_j1939_message *m, FILE *out);
} groups[] = {{TT_PGN_DM1, put_dm1}, {TT_PGN_DM2, put_dm2}, {TT_PGN_DM5, put_dm5}, {TT_PGN_VIN, put_vin}};

void tt_decode_j1939(struct tt_decode *d, const struct tt_candump *line, FILE *out)
{
	struct tt_j1939_message m;

	if (!tt_j1939_tp_feed(&d->j1939.tp, line->at_us, &line->frame, &m))
		return;
	if (m.transported) { /* a single frame was looked up already */
		const struct tt_decode_payload p = {.at_us = line->at_us,
						    .bus = line->bus,
						    .key = tt_j1939_join(&m.id) | KEY_29,
						    .data = m.data,
						    .len = m.len,
						    .readable = TT_J1939_MAX};

		tt_decode_message(d, &p, out);
	}
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (groups[i].pgn == m.id.pgn)
			groups[i].put(d, line, &m, out);
	}
}
