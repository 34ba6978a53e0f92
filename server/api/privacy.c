#include "server/api/privacy.h"

#include <string.h>

enum { OPEN_CASES_MAX = 500 };

struct search {
	int64_t vehicle_id;
	const char *reason;
};

static enum tt_err look_at_case(void *ctx, const struct tt_rescue_row *row)
{
	struct search *s = (struct search *)ctx;
	static const char *const reasons[][2] = {{"theft", "theft"}, {"breakdown", "breakdown"}};

	if (row->rescue.vehicle_id != s->vehicle_id)
		return TT_OK;
	s->reason = "rescue"; /* crash, sos */
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (strcmp(row->rescue.kind, reasons[i][0]) == 0)
			s->reason = reasons[i][1];
	}
	return TT_EEXIST; /* found: ends the list */
}

enum tt_err tt_place_reason(struct tt_call *call, int64_t vehicle_id, const struct tt_place *place, const char **reason)
{
	struct search search = {.vehicle_id = vehicle_id, .reason = NULL};
	struct tt_customer then, now;
	enum tt_err err;

	*reason = NULL;
	if (place->fix_at == 0 || vehicle_id == 0)
		return TT_OK;
	err = tt_store_rescue_list(call->api->store, TT_SCOPE_SYSTEM, false, OPEN_CASES_MAX, look_at_case, &search);
	if (err && err != TT_EEXIST)
		return err;
	if (search.reason) {
		*reason = search.reason;
		return TT_OK;
	}
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
