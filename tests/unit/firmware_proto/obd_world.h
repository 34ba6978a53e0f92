/*
 * Small cars made of a few lines for the scan's tests: each ECU answers from a table of requests. Time is the test's; every frame on the
 * wire is seen.
 */
#ifndef TT_TESTS_UNIT_FIRMWARE_PROTO_OBD_WORLD_H
#define TT_TESTS_UNIT_FIRMWARE_PROTO_OBD_WORLD_H

#include "firmware/proto/obd_scan.h"

enum { ECUS = 10, ANSWERS = 24, RESULTS = 4096, LOG = 4096 };

struct answer {
	const char *request, *response; /* hexadecimal, spaces between bytes */
};

struct ecu {
	uint32_t rx_id; /* where it listens physically */
	bool dead;
	struct answer answers[ANSWERS];
	struct tt_isotp link;
	uint8_t buf[64], out[256];
};

struct world {
	struct tt_obd_scan scan;
	struct ecu ecus[ECUS];
	size_t necus;
	bool extended;
	tt_mono_us now;
	struct tt_obd_result results[RESULTS];
	size_t nresults;
	struct {
		tt_mono_us at;
		struct tt_can_frame frame;
	} log[LOG];
	size_t nlog;
};
extern struct world w;

void world_car(const struct ecu *ecus, size_t n, bool extended);
/* A car on 11 bits, and its scan. */
void world_begin(const struct ecu *ecus, size_t n, const struct tt_obd_scan_config *config);
static inline void world_small(const struct ecu *ecu, const struct tt_obd_scan_config *config)
{
	world_begin(ecu, 1, config);
}
/* From now on the ECU answers this so; an empty response is silence. */
void world_set_answer(size_t ecu, const char *request, const char *response);
void world_ecu_hear(struct ecu *e, const struct tt_can_frame *f);
void world_drain_results(void);
/* One round: everything that can be said now is said. */
void world_exchange(void);
/* Jumps from wake-up to wake-up, so that a missing wake_at shows. */
void world_run(int64_t for_us);
size_t world_count(enum tt_obd_result_kind kind, uint32_t ecu);
/* Fails the test when there is none. */
const struct tt_obd_result *world_find(enum tt_obd_result_kind kind, uint32_t ecu, size_t index);
const struct tt_obd_result *world_find_dtcs(uint32_t ecu, uint8_t service);
/* How often this was asked, in a single frame of exactly these bytes. */
size_t world_requests(const char *hex);

/* No round of services 09 and 06, no second discovery: nothing disturbs the times of the others. */
#define CALM .info_after_us = TT_SEC(100000), .monitors_after_us = TT_SEC(100000), .rediscover_period_us = TT_SEC(100000)

#define SMALL(...) \
	{ \
		.rx_id = 0x7E0, .answers = { __VA_ARGS__ } \
	}
/* Refuses for good what stands before it in no row of the table. */
#define LACKS_ALL \
	{"01 01", "7F 01 11"}, {"03", "7F 03 11"}, {"07", "7F 07 11"}, {"0A", "7F 0A 11"}, {"09 02", "7F 09 11"}, {"09 00", "7F 09 11"}, \
	{ \
		"06 00", "7F 06 11" \
	}
#define VIN_ANSWER "49 02 01 33 46 41 44 50 34 46 4A 32 42 4D 31 31 33 39 31 33"
#define ENGINE(id_) \
	{ \
		.rx_id = (id_), .answers = { \
			{"01 00", "41 00 80 18 00 01"}, \
			{"01 20", "41 20 00 00 00 01"}, \
			{"01 40", "41 40 00 00 00 01"}, \
			{"01 60", "41 60 00 00 00 01"}, \
			{"01 80", "41 80 00 00 00 01"}, \
			{"01 A0", "41 A0 04 00 00 00"}, \
			{"01 01", "41 01 81 07 E1 00"}, \
			{"03", "43 01 03 01"}, \
			{"07", "47 00"}, \
			{"0A", "4A 01 03 01"}, \
			{"01 A6", "41 A6 00 02 49 F0"}, \
			{"09 02", VIN_ANSWER}, \
			{"02 02 00", "42 02 00 03 01"}, \
			{"02 00 00", "42 00 00 40 18 00 00"}, \
			{"02 0C 00", "42 0C 00 1A F8"}, \
			{"02 0D 00", "42 0D 00 32"}, \
			{"01 0C", "41 0C 1A F8"}, \
			{"01 0D", "41 0D 32"} \
		} \
	}
#define TRANSMISSION(id_) \
	{ \
		.rx_id = (id_), .answers = { \
			{"01 00", "41 00 80 08 00 00"}, \
			{"01 01", "41 01 00 00 00 00"}, \
			{"03", "43 00"}, \
			{"07", "47 01 07 00"}, \
			{"0A", "7F 0A 11"}, \
			{"09 02", "7F 09 12"}, \
			{"01 0D", "41 0D 33"} \
		} \
	}

#endif
