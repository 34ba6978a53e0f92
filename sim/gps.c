#include "sim/gps.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { NOISE_E7 = 45, SIGMA_MM = 900, SATELLITES = 10, HDOP_CENTI = 85 }; /* 45e-7 degree is half a metre */

uint64_t tt_sim_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(0x2545F4914F6CDD1D);
}

static int64_t jitter(uint64_t *noise)
{
	return noise ? (int64_t)(tt_sim_random(noise) >> 33) % (2 * NOISE_E7 + 1) - NOISE_E7 : 0;
}

struct tt_nmea_fix tt_gps_fix(const struct tt_car *car, const struct tt_track *track, tt_utc_us at_us, uint64_t *noise)
{
	const struct tt_track_place place = tt_track_at(track, car->travelled_um);
	const int64_t north = jitter(noise), east = jitter(noise);

	return (struct tt_nmea_fix){
		.at_us = at_us,
		.valid = !car->gps_lost,
		.latitude_e7 = place.latitude_e7 + north,
		.longitude_e7 = place.longitude_e7 + east,
		.height_mm = place.height_mm,
		.geoid_mm = track->geoid_mm,
		.speed_mm_s = car->towed ? TT_CAR_TOW_MM_S : car->speed_mm_s,
		.heading_cdeg = place.heading_cdeg,
		.satellites = SATELLITES,
		.hdop_centi = HDOP_CENTI,
		.sigma_mm = SIGMA_MM,
	};
}

enum tt_err tt_gps_open(uint16_t port, int *fd, struct tt_errmsg *msg)
{
	const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	const int s = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (s < 0 || connect(s, (const struct sockaddr *)&address, sizeof(address)) != 0) {
		const enum tt_err err = tt_errmsg_set(msg, TT_EIO, "gps-udp %u: %s", port, strerror(errno));

		if (s >= 0)
			close(s);
		return err;
	}
	*fd = s;
	return TT_OK;
}

void tt_gps_send(int fd, const struct tt_nmea_fix *fix)
{
	char burst[TT_NMEA_BURST];
	size_t len;
	enum tt_err err = tt_nmea_burst(fix, burst, sizeof(burst), &len);
	ssize_t n;

	TT_ASSERT(err == TT_OK);
	n = send(fd, burst, len, MSG_NOSIGNAL);
	(void)n; /* ECONNREFUSED: gpsd is not there (yet) */
}
