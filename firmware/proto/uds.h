/*
 * UDS (ISO 14229-1:2020) as a tester that reads: requests written, answers read. PURE; works on whole ISO-TP messages.
 *
 *     19 02 MASK       trouble codes by status mask      59 02 AVAILABLE (CODE STATUS)*
 *     19 04 CODE FF    snapshots of a code               59 04 CODE STATUS (RECORD N (DID data)*)*
 *     19 06 CODE FF    extended data of a code           59 06 CODE STATUS (RECORD data)*
 *     19 0A            supported codes                   59 0A AVAILABLE (CODE STATUS)*
 *     19 14            fault detection counters          59 14 (CODE COUNTER)*
 *     22 DID*          data by identifier                62 (DID data)*
 *     10 SESSION       session                           50 SESSION P2 P2*
 *     3E 80            tester present                    (no answer wanted)
 *
 * A code is three bytes: the two of SAE J2012 and a failure type. Lengths of data identifiers and extended data records are not on the
 * wire: the caller gives those it knows, and one that it does not know takes all that is left. ECUs pad with zeros: up to five at the end
 * of a list are as if they were not there.
 *
 * Every reader checks service and echo and never reads past the end. Errors: TT_EPROTO not such an answer, wrong echo, or cut short.
 */
#ifndef TT_FIRMWARE_PROTO_UDS_H
#define TT_FIRMWARE_PROTO_UDS_H

#include "base/cursor.h"
#include "base/time.h"

enum tt_uds_service { TT_UDS_SESSION = 0x10, TT_UDS_READ_CODES = 0x19, TT_UDS_READ_DATA = 0x22, TT_UDS_TESTER_PRESENT = 0x3E };

/* Sub-functions of ReadDTCInformation. */
enum tt_uds_report {
	TT_UDS_BY_MASK = 0x02,
	TT_UDS_SNAPSHOTS = 0x04,
	TT_UDS_EXTENDED = 0x06,
	TT_UDS_SUPPORTED = 0x0A,
	TT_UDS_COUNTERS = 0x14,
};

enum {
	TT_UDS_RESPONSE = 0x40, /* added to the service in a positive answer */
	TT_UDS_NEGATIVE = 0x7F,
	TT_UDS_DEFAULT_SESSION = 0x01,
	TT_UDS_SUPPRESS = 0x80, /* of a sub-function: no positive answer, please */
	TT_UDS_ALL_RECORDS = 0xFF,
	TT_UDS_REQUEST_MAX = 7, /* a single frame */
	TT_UDS_REQUEST_DIDS = 3,
};

/* ---- requests; *len in bytes ---- */

void tt_uds_request_by_mask(uint8_t mask, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len);
/* TT_UDS_SUPPORTED, TT_UDS_COUNTERS. */
void tt_uds_request_report(enum tt_uds_report report, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len);
/* TT_UDS_SNAPSHOTS, TT_UDS_EXTENDED: all records of a code. */
void tt_uds_request_records(enum tt_uds_report report, uint32_t code, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len);
/* n 1..TT_UDS_REQUEST_DIDS, else TT_ERANGE. */
TT_MUSTCHECK enum tt_err tt_uds_request_data(const uint16_t *dids, size_t n, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len);
void tt_uds_request_session(uint8_t session, uint8_t out[TT_UDS_REQUEST_MAX], size_t *len);
void tt_uds_request_tester_present(uint8_t out[TT_UDS_REQUEST_MAX], size_t *len);

/* ---- negative answers ---- */

enum tt_uds_nrc_action {
	TT_UDS_NRC_REFUSED,     /* now, and perhaps later: back off */
	TT_UDS_NRC_UNSUPPORTED, /* the ECU does not have it, or not for us: do not ask again */
	TT_UDS_NRC_RETRY,       /* busy: ask again soon */
	TT_UDS_NRC_PENDING,     /* wait on, P2* begins anew */
};
struct tt_uds_nrc {
	uint8_t code;
	enum tt_uds_nrc_action action;
	const char *name; /* as annex A spells it, "requestOutOfRange" */
};
/* Never NULL: codes that the standard does not name share one entry, "reserved", REFUSED. */
const struct tt_uds_nrc *tt_uds_nrc(uint8_t code);
/* 7F SERVICE CODE, padded or not. */
bool tt_uds_is_negative(const uint8_t *msg, size_t len, uint8_t *service, uint8_t *code);

/* ---- session ---- */

struct tt_uds_session {
	uint8_t session;
	int64_t p2_us, p2_star_us; /* P2server_max, P2*server_max; both 0: the answer does not say, as older ECUs */
};
TT_MUSTCHECK enum tt_err tt_uds_session_read(const uint8_t *msg, size_t len, struct tt_uds_session *out);

/* ---- status ---- */

enum tt_uds_status {
	TT_UDS_TEST_FAILED = 0x01,
	TT_UDS_FAILED_THIS_CYCLE = 0x02,
	TT_UDS_PENDING_CODE = 0x04,
	TT_UDS_CONFIRMED = 0x08,
	TT_UDS_NOT_COMPLETED_SINCE_CLEAR = 0x10,
	TT_UDS_FAILED_SINCE_CLEAR = 0x20,
	TT_UDS_NOT_COMPLETED_THIS_CYCLE = 0x40,
	TT_UDS_WARNING_INDICATOR = 0x80,
};
/* Name of a bit, 0..7, "confirmedDTC"; static, never NULL. */
const char *tt_uds_status_name(unsigned bit);

/* ---- lists: 02, 0A, 14 ---- */

struct tt_uds_code {
	uint32_t code;  /* three bytes */
	uint8_t status; /* of 14: the counter, two's complement; 1..126 prefailed, 127 failed */
};
/* Begin once, then next until TT_EEOF. *available: the status bits that the ECU knows; 0 for 14, which does not say. */
TT_MUSTCHECK enum tt_err tt_uds_codes_begin(const uint8_t *msg, size_t len, enum tt_uds_report report, struct tt_rd *r, uint8_t *available);
TT_MUSTCHECK enum tt_err tt_uds_codes_next(struct tt_rd *r, struct tt_uds_code *out);

/* ---- records of one code: 04, 06 ---- */

struct tt_uds_length {
	bool extended;   /* of an extended data record; else of a data identifier */
	uint16_t number; /* record number or data identifier */
	uint8_t len;
};
struct tt_uds_records {
	struct tt_rd r;
	bool extended;
	uint8_t record, left; /* of a snapshot: identifiers still to come */
	const struct tt_uds_length *lengths;
	size_t nlengths;
};
struct tt_uds_record {
	uint8_t record;
	uint16_t did; /* 04 only */
	const uint8_t *data;
	size_t len;
	bool rest; /* the length is not known: this is all that was left */
};
/* code: which one was asked for. lengths must outlive the walk. */
TT_MUSTCHECK enum tt_err tt_uds_records_begin(const uint8_t *msg, size_t len, enum tt_uds_report report, struct tt_uds_code *out,
					      const struct tt_uds_length *lengths, size_t nlengths, struct tt_uds_records *it);
/* TT_EEOF at the end. */
TT_MUSTCHECK enum tt_err tt_uds_records_next(struct tt_uds_records *it, struct tt_uds_record *out);

/* ---- data by identifier ---- */

TT_MUSTCHECK enum tt_err tt_uds_data_begin(const uint8_t *msg, size_t len, struct tt_rd *r);
/* The next identifier must be this one and have so many bytes. */
TT_MUSTCHECK enum tt_err tt_uds_data_next(struct tt_rd *r, uint16_t did, size_t len, const uint8_t **data);
/* Is what is left only padding? */
bool tt_uds_only_padding(const struct tt_rd *r);

#endif
