/*
 * The tester: asks the car's ECUs in a polling plan and hands out what they say. PURE, sans-IO.
 *
 *     feed, tick  ->  next (results), next_tx (frames to send through the gate), wake_at
 *
 * Plan. Discovery by functional request (7DF and, in turn, 18DB33F1); every ECU that answers, at most TT_OBD_SCAN_ECUS, gets an ISO-TP
 * link. From then on requests go to one ECU at a time by its physical identifier, one outstanding in all: supported PIDs, VIN once, then in
 * cycles 01 01, 03, 07, 0A (every dtc_period), A6 where supported (every odometer_period), the live PIDs where supported (every
 * live_period). When the stored codes of an ECU change, its freeze frames follow (02 02, then every PID that 02 00 and following name).
 * Discovery repeats every rediscover_period for ECUs that came late, and with growing pauses (1 s up to 60 s) while nobody answers.
 *
 * Manners. At least min_gap between two requests. Response pending (NRC 78) re-arms P2* at most pending_max times; busy (21) is asked
 * again; "not supported" (11, 12, 31, ...) is not asked again; any other refusal and every silence doubles the pause of that question up to
 * 64 periods. Three silences in a row make an ECU silent; it is then only probed, with growing pauses, until it answers again.
 * Nothing is dropped without a result: refusals, silences, bad responses and ECUs beyond the eighth each appear once a change.
 *
 * Memory: the caller's, about 130 KB; nothing is allocated. Take results after every feed and tick: while the queue has less room than a
 * request can fill no new request is made. Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_OBD_SCAN_H
#define TT_FIRMWARE_PROTO_OBD_SCAN_H

#include "firmware/proto/isotp.h"
#include "firmware/proto/obd.h"
#include "firmware/proto/obd_pids.h"

enum {
	TT_OBD_SCAN_ECUS = 8,
	TT_OBD_SCAN_LIVE = 24,
	TT_OBD_SCAN_FREEZE_ITEMS = 64,
	TT_OBD_SCAN_RAW = 32,
	TT_OBD_SCAN_QUEUE = 24,
};

/* Zero means the default. */
struct tt_obd_scan_config {
	uint8_t bus;
	bool only_11bit, only_29bit;    /* default: both, in turn, until one answers */
	uint8_t pad_byte;               /* default 0xCC */
	int64_t min_gap_us;             /* between requests; default 50 ms */
	int64_t p2_us, p2_star_us;      /* default 100 ms (50 ms and the bus's own delays) and 5 s */
	uint8_t pending_max;            /* NRC 78 in a row; default 12 */
	int64_t dtc_period_us;          /* default 10 s */
	int64_t odometer_period_us;     /* default 60 s */
	int64_t live_period_us;         /* default 1 s; used only with nlive > 0 */
	int64_t rediscover_period_us;   /* default 300 s */
	uint8_t live[TT_OBD_SCAN_LIVE]; /* PIDs asked cyclically where supported */
	uint8_t nlive;
};

enum tt_obd_result_kind {
	TT_OBD_RESULT_ECU,       /* an ECU answered for the first time, or again after silence */
	TT_OBD_RESULT_VIN,       /* vin */
	TT_OBD_RESULT_READINESS, /* readiness: lamp, count, monitors */
	TT_OBD_RESULT_DTCS,      /* dtcs; dtcs.service tells stored 03, pending 07, permanent 0A; every cycle, changed or not */
	TT_OBD_RESULT_PID,       /* pid: one value of a live PID or the odometer */
	TT_OBD_RESULT_FREEZE,    /* freeze: one freeze frame, complete; dtc 0 and no items: the ECU has none to give */
	TT_OBD_RESULT_REFUSING,  /* refused: a question was answered with a negative response */
	TT_OBD_RESULT_BAD,       /* refused.service, .pid: an answer could not be read */
	TT_OBD_RESULT_SILENT,    /* the ECU stopped answering; ecu 0: nobody on this bus answers discovery */
	TT_OBD_RESULT_TOO_MANY,  /* an ECU beyond the eighth answered and is left out */
};

struct tt_obd_freeze_item {
	uint8_t pid;
	uint8_t len;
	bool decoded; /* value_milli is the PID's first value */
	uint8_t raw[TT_OBD_SCAN_RAW];
	int64_t value_milli;
};

struct tt_obd_result {
	enum tt_obd_result_kind kind;
	uint32_t ecu; /* identifier of the ECU's responses: 0x7E8.., 0x18DAF1xx */
	tt_mono_us at_us;
	union {
		char vin[TT_VIN_TEXT];
		struct tt_obd_readiness readiness;
		struct tt_obd_dtcs dtcs;
		struct {
			uint8_t pid;
			struct tt_obd_value value;
		} pid;
		struct {
			uint16_t dtc; /* the code that caused the frame */
			uint8_t frame;
			uint8_t n;
			struct tt_obd_freeze_item items[TT_OBD_SCAN_FREEZE_ITEMS];
		} freeze;
		struct {
			uint8_t service, pid, nrc; /* pid 0 where the service has none; nrc 0x78: pending too often; 0 in BAD */
			bool unsupported;          /* the ECU does not have it: a fact about the car, not a trouble */
		} refused;
	} u;
};

/* From here to the functions: state, for the cores and their tests only. */

enum tt_obd_scan_task_id {
	TT_OBD_TASK_BITMAPS, /* also the probe of silent ECUs */
	TT_OBD_TASK_READINESS,
	TT_OBD_TASK_STORED,
	TT_OBD_TASK_PENDING,
	TT_OBD_TASK_PERMANENT,
	TT_OBD_TASK_FREEZE,
	TT_OBD_TASK_ODOMETER,
	TT_OBD_TASK_VIN,
	TT_OBD_TASK_LIVE,
	TT_OBD_TASKS
};

/* One question to one ECU. */
struct tt_obd_scan_task {
	tt_mono_us due_us; /* TT_NEVER: answered for good, or the ECU does not have it */
	uint8_t backoff;   /* the period is doubled so many times */
	uint8_t told_nrc;  /* the refusal that was told last; 0 = none since the last answer */
	bool told_bad;
	bool unsupported;
};

struct tt_obd_scan_ecu {
	uint32_t rx_id;
	bool silent;
	uint8_t silences;    /* in a row */
	uint8_t next_bitmap; /* supported PIDs: bitmap to ask next */
	uint8_t live_at;     /* index of the next live PID */
	uint8_t stored_n;
	uint32_t stored_hash; /* codes for which freeze frames were read */
	struct tt_obd_pidset supported, freeze_supported;
	struct tt_obd_scan_task tasks[TT_OBD_TASKS];
	struct {
		uint8_t step, frame, pid, tries;
		struct tt_obd_result result;
	} freeze;
	struct tt_isotp link;
	uint8_t rx_buf[512];
};

struct tt_obd_scan {
	struct tt_obd_scan_config config;
	struct tt_obd_scan_ecu ecus[TT_OBD_SCAN_ECUS];
	uint8_t necus;
	bool paused;
	struct {
		bool active;   /* a request waits for answers until deadline_us */
		bool owed;     /* its frame is still to be handed out */
		bool extended; /* 29-bit identifiers this time */
		bool told_nobody, told_too_many;
		uint8_t failures;
		tt_mono_us due_us, deadline_us;
	} discovery;
	struct {
		bool active;
		bool sent;
		bool again; /* NRC 21: ask again at deadline_us */
		uint8_t ecu, task, service, pid;
		uint8_t pendings, retries;
		uint8_t bytes[TT_OBD_REQUEST_MAX];
		size_t len;
		tt_mono_us deadline_us;
	} request;
	tt_mono_us quiet_until_us; /* min_gap */
	uint32_t strays;           /* responses that answer no question of ours: another tester, or too late */
	struct tt_obd_result queue[TT_OBD_SCAN_QUEUE];
	uint8_t q_head, q_len;
};

/* The scan starts with discovery at once; call pause(true) first when the ignition is off. */
void tt_obd_scan_init(struct tt_obd_scan *s, const struct tt_obd_scan_config *config, tt_mono_us now_us);
/* True while paused: no frame is handed out, outstanding requests are forgotten. False: starts over with discovery. */
void tt_obd_scan_pause(struct tt_obd_scan *s, tt_mono_us now_us, bool on);
/* Ask for everything again without delay, e.g. after a lamp came on in a broadcast signal. Keeps back-offs of refusals. */
void tt_obd_scan_hurry(struct tt_obd_scan *s, tt_mono_us now_us);
/* True when the frame was a diagnostic response. Frames of other buses and identifiers are left alone. */
bool tt_obd_scan_feed(struct tt_obd_scan *s, tt_mono_us now_us, const struct tt_can_frame *in);
void tt_obd_scan_tick(struct tt_obd_scan *s, tt_mono_us now_us);
bool tt_obd_scan_next_tx(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out);
/* Copies the oldest result out. */
bool tt_obd_scan_next(struct tt_obd_scan *s, struct tt_obd_result *out);
tt_mono_us tt_obd_scan_wake_at(const struct tt_obd_scan *s);

#endif
