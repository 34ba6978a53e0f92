/*
 * Who may see where a car is (design.md section 7): a position is shown to staff only with a reason, and each look is an audit row.
 * Reasons: an open rescue case of the vehicle (rescue, theft or breakdown), or the owner's consent; of a position that was taken while
 * somebody else owned the car, that owner's consent never counts for it, nor his for it. Internal to server/api.
 */
#ifndef TT_SERVER_API_PRIVACY_H
#define TT_SERVER_API_PRIVACY_H

#include "server/api/call.h"

/*
 * The reason to show a place of the vehicle to the caller: "rescue", "theft", "breakdown", "consent", or NULL. Static.
 * A place that was never known needs none: NULL.
 */
TT_MUSTCHECK enum tt_err tt_place_reason(struct tt_call *call, int64_t vehicle_id, const struct tt_place *place, const char **reason);

/*
 * Record a look, in its own transaction. When it cannot be recorded (disk full), only a rescue may go on: lives come before the audit.
 * Returns whether the place may be shown.
 */
bool tt_place_look(struct tt_call *call, const char *subject, int64_t subject_id, const char *reason);

#endif
