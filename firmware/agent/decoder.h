/*
 * The profile's databases, compiled to one decode plan a bus, and what the kernel should let through for it.
 *
 * A database that several buses share is kept once. What is broken in a database and not named by the profile is left out and counted.
 * Memory: taken in init, nothing later. Threads: one instance, one thread.
 */
#ifndef TT_FIRMWARE_AGENT_DECODER_H
#define TT_FIRMWARE_AGENT_DECODER_H

#include "firmware/agent/profile.h"
#include "firmware/proto/dbc_plan.h"

/* A database's text, for profile->buses.dbcs[i]; not kept. name stands in messages. */
struct tt_decoder_text {
	const char *name;
	const char *text;
	size_t len;
};

struct tt_decoder {
	struct tt_dbc_arena databases[TT_PROFILE_DBCS], decoders[TT_PROFILE_BUSES];
	struct tt_dbc dbcs[TT_PROFILE_DBCS];
	struct tt_dbc_plan plans[TT_PROFILE_BUSES];
	uint8_t plan_of[TT_PROFILE_BUSES]; /* buses that map the same signals of the same database share a plan */
	uint32_t left_out;                 /* broken statements of the databases that nothing here needs */
};

/*
 * Values carry user = index of the profile's signal + 1. texts: profile->buses.ndbcs of them.
 * Errors: TT_ECONFIG a database lacks a message or signal that the profile names, or it is broken there; TT_ENOMEM. msg names file and
 * line. After an error tt_decoder_free is still due.
 */
TT_MUSTCHECK enum tt_err tt_decoder_init(struct tt_decoder *d, const struct tt_profile *profile, const struct tt_decoder_text *texts,
					 struct tt_errmsg *msg);
void tt_decoder_free(struct tt_decoder *d);

/* Buses beyond TT_PROFILE_BUSES have nothing to decode. */
size_t tt_decoder_frame(const struct tt_decoder *d, const struct tt_can_frame *frame, struct tt_dbc_value *out, size_t cap);
/* Adds what the bus's plan wants to hear. */
void tt_decoder_filters(const struct tt_decoder *d, uint8_t bus, struct tt_can_filter_set *out);

#endif
