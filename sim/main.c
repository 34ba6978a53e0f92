/* telltale-sim: a simulated car (no command), its receiver's sentences as a file (nmea), a word to a running car (tell), a fleet's load on
 * a broker (fleet). */
#include "sim/commands.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char *const argv[]);
	} commands[] = {{"run", tt_sim_run}, {"nmea", tt_sim_nmea}, {"tell", tt_sim_tell}, {"fleet", tt_sim_fleet}};

	if (argc < 2 || strncmp(argv[1], "--", 2) == 0)
		return tt_sim_run(argc, argv);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "telltale-sim: unknown command '%.60s'; there are", argv[1]);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(stderr, " %s", commands[i].name);
	fprintf(stderr, "; each has --help\n");
	return 2;
}
