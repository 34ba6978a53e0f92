/*
 * The profile parser's inside, shared by profile.c and the profile_*.c that each read one section of directives. A section is a table of
 * words and functions, ended by a NULL name; profile.c knows the list of sections.
 */
#ifndef TT_FIRMWARE_AGENT_PROFILE_PARTS_H
#define TT_FIRMWARE_AGENT_PROFILE_PARTS_H

#include "firmware/agent/profile.h"

enum { TT_PROFILE_WORDS = 24 };

struct tt_profile_parser {
	const char *what; /* the profile's name for messages */
	unsigned line;
	struct tt_errmsg *msg;
	struct tt_profile *out;
	bool versioned;
	char *words[TT_PROFILE_WORDS]; /* of the present line, NUL-terminated; words[0] is the directive; may be written to */
	size_t nwords;
};

struct tt_profile_directive {
	const char *name;
	enum tt_err (*fn)(struct tt_profile_parser *p);
};

/* Sections. */
extern const struct tt_profile_directive tt_profile_bus_directives[];      /* bus, dbc */
extern const struct tt_profile_directive tt_profile_signal_directives[];   /* signal, poll */
extern const struct tt_profile_directive tt_profile_power_directives[];    /* ignition, ignition-grace, power */
extern const struct tt_profile_directive tt_profile_transmit_directives[]; /* transmit */
extern const struct tt_profile_directive tt_profile_remote_directives[];   /* actuate, actuate-parked-limit */
extern const struct tt_profile_directive tt_profile_uds_directives[];      /* ecu, did, snapshot, extended-data */
extern const struct tt_profile_directive tt_profile_j1939_directives[];    /* j1939, j1939-request, j1939-conversion, spn */
extern const struct tt_profile_directive tt_profile_motion_directives[];   /* threshold, geofence, ... */

/* When all lines are read: what no single line can tell. TT_ECONFIG. */
enum tt_err tt_profile_motion_whole(const struct tt_profile_parser *p);
extern const struct tt_profile_directive tt_profile_obd_directives[]; /* clear-codes */

/* TT_ECONFIG with "what:line: reason: word" in msg; word "" = none. */
enum tt_err tt_profile_bad(struct tt_profile_parser *p, const char *reason, const char *word);
/* The line has at least that many words, the directive counted; usage otherwise. */
enum tt_err tt_profile_need(struct tt_profile_parser *p, size_t least, const char *usage);
enum tt_err tt_profile_copy(struct tt_profile_parser *p, const char *word, char *out, size_t cap);
enum tt_err tt_profile_vss(struct tt_profile_parser *p, const char *path, const struct tt_signal **out);
/* A bus by number or name; word as in the line. */
enum tt_err tt_profile_bus(struct tt_profile_parser *p, const char *word, int *out);
/* A VSS path and, from words[first] on, what is made of the values: invert, map, scale, offset, every, on-change, local. */
enum tt_err tt_profile_rule_parse(struct tt_profile_parser *p, const char *path, size_t first, struct tt_profile_rule *rule);
/* Finite decimal number. */
bool tt_profile_number(const char *s, double *out);
/* Decimal or 0x hexadecimal, lo..hi. */
bool tt_profile_integer(const char *s, int64_t lo, int64_t hi, int64_t *out);

#endif
