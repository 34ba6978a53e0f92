/* telltale-sim nmea --track T > file: a drive along a track as a receiver would tell it, for gpsfake. */
#include "sim/commands.h"

#include "base/config.h"
#include "sim/file.h"
#include "sim/gps.h"

#include <stdlib.h>
#include <string.h>

struct options {
	char track[256];
	int64_t seconds, seed, start;
	bool parked;
};

static const struct tt_config_key keys[] = {
	TT_CONFIG_STR(struct options, track, "track", NULL, "track file to drive along"),
	TT_CONFIG_NUM(struct options, seconds, "seconds", 1, 86400, "120", "length of the drive, seconds; one fix each"),
	TT_CONFIG_NUM(struct options, seed, "seed", 1, INT64_MAX, "1", "of the receiver's noise"),
	TT_CONFIG_NUM(struct options, start, "start", 0, 4102444800, "0", "time of the first fix, seconds since 1970; 0 = now"),
	TT_CONFIG_FLAG(struct options, parked, "parked", "false", "stand at the track's start"),
};
static const struct tt_config_spec spec = {
	.program = "telltale-sim nmea",
	.purpose = "NMEA sentences of a drive, once a second, on standard output",
	.env_prefix = "TELLTALE_SIM",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
};

static enum tt_err write_drive(const struct options *o, const struct tt_track *track)
{
	const tt_utc_us start_us = o->start > 0 ? TT_SEC(o->start) : tt_utc_now() / 1000000 * 1000000;
	uint64_t noise = (uint64_t)o->seed;
	struct tt_car car;

	tt_car_init(&car);
	car.follow = !o->parked;
	for (int64_t s = 0; s < o->seconds; s++) {
		const struct tt_nmea_fix fix = tt_gps_fix(&car, track, start_us + TT_SEC(s), &noise);
		char burst[TT_NMEA_BURST];
		size_t len;
		enum tt_err err = tt_nmea_burst(&fix, burst, sizeof(burst), &len);

		if (err || fwrite(burst, 1, len, stdout) != len)
			return err ? err : TT_EIO;
		for (unsigned i = 0; i < 100; i++) {
			car.limit_mm_s = tt_track_at(track, car.travelled_um).limit_mm_s;
			tt_car_step(&car, TT_MS(10));
		}
	}
	return fflush(stdout) == 0 ? TT_OK : TT_EIO;
}

int tt_sim_nmea(int argc, char *const argv[])
{
	static struct tt_track track;
	struct options options = {.parked = false};
	struct tt_errmsg msg = {""};
	char *text = NULL;
	size_t len;
	bool help;
	enum tt_err err = tt_config_load(&spec, &options, argc, argv, &help, &msg);

	if (err || help) {
		if (err)
			fprintf(stderr, "telltale-sim nmea: %s\n", msg.text);
		return err ? 2 : 0;
	}
	err = tt_sim_file_read(options.track, &text, &len, &msg);
	if (!err)
		err = tt_track_parse(text, len, &track, &msg);
	free(text);
	if (!err && (err = write_drive(&options, &track)))
		(void)tt_errmsg_set(&msg, err, "standard output: %s", tt_err_text(err));
	if (err)
		fprintf(stderr, "telltale-sim nmea: %s: %s\n", options.track, msg.text);
	return err ? 1 : 0;
}
