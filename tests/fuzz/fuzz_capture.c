/*
 * Captures: envelopes one after the other, each after its length (u16), as a gateway would put the parts together that it stored. What
 * comes out is in order, and every element of 49 CFR 563 can be read from it.
 */
#include "base/cursor.h"
#include "wire/edr.h"
#include "wire/signal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tt_rd r = tt_rd_init(data, size);
	struct tt_captured_facts facts;
	struct tt_captured *c;
	uint16_t len;

	if (tt_captured_create(&c) != TT_OK)
		return 0;
	while (tt_rd_u16be(&r, &len) == TT_OK && len <= r.left) {
		Telltale__V1__Envelope *env = NULL;

		if (tt_envelope_decode(r.p, len, TT_CLASS_EVENT, &env, NULL) == TT_OK &&
		    env->body_case == TELLTALE__V1__ENVELOPE__BODY_CAPTURE)
			(void)!tt_captured_add(c, env->capture);
		tt_envelope_free(env);
		r = tt_rd_init(r.p + len, r.left - len);
	}
	tt_captured_facts(c, &facts);
	TT_ASSERT(facts.parts <= TT_CAPTURED_PARTS && facts.missing < TT_CAPTURED_PARTS && (facts.ended || !facts.complete));
	for (size_t i = 0; i < tt_signal_count(); i++) {
		const struct tt_captured_sample *s;
		const size_t n = tt_captured_samples(c, tt_signal_at(i)->number, &s);

		for (size_t k = 1; k < n; k++)
			TT_ASSERT(s[k].at_ms >= s[k - 1].at_ms);
	}
	for (int e = 0; e < TT_EDR_COUNT; e++) {
		struct tt_edr_value v;

		tt_edr_read(c, (enum tt_edr_element)e, &v);
		TT_ASSERT(v.n <= TT_EDR_PULSE && (v.n > 0) == (v.status == TT_EDR_OK));
	}
	tt_captured_destroy(c);
	return 0;
}
