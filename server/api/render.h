/*
 * Rows of the record as JSON, in the shapes of schemas/openapi.yaml. Internal to server/api.
 *
 * Every function gives a new reference, or NULL when memory ran out; all of them accept NULL from each other, so that a caller checks once.
 */
#ifndef TT_SERVER_API_RENDER_H
#define TT_SERVER_API_RENDER_H

#include "crm/store/store.h"

#include <jansson.h>

json_t *tt_render_time(tt_utc_us at); /* 0: null */
json_t *tt_render_id(int64_t id);     /* 0: null */
json_t *tt_render_place(const struct tt_place *place);
json_t *tt_render_ticket_row(const struct tt_queue_row *row);
json_t *tt_render_fault(const struct tt_fault *fault);
json_t *tt_render_rescue(struct tt_store *store, const struct tt_rescue_row *row, bool with_place);
json_t *tt_render_rescue_actions(const char *status);
json_t *tt_render_ticket_actions(const char *status);
json_t *tt_render_reminder(struct tt_store *store, const struct tt_reminder_row *row);
json_t *tt_render_customer(const struct tt_customer *row);
json_t *tt_render_customer_ref(const struct tt_customer *row);
json_t *tt_render_vehicle_ref(const struct tt_vehicle *row);
json_t *tt_render_user(const struct tt_user *row);
json_t *tt_render_dealer(int64_t id, const char *name);
/* TT_ENOTFOUND: no such dealer. */
TT_MUSTCHECK enum tt_err tt_render_dealer_of(struct tt_store *store, int64_t dealer_id, json_t **out);
json_t *tt_render_vehicle_state(const struct tt_vehicle_state *row);
/* TT_EIO and so on: the store's. */
TT_MUSTCHECK enum tt_err tt_render_timeline(struct tt_store *store, enum tt_subject subject, int64_t id, json_t **out);
TT_MUSTCHECK enum tt_err tt_render_counters(struct tt_store *store, struct tt_scope scope, json_t **out);

#endif
