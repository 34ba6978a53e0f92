/* An update's manifest in any shape: decoded within bounds, or refused. */
#include <stdint.h>
#include <string.h>

#include "firmware/update/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tt_manifest m;

	if (tt_manifest_decode(data, size, &m) != TT_OK)
		return 0;
	TT_ASSERT(m.size > 0 && m.size <= TT_MANIFEST_PROGRAM_MAX && m.sequence > 0);
	TT_ASSERT(m.sha256 >= data && m.sha256 + TT_MANIFEST_SUM <= data + size);
	TT_ASSERT(strlen(m.url) < sizeof(m.url) && strlen(m.unit) < sizeof(m.unit));
	(void)tt_manifest_refusal(&m, "CAR-0001", "amd64", 0);
	return 0;
}
