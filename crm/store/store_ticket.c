/* Tickets: writing one, reading one, and the queue, each page of which is a walk along one index from where the last page ended. */
#include "crm/store/store_internal.h"

/* What an update writes. */
#define TICKET_UPDATE(X) \
	X(OPT, customer_id, "customer_id") \
	X(OPT, fault_id, "fault_id") \
	X(STR, kind, "kind") \
	X(STR, subject, "subject") \
	X(I32, priority, "priority") \
	X(STR, status, "status") \
	X(OPT, assignee_id, "assignee_id") \
	X(I64, updated_at, "updated_at") \
	X(OPT, first_response_due_at, "first_response_due_at") \
	X(OPT, first_response_at, "first_response_at") \
	X(OPT, resolution_due_at, "resolution_due_at") \
	X(OPT, resolved_at, "resolved_at") \
	X(OPT, closed_at, "closed_at") \
	X(OPT, sla_paused_at, "sla_paused_at") \
	X(OPT, escalate_at, "escalate_at") \
	X(OPT, escalated_at, "escalated_at") \
	X(I64, event_at, "event_at") \
	X(BOOL, late, "late") \
	X(I64, occurrences, "occurrences") \
	TT_PLACE_COLUMNS(X) \
	X(I64, odometer_m, "odometer_m")
/* What stays as it was opened. */
#define TICKET_FIXED(X) X(I64, dealer_id, "dealer_id") X(OPT, vehicle_id, "vehicle_id") X(I64, opened_at, "opened_at")
#define TICKET_COL(t, m, c) TT_COL(tt_ticket, t, m)
#define TICKET_NAME(t, m, c) ", t." c

static const struct tt_col update_cols[] = {TICKET_UPDATE(TICKET_COL)};
static const struct tt_col insert_cols[] = {TICKET_UPDATE(TICKET_COL) TICKET_FIXED(TICKET_COL)};
static const struct tt_col ticket_cols[] = {TT_COL(tt_ticket, I64, id) TT_COL(tt_ticket, I64, version) TICKET_UPDATE(TICKET_COL)
						    TICKET_FIXED(TICKET_COL)};
#define TICKET_SELECT "SELECT t.id, t.version" TICKET_UPDATE(TICKET_NAME) TICKET_FIXED(TICKET_NAME)

#define ROW_COL(t, m) TT_COL(tt_queue_row, t, m)
static const struct tt_col beside_cols[] = {ROW_COL(STR, vin) ROW_COL(STR, plate) ROW_COL(STR, make) ROW_COL(STR, model) ROW_COL(
	STR, customer_name) ROW_COL(STR, customer_tier) ROW_COL(STR, assignee_name) ROW_COL(STR, dealer_name) ROW_COL(STR, code)};
#define BESIDE ", v.vin, v.plate, v.make, v.model, c.name, c.tier, u.name, d.name, f.code"
#define BESIDE_JOIN \
	" LEFT JOIN vehicle v ON v.id = t.vehicle_id LEFT JOIN customer c ON c.id = t.customer_id" \
	" LEFT JOIN user u ON u.id = t.assignee_id LEFT JOIN dealer d ON d.id = t.dealer_id LEFT JOIN fault f ON f.id = t.fault_id"

enum tt_err tt_store_ticket_open_of_fault(struct tt_store *store, int64_t fault_id, struct tt_ticket *out)
{
	struct tt_q q = tt_q_read(store, TICKET_SELECT " FROM ticket t INDEXED BY ticket_open_fault"
						       " WHERE t.fault_id = ? AND t.status NOT IN ('resolved','closed')");

	tt_q_i64(&q, fault_id);
	return tt_q_run_row(&q, ticket_cols, TT_COUNT(ticket_cols), out);
}

enum tt_err tt_store_ticket_open_of_kind(struct tt_store *store, int64_t vehicle_id, const char *kind, struct tt_ticket *out)
{
	struct tt_q q = tt_q_read(store, TICKET_SELECT " FROM ticket t WHERE t.vehicle_id = ? AND t.kind = ?"
						       " AND t.kind IN ('coolant_hot','low_battery','tyre_pressure','fuel_drop')"
						       " AND t.status NOT IN ('resolved','closed')");

	tt_q_i64(&q, vehicle_id);
	tt_q_str(&q, kind);
	return tt_q_run_row(&q, ticket_cols, TT_COUNT(ticket_cols), out);
}

enum tt_err tt_store_ticket_insert(struct tt_store *store, const struct tt_ticket *row, int64_t *id)
{
	struct tt_q q =
		tt_q_write(store, "INSERT INTO ticket (version" TICKET_UPDATE(TT_SQL_NAME)
					  TICKET_FIXED(TT_SQL_NAME) ")"
								    " VALUES (1" TICKET_UPDATE(TT_SQL_MARK) TICKET_FIXED(TT_SQL_MARK) ")");

	tt_q_cols(&q, insert_cols, TT_COUNT(insert_cols), row);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_ticket_update(struct tt_store *store, const struct tt_ticket *row)
{
	struct tt_q q =
		tt_q_write(store, "UPDATE ticket SET version = version + 1" TICKET_UPDATE(TT_SQL_SET) " WHERE id = ? AND version = ?");

	tt_q_cols(&q, update_cols, TT_COUNT(update_cols), row);
	tt_q_i64(&q, row->id);
	tt_q_i64(&q, row->version);
	return tt_q_run_one(&q, TT_ECONFLICT, "the ticket was changed by somebody else in the meantime, or is not there");
}

static void get_row(struct tt_q *q, struct tt_queue_row *out)
{
	tt_q_get_cols(q, ticket_cols, TT_COUNT(ticket_cols), &out->ticket);
	tt_q_get_cols(q, beside_cols, TT_COUNT(beside_cols), out);
}

enum tt_err tt_store_ticket_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_queue_row *out)
{
	struct tt_q q =
		tt_q_read(store, TICKET_SELECT BESIDE " FROM ticket t" BESIDE_JOIN " WHERE t.id = ?1 AND (?2 = 0 OR t.dealer_id = ?2)");
	bool found;

	tt_q_i64(&q, id);
	tt_q_i64(&q, scope.dealer_id);
	found = tt_q_step(&q);
	if (found)
		get_row(&q, out);
	return tt_q_end_found(&q, found);
}

static enum tt_err each_row(struct tt_q *q, tt_queue_fn fn, void *ctx)
{
	while (!q->err && tt_q_step(q)) {
		struct tt_queue_row row;

		get_row(q, &row);
		if (!q->err)
			q->err = fn(ctx, &row);
	}
	return tt_q_end(q);
}

/* ---- the queue ---- */

/*
 * Parameters of every variant: ?1 dealer (0 any), ?2 assignee (NULL nobody), ?3 whether ?2 counts, ?4 vehicle, ?5 customer,
 * ?6..?8 priority, opened_at and id of the last row seen, ?9 limit. INDEXED BY makes a missing or unusable index an error at
 * prepare instead of a slow page at a million tickets.
 */
#define QUEUE(index, where) \
	TICKET_SELECT BESIDE " FROM ticket t INDEXED BY ticket_queue" index BESIDE_JOIN \
			     " WHERE t.status IN ('new','open','pending') AND " where \
			     " AND (t.priority, t.opened_at, t.id) > (?6, ?7, ?8) ORDER BY t.priority, t.opened_at, t.id LIMIT ?9"
#define DONE(index, where) \
	TICKET_SELECT BESIDE " FROM ticket t INDEXED BY ticket_done" index BESIDE_JOIN \
			     " WHERE t.status IN ('resolved','closed') AND " where \
			     " AND (t.opened_at, t.id) < (?7, ?8) ORDER BY t.opened_at DESC, t.id DESC LIMIT ?9"

enum driver { BY_ALL, BY_DEALER, BY_ASSIGNEE, BY_DEALER_ASSIGNEE, BY_VEHICLE, BY_CUSTOMER, NDRIVERS };
#define IN_SCOPE "(?1 = 0 OR t.dealer_id = ?1)"
#define MY_OWN "(?3 = 0 OR t.assignee_id IS ?2)"
#define OF_VEHICLE "t.vehicle_id = ?4 AND (?5 = 0 OR t.customer_id = ?5) AND " IN_SCOPE " AND " MY_OWN
#define OF_CUSTOMER "t.customer_id = ?5 AND " IN_SCOPE " AND " MY_OWN

static const char *const queue_sql[2][NDRIVERS] = {
	{
		[BY_ALL] = QUEUE("_all", "1"),
		[BY_DEALER] = QUEUE("", "t.dealer_id = ?1"),
		[BY_ASSIGNEE] = QUEUE("_assignee_all", "t.assignee_id IS ?2"),
		[BY_DEALER_ASSIGNEE] = QUEUE("_assignee", "t.dealer_id = ?1 AND t.assignee_id IS ?2"),
		[BY_VEHICLE] = QUEUE("_vehicle", OF_VEHICLE),
		[BY_CUSTOMER] = QUEUE("_customer", OF_CUSTOMER),
	},
	{
		[BY_ALL] = DONE("_all", "1"),
		[BY_DEALER] = DONE("", "t.dealer_id = ?1"),
		[BY_ASSIGNEE] = DONE("_assignee_all", "t.assignee_id IS ?2"),
		[BY_DEALER_ASSIGNEE] = DONE("_assignee", "t.dealer_id = ?1 AND t.assignee_id IS ?2"),
		[BY_VEHICLE] = DONE("_vehicle", OF_VEHICLE),
		[BY_CUSTOMER] = DONE("_customer", OF_CUSTOMER),
	},
};

const char *tt_store_queue_sql(size_t n)
{
	return n < 2 * (size_t)NDRIVERS ? queue_sql[n / NDRIVERS][n % NDRIVERS] : NULL;
}

static enum driver driver_of(struct tt_scope scope, const struct tt_queue_query *query)
{
	if (query->vehicle_id != 0)
		return BY_VEHICLE;
	if (query->customer_id != 0)
		return BY_CUSTOMER;
	if (query->assignee_id != 0)
		return scope.dealer_id != 0 ? BY_DEALER_ASSIGNEE : BY_ASSIGNEE;
	return scope.dealer_id != 0 ? BY_DEALER : BY_ALL;
}

enum tt_err tt_store_queue(struct tt_store *store, struct tt_scope scope, const struct tt_queue_query *query, tt_queue_fn fn, void *ctx)
{
	bool first = query->after_priority == 0 && query->after_opened_at == 0 && query->after_id == 0;
	struct tt_q q;

	if (query->limit < 1 || query->limit > 500)
		return tt_store_fail(store, TT_ERANGE, "queue limit must be 1..500");
	q = tt_q_read(store, queue_sql[query->closed][driver_of(scope, query)]);
	tt_q_i64(&q, scope.dealer_id);
	tt_q_opt(&q, query->assignee_id > 0 ? query->assignee_id : 0);
	tt_q_i64(&q, query->assignee_id != 0);
	tt_q_i64(&q, query->vehicle_id);
	tt_q_i64(&q, query->customer_id);
	tt_q_i64(&q, query->after_priority);
	tt_q_i64(&q, first && query->closed ? INT64_MAX : query->after_opened_at);
	tt_q_i64(&q, first && query->closed ? INT64_MAX : query->after_id);
	tt_q_i64(&q, query->limit);
	return each_row(&q, fn, ctx);
}

enum tt_err tt_store_ticket_escalations(struct tt_store *store, tt_utc_us now, int limit, tt_queue_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, TICKET_SELECT BESIDE " FROM ticket t INDEXED BY ticket_escalate" BESIDE_JOIN
							      " WHERE t.escalate_at IS NOT NULL AND t.escalate_at <= ?1"
							      " AND t.status IN ('new','open','pending') ORDER BY t.escalate_at LIMIT ?2");

	tt_q_i64(&q, now);
	tt_q_i64(&q, limit);
	return each_row(&q, fn, ctx);
}

enum tt_err tt_store_counters(struct tt_store *store, struct tt_scope scope, tt_counter_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT name, sum(value) FROM counter WHERE ?1 = 0 OR dealer_id = ?1 GROUP BY name");

	tt_q_i64(&q, scope.dealer_id);
	while (!q.err && tt_q_step(&q)) {
		char name[32];
		int64_t value;

		tt_q_get_str(&q, name, sizeof(name));
		value = tt_q_get_i64(&q);
		if (!q.err)
			q.err = fn(ctx, name, value);
	}
	return tt_q_end(&q);
}
