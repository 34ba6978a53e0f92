/* The first byte is the topic's class, the rest an envelope. What is accepted must encode again and be accepted again. */
#include "base/err.h"
#include "wire/envelope.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[2 * TT_ENVELOPE_MAX_BYTES];
	Telltale__V1__Envelope *env = NULL;
	struct tt_errmsg why = {{0}};
	enum tt_class cls;
	size_t len = 0;

	if (size == 0)
		return 0;
	cls = (enum tt_class)(data[0] % TT_NCLASSES);
	if (tt_envelope_decode(data + 1, size - 1, cls, &env, &why)) {
		TT_ASSERT(!env && why.text[0] != '\0');
		return 0;
	}
	TT_ASSERT(!tt_envelope_encode(env, again, sizeof(again), &len));
	tt_envelope_free(env);
	if (len > TT_ENVELOPE_MAX_BYTES)
		return 0; /* sparse input may grow by defaults of packed fields; the agent never sends it */
	env = NULL;
	TT_ASSERT(!tt_envelope_decode(again, len, cls, &env, &why));
	tt_envelope_free(env);
	return 0;
}
