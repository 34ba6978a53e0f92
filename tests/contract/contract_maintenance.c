/* Plans, what a vehicle follows, reminders. */
#include "store_contract.h"

#include <stdio.h>
#include <string.h>

struct items {
	int n;
	struct tt_vehicle_item last;
};

static enum tt_err take_item(void *ctx, const struct tt_vehicle_item *row)
{
	struct items *i = ctx;

	i->n++;
	i->last = *row;
	return TT_OK;
}

static void a_vehicle_follows_a_plan_from_a_base_that_following_again_does_not_move(void **state)
{
	struct world *w = *state;
	struct tt_plan_item second = {.plan_id = w->plan, .name = "Brake fluid", .interval_days = 730};
	struct items i = {0}, none = {0};
	int64_t id = 0, found = 0;

	OK(tt_store_plan_find(w->s, "Standard", &found));
	assert_int_equal(found, w->plan);
	assert_int_equal(tt_store_plan_find(w->s, "none", &found), TT_ENOTFOUND);
	tt_begin(w);
	assert_int_equal(tt_store_plan_insert(w->s, "Standard", "", "", NOW, &id), TT_EEXIST);
	OK(tt_store_vehicle_follow(w->s, w->vehicle[A], w->plan, 1000, NOW));
	OK(tt_store_plan_item_insert(w->s, &second, &id));
	assert_int_equal(tt_store_plan_item_insert(w->s, &second, &id), TT_EEXIST);
	OK(tt_store_vehicle_follow(w->s, w->vehicle[A], w->plan, 9999, NOW + 1));
	tt_commit(w);
	OK(tt_store_vehicle_items(w->s, w->vehicle[A], take_item, &i));
	assert_int_equal(i.n, 2);
	assert_string_equal(i.last.item.name, "Brake fluid");
	assert_int_equal(i.last.base_odometer_m, 9999);
	tt_begin(w);
	OK(tt_store_vehicle_item_done(w->s, w->vehicle[A], w->item, 20000, NOW + 2));
	assert_int_equal(tt_store_vehicle_item_done(w->s, w->vehicle[B], w->item, 20000, NOW + 2), TT_ENOTFOUND);
	tt_commit(w);
	OK(tt_store_vehicle_items(w->s, w->vehicle[B], take_item, &none));
	assert_int_equal(none.n, 0);
}

static enum tt_err take_oil(void *ctx, const struct tt_vehicle_item *row)
{
	if (strcmp(row->item.name, "Oil") == 0)
		*(struct tt_vehicle_item *)ctx = *row;
	return TT_OK;
}

static void doing_an_item_moves_its_base_and_begins_the_next_cycle(void **state)
{
	struct world *w = *state;
	struct tt_vehicle_item oil = {0};

	tt_begin(w);
	OK(tt_store_vehicle_follow(w->s, w->vehicle[A], w->plan, 1000, NOW));
	tt_commit(w);
	OK(tt_store_vehicle_items(w->s, w->vehicle[A], take_oil, &oil));
	assert_int_equal(oil.cycle, 0);
	assert_int_equal(oil.base_odometer_m, 1000);
	assert_int_equal(oil.item.interval_m, 10000000);
	assert_int_equal(oil.item.warn_days, 30);
	tt_begin(w);
	OK(tt_store_vehicle_item_done(w->s, w->vehicle[A], w->item, 20000, NOW + 2));
	tt_commit(w);
	OK(tt_store_vehicle_items(w->s, w->vehicle[A], take_oil, &oil));
	assert_int_equal(oil.cycle, 1);
	assert_int_equal(oil.base_odometer_m, 20000);
	assert_int_equal(oil.base_at, NOW + 2);
}

static enum tt_err take_vehicle(void *ctx, const struct tt_vehicle *row)
{
	*(int64_t *)ctx = *(int64_t *)ctx * 100 + row->id;
	return TT_OK;
}

static void followers_are_walked_by_id(void **state)
{
	struct world *w = *state;
	int64_t seen = 0, rest = 0;

	tt_begin(w);
	OK(tt_store_vehicle_follow(w->s, w->vehicle[B], w->plan, 0, NOW));
	OK(tt_store_vehicle_follow(w->s, w->vehicle[A], w->plan, 0, NOW));
	tt_commit(w);
	OK(tt_store_vehicle_followers(w->s, 0, 10, take_vehicle, &seen));
	assert_int_equal(seen, w->vehicle[A] * 100 + w->vehicle[B]);
	OK(tt_store_vehicle_followers(w->s, w->vehicle[A], 10, take_vehicle, &rest));
	assert_int_equal(rest, w->vehicle[B]);
}

static struct tt_reminder reminder(const struct world *w, int dealer, int64_t cycle, const char *status)
{
	struct tt_reminder r = {.dealer_id = w->dealer[dealer],
				.vehicle_id = w->vehicle[dealer],
				.customer_id = w->customer[dealer],
				.plan_item_id = w->item,
				.cycle = cycle,
				.due_odometer_m = 60000000,
				.due_at = NOW + TT_DAY_US,
				.odometer_m = 59500000,
				.created_at = NOW + cycle,
				.updated_at = NOW};

	(void)snprintf(r.status, sizeof(r.status), "%s", status);
	return r;
}

static void a_cycle_has_one_reminder_that_is_upgraded(void **state)
{
	struct world *w = *state;
	struct tt_reminder r = reminder(w, A, 0, "soon"), got;
	struct tt_reminder_row row;
	int64_t id = 0, other = 0;

	tt_begin(w);
	OK(tt_store_reminder_insert(w->s, &r, &id));
	assert_int_equal(tt_store_reminder_insert(w->s, &r, &other), TT_EEXIST);
	OK(tt_store_reminder_find(w->s, w->vehicle[A], w->item, 0, &got));
	assert_int_equal(got.id, id);
	assert_string_equal(got.status, "soon");
	(void)snprintf(got.status, sizeof(got.status), "due");
	got.odometer_m = 60000000;
	got.updated_at = NOW + 9;
	OK(tt_store_reminder_update(w->s, &got));
	got.id = 999;
	assert_int_equal(tt_store_reminder_update(w->s, &got), TT_ENOTFOUND);
	tt_commit(w);
	assert_int_equal(tt_store_reminder_find(w->s, w->vehicle[A], w->item, 1, &got), TT_ENOTFOUND);
	assert_int_equal(tt_store_reminder_get(w->s, w->scope[B], id, &row), TT_ENOTFOUND);
	OK(tt_store_reminder_get(w->s, w->scope[A], id, &row));
	assert_string_equal(row.reminder.status, "due");
	assert_int_equal(row.reminder.odometer_m, 60000000);
	assert_int_equal(row.reminder.due_at, NOW + TT_DAY_US);
	assert_string_equal(row.item_name, "Oil");
	assert_string_equal(row.vin, TT_CONTRACT_VIN_A);
	assert_string_equal(row.customer_phone, "+4930111");
}

static enum tt_err take_cycle(void *ctx, const struct tt_reminder_row *row)
{
	char *out = ctx;
	size_t len = strlen(out);

	(void)snprintf(out + len, 128 - len, "%d;", (int)row->reminder.cycle);
	return TT_OK;
}

static enum tt_err take_open(void *ctx, const char *name, int64_t value)
{
	if (strcmp(name, "reminder.open") == 0)
		*(int64_t *)ctx = value;
	return TT_OK;
}

static void open_reminders_are_listed_within_scope_and_vehicle_newest_first(void **state)
{
	struct world *w = *state;
	struct tt_reminder rows[] = {reminder(w, A, 0, "done"), reminder(w, A, 1, "overdue"), reminder(w, A, 2, "soon"),
				     reminder(w, B, 3, "due"), reminder(w, B, 4, "dismissed")};
	char mine[128] = "", all[128] = "", car[128] = "", foreign[128] = "";
	int64_t id, open_a = -1, open_all = -1;

	tt_begin(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		OK(tt_store_reminder_insert(w->s, &rows[i], &id));
	tt_commit(w);
	OK(tt_store_reminder_list(w->s, w->scope[A], 0, 10, take_cycle, mine));
	assert_string_equal(mine, "2;1;");
	OK(tt_store_reminder_list(w->s, TT_SCOPE_SYSTEM, 0, 10, take_cycle, all));
	assert_string_equal(all, "3;2;1;");
	OK(tt_store_reminder_list(w->s, w->scope[B], w->vehicle[B], 10, take_cycle, car));
	assert_string_equal(car, "3;");
	OK(tt_store_reminder_list(w->s, w->scope[A], w->vehicle[B], 10, take_cycle, foreign));
	assert_string_equal(foreign, "");
	OK(tt_store_counters(w->s, w->scope[A], take_open, &open_a));
	OK(tt_store_counters(w->s, TT_SCOPE_SYSTEM, take_open, &open_all));
	assert_int_equal(open_a, 2);
	assert_int_equal(open_all, 3);
}

const struct CMUnitTest tt_contract_maintenance[] = {
	CONTRACT(a_vehicle_follows_a_plan_from_a_base_that_following_again_does_not_move),
	CONTRACT(doing_an_item_moves_its_base_and_begins_the_next_cycle),
	CONTRACT(followers_are_walked_by_id),
	CONTRACT(a_cycle_has_one_reminder_that_is_upgraded),
	CONTRACT(open_reminders_are_listed_within_scope_and_vehicle_newest_first),
};
const size_t tt_contract_nmaintenance = sizeof(tt_contract_maintenance) / sizeof(tt_contract_maintenance[0]);
