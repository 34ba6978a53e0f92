/* The clock that counts for a ticket now, and how near it is. Pure. */
import type { TicketRow } from '../api-types';
import { isClosed } from './queue';

export type Clock = { kind: 'response' | 'resolution' | 'paused' | 'none'; left_ms: number; level: 'calm' | 'soon' | 'over' };

type Timed = Pick<TicketRow, 'status' | 'opened_at' | 'first_response_due_at' | 'first_response_at' | 'resolution_due_at'>;

/** Amber in the last quarter of the time allowed, and at the latest 15 minutes before the end. */
function level(from: number, due: number, now: number): Clock['level'] {
	if (now >= due) return 'over';
	const warn = Math.max((due - from) / 4, Math.min(15 * 60_000, (due - from) / 2));
	return due - now <= warn ? 'soon' : 'calm';
}

export function clockOf(row: Timed, now: number): Clock {
	if (isClosed(row)) return { kind: 'none', left_ms: 0, level: 'calm' };
	const opened = Date.parse(row.opened_at);
	// The first answer is owed until it is given, whatever else happened to the ticket.
	if (row.first_response_at === null && row.first_response_due_at !== null) {
		const due = Date.parse(row.first_response_due_at);
		return { kind: 'response', left_ms: due - now, level: level(opened, due, now) };
	}
	if (row.status === 'pending') return { kind: 'paused', left_ms: 0, level: 'calm' };
	if (row.resolution_due_at === null) return { kind: 'none', left_ms: 0, level: 'calm' };
	const due = Date.parse(row.resolution_due_at);
	return { kind: 'resolution', left_ms: due - now, level: level(opened, due, now) };
}
