/*
 * What an ECU tells of itself (service 09) and of its on-board monitors (service 06), SAE J1979 on CAN. PURE; whole ISO-TP messages.
 *
 * Every parser checks service and echo and never reads past len. Errors, all parsers: TT_EPROTO: not such a response. TT_EEOF: cut short.
 */
#ifndef TT_FIRMWARE_PROTO_OBD_INFO_H
#define TT_FIRMWARE_PROTO_OBD_INFO_H

#include "firmware/proto/obd.h"

enum {
	TT_OBD_INFO_CALIBRATIONS = 0x04,
	TT_OBD_INFO_CVNS = 0x06,
	TT_OBD_INFO_COUNTERS_SPARK = 0x08,
	TT_OBD_INFO_NAME = 0x0A,
	TT_OBD_INFO_COUNTERS_COMPRESSION = 0x0B,
	TT_OBD_CALIBRATIONS = 8, /* kept of one ECU */
	TT_OBD_CALIBRATION_TEXT = 17,
	TT_OBD_NAME_TEXT = 21,
	TT_OBD_COUNTERS = 40, /* in-use performance: conditions, ignition cycles, then pairs */
	TT_OBD_TESTS = 28,    /* kept of one monitor */
};

/* 49 00: bit 31 is info type 01. */
TT_MUSTCHECK enum tt_err tt_obd_info_bitmap(const uint8_t *msg, size_t len, uint32_t *out);
/* type 1..32. */
bool tt_obd_info_has(uint32_t bitmap, uint8_t type);

/* 49 04: ids of 16 bytes each, without padding; what is not printable ASCII becomes '?'. */
struct tt_obd_calibrations {
	uint8_t n;
	bool cut; /* there were more than we keep */
	char ids[TT_OBD_CALIBRATIONS][TT_OBD_CALIBRATION_TEXT];
};
TT_MUSTCHECK enum tt_err tt_obd_calibrations(const uint8_t *msg, size_t len, struct tt_obd_calibrations *out);

/* 49 06: verification numbers, in the order of the calibrations. */
struct tt_obd_cvns {
	uint8_t n;
	bool cut;
	uint32_t cvns[TT_OBD_CALIBRATIONS];
};
TT_MUSTCHECK enum tt_err tt_obd_cvns(const uint8_t *msg, size_t len, struct tt_obd_cvns *out);

/* 49 0A: "ECM" and "-EngineControl", each padded with NUL, become "ECM-EngineControl". */
TT_MUSTCHECK enum tt_err tt_obd_ecu_name(const uint8_t *msg, size_t len, char out[TT_OBD_NAME_TEXT]);

/* 49 08 and 49 0B: times the conditions were met and ignition cycles, then for each monitor completions and opportunities. */
struct tt_obd_counters {
	bool compression;
	uint8_t n;
	uint16_t counts[TT_OBD_COUNTERS];
};
TT_MUSTCHECK enum tt_err tt_obd_counters(const uint8_t *msg, size_t len, struct tt_obd_counters *out);

/* Requests of service 06 are `06 MID`; MIDs 00, 20 .. E0 answer with a bitmap, as PIDs do. */
void tt_obd_request_monitor(uint8_t mid, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len);
/* 46 MID and four bytes; TT_EPROTO also when the MID is none of a bitmap's. */
TT_MUSTCHECK enum tt_err tt_obd_monitor_bitmap(const uint8_t *msg, size_t len, uint8_t *mid, uint32_t *out);

/* One test as it stands on the wire; scaling says what the numbers are (obd_scaling.h). */
struct tt_obd_test {
	uint8_t mid, tid, scaling;
	uint16_t value, min, max;
};
/* Walk a 46 response: begin once, then next until TT_EEOF with r->left == 0. next: TT_EEOF also when the last test is cut (r->left > 0). */
TT_MUSTCHECK enum tt_err tt_obd_tests_begin(const uint8_t *msg, size_t len, struct tt_rd *r);
TT_MUSTCHECK enum tt_err tt_obd_tests_next(struct tt_rd *r, struct tt_obd_test *out);

#endif
