/*
 * Arbitrary bytes as a unit's messages, against a real record in memory. Input: first byte chooses the class, the second the unit, then a
 * length-prefixed (16 bits) sequence of payloads; so that one input can be a whole conversation. Nothing may crash and every batch must
 * commit.
 */
#include "base/cursor.h"
#include "gateway/ingest.h"

#include <stdlib.h>

static const char *const units[] = {"CAR-1", "CAR-2", "SPARE", "GONE", "NOBODY"};
#define T0 (INT64_C(1790000000) * 1000000)

static struct tt_ingest *ingest;
static struct tt_store *store;

static void must(enum tt_err err)
{
	if (err)
		abort();
}

static void set_up(void)
{
	const struct tt_ingest_config config = {.late_limit_us = TT_SEC(900), .batch_max = 64, .units_max = 16};
	struct tt_dealer dealer = {.name = "Dealer", .timezone = "UTC"};
	struct tt_customer owner = {.name = "Owner", .phone = "+4971100112", .language = "en", .tier = "standard"};
	struct tt_vehicle vehicle = {.vin = "3FADP4FJ2BM113913"};
	struct tt_plan_item item = {.name = "Oil", .interval_m = 15000000, .warn_m = 1000000};
	int64_t dealer_id, owner_id, vehicle_id, id;
	bool created;

	must(tt_store_open("sqlite::memory:", true, &store, NULL));
	must(tt_store_migrate(store, T0 - TT_DAY_US, NULL));
	must(tt_store_begin(store));
	must(tt_store_dealer_insert(store, &dealer, T0 - TT_DAY_US, &dealer_id));
	owner.dealer_id = vehicle.dealer_id = dealer_id;
	must(tt_store_customer_upsert(store, &owner, T0 - TT_DAY_US, &owner_id, &created));
	must(tt_store_vehicle_upsert(store, &vehicle, T0 - TT_DAY_US, &vehicle_id, &created));
	must(tt_store_ownership_set(store, vehicle_id, owner_id, T0 - TT_DAY_US));
	must(tt_store_plan_insert(store, "Plan", "", "", T0 - TT_DAY_US, &item.plan_id));
	must(tt_store_plan_item_insert(store, &item, &id));
	must(tt_store_vehicle_follow(store, vehicle_id, item.plan_id, 0, T0 - TT_DAY_US));
	for (size_t i = 0; i < 4; i++) {
		struct tt_unit unit = {.created_at = T0 - TT_DAY_US};

		memcpy(unit.name, units[i], strlen(units[i]) + 1);
		must(tt_store_unit_insert(store, &unit, &id));
	}
	must(tt_store_install(store, "CAR-1", vehicle_id, T0 - TT_DAY_US));
	must(tt_store_unit_revoke(store, "GONE", T0 - TT_DAY_US));
	must(tt_store_commit(store));
	must(tt_ingest_create(store, &config, &ingest));
}

/* A fresh record each few thousand inputs, so that a finding can be played again alone and the memory stays small. */
static void tear_down(void)
{
	tt_ingest_destroy(ingest);
	tt_store_close(store);
	ingest = NULL;
}

static void talk(struct tt_rd *r, const char *topic)
{
	uint16_t len;

	must(tt_ingest_begin(ingest, NULL));
	for (int i = 0; i < 64 && !tt_rd_u16be(r, &len); i++) {
		const uint8_t *payload;
		struct tt_inbound in = {.topic = topic, .received_at = T0 + TT_SEC(i)};

		if (tt_rd_bytes(r, len, &payload)) {
			len = (uint16_t)r->left;
			must(tt_rd_bytes(r, len, &payload));
		}
		in.payload = payload;
		in.len = in.size = len;
		must(tt_ingest_take(ingest, &in, NULL));
	}
	must(tt_ingest_commit(ingest, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned inputs;
	struct tt_rd r = tt_rd_init(data, size);
	char topic[TT_TOPIC_MAX];
	uint8_t cls, unit;

	if (tt_rd_u8(&r, &cls) || tt_rd_u8(&r, &unit))
		return 0;
	if (!ingest)
		set_up();
	tt_topic_up(units[unit % 5], (enum tt_class)(TT_CLASS_ALERT + cls % 4), topic);
	talk(&r, topic);
	if (++inputs % 4096 == 0)
		tear_down();
	return 0;
}
