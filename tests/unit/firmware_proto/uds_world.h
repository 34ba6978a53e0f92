/*
 * ECUs made of a few lines for the UDS tester's tests: each answers from a table of requests. Time is the test's; every frame is seen.
 *
 * Two ways to test: world_says and world_run let the ECUs answer and look at what came of it; world_talk plays one question at exact times.
 */
#ifndef TT_TESTS_UNIT_FIRMWARE_PROTO_UDS_WORLD_H
#define TT_TESTS_UNIT_FIRMWARE_PROTO_UDS_WORLD_H

#include "firmware/proto/uds_scan.h"

enum { ANSWERS = 16, LOG = 4096, LOG_TEXT = 24, RESULTS = 4096, KEPT = 64, STEP_US = 10000 };

struct answer {
	const char *request, *response; /* hexadecimal; response "" = silence; "|" begins the next answer, one a request */
};

struct world {
	struct tt_uds_scan scan;
	struct tt_uds_scan_config config;
	struct tt_uds_ecu ecus[TT_UDS_ECUS];
	struct tt_uds_did dids[TT_UDS_DIDS];
	struct {
		struct answer answers[ANSWERS];
		unsigned asked[ANSWERS];
		bool dead;
		struct tt_isotp link;
		bool refuses; /* what is not in the table: requestOutOfRange */
		uint8_t buf[64], out[300];
	} car[TT_UDS_ECUS];
	tt_mono_us now;
	bool may_begin;
	char asked[LOG][LOG_TEXT]; /* requests as hex, with the ECU's index before a colon */
	tt_mono_us asked_at[LOG];
	size_t nasked;
	struct tt_uds_result results[RESULTS];
	uint8_t bytes[RESULTS][KEPT]; /* what msg pointed to */
	size_t nresults;
};
extern struct world w;

/* Forgets everything; a cmocka set-up. */
int world_fresh(void **state);
/* Makes the ECUs, 7E0 and up where w.ecus names no address, and the tester, at second 100. */
void world_begin(size_t necus, size_t ndids);
void world_says(unsigned ecu, const char *request, const char *response);

/* ---- the ECUs answer by themselves ---- */

void world_run(int64_t us);
/* Takes the results that wait. */
void world_collect(void);
/* How often this request was heard, "0:19028F". */
unsigned world_asked(const char *request);
unsigned world_results(enum tt_uds_result_kind kind);
/* NULL when there are not so many. */
const struct tt_uds_result *world_result(enum tt_uds_result_kind kind, unsigned which);
/* The bytes of a result that was collected. */
const uint8_t *world_bytes(const struct tt_uds_result *result);

/* ---- one frame at a time, at exact times ---- */

/* This request leaves at that time and not a moment sooner. */
void world_asks_at(tt_mono_us at, unsigned ecu, const char *hex);
/* A single frame of the ECU that was asked last; false: not taken. */
bool world_replies(int64_t after_us, const char *hex);
/* Nothing answers; the question is over exactly then. */
void world_is_silent_for(int64_t us);
/* Exactly these results wait, by name: "ecu codes"; "" = none. */
void world_told(const char *names);
/* All of it: asked at that time, answered at once ("" = silent for P2), and what is told then. */
void world_talk(tt_mono_us at, unsigned ecu, const char *request, const char *reply, const char *tells);

#endif
