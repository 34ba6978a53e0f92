/*
 * Trouble codes in words: severity, system and a short text in English and Chinese (our own wording) for the common generic codes
 * of SAE J2012 / ISO 15031-6, and for every other code what its letter and group tell. Data: schemas/dtc/codes.def. PURE.
 */
#ifndef TT_CRM_DOMAIN_DTC_TEXT_H
#define TT_CRM_DOMAIN_DTC_TEXT_H

#include "base/err.h"

#include <stdint.h>

struct tt_dtc_text {
	const char *code;    /* "P0301"; of a group "P03"; "" when nothing is known */
	int32_t severity;    /* TT_IMPACT_*, crm/domain/ticket.h */
	const char *system;  /* "ignition", "fuel", "emissions", "brakes", ... one lower-case word */
	const char *text_en; /* "Cylinder 1 misfire" */
	const char *text_zh;
	bool exact; /* false: only the group is known */
};

/* Never fails: strings are static, never NULL. A failure type suffix ("P0301-1C", UDS) is ignored; letters may be lower case. */
void tt_dtc_describe(const char *code, struct tt_dtc_text *out);
/* How many codes have their own text, and the n-th of them (sorted by code), for docs and tests. */
size_t tt_dtc_text_count(void);
void tt_dtc_text_at(size_t n, struct tt_dtc_text *out);

#endif
