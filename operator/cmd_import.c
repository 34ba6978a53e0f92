#include "operator/commands.h"

#include "base/text.h"
#include "base/utf8.h"
#include "operator/csv.h"
#include "operator/home.h"
#include "operator/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMPORT_MAX_BYTES = 64 * 1024 * 1024 };

/* The columns we know, by their heading. Others are named once and passed over. */
enum column { EXTERNAL_ID, NAME, PHONE, EMAIL, LANGUAGE, TIER, VIN, PLATE, MAKE, MODEL, MODEL_YEAR, OWNED_SINCE, NCOLUMNS };
static const char *const headings[NCOLUMNS] = {
	[EXTERNAL_ID] = "external_id",
	[NAME] = "name",
	[PHONE] = "phone",
	[EMAIL] = "email",
	[LANGUAGE] = "language",
	[TIER] = "tier",
	[VIN] = "vin",
	[PLATE] = "plate",
	[MAKE] = "make",
	[MODEL] = "model",
	[MODEL_YEAR] = "model_year",
	[OWNED_SINCE] = "owned_since",
};

struct import {
	struct tt_store *store;
	const char *file;
	int64_t dealer_id;
	int at[NCOLUMNS]; /* position in the record, -1 = absent */
	tt_utc_us now;
	unsigned customers_new, customers_known, vehicles_new, vehicles_known, bad;
};

static const char *field(const struct import *im, const struct tt_csv_record *rec, enum column c)
{
	return im->at[c] >= 0 && (size_t)im->at[c] < rec->n ? rec->fields[im->at[c]] : "";
}

static enum tt_err bad_line(struct import *im, unsigned line, const char *what, const char *value)
{
	fprintf(stderr, "%s:%u: %s%s%s%s\n", im->file, line, what, value ? " '" : "", value ? value : "", value ? "'" : "");
	im->bad++;
	return TT_EINVAL;
}

static enum tt_err copy(struct import *im, unsigned line, const struct tt_csv_record *rec, enum column c, char *out, size_t cap)
{
	const char *value = field(im, rec, c);

	if (!tt_utf8_printable(value, strlen(value)))
		return bad_line(im, line, "not printable UTF-8 text (save the file as UTF-8) in column ", headings[c]);
	if (strlen(value) >= cap)
		return bad_line(im, line, "too long: column ", headings[c]);
	strcpy(out, value);
	return TT_OK;
}

static bool one_of(const char *value, const char *const words[], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

static enum tt_err read_customer(struct import *im, unsigned line, const struct tt_csv_record *rec, struct tt_customer *out)
{
	static const char *const tiers[] = {"standard", "silver", "gold", "vip"};
	static const char *const languages[] = {"en", "zh"};
	struct tt_customer c = {.dealer_id = im->dealer_id};
	enum tt_err err = copy(im, line, rec, EXTERNAL_ID, c.external_id, sizeof(c.external_id));

	if (!err)
		err = copy(im, line, rec, NAME, c.name, sizeof(c.name));
	if (!err)
		err = copy(im, line, rec, PHONE, c.phone, sizeof(c.phone));
	if (!err)
		err = copy(im, line, rec, EMAIL, c.email, sizeof(c.email));
	if (!err)
		err = copy(im, line, rec, LANGUAGE, c.language, sizeof(c.language));
	if (!err)
		err = copy(im, line, rec, TIER, c.tier, sizeof(c.tier));
	if (err)
		return err;
	if (!c.language[0])
		strcpy(c.language, "en");
	if (!c.tier[0])
		strcpy(c.tier, "standard");
	if (!c.name[0])
		return bad_line(im, line, "no name", NULL);
	if (!c.external_id[0] && !c.phone[0])
		return bad_line(im, line, "needs external_id or phone, so that the next import finds the same customer:", c.name);
	if (c.phone[0] && (c.phone[0] != '+' || strspn(c.phone + 1, "0123456789") != strlen(c.phone + 1) || strlen(c.phone) < 8))
		return bad_line(im, line, "phone must be E.164 like +8613800138000, not", c.phone);
	if (c.email[0] && !strchr(c.email, '@'))
		return bad_line(im, line, "not an e-mail address:", c.email);
	if (!one_of(c.language, languages, 2))
		return bad_line(im, line, "language must be en or zh, not", c.language);
	if (!one_of(c.tier, tiers, 4))
		return bad_line(im, line, "tier must be standard, silver, gold or vip, not", c.tier);
	*out = c;
	return TT_OK;
}

static enum tt_err read_vehicle(struct import *im, unsigned line, const struct tt_csv_record *rec, struct tt_vehicle *out)
{
	struct tt_vehicle v = {.dealer_id = im->dealer_id};
	const char *year = field(im, rec, MODEL_YEAR), *vin = field(im, rec, VIN);
	int64_t model_year = 0;
	enum tt_err err;

	if (strlen(vin) != 17 || strspn(vin, "0123456789ABCDEFGHJKLMNPRSTUVWXYZ") != 17)
		return bad_line(im, line, "VIN must be 17 of 0-9 A-Z without I, O, Q, not", vin);
	strcpy(v.vin, vin);
	err = copy(im, line, rec, PLATE, v.plate, sizeof(v.plate));
	if (!err)
		err = copy(im, line, rec, MAKE, v.make, sizeof(v.make));
	if (!err)
		err = copy(im, line, rec, MODEL, v.model, sizeof(v.model));
	if (err)
		return err;
	if (year[0] && (tt_parse_i64(year, strlen(year), &model_year) || model_year < 1950 || model_year > 2100))
		return bad_line(im, line, "model_year must be a year, not", year);
	v.model_year = (int32_t)model_year;
	*out = v;
	return TT_OK;
}

/* "2024-05-31" as midnight UTC; empty = now. */
static enum tt_err read_date(struct import *im, unsigned line, const char *text, tt_utc_us *out)
{
	int64_t y, m, d;

	if (!text[0]) {
		*out = im->now;
		return TT_OK;
	}
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' || tt_parse_i64(text, 4, &y) || tt_parse_i64(text + 5, 2, &m) ||
	    tt_parse_i64(text + 8, 2, &d) || y < 1950 || m < 1 || m > 12 || d < 1 || d > 31)
		return bad_line(im, line, "owned_since must be a date like 2024-05-31, not", text);
	*out = tt_days_from_civil(y, (unsigned)m, (unsigned)d) * TT_DAY_US;
	return *out <= im->now ? TT_OK : bad_line(im, line, "owned_since lies in the future:", text);
}

static enum tt_err store_failed(const struct import *im, unsigned line, enum tt_err err)
{
	fprintf(stderr, "%s:%u: %s: %s\n", im->file, line, tt_err_text(err), tt_store_message(im->store));
	return err;
}

/* TT_EINVAL: this line was bad and was told; anything else ends the import. */
static enum tt_err import_record(struct import *im, unsigned line, const struct tt_csv_record *rec)
{
	struct tt_customer customer;
	struct tt_vehicle vehicle;
	int64_t customer_id, vehicle_id;
	tt_utc_us since;
	bool created;
	enum tt_err err = read_customer(im, line, rec, &customer);
	const bool has_vehicle = field(im, rec, VIN)[0] != '\0';

	if (!err && has_vehicle)
		err = read_vehicle(im, line, rec, &vehicle);
	if (!err)
		err = read_date(im, line, field(im, rec, OWNED_SINCE), &since);
	if (err)
		return err;
	err = tt_store_customer_upsert(im->store, &customer, im->now, &customer_id, &created);
	if (err)
		return store_failed(im, line, err);
	*(created ? &im->customers_new : &im->customers_known) += 1;
	if (!has_vehicle)
		return TT_OK;
	err = tt_store_vehicle_upsert(im->store, &vehicle, im->now, &vehicle_id, &created);
	if (err)
		return store_failed(im, line, err);
	*(created ? &im->vehicles_new : &im->vehicles_known) += 1;
	err = tt_store_ownership_set(im->store, vehicle_id, customer_id, since);
	if (err == TT_ERANGE)
		return bad_line(im, line, "owned_since lies before the last change of owner of", vehicle.vin);
	return err ? store_failed(im, line, err) : TT_OK;
}

static enum tt_err read_headings(struct import *im, struct tt_csv *csv)
{
	struct tt_csv_record rec;

	if (tt_csv_next(csv, &rec))
		return bad_line(im, 1, "no headings; the first line names the columns, at least 'name'", NULL);
	for (size_t c = 0; c < NCOLUMNS; c++)
		im->at[c] = -1;
	for (size_t i = 0; i < rec.n; i++) {
		size_t c = 0;

		while (c < NCOLUMNS && strcmp(headings[c], rec.fields[i]) != 0)
			c++;
		if (c == NCOLUMNS)
			fprintf(stderr, "%s:1: column '%s' is not known and is passed over\n", im->file, rec.fields[i]);
		else if (im->at[c] >= 0)
			return bad_line(im, 1, "column stands twice:", headings[c]);
		else
			im->at[c] = (int)i;
	}
	return im->at[NAME] >= 0 ? TT_OK : bad_line(im, 1, "no column 'name'", NULL);
}

static enum tt_err import_all(struct import *im, char *text, size_t len)
{
	struct tt_csv csv = tt_csv_init(text, len);
	struct tt_csv_record rec;
	enum tt_err err = read_headings(im, &csv);

	if (err)
		return err;
	for (;;) {
		err = tt_csv_next(&csv, &rec);
		if (err == TT_EEOF)
			return TT_OK;
		if (err)
			err = bad_line(im, csv.line, "not CSV: check the quotes", NULL);
		else
			err = import_record(im, csv.line, &rec);
		if (err && err != TT_EINVAL)
			return err;
	}
}

static enum tt_err read_whole(const char *path, char **out, size_t *len, struct tt_errmsg *msg)
{
	FILE *f = fopen(path, "rbe");
	char *text = NULL;
	long size;
	enum tt_err err = TT_OK;

	if (!f)
		return tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	if (fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0)
		err = tt_errmsg_set(msg, TT_EIO, "%s: %s", path, strerror(errno));
	else if (size > IMPORT_MAX_BYTES)
		err = tt_errmsg_set(msg, TT_ERANGE, "%s: larger than 64 MiB; split it", path);
	else if (!(text = malloc((size_t)size + 1)) || fread(text, 1, (size_t)size, f) != (size_t)size)
		err = tt_errmsg_set(msg, TT_EIO, "%s: cannot be read", path);
	else
		*len = (size_t)size;
	fclose(f);
	if (err)
		free(text);
	else
		*out = text;
	return err;
}

static int finish(struct import *im, enum tt_err err, bool apply)
{
	if (err || !apply)
		tt_store_rollback(im->store);
	else if ((err = tt_store_commit(im->store)) != TT_OK)
		return tt_home_store_failed(im->store, "nothing was written", err);
	if (err && err != TT_EINVAL)
		return tt_home_store_failed(im->store, "nothing was written", err);
	printf("%s: customers %u new, %u known; vehicles %u new, %u known; %u lines bad%s\n", apply && !err ? "written" : "dry run",
	       im->customers_new, im->customers_known, im->vehicles_new, im->vehicles_known, im->bad,
	       apply ? "" : "; nothing was written, add --apply to write the good lines");
	return im->bad || err ? TT_EXIT_FAILED : TT_EXIT_OK;
}

int tt_cmd_import(int argc, char *argv[])
{
	const char *dir = NULL, *dealer_name = NULL, *words[1];
	bool apply = false;
	const struct tt_option options[] = {
		{"home", &dir, NULL, false, "folder of this installation [run]"},
		{"dealer", &dealer_name, NULL, true, "home dealer of these customers"},
		{"apply", NULL, &apply, false, "write; without it nothing is changed (dry run)"},
	};
	const struct tt_usage usage = {"import FILE.csv",
				       "Customers and vehicles from CSV. Columns: external_id name phone email language tier vin plate "
				       "make model model_year owned_since.",
				       options, 3, 1};
	struct tt_home home;
	struct tt_errmsg msg;
	struct tt_dealer dealer;
	struct import im = {.now = tt_utc_now()};
	char *text = NULL;
	size_t len;
	int status = TT_EXIT_FAILED;
	enum tt_err err = tt_options_read(&usage, argc, argv, words);

	if (err)
		return err == TT_EEOF ? TT_EXIT_OK : TT_EXIT_USAGE;
	im.file = words[0];
	err = tt_home_find(dir, &home, &msg);
	if (!err)
		err = tt_home_open(&home, &im.store, &msg);
	if (!err)
		err = read_whole(words[0], &text, &len, &msg);
	if (!err && tt_store_dealer_find(im.store, dealer_name, &dealer))
		err = tt_errmsg_set(&msg, TT_ENOTFOUND, "no dealer '%s'; add it with 'telltale dealer add'", dealer_name);
	if (!err && (err = tt_store_begin(im.store)) != TT_OK)
		(void)tt_errmsg_set(&msg, err, "%s", tt_store_message(im.store));
	if (err) {
		status = tt_home_failed(&msg);
	} else {
		im.dealer_id = dealer.id;
		status = finish(&im, import_all(&im, text, len), apply);
	}
	free(text);
	tt_store_close(im.store);
	return status;
}
