/* Log-in, log-out and the session behind every other request. */
#include "server/api/handlers.h"
#include "server/api/render.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char cookie_name[] = "telltale_session";

enum { TOKEN_TEXT = TT_API_TOKEN_BYTES * 2 + 1, CSRF_BYTES = 16, LOGIN_MAX = 63, PASSWORD_MAX = 200 };

static_assert(sizeof(((struct tt_session *)0)->csrf) > (size_t)CSRF_BYTES * 2, "the CSRF token fits its column");

/* The record keeps a hash of the token, so that who reads the record cannot take over a session. */
static void hash_token(const uint8_t token[TT_API_TOKEN_BYTES], uint8_t hash[32])
{
	crypto_generichash(hash, 32, token, TT_API_TOKEN_BYTES, NULL, 0);
}

static enum tt_err token_of(const struct tt_request *r, uint8_t hash[32])
{
	char text[TOKEN_TEXT];
	uint8_t token[TT_API_TOKEN_BYTES];
	size_t len;

	if (!r->cookie || tt_cookie_get(r->cookie, cookie_name, text, sizeof(text)))
		return TT_EDENIED;
	if (sodium_hex2bin(token, sizeof(token), text, strlen(text), NULL, &len, NULL) != 0 || len != sizeof(token))
		return TT_EDENIED;
	hash_token(token, hash);
	return TT_OK;
}

/* A dealer's role without a dealer would see every dealer: such an account is refused, not trusted. */
static bool sound(const struct tt_user *user)
{
	return !user->disabled && (user->dealer_id > 0 || strcmp(user->role, "rescue") == 0 || strcmp(user->role, "admin") == 0);
}

static enum tt_err session_of(struct tt_store *store, const uint8_t hash[32], tt_utc_us now, struct tt_session *session,
			      struct tt_user *user)
{
	enum tt_err err = tt_store_session_get(store, hash, now, session);

	if (!err)
		err = tt_store_user_get(store, session->user_id, user);
	if (err == TT_ENOTFOUND || (!err && !sound(user)))
		return TT_EDENIED;
	return err;
}

enum tt_err tt_session_load(struct tt_call *call)
{
	uint8_t hash[32];
	enum tt_err err = token_of(call->req, hash);

	if (!err)
		err = session_of(call->api->store, hash, call->req->now, &call->session, &call->user);
	if (err)
		return err;
	call->scope = (struct tt_scope){.dealer_id = call->user.dealer_id, .user_id = call->user.id};
	return TT_OK;
}

enum tt_err tt_api_session_stands(struct tt_store *store, const uint8_t token_hash[32], tt_utc_us now)
{
	struct tt_session session;
	struct tt_user user;

	return session_of(store, token_hash, now, &session, &user);
}

static void answer_session(struct tt_call *call)
{
	json_t *dealer = json_null();
	enum tt_err err = call->user.dealer_id > 0 ? tt_render_dealer_of(call->api->store, call->user.dealer_id, &dealer) : TT_OK;

	if (err) {
		tt_call_failed(call, err, "your dealer");
		return;
	}
	tt_call_json(call, json_pack("{s:o, s:o, s:s, s:s, s:o}", "user", tt_render_user(&call->user), "dealer", dealer, "locale",
				     strcmp(call->user.locale, "zh") == 0 ? "zh" : "en", "csrf", call->session.csrf, "expires_at",
				     tt_render_time(call->session.expires_at)));
}

void tt_handle_who_am_i(struct tt_call *call)
{
	answer_session(call);
}

/* One answer for every reason, after the same work. What is written into an unknown account's field may be a password: it is not kept. */
static void refuse(struct tt_call *call, bool known)
{
	enum tt_err err = tt_store_begin(call->api->store);

	if (!err)
		err = tt_call_audit(call, "login.failed", known ? "user" : "unknown login", call->user.id, "");
	if (!err)
		err = tt_store_commit(call->api->store);
	if (err)
		tt_store_rollback(call->api->store);
	tt_call_problem(call, 401, "log-in or password is wrong");
}

static enum tt_err open_session(struct tt_call *call, uint8_t token[TT_API_TOKEN_BYTES])
{
	const struct tt_api_env *env = &call->api->env;
	uint8_t csrf[CSRF_BYTES];
	enum tt_err err;

	env->random(env->ctx, token, TT_API_TOKEN_BYTES);
	env->random(env->ctx, csrf, sizeof(csrf));
	call->session = (struct tt_session){
		.user_id = call->user.id, .created_at = call->req->now, .expires_at = call->req->now + TT_SEC(TT_API_SESSION_HOURS * 3600)};
	hash_token(token, call->session.token_hash);
	sodium_bin2hex(call->session.csrf, sizeof(call->session.csrf), csrf, sizeof(csrf));
	err = tt_store_begin(call->api->store);
	if (!err)
		err = tt_store_session_insert(call->api->store, &call->session);
	if (!err)
		err = tt_call_audit(call, "login", "user", call->user.id, "");
	if (!err)
		err = tt_store_commit(call->api->store);
	if (err)
		tt_store_rollback(call->api->store);
	return err;
}

static void set_cookie(struct tt_call *call, const char *value, int max_age_s)
{
	int n = snprintf(call->out->set_cookie, sizeof(call->out->set_cookie), "%s=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
			 cookie_name, value, max_age_s, call->api->secure_cookie ? "; Secure" : "");

	TT_ASSERT(n > 0 && (size_t)n < sizeof(call->out->set_cookie));
}

void tt_handle_log_in(struct tt_call *call)
{
	const struct tt_request *r = call->req;
	const char *login, *password;
	uint8_t token[TT_API_TOKEN_BYTES];
	char text[TOKEN_TEXT];
	int wait_s = 0;
	enum tt_err err;
	bool known;

	if (tt_call_text(call, "login", true, LOGIN_MAX, &login) || tt_call_text(call, "password", true, PASSWORD_MAX, &password))
		return;
	if (!tt_login_limits_take(call->api->limits, login, r->address, r->now, &wait_s)) {
		tt_call_problem(call, 429, "wait %d s before the next try", wait_s);
		call->out->retry_after_s = wait_s;
		return;
	}
	err = tt_store_user_by_login(call->api->store, login, &call->user);
	if (err && err != TT_ENOTFOUND) {
		tt_call_failed(call, err, "the log-in");
		return;
	}
	known = err == TT_OK;
	if (!known)
		memset(&call->user, 0, sizeof(call->user));
	if (!call->api->env.verify(call->api->env.ctx, known ? call->user.password_hash : "", password, strlen(password)) || !known ||
	    !sound(&call->user)) {
		refuse(call, known);
		return;
	}
	tt_login_limits_success(call->api->limits, login, r->address, r->now);
	err = open_session(call, token);
	if (err) {
		tt_call_failed(call, err, "the session");
		return;
	}
	answer_session(call);
	sodium_bin2hex(text, sizeof(text), token, sizeof(token));
	set_cookie(call, text, TT_API_SESSION_HOURS * 3600);
	sodium_memzero(token, sizeof(token));
	sodium_memzero(text, sizeof(text));
}

void tt_handle_log_out(struct tt_call *call)
{
	enum tt_err err = tt_store_begin(call->api->store);

	if (!err)
		err = tt_store_session_delete(call->api->store, call->session.token_hash);
	if (!err)
		err = tt_call_audit(call, "logout", "user", call->user.id, "");
	if (!err)
		err = tt_store_commit(call->api->store);
	if (err) {
		tt_store_rollback(call->api->store);
		tt_call_failed(call, err, "the session");
		return;
	}
	memcpy(call->out->token_hash, call->session.token_hash, sizeof(call->out->token_hash));
	call->out->ended = true;
	set_cookie(call, "", 0);
	tt_call_empty(call, 204);
}
