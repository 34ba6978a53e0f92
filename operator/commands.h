/*
 * The commands of `telltale`, one function each: (what follows the command's name) -> exit status (operator/options.h).
 */
#ifndef TT_OPERATOR_COMMANDS_H
#define TT_OPERATOR_COMMANDS_H

int tt_cmd_init(int argc, char *argv[]);
int tt_cmd_unit_add(int argc, char *argv[]);
int tt_cmd_unit_revoke(int argc, char *argv[]);
int tt_cmd_unit_list(int argc, char *argv[]);
int tt_cmd_dealer_add(int argc, char *argv[]);
int tt_cmd_user_add(int argc, char *argv[]);
int tt_cmd_vehicle_add(int argc, char *argv[]);
int tt_cmd_plan_add(int argc, char *argv[]);
int tt_cmd_import(int argc, char *argv[]);
int tt_cmd_key_new(int argc, char *argv[]);
int tt_cmd_key_list(int argc, char *argv[]);
int tt_cmd_key_trust(int argc, char *argv[]);
int tt_cmd_command_send(int argc, char *argv[]);
int tt_cmd_config_send(int argc, char *argv[]);
int tt_cmd_update_sign(int argc, char *argv[]);
int tt_cmd_doctor(int argc, char *argv[]);
int tt_cmd_backup(int argc, char *argv[]);

#endif
