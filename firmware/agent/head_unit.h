/*
 * The hook for a head unit: a Unix stream socket on which the agent says what is meant for the driver, one line each, and hears what became
 * of it. One head unit at a time; a newer one takes over.
 *
 *	show ID MOVING TEXT            a text for the screen
 *	speak ID MOVING TEXT           a text to be read aloud
 *	navigate ID MOVING LAT LON TEXT
 *		ID 16 hexadecimal digits; MOVING moving, standing or unknown: whether to show it now is the head unit's duty
 *	ack ID                         from the head unit: the driver has seen it, or taken it
 *	refused ID TEXT                from the head unit
 *
 * Memory: taken in create. Threads: the loop's.
 */
#ifndef TT_FIRMWARE_AGENT_HEAD_UNIT_H
#define TT_FIRMWARE_AGENT_HEAD_UNIT_H

#include "base/loop.h"

struct tt_head_unit;

/* text: "" for an acknowledgement. */
typedef void (*tt_head_unit_fn)(void *ctx, uint64_t id, bool acknowledged, const char *text);

/* path: at most 107 bytes; an old socket there is replaced. TT_ECONFIG, TT_ENOMEM. */
TT_MUSTCHECK enum tt_err tt_head_unit_create(struct tt_loop *loop, const char *path, tt_head_unit_fn fn, void *ctx,
					     struct tt_head_unit **out, struct tt_errmsg *msg);
void tt_head_unit_destroy(struct tt_head_unit *h);       /* NULL is fine */
bool tt_head_unit_present(const struct tt_head_unit *h); /* NULL: false */
/* One line without its end. TT_EIO: nobody took it. */
TT_MUSTCHECK enum tt_err tt_head_unit_say(struct tt_head_unit *h, const char *line);

#endif
