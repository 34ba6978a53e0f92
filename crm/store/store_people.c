/* Dealers, their staff, and who is logged in. */
#include "crm/store/store_internal.h"

#include <string.h>

static const struct tt_col dealer_cols[] = {TT_COL(tt_dealer, I64, id) TT_COL(tt_dealer, STR, name) TT_COL(tt_dealer, STR, timezone)};

enum tt_err tt_store_dealer_insert(struct tt_store *store, const struct tt_dealer *row, tt_utc_us now, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO dealer (name, timezone, created_at) VALUES (?, ?, ?)");

	tt_q_cols(&q, dealer_cols + 1, TT_COUNT(dealer_cols) - 1, row);
	tt_q_i64(&q, now);
	return tt_q_run_insert(&q, id);
}

enum tt_err tt_store_dealer_find(struct tt_store *store, const char *name, struct tt_dealer *out)
{
	struct tt_q q = tt_q_read(store, "SELECT id, name, timezone FROM dealer WHERE name = ?");

	tt_q_str(&q, name);
	return tt_q_run_row(&q, dealer_cols, TT_COUNT(dealer_cols), out);
}

enum tt_err tt_store_dealer_list(struct tt_store *store, struct tt_scope scope, tt_dealer_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, "SELECT id, name, timezone FROM dealer WHERE ?1 = 0 OR id = ?1 ORDER BY name");

	tt_q_i64(&q, scope.dealer_id);
	while (!q.err && tt_q_step(&q)) {
		struct tt_dealer row;

		tt_q_get_cols(&q, dealer_cols, TT_COUNT(dealer_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

#define USER(X) \
	X(OPT, dealer_id, "dealer_id") \
	X(STR, login, "login") \
	X(STR, name, "name") \
	X(STR, role, "role") \
	X(STR, password_hash, "password_hash") \
	X(STR, locale, "locale")
#define USER_COL(t, m, c) TT_COL(tt_user, t, m)
static const struct tt_col user_cols[] = {TT_COL(tt_user, I64, id) TT_COL(tt_user, BOOL, disabled) USER(USER_COL)};
#define USER_SELECT "SELECT id, disabled_at IS NOT NULL" USER(TT_SQL_NAME) " FROM user "

enum tt_err tt_store_user_insert(struct tt_store *store, const struct tt_user *row, tt_utc_us now, int64_t *id)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO user (id" USER(TT_SQL_NAME) ", created_at, disabled_at)"
										   " VALUES (NULL" USER(TT_SQL_MARK) ", ?, ?)");

	tt_q_cols(&q, user_cols + 2, TT_COUNT(user_cols) - 2, row);
	tt_q_i64(&q, now);
	tt_q_opt(&q, row->disabled ? now : 0);
	return tt_q_run_insert(&q, id);
}

static enum tt_err one_user(struct tt_q *q, struct tt_user *out)
{
	return tt_q_run_row(q, user_cols, TT_COUNT(user_cols), out);
}

enum tt_err tt_store_user_by_login(struct tt_store *store, const char *login, struct tt_user *out)
{
	struct tt_q q = tt_q_read(store, USER_SELECT "WHERE login = ?");

	tt_q_str(&q, login);
	return one_user(&q, out);
}

enum tt_err tt_store_user_get(struct tt_store *store, int64_t id, struct tt_user *out)
{
	struct tt_q q = tt_q_read(store, USER_SELECT "WHERE id = ?");

	tt_q_i64(&q, id);
	return one_user(&q, out);
}

enum tt_err tt_store_user_set_password(struct tt_store *store, int64_t id, const char *password_hash)
{
	struct tt_q q = tt_q_write(store, "UPDATE user SET password_hash = ?2 WHERE id = ?1");

	tt_q_i64(&q, id);
	tt_q_str(&q, password_hash);
	return tt_q_run_one(&q, TT_ENOTFOUND, "no such user");
}

enum tt_err tt_store_user_disable(struct tt_store *store, int64_t id, tt_utc_us at)
{
	struct tt_q q = tt_q_write(store, "UPDATE user SET disabled_at = coalesce(disabled_at, ?2) WHERE id = ?1");

	tt_q_i64(&q, id);
	tt_q_i64(&q, at);
	return tt_q_run_one(&q, TT_ENOTFOUND, "no such user");
}

enum tt_err tt_store_user_list(struct tt_store *store, struct tt_scope scope, tt_user_fn fn, void *ctx)
{
	struct tt_q q = tt_q_read(store, USER_SELECT "WHERE (?1 = 0 OR dealer_id = ?1) AND disabled_at IS NULL ORDER BY name, id");

	tt_q_i64(&q, scope.dealer_id);
	while (!q.err && tt_q_step(&q)) {
		struct tt_user row;

		tt_q_get_cols(&q, user_cols, TT_COUNT(user_cols), &row);
		if (!q.err)
			q.err = fn(ctx, &row);
	}
	return tt_q_end(&q);
}

static const struct tt_col session_cols[] = {TT_COL(tt_session, I64, user_id) TT_COL(tt_session, I64, created_at)
						     TT_COL(tt_session, I64, expires_at) TT_COL(tt_session, STR, csrf)};

enum tt_err tt_store_session_insert(struct tt_store *store, const struct tt_session *row)
{
	struct tt_q q = tt_q_write(store, "INSERT INTO session (token_hash, user_id, created_at, expires_at, csrf) VALUES (?, ?, ?, ?, ?)");

	tt_q_blob(&q, row->token_hash, sizeof(row->token_hash));
	tt_q_cols(&q, session_cols, TT_COUNT(session_cols), row);
	return tt_q_run(&q);
}

enum tt_err tt_store_session_get(struct tt_store *store, const uint8_t token_hash[32], tt_utc_us now, struct tt_session *out)
{
	struct tt_q q =
		tt_q_read(store, "SELECT s.user_id, s.created_at, s.expires_at, s.csrf FROM session s JOIN user u ON u.id = s.user_id"
				 " WHERE s.token_hash = ? AND s.expires_at > ? AND u.disabled_at IS NULL");
	bool found;

	tt_q_blob(&q, token_hash, 32);
	tt_q_i64(&q, now);
	found = tt_q_step(&q);
	if (found) {
		tt_q_get_cols(&q, session_cols, TT_COUNT(session_cols), out);
		memcpy(out->token_hash, token_hash, 32);
	}
	return tt_q_end_found(&q, found);
}

enum tt_err tt_store_session_delete(struct tt_store *store, const uint8_t token_hash[32])
{
	struct tt_q q = tt_q_write(store, "DELETE FROM session WHERE token_hash = ?");

	tt_q_blob(&q, token_hash, 32);
	return tt_q_run(&q);
}

enum tt_err tt_store_session_expire(struct tt_store *store, tt_utc_us now)
{
	struct tt_q q = tt_q_write(store, "DELETE FROM session WHERE expires_at <= ?");

	tt_q_i64(&q, now);
	return tt_q_run(&q);
}
