/*
 * The tester: asks the car's ECUs in a polling plan and hands out what they say. PURE, sans-IO.
 *
 *     feed, tick  ->  next (results), next_tx (frames to send through the gate), wake_at
 *
 * Plan. Discovery by functional request: 7DF, and 18DB33F1 when nobody answers that; a car has one width of identifiers (ISO 15765-4), so
 * ECUs that would answer on both are found once. At most TT_OBD_SCAN_ECUS are served. From then on requests go to one ECU at a time by its
 * physical identifier, one outstanding in all: supported PIDs, VIN, then in cycles 01 01, 03, 07, 0A (every dtc_period), odometer and what
 * the car counts since its codes were cleared (every odometer_period), the live PIDs (every live_period), each of these where supported, up
 * to six PIDs a request. When the stored codes of an ECU change, its freeze frames follow (02 02, then every PID that 02 00 and following
 * name). Once a drive, slowly: calibration ids, CVNs and name (09), and the results of the on-board monitors (06). Discovery repeats every
 * rediscover_period for ECUs that came late, and with growing pauses (1 s up to 60 s) while nobody answers.
 *
 * A drive begins with init and with each end of a pause. What was learnt of the ECUs outlasts the pause: who they are, what they lack, how
 * many PIDs they take a request. Those that do not answer the first question of the new drive are asked for by themselves and told as
 * silent when that stays unanswered too. When the whole car is silent the other width is tried; who answers there takes the place of all.
 *
 * Manners. At least min_gap between two requests. Response pending (NRC 78) re-arms P2* at most pending_max times, for discovery as well;
 * an ECU that says so late, or to another tester, is left alone for P2*. Busy (21) is asked again; "not supported" (11, 12, 31, ...) is not
 * asked again; any other refusal and every silence doubles the pause of that question up to 64 periods. A request for several PIDs that is
 * refused, unanswered or answered in part halves the number for that ECU. Three silences in a row make an ECU silent; it is then only
 * probed, with growing pauses, until it answers again. Nothing is dropped without a result: refusals, silences, bad responses and ECUs
 * beyond the eighth each appear once a change.
 *
 * Memory: the caller's, under 24 KB; nothing is allocated. Take results after every feed and tick: while the queue has less room than a
 * request can fill no new request is made. Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_OBD_SCAN_H
#define TT_FIRMWARE_PROTO_OBD_SCAN_H

#include "firmware/proto/isotp.h"
#include "firmware/proto/obd_info.h"
#include "firmware/proto/obd_pids.h"

enum {
	TT_OBD_SCAN_ECUS = 8,
	TT_OBD_SCAN_LIVE = 24,
	TT_OBD_SCAN_FREEZE_ITEMS = 64,
	TT_OBD_SCAN_RAW = 32,
	TT_OBD_SCAN_QUEUE = 24,
	TT_OBD_SCAN_MESSAGE = 1024, /* longest response that is taken */
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
	int64_t info_after_us;          /* of a drive, before calibrations and name are asked for; default 5 s */
	int64_t monitors_after_us;      /* before the monitors are; default 30 s */
	int64_t slow_gap_us;            /* between two questions of those; default 300 ms */
	uint8_t live[TT_OBD_SCAN_LIVE]; /* PIDs asked cyclically where supported */
	uint8_t nlive;
};

enum tt_obd_result_kind {
	TT_OBD_RESULT_ECU,          /* an ECU answered for the first time, or again after silence */
	TT_OBD_RESULT_PIDS,         /* pids: what service 01 supports, complete; once a drive and after silence */
	TT_OBD_RESULT_VIN,          /* vin */
	TT_OBD_RESULT_READINESS,    /* readiness: lamp, count, monitors */
	TT_OBD_RESULT_DTCS,         /* dtcs; dtcs.service tells stored 03, pending 07, permanent 0A; every cycle, changed or not */
	TT_OBD_RESULT_PID,          /* pid: the first value of a live PID, the odometer, or a count since the clearing */
	TT_OBD_RESULT_FREEZE,       /* freeze: one freeze frame, complete; dtc 0 and no items: the ECU has none to give */
	TT_OBD_RESULT_CALIBRATIONS, /* calibrations */
	TT_OBD_RESULT_CVNS,         /* cvns */
	TT_OBD_RESULT_NAME,         /* name */
	TT_OBD_RESULT_MONITOR,      /* monitor: the tests of one monitor */
	TT_OBD_RESULT_ROUND,        /* round.service 09 or 06: the drive's round of it is over, whatever was answered */
	TT_OBD_RESULT_CLEARED,      /* cleared: what became of tt_obd_scan_clear at this ECU */
	TT_OBD_RESULT_REFUSING,     /* refused: a question was answered with a negative response */
	TT_OBD_RESULT_BAD,          /* refused.service, .pid: an answer could not be read */
	TT_OBD_RESULT_SILENT,       /* the ECU stopped answering; ecu 0: nobody on this bus answers discovery */
	TT_OBD_RESULT_TOO_MANY,     /* an ECU beyond the eighth answered and is left out */
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
		struct tt_obd_pidset pids;
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
			const struct tt_obd_freeze_item *items; /* inside the scan, until the next feed, tick or next_tx */
		} freeze;
		struct tt_obd_calibrations calibrations;
		struct tt_obd_cvns cvns;
		char name[TT_OBD_NAME_TEXT];
		struct {
			uint8_t mid, n;
			bool cut; /* there were more, or the last one was not whole */
			struct tt_obd_test tests[TT_OBD_TESTS];
		} monitor;
		struct {
			uint8_t service;
		} round;
		struct {
			bool done;
			uint8_t nrc; /* why not; 0 with done false: no answer */
		} cleared;
		struct {
			uint8_t service, pid, nrc; /* pid 0 where the service has none; nrc 0x78: pending too often; 0 in BAD */
			bool unsupported;          /* the ECU does not have it: a fact about the car, not a trouble */
		} refused;
	} u;
};

/* From here to the functions: state, for the cores and their tests only. */

enum tt_obd_scan_task_id {
	TT_OBD_TASK_BITMAPS, /* also the probe of silent ECUs */
	TT_OBD_TASK_CLEAR,
	TT_OBD_TASK_READINESS,
	TT_OBD_TASK_STORED,
	TT_OBD_TASK_PENDING,
	TT_OBD_TASK_PERMANENT,
	TT_OBD_TASK_FREEZE,
	TT_OBD_TASK_COUNTS, /* odometer and what is counted since the clearing */
	TT_OBD_TASK_VIN,
	TT_OBD_TASK_LIVE,
	TT_OBD_TASK_INFO,
	TT_OBD_TASK_MONITORS,
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

/* A round of many small questions. */
struct tt_obd_scan_round {
	bool mapped;   /* the bitmaps were read */
	uint8_t at;    /* what is asked next */
	uint8_t tries; /* without an answer */
	struct tt_obd_pidset has;
};

struct tt_obd_scan_ecu {
	uint32_t rx_id;
	bool extended;
	bool silent;
	bool unsure;               /* silent only because it was not heard in this drive yet */
	uint8_t silences;          /* in a row */
	uint8_t next_bitmap;       /* supported PIDs: bitmap to ask next */
	uint8_t live_at, count_at; /* index of the next PID of the two sweeps */
	uint8_t most, proven;      /* PIDs a request: allowed, and ever answered in full */
	uint8_t busy;              /* stray "response pending" in a row */
	uint8_t freeze_tries;      /* of one question of service 02, also over a silence */
	uint8_t stored_n;
	uint16_t stored[TT_OBD_MAX_DTCS]; /* codes for which freeze frames were read */
	tt_mono_us busy_until_us;         /* 0 = not busy */
	struct tt_obd_pidset supported;
	struct tt_obd_scan_task tasks[TT_OBD_TASKS];
	struct tt_obd_scan_round info, monitors;
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
		uint8_t failures, pendings;
		uint8_t waiting; /* bits of ECUs that said "response pending" */
		tt_mono_us due_us, deadline_us, answers_until_us;
	} discovery;
	struct {
		bool active;
		bool sent;
		bool again; /* NRC 21: ask again at deadline_us */
		uint8_t ecu, task, service;
		uint8_t npids, pids[TT_OBD_MAX_PIDS]; /* or the info type, or the monitor */
		uint8_t next;                         /* of a sweep: index behind what is asked */
		uint8_t pendings, retries;
		uint8_t bytes[TT_OBD_REQUEST_MAX];
		size_t len;
		tt_mono_us deadline_us;
	} request;
	struct tt_isotp link; /* to the ECU that is asked */
	uint8_t rx_buf[TT_OBD_SCAN_MESSAGE];
	struct {
		bool taken, unread; /* by an ECU that is being read; handed out and not fetched yet */
		uint8_t ecu;
		uint8_t step, frame, pid;
		uint16_t dtc;
		uint8_t n;
		struct tt_obd_pidset has;
		struct tt_obd_freeze_item items[TT_OBD_SCAN_FREEZE_ITEMS];
	} freeze;                  /* one frame of one ECU at a time */
	tt_mono_us quiet_until_us; /* min_gap */
	uint32_t strays;           /* responses that answer no question of ours: another tester, or too late */
	struct tt_obd_result queue[TT_OBD_SCAN_QUEUE];
	uint8_t q_head, q_len;
};

/* The scan starts with discovery at once; call pause(true) first when the ignition is off. */
void tt_obd_scan_init(struct tt_obd_scan *s, const struct tt_obd_scan_config *config, tt_mono_us now_us);
/* True while paused: no frame is handed out, outstanding requests are forgotten. False: a new drive begins. */
void tt_obd_scan_pause(struct tt_obd_scan *s, tt_mono_us now_us, bool on);
/* Ask for everything again without delay, e.g. after a lamp came on in a broadcast signal. Keeps back-offs of refusals. */
void tt_obd_scan_hurry(struct tt_obd_scan *s, tt_mono_us now_us);
/*
 * Clear the trouble codes of every ECU that answers (service 04), one after the other, each once; a CLEARED result each, none when a pause
 * comes between. The gate must let 04 through. TT_EAGAIN: paused. TT_ENOTFOUND: no ECU answers.
 */
TT_MUSTCHECK enum tt_err tt_obd_scan_clear(struct tt_obd_scan *s, tt_mono_us now_us);
/* True when the frame was a diagnostic response. Frames of other buses and identifiers are left alone. */
bool tt_obd_scan_feed(struct tt_obd_scan *s, tt_mono_us now_us, const struct tt_can_frame *in);
void tt_obd_scan_tick(struct tt_obd_scan *s, tt_mono_us now_us);
bool tt_obd_scan_next_tx(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out);
/* Copies the oldest result out. */
bool tt_obd_scan_next(struct tt_obd_scan *s, struct tt_obd_result *out);
tt_mono_us tt_obd_scan_wake_at(const struct tt_obd_scan *s);
/* A question of ours is on the bus and its answer may still come: no other tester of ours may ask now. */
bool tt_obd_scan_busy(const struct tt_obd_scan *s);

#endif
