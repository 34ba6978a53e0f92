/*
 * The scan's inside, shared by obd_scan*.c: obd_scan.c is its life and its queue, obd_scan_find.c finds the ECUs, obd_scan_ask.c carries
 * one question through, and the tasks say what is asked and what an answer means. PURE.
 */
#ifndef TT_FIRMWARE_PROTO_OBD_SCAN_PARTS_H
#define TT_FIRMWARE_PROTO_OBD_SCAN_PARTS_H

#include "firmware/proto/obd_scan.h"

enum {
	TT_OBD_SCAN_ROOM = 10, /* results that one request may bring: eight ECUs answering discovery, a ninth, and nobody */
	TT_OBD_SCAN_BACKOFF_MAX = 6,
	TT_OBD_SCAN_TRIES = 3,          /* of a question that is one of many */
	TT_OBD_NRC_GENERAL_CODE = 0x10, /* also for a refusal with code 0, which ISO 14229-1 keeps for answers that are none */
	TT_OBD_NRC_PENDING_CODE = 0x78,
};
#define TT_OBD_SCAN_PROBE_US TT_SEC(1) /* first pause before a silent ECU or an empty bus is asked again */

/* What a task made of a positive response. */
enum tt_obd_taken {
	TT_OBD_TAKEN_DONE,  /* answered; ask again after the period */
	TT_OBD_TAKEN_MORE,  /* answered in part; the next part is due at once (slow tasks: after slow_gap) */
	TT_OBD_TAKEN_LAST,  /* answered for good */
	TT_OBD_TAKEN_BAD,   /* answers the question, but cannot be read */
	TT_OBD_TAKEN_ALIEN, /* answers some other question: keep waiting */
};

struct tt_obd_scan_task_def {
	uint8_t service;
	bool slow;  /* once a drive, in its own time; not hurried */
	bool quiet; /* refusals are not told as such */
	/* Is there something to ask? May be NULL: always. Else only when the bitmaps of service 01 are there. */
	bool (*wanted)(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e);
	/* Fills request.bytes, len, pids and npids. */
	void (*build)(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e);
	enum tt_obd_taken (*take)(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg, size_t len);
	/*
	 * The question failed (nrc, or 0 for silence); true when that is settled and the task is due when it says, which it always is
	 * for a refusal. May be NULL; slow tasks have one.
	 */
	bool (*skip)(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc);
};
extern const struct tt_obd_scan_task_def tt_obd_scan_task_defs[TT_OBD_TASKS];

/* The message behind its service, which was looked at before any task sees it. */
static inline struct tt_rd tt_obd_scan_behind_service(const uint8_t *msg, size_t len)
{
	return tt_rd_init(msg + 1, len - 1);
}

/* A place in the result queue for this ECU, zeroed; the caller fills u. */
struct tt_obd_result *tt_obd_scan_push(struct tt_obd_scan *s, enum tt_obd_result_kind kind, uint32_t ecu, tt_mono_us now_us);
static inline bool tt_obd_scan_has_room(const struct tt_obd_scan *s)
{
	return s->q_len + TT_OBD_SCAN_ROOM <= TT_OBD_SCAN_QUEUE;
}
/* times: at most TT_OBD_SCAN_BACKOFF_MAX. */
static inline tt_mono_us tt_obd_scan_doubled(int64_t period_us, unsigned times)
{
	return period_us << times;
}

/* All questions of a drive are due, each in its time. */
void tt_obd_scan_drive(const struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us);
/* Any answer at all proves that the ECU is there. */
void tt_obd_scan_heard(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us);

/* obd_scan_find.c */
void tt_obd_scan_find_start(struct tt_obd_scan *s);
void tt_obd_scan_find_frame(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out);
/* True when the frame was an answer to discovery. e: the ECU it comes from, NULL when it is new. */
bool tt_obd_scan_find_feed(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const struct tt_can_frame *in);
void tt_obd_scan_find_tick(struct tt_obd_scan *s, tt_mono_us now_us);

/* obd_scan_ask.c */
/* The task that is longest overdue; false when none is. *due_us: when the next one will be. */
bool tt_obd_scan_ask_next(const struct tt_obd_scan *s, tt_mono_us now_us, unsigned *ecu, unsigned *task, tt_mono_us *due_us);
void tt_obd_scan_ask_start(struct tt_obd_scan *s, unsigned ecu, unsigned task);
bool tt_obd_scan_ask_frame(struct tt_obd_scan *s, tt_mono_us now_us, struct tt_can_frame *out);
/* True when the request under way goes to this ECU and its answer is awaited. */
bool tt_obd_scan_ask_is(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e);
void tt_obd_scan_ask_feed(struct tt_obd_scan *s, tt_mono_us now_us, const struct tt_can_frame *in);
void tt_obd_scan_ask_tick(struct tt_obd_scan *s, tt_mono_us now_us);

/* Tasks of more than one part. */
void tt_obd_scan_take_stored(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const struct tt_obd_dtcs *dtcs);
void tt_obd_scan_freeze_release(struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e);
/* The one item of a 41 or 42 response to our question for one PID. */
enum tt_obd_taken tt_obd_scan_item(const struct tt_obd_scan *s, const uint8_t *msg, size_t len, struct tt_obd_item *out);
/* item: of a bitmap, whose four bytes tt_obd_items_next saw to. */
void tt_obd_scan_bitmap(struct tt_obd_pidset *set, const struct tt_obd_item *item);
/* The bitmap after this one, or 0 when the ECU has no more: each bitmap's last bit names the next. */
uint8_t tt_obd_scan_bitmap_after(const struct tt_obd_pidset *set, uint8_t base);
bool tt_obd_scan_freeze_wanted(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e);
void tt_obd_scan_freeze_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e);
enum tt_obd_taken tt_obd_scan_freeze_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg,
					  size_t len);
bool tt_obd_scan_freeze_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc);
void tt_obd_scan_info_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e);
enum tt_obd_taken tt_obd_scan_info_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg,
					size_t len);
bool tt_obd_scan_info_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc);
void tt_obd_scan_monitors_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e);
enum tt_obd_taken tt_obd_scan_monitors_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg,
					    size_t len);
bool tt_obd_scan_monitors_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc);
bool tt_obd_scan_sweep_wanted_live(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e);
bool tt_obd_scan_sweep_wanted_counts(const struct tt_obd_scan *s, const struct tt_obd_scan_ecu *e);
void tt_obd_scan_sweep_build(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e);
enum tt_obd_taken tt_obd_scan_sweep_take(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, const uint8_t *msg,
					 size_t len);
bool tt_obd_scan_sweep_skip(struct tt_obd_scan *s, struct tt_obd_scan_ecu *e, tt_mono_us now_us, uint8_t nrc);

#endif
