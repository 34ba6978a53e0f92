/*
 * What happened to a vehicle (the wire's VehicleEvent): how reports of one occurrence come together, and which kinds are work for a desk.
 *
 * What lasts has a BEGIN and an END, a fence also an INSTANT in between; each may be missing (evicted) and they may come in any order
 * (another epoch after a new journal). What is over when it is told is one INSTANT. Told twice, it changes nothing.
 *
 * PURE. Times UTC microseconds, values thousandths of the kind's unit.
 */
#ifndef TT_CRM_DOMAIN_HAPPENED_H
#define TT_CRM_DOMAIN_HAPPENED_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

/* VehicleEventKind and VehicleEventPhase, same numbers. */
enum { TT_HAPPENED_GEOFENCE = 6, TT_HAPPENED_KINDS = 11 };
enum tt_happened_phase { TT_HAPPENED_INSTANT = 1, TT_HAPPENED_BEGIN = 2, TT_HAPPENED_END = 3 };

struct tt_happened_kind {
	const char *name;  /* "coolant_hot": of the API, and of the ticket's kind */
	const char *unit;  /* "degC"; "" = the value says nothing */
	unsigned decimals; /* that are worth showing */
	int32_t impact;    /* TT_IMPACT_*: it opens a ticket; 0 = history only */
	const char *title_en, *title_zh;
};

/* 1..TT_HAPPENED_KINDS; NULL for any other number. Static. */
const struct tt_happened_kind *tt_happened_kind(int32_t kind);
/* NULL: no kind of this name. */
const struct tt_happened_kind *tt_happened_by_name(const char *name);

/* What the record holds of an occurrence; all 0 before the first report. */
struct tt_happened {
	bool begun; /* its beginning was told; otherwise began_at is counted back from the end */
	bool dwelt;
	tt_utc_us began_at, ended_at; /* ended_at 0 = goes on */
	int64_t duration_ms;
	int64_t value_milli, limit_milli, peak_milli;
};

struct tt_happened_seen {
	int32_t kind;
	enum tt_happened_phase phase;
	tt_utc_us at;        /* above 0 */
	int64_t duration_ms; /* not negative; what is more than ten years counts as ten */
	int64_t value_milli, limit_milli, peak_milli;
};

enum tt_happened_news { TT_HAPPENED_NOTHING_NEW, TT_HAPPENED_BEGAN, TT_HAPPENED_ENDED, TT_HAPPENED_DWELT };

enum tt_happened_news tt_happened_merge(struct tt_happened *known, const struct tt_happened_seen *seen);

/* "row1.left: 168.0 kPa, limit 190.0 kPa". Cut when it does not fit. */
void tt_happened_say(const struct tt_happened_kind *kind, const char *subject, int64_t value_milli, int64_t limit_milli, char *out,
		     size_t size);

#endif
