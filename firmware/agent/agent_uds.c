#include "firmware/agent/agent_uds.h"

#include "firmware/agent/agent_parts.h"
#include "firmware/agent/uds_details.h"
#include "firmware/agent/uds_lists.h"
#include "firmware/proto/fault_code.h"
#include "firmware/proto/uds_scan.h"

#include <stdlib.h>
#include <string.h>

enum { CODES_MAX = 255 };

struct tt_agent_uds {
	struct tt_uds_details details;
	struct tt_uds_lists lists;
	struct tt_uds_ecu ecus[TT_AGENT_BUSES][TT_UDS_ECUS];
	uint8_t of_profile[TT_AGENT_BUSES][TT_UDS_ECUS]; /* index of the profile's ecu */
	struct tt_uds_did dids[TT_AGENT_BUSES][TT_UDS_DIDS];
	struct tt_uds_length lengths[TT_PROFILE_ECUS][TT_PROFILE_RECORDS];
	size_t nlengths[TT_PROFILE_ECUS];
	struct tt_uds_scan *scans[TT_AGENT_BUSES];
	struct tt_fault_item stored[CODES_MAX], pending[CODES_MAX];
	Telltale__V1__SnapshotItem snapshots[TT_UDS_DETAIL_ITEMS], *snapshot_list[TT_UDS_DETAIL_ITEMS];
	Telltale__V1__ExtendedRecord extended[TT_UDS_DETAIL_EXTENDED], *extended_list[TT_UDS_DETAIL_EXTENDED];
};

/* ---- from the profile ---- */

static void load_lengths(struct tt_agent_uds *u, const struct tt_profile_uds *p)
{
	for (size_t i = 0; i < p->nrecords; i++) {
		const struct tt_profile_record *r = &p->records[i];

		u->lengths[r->ecu][u->nlengths[r->ecu]++] =
			(struct tt_uds_length){.extended = r->extended, .number = r->number, .len = r->len};
	}
}

/* One entry an identifier, with the shortest period of the values in it; 0 = the default. */
static size_t add_did(struct tt_uds_did *dids, size_t n, uint8_t ecu, const struct tt_profile_did *d)
{
	for (size_t i = 0; i < n; i++) {
		if (dids[i].ecu == ecu && dids[i].did == d->did) {
			if (d->rule.every_us > 0 && (dids[i].period_us == 0 || d->rule.every_us < dids[i].period_us))
				dids[i].period_us = d->rule.every_us;
			return n;
		}
	}
	dids[n] = (struct tt_uds_did){.ecu = ecu, .did = d->did, .len = d->len, .period_us = d->rule.every_us};
	return n + 1;
}

/* The address pairs that OBD has, too (ISO 15765-4): there one ECU answers both. */
static bool answers_obd(const struct tt_profile_ecu *e)
{
	if (e->addressed)
		return false;
	if (e->extended)
		return (e->request & 0x1FFF00FFU) == 0x18DA00F1U && e->response == (0x18DAF100U | (e->request >> 8 & 0xFFU));
	return e->request >= 0x7E0 && e->request <= 0x7E7 && e->response == e->request + 8;
}

static void load_bus(struct tt_agent_uds *u, const struct tt_profile_uds *p, uint8_t bus, struct tt_uds_scan_config *config)
{
	for (uint8_t i = 0; i < p->necus; i++) {
		const struct tt_profile_ecu *e = &p->ecus[i];
		const uint8_t at = (uint8_t)config->necus;

		if (e->bus != bus)
			continue;
		u->ecus[bus][at] = (struct tt_uds_ecu){.request = e->request,
						       .response = e->response,
						       .extended = e->extended,
						       .addressed = e->addressed,
						       .target = e->target,
						       .source = e->source,
						       .session = e->session,
						       .supported = true,
						       .counters = e->counters};
		u->of_profile[bus][at] = i;
		config->lengths[at] = u->lengths[i];
		config->nlengths[at] = u->nlengths[i];
		config->necus++;
		for (size_t d = 0; d < p->ndids; d++) {
			if (p->dids[d].ecu == i)
				config->ndids = add_did(u->dids[bus], config->ndids, at, &p->dids[d]);
		}
	}
}

enum tt_err tt_agent_uds_load(struct tt_agent *a, struct tt_errmsg *msg)
{
	const struct tt_profile_uds *p = &a->profile.uds;
	const tt_mono_us now = tt_mono_now();

	if (p->necus == 0)
		return TT_OK;
	for (size_t i = 0; i < p->necus; i++) {
		if (p->ecus[i].bus >= a->nbuses)
			return tt_errmsg_set(msg, TT_ECONFIG, "%s: ecu %s is on bus %u, but can: names %zu", a->settings->profile,
					     p->ecus[i].name, p->ecus[i].bus, a->nbuses);
	}
	a->uds = calloc(1, sizeof(*a->uds));
	if (!a->uds)
		return tt_errmsg_set(msg, TT_ENOMEM, "uds: out of memory");
	load_lengths(a->uds, p);
	for (size_t i = 0; i < p->necus; i++) {
		if (answers_obd(&p->ecus[i]))
			tt_fault_watch_twin(&a->vehicle->faults, p->ecus[i].response);
	}
	for (uint8_t bus = 0; bus < a->nbuses; bus++) {
		struct tt_uds_scan_config config = {.bus = bus,
						    .pad_byte = 0xCC,
						    .codes_period_us = TT_MS(a->settings->scan_interval_ms),
						    .ecus = a->uds->ecus[bus],
						    .dids = a->uds->dids[bus]};

		load_bus(a->uds, p, bus, &config);
		if (config.necus == 0)
			continue;
		a->uds->scans[bus] = malloc(sizeof(*a->uds->scans[bus]));
		if (!a->uds->scans[bus])
			return tt_errmsg_set(msg, TT_ENOMEM, "uds: out of memory");
		tt_uds_scan_init(a->uds->scans[bus], &config, now);
		tt_bus_uds(a->buses[bus], now, a->uds->scans[bus]);
	}
	return TT_OK;
}

void tt_agent_uds_destroy(struct tt_agent_uds *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < TT_AGENT_BUSES; i++)
		free(u->scans[i]);
	free(u);
}

/* ---- what the scans bring ---- */

/* Confirmed is stored; failing now or in this or the last cycle is pending (ISO 14229-1 D.2). */
static void take_codes(struct tt_agent *a, const struct tt_uds_result *r, uint32_t ecu)
{
	struct tt_agent_uds *u = a->uds;
	struct tt_fault_list stored = {.protocol = TT_FAULT_UDS, .ecu = ecu, .status = TT_FAULT_STORED, .items = u->stored};
	struct tt_fault_list pending = {.protocol = TT_FAULT_UDS, .ecu = ecu, .status = TT_FAULT_PENDING, .items = u->pending};
	struct tt_uds_code c;
	struct tt_rd rd;
	uint8_t available;

	if (tt_uds_codes_begin(r->msg, r->len, TT_UDS_BY_MASK, &rd, &available))
		return;
	while (tt_uds_codes_next(&rd, &c) == TT_OK) {
		const struct tt_fault_item item = {
			.code = c.code, .mil = c.status & TT_UDS_WARNING_INDICATOR, .occurrences = TT_FAULT_OC_UNKNOWN};

		if (stored.n == CODES_MAX || pending.n == CODES_MAX)
			return; /* an incomplete list says nothing about what it lacks */
		if (c.status & TT_UDS_CONFIRMED)
			u->stored[stored.n++] = item;
		if (c.status & (TT_UDS_TEST_FAILED | TT_UDS_PENDING_CODE))
			u->pending[pending.n++] = item;
		if (c.status & (TT_UDS_CONFIRMED | TT_UDS_TEST_FAILED | TT_UDS_PENDING_CODE))
			tt_uds_details_status(&u->details, ecu, c.code, c.status);
	}
	tt_fault_reads_note(&a->vehicle->reads, TT_FAULT_UDS, stored.ecu, TT_FAULT_STORED);
	tt_fault_reads_note(&a->vehicle->reads, TT_FAULT_UDS, pending.ecu, TT_FAULT_PENDING);
	tt_fault_watch_list(&a->vehicle->faults, r->at_us, &stored);
	tt_fault_watch_list(&a->vehicle->faults, r->at_us, &pending);
}

static double value_of(const struct tt_profile_did *d, const uint8_t *data)
{
	uint64_t raw = 0;

	for (unsigned i = 0; i < d->bytes; i++)
		raw = raw << 8 | data[d->at + i];
	if (d->is_signed && raw >> (8 * d->bytes - 1) & 1) {
		if (d->bytes < 8)
			raw |= UINT64_MAX << 8 * d->bytes;
		return (double)(int64_t)raw;
	}
	return (double)raw;
}

static void take_data(struct tt_agent *a, const struct tt_uds_result *r, uint8_t ecu)
{
	const struct tt_profile_uds *p = &a->profile.uds;

	for (size_t i = 0; i < p->ndids; i++) {
		if (p->dids[i].ecu == ecu && p->dids[i].did == r->did)
			tt_vehicle_did(a->vehicle, i, r->at_us, value_of(&p->dids[i], r->msg));
	}
}

/* What an ECU could report, and what it may report soon. Neither raises a fault: 19 02 alone says what is one. */
static void take_list(struct tt_uds_lists *lists, const struct tt_uds_result *r, uint32_t ecu)
{
	const struct tt_uds_code *begun[TT_UDS_PREFAILED];
	size_t n;

	if (r->kind == TT_UDS_RESULT_SUPPORTED) {
		tt_log(TT_LOG_INFO, NULL, "uds.supported", "ecu=%X codes=%u", ecu, tt_uds_lists_supported(lists, ecu, r->msg, r->len));
		return;
	}
	n = tt_uds_lists_prefailed(lists, ecu, r->msg, r->len, begun);
	for (size_t i = 0; i < n; i++) {
		char code[TT_FAULT_CODE_TEXT];

		tt_fault_code_text(TT_FAULT_UDS, begun[i]->code, code);
		tt_log(TT_LOG_INFO, NULL, "uds.prefailed", "ecu=%X code=%s counter=%u", ecu, code, begun[i]->status);
	}
}

/* Conditions are kept as of OBD: one ECU is one ECU. */
static void take_trouble(struct tt_agent *a, const struct tt_uds_result *r, uint32_t ecu)
{
	struct tt_obd_result as = {.kind = TT_OBD_RESULT_ECU, .ecu = ecu, .at_us = r->at_us};

	if (r->kind == TT_UDS_RESULT_SILENT) {
		as.kind = TT_OBD_RESULT_SILENT;
	} else if (r->kind == TT_UDS_RESULT_REFUSING && (r->report == TT_UDS_SUPPORTED || r->report == TT_UDS_COUNTERS)) {
		/* It does without: no faults come from these, so their lack is no trouble. */
		tt_log(TT_LOG_INFO, NULL, "uds.refused", "ecu=%X service=%02X%02X nrc=%s", ecu, r->service, r->report,
		       tt_uds_nrc(r->nrc)->name);
		return;
	} else if (r->kind == TT_UDS_RESULT_REFUSING) {
		as.kind = TT_OBD_RESULT_REFUSING;
		as.u.refused.service = r->service;
		as.u.refused.nrc = r->nrc;
		as.u.refused.unsupported = r->unsupported;
		tt_log(TT_LOG_INFO, NULL, "uds.refused", "ecu=%X service=%02X nrc=%s", ecu, r->service, tt_uds_nrc(r->nrc)->name);
	}
	tt_ecus_take(&a->ecus, &as);
}

static void take(struct tt_agent *a, uint8_t bus, const struct tt_uds_result *r)
{
	struct tt_agent_uds *u = a->uds;
	const uint8_t ecu = u->of_profile[bus][r->ecu];
	const uint32_t id = a->profile.uds.ecus[ecu].response;
	const enum tt_uds_report report = r->kind == TT_UDS_RESULT_SNAPSHOTS ? TT_UDS_SNAPSHOTS : TT_UDS_EXTENDED;

	if (r->kind == TT_UDS_RESULT_CODES) {
		tt_ecus_answer(&a->ecus, id, TT_UDS_READ_CODES);
		take_codes(a, r, id);
	} else if (r->kind == TT_UDS_RESULT_DATA) {
		tt_ecus_answer(&a->ecus, id, TT_UDS_READ_DATA);
		take_data(a, r, ecu);
	} else if (r->kind == TT_UDS_RESULT_SNAPSHOTS || r->kind == TT_UDS_RESULT_EXTENDED) {
		if (r->msg)
			tt_uds_details_records(&u->details, id, report, r->msg, r->len, u->lengths[ecu], u->nlengths[ecu]);
		if (r->kind == TT_UDS_RESULT_EXTENDED)
			tt_fault_watch_detail(&a->vehicle->faults, r->at_us, id, r->code);
	} else if (r->kind == TT_UDS_RESULT_SUPPORTED || r->kind == TT_UDS_RESULT_COUNTERS) {
		take_list(&u->lists, r, id);
	} else if (r->kind == TT_UDS_RESULT_BAD) {
		tt_log(TT_LOG_WARN, NULL, "uds.bad", "ecu=%X service=%02X: the answer cannot be read", id, r->service);
	} else {
		take_trouble(a, r, id);
	}
}

void tt_agent_uds(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_uds_result r;

	(void)now_us;
	for (uint8_t bus = 0; a->uds && bus < a->nbuses; bus++) {
		while (a->uds->scans[bus] && tt_uds_scan_next(a->uds->scans[bus], &r))
			take(a, bus, &r);
	}
}

/* ---- into the event ---- */

void tt_agent_uds_details(struct tt_agent_uds *u, const struct tt_fault_event *e, Telltale__V1__FaultEvent *out)
{
	const struct tt_uds_detail *d = u && e->protocol == TT_FAULT_UDS ? tt_uds_details_find(&u->details, e->ecu, e->code) : NULL;

	if (!d)
		return;
	out->status = d->status;
	if (e->change == TT_FAULT_CLEARED)
		return;
	for (size_t i = 0; i < d->nsnapshots; i++) {
		telltale__v1__snapshot_item__init(&u->snapshots[i]);
		u->snapshots[i].record = d->snapshots[i].record;
		u->snapshots[i].did = d->snapshots[i].did;
		/* protobuf-c has no const bytes; encoding does not write */
		u->snapshots[i].raw =
			(ProtobufCBinaryData){.len = d->snapshots[i].len, .data = (uint8_t *)(uintptr_t)(d->bytes + d->snapshots[i].at)};
		u->snapshot_list[i] = &u->snapshots[i];
	}
	for (size_t i = 0; i < d->nextended; i++) {
		telltale__v1__extended_record__init(&u->extended[i]);
		u->extended[i].record = d->extended[i].record;
		u->extended[i].raw =
			(ProtobufCBinaryData){.len = d->extended[i].len, .data = (uint8_t *)(uintptr_t)(d->bytes + d->extended[i].at)};
		u->extended_list[i] = &u->extended[i];
	}
	out->n_snapshot = d->nsnapshots;
	out->snapshot = d->nsnapshots > 0 ? u->snapshot_list : NULL;
	out->n_extended = d->nextended;
	out->extended = d->nextended > 0 ? u->extended_list : NULL;
}
