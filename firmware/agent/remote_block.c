/*
 * Whether this car's ignition is blocked: kept in a file of its own, beside the journal. The ledger forgets results, and a unit that no
 * longer knows of its block would tell that the car starts.
 *
 *	telltale-block 1 <0|1>
 */
#include "firmware/agent/remote.h"

#include "firmware/agent/atomic_file.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 64, RETRY_US = 1000000 };

static const char free_text[] = "telltale-block 1 0\n", blocked_text[] = "telltale-block 1 1\n";

static void save(struct tt_agent *a, tt_mono_us now_us)
{
	struct tt_remote *r = a->remote;
	const char *text = r->block_in_force ? blocked_text : free_text;
	struct tt_errmsg msg = {.text = ""};
	const bool lost = tt_atomic_file_write(r->block_path, text, strlen(text), 0600, &msg) != TT_OK;

	if (lost && !r->block_unsaved)
		tt_log(TT_LOG_ERROR, NULL, "block.unsaved", "%s; tried again every second", msg.text);
	r->block_unsaved = lost;
	r->block_retry_us = now_us + RETRY_US;
}

void tt_remote_block_set(struct tt_agent *a, tt_mono_us now_us, bool in_force)
{
	a->remote->block_in_force = in_force;
	save(a, now_us);
}

void tt_remote_block_tick(struct tt_agent *a, tt_mono_us now_us)
{
	if (a->remote->block_unsaved && now_us >= a->remote->block_retry_us)
		save(a, now_us);
}

/* What an agent that kept no file knew: the results that the ledger still has, oldest first. */
static bool from_ledger(const struct tt_command_ledger *l)
{
	bool in_force = false;

	for (size_t i = 0; i < TT_COMMAND_ENTRIES; i++) {
		const struct tt_command_entry *e = &l->entries[(l->next + i) % TT_COMMAND_ENTRIES];

		if (e->outcome == TT_OUTCOME_DONE && (e->kind == TT_COMMAND_IGNITION_BLOCK || e->kind == TT_COMMAND_IGNITION_RELEASE))
			in_force = e->kind == TT_COMMAND_IGNITION_BLOCK;
	}
	return in_force;
}

void tt_remote_block_load(struct tt_agent *a)
{
	struct tt_remote *r = a->remote;
	char *text = NULL;
	size_t len;
	enum tt_err err;

	(void)snprintf(r->block_path, sizeof(r->block_path), "%s.block", a->settings->journal);
	err = tt_atomic_file_read(r->block_path, FILE_BYTES, &text, &len);
	if (!err && strcmp(text, blocked_text) != 0 && strcmp(text, free_text) != 0)
		err = TT_ECORRUPT;
	if (err && err != TT_ENOTFOUND)
		tt_log(TT_LOG_WARN, NULL, "block.lost", "%s: %s; the last results say whether the ignition is blocked", r->block_path,
		       tt_err_text(err));
	r->block_in_force = err ? from_ledger(&r->ledger) : strcmp(text, blocked_text) == 0;
	if (err && r->block_in_force)
		save(a, tt_mono_now());
	free(text);
}
