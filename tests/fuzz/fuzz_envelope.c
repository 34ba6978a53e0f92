/*
 * The first byte is the topic's class, the rest an envelope. What is accepted encodes to no more than it was, and, unless it carries
 * fields we do not know (protobuf-c does not keep those byte for byte), is accepted again.
 */
#include "base/err.h"
#include "wire/envelope.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool knows_all(const ProtobufCMessage *msg)
{
	if (msg->n_unknown_fields > 0)
		return false;
	for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &msg->descriptor->fields[i];
		const char *at = (const char *)msg + f->offset;
		const char *quantifier = (const char *)msg + f->quantifier_offset;

		if (f->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			const size_t n = *(const size_t *)(const void *)quantifier;
			ProtobufCMessage *const *list = *(ProtobufCMessage *const *const *)(const void *)at;

			for (size_t k = 0; k < n; k++)
				if (!knows_all(list[k]))
					return false;
		} else if (!(f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) || *(const uint32_t *)(const void *)quantifier == f->id) {
			const ProtobufCMessage *inner = *(ProtobufCMessage *const *)(const void *)at;

			if (inner && !knows_all(inner))
				return false;
		}
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t again[2 * TT_ENVELOPE_MAX_BYTES];
	Telltale__V1__Envelope *env = NULL;
	struct tt_errmsg why = {{0}};
	enum tt_class cls;
	size_t len = 0;
	bool known;

	if (size == 0)
		return 0;
	cls = (enum tt_class)(data[0] % TT_NCLASSES);
	if (tt_envelope_decode(data + 1, size - 1, cls, &env, &why)) {
		TT_ASSERT(!env && why.text[0] != '\0');
		return 0;
	}
	TT_ASSERT(!tt_envelope_encode(env, again, sizeof(again), &len) && len <= size - 1);
	known = knows_all(&env->base);
	tt_envelope_free(env);
	env = NULL;
	if (known) {
		TT_ASSERT(!tt_envelope_decode(again, len, cls, &env, &why));
		tt_envelope_free(env);
	}
	return 0;
}
