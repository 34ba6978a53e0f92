#include "firmware/proto/dtc.h"

#include "base/text.h"

static const char letters[] = {'P', 'C', 'B', 'U'};

void tt_dtc_text(uint16_t code, char out[TT_DTC_TEXT])
{
	struct tt_text t = tt_text_init(out, TT_DTC_TEXT);

	tt_text_char(&t, letters[code >> 14]);
	tt_text_hex(&t, code & 0x3FFFU, 4);
}

enum tt_err tt_dtc_parse(const char *s, size_t n, uint16_t *out)
{
	uint64_t digits;
	unsigned letter = 0;

	if (n != TT_DTC_TEXT - 1)
		return TT_EINVAL;
	while (letter < sizeof(letters) && letters[letter] != (s[0] & ~0x20))
		letter++;
	if (letter == sizeof(letters) || s[1] > '3' || tt_parse_hex(s + 1, 4, &digits))
		return TT_EINVAL;
	*out = (uint16_t)(letter << 14 | digits);
	return TT_OK;
}
