/*
 * A receiver's NMEA log as fixes, read without a gpsd, so that recordings can be played on simulated time.
 *
 * One fix for each RMC sentence, with what GGA, GST and RMC of the same moment say. Sentences with a wrong checksum are skipped. Accuracy
 * is the horizontal root of GST; without it the dilution times 15 m, as gpsd 3.22 reckons (H_UERE_NO_DGPS). Reads standard NMEA 0183 only.
 * Memory: the caller's struct. Threads: no shared state.
 */
#ifndef TT_TESTS_NMEA_LOG_H
#define TT_TESTS_NMEA_LOG_H

#include "base/err.h"
#include "base/time.h"

enum { TT_NMEA_LOG_FIXES = 8192 };

struct tt_nmea_log_fix {
	int64_t at_us; /* since the log's first RMC, never less than the one before */
	bool valid;    /* status A; the rest is 0 otherwise */
	int32_t latitude_e7, longitude_e7;
	int32_t altitude_mm;  /* of GGA; 0 = none yet */
	uint32_t accuracy_mm; /* 0 = unknown */
	uint32_t speed_mm_s;
	uint32_t heading_cdeg;
};

struct tt_nmea_log {
	struct tt_nmea_log_fix fixes[TT_NMEA_LOG_FIXES];
	size_t n;
	unsigned refused; /* sentences that are not understood or whose checksum is wrong */
};

/* TT_ENOTFOUND: no such file; TT_EFULL: more than TT_NMEA_LOG_FIXES. */
TT_MUSTCHECK enum tt_err tt_nmea_log_read(const char *path, struct tt_nmea_log *out);

#endif
