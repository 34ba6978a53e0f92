/*
 * The first byte chooses: a signed message, a command's body, or a configuration's. What is read of a command goes through ledger and
 * interlocks; a counter is never taken twice.
 */
#include "firmware/proto/command.h"
#include "firmware/proto/config_doc.h"
#include "wire/sign.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_command(const uint8_t *data, size_t size)
{
	const struct tt_command_situation s = {.unit = "CAR-7", .clock = TT_CLOCK_GNSS, .supports = UINT32_MAX, .actuates = UINT32_MAX};
	static struct tt_command_ledger l;
	const uint64_t keep[] = {1};
	struct tt_command_entry *e;
	struct tt_command c;

	if (tt_command_decode(data, size, &c) != TT_OK)
		return;
	tt_command_ledger_init(&l, 0);
	TT_ASSERT(c.id != 0 && c.counter != 0 && strlen(c.unit) < TT_COMMAND_UNIT && strlen(c.text) < TT_COMMAND_TEXT);
	TT_ASSERT(tt_command_admit(&l, 1, &c, keep, 1, &e) == TT_COMMAND_NEW);
	TT_ASSERT(tt_command_admit(&l, 1, &c, keep, 1, &e) == TT_COMMAND_DUPLICATE);
	c.id++;
	TT_ASSERT(tt_command_admit(&l, 1, &c, keep, 1, &e) == TT_COMMAND_REPLAYED);
	/* Nothing is known of this car's speed: what must have it standing is never accepted. */
	if (c.kind >= TT_COMMAND_CLEAR_CODES && c.kind <= TT_COMMAND_IGNITION_BLOCK)
		TT_ASSERT(tt_command_judge(&c, &s).outcome != TT_OUTCOME_ACCEPTED);
	TT_ASSERT(tt_command_judge(&c, &s).reason != NULL);
}

static void as_config(const uint8_t *data, size_t size)
{
	static struct tt_config_doc d;
	const char *why = NULL;

	if (tt_config_doc_decode(data, size, &d, &why) != TT_OK) {
		TT_ASSERT(why != NULL);
		return;
	}
	TT_ASSERT(d.version > 0 && d.profile_len > 0 && d.nfiles <= TT_CONFIG_DOC_FILES && d.nsettings <= TT_CONFIG_DOC_SETTINGS);
	for (size_t i = 0; i < d.nfiles; i++)
		TT_ASSERT(tt_config_doc_name_valid(d.files[i].name) && d.files[i].sha256 && !strchr(d.files[i].name, '/'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tt_trust trust = {.n = 0};
	struct tt_signed m;

	if (size == 0)
		return 0;
	if (data[0] % 3 == 1)
		as_command(data + 1, size - 1);
	else if (data[0] % 3 == 2)
		as_config(data + 1, size - 1);
	else if (tt_signed_decode(data + 1, size - 1, &m) == TT_OK)
		TT_ASSERT(tt_trust_check(&trust, &m, TT_SIGN_COMMAND) == TT_TRUST_UNKNOWN_KEY);
	return 0;
}
