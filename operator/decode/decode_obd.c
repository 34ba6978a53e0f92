#include "operator/decode/decode_put.h"

#include "firmware/proto/dtc.h"
#include "firmware/proto/obd_pids.h"
#include "firmware/proto/obd_scaling.h"

#include <inttypes.h>

/* The monitors the car has, each complete or incomplete. */
static void put_readiness(FILE *out, const struct tt_candump *line, const struct tt_obd_item *item)
{
	struct tt_obd_readiness r;
	const char *comma = "";

	tt_obd_readiness(item->data, &r);
	tt_decode_put_ecu(out, "readiness", line);
	fprintf(out, ",\"mil\":%s,\"count\":%u,\"ignition\":\"%s\",\"monitors\":{", r.mil ? "true" : "false", r.dtc_count,
		r.compression ? "compression" : "spark");
	for (unsigned i = 0; i < TT_OBD_MONITORS; i++) {
		if (!(r.supported >> i & 1))
			continue;
		fprintf(out, "%s\"%s\":\"%s\"", comma, tt_obd_monitor_name((enum tt_obd_monitor)i),
			r.incomplete >> i & 1 ? "incomplete" : "complete");
		comma = ",";
	}
	fputs("}}\n", out);
}

static void put_freeze_code(FILE *out, const struct tt_candump *line, const struct tt_obd_item *item)
{
	char text[TT_DTC_TEXT];

	tt_dtc_text((uint16_t)(item->data[0] << 8 | item->data[1]), text);
	tt_decode_put_ecu(out, "freeze", line);
	fprintf(out, ",\"service\":\"02\",\"frame\":%u,\"code\":", item->frame);
	if (item->data[0] == 0 && item->data[1] == 0)
		fputs("null", out);
	else
		tt_decode_put_string(out, text);
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
		tt_decode_put_ecu(out, "pid", line);
		fprintf(out, ",\"service\":\"%02X\",\"pid\":\"0x%02X\",\"name\":\"%s\",\"value\":", service, item->pid, v.name);
		tt_decode_put_double(out, (double)v.value_milli / 1000);
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
		tt_decode_put_ecu(out, "dtc", line);
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
	tt_decode_put_ecu(out, "vin", line);
	fprintf(out, ",\"vin\":\"%s\"}\n", vin);
}

/* One line a test; values that no table scales are raw, without a unit. */
static void decode_monitor(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	struct tt_obd_test test;
	struct tt_rd r;

	if (tt_obd_tests_begin(msg, len, &r))
		return;
	while (!tt_obd_tests_next(&r, &test)) {
		const uint16_t raw[] = {test.value, test.min, test.max};
		static const char *const names[] = {"value", "min", "max"};
		struct tt_obd_scaled v = {.unit = ""};

		tt_decode_put_ecu(out, "monitor", line);
		fprintf(out, ",\"mid\":\"0x%02X\",\"tid\":\"0x%02X\",\"scaling\":\"0x%02X\"", test.mid, test.tid, test.scaling);
		for (unsigned i = 0; i < 3; i++) {
			tt_obd_scale(test.scaling, raw[i], &v);
			fprintf(out, ",\"%s\":", names[i]);
			if (v.known)
				tt_decode_put_double(out, (double)v.value_milli / 1000);
			else
				fprintf(out, "%" PRId64, v.value_milli);
		}
		fprintf(out, ",\"unit\":\"%s\",\"passed\":%s}\n", v.unit, tt_obd_test_passed(&test) ? "true" : "false");
	}
}

static void put_calibrations(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	struct tt_obd_calibrations c;

	if (tt_obd_calibrations(msg, len, &c))
		return;
	tt_decode_put_ecu(out, "calid", line);
	fputs(",\"ids\":[", out);
	for (unsigned i = 0; i < c.n; i++) {
		fputs(i > 0 ? "," : "", out);
		tt_decode_put_string(out, c.ids[i]);
	}
	fputs("]}\n", out);
}

static void put_cvns(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	struct tt_obd_cvns c;

	if (tt_obd_cvns(msg, len, &c))
		return;
	tt_decode_put_ecu(out, "cvn", line);
	fputs(",\"numbers\":[", out);
	for (unsigned i = 0; i < c.n; i++)
		fprintf(out, "%s\"0x%08" PRIX32 "\"", i > 0 ? "," : "", c.cvns[i]);
	fputs("]}\n", out);
}

static void put_name(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	char name[TT_OBD_NAME_TEXT];

	if (tt_obd_ecu_name(msg, len, name))
		return;
	tt_decode_put_ecu(out, "ecu_name", line);
	fputs(",\"name\":", out);
	tt_decode_put_string(out, name);
	fputs("}\n", out);
}

/* In-use performance: conditions met and ignition cycles, then for each monitor how often it ran and could have. */
static void put_counters(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	struct tt_obd_counters c;

	if (tt_obd_counters(msg, len, &c))
		return;
	tt_decode_put_ecu(out, "in_use", line);
	fprintf(out, ",\"ignition\":\"%s\",\"counts\":[", c.compression ? "compression" : "spark");
	for (unsigned i = 0; i < c.n; i++)
		fprintf(out, "%s%u", i > 0 ? "," : "", c.counts[i]);
	fputs("]}\n", out);
}

static void decode_info(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	static const struct {
		uint8_t type;
		void (*put)(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out);
	} types[] = {
		{TT_OBD_INFO_VIN, decode_vin},
		{TT_OBD_INFO_CALIBRATIONS, put_calibrations},
		{TT_OBD_INFO_CVNS, put_cvns},
		{TT_OBD_INFO_NAME, put_name},
		{TT_OBD_INFO_COUNTERS_SPARK, put_counters},
		{TT_OBD_INFO_COUNTERS_COMPRESSION, put_counters},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (len >= 2 && msg[1] == types[i].type)
			types[i].put(line, msg, len, out);
	}
}

static const struct {
	uint8_t service;
	void (*decode)(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out);
} decoders[] = {
	{TT_OBD_CURRENT, decode_items}, {TT_OBD_FREEZE, decode_items},   {TT_OBD_STORED, decode_dtcs}, {TT_OBD_MONITOR, decode_monitor},
	{TT_OBD_PENDING, decode_dtcs},  {TT_OBD_PERMANENT, decode_dtcs}, {TT_OBD_INFO, decode_info},
};

void tt_decode_obd(const struct tt_candump *line, const uint8_t *msg, size_t len, FILE *out)
{
	for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++) {
		if (msg[0] == decoders[i].service + TT_OBD_RESPONSE)
			decoders[i].decode(line, msg, len, out);
	}
}
