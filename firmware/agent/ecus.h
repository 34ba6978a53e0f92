/*
 * Which ECU is silent, and which refuses what: the scan tells each change once, this remembers it. PURE.
 *
 * Silence ends when the ECU answers again; a refusal ends when the same ECU answers the same service. "Nobody answers discovery" is kept as
 * ECU 0 and ends with any answer. A service that an ECU does not have is a fact about the car, not a trouble.
 * Memory: the caller's, fixed; ECUs beyond TT_ECUS are left out. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_ECUS_H
#define TT_FIRMWARE_AGENT_ECUS_H

#include "firmware/proto/obd_scan.h"

enum { TT_ECUS = 16 };

struct tt_ecus {
	struct {
		bool used, silent;
		uint32_t ecu;
		uint8_t refused_service; /* 0 = none */
		uint8_t nrc;
	} items[TT_ECUS];
};

void tt_ecus_take(struct tt_ecus *e, const struct tt_obd_result *r);
/* The ECU answered this service well by other means than the OBD scan. */
void tt_ecus_answer(struct tt_ecus *e, uint32_t ecu, uint8_t service);
/* The first silent ECU; false when there is none. */
bool tt_ecus_silent(const struct tt_ecus *e, uint32_t *ecu);
/* The first ECU that refuses something. */
bool tt_ecus_refusing(const struct tt_ecus *e, uint32_t *ecu, uint8_t *service, uint8_t *nrc);

#endif
