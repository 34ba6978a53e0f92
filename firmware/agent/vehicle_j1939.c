#include "firmware/agent/vehicle.h"

#include <string.h>

/* A list of codes of one source. Its lamps are those of the source, for each of its codes. */
static void take_codes(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m, enum tt_fault_status status)
{
	const uint8_t method = v->profile->j1939.method[m->id.source];
	struct tt_fault_item items[TT_FAULTS];
	struct tt_fault_list list = {.protocol = TT_FAULT_J1939, .ecu = m->id.source, .status = status, .items = items};

	if (tt_j1939_dm(m->data, m->len, method ? method : TT_J1939_METHOD_DEFAULT, &v->dm) != TT_OK) {
		v->invalid++;
		return;
	}
	list.lamps = v->dm.lamps;
	for (; list.n < v->dm.n && list.n < TT_FAULTS; list.n++) {
		const struct tt_j1939_dtc *dtc = &v->dm.dtcs[list.n];

		items[list.n] = (struct tt_fault_item){
			.code = dtc->spn << 5 | dtc->fmi, .mil = tt_j1939_lit(v->dm.lamps), .occurrences = dtc->occurrences};
	}
	tt_fault_reads_note(&v->reads, TT_FAULT_J1939, list.ecu, status);
	tt_fault_watch_list(&v->faults, at_us, &list);
}

static void take_dm1(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m)
{
	take_codes(v, at_us, m, TT_FAULT_STORED);
}

static void take_dm2(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m)
{
	take_codes(v, at_us, m, TT_FAULT_PREVIOUS);
}

/* A set of DM5's monitors in OBD's numbers, so that a desk reads one list whatever the car speaks. */
static uint32_t as_obd(uint32_t monitors)
{
	static const uint8_t obd[TT_J1939_MONITORS] = {
		TT_OBD_MON_MISFIRE,         TT_OBD_MON_FUEL,          TT_OBD_MON_COMPONENT,     TT_OBD_MON_CATALYST,
		TT_OBD_MON_HEATED_CATALYST, TT_OBD_MON_EVAPORATIVE,   TT_OBD_MON_SECONDARY_AIR, TT_OBD_MON_AC_OR_GPF,
		TT_OBD_MON_EXHAUST_SENSOR,  TT_OBD_MON_OXYGEN_HEATER, TT_OBD_MON_EGR_VVT,       TT_OBD_MON_COLD_START,
		TT_OBD_MON_BOOST,           TT_OBD_MON_PM_FILTER,     TT_OBD_MON_NOX_SCR,       TT_OBD_MON_NMHC_CATALYST,
	};
	uint32_t set = 0;

	for (unsigned i = 0; i < TT_J1939_MONITORS; i++)
		set |= (monitors >> i & 1) << obd[i];
	return set;
}

static void take_dm5(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m)
{
	struct tt_j1939_dm5 dm5;

	(void)at_us;
	if (tt_j1939_dm5(m->data, m->len, &dm5) != TT_OK)
		v->invalid++;
	else
		tt_vehicle_readiness(v, m->id.source, as_obd(dm5.supported), as_obd(dm5.incomplete));
}

static void take_vin(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m)
{
	(void)at_us;
	if (tt_j1939_vin(m->data, m->len, v->vin) != TT_OK)
		v->invalid++;
}

static const struct {
	uint32_t pgn;
	void (*take)(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m);
} takers[] = {{TT_PGN_DM1, take_dm1}, {TT_PGN_DM2, take_dm2}, {TT_PGN_DM5, take_dm5}, {TT_PGN_VIN, take_vin}};

static void take_parameter(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m, size_t i)
{
	const struct tt_profile_spn *want = &v->profile->j1939.spns[i];
	const unsigned slot = (unsigned)(TT_VEHICLE_SPNS + i);
	enum tt_j1939_value state;
	int64_t milli;

	if (want->spn->pgn != m->id.pgn || (want->rule.bus != TT_PROFILE_ANY_BUS && want->rule.bus != m->bus))
		return;
	state = tt_j1939_spn_value(want->spn, m->data, m->len, &milli);
	if (state == TT_J1939_VALID)
		tt_vehicle_value(v, slot, &want->rule, at_us, (double)milli / 1000);
	else if (state != TT_J1939_NOT_AVAILABLE)
		tt_vehicle_invalid(v, slot);
}

bool tt_vehicle_j1939(struct tt_vehicle *v, tt_mono_us at_us, const struct tt_j1939_message *m)
{
	const bool unread = v->vin[0] == '\0';

	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++) {
		if (takers[i].pgn == m->id.pgn)
			takers[i].take(v, at_us, m);
	}
	for (size_t i = 0; i < v->profile->j1939.nspns; i++)
		take_parameter(v, at_us, m, i);
	return unread && v->vin[0] != '\0';
}

void tt_vehicle_j1939_filters(const struct tt_vehicle *v, uint8_t bus, struct tt_can_filter_set *out)
{
	const struct tt_profile_j1939 *j = &v->profile->j1939;

	for (size_t i = 0; i < sizeof(takers) / sizeof(takers[0]); i++)
		tt_can_filter_put_pgn(out, takers[i].pgn);
	tt_can_filter_put_pgn(out, TT_PGN_TP_CM);
	tt_can_filter_put_pgn(out, TT_PGN_TP_DT);
	for (size_t i = 0; i < j->nspns; i++)
		tt_can_filter_put_pgn(out, j->spns[i].spn->pgn);
	if (!j->buses[bus].talks)
		return;
	tt_can_filter_put_pgn(out, TT_PGN_REQUEST);
	tt_can_filter_put_pgn(out, TT_PGN_ACKNOWLEDGE);
	tt_can_filter_put_pgn(out, TT_PGN_ADDRESS_CLAIMED);
	for (size_t i = 0; i < j->buses[bus].nasks; i++)
		tt_can_filter_put_pgn(out, j->buses[bus].asks[i].pgn);
	/* whoever else speaks as us */
	tt_can_filter_put(out, (struct tt_can_filter){.id = j->buses[bus].address, .mask = 0xFF, .extended = true});
}
