#include "firmware/agent/condition.h"

#include <string.h>

static const char *const names[TT_CONDITIONS] = {
	[TT_COND_GPS_LOST] = "gps.lost",
	[TT_COND_GPS_NO_FIX] = "gps.no_fix",
	[TT_COND_GPS_TIME] = "gps.time",
	[TT_COND_BUS_SILENT] = "bus.silent",
	[TT_COND_BUS_DOWN] = "bus.down",
	[TT_COND_BUS_OFF] = "bus.off",
	[TT_COND_BUS_LOSS] = "bus.loss",
	[TT_COND_ECU_REFUSING] = "ecu.refusing",
	[TT_COND_ECU_SILENT] = "ecu.silent",
	[TT_COND_TX_REFUSED] = "tx.refused",
	[TT_COND_JOURNAL_FULL] = "journal.full",
	[TT_COND_JOURNAL_FAILING] = "journal.failing",
	[TT_COND_JOURNAL_KEY] = "journal.key",
	[TT_COND_CLOCK_UNKNOWN] = "clock.unknown",
	[TT_COND_SOS_STUCK] = "sos.stuck",
	[TT_COND_COMMAND_UNAUTHENTIC] = "command.unauthentic",
	[TT_COND_COMMAND_UNSAVED] = "command.unsaved",
	[TT_COND_CONFIG_REJECTED] = "config.rejected",
	[TT_COND_POWER_FLOOR] = "power.floor",
	[TT_COND_POWER_SUSPEND] = "power.suspend",
	[TT_COND_BOOT_MINIMAL] = "boot.minimal",
	[TT_COND_J1939_ADDRESS] = "j1939.address",
};

const char *tt_condition_name(enum tt_condition c)
{
	return names[c];
}

static void printable(const char *in, char out[TT_CONDITION_DETAIL])
{
	size_t n = 0;

	for (; in && in[n] && n < TT_CONDITION_DETAIL - 1; n++)
		out[n] = in[n] >= 0x20 && in[n] < 0x7F ? in[n] : '?';
	out[n] = '\0';
}

void tt_condition_set(struct tt_conditions *set, enum tt_condition c, bool on, tt_mono_us now_us, const char *detail)
{
	char text[TT_CONDITION_DETAIL];

	printable(on ? detail : NULL, text);
	if (on == set->items[c].on && strcmp(text, set->items[c].detail) == 0)
		return;
	if (on != set->items[c].on)
		set->items[c].since_us = now_us;
	set->items[c].on = on;
	memcpy(set->items[c].detail, text, sizeof(text));
	set->changes++;
}
