/*
 * The life of trouble codes as the car tells it: what the scans of each ECU say becomes raised, changed and cleared. PURE, sans-IO.
 *
 * Input is one answered list at a time: tt_fault_watch_codes says "this ECU's stored codes are exactly these". A code that is in a list
 * for the first time is raised. A status bit goes only when `clear_lists` answered lists of that status in a row do without the code,
 * and a fault is cleared when its last bit went: an ECU that is silent, refuses or is switched off gives no list and clears nothing.
 *
 * Three protocols share it. OBD names 16-bit codes and one lamp an ECU; J1939 and UDS (tt_fault_watch_list) name wider codes, each with its
 * own lamp: J1939's are told at once, a stored one of UDS waits for its details (snapshot, extended data), which are kept elsewhere and
 *only announced here. J1939's DM1 comes every second whether or not something changed, so its codes go only after clear_dm1 messages of the
 * source without them.
 *
 * The same code of two protocols is two faults, but for an ECU that tt_fault_watch_twin names: there P0301 of OBD and P0301-13 of UDS are
 * one defect, told once, by the name with the failure type (fault_twin.c, ADR 18). Its bits and lamp are those of both, and it lasts until
 * both are without it. A code that OBD shows first waits up to twin_wait_us for an answer of the ECU by UDS; what had to be told by its OBD
 * name before is told as cleared once the other name was told.
 *
 * OBD keeps one freeze frame per ECU, of the code that caused it. A stored code's first report waits up to freeze_wait_us for a frame; one
 * that comes later is a change. The lamp (MIL) is the ECU's; a fault carries it while it is stored.
 *
 *	(absent) --in a list--> known, due --told--> RAISED ... bits, lamp or frame differ from what was told --> CHANGED ... no bit left
 *--> CLEARED
 *
 * Memory: caller owned, about 40 KB; bounded at TT_FAULTS codes and TT_FAULT_ECUS ECUs, more are counted in `dropped`. Threads: one
 *instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_FAULT_WATCH_H
#define TT_FIRMWARE_PROTO_FAULT_WATCH_H

#include "firmware/proto/obd_scan.h"

enum { TT_FAULTS = 128, TT_FAULT_ECUS = 8 };

enum tt_fault_protocol { TT_FAULT_OBD = 1, TT_FAULT_UDS = 2, TT_FAULT_J1939 = 3 }; /* the wire's DtcProtocol */

/* Where a code was found: services 03, 07, 0A; J1939's DM1 is STORED, its DM2 PREVIOUS. Bits. */
enum tt_fault_status {
	TT_FAULT_STORED = 1,
	TT_FAULT_PENDING = 2,
	TT_FAULT_PERMANENT = 4,
	TT_FAULT_PREVIOUS = 8, /* was active before and is not now (J1939-73 DM2) */
	TT_FAULT_ALL = 15
};
enum { TT_FAULT_STATUSES = 4, TT_FAULT_OC_UNKNOWN = 127 };

struct tt_fault_config {
	unsigned clear_lists;   /* answered lists without the code before a status bit goes; 1..255 */
	unsigned clear_dm1;     /* the same for J1939's active codes, one list a second; 1..255 */
	int64_t freeze_wait_us; /* how long a raise may wait for its freeze frame */
	int64_t twin_wait_us;   /* how long OBD's raise may wait for UDS to name the defect */
};

/* 2 lists, 5 of DM1, 2 s, 15 s. */
extern const struct tt_fault_config TT_FAULT_DEFAULT;

enum tt_fault_change { TT_FAULT_RAISED = 1, TT_FAULT_CHANGED = 2, TT_FAULT_CLEARED = 3 }; /* the wire's FaultChange */

struct tt_fault_event {
	enum tt_fault_change change;
	enum tt_fault_protocol protocol;
	uint32_t ecu;   /* J1939: the source address */
	uint32_t code;  /* OBD: 16 bits; UDS: 24 bits, failure type last; J1939: SPN << 5 | FMI; fault_code.h gives the text */
	uint8_t status; /* bits of enum tt_fault_status; 0 when cleared */
	bool mil;
	uint16_t lamps;                          /* J1939: the first two bytes of the message, first one high */
	uint8_t occurrences;                     /* J1939: 0..126, 127 = not available */
	bool detailed;                           /* UDS: tt_fault_watch_detail was called */
	tt_mono_us at_us;                        /* when the change was first seen */
	const struct tt_obd_freeze_item *freeze; /* inside the watch, until the next call; NULL when none is known */
	size_t nfreeze;
};

struct tt_fault {
	bool used;
	enum tt_fault_protocol protocol;
	uint32_t ecu;
	uint32_t code;
	uint8_t status; /* by its own protocol; tt_fault_watch_status for what is told */
	uint8_t told_status;
	bool mil;      /* of this code; OBD's is the ECU's */
	bool detailed; /* UDS: its details are there */
	uint16_t lamps, told_lamps;
	uint8_t occurrences;
	bool told, told_mil, told_freeze;
	uint8_t misses[TT_FAULT_STATUSES]; /* per status bit */
	tt_mono_us changed_at_us;
	tt_mono_us ready_at_us; /* freeze frame or details are there or given up; TT_NEVER when there is nothing to tell */
	tt_mono_us due_at_us;   /* not told before; TT_NEVER when there is nothing to tell */
};

struct tt_fault_ecu {
	bool used;
	uint32_t ecu;
	bool mil;
	uint16_t freeze_code; /* 0 = none */
	uint8_t nfreeze;
	struct tt_obd_freeze_item freeze[TT_OBD_SCAN_FREEZE_ITEMS];
};

/* An ECU that is asked by OBD and by UDS. */
struct tt_fault_twin {
	uint32_t ecu;
	tt_mono_us listed_at_us; /* last list by UDS; 0 = none yet */
};

struct tt_fault_watch {
	struct tt_fault_config cfg;
	struct tt_fault_twin twins[TT_FAULT_ECUS];
	unsigned ntwins;
	struct tt_fault faults[TT_FAULTS];
	struct tt_fault_ecu ecus[TT_FAULT_ECUS];
	uint32_t dropped; /* codes and ECUs that found no room */
};

void tt_fault_watch_init(struct tt_fault_watch *w, const struct tt_fault_config *cfg);

/* OBD and UDS of this ECU speak of the same defects. Before restore. More than TT_FAULT_ECUS are counted in `dropped`. */
void tt_fault_watch_twin(struct tt_fault_watch *w, uint32_t ecu);

/* A fault told before this start: it is not raised again, and can be cleared. status must not be 0. */
struct tt_fault_before {
	enum tt_fault_protocol protocol;
	uint32_t ecu, code;
	uint8_t status;
	bool mil;
	uint16_t lamps;
};
void tt_fault_watch_restore(struct tt_fault_watch *w, const struct tt_fault_before *before);

/* One ECU's complete answer to one OBD service. n = 0 is an answer, too. Code 0 is padding and ignored. */
void tt_fault_watch_codes(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu, enum tt_fault_status status, const uint16_t *codes,
			  size_t n);

/* One complete list of a UDS ECU or a J1939 source. Code 0 is ignored; a code that stands twice counts once. */
struct tt_fault_item {
	uint32_t code;
	bool mil;
	uint8_t occurrences;
};
struct tt_fault_list {
	enum tt_fault_protocol protocol; /* UDS or J1939 */
	uint32_t ecu;
	enum tt_fault_status status;
	uint16_t lamps; /* of all of them; 0 for UDS */
	const struct tt_fault_item *items;
	size_t n;
};
void tt_fault_watch_list(struct tt_fault_watch *w, tt_mono_us now_us, const struct tt_fault_list *list);

/* UDS: the code's details came, or there are none to come; a raise need not wait any longer. Later it is a change, the first time. */
void tt_fault_watch_detail(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu, uint32_t code);

void tt_fault_watch_lamp(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu, bool mil);
/* The ECU's freeze frame, of `code`. More than TT_OBD_SCAN_FREEZE_ITEMS items are cut. */
void tt_fault_watch_freeze(struct tt_fault_watch *w, tt_mono_us now_us, uint32_t ecu, uint16_t code, const struct tt_obd_freeze_item *items,
			   size_t n);

/*
 * The next change that is due, the same one until tt_fault_watch_told says that it was told: what could not be kept anywhere is not told,
 * and a fault that is seen again, changes or goes in the meantime is told as it is then. Between the two calls nothing else touches w.
 */
bool tt_fault_watch_peek(struct tt_fault_watch *w, tt_mono_us now_us, struct tt_fault_event *out);
void tt_fault_watch_told(struct tt_fault_watch *w, const struct tt_fault_event *event);
/* Both at once; call until false. */
bool tt_fault_watch_next(struct tt_fault_watch *w, tt_mono_us now_us, struct tt_fault_event *out);
tt_mono_us tt_fault_watch_wake_at(const struct tt_fault_watch *w);

/* What is told of a fault of w: its own bits and those of its twin; 0 when it is told by its twin's name. */
uint8_t tt_fault_watch_status(const struct tt_fault_watch *w, const struct tt_fault *f);
/* Defects known now, whatever their status; and whether any ECU, or any code of its own, has its lamp on. */
unsigned tt_fault_watch_count(const struct tt_fault_watch *w);
bool tt_fault_watch_mil(const struct tt_fault_watch *w);

#endif
