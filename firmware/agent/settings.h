/*
 * The agent's settings: one table for file, environment (TELLTALE_AGENT_...), command line and --help.
 */
#ifndef TT_FIRMWARE_AGENT_SETTINGS_H
#define TT_FIRMWARE_AGENT_SETTINGS_H

#include "base/config.h"
#include "base/log.h"

enum { TT_SETTING_PATH = 256, TT_AGENT_BUSES = 4 };

struct tt_settings {
	char unit[64];
	char broker_host[128];
	int64_t broker_port;
	bool tls;
	char ca[TT_SETTING_PATH], cert[TT_SETTING_PATH], key[TT_SETTING_PATH];
	char journal[TT_SETTING_PATH];
	int64_t journal_max_bytes;
	int64_t journal_event_percent, journal_bulk_percent;
	int64_t journal_event_days, journal_bulk_days;
	char journal_key[TT_SETTING_PATH];
	char can[512];
	char gpsd_host[64];
	int64_t gpsd_port;
	char gpsd_device[TT_SETTING_PATH];
	char profile[TT_SETTING_PATH];
	char sos_input[TT_SETTING_PATH];
	char trusted_keys[TT_SETTING_PATH];
	char config_dir[TT_SETTING_PATH];
	int64_t config_trial_s;
	char head_unit[TT_SETTING_PATH];
	char movement_input[TT_SETTING_PATH], voltage_file[TT_SETTING_PATH], suspend_command[TT_SETTING_PATH];
	int64_t voltage_unit_uv;
	int64_t can_bitrate;
	int64_t starts_limit;
	int64_t scan_interval_ms;
	int64_t telemetry_interval_ms;
	int64_t state_interval_ms;
	int64_t odometer_report_m;
	int64_t window;
	int64_t resend_ms;
	bool exit_at_end;
	char log_level[16];
};

extern const struct tt_config_spec tt_settings_spec;

/* What the table cannot say: the unit's name, TLS needing three files, the log level. TT_ECONFIG with the way out. */
TT_MUSTCHECK enum tt_err tt_settings_check(const struct tt_settings *s, enum tt_log_level *level, struct tt_errmsg *msg);

#endif
