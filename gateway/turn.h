/*
 * Whose turn it is to write: a lock in front of the database's one writer, in which alerts overtake bulk.
 *
 * SQLite's own lock is polled by sleeping, so that under a steady load whoever was here last tends to be next. Here an urgent caller waits
 * for at most the transaction that runs. Threads: any.
 */
#ifndef TT_GATEWAY_TURN_H
#define TT_GATEWAY_TURN_H

#include "base/err.h"

struct tt_turn;

TT_MUSTCHECK enum tt_err tt_turn_create(struct tt_turn **out);
void tt_turn_destroy(struct tt_turn *turn); /* NULL is fine; nobody may hold or wait */
void tt_turn_take(struct tt_turn *turn, bool urgent);
void tt_turn_give(struct tt_turn *turn);

#endif
