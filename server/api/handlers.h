/* The handlers of server/api, one for each operation of schemas/openapi.yaml; api.c holds the table. Internal to server/api. */
#ifndef TT_SERVER_API_HANDLERS_H
#define TT_SERVER_API_HANDLERS_H

#include "server/api/call.h"

void tt_handle_health(struct tt_call *call);
void tt_handle_metrics(struct tt_call *call);
void tt_handle_log_in(struct tt_call *call);
void tt_handle_who_am_i(struct tt_call *call);
void tt_handle_log_out(struct tt_call *call);
void tt_handle_queue(struct tt_call *call);
void tt_handle_ticket(struct tt_call *call);
void tt_handle_ticket_acknowledge(struct tt_call *call);
void tt_handle_ticket_assign(struct tt_call *call);
void tt_handle_ticket_comment(struct tt_call *call);
void tt_handle_ticket_status(struct tt_call *call);
void tt_handle_rescues(struct tt_call *call);
void tt_handle_rescue(struct tt_call *call);
void tt_handle_rescue_status(struct tt_call *call);
void tt_handle_rescue_comment(struct tt_call *call);
void tt_handle_reminders(struct tt_call *call);
void tt_handle_reminder_status(struct tt_call *call);
void tt_handle_customers(struct tt_call *call);
void tt_handle_customer(struct tt_call *call);
void tt_handle_vehicle(struct tt_call *call);
void tt_handle_happenings(struct tt_call *call);
void tt_handle_rescue_capture(struct tt_call *call);
void tt_handle_vehicle_captures(struct tt_call *call);
void tt_handle_users(struct tt_call *call);
void tt_handle_events(struct tt_call *call);

/* car.c: control units, unit and what it was told, into a vehicle's page. */
TT_MUSTCHECK enum tt_err tt_vehicle_car(struct tt_call *call, int64_t vehicle_id, json_t *page);

/* Fill call->session, user and scope from the cookie. TT_EDENIED: no session that stands (not answered yet). */
TT_MUSTCHECK enum tt_err tt_session_load(struct tt_call *call);

#endif
