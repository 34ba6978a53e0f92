#include "gateway/turn.h"

#include <pthread.h>
#include <stdlib.h>

struct tt_turn {
	pthread_mutex_t mutex;
	pthread_cond_t given;
	bool taken;
	unsigned urgent_waiting;
};

enum tt_err tt_turn_create(struct tt_turn **out)
{
	struct tt_turn *turn = calloc(1, sizeof(*turn));

	if (!turn)
		return TT_ENOMEM;
	if (pthread_mutex_init(&turn->mutex, NULL) != 0) {
		free(turn);
		return TT_ENOMEM;
	}
	if (pthread_cond_init(&turn->given, NULL) != 0) {
		pthread_mutex_destroy(&turn->mutex);
		free(turn);
		return TT_ENOMEM;
	}
	*out = turn;
	return TT_OK;
}

void tt_turn_destroy(struct tt_turn *turn)
{
	if (!turn)
		return;
	TT_ASSERT(!turn->taken);
	pthread_cond_destroy(&turn->given);
	pthread_mutex_destroy(&turn->mutex);
	free(turn);
}

void tt_turn_take(struct tt_turn *turn, bool urgent)
{
	TT_ASSERT(pthread_mutex_lock(&turn->mutex) == 0);
	if (urgent)
		turn->urgent_waiting++;
	while (turn->taken || (!urgent && turn->urgent_waiting > 0))
		TT_ASSERT(pthread_cond_wait(&turn->given, &turn->mutex) == 0);
	if (urgent)
		turn->urgent_waiting--;
	turn->taken = true;
	TT_ASSERT(pthread_mutex_unlock(&turn->mutex) == 0);
}

void tt_turn_give(struct tt_turn *turn)
{
	TT_ASSERT(pthread_mutex_lock(&turn->mutex) == 0);
	TT_ASSERT(turn->taken);
	turn->taken = false;
	TT_ASSERT(pthread_cond_broadcast(&turn->given) == 0);
	TT_ASSERT(pthread_mutex_unlock(&turn->mutex) == 0);
}
