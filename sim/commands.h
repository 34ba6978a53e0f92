/* The commands of telltale-sim. Each takes its own arguments (argv[0] is the command) and returns the exit status: 0, 1 failed, 2 usage. */
#ifndef TT_SIM_COMMANDS_H
#define TT_SIM_COMMANDS_H

int tt_sim_run(int argc, char *const argv[]);
int tt_sim_nmea(int argc, char *const argv[]);
int tt_sim_tell(int argc, char *const argv[]);
int tt_sim_fleet(int argc, char *const argv[]);

#endif
