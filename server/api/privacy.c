#include "server/api/privacy.h"

#include <string.h>

/* What an open case of this kind is, as a reason. */
static const char *reason_of(const char *kind)
{
	static const char *const reasons[][2] = {{"crash", "rescue"}, {"sos", "rescue"}, {"theft", "theft"}, {"breakdown", "breakdown"}};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (strcmp(kind, reasons[i][0]) == 0)
			return reasons[i][1];
	}
	return NULL;
}

enum tt_err tt_place_reason(struct tt_call *call, int64_t vehicle_id, const struct tt_place *place, const char **reason)
{
	struct tt_rescue rescue;
	struct tt_customer then, now;
	enum tt_err err;

	*reason = NULL;
	if (place->fix_at == 0 || vehicle_id == 0)
		return TT_OK;
	err = tt_store_rescue_open_of_vehicle(call->api->store, vehicle_id, &rescue);
	if (!err)
		*reason = reason_of(rescue.kind);
	if (err != TT_ENOTFOUND)
		return err;
	err = tt_store_owner(call->api->store, vehicle_id, place->fix_at, &then);
	if (!err)
		err = tt_store_owner(call->api->store, vehicle_id, call->req->now, &now);
	if (err == TT_ENOTFOUND)
		return TT_OK;
	if (!err && then.id == now.id && now.position_consent)
		*reason = "consent";
	return err;
}

bool tt_place_look(struct tt_call *call, const char *subject, int64_t subject_id, const char *reason)
{
	enum tt_err err = tt_store_begin(call->api->store);

	if (!err)
		err = tt_call_audit(call, "position.view", subject, subject_id, reason);
	if (!err)
		err = tt_store_commit(call->api->store);
	if (err)
		tt_store_rollback(call->api->store);
	return err == TT_OK || strcmp(reason, "rescue") == 0;
}
