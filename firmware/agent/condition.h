/*
 * Everything that is not as it should be, each with a time: the unit's reported conditions. PURE.
 *
 * Memory: the caller's, fixed. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_CONDITION_H
#define TT_FIRMWARE_AGENT_CONDITION_H

#include "base/time.h"

enum tt_condition {
	TT_COND_GPS_LOST,
	TT_COND_GPS_NO_FIX,
	TT_COND_GPS_TIME,   /* the receiver's date cannot be true, or jumped */
	TT_COND_BUS_SILENT, /* no frame for some seconds, or the log has ended */
	TT_COND_BUS_DOWN,   /* cannot be opened, or the interface is down */
	TT_COND_BUS_OFF,    /* the controller left the bus after errors */
	TT_COND_BUS_LOSS,   /* we were too slow for it */
	TT_COND_ECU_REFUSING,
	TT_COND_ECU_SILENT,
	TT_COND_TX_REFUSED, /* the gate held a frame back */
	TT_COND_JOURNAL_FULL,
	TT_COND_JOURNAL_FAILING,
	TT_COND_JOURNAL_KEY, /* a journal sealed with another key was put aside */
	TT_COND_CLOCK_UNKNOWN,
	TT_COND_SOS_STUCK,
	TT_COND_COMMAND_UNAUTHENTIC, /* somebody sent a command that no trusted key signed for this unit */
	TT_COND_COMMAND_UNSAVED,     /* the record of used commands cannot be written: none is taken */
	TT_COND_CONFIG_REJECTED,
	TT_COND_POWER_FLOOR,   /* only alerts leave */
	TT_COND_POWER_SUSPEND, /* the program that suspends does not work */
	TT_COND_BOOT_MINIMAL,  /* we kept ending: this run does not ask the car */
	TT_COND_J1939_ADDRESS, /* somebody else uses the address that the profile gives us */
	TT_CONDITIONS
};

enum { TT_CONDITION_DETAIL = 120 };

struct tt_conditions {
	struct {
		bool on;
		tt_mono_us since_us;
		char detail[TT_CONDITION_DETAIL];
	} items[TT_CONDITIONS];
	uint32_t changes; /* counts every change, for "must be told" */
};

/* The wire's name, "gps.lost"; static. */
const char *tt_condition_name(enum tt_condition c);
/* detail: printable text, cut to fit; what is not printable ASCII becomes '?'. NULL = none. A new detail is a change, the time stays. */
void tt_condition_set(struct tt_conditions *set, enum tt_condition c, bool on, tt_mono_us now_us, const char *detail);

#endif
