/* Any text is a track or an error; on a track every distance gives a place on the earth. */
#include "sim/track.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tt_track track;
	struct tt_errmsg msg = {""};

	if (tt_track_parse((const char *)data, size, &track, &msg))
		return 0;
	for (int64_t um = 0; um < INT64_C(5000000000); um += 77777777) {
		const struct tt_track_place place = tt_track_at(&track, um);

		TT_ASSERT(place.latitude_e7 >= -900000000 && place.latitude_e7 <= 900000000);
		TT_ASSERT(place.longitude_e7 >= -1800000000 && place.longitude_e7 <= 1800000000);
		TT_ASSERT(place.heading_cdeg >= 0 && place.heading_cdeg < 36000);
		TT_ASSERT(place.limit_mm_s > 0);
	}
	return 0;
}
