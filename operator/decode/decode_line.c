#include "operator/decode/decode_line.h"

#include "operator/decode/decode_j1939.h"
#include "operator/decode/decode_put.h"

#include "firmware/proto/obd.h"
#include "operator/decode/decode_uds.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The shortest text that reads back as the same double, always recognisable as a fraction; null for what JSON cannot say. */
void tt_decode_put_double(FILE *out, double v)
{
	char text[40];

	if (!isfinite(v)) {
		fputs("null", out);
		return;
	}
	for (int digits = 1; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	if (strchr(text, 'e') && fabs(v) >= 1 && fabs(v) < 1e15)
		(void)snprintf(text, sizeof(text), "%.0f", v); /* 1e+06 is 1000000 to people */
	fputs(text, out);
	if (!strpbrk(text, ".e"))
		fputs(".0", out);
}

void tt_decode_put_string(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s; s++) {
		const unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7F)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/* Seconds with the log's decimals, without trailing zeros. */
static void put_time(FILE *out, tt_utc_us at_us)
{
	char fraction[8];
	size_t n = (size_t)snprintf(fraction, sizeof(fraction), "%06" PRId64, at_us % 1000000);

	while (n > 1 && fraction[n - 1] == '0')
		fraction[--n] = '\0';
	fprintf(out, "%" PRId64 ".%s", at_us / 1000000, fraction);
}

void tt_decode_put_head(FILE *out, const char *kind, tt_utc_us at_us)
{
	fprintf(out, "{\"kind\":\"%s\",\"t\":", kind);
	put_time(out, at_us);
}

void tt_decode_put_ecu(FILE *out, const char *kind, const struct tt_candump *line)
{
	tt_decode_put_head(out, kind, line->at_us);
	fprintf(out, ",\"ecu\":\"0x%" PRIX32 "\"", line->frame.id);
}

static bool is_for(const struct tt_decode_dbc *dbc, const char *bus)
{
	return !dbc->bus || (strlen(bus) == dbc->bus_len && memcmp(bus, dbc->bus, dbc->bus_len) == 0);
}

/* Texts of VAL_, where a value has one. */
static void put_labels(const struct tt_dbc_value *values, size_t n, FILE *out)
{
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		const char *text = tt_dbc_choice_text(values[i].signal, values[i].raw);

		if (!text)
			continue;
		fputs(any ? "," : ",\"labels\":{", out);
		tt_decode_put_string(out, values[i].signal->name);
		fputc(':', out);
		tt_decode_put_string(out, text);
		any = true;
	}
	if (any)
		fputc('}', out);
}

static void put_message(struct tt_decode *d, const struct tt_dbc_plan_message *m, const struct tt_decode_payload *p, FILE *out)
{
	const size_t n = tt_dbc_plan_decode_data(m, p->data, p->len, d->values, TT_DECODE_SIGNALS);

	tt_decode_put_head(out, "message", p->at_us);
	fputs(",\"bus\":", out);
	tt_decode_put_string(out, p->bus);
	fprintf(out, ",\"id\":\"0x%" PRIX32 "\",\"message\":", p->key & TT_CAN_EFF_MASK);
	tt_decode_put_string(out, m->message->name);
	fputs(",\"signals\":{", out);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			fputc(',', out);
		tt_decode_put_string(out, d->values[i].signal->name);
		fputc(':', out);
		tt_decode_put_double(out, d->values[i].value);
	}
	fputc('}', out);
	put_labels(d->values, n, out);
	fputs("}\n", out);
}

void tt_decode_message(struct tt_decode *d, const struct tt_decode_payload *p, FILE *out)
{
	for (size_t i = 0; i < d->ndbcs; i++) {
		const struct tt_decode_dbc *dbc = &d->dbcs[i];
		const struct tt_dbc_plan_message *m = is_for(dbc, p->bus) ? tt_dbc_plan_find_key(&dbc->plan, p->key) : NULL;

		if (m && m->message->bytes <= p->readable)
			put_message(d, m, p, out);
	}
}

static void decode_frame(struct tt_decode *d, const struct tt_candump *line, FILE *out)
{
	const struct tt_decode_payload p = {.at_us = line->at_us,
					    .bus = line->bus,
					    .key = tt_can_key(&line->frame),
					    .data = line->frame.data,
					    .len = line->frame.len,
					    .readable = UINT32_MAX};

	if (!line->frame.rtr && !line->frame.error)
		tt_decode_message(d, &p, out);
}

static void decode_diagnostics(struct tt_decode *d, const struct tt_candump *line, FILE *out)
{
	const uint8_t *msg;
	size_t len;

	if (!tt_obd_is_response_id(line->frame.id, line->frame.extended))
		return;
	if (!tt_isotp_sniff_feed(&d->sniff, line->at_us, &line->frame, &msg, &len))
		return;
	tt_decode_obd(line, msg, len, out);
	tt_decode_uds(line, msg, len, out);
}

static enum tt_err bus_number(struct tt_decode *d, const char *name, uint8_t *out)
{
	for (size_t i = 0; i < d->nbuses; i++) {
		if (strcmp(d->buses[i], name) == 0) {
			*out = (uint8_t)i;
			return TT_OK;
		}
	}
	if (d->nbuses == TT_DECODE_BUSES)
		return TT_EFULL;
	memcpy(d->buses[d->nbuses], name, strlen(name) + 1);
	*out = (uint8_t)d->nbuses++;
	return TT_OK;
}

static bool is_comment(const char *line, size_t len)
{
	size_t at = 0;

	while (at < len && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r'))
		at++;
	return at == len || line[at] == '#';
}

enum tt_err tt_decode_line(struct tt_decode *d, const char *line, size_t len, FILE *out, struct tt_candump_fault *fault)
{
	struct tt_candump c;
	enum tt_err err;

	if (is_comment(line, len))
		return TT_OK;
	err = tt_candump_parse(line, len, &c, fault);
	if (err)
		return err;
	if (bus_number(d, c.bus, &c.frame.bus)) {
		*fault = (struct tt_candump_fault){.why = "more than 32 buses in one log", .column = 1};
		return TT_EFULL;
	}
	decode_frame(d, &c, out);
	if (d->j1939.on)
		tt_decode_j1939(d, &c, out);
	decode_diagnostics(d, &c, out);
	return TT_OK;
}
