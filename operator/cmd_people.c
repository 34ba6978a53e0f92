#include "operator/commands.h"

#include "base/text.h"
#include "base/utf8.h"
#include "operator/home.h"
#include "operator/options.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { PASSWORD_MIN = 10, PASSWORD_CAP = 256 };

static enum tt_err take(char *out, size_t cap, const char *value, const char *what, struct tt_errmsg *msg)
{
	if (strlen(value) >= cap)
		return tt_errmsg_set(msg, TT_ERANGE, "%s is longer than %zu bytes", what, cap - 1);
	if (!tt_utf8_printable(value, strlen(value)))
		return tt_errmsg_set(msg, TT_EINVAL, "%s is not printable UTF-8 text", what);
	strcpy(out, value);
	return TT_OK;
}

static enum tt_err find_dealer(struct tt_store *store, const char *name, int64_t *id, struct tt_errmsg *msg)
{
	struct tt_dealer dealer;
	const enum tt_err err = tt_store_dealer_find(store, name, &dealer);

	if (err)
		return tt_errmsg_set(msg, err, "no dealer '%s'; add it with 'telltale dealer add'", name);
	*id = dealer.id;
	return TT_OK;
}

static enum tt_err add_dealer(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg)
{
	struct tt_dealer *dealer = ctx;
	int64_t id;
	const enum tt_err err = tt_store_dealer_insert(store, dealer, tt_utc_now(), &id);

	(void)home;
	if (err == TT_EEXIST)
		return tt_errmsg_set(msg, err, "dealer '%s' exists", dealer->name);
	if (!err)
		printf("dealer %s: number %lld\n", dealer->name, (long long)id);
	return err;
}

int tt_cmd_dealer_add(int argc, char *argv[])
{
	const char *dir = NULL, *timezone = "UTC", *words[1];
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"timezone", &timezone, NULL, false, "IANA name [UTC]"},
	};
	const struct tt_usage usage = {"dealer add NAME", "A dealer: the scope of its staff, customers and vehicles.", options, 2, 1};
	struct tt_dealer dealer = {.id = 0};
	struct tt_errmsg msg;
	enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	err = take(dealer.name, sizeof(dealer.name), words[0], "the name", &msg);
	if (!err)
		err = take(dealer.timezone, sizeof(dealer.timezone), timezone, "--timezone", &msg);
	return err ? tt_home_failed(&msg) : tt_home_write(dir, add_dealer, &dealer);
}

struct user_words {
	const char *login, *name, *role, *dealer, *locale;
	char password[PASSWORD_CAP];
};

static enum tt_err add_user(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg)
{
	struct user_words *w = ctx;
	struct tt_user user = {.id = 0};
	int64_t id;
	enum tt_err err = take(user.login, sizeof(user.login), w->login, "the login", msg);

	(void)home;
	if (!err)
		err = take(user.name, sizeof(user.name), w->name, "--name", msg);
	if (!err)
		err = take(user.role, sizeof(user.role), w->role, "--role", msg);
	if (!err)
		err = take(user.locale, sizeof(user.locale), w->locale, "--locale", msg);
	if (!err && w->dealer)
		err = find_dealer(store, w->dealer, &user.dealer_id, msg);
	if (err)
		return err;
	if (crypto_pwhash_str(user.password_hash, w->password, strlen(w->password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
			      crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
		return tt_errmsg_set(msg, TT_ENOMEM, "not enough memory to hash the password (64 MiB)");
	err = tt_store_user_insert(store, &user, tt_utc_now(), &id);
	if (err == TT_EEXIST)
		return tt_errmsg_set(msg, err, "login '%s' exists", user.login);
	if (!err)
		printf("user %s: %s, %s\n", user.login, user.role, w->dealer ? w->dealer : "every dealer");
	return err;
}

static enum tt_err read_password(char out[PASSWORD_CAP], struct tt_errmsg *msg)
{
	size_t n;

	if (!fgets(out, PASSWORD_CAP, stdin))
		return tt_errmsg_set(msg, TT_EINVAL, "no password on standard input; pipe one line into the command");
	n = strcspn(out, "\r\n");
	if (out[n] == '\0' && n == PASSWORD_CAP - 1)
		return tt_errmsg_set(msg, TT_ERANGE, "the password is longer than %d bytes", PASSWORD_CAP - 2);
	out[n] = '\0';
	return n >= PASSWORD_MIN ? TT_OK : tt_errmsg_set(msg, TT_EINVAL, "the password needs at least %d characters", PASSWORD_MIN);
}

int tt_cmd_user_add(int argc, char *argv[])
{
	static const char *const roles[] = {"adviser", "manager", "rescue", "admin"};
	struct user_words w = {.role = "adviser", .locale = "en"};
	const char *dir = NULL, *words[1];
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"name", &w.name, NULL, true, "as colleagues see it"},
		{"role", &w.role, NULL, false, "adviser, manager, rescue or admin [adviser]"},
		{"dealer", &w.dealer, NULL, false, "needed for adviser and manager; rescue and admin see every dealer"},
		{"locale", &w.locale, NULL, false, "en or zh [en]"},
	};
	const struct tt_usage usage = {"user add LOGIN", "Somebody who may log in; the password is one line on standard input.", options, 5,
				       1};
	struct tt_errmsg msg;
	bool known = false;
	enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	for (size_t i = 0; i < 4; i++)
		known |= strcmp(w.role, roles[i]) == 0;
	if (!known || (strcmp(w.locale, "en") != 0 && strcmp(w.locale, "zh") != 0)) {
		fprintf(stderr, "telltale: --role is one of adviser, manager, rescue, admin; --locale is en or zh\n");
		return TT_EXIT_USAGE;
	}
	if (!w.dealer && (strcmp(w.role, "adviser") == 0 || strcmp(w.role, "manager") == 0)) {
		fprintf(stderr, "telltale: an %s belongs to a dealer: add --dealer NAME\n", w.role);
		return TT_EXIT_USAGE;
	}
	w.login = words[0];
	if (sodium_init() < 0)
		err = tt_errmsg_set(&msg, TT_EIO, "libsodium finds no source of randomness");
	if (!err)
		err = read_password(w.password, &msg);
	if (!err) {
		const int status = tt_home_write(dir, add_user, &w);

		sodium_memzero(w.password, sizeof(w.password));
		return status;
	}
	return tt_home_failed(&msg);
}

struct vehicle_words {
	const char *vin, *dealer, *plate, *make, *model, *year, *owner, *phone, *plan, *odometer_km;
};

static enum tt_err follow_plan(struct tt_store *store, const struct vehicle_words *w, int64_t vehicle_id, struct tt_errmsg *msg)
{
	int64_t plan_id, km = 0;
	enum tt_err err;

	if (tt_parse_i64(w->odometer_km, strlen(w->odometer_km), &km) || km < 0 || km > 5000000)
		return tt_errmsg_set(msg, TT_EINVAL, "--odometer-km must be 0 to 5000000, not '%s'", w->odometer_km);
	err = tt_store_plan_find(store, w->plan, &plan_id);
	if (err)
		return tt_errmsg_set(msg, err, "no plan '%s'; add it with 'telltale plan add'", w->plan);
	return tt_store_vehicle_follow(store, vehicle_id, plan_id, km * 1000, tt_utc_now());
}

static enum tt_err set_owner(struct tt_store *store, const struct vehicle_words *w, const struct tt_vehicle *vehicle, int64_t vehicle_id,
			     struct tt_errmsg *msg)
{
	struct tt_customer owner = {.dealer_id = vehicle->dealer_id, .language = "en", .tier = "standard"};
	int64_t customer_id;
	bool created;
	enum tt_err err = take(owner.name, sizeof(owner.name), w->owner, "--owner", msg);

	if (!err && w->phone)
		err = take(owner.phone, sizeof(owner.phone), w->phone, "--phone", msg);
	if (!err)
		err = tt_store_customer_upsert(store, &owner, tt_utc_now(), &customer_id, &created);
	return err ? err : tt_store_ownership_set(store, vehicle_id, customer_id, tt_utc_now());
}

static enum tt_err add_vehicle(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg)
{
	const struct vehicle_words *w = ctx;
	struct tt_vehicle v = {.id = 0};
	int64_t id, year = 0;
	bool created;
	enum tt_err err = find_dealer(store, w->dealer, &v.dealer_id, msg);

	(void)home;
	if (err)
		return err;
	if (strlen(w->vin) != 17 || strspn(w->vin, "0123456789ABCDEFGHJKLMNPRSTUVWXYZ") != 17)
		return tt_errmsg_set(msg, TT_EINVAL, "VIN '%s': 17 of 0-9 A-Z without I, O, Q", w->vin);
	strcpy(v.vin, w->vin);
	if (w->year && (tt_parse_i64(w->year, strlen(w->year), &year) || year < 1950 || year > 2100))
		return tt_errmsg_set(msg, TT_EINVAL, "--year must be a year, not '%s'", w->year);
	v.model_year = (int32_t)year;
	err = take(v.plate, sizeof(v.plate), w->plate, "--plate", msg);
	if (!err)
		err = take(v.make, sizeof(v.make), w->make, "--make", msg);
	if (!err)
		err = take(v.model, sizeof(v.model), w->model, "--model", msg);
	if (!err)
		err = tt_store_vehicle_upsert(store, &v, tt_utc_now(), &id, &created);
	if (!err && w->owner)
		err = set_owner(store, w, &v, id, msg);
	if (!err && w->plan)
		err = follow_plan(store, w, id, msg);
	if (!err)
		printf("vehicle %s: %s\n", v.vin, created ? "added" : "updated");
	return err;
}

int tt_cmd_vehicle_add(int argc, char *argv[])
{
	struct vehicle_words w = {.plate = "", .make = "", .model = "", .odometer_km = "0"};
	const char *dir = NULL, *words[1];
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"dealer", &w.dealer, NULL, true, "home dealer"},
		{"plate", &w.plate, NULL, false, "registration plate"},
		{"make", &w.make, NULL, false, "maker"},
		{"model", &w.model, NULL, false, "model"},
		{"year", &w.year, NULL, false, "model year"},
		{"owner", &w.owner, NULL, false, "owner's name, from now on"},
		{"phone", &w.phone, NULL, false, "owner's phone, E.164"},
		{"plan", &w.plan, NULL, false, "maintenance plan it follows"},
		{"odometer-km", &w.odometer_km, NULL, false, "odometer at the last service, the plan's base [0]"},
	};
	const struct tt_usage usage = {"vehicle add VIN", "A vehicle, or what is new about it.", options,
				       sizeof(options) / sizeof(options[0]), 1};
	const enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	w.vin = words[0];
	return tt_home_write(dir, add_vehicle, &w);
}

struct plan_words {
	const char *name, *item, *km, *days, *warn_km, *warn_days;
};

static enum tt_err add_plan_item(const struct tt_home *home, struct tt_store *store, void *ctx, struct tt_errmsg *msg)
{
	const struct plan_words *w = ctx;
	const char *const texts[] = {w->km, w->days, w->warn_km, w->warn_days};
	int64_t numbers[4], id;
	struct tt_plan_item item = {.id = 0};
	enum tt_err err = take(item.name, sizeof(item.name), w->item, "--item", msg);

	(void)home;
	if (err)
		return err;
	for (size_t i = 0; i < 4; i++) {
		if (tt_parse_i64(texts[i], strlen(texts[i]), &numbers[i]) || numbers[i] < 0 || numbers[i] > 1000000)
			return tt_errmsg_set(msg, TT_EINVAL, "'%s' is not a number from 0 to 1000000", texts[i]);
	}
	if (numbers[0] == 0 && numbers[1] == 0)
		return tt_errmsg_set(msg, TT_EINVAL, "an item is due by distance or by time: give --every-km or --every-days");
	item.interval_m = numbers[0] * 1000;
	item.interval_days = numbers[1];
	item.warn_m = numbers[2] * 1000;
	item.warn_days = numbers[3];
	err = tt_store_plan_find(store, w->name, &item.plan_id);
	if (err == TT_ENOTFOUND)
		err = tt_store_plan_insert(store, w->name, "", "", tt_utc_now(), &item.plan_id);
	if (!err)
		err = tt_store_plan_item_insert(store, &item, &id);
	if (err == TT_EEXIST)
		return tt_errmsg_set(msg, err, "plan '%s' has an item '%s' already", w->name, w->item);
	if (!err)
		printf("plan %s: %s\n", w->name, item.name);
	return err;
}

int tt_cmd_plan_add(int argc, char *argv[])
{
	struct plan_words w = {.km = "0", .days = "0", .warn_km = "1000", .warn_days = "30"};
	const char *dir = NULL, *words[1];
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"item", &w.item, NULL, true, "what is due, e.g. \"Oil and filter\""},
		{"every-km", &w.km, NULL, false, "interval by distance, 0 = none [0]"},
		{"every-days", &w.days, NULL, false, "interval by time, 0 = none [0]"},
		{"warn-km", &w.warn_km, NULL, false, "remind this long before [1000]"},
		{"warn-days", &w.warn_days, NULL, false, "remind this long before [30]"},
	};
	const struct tt_usage usage = {"plan add NAME", "A maintenance plan's item; the plan is made with its first item.", options,
				       sizeof(options) / sizeof(options[0]), 1};
	const enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	w.name = words[0];
	return tt_home_write(dir, add_plan_item, &w);
}
