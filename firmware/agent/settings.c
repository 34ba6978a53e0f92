#include "firmware/agent/settings.h"

#include "firmware/journal/journal.h"
#include "wire/topic.h"

#define STR(member, key, preset, help) TT_CONFIG_STR(struct tt_settings, member, key, preset, help)
#define NUM(member, key, min, max, preset, help) TT_CONFIG_NUM(struct tt_settings, member, key, min, max, preset, help)
#define FLAG(member, key, preset, help) TT_CONFIG_FLAG(struct tt_settings, member, key, preset, help)

static const struct tt_config_key keys[] = {
	STR(unit, "unit", NULL, "Name of this unit: the common name of its certificate, 1 to 32 of A-Z a-z 0-9 and -."),
	STR(broker_host, "broker-host", "127.0.0.1",
	    "MQTT broker, best as an address: names are resolved by libc, which may wait a second."),
	NUM(broker_port, "broker-port", 1, 65535, "8883", "Port of the broker."),
	FLAG(tls, "tls", "true", "Mutual TLS with the broker; false only for tests on one machine."),
	STR(ca, "ca", "", "Certificate authority of the broker, a PEM file."),
	STR(cert, "cert", "", "This unit's certificate, a PEM file."),
	STR(key, "key", "", "This unit's private key, a PEM file."),
	STR(journal, "journal", "telltale-agent.journal",
	    "File of the outbound journal: events wait in it until the gateway has stored them."),
	NUM(journal_max_bytes, "journal-max-bytes", TT_JOURNAL_MIN_BYTES, TT_JOURNAL_MAX_BYTES, "33554432",
	    "Size of the journal in bytes."),
	NUM(journal_event_percent, "journal-event-percent", 1, 100, "70", "Share of the journal that events may take; their oldest goes."),
	NUM(journal_bulk_percent, "journal-bulk-percent", 1, 100, "85", "Share of the journal that telemetry may take; its oldest goes."),
	NUM(journal_event_days, "journal-event-days", 0, 3650, "0", "Days after which an event is given up; 0 = never."),
	NUM(journal_bulk_days, "journal-bulk-days", 0, 3650, "30", "Days after which telemetry is given up; 0 = never."),
	STR(journal_key, "journal-key", "", "File with the key that seals the journal, 64 hexadecimal digits; empty = not sealed."),
	STR(can, "can", NULL, "CAN buses, at most 4, separated by commas: socketcan:can0, shared:DIR, replay:FILE[?speed=max]."),
	STR(gpsd_host, "gpsd-host", "127.0.0.1", "gpsd, on this machine only; empty for a car without one."),
	NUM(gpsd_port, "gpsd-port", 1, 65535, "2947", "Port of gpsd."),
	STR(gpsd_device, "gpsd-device", "", "Take fixes of this gpsd device only; empty for any."),
	STR(profile, "profile", NULL, "Vehicle profile, see schemas/profiles/demo.profile."),
	STR(sos_input, "sos-input", "", "SOS button: a FIFO (made when absent) or character device; any byte is a press."),
	STR(trusted_keys, "trusted-keys", "",
	    "Public keys whose commands and configurations are taken, written by `telltale unit add`; empty: none are."),
	STR(config_dir, "config-dir", "", "Folder for configurations told from afar; empty: none are taken."),
	NUM(config_trial_s, "config-trial-s", 5, 86400, "600",
	    "Seconds in which the gateway must be reached with a new configuration, or it is given back."),
	STR(head_unit, "head-unit", "", "Unix socket on which a head unit takes messages for the driver; empty: none."),
	STR(movement_input, "movement-input", "",
	    "Movement while parked: a FIFO (made when absent) or character device; any byte is a movement, e.g. of an accelerometer."),
	STR(voltage_file, "voltage-file", "",
	    "File that holds the 12 V battery's voltage, e.g. of hwmon or iio; empty = only what the bus says."),
	NUM(voltage_unit_uv, "voltage-unit-uv", 1, 1000000, "1000", "Microvolts of one count in voltage-file; hwmon counts millivolts."),
	STR(suspend_command, "suspend-command", "",
	    "Program and arguments that suspend this computer and return when it is back; the seconds until it must be back are added as "
	    "the last argument: rtcwake -m mem -s. Empty = never suspend."),
	NUM(can_bitrate, "can-bitrate", 10000, 8000000, "500000", "Bits a second of the buses, for their reported load."),
	NUM(scan_interval_ms, "scan-interval-ms", 500, 3600000, "10000", "Milliseconds between two readings of an ECU's trouble codes."),
	NUM(telemetry_interval_ms, "telemetry-interval-ms", 0, 3600000, "30000",
	    "Milliseconds of telemetry collected into one chunk; longer ones cost fewer bytes a sample; 0 sends no telemetry."),
	NUM(state_interval_ms, "state-interval-ms", 1000, 3600000, "60000",
	    "Milliseconds between two state messages when nothing changes."),
	NUM(odometer_report_m, "odometer-report-m", 1, 1000000, "1000", "Metres between two odometer reports."),
	NUM(window, "window", 1, 64, "8", "Events of a class under way to the gateway before its acknowledgement."),
	NUM(resend_ms, "resend-ms", 100, 600000, "15000",
	    "Milliseconds without acknowledgement before events are sent again; doubles up to ten minutes."),
	NUM(starts_limit, "starts-limit", 0, 100, "5",
	    "So many starts in one boot of the machine, none of which lasted ten minutes, make the next one minimal: it does not ask the "
	    "car; 0 = never."),
	FLAG(exit_at_end, "exit-at-end", "false", "End when every bus is a log that ended and everything was delivered."),
	STR(log_level, "log-level", "info", "error, warn, info or debug."),
};

const struct tt_config_spec tt_settings_spec = {
	.program = "telltale-agent",
	.purpose = "Reads a car's buses and gpsd, and reports faults, crashes, trips and telemetry over MQTT. Reads only, unless the "
		   "profile says more.",
	.env_prefix = "TELLTALE_AGENT",
	.keys = keys,
	.nkeys = sizeof(keys) / sizeof(keys[0]),
};

enum tt_err tt_settings_check(const struct tt_settings *s, enum tt_log_level *level, struct tt_errmsg *msg)
{
	if (!tt_unit_name_valid(s->unit))
		return tt_errmsg_set(msg, TT_ECONFIG, "unit '%s': must be 1 to 32 of A-Z a-z 0-9 and -", s->unit);
	if (s->tls && (!s->ca[0] || !s->cert[0] || !s->key[0]))
		return tt_errmsg_set(msg, TT_ECONFIG, "tls needs ca, cert and key; `telltale unit add %s` makes them", s->unit);
	if (tt_log_level_parse(s->log_level, level) != TT_OK)
		return tt_errmsg_set(msg, TT_ECONFIG, "log-level '%s': must be error, warn, info or debug", s->log_level);
	return TT_OK;
}
