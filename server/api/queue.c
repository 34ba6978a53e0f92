/* The queue: one page of tickets, by keyset. */
#include "server/api/handlers.h"
#include "server/api/render.h"

#include "base/text.h"

#include <string.h>

enum { LIMIT_PRESET = 50, LIMIT_MAX = 200, CURSOR_MAX = 64 };

struct page {
	json_t *list;
	int limit, seen;
	struct tt_ticket last; /* of the page, for the cursor */
};

static enum tt_err add_row(void *ctx, const struct tt_queue_row *row)
{
	struct page *p = (struct page *)ctx;

	if (p->seen++ == p->limit)
		return TT_OK; /* the one more that tells there is a next page */
	p->last = row->ticket;
	return json_array_append_new(p->list, tt_render_ticket_row(row)) == 0 ? TT_OK : TT_ENOMEM;
}

/* "priority.opened_at.id": opaque to the client, checked like any input. */
static json_t *write_cursor(const struct tt_ticket *t)
{
	char buf[CURSOR_MAX];
	struct tt_text text = tt_text_init(buf, sizeof(buf));

	tt_text_i64(&text, t->priority);
	tt_text_char(&text, '.');
	tt_text_i64(&text, t->opened_at);
	tt_text_char(&text, '.');
	tt_text_i64(&text, t->id);
	return json_string(buf);
}

static enum tt_err read_cursor(const char *s, struct tt_queue_query *q)
{
	int64_t values[3];

	for (unsigned i = 0; i < 3; i++) {
		size_t n = strcspn(s, ".");

		if (tt_parse_i64(s, n, &values[i]) || values[i] < 0 || s[n] != (i < 2 ? '.' : '\0'))
			return TT_EINVAL;
		s += n + 1;
	}
	if (values[0] < 1 || values[0] > 4 || values[2] < 1)
		return TT_EINVAL;
	q->after_priority = (int32_t)values[0];
	q->after_opened_at = values[1];
	q->after_id = values[2];
	return TT_OK;
}

static enum tt_err read_assignee(const struct tt_call *call, const char *s, int64_t *out)
{
	if (strcmp(s, "me") == 0)
		*out = call->user.id;
	else if (strcmp(s, "none") == 0)
		*out = -1;
	else if (tt_parse_i64(s, strlen(s), out) || *out < 1)
		return TT_EINVAL;
	return TT_OK;
}

/* Answers 400 and returns TT_EINVAL when a parameter is wrong. */
static enum tt_err read_query(struct tt_call *call, struct tt_queue_query *q, int *limit)
{
	const char *state = tt_query_get(&call->query, "state");
	const char *assignee = tt_query_get(&call->query, "assignee");
	const char *cursor = tt_query_get(&call->query, "cursor");
	const char *limit_text = tt_query_get(&call->query, "limit");
	int64_t n = LIMIT_PRESET;
	const char *wrong = NULL;

	*q = (struct tt_queue_query){.closed = state && strcmp(state, "closed") == 0};
	if (state && !q->closed && strcmp(state, "open") != 0)
		wrong = "state must be open or closed";
	else if (assignee && read_assignee(call, assignee, &q->assignee_id))
		wrong = "assignee must be me, none or a user id";
	else if (cursor && read_cursor(cursor, q))
		wrong = "cursor must be the next_cursor of an earlier page";
	else if (limit_text && (tt_parse_i64(limit_text, strlen(limit_text), &n) || n < 1 || n > LIMIT_MAX))
		wrong = "limit must be from 1 to 200";
	if (wrong) {
		tt_call_problem(call, 400, "%s", wrong);
		return TT_EINVAL;
	}
	*limit = (int)n;
	q->limit = *limit + 1;
	return TT_OK;
}

void tt_handle_queue(struct tt_call *call)
{
	struct tt_queue_query q;
	struct page page = {0};
	json_t *counters = NULL;
	int64_t change_id = 0;
	enum tt_err err;

	if (read_query(call, &q, &page.limit))
		return;
	page.list = json_array();
	/* The feed's number first: what commits while the page is read is told again by the feed, never missed. */
	err = tt_store_change_last(call->api->store, &change_id);
	if (!err)
		err = tt_store_queue(call->api->store, call->scope, &q, add_row, &page);
	if (!err)
		err = tt_render_counters(call->api->store, call->scope, &counters);
	if (err) {
		json_decref(page.list);
		tt_call_failed(call, err, "the queue");
		return;
	}
	tt_call_json(call, json_pack("{s:o, s:o, s:o, s:I}", "tickets", page.list, "next_cursor",
				     page.seen > page.limit ? write_cursor(&page.last) : json_null(), "counters", counters, "change_id",
				     (json_int_t)change_id));
}
