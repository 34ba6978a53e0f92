/*
 * telltale-launch STATE PACKAGED [ARGUMENT...]: runs the agent, the packaged one or the one of a slot, in its own place.
 *
 * It is the part that no update replaces, so it is small: it counts the starts of a trial, checks the sum of what it runs and hands over.
 * Whatever is wrong with the state or with a slot, the packaged program runs. Exit status 126 only when that cannot run either.
 */
#include "firmware/update/slots_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_CANNOT_RUN = 126, LOCK_TRIES = 40, LOCK_PAUSE_US = 50000 };

static void say(const char *text, const char *more)
{
	fprintf(stderr, "telltale-launch: %s%s\n", text, more);
}

static bool intact(const char *dir, const struct tt_slot_program *p, char *path, size_t cap)
{
	uint8_t sum[TT_SLOT_SUM];

	return tt_slots_program_path(dir, p->slot, path, cap) == TT_OK && access(path, X_OK) == 0 && tt_slots_sum(path, sum) == TT_OK &&
	       memcmp(sum, p->sha256, sizeof(sum)) == 0;
}

static void run(const char *path, enum tt_slot slot, const char *dir, char **arguments)
{
	arguments[0] = (char *)path;
	if (setenv("TELLTALE_SLOT", tt_slot_name(slot), 1) == 0 && setenv("TELLTALE_SLOTS", dir, 1) == 0)
		execv(path, arguments);
	say("cannot run ", path);
}

/* A slot's program; returns when the packaged one is to run. */
static void run_slot(const char *dir, struct tt_slots *s, char **arguments)
{
	struct tt_errmsg msg;

	/* at most: the trial, the good one, the packaged one */
	for (unsigned i = 0; i < TT_SLOTS; i++) {
		const struct tt_slot_program p = *tt_slots_start(s);
		char path[TT_SLOTS_PATH];

		if (tt_slots_save(dir, s, &msg) != TT_OK) {
			/* a trial whose starts cannot be counted could go on for ever */
			say("no trial: ", msg.text);
			tt_slots_give_up(s);
			if (p.slot != s->good.slot)
				continue;
		}
		if (p.slot == TT_SLOT_PACKAGED)
			return;
		if (intact(dir, &p, path, sizeof(path)))
			run(path, p.slot, dir, arguments);
		else
			say("not what was staged: ", path);
		if (p.slot == s->trial.slot)
			tt_slots_give_up(s);
		else
			tt_slots_fall_back(s);
	}
}

/* Others hold the lock for milliseconds. After two seconds the car's agent is worth more than the updater's turn. */
static void take_lock(const char *dir)
{
	int fd;

	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		if (tt_slots_lock(dir, TT_SLOTS_STATE_LOCK, &fd) != TT_EAGAIN)
			return; /* given back by exec: the descriptor is close-on-exec */
		usleep(LOCK_PAUSE_US);
	}
}

int main(int argc, char **argv)
{
	struct tt_slots s;
	struct tt_errmsg msg;

	if (argc < 3) {
		say("usage: telltale-launch STATE PACKAGED [ARGUMENT...]", "");
		return EXIT_USAGE;
	}
	take_lock(argv[1]);
	if (tt_slots_load(argv[1], &s, &msg) == TT_OK)
		run_slot(argv[1], &s, argv + 2);
	else
		say("the packaged agent runs: ", msg.text);
	run(argv[2], TT_SLOT_PACKAGED, argv[1], argv + 2);
	return EXIT_CANNOT_RUN;
}
