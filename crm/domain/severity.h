/*
 * How badly people in a crashed car may be hurt: a probability from a published-data model, and rules that overrule it.
 *
 * The model is a record (name, source, outcome, coefficients, cut point), so that another may be dropped in. The one shipped is the "KA
 * model (NASS-CDS 1997-2002 extract)": logistic regression on police-rated injury "incapacitating or killed" of front-seat occupants. It is
 * not OnStar's ISP nor Kononen 2011 (whose coefficients are not public), and says nothing about side impacts, multiple impacts or vehicle
 * type.
 *
 * What is not known (belt, age, sex, direction) is taken at its worst for the verdict; the best case is reported beside it. PURE, no libm.
 */
#ifndef TT_CRM_DOMAIN_SEVERITY_H
#define TT_CRM_DOMAIN_SEVERITY_H

#include "base/err.h"

#include <stdint.h>

enum tt_tri { TT_TRI_UNKNOWN = 0, TT_TRI_NO = 1, TT_TRI_YES = 2 };

enum tt_severity { TT_SEVERITY_UNKNOWN, TT_SEVERITY_NORMAL, TT_SEVERITY_HIGH, TT_NSEVERITIES };

struct tt_severity_model {
	const char *name, *version, *source, *outcome;
	double intercept, delta_v_mph, belted, frontal, age_55, female;
	int32_t cut_per_mille; /* at or above: high */
};

struct tt_crash {
	uint32_t delta_v_mm_s; /* 0 = unknown */
	bool airbag_deployed;
	bool rollover;
	enum tt_tri frontal;
	enum tt_tri belted; /* every front occupant; NO when one is not */
	enum tt_tri age_55; /* somebody aged 55 or more */
	enum tt_tri female;
};

struct tt_severity_result {
	enum tt_severity severity;
	int32_t worst_per_mille, best_per_mille; /* 0..1000; -1 when delta-v is unknown */
	const char *rule;                        /* static: "model", "rollover", "airbag without delta-v", "no crash data" */
};

extern const struct tt_severity_model tt_severity_ka6;

/* "unknown", "normal", "high": rescue.severity. */
const char *tt_severity_name(enum tt_severity severity);
/* Belts as the wire tells them: fastened of the front seats that are known to be occupied (0 = unknown how many). */
enum tt_tri tt_severity_belts(bool known, uint32_t fastened, uint32_t occupied);
void tt_severity_judge(const struct tt_severity_model *model, const struct tt_crash *crash, struct tt_severity_result *out);

#endif
