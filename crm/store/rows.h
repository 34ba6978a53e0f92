/*
 * What the record holds, as rows: plain structs with bounded strings, no pointers, so that a row can be kept and copied by anybody.
 *
 * Units: times UTC microseconds (0 = not set), distances metres, positions degrees * 1e7, accuracy millimetres. Strings are UTF-8,
 * NUL-terminated; the store refuses (TT_ERANGE) rather than cuts what does not fit. Tables: schemas/sql/sqlite/0001_record.sql.
 */
#ifndef TT_CRM_STORE_ROWS_H
#define TT_CRM_STORE_ROWS_H

#include "base/time.h"

#include <stdint.h>

enum { TT_NAME_MAX = 120, TT_JSON_MAX = 4000, TT_TEXT_MAX = 2000 };

struct tt_dealer {
	int64_t id;
	char name[TT_NAME_MAX];
	char timezone[64];
};

struct tt_user {
	int64_t id;
	int64_t dealer_id; /* 0: every dealer (rescue, admin) */
	char login[64];
	char name[TT_NAME_MAX];
	char role[16]; /* adviser, manager, rescue, admin */
	char password_hash[128];
	char locale[8];
	bool disabled;
};

struct tt_session {
	uint8_t token_hash[32];
	int64_t user_id;
	tt_utc_us created_at, expires_at;
	char csrf[48];
};

struct tt_customer {
	int64_t id, dealer_id;
	char name[TT_NAME_MAX];
	char phone[32]; /* E.164 */
	char email[TT_NAME_MAX];
	char language[8];
	char tier[16]; /* standard, silver, gold, vip */
	bool position_consent;
	char external_id[64]; /* "" = none */
};

struct tt_vehicle {
	int64_t id, dealer_id;
	char vin[18];
	char plate[24];
	char make[48], model[48];
	int32_t model_year;
};

struct tt_unit {
	int64_t id;
	char name[33];
	int32_t shard;
	char certificate_serial[64];
	tt_utc_us created_at, revoked_at;
	char vin[18]; /* of the vehicle it is installed in now, "" = none */
};

/* Unit -> vehicle -> owner -> home dealer, at one moment. Ids are 0 where the chain breaks. */
struct tt_link {
	int64_t unit_id;
	bool revoked;
	int64_t vehicle_id;
	int64_t customer_id;
	int64_t dealer_id;
	char vin[18];
	/* The link is the same at every moment from here to the one asked for: the youngest beginning or end, up to that moment, of the
	 * unit's installations and the vehicle's ownerships. A caller that keeps links asks again for moments before it. */
	tt_utc_us since;
};

struct tt_place {
	int32_t fix; /* FixType: 0 unknown, 1 none, 2 2D, 3 3D */
	int32_t latitude_e7, longitude_e7;
	int64_t accuracy_mm;
	tt_utc_us fix_at; /* 0 = no position */
};

struct tt_mark {
	uint64_t seq, evicted;
};

/* From 6 on: the number of the body in the envelope - 16. */
enum tt_event_kind {
	TT_KIND_ALERT = 1,
	TT_KIND_FAULT = 2,
	TT_KIND_TRIP = 3,
	TT_KIND_ODOMETER = 4,
	TT_KIND_TELEMETRY = 5,
	TT_KIND_CAPTURE = 6,
	TT_KIND_VEHICLE_EVENT = 7,
	TT_KIND_COMMAND_RESULT = 8,
	TT_KIND_CONFIG_RESULT = 9,
	TT_KIND_ECU_REPORT = 10,
	TT_KIND_FULL_STATE = 11,
};

struct tt_event {
	int64_t unit_id, vehicle_id;
	int32_t cls;
	uint64_t epoch, seq;
	enum tt_event_kind kind;
	tt_utc_us created_at, received_at;
	enum tt_clock_quality clock;
	bool late;
	const uint8_t *body; /* borrowed for the call */
	size_t body_len;
};

struct tt_vehicle_state {
	int64_t vehicle_id;
	bool online;
	tt_utc_us last_seen_at;
	struct tt_place place;
	int64_t speed_mm_s, heading_cdeg;
	int64_t odometer_m;
	tt_utc_us odometer_at;
	bool ignition_on, mil;
	char reported_vin[18];
	char conditions[TT_JSON_MAX];
};

struct tt_fault {
	int64_t id, vehicle_id;
	int32_t protocol;
	uint32_t ecu;
	char code[16];
	bool active, stored, pending, permanent, mil;
	tt_utc_us first_seen_at, last_seen_at, cleared_at;
	int64_t occurrences;
	char freeze_frame[TT_JSON_MAX]; /* JSON array */
	int64_t ticket_id;
	int32_t status_byte;        /* UDS (ISO 14229-1 D.2) */
	int32_t lamps;              /* J1939 DM1, bytes 1 and 2, the first one high */
	int64_t car_count;          /* J1939 occurrence count + 1; 0 = not told */
	char snapshot[TT_JSON_MAX]; /* UDS, JSON array; "" = none */
};

struct tt_ticket {
	int64_t id, dealer_id, vehicle_id, customer_id, fault_id;
	char kind[16];
	char subject[TT_NAME_MAX];
	int32_t priority; /* 1..4 */
	char status[16];  /* new, open, pending, resolved, closed */
	int64_t assignee_id;
	tt_utc_us opened_at, updated_at;
	tt_utc_us first_response_due_at, first_response_at, resolution_due_at, resolved_at, closed_at;
	tt_utc_us sla_paused_at; /* pending since; 0 = clocks run, crm/domain/sla.h */
	tt_utc_us escalate_at;   /* next instant a clock runs out; 0 = none runs (tt_store_ticket_escalations) */
	tt_utc_us escalated_at;  /* last time one did */
	tt_utc_us event_at;
	bool late;
	int64_t occurrences;
	struct tt_place place;
	int64_t odometer_m;
	int64_t version;
};

/* A line of the queue: the ticket and what the list shows beside it, in one read. */
struct tt_queue_row {
	struct tt_ticket ticket;
	char vin[18], plate[24], make[48], model[48];
	char customer_name[TT_NAME_MAX], customer_tier[16];
	char assignee_name[TT_NAME_MAX];
	char dealer_name[TT_NAME_MAX];
	char code[16]; /* of the fault, "" = none */
};

struct tt_rescue {
	int64_t id, dealer_id, vehicle_id, customer_id;
	uint64_t incident;
	char kind[16];     /* crash, sos, theft, breakdown */
	char status[16];   /* new, acknowledged, dispatched, on_site, closed */
	char severity[16]; /* unknown, normal, high */
	char detail[TT_JSON_MAX];
	int64_t assignee_id;
	tt_utc_us opened_at, event_at, acknowledged_at, closed_at, updated_at;
	tt_utc_us escalate_at; /* unacknowledged: when to shout again; 0 = no more (tt_store_rescue_escalations) */
	int64_t escalations;
	char outcome[TT_NAME_MAX];
	bool late;
	struct tt_place place;
	int64_t version;
};

struct tt_rescue_row {
	struct tt_rescue rescue;
	char vin[18], plate[24], make[48], model[48];
	char customer_name[TT_NAME_MAX], customer_phone[32], customer_language[8];
	char assignee_name[TT_NAME_MAX];
	char dealer_name[TT_NAME_MAX];
};

struct tt_plan_item {
	int64_t id, plan_id;
	char name[TT_NAME_MAX];
	int64_t interval_m, interval_days, warn_m, warn_days;
};

/* One item of a vehicle's plan with its base, ready for crm/domain/maintenance.h. */
struct tt_vehicle_item {
	int64_t vehicle_id;
	struct tt_plan_item item;
	int64_t base_odometer_m;
	tt_utc_us base_at;
	int64_t cycle;
};

struct tt_reminder {
	int64_t id, dealer_id, vehicle_id, customer_id, plan_item_id, cycle;
	char status[16]; /* soon, due, overdue, done, dismissed */
	int64_t due_odometer_m;
	tt_utc_us due_at;
	int64_t odometer_m;
	tt_utc_us created_at, updated_at;
};

struct tt_reminder_row {
	struct tt_reminder reminder;
	char item_name[TT_NAME_MAX];
	char vin[18], plate[24], make[48], model[48];
	char customer_name[TT_NAME_MAX], customer_phone[32];
	char dealer_name[TT_NAME_MAX];
};

enum tt_subject { TT_SUBJECT_TICKET, TT_SUBJECT_RESCUE, TT_SUBJECT_REMINDER };

struct tt_timeline {
	int64_t id;
	enum tt_subject subject;
	int64_t subject_id;
	tt_utc_us at;
	int64_t actor_id; /* 0: Telltale itself */
	char actor_name[TT_NAME_MAX];
	char kind[32];
	char text[TT_TEXT_MAX];
	char detail[TT_JSON_MAX];
};

struct tt_change {
	int64_t id;
	int64_t dealer_id; /* 0: every dealer */
	tt_utc_us at;
	char kind[32];
	int64_t subject_id, vehicle_id;
	char body[TT_JSON_MAX];
};

struct tt_outbox {
	int64_t id, dealer_id;
	char channel[16];
	char recipient[TT_NAME_MAX];
	char template_name[48];
	char payload[TT_JSON_MAX];
	char idempotency_key[96];
	tt_utc_us created_at, next_at, sent_at, failed_at;
	int64_t attempts;
	char last_error[240];
};

struct tt_quarantine {
	int64_t id;
	tt_utc_us received_at;
	char topic[96];
	char unit[33];
	char reason[240];
	int64_t size;
};

struct tt_audit {
	tt_utc_us at;
	int64_t user_id, dealer_id;
	char action[32];
	char subject[64];
	char reason[240];
	char address[64];
};

#include "crm/store/rows_car.h"

#endif
