/*
 * The starter battery: low, not charged, and ageing. PURE.
 *
 * Low: the median of three readings below `battery-low` at rest, or below `battery-charging` while the engine runs, for `battery-hold`; the
 * dip of a starter or a window lift is shorter. Over when 0.3 V above for as long. Ageing: the voltage after two hours and more of rest,
 * one value a day; when those of at least five days within at least a week fall by `battery-slope` a day or more (median of the slopes
 * between all pairs), or when two starts in a row pull it below `battery-crank`. Told at most once a week. Units: mV. Memory: caller owned.
 * Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_PROTO_BATTERY_H
#define TT_FIRMWARE_PROTO_BATTERY_H

#include "firmware/proto/motion_config.h"
#include "firmware/proto/motion_event.h"
#include "firmware/proto/robust.h"

enum { TT_BATTERY_DAYS = 16 };

enum tt_engine { TT_ENGINE_UNKNOWN, TT_ENGINE_OFF, TT_ENGINE_RUNS };

struct tt_battery {
	const struct tt_motion_config *cfg;
	struct tt_motion_queue *out;
	struct tt_median3 median;
	bool known;
	int64_t mv; /* median of the last three */
	enum tt_engine engine;
	tt_mono_us engine_since_us;
	struct tt_episode low;
	enum tt_motion_cause low_cause;
	int64_t limit_mv; /* of the episode */
	int64_t dip_mv;   /* lowest lately with the engine not running */
	tt_mono_us dip_at_us;
	unsigned weak_starts; /* in a row */
	struct {
		int64_t day; /* since 1970 */
		int64_t mv;
	} days[TT_BATTERY_DAYS];
	unsigned ndays;   /* oldest first */
	int64_t told_day; /* 0 = never */
};

void tt_battery_init(struct tt_battery *b, const struct tt_motion_config *cfg, struct tt_motion_queue *out);
void tt_battery_engine(struct tt_battery *b, tt_mono_us now_us, enum tt_engine engine);
/* utc_us: 0 = not known; then nothing is learned about ageing. */
void tt_battery_voltage(struct tt_battery *b, tt_mono_us now_us, tt_utc_us utc_us, int64_t mv);
/* A resting voltage learned by an earlier process; in order of days, others are ignored. */
void tt_battery_learn(struct tt_battery *b, int64_t day, int64_t mv);

#endif
