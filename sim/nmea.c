#include "sim/nmea.h"

#include "base/text.h"

static void padded(struct tt_text *t, int64_t v, unsigned width)
{
	int64_t unit = 1;

	for (unsigned i = 1; i < width; i++)
		unit *= 10;
	for (; unit > 0; unit /= 10)
		tt_text_char(t, (char)('0' + v / unit % 10));
}

static void put_time(struct tt_text *t, tt_utc_us at_us)
{
	const int64_t centi = at_us % TT_DAY_US / 10000;

	padded(t, centi / 360000, 2);
	padded(t, centi / 6000 % 60, 2);
	padded(t, centi / 100 % 60, 2);
	tt_text_char(t, '.');
	padded(t, centi % 100, 2);
	tt_text_char(t, ',');
}

static void put_date(struct tt_text *t, tt_utc_us at_us)
{
	int64_t year;
	unsigned month, day;

	tt_civil_from_days(at_us / TT_DAY_US, &year, &month, &day);
	padded(t, day, 2);
	padded(t, month, 2);
	padded(t, year % 100, 2);
	tt_text_char(t, ',');
}

/* ddmm.mmmmmm,N: degrees of `digits` digits, minutes with six decimals (2 mm), the letter of the half of the world. */
static void put_angle(struct tt_text *t, int64_t e7, unsigned digits, char positive, char negative)
{
	const int64_t size = e7 < 0 ? -e7 : e7;
	const int64_t micro_minutes = size % 10000000 * 6; /* 1e-7 degree = 6 micro-minutes */

	padded(t, size / 10000000, digits);
	padded(t, micro_minutes / 1000000, 2);
	tt_text_char(t, '.');
	padded(t, micro_minutes % 1000000, 6);
	tt_text_char(t, ',');
	tt_text_char(t, e7 < 0 ? negative : positive);
	tt_text_char(t, ',');
}

static void put_position(struct tt_text *t, const struct tt_nmea_fix *fix)
{
	if (!fix->valid) {
		tt_text_str(t, ",,,,");
		return;
	}
	put_angle(t, fix->latitude_e7, 2, 'N', 'S');
	put_angle(t, fix->longitude_e7, 3, 'E', 'W');
}

static void put_fixed(struct tt_text *t, int64_t v, unsigned decimals, const char *after)
{
	tt_text_fixed(t, v, decimals);
	tt_text_str(t, after);
}

/* The sum is the exclusive or of everything between $ and *. */
static void finish(struct tt_text *t, size_t start)
{
	unsigned sum = 0;

	for (size_t i = start + 1; i < t->len; i++)
		sum ^= (unsigned char)t->buf[i];
	tt_text_char(t, '*');
	tt_text_hex(t, sum, 2);
	tt_text_str(t, "\r\n");
}

static void put_gga(struct tt_text *t, const struct tt_nmea_fix *fix)
{
	const size_t start = t->len;

	tt_text_str(t, "$GPGGA,");
	put_time(t, fix->at_us);
	put_position(t, fix);
	tt_text_str(t, fix->valid ? "1," : "0,");
	padded(t, fix->valid ? fix->satellites : 0, 2);
	tt_text_char(t, ',');
	if (fix->valid) {
		put_fixed(t, fix->hdop_centi, 2, ",");
		put_fixed(t, (fix->height_mm - fix->geoid_mm) / 10, 2, ",M,");
		put_fixed(t, fix->geoid_mm / 10, 2, ",M,,");
	} else {
		tt_text_str(t, ",,M,,M,,");
	}
	finish(t, start);
}

/* A sky with satellites all around: from their directions gpsd works out the dilution east and north, hence epx and epy. */
static const struct {
	uint8_t elevation, azimuth_2; /* degrees; azimuth halved */
} sky[12] = {{72, 15}, {55, 48}, {48, 92}, {41, 130}, {35, 160}, {30, 5}, {26, 33}, {22, 70}, {18, 110}, {15, 145}, {12, 175}, {10, 85}};

enum { PER_GSV = 4, FIRST_PRN = 2, PRN_STEP = 2 };

static unsigned in_view(const struct tt_nmea_fix *fix)
{
	const unsigned most = sizeof(sky) / sizeof(sky[0]);

	return fix->satellites < most ? fix->satellites : most;
}

static void put_gsa(struct tt_text *t, const struct tt_nmea_fix *fix)
{
	const size_t start = t->len;

	tt_text_str(t, fix->valid ? "$GPGSA,A,3," : "$GPGSA,A,1,");
	for (unsigned i = 0; i < 12; i++) {
		if (fix->valid && i < in_view(fix))
			padded(t, FIRST_PRN + PRN_STEP * i, 2);
		tt_text_char(t, ',');
	}
	if (fix->valid) {
		put_fixed(t, fix->hdop_centi * 3 / 2, 2, ",");
		put_fixed(t, fix->hdop_centi, 2, ",");
		put_fixed(t, fix->hdop_centi * 5 / 4, 2, "");
	} else {
		tt_text_str(t, ",,");
	}
	finish(t, start);
}

static void put_gsv(struct tt_text *t, const struct tt_nmea_fix *fix)
{
	const unsigned n = in_view(fix), sentences = (n + PER_GSV - 1) / PER_GSV;

	for (unsigned k = 0; fix->valid && k < sentences; k++) {
		const size_t start = t->len;

		tt_text_str(t, "$GPGSV,");
		tt_text_u64(t, sentences);
		tt_text_char(t, ',');
		tt_text_u64(t, k + 1);
		tt_text_char(t, ',');
		padded(t, n, 2);
		for (unsigned i = k * PER_GSV; i < n && i < (k + 1) * PER_GSV; i++) {
			const unsigned fields[] = {FIRST_PRN + PRN_STEP * i, sky[i].elevation, sky[i].azimuth_2 * 2U,
						   30U + sky[i].elevation / 5U};

			for (unsigned f = 0; f < 4; f++) {
				tt_text_char(t, ',');
				padded(t, fields[f], f == 2 ? 3 : 2);
			}
		}
		finish(t, start);
	}
}

static void put_gst(struct tt_text *t, const struct tt_nmea_fix *fix)
{
	const size_t start = t->len;

	if (!fix->valid)
		return;
	tt_text_str(t, "$GPGST,");
	put_time(t, fix->at_us);
	put_fixed(t, fix->sigma_mm, 3, ",");
	put_fixed(t, fix->sigma_mm, 3, ","); /* half axes of the error ellipse and its direction */
	put_fixed(t, fix->sigma_mm, 3, ",0.0,");
	put_fixed(t, fix->sigma_mm, 3, ",");
	put_fixed(t, fix->sigma_mm, 3, ",");
	put_fixed(t, fix->sigma_mm * 3 / 2, 3, "");
	finish(t, start);
}

static void put_rmc(struct tt_text *t, const struct tt_nmea_fix *fix)
{
	const size_t start = t->len;

	tt_text_str(t, "$GPRMC,");
	put_time(t, fix->at_us);
	tt_text_str(t, fix->valid ? "A," : "V,");
	put_position(t, fix);
	if (fix->valid) {
		put_fixed(t, fix->speed_mm_s * 3600 / 1852, 3, ","); /* knots */
		put_fixed(t, fix->heading_cdeg, 2, ",");
	} else {
		tt_text_str(t, ",,");
	}
	put_date(t, fix->at_us);
	tt_text_str(t, fix->valid ? ",,A" : ",,N");
	finish(t, start);
}

enum tt_err tt_nmea_burst(const struct tt_nmea_fix *fix, char *out, size_t cap, size_t *len)
{
	struct tt_text t;

	if (cap < TT_NMEA_BURST)
		return TT_EFULL;
	t = tt_text_init(out, cap);
	put_gga(&t, fix);
	put_gsa(&t, fix);
	put_gsv(&t, fix);
	put_gst(&t, fix);
	put_rmc(&t, fix); /* last: gpsd reports when the cycle's last sentence has come */
	TT_ASSERT(!t.cut);
	*len = t.len;
	return TT_OK;
}
