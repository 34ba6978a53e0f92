/*
 * A trouble code of any protocol in one line for people: what tt_dtc_describe tells, with the failure type of UDS codes ("P0301-13") and
 * with parameter and failure mode of J1939 ("100/1": SPN/FMI). Data: schemas/dtc. PURE.
 */
#ifndef TT_CRM_DOMAIN_DTC_WORDS_H
#define TT_CRM_DOMAIN_DTC_WORDS_H

#include "base/err.h"

#include <stdint.h>

enum { TT_DTC_WORDS_MAX = 160 };

struct tt_dtc_words {
	int32_t severity;   /* TT_IMPACT_* */
	const char *system; /* one lower-case word, static */
	char en[TT_DTC_WORDS_MAX], zh[TT_DTC_WORDS_MAX];
	int32_t failure_type; /* UDS: 0..255; -1 = none */
	int64_t spn;          /* J1939; -1 = none */
	int32_t fmi;          /* J1939: 0..31; -1 = none */
};

/* Never fails: what is not known is shown by its number. */
void tt_dtc_words(const char *code, struct tt_dtc_words *out);

#endif
