/*
 * OBD-II services (SAE J1979, ISO 15031-5) on CAN: requests written, responses read. PURE; works on whole ISO-TP messages.
 *
 * Every parser takes the message from its first byte (0x41, 0x43, ...), checks service and echo, and never reads past len.
 * Errors, all parsers: TT_EPROTO: not such a response. TT_EEOF: cut short.
 */
#ifndef TT_FIRMWARE_PROTO_OBD_H
#define TT_FIRMWARE_PROTO_OBD_H

#include "base/cursor.h"
#include "firmware/proto/vin.h"

enum tt_obd_service {
	TT_OBD_CURRENT = 0x01,
	TT_OBD_FREEZE = 0x02,
	TT_OBD_STORED = 0x03,
	TT_OBD_CLEAR = 0x04,
	TT_OBD_MONITOR = 0x06,
	TT_OBD_PENDING = 0x07,
	TT_OBD_INFO = 0x09,
	TT_OBD_PERMANENT = 0x0A,
};

enum {
	TT_OBD_RESPONSE = 0x40, /* added to the service in a positive response */
	TT_OBD_NEGATIVE = 0x7F,
	TT_OBD_MAX_PIDS = 6, /* in one request of service 01 */
	TT_OBD_REQUEST_MAX = 7,
	TT_OBD_MAX_DTCS = 127, /* more than any car reports; the rest is flagged as cut */
	TT_OBD_PID_READINESS = 0x01,
	TT_OBD_PID_FREEZE_DTC = 0x02,
	TT_OBD_PID_ODOMETER = 0xA6,
	TT_OBD_INFO_VIN = 0x02,
};

/* Requests; *len in bytes, at most TT_OBD_REQUEST_MAX. */

/* Service 01. n 1..6, else TT_ERANGE. */
TT_MUSTCHECK enum tt_err tt_obd_request_current(const uint8_t *pids, size_t n, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len);
void tt_obd_request_freeze(uint8_t pid, uint8_t frame, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len);
void tt_obd_request_info(uint8_t info, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len);
/* Services without parameters: 03, 07, 0A. */
void tt_obd_request_dtcs(enum tt_obd_service service, uint8_t out[TT_OBD_REQUEST_MAX], size_t *len);

/* Negative responses: 7F service code. */

enum tt_obd_nrc_action {
	TT_OBD_NRC_REFUSED,     /* refused, now and probably later: back off */
	TT_OBD_NRC_UNSUPPORTED, /* the ECU does not have it: do not ask again */
	TT_OBD_NRC_RETRY,       /* busy: ask again soon */
	TT_OBD_NRC_PENDING,     /* wait on, P2* begins anew */
	TT_OBD_NRC_CONDITIONS,  /* not under these conditions: ask again later */
};
struct tt_obd_nrc {
	uint8_t code;
	enum tt_obd_nrc_action action;
	const char *text;
};
/* Never NULL: unknown codes share one entry with action REFUSED. */
const struct tt_obd_nrc *tt_obd_nrc(uint8_t code);
/* True for 7F SS NRC; outputs may be NULL. */
bool tt_obd_is_negative(const uint8_t *msg, size_t len, uint8_t *service, uint8_t *code);

/* Supported-PID bitmaps: PIDs 00, 20, 40 .. E0 answer with 32 bits for the 32 that follow. */
struct tt_obd_pidset {
	uint32_t bits[8];
};
bool tt_obd_pidset_has(const struct tt_obd_pidset *set, uint8_t pid);
void tt_obd_pidset_put(struct tt_obd_pidset *set, uint8_t pid);
void tt_obd_pidset_drop(struct tt_obd_pidset *set, uint8_t pid);
/* Take the bitmap of `base` (a multiple of 0x20, else ignored) into the set. */
void tt_obd_pidset_take(struct tt_obd_pidset *set, uint8_t base, uint32_t bitmap);
static inline bool tt_obd_is_bitmap(uint8_t pid)
{
	return pid % 0x20 == 0;
}

/* One parameter of a 41 or 42 response. data points into the message. */
struct tt_obd_item {
	uint8_t pid;
	uint8_t frame; /* service 02 only */
	const uint8_t *data;
	size_t len;
};
/*
 * Walk a 41 or 42 response: begin once, then next until TT_EEOF with r->left == 0. Parameters have no length on the wire, so each takes its
 * length from the PID table; one that the table does not know takes all the rest (and is therefore only right at the end).
 * Trailing zero padding (a PID 00 that cannot be one) ends the walk. next: TT_EEOF also when the last parameter is cut short (r->left > 0).
 */
TT_MUSTCHECK enum tt_err tt_obd_items_begin(const uint8_t *msg, size_t len, struct tt_rd *r, uint8_t *service);
TT_MUSTCHECK enum tt_err tt_obd_items_next(struct tt_rd *r, uint8_t service, struct tt_obd_item *out);

/* Lamp and monitors, PID 01. */
enum tt_obd_monitor {
	TT_OBD_MON_MISFIRE,
	TT_OBD_MON_FUEL,
	TT_OBD_MON_COMPONENT,
	/* spark ignition */
	TT_OBD_MON_CATALYST,
	TT_OBD_MON_HEATED_CATALYST,
	TT_OBD_MON_EVAPORATIVE,
	TT_OBD_MON_SECONDARY_AIR,
	TT_OBD_MON_AC_OR_GPF, /* A/C refrigerant; gasoline particulate filter in newer revisions */
	TT_OBD_MON_OXYGEN_SENSOR,
	TT_OBD_MON_OXYGEN_HEATER,
	TT_OBD_MON_EGR_VVT,
	/* compression ignition */
	TT_OBD_MON_NMHC_CATALYST,
	TT_OBD_MON_NOX_SCR,
	TT_OBD_MON_BOOST,
	TT_OBD_MON_EXHAUST_SENSOR,
	TT_OBD_MON_PM_FILTER,
	TT_OBD_MON_EGR_DIESEL,
	/* J1939 only */
	TT_OBD_MON_COLD_START,
	TT_OBD_MONITORS
};
/* "misfire", "catalyst", ...; never NULL. */
const char *tt_obd_monitor_name(enum tt_obd_monitor monitor);
struct tt_obd_readiness {
	bool mil;
	uint8_t dtc_count;              /* confirmed emission codes of this ECU, 0..127 */
	bool compression;               /* diesel set of monitors */
	uint32_t supported, incomplete; /* bit sets over enum tt_obd_monitor; incomplete is a subset of supported */
};
/* data: the four bytes of PID 01. */
void tt_obd_readiness(const uint8_t data[4], struct tt_obd_readiness *out);

/* Trouble codes: responses of 03, 07 and 0A. Padding codes 0000 are dropped, an odd last byte too. */
struct tt_obd_dtcs {
	uint8_t service;
	uint8_t n;
	bool cut; /* there were more than TT_OBD_MAX_DTCS, or fewer than the count byte says */
	uint16_t codes[TT_OBD_MAX_DTCS];
};
TT_MUSTCHECK enum tt_err tt_obd_dtcs(const uint8_t *msg, size_t len, struct tt_obd_dtcs *out);

/* 49 02: leading padding is dropped. TT_EPROTO also when the 17 characters are not a VIN's. */
TT_MUSTCHECK enum tt_err tt_obd_vin(const uint8_t *msg, size_t len, char out[TT_VIN_TEXT]);

/* Is this identifier one of the tester's or the ECUs' diagnostic ones (ISO 15765-4)? */
bool tt_obd_is_response_id(uint32_t id, bool extended);
bool tt_obd_is_request_id(uint32_t id, bool extended);

#endif
