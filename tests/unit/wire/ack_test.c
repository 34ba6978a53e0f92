/* The application ack as the unit reads it: without memory, and as protobuf does. */
#include "wire/envelope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t bytes[2 * TT_ENVELOPE_MAX_BYTES];

static void a_bad_ack_is_refused(void **state)
{
	static const struct {
		uint64_t epoch;
		int cls;
		uint32_t schema;
		uint64_t up_to;
		enum tt_err expected;
	} cases[] = {
		{7, TT_CLASS_ALERT, 1, 0, TT_OK},       {7, TT_CLASS_BULK, 1, INT64_MAX, TT_OK},
		{0, TT_CLASS_ALERT, 1, 1, TT_EPROTO},   {7, TT_CLASS_NONE, 1, 1, TT_EPROTO},
		{7, TT_CLASS_STATE, 1, 1, TT_EPROTO},   {7, -1, 1, 1, TT_EPROTO},
		{7, TT_CLASS_EVENT, 2, 1, TT_EVERSION}, {7, TT_CLASS_EVENT, 1, (uint64_t)INT64_MAX + 1, TT_EPROTO},
	};
	struct tt_ack out;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		Telltale__V1__Ack ack = TELLTALE__V1__ACK__INIT;

		ack.schema = cases[i].schema;
		ack.epoch = cases[i].epoch;
		ack.class_ = (Telltale__V1__EventClass)cases[i].cls;
		ack.up_to_seq = cases[i].up_to;
		len = telltale__v1__ack__pack(&ack, bytes);
		assert_int_equal(tt_ack_decode(bytes, len, &out), cases[i].expected);
	}
	assert_int_equal(tt_ack_decode((const uint8_t *)"\xFF\xFF", 2, &out), TT_EPROTO);
	assert_int_equal(tt_ack_decode(bytes, TT_ENVELOPE_MAX_BYTES, &out), TT_EPROTO);
	assert_int_equal(tt_ack_encode(1, TT_CLASS_ALERT, 1, false, bytes, 5, &len), TT_EFULL);
	assert_int_equal(tt_ack_encode(UINT64_MAX, TT_CLASS_BULK, UINT64_MAX, true, bytes, TT_ACK_MAX_BYTES, &len), TT_OK);
}

/* The library's reading of the same bytes, with the rules on top. */
static enum tt_err by_library(const uint8_t *in, size_t len, struct tt_ack *out)
{
	Telltale__V1__Ack *ack = telltale__v1__ack__unpack(NULL, len, in);
	enum tt_err err = TT_OK;

	if (!ack)
		return TT_EPROTO;
	if (ack->schema != TT_SCHEMA)
		err = TT_EVERSION;
	else if (ack->epoch == 0 || (int)ack->class_ < TT_CLASS_ALERT || (int)ack->class_ > TT_CLASS_BULK || ack->up_to_seq > INT64_MAX)
		err = TT_EPROTO;
	else
		*out = (struct tt_ack){
			.epoch = ack->epoch, .cls = (enum tt_class)ack->class_, .up_to_seq = ack->up_to_seq, .resend = ack->resend};
	telltale__v1__ack__free_unpacked(ack, NULL);
	return err;
}

static uint32_t draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

/* Acks with some bytes changed, cut, or with a second ack behind: what we accept, the library reads alike. */
static void what_is_read_is_what_protobuf_reads(void **state)
{
	uint64_t seed = 1;
	unsigned accepted = 0, refused = 0;

	(void)state;
	for (unsigned i = 0; i < 50000; i++) {
		struct tt_ack ours = {.epoch = 0}, theirs = {.epoch = 0};
		size_t len = 0, more;
		enum tt_err err;

		assert_int_equal(tt_ack_encode(1 + draw(&seed), (enum tt_class)(1 + draw(&seed) % 3), draw(&seed), draw(&seed) & 1, bytes,
					       TT_ACK_MAX_BYTES, &len),
				 TT_OK);
		if (draw(&seed) % 4 == 0) {
			assert_int_equal(tt_ack_encode(7, TT_CLASS_EVENT, draw(&seed), false, bytes + len, TT_ACK_MAX_BYTES, &more), TT_OK);
			len += more;
		}
		for (unsigned n = draw(&seed) % 3; n > 0; n--)
			bytes[draw(&seed) % len] = (uint8_t)draw(&seed);
		if (draw(&seed) % 8 == 0)
			len -= draw(&seed) % len;
		err = tt_ack_decode(bytes, len, &ours);
		accepted += err == TT_OK;
		refused += err != TT_OK;
		if (err)
			continue;
		assert_int_equal(by_library(bytes, len, &theirs), TT_OK);
		assert_true(ours.epoch == theirs.epoch && ours.cls == theirs.cls && ours.up_to_seq == theirs.up_to_seq &&
			    ours.resend == theirs.resend);
	}
	assert_true(accepted > 10000 && refused > 10000);
}

static void fields_of_a_later_gateway_are_passed_over_and_known_ones_must_be_of_their_type(void **state)
{
	struct tt_ack ack;
	size_t len;

	(void)state;
	assert_int_equal(tt_ack_encode(7, TT_CLASS_EVENT, 300, true, bytes, TT_ACK_MAX_BYTES, &len), TT_OK);
	memcpy(bytes + len, "\x32\x02hi\x38\x01\xA5\x01\x01\x02\x03\x04", 12); /* 6: text, 7: varint, 20: fixed32 */
	assert_int_equal(tt_ack_decode(bytes, len + 12, &ack), TT_OK);
	assert_true(ack.epoch == 7 && ack.cls == TT_CLASS_EVENT && ack.up_to_seq == 300 && ack.resend);
	memcpy(bytes + len, "\x20\x05", 2); /* up_to_seq again: the last one counts */
	assert_int_equal(tt_ack_decode(bytes, len + 2, &ack), TT_OK);
	assert_int_equal(ack.up_to_seq, 5);
	for (uint8_t field = 1; field <= 5; field++) {
		bytes[len] = (uint8_t)(field << 3 | 2); /* bytes, of length 0 */
		bytes[len + 1] = 0;
		assert_int_equal(tt_ack_decode(bytes, len + 2, &ack), TT_EPROTO);
	}
	assert_int_equal(tt_ack_decode(bytes, 0, &ack), TT_EVERSION); /* schema 0 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bad_ack_is_refused),
		cmocka_unit_test(what_is_read_is_what_protobuf_reads),
		cmocka_unit_test(fields_of_a_later_gateway_are_passed_over_and_known_ones_must_be_of_their_type),
	};

	return cmocka_run_group_tests_name("wire ack", tests, NULL, NULL);
}
