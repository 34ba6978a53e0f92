/* Dealers, staff, sessions, customers. */
#include "store_contract.h"

#include <stdio.h>
#include <string.h>

struct seen {
	int n;
	int64_t first_id;
	char names[256];
};

static void note(struct seen *seen, int64_t id, const char *name)
{
	size_t len = strlen(seen->names);

	if (seen->n++ == 0)
		seen->first_id = id;
	(void)snprintf(seen->names + len, sizeof(seen->names) - len, "%s;", name);
}

static enum tt_err see_dealer(void *ctx, const struct tt_dealer *row)
{
	note(ctx, row->id, row->name);
	return TT_OK;
}

static enum tt_err see_user(void *ctx, const struct tt_user *row)
{
	note(ctx, row->id, row->login);
	return TT_OK;
}

static enum tt_err see_customer(void *ctx, const struct tt_customer *row)
{
	note(ctx, row->id, row->name);
	return TT_OK;
}

static void a_dealer_sees_itself_and_the_network_sees_all(void **state)
{
	struct world *w = *state;
	struct seen mine = {0}, all = {0};
	struct tt_dealer d;

	OK(tt_store_dealer_list(w->s, w->scope[A], see_dealer, &mine));
	assert_string_equal(mine.names, "Dealer A;");
	OK(tt_store_dealer_list(w->s, TT_SCOPE_SYSTEM, see_dealer, &all));
	assert_string_equal(all.names, "Dealer A;Dealer B;");
	OK(tt_store_dealer_find(w->s, "Dealer B", &d));
	assert_int_equal(d.id, w->dealer[B]);
	assert_string_equal(d.timezone, "UTC");
	assert_int_equal(tt_store_dealer_find(w->s, "Dealer C", &d), TT_ENOTFOUND);
	tt_begin(w);
	assert_int_equal(tt_store_dealer_insert(w->s, &d, NOW, &w->dealer[B]), TT_EEXIST);
	tt_commit(w);
}

static void staff_are_found_by_login_whatever_the_case_and_listed_within_the_scope(void **state)
{
	struct world *w = *state;
	struct tt_user u = {0}, again;
	struct seen mine = {0}, all = {0};
	int64_t id = 0;

	OK(tt_store_user_by_login(w->s, "ANNA", &u));
	assert_int_equal(u.id, w->user[A]);
	assert_int_equal(u.dealer_id, w->dealer[A]);
	assert_string_equal(u.role, "adviser");
	assert_false(u.disabled);
	OK(tt_store_user_get(w->s, w->user[A], &again));
	assert_string_equal(again.login, "anna");
	assert_int_equal(tt_store_user_get(w->s, 999, &again), TT_ENOTFOUND);
	assert_int_equal(tt_store_user_by_login(w->s, "nobody", &again), TT_ENOTFOUND);
	tt_begin(w);
	(void)snprintf(u.login, sizeof(u.login), "Anna");
	assert_int_equal(tt_store_user_insert(w->s, &u, NOW, &id), TT_EEXIST);
	(void)snprintf(u.login, sizeof(u.login), "x");
	(void)snprintf(u.role, sizeof(u.role), "king");
	assert_int_equal(tt_store_user_insert(w->s, &u, NOW, &id), TT_EINVAL);
	(void)snprintf(u.role, sizeof(u.role), "rescue");
	u.dealer_id = 0;
	OK(tt_store_user_insert(w->s, &u, NOW, &id));
	u.dealer_id = 4711;
	(void)snprintf(u.login, sizeof(u.login), "y");
	assert_int_equal(tt_store_user_insert(w->s, &u, NOW, &id), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_user_list(w->s, w->scope[B], see_user, &mine));
	assert_string_equal(mine.names, "ben;");
	OK(tt_store_user_list(w->s, TT_SCOPE_SYSTEM, see_user, &all));
	assert_int_equal(all.n, 3);
}

static void a_password_is_replaced_for_one_user_only(void **state)
{
	struct world *w = *state;
	struct tt_user u;

	tt_begin(w);
	OK(tt_store_user_set_password(w->s, w->user[A], "new"));
	assert_int_equal(tt_store_user_set_password(w->s, 999, "new"), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_user_get(w->s, w->user[A], &u));
	assert_string_equal(u.password_hash, "new");
	OK(tt_store_user_get(w->s, w->user[B], &u));
	assert_string_equal(u.password_hash, "hash");
}

static void a_session_lives_until_it_expires_or_is_ended_or_its_user_is_disabled(void **state)
{
	struct world *w = *state;
	struct tt_session s = {.user_id = w->user[A], .created_at = NOW, .expires_at = NOW + 100, .csrf = "token"}, got;
	const uint8_t unknown[32] = {9};

	memset(s.token_hash, 7, sizeof(s.token_hash));
	tt_begin(w);
	OK(tt_store_session_insert(w->s, &s));
	tt_commit(w);
	OK(tt_store_session_get(w->s, s.token_hash, NOW + 99, &got));
	assert_int_equal(got.user_id, w->user[A]);
	assert_string_equal(got.csrf, "token");
	assert_memory_equal(got.token_hash, s.token_hash, 32);
	assert_int_equal(tt_store_session_get(w->s, s.token_hash, NOW + 100, &got), TT_ENOTFOUND);
	assert_int_equal(tt_store_session_get(w->s, unknown, NOW, &got), TT_ENOTFOUND);
	tt_begin(w);
	OK(tt_store_session_expire(w->s, NOW + 99));
	tt_commit(w);
	OK(tt_store_session_get(w->s, s.token_hash, NOW, &got));
	tt_begin(w);
	OK(tt_store_session_expire(w->s, NOW + 100));
	tt_commit(w);
	assert_int_equal(tt_store_session_get(w->s, s.token_hash, NOW, &got), TT_ENOTFOUND);
	tt_begin(w);
	OK(tt_store_session_insert(w->s, &s));
	OK(tt_store_user_disable(w->s, w->user[A], NOW));
	assert_int_equal(tt_store_user_disable(w->s, 999, NOW), TT_ENOTFOUND);
	tt_commit(w);
	assert_int_equal(tt_store_session_get(w->s, s.token_hash, NOW, &got), TT_ENOTFOUND);
	tt_begin(w);
	OK(tt_store_session_delete(w->s, s.token_hash));
	OK(tt_store_session_insert(w->s, &s)); /* gone, so it fits again */
	tt_commit(w);
}

static void a_disabled_user_is_known_but_not_listed(void **state)
{
	struct world *w = *state;
	struct tt_user u;
	struct seen mine = {0};

	tt_begin(w);
	OK(tt_store_user_disable(w->s, w->user[A], NOW));
	tt_commit(w);
	OK(tt_store_user_by_login(w->s, "anna", &u));
	assert_true(u.disabled);
	OK(tt_store_user_list(w->s, w->scope[A], see_user, &mine));
	assert_int_equal(mine.n, 0);
}

static void a_customer_is_found_again_by_the_dealers_key_or_by_phone_and_name(void **state)
{
	struct world *w = *state;
	struct tt_customer c = {.dealer_id = w->dealer[A], .name = "李雷", .phone = "+861380", .language = "zh", .tier = "vip"}, got;
	int64_t first = 0, second = 0;
	bool created = false;

	tt_begin(w);
	OK(tt_store_customer_upsert(w->s, &c, NOW, &first, &created));
	assert_true(created);
	/* By phone and name, taking the dealer's key on; "" keeps what is known. */
	(void)snprintf(c.external_id, sizeof(c.external_id), "K-1");
	c.tier[0] = 0;
	c.language[0] = 0;
	(void)snprintf(c.email, sizeof(c.email), "li@example.org");
	OK(tt_store_customer_upsert(w->s, &c, NOW, &second, &created));
	assert_false(created);
	assert_int_equal(second, first);
	/* By the key, with another phone. */
	(void)snprintf(c.phone, sizeof(c.phone), "+861390");
	c.email[0] = 0;
	OK(tt_store_customer_upsert(w->s, &c, NOW, &second, &created));
	assert_int_equal(second, first);
	/* Another key with the same phone and name is another customer (father and son). */
	(void)snprintf(c.external_id, sizeof(c.external_id), "K-2");
	(void)snprintf(c.tier, sizeof(c.tier), "gold");
	(void)snprintf(c.language, sizeof(c.language), "zh");
	OK(tt_store_customer_upsert(w->s, &c, NOW, &second, &created));
	assert_true(created);
	/* The same person at another dealer is another row. */
	c.dealer_id = w->dealer[B];
	(void)snprintf(c.external_id, sizeof(c.external_id), "K-1");
	OK(tt_store_customer_upsert(w->s, &c, NOW, &second, &created));
	assert_true(created);
	tt_commit(w);
	OK(tt_store_customer_get(w->s, w->scope[A], first, &got));
	assert_string_equal(got.name, "李雷");
	assert_string_equal(got.phone, "+861390");
	assert_string_equal(got.email, "li@example.org");
	assert_string_equal(got.tier, "vip");
	assert_string_equal(got.language, "zh");
	assert_string_equal(got.external_id, "K-1");
}

static void a_customer_of_another_dealer_is_not_found(void **state)
{
	struct world *w = *state;
	struct tt_customer c;

	OK(tt_store_customer_get(w->s, w->scope[A], w->customer[A], &c));
	OK(tt_store_customer_get(w->s, TT_SCOPE_SYSTEM, w->customer[B], &c));
	assert_int_equal(tt_store_customer_get(w->s, w->scope[A], w->customer[B], &c), TT_ENOTFOUND);
	assert_int_equal(tt_store_customer_get(w->s, w->scope[B], w->customer[A], &c), TT_ENOTFOUND);
}

static void search_finds_parts_of_names_in_any_script_and_takes_signs_literally(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *text;
		int dealer, hits;
	} cases[] = {
		{"小明", B, 1}, {"王", B, 1}, {"小明", A, 0}, {"ursula", A, 1}, {"Ärmel", A, 1}, {"4930", A, 1},    {"8621", A, 0},
		{"", A, 2},     {"%", A, 1},  {"_", A, 1},    {"\\", A, 1},     {"100%", A, 1},  {"'; DROP", A, 0}, {"zzz", B, 0},
	};
	struct tt_customer odd = {.dealer_id = w->dealer[A], .name = "100% \\_", .language = "en", .tier = "standard"};
	struct seen all = {0}, one = {0};
	char too_long[400];
	int64_t id;
	bool created;

	tt_begin(w);
	OK(tt_store_customer_upsert(w->s, &odd, NOW, &id, &created));
	tt_commit(w);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen found = {0};

		OK(tt_store_customer_search(w->s, w->scope[cases[i].dealer], cases[i].text, 50, see_customer, &found));
		if (found.n != cases[i].hits)
			fail_msg("\"%s\" for %c: %d rows: %s", cases[i].text, 'A' + cases[i].dealer, found.n, found.names);
	}
	OK(tt_store_customer_search(w->s, TT_SCOPE_SYSTEM, "", 50, see_customer, &all));
	assert_int_equal(all.n, 3);
	OK(tt_store_customer_search(w->s, TT_SCOPE_SYSTEM, "", 1, see_customer, &one));
	assert_int_equal(one.n, 1);
	memset(too_long, 'x', sizeof(too_long));
	too_long[sizeof(too_long) - 1] = 0;
	assert_int_equal(tt_store_customer_search(w->s, w->scope[A], too_long, 50, see_customer, &one), TT_ERANGE);
}

const struct CMUnitTest tt_contract_people[] = {
	CONTRACT(a_dealer_sees_itself_and_the_network_sees_all),
	CONTRACT(staff_are_found_by_login_whatever_the_case_and_listed_within_the_scope),
	CONTRACT(a_password_is_replaced_for_one_user_only),
	CONTRACT(a_session_lives_until_it_expires_or_is_ended_or_its_user_is_disabled),
	CONTRACT(a_disabled_user_is_known_but_not_listed),
	CONTRACT(a_customer_is_found_again_by_the_dealers_key_or_by_phone_and_name),
	CONTRACT(a_customer_of_another_dealer_is_not_found),
	CONTRACT(search_finds_parts_of_names_in_any_script_and_takes_signs_literally),
};
const size_t tt_contract_npeople = sizeof(tt_contract_people) / sizeof(tt_contract_people[0]);
