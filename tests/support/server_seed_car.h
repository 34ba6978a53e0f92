/* What a car of the seed said beside faults and alerts (tests/support/server_seed.h). Errors: the store's. */
#ifndef TT_TESTS_SUPPORT_SERVER_SEED_CAR_H
#define TT_TESTS_SUPPORT_SERVER_SEED_CAR_H

#include "crm/store/store.h"

/* Harsh braking, a fence that it stayed in, a control unit, the unit's state, a refused command and a confirmed configuration. */
TT_MUSTCHECK enum tt_err tt_seed_car(struct tt_store *store, int64_t vehicle, tt_utc_us now);
/* Speed, a position and the driver's airbag in part 1; part 2 is missing; part 3 is the last. */
TT_MUSTCHECK enum tt_err tt_seed_capture(struct tt_store *store, int64_t vehicle, uint64_t incident, tt_utc_us trigger);

#endif
