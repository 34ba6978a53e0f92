#include "tests/support/nmea_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 24, UERE_MM = 15000 };

/* What has been said of the moment under way. */
struct moment {
	double altitude_m, hdop, gst_m;
	int64_t gst_at_us, gga_at_us;
	bool altitude_known;
};

static bool checksum_good(char *line)
{
	char *star = strchr(line, '*');
	unsigned sum = 0;

	if (line[0] != '$' || !star)
		return false;
	for (const char *p = line + 1; p < star; p++)
		sum ^= (unsigned char)*p;
	if (strtoul(star + 1, NULL, 16) != sum)
		return false;
	*star = '\0';
	return true;
}

static size_t split(char *line, char *field[FIELDS])
{
	size_t n = 0;

	for (char *at = line; at && n < FIELDS; n++) {
		field[n] = at;
		at = strchr(at, ',');
		if (at)
			*at++ = '\0';
	}
	return n;
}

/* hhmmss.ss; -1 = none. */
static int64_t time_of_day(const char *s)
{
	const double v = strtod(s, NULL);
	const int64_t whole = (int64_t)v;

	if (strlen(s) < 6 || v < 0 || v >= 240000)
		return -1;
	return TT_SEC(whole / 10000 * 3600 + whole / 100 % 100 * 60 + whole % 100) + llround((v - (double)whole) * 1e3) * 1000;
}

/* ddmm.mmmm and the letter of the half of the world. */
static int32_t degrees_e7(const char *s, const char *half)
{
	const double v = strtod(s, NULL), whole = floor(v / 100);
	const double degrees = whole + (v - whole * 100) / 60;

	return (int32_t)lround((*half == 'S' || *half == 'W' ? -degrees : degrees) * 1e7);
}

static uint32_t accuracy_mm(const struct moment *m, int64_t at_us)
{
	double mm = 0;

	if (m->gst_at_us == at_us && m->gst_m > 0)
		mm = m->gst_m * 1000;
	else if (m->gga_at_us == at_us && m->hdop > 0)
		mm = m->hdop * UERE_MM;
	return mm < 1e9 ? (uint32_t)lround(mm) : 1000000000U;
}

/* A log that runs over midnight counts on; a time that runs back does not count at all. */
static int64_t unfold(const struct tt_nmea_log *log, int64_t first_us, int64_t at_us)
{
	const int64_t last = log->n > 0 ? log->fixes[log->n - 1].at_us : 0;
	int64_t since = at_us - first_us;

	while (since < last - TT_DAY_US / 2)
		since += TT_DAY_US;
	return since;
}

static enum tt_err take_rmc(struct tt_nmea_log *log, char *const f[FIELDS], const struct moment *m, int64_t *first_us)
{
	struct tt_nmea_log_fix *fix = &log->fixes[log->n];
	const int64_t at_us = time_of_day(f[1]);

	if (at_us < 0)
		return TT_OK;
	if (log->n == TT_NMEA_LOG_FIXES)
		return TT_EFULL;
	if (log->n == 0)
		*first_us = at_us;
	*fix = (struct tt_nmea_log_fix){.at_us = unfold(log, *first_us, at_us), .valid = f[2][0] == 'A'};
	if (log->n > 0 && fix->at_us < fix[-1].at_us)
		return TT_OK;
	if (fix->valid) {
		fix->latitude_e7 = degrees_e7(f[3], f[4]);
		fix->longitude_e7 = degrees_e7(f[5], f[6]);
		fix->altitude_mm = m->altitude_known ? (int32_t)lround(m->altitude_m * 1000) : 0;
		fix->accuracy_mm = accuracy_mm(m, at_us);
		fix->speed_mm_s = (uint32_t)lround(strtod(f[7], NULL) * 1852000 / 3600);
		fix->heading_cdeg = (uint32_t)lround(strtod(f[8], NULL) * 100) % 36000;
	}
	log->n++;
	return TT_OK;
}

static enum tt_err take(struct tt_nmea_log *log, char *line, struct moment *m, int64_t *first_us)
{
	char *f[FIELDS];
	size_t n;

	if (!checksum_good(line) || strlen(line) < 6) {
		log->refused++;
		return TT_OK;
	}
	n = split(line, f);
	if (strcmp(f[0] + 3, "GGA") == 0 && n > 9) {
		m->gga_at_us = time_of_day(f[1]);
		m->hdop = strtod(f[8], NULL);
		m->altitude_known = f[9][0] != '\0';
		m->altitude_m = strtod(f[9], NULL);
	} else if (strcmp(f[0] + 3, "GST") == 0 && n > 7) {
		m->gst_at_us = time_of_day(f[1]);
		m->gst_m = hypot(strtod(f[6], NULL), strtod(f[7], NULL));
	} else if (strcmp(f[0] + 3, "RMC") == 0 && n > 9) {
		return take_rmc(log, f, m, first_us);
	}
	return TT_OK;
}

enum tt_err tt_nmea_log_read(const char *path, struct tt_nmea_log *out)
{
	struct moment m = {.gst_at_us = -1, .gga_at_us = -1};
	char line[512];
	int64_t first_us = 0;
	enum tt_err err = TT_OK;
	FILE *f = fopen(path, "re");

	if (!f)
		return TT_ENOTFOUND;
	out->n = 0;
	out->refused = 0;
	while (!err && fgets(line, sizeof(line), f))
		err = take(out, line, &m, &first_us);
	fclose(f);
	return err;
}
