/*
 * The tester of ECUs that a profile lists, by UDS (ISO 14229-1), beside obd_scan and in its shape. PURE, sans-IO.
 *
 *     feed, tick  ->  next (results), next_tx (frames to send through the gate), wake_at
 *
 * Plan. Each ECU in turn, physically addressed, one request outstanding in all: trouble codes by status mask (every codes_period); for each
 * code that was not confirmed before, its snapshots and its extended data; where the ECU's entry says so and once it was heard, which codes
 * it has at all (until it has answered, once) and its fault detection counters (every codes_period); the data identifiers that are due,
 * several in one request, one at a time for an ECU that refused several. Where the ECU's entry names a session it is opened before the
 * first question, kept by TesterPresent while something is due within S3, and closed; an ECU that refuses it is asked in the default
 * session. In a session the ECU's own P2 and P2* hold, with 100 ms for the way, from what is configured to 2 s and 10 s.
 *
 * Manners. At least min_gap between two requests. Response pending (NRC 78) re-arms P2* at most pending_max times; busy (21) is asked again
 * after a pause, three times; what the ECU does not have is not asked again; any other refusal and every silence doubles the pause of that
 * question up to 64 periods. Three silences in a row make an ECU silent; it is then only asked for its codes, with growing pauses.
 * Refusals, silences and answers that cannot be read each appear once a change.
 *
 * Memory: the caller's; nothing is allocated. Results point into the scan until the next call that is not tt_uds_scan_next: take them after
 * every feed and tick. The configuration's arrays must outlive the scan. Threads: one at a time.
 */
#ifndef TT_FIRMWARE_PROTO_UDS_SCAN_H
#define TT_FIRMWARE_PROTO_UDS_SCAN_H

#include "firmware/proto/isotp.h"
#include "firmware/proto/uds.h"

enum { TT_UDS_ECUS = 8, TT_UDS_DIDS = 24, TT_UDS_CONFIRMED_CODES = 64, TT_UDS_QUEUE = 6 };

struct tt_uds_ecu {
	uint32_t request, response;
	bool extended;  /* 29 bits */
	bool addressed; /* an address byte stands before all else */
	uint8_t target, source;
	uint8_t session; /* 0 = the default session only */
	bool supported;  /* is asked for the codes that it has at all (19 0A) */
	bool counters;   /* is asked for its fault detection counters (19 14) */
};
struct tt_uds_did {
	uint8_t ecu; /* index */
	uint16_t did;
	uint8_t len;
	int64_t period_us; /* 0 = default */
};

/* Zero means the default. */
struct tt_uds_scan_config {
	uint8_t bus;
	uint8_t pad_byte;
	uint8_t mask;              /* of 19 02; default 8F: failed, failed this cycle, pending, confirmed, warning indicator */
	uint8_t pending_max;       /* NRC 78 in a row; default 6 */
	int64_t min_gap_us;        /* between requests; default 50 ms */
	int64_t p2_us, p2_star_us; /* default 150 ms (50 ms, gateways and the bus's own delays) and 5 s */
	int64_t codes_period_us;   /* default 10 s */
	int64_t did_period_us;     /* default 10 s */
	const struct tt_uds_ecu *ecus;
	size_t necus; /* at most TT_UDS_ECUS */
	const struct tt_uds_did *dids;
	size_t ndids;                                     /* at most TT_UDS_DIDS; one entry an identifier */
	const struct tt_uds_length *lengths[TT_UDS_ECUS]; /* of each ECU's records */
	size_t nlengths[TT_UDS_ECUS];
};

enum tt_uds_result_kind {
	TT_UDS_RESULT_ECU,       /* answers for the first time, or again after silence */
	TT_UDS_RESULT_CODES,     /* msg, len: a whole 59 02; every cycle, changed or not */
	TT_UDS_RESULT_SUPPORTED, /* msg, len: a whole 59 0A. No trouble: what the ECU could report */
	TT_UDS_RESULT_COUNTERS,  /* msg, len: a whole 59 14. No fault yet: tests that are on their way to fail */
	TT_UDS_RESULT_SNAPSHOTS, /* code; msg, len: a whole 59 04, or NULL: the ECU gives none */
	TT_UDS_RESULT_EXTENDED,  /* code; msg, len: a whole 59 06, or NULL. Comes last of a code's details */
	TT_UDS_RESULT_DATA,      /* did; msg, len: its data */
	TT_UDS_RESULT_REFUSING,  /* service, nrc, unsupported */
	TT_UDS_RESULT_BAD,       /* service: an answer could not be read */
	TT_UDS_RESULT_SILENT,
};

struct tt_uds_result {
	enum tt_uds_result_kind kind;
	uint8_t ecu; /* index in the configuration */
	tt_mono_us at_us;
	uint32_t code;
	uint16_t did;
	const uint8_t *msg;
	size_t len;
	uint8_t service, nrc; /* nrc 78: pending too often */
	uint8_t report;       /* of a refused service 19: its sub-function */
	bool unsupported;     /* a fact about the car, not a trouble */
};

/* From here to the functions: state, for the core and its tests only. */

enum tt_uds_question {
	TT_UDS_ASK_OPEN,
	TT_UDS_ASK_KEEP,
	TT_UDS_ASK_CLOSE,
	TT_UDS_ASK_CODES, /* the lists; they stand together */
	TT_UDS_ASK_SUPPORTED,
	TT_UDS_ASK_COUNTERS,
	TT_UDS_ASK_SNAPSHOTS,
	TT_UDS_ASK_EXTENDED,
	TT_UDS_ASK_DATA,
	TT_UDS_QUESTIONS
};
enum { TT_UDS_LISTS = TT_UDS_ASK_COUNTERS - TT_UDS_ASK_CODES + 1 };

struct tt_uds_scan_task {
	tt_mono_us due_us; /* TT_NEVER: the ECU does not have it */
	uint8_t backoff;   /* the period is doubled so many times */
};

struct tt_uds_scan_ecu {
	bool heard, silent, told_bad;
	bool singly;                         /* refused several identifiers in one request */
	bool open;                           /* the session */
	int64_t p2_us, p2_star_us;           /* in it */
	uint8_t silences;                    /* in a row */
	bool told_refusal[TT_UDS_QUESTIONS]; /* since the last answer, and which one last */
	uint8_t told_nrc[TT_UDS_QUESTIONS];
	tt_mono_us asked_us;                         /* the last request */
	tt_mono_us open_at_us;                       /* not before, after a refusal */
	struct tt_uds_scan_task lists[TT_UDS_LISTS]; /* of question TT_UDS_ASK_CODES + index */
	uint32_t confirmed[TT_UDS_CONFIRMED_CODES];  /* whose details were asked for*/
	uint8_t nconfirmed, details;                 /* details: how many at the end are still without */
};

struct tt_uds_scan {
	struct tt_uds_scan_config config;
	struct tt_uds_scan_ecu ecus[TT_UDS_ECUS];
	struct tt_uds_scan_task dids[TT_UDS_DIDS];
	bool paused;
	struct {
		bool active, sent;
		bool again; /* NRC 21: ask again at deadline_us */
		enum tt_uds_question question;
		uint8_t ecu, pendings, retries, ndids;
		uint8_t dids[TT_UDS_REQUEST_DIDS]; /* indices */
		uint32_t code;
		uint8_t bytes[TT_UDS_REQUEST_MAX];
		size_t len;
		tt_mono_us deadline_us;
	} request;
	tt_mono_us quiet_until_us; /* min_gap */
	struct tt_isotp link;      /* to the ECU that is asked */
	uint8_t rx_buf[TT_ISOTP_MAX];
	struct tt_uds_result queue[TT_UDS_QUEUE];
	uint8_t q_len;
};

void tt_uds_scan_init(struct tt_uds_scan *s, const struct tt_uds_scan_config *config, tt_mono_us now_us);
/* True while paused: no frame is handed out, an outstanding request is forgotten. False: codes and data are due at once. */
void tt_uds_scan_pause(struct tt_uds_scan *s, tt_mono_us now_us, bool on);
/* True when the frame answers the outstanding request; all others are left alone. */
bool tt_uds_scan_feed(struct tt_uds_scan *s, tt_mono_us now_us, const struct tt_can_frame *in);
void tt_uds_scan_tick(struct tt_uds_scan *s, tt_mono_us now_us);
/* may_begin: whether a new request may be made now; what is under way goes on. */
bool tt_uds_scan_next_tx(struct tt_uds_scan *s, tt_mono_us now_us, bool may_begin, struct tt_can_frame *out);
bool tt_uds_scan_next(struct tt_uds_scan *s, struct tt_uds_result *out);
/* Is a request out and unanswered? */
bool tt_uds_scan_busy(const struct tt_uds_scan *s);
tt_mono_us tt_uds_scan_wake_at(const struct tt_uds_scan *s);

#endif
