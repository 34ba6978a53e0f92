/*
 * Tyre pressure: low against the placard, against the other wheel of the axle, or by the car's own warning, for `tyre-hold`. PURE.
 *
 * Where a tyre's temperature is known its pressure is compared as it would be at 20 degree C (gas law), so that a warm leaking tyre is not
 * taken for a full one, nor a cold full one for a leaking one. A wheel counts only after it once had 100 kPa (a sensor that never spoke
 * says 0), and its sibling for ten minutes after its last word. Over when half the margin is made up, for as long. The median of three
 * readings counts. Units: thousandths of kPa (gauge) and of degree C. Memory: caller owned. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_TYRES_H
#define TT_FIRMWARE_PROTO_TYRES_H

#include "firmware/proto/motion_config.h"
#include "firmware/proto/motion_event.h"
#include "firmware/proto/robust.h"

struct tt_wheel {
	struct tt_median3 median;
	bool alive; /* had a pressure */
	tt_mono_us at_us;
	int64_t milli_kpa; /* median */
	bool warm_known;
	int64_t milli_c;
	bool warned;
	struct tt_episode low;
	enum tt_motion_cause cause;
	int64_t limit;
};

struct tt_tyres {
	const struct tt_motion_config *cfg;
	struct tt_motion_queue *out;
	struct tt_wheel wheels[TT_WHEELS]; /* row1.left, row1.right, row2.left, row2.right */
};

void tt_tyres_init(struct tt_tyres *t, const struct tt_motion_config *cfg, struct tt_motion_queue *out);
/* wheel: 0..TT_WHEELS-1. */
void tt_tyres_pressure(struct tt_tyres *t, tt_mono_us now_us, unsigned wheel, int64_t milli_kpa);
void tt_tyres_temperature(struct tt_tyres *t, unsigned wheel, int64_t milli_c);
void tt_tyres_warning(struct tt_tyres *t, tt_mono_us now_us, unsigned wheel, bool low);
/* "row1.left"; static. */
const char *tt_tyres_name(unsigned wheel);
/* As it would be at 20 degree C. */
int64_t tt_tyres_at_20c(int64_t milli_kpa, int64_t milli_c);

#endif
