/* Customers: found again by the dealer's own key, or by phone and name; searched by any part of name, phone or mail. */
#include "crm/store/store_internal.h"

#include <string.h>

#define CUSTOMER(X) \
	X(I64, dealer_id, "dealer_id") \
	X(STR, name, "name") \
	X(STR, phone, "phone") \
	X(STR, email, "email") \
	X(STR, language, "language") \
	X(STR, tier, "tier") \
	X(BOOL, position_consent, "position_consent") \
	X(OPTSTR, external_id, "external_id")
#define CUSTOMER_COL(t, m, c) TT_COL(tt_customer, t, m)
#define CUSTOMER_NAME(t, m, c) ", c." c
static const struct tt_col customer_cols[] = {TT_COL(tt_customer, I64, id) CUSTOMER(CUSTOMER_COL)};
#define CUSTOMER_SELECT "SELECT c.id" CUSTOMER(CUSTOMER_NAME) " FROM customer c "

static void get_customer(struct tt_q *q, struct tt_customer *out)
{
	tt_q_get_cols(q, customer_cols, TT_COUNT(customer_cols), out);
}

/* TT_ENOTFOUND when the row is nobody we know. */
static enum tt_err find_known(struct tt_store *store, const struct tt_customer *row, int64_t *id)
{
	/* The dealer's key decides; phone and name only find a customer that has no other key. */
	struct tt_q q =
		tt_q_read(store, "SELECT id FROM customer WHERE dealer_id = ?1 AND external_id = ?2 AND ?2 <> ''"
				 " UNION ALL SELECT id FROM customer WHERE dealer_id = ?1 AND phone = ?3 AND phone <> '' AND name = ?4"
				 " AND (external_id IS NULL OR ?2 = '') LIMIT 1");

	tt_q_i64(&q, row->dealer_id);
	tt_q_str(&q, row->external_id);
	tt_q_str(&q, row->phone);
	tt_q_str(&q, row->name);
	return tt_q_run_id(&q, id);
}

static enum tt_err insert(struct tt_store *store, const struct tt_customer *row, tt_utc_us now, int64_t *id)
{
	struct tt_q q = tt_q_write(
		store, "INSERT INTO customer (id" CUSTOMER(TT_SQL_NAME) ", created_at) VALUES (NULL" CUSTOMER(TT_SQL_MARK) ", ?)");

	tt_q_cols(&q, customer_cols + 1, TT_COUNT(customer_cols) - 1, row);
	tt_q_i64(&q, now);
	return tt_q_run_insert(&q, id);
}

/* An import with fewer columns must not empty what is known: "" keeps the old text. */
static enum tt_err update(struct tt_store *store, const struct tt_customer *row, int64_t id)
{
	struct tt_q q =
		tt_q_write(store, "UPDATE customer SET name = coalesce(nullif(?2, ''), name), phone = coalesce(nullif(?3, ''), phone),"
				  " email = coalesce(nullif(?4, ''), email), language = coalesce(nullif(?5, ''), language),"
				  " tier = coalesce(nullif(?6, ''), tier), position_consent = ?7, external_id = coalesce(?8, external_id)"
				  " WHERE id = ?9 AND dealer_id = ?1");

	tt_q_cols(&q, customer_cols + 1, TT_COUNT(customer_cols) - 1, row);
	tt_q_i64(&q, id);
	return tt_q_run(&q);
}

enum tt_err tt_store_customer_upsert(struct tt_store *store, const struct tt_customer *row, tt_utc_us now, int64_t *id, bool *created)
{
	int64_t known = 0;
	enum tt_err err = find_known(store, row, &known);

	if (err == TT_ENOTFOUND) {
		err = insert(store, row, now, &known);
		if (!err)
			*created = true;
	} else if (!err) {
		err = update(store, row, known);
		if (!err)
			*created = false;
	}
	if (!err)
		*id = known;
	return err;
}

enum tt_err tt_store_customer_get(struct tt_store *store, struct tt_scope scope, int64_t id, struct tt_customer *out)
{
	struct tt_q q = tt_q_read(store, CUSTOMER_SELECT "WHERE c.id = ?1 AND (?2 = 0 OR c.dealer_id = ?2)");
	bool found;

	tt_q_i64(&q, id);
	tt_q_i64(&q, scope.dealer_id);
	found = tt_q_step(&q);
	if (found)
		get_customer(&q, out);
	return tt_q_end_found(&q, found);
}

enum tt_err tt_store_owner(struct tt_store *store, int64_t vehicle_id, tt_utc_us at, struct tt_customer *out)
{
	struct tt_q q =
		tt_q_read(store, CUSTOMER_SELECT "JOIN ownership o ON o.customer_id = c.id WHERE o.vehicle_id = ?1 AND o.from_at <= ?2"
						 " AND (o.to_at IS NULL OR ?2 < o.to_at) LIMIT 1");
	bool found;

	tt_q_i64(&q, vehicle_id);
	tt_q_i64(&q, at);
	found = tt_q_step(&q);
	if (found)
		get_customer(&q, out);
	return tt_q_end_found(&q, found);
}

/* "%text%" with LIKE's own signs taken literally. Bounded by the longest field there is to find it in. */
static enum tt_err like_pattern(struct tt_store *store, const char *text, char *out, size_t size)
{
	size_t n = 0;

	out[n++] = '%';
	for (; *text != 0; text++) {
		if (n + 4 > size)
			return tt_store_fail(store, TT_ERANGE, "the text to search for is too long");
		if (strchr("%_\\", *text) != NULL)
			out[n++] = '\\';
		out[n++] = *text;
	}
	out[n++] = '%';
	out[n] = 0;
	return TT_OK;
}

/*
 * A scan along one index in name order, at most SEARCH_SCAN_MAX customers of it, so that a search can never hold up the desk (it holds
 * no lock either way). Part-of-word search is what Chinese names need: two characters, no spaces, nothing a word index would find.
 */
#define SEARCH(index, where) \
	CUSTOMER_SELECT \
	"WHERE c.id IN (SELECT id FROM (SELECT id, name, phone, email FROM customer INDEXED BY " index " WHERE " where \
	" ORDER BY name LIMIT 50000) WHERE name LIKE ?2 ESCAPE '\\' OR phone LIKE ?2 ESCAPE '\\' OR email LIKE ?2 ESCAPE '\\'" \
	" LIMIT ?3) ORDER BY c.name, c.id"

enum tt_err tt_store_customer_search(struct tt_store *store, struct tt_scope scope, const char *text, int limit, tt_customer_fn fn,
				     void *ctx)
{
	static const char of_dealer[] = SEARCH("customer_by_dealer", "dealer_id = ?1");
	static const char of_all[] = SEARCH("customer_by_name", "?1 = 0");
	char pattern[2 * TT_NAME_MAX + 4];
	enum tt_err err = like_pattern(store, text, pattern, sizeof(pattern));
	struct tt_q q;

	if (err)
		return err;
	q = tt_q_read(store, scope.dealer_id != 0 ? of_dealer : of_all);
	tt_q_i64(&q, scope.dealer_id);
	tt_q_str(&q, pattern);
	tt_q_i64(&q, limit);
	while (!q.err && tt_q_step(&q)) {
		struct tt_customer row;

		get_customer(&q, &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}
