/* Any text is a profile or refused with its line; whatever was read can transform any value. */
#include "firmware/agent/profile.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tt_profile p;
	struct tt_errmsg msg = {.text = ""};
	double out;

	if (tt_profile_parse("p", (const char *)data, size, &p, &msg) != TT_OK) {
		TT_ASSERT(strncmp(msg.text, "p:", 2) == 0);
		return 0;
	}
	TT_ASSERT(p.nsignals <= TT_PROFILE_SIGNALS && p.npolls <= TT_PROFILE_POLLS && p.ntransmit <= TT_PROFILE_TRANSMIT);
	for (size_t i = 0; i < p.nsignals; i++)
		(void)tt_profile_transform(&p.signals[i].rule, (double)size, &out);
	for (size_t i = 0; i < p.ntransmit; i++)
		TT_ASSERT(p.transmit[i].max_per_s > 0 && p.transmit[i].services[0] != 0);
	return 0;
}
