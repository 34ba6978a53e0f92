#include "firmware/proto/config_doc.h"

#include "base/pb.h"
#include "base/utf8.h"

#include <string.h>

bool tt_config_doc_name_valid(const char *name)
{
	const size_t n = strlen(name);

	return n > 0 && n < TT_CONFIG_DOC_NAME && name[0] != '.' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static bool take_text(char *to, size_t cap, const struct tt_pb_field *f)
{
	if (f->type != TT_PB_BYTES || f->value >= cap || !tt_utf8_printable((const char *)f->bytes, (size_t)f->value))
		return false;
	memcpy(to, f->bytes, (size_t)f->value);
	to[f->value] = '\0';
	return true;
}

/* One message inside: its fields by a function that answers false to a field that it does not know or that breaks a bound. */
static const char *each_field(const uint8_t *bytes, size_t len, void *ctx, const char *(*take)(void *ctx, const struct tt_pb_field *f))
{
	struct tt_rd r = tt_rd_init(bytes, len);
	struct tt_pb_field f;
	const char *why = NULL;
	enum tt_err err = TT_OK;

	while (!why && (err = tt_pb_next(&r, &f)) == TT_OK)
		why = take(ctx, &f);
	return why || err == TT_EEOF ? why : "is not protobuf";
}

static const char unknown_field[] = "carries a field that this unit does not know";

static const char *file_field(void *ctx, const struct tt_pb_field *f)
{
	struct tt_config_doc_file *file = ctx;

	if (f->number > 3)
		return unknown_field;
	if (f->number == 1)
		return take_text(file->name, sizeof(file->name), f) ? NULL : "a file's name is no name";
	if (f->type != TT_PB_BYTES)
		return "a file is no file";
	if (f->number == 2) {
		file->sha256 = f->value == TT_CONFIG_DOC_SUM ? f->bytes : NULL;
	} else {
		file->content = f->bytes;
		file->len = (size_t)f->value;
	}
	return NULL;
}

static const char *take_file(struct tt_config_doc *d, const struct tt_pb_field *f)
{
	struct tt_config_doc_file *file = &d->files[d->nfiles];
	const char *why;

	if (f->type != TT_PB_BYTES || d->nfiles == TT_CONFIG_DOC_FILES)
		return "names more than 8 files";
	why = each_field(f->bytes, (size_t)f->value, file, file_field);
	if (why)
		return why;
	if (!tt_config_doc_name_valid(file->name) || !file->sha256)
		return "a file's name or sum is missing";
	for (size_t i = 0; i < d->nfiles; i++) {
		if (strcmp(d->files[i].name, file->name) == 0)
			return "names a file twice";
	}
	d->nfiles++;
	return NULL;
}

struct setting {
	char *key, *value;
};

static const char *setting_field(void *ctx, const struct tt_pb_field *f)
{
	const struct setting *s = ctx;

	if (f->number > 2)
		return unknown_field;
	if (f->number == 1)
		return take_text(s->key, TT_CONFIG_DOC_NAME, f) ? NULL : "a setting's key is too long";
	return take_text(s->value, TT_CONFIG_DOC_VALUE, f) ? NULL : "a setting's value is too long";
}

static const char *take_setting(struct tt_config_doc *d, const struct tt_pb_field *f)
{
	struct setting s;
	const char *why;

	if (f->type != TT_PB_BYTES || d->nsettings == TT_CONFIG_DOC_SETTINGS)
		return "has more than 16 settings";
	s = (struct setting){d->settings[d->nsettings].key, d->settings[d->nsettings].value};
	why = each_field(f->bytes, (size_t)f->value, &s, setting_field);
	if (why)
		return why;
	if (s.key[0] == '\0')
		return "a setting has no key";
	d->nsettings++;
	return NULL;
}

static const char *doc_field(void *ctx, const struct tt_pb_field *f)
{
	struct tt_config_doc *d = ctx;

	switch (f->number) {
	case 1:
		return take_text(d->unit, sizeof(d->unit), f) ? NULL : "the unit's name is too long";
	case 2:
		d->version = f->value;
		return f->type == TT_PB_VARINT && f->value > 0 && f->value <= INT64_MAX ? NULL : "its version is no version";
	case 3:
		d->issued_at_us = tt_unzigzag(f->value);
		return f->type == TT_PB_VARINT && d->issued_at_us >= 0 ? NULL : "its time of issue is no time";
	case 4:
		d->profile = f->bytes;
		d->profile_len = (size_t)f->value;
		return f->type == TT_PB_BYTES ? NULL : "its profile is no text";
	case 5:
		return take_file(d, f);
	case 6:
		return take_setting(d, f);
	default:
		return unknown_field;
	}
}

enum tt_err tt_config_doc_decode(const uint8_t *bytes, size_t len, struct tt_config_doc *out, const char **why)
{
	const char *wrong;

	if (len > TT_CONFIG_DOC_MAX_BYTES) {
		*why = "is longer than a configuration may be";
		return TT_ERANGE;
	}
	memset(out, 0, sizeof(*out));
	wrong = each_field(bytes, len, out, doc_field);
	if (!wrong && out->version == 0)
		wrong = "has no version";
	if (!wrong && out->profile_len == 0)
		wrong = "has no profile";
	if (!wrong)
		return TT_OK;
	*why = wrong;
	return wrong == unknown_field ? TT_ENOTSUP : TT_EPROTO;
}
