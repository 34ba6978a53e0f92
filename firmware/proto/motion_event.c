#include "firmware/proto/motion_event.h"

void tt_motion_queue_put(struct tt_motion_queue *q, const struct tt_motion_event *e)
{
	if (q->n == TT_MOTION_QUEUE) {
		q->lost++;
		return;
	}
	q->events[(q->head + q->n) % TT_MOTION_QUEUE] = *e;
	q->n++;
}

bool tt_motion_queue_take(struct tt_motion_queue *q, struct tt_motion_event *out)
{
	if (q->n == 0)
		return false;
	*out = q->events[q->head];
	q->head = (q->head + 1) % TT_MOTION_QUEUE;
	q->n--;
	return true;
}
