#include "operator/decode/decode_line.h"

#include "firmware/proto/dtc.h"
#include "firmware/proto/obd.h"
#include "firmware/proto/obd_pids.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The shortest text that reads back as the same double, always recognisable as a fraction; null for what JSON cannot say. */
static void put_double(FILE *out, double v)
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

static void put_string(FILE *out, const char *s)
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

static void put_head(FILE *out, const char *kind, tt_utc_us at_us)
{
	fprintf(out, "{\"kind\":\"%s\",\"t\":", kind);
	put_time(out, at_us);
}

static void put_ecu(FILE *out, const char *kind, const struct tt_candump *line)
{
	put_head(out, kind, line->at_us);
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
		put_string(out, values[i].signal->name);
		fputc(':', out);
		put_string(out, text);
		any = true;
	}
	if (any)
		fputc('}', out);
}

static void decode_message(struct tt_decode *d, const struct tt_decode_dbc *dbc, const struct tt_candump *line, FILE *out)
{
	const struct tt_dbc_plan_message *m = is_for(dbc, line->bus) ? tt_dbc_plan_find(&dbc->plan, &line->frame) : NULL;
	size_t n;

	if (!m)
		return;
	n = tt_dbc_plan_decode_data(m, line->frame.data, line->frame.len, d->values, TT_DECODE_SIGNALS);
	put_head(out, "message", line->at_us);
	fputs(",\"bus\":", out);
	put_string(out, line->bus);
	fprintf(out, ",\"id\":\"0x%" PRIX32 "\",\"message\":", line->frame.id);
	put_string(out, m->message->name);
	fputs(",\"signals\":{", out);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			fputc(',', out);
		put_string(out, d->values[i].signal->name);
		fputc(':', out);
		put_double(out, d->values[i].value);
	}
	fputc('}', out);
	put_labels(d->values, n, out);
	fputs("}\n", out);
}

static void put_monitors(FILE *out, const char *name, uint32_t set)
{
	const char *comma = "";

	fprintf(out, ",\"%s\":[", name);
	for (unsigned i = 0; i < TT_OBD_MONITORS; i++) {
		if (!(set >> i & 1))
			continue;
		fprintf(out, "%s\"%s\"", comma, tt_obd_monitor_name((enum tt_obd_monitor)i));
		comma = ",";
	}
	fputc(']', out);
}

static void put_readiness(FILE *out, const struct tt_candump *line, const struct tt_obd_item *item)
{
	struct tt_obd_readiness r;

	tt_obd_readiness(item->data, &r);
	put_ecu(out, "readiness", line);
	fprintf(out, ",\"service\":\"01\",\"mil\":%s,\"dtc_count\":%u,\"ignition\":\"%s\"", r.mil ? "true" : "false", r.dtc_count,
		r.compression ? "compression" : "spark");
	put_monitors(out, "supported", r.supported);
	put_monitors(out, "incomplete", r.incomplete);
	fputs("}\n", out);
}

static void put_freeze_code(FILE *out, const struct tt_candump *line, const struct tt_obd_item *item)
{
	char text[TT_DTC_TEXT];

	tt_dtc_text((uint16_t)(item->data[0] << 8 | item->data[1]), text);
	put_ecu(out, "freeze", line);
	fprintf(out, ",\"service\":\"02\",\"frame\":%u,\"code\":", item->frame);
	if (item->data[0] == 0 && item->data[1] == 0)
		fputs("null", out);
	else
		put_string(out, text);
	fputs("}\n", out);
}

static void put_values(FILE *out, const struct tt_candump *line, uint8_t service, const struct tt_obd_item *item)
{
	struct tt_obd_value v;

	for (unsigned i = 0;; i++) {
		const enum tt_err err = tt_obd_pid_value(item->pid, item->data, item->len, i, &v);

		if (err == TT_ERANGE)
			continue; /* "not available" */
		if (err)
			return;
		put_ecu(out, "pid", line);
		fprintf(out, ",\"service\":\"%02X\",\"pid\":\"0x%02X\",\"name\":\"%s\",\"value\":", service, item->pid, v.name);
		put_double(out, (double)v.value_milli / 1000);
		fprintf(out, ",\"unit\":\"%s\"", v.unit);
		if (service == TT_OBD_FREEZE)
			fprintf(out, ",\"frame\":%u", item->frame);
		fputs("}\n", out);
	}
}

static void decode_items(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	struct tt_obd_item item;
	struct tt_rd r;
	uint8_t service;

	if (tt_obd_items_begin(msg, len, &r, &service))
		return;
	while (!tt_obd_items_next(&r, service, &item)) {
		if (service == TT_OBD_CURRENT && item.pid == TT_OBD_PID_READINESS)
			put_readiness(out, line, &item);
		else if (service == TT_OBD_FREEZE && item.pid == TT_OBD_PID_FREEZE_DTC)
			put_freeze_code(out, line, &item);
		else
			put_values(out, line, service, &item);
	}
}

static void decode_dtcs(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	static const struct {
		uint8_t service;
		const char *status;
	} names[] = {{TT_OBD_STORED, "stored"}, {TT_OBD_PENDING, "pending"}, {TT_OBD_PERMANENT, "permanent"}};
	struct tt_obd_dtcs dtcs;

	if (tt_obd_dtcs(msg, len, &dtcs))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].service != dtcs.service)
			continue;
		put_ecu(out, "dtc", line);
		fprintf(out, ",\"service\":\"%02X\",\"status\":\"%s\",\"codes\":[", dtcs.service, names[i].status);
	}
	for (unsigned i = 0; i < dtcs.n; i++) {
		char text[TT_DTC_TEXT];

		tt_dtc_text(dtcs.codes[i], text);
		fprintf(out, "%s\"%s\"", i ? "," : "", text);
	}
	fputs("]}\n", out);
}

static void decode_vin(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	char vin[TT_VIN_TEXT];

	if (tt_obd_vin(msg, len, vin))
		return;
	put_ecu(out, "vin", line);
	fprintf(out, ",\"vin\":\"%s\"}\n", vin);
}

static const struct {
	uint8_t service;
	void (*decode)(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out);
} decoders[] = {
	{TT_OBD_CURRENT, decode_items}, {TT_OBD_FREEZE, decode_items},   {TT_OBD_STORED, decode_dtcs},
	{TT_OBD_PENDING, decode_dtcs},  {TT_OBD_PERMANENT, decode_dtcs}, {TT_OBD_INFO, decode_vin},
};

static void decode_diagnostics(struct tt_decode *d, const struct tt_candump *line, FILE *out)
{
	const uint8_t *msg;
	size_t len;

	if (!tt_obd_is_response_id(line->frame.id, line->frame.extended))
		return;
	if (!tt_isotp_sniff_feed(&d->sniff, line->at_us, &line->frame, &msg, &len))
		return;
	for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
		if (msg[0] == decoders[i].service + TT_OBD_RESPONSE)
			decoders[i].decode(line, msg, len, out);
	}
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
	for (size_t i = 0; i < d->ndbcs; i++)
		decode_message(d, &d->dbcs[i], &c, out);
	decode_diagnostics(d, &c, out);
	return TT_OK;
}
