/*
 * The event loop: one epoll instance, a fixed table of descriptors and timers, and two signals. Single-threaded.
 *
 * All memory is taken in tt_loop_create; nothing is allocated while it runs. Callbacks may add, change and remove any entry,
 * themselves included. Timers are one-shot, by absolute monotonic time.
 */
#ifndef TT_BASE_LOOP_H
#define TT_BASE_LOOP_H

#include "base/err.h"
#include "base/time.h"

#include <stdint.h>

struct tt_loop;

enum { TT_LOOP_READ = 1, TT_LOOP_WRITE = 2, TT_LOOP_HANGUP = 4 };

typedef void (*tt_loop_fd_fn)(void *ctx, int fd, unsigned ready);
typedef void (*tt_loop_timer_fn)(void *ctx, tt_mono_us now_us);

/* capacity: descriptors and timers each. SIGINT and SIGTERM are taken over (signalfd) and stop the loop; SIGPIPE and SIGXFSZ are ignored.
 * Errors: TT_ENOMEM, TT_EIO. */
TT_MUSTCHECK enum tt_err tt_loop_create(unsigned capacity, struct tt_loop **out);
void tt_loop_destroy(struct tt_loop *loop); /* NULL is fine; closes no descriptor of the caller's */

/* Watch fd. TT_EEXIST when it is watched already, TT_EFULL when the table is full, TT_EIO when epoll refuses it (ordinary files). */
TT_MUSTCHECK enum tt_err tt_loop_add(struct tt_loop *loop, int fd, unsigned interest, tt_loop_fd_fn fn, void *ctx);
/* Change the interest of a watched fd; same errors as add, TT_ENOTFOUND when unknown. */
TT_MUSTCHECK enum tt_err tt_loop_interest(struct tt_loop *loop, int fd, unsigned interest);
/* Stop watching; call before close(). Unknown descriptors are ignored. */
void tt_loop_remove(struct tt_loop *loop, int fd);

/* One timer a (fn, ctx) pair: setting it again moves it; TT_NEVER removes it. TT_EFULL when the table is full. */
TT_MUSTCHECK enum tt_err tt_loop_timer(struct tt_loop *loop, tt_mono_us at_us, tt_loop_timer_fn fn, void *ctx);

/* Runs until tt_loop_stop or a stop signal. TT_EIO when epoll itself fails. */
TT_MUSTCHECK enum tt_err tt_loop_run(struct tt_loop *loop);
/* One turn, waiting at most until `until_us` (TT_NEVER: for ever; a time in the past: not at all). */
TT_MUSTCHECK enum tt_err tt_loop_turn(struct tt_loop *loop, tt_mono_us until_us);
/* When the earliest timer is due; TT_NEVER. */
tt_mono_us tt_loop_wake_at(const struct tt_loop *loop);
/* How often the loop has woken, for whatever reason. */
uint64_t tt_loop_turns(const struct tt_loop *loop);
void tt_loop_stop(struct tt_loop *loop);
bool tt_loop_stopped(const struct tt_loop *loop);

#endif
