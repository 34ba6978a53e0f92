#include "firmware/update/manifest.h"

#include "base/pb.h"

#include <string.h>

enum { FIELDS = 9 };

/* Printable ASCII without blanks: what stands in a file of words, a path and a log alike. */
static bool word(const struct tt_pb_field *f, char *out, size_t cap)
{
	if (f->value >= cap)
		return false;
	for (size_t i = 0; i < f->value; i++) {
		if (f->bytes[i] <= ' ' || f->bytes[i] > '~')
			return false;
	}
	memcpy(out, f->bytes, (size_t)f->value);
	out[f->value] = '\0';
	return true;
}

static bool take(struct tt_manifest *m, const struct tt_pb_field *f)
{
	switch (f->number) {
	case 1:
		return word(f, m->unit, sizeof(m->unit));
	case 2:
		return word(f, m->arch, sizeof(m->arch));
	case 3:
		m->sequence = f->value;
		return true;
	case 4:
		return word(f, m->version, sizeof(m->version));
	case 5:
		m->sha256 = f->bytes;
		return f->value == TT_MANIFEST_SUM;
	case 6:
		m->size = f->value;
		return f->value <= TT_MANIFEST_PROGRAM_MAX;
	case 7:
		return word(f, m->url, sizeof(m->url));
	default:
		m->expires_at_us = (tt_utc_us)(f->value >> 1) ^ -(tt_utc_us)(f->value & 1);
		return true;
	}
}

enum tt_err tt_manifest_decode(const uint8_t *bytes, size_t len, struct tt_manifest *out)
{
	static const enum tt_pb_type types[FIELDS] = {
		[1] = TT_PB_BYTES, [2] = TT_PB_BYTES,  [3] = TT_PB_VARINT, [4] = TT_PB_BYTES,
		[5] = TT_PB_BYTES, [6] = TT_PB_VARINT, [7] = TT_PB_BYTES,  [8] = TT_PB_VARINT,
	};
	struct tt_rd r = tt_rd_init(bytes, len);

	memset(out, 0, sizeof(*out));
	if (len > TT_MANIFEST_MAX_BYTES)
		return TT_EPROTO;
	while (r.left > 0) {
		struct tt_pb_field f;

		if (tt_pb_next(&r, &f) != TT_OK)
			return TT_EPROTO;
		if (f.number >= FIELDS)
			return TT_ENOTSUP;
		if (f.type != types[f.number] || !take(out, &f))
			return TT_EPROTO;
	}
	return out->arch[0] && out->sequence > 0 && out->version[0] && out->sha256 && out->size > 0 && out->url[0] ? TT_OK : TT_EPROTO;
}

const char *tt_manifest_refusal(const struct tt_manifest *m, const char *unit, const char *arch, tt_utc_us now_us)
{
	if (m->unit[0] && strcmp(m->unit, unit) != 0)
		return "it is for another unit";
	if (strcmp(m->arch, arch) != 0)
		return "it is for another architecture";
	if (now_us >= m->expires_at_us)
		return "it has expired";
	if (strncmp(m->url, "https://", 8) != 0 && strncmp(m->url, "file://", 7) != 0)
		return "its address is neither https: nor file:";
	return NULL;
}
