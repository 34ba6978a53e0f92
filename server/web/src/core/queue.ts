/*
 * The queue's list, as decisions on plain rows: which filter a row passes, where it stands, how a freshly read page goes into what is
 * already on screen. Pure; the order is the server's (priority, then age, then id).
 */
import type { QueueAnswer, TicketRow } from '../api-types';

export const VIEWS = ['all', 'mine', 'unassigned', 'closed'] as const;
export type View = (typeof VIEWS)[number];

export function compareRows(a: TicketRow, b: TicketRow): number {
	return a.priority - b.priority || (a.opened_at < b.opened_at ? -1 : a.opened_at > b.opened_at ? 1 : 0) || a.id - b.id;
}

export function isClosed(row: Pick<TicketRow, 'status'>): boolean {
	return row.status === 'resolved' || row.status === 'closed';
}

export function passes(row: TicketRow, view: View, me: number): boolean {
	if (view === 'closed') return isClosed(row);
	if (isClosed(row)) return false;
	return view === 'all' || (view === 'mine' ? row.assignee?.id === me : row.assignee === null);
}

export function viewQuery(view: View): Record<string, string> {
	const query: Record<string, string> = { state: view === 'closed' ? 'closed' : 'open' };
	if (view === 'mine') query.assignee = 'me';
	if (view === 'unassigned') query.assignee = 'none';
	return query;
}

/**
 * A row that changed goes where it belongs. Beyond the last row loaded it is left out when more pages wait on the server: paging will
 * bring it. The closed list is newest first and is not sorted here: a newly closed row goes on top.
 */
export function placeRow(rows: readonly TicketRow[], row: TicketRow, view: View, me: number, more: boolean): TicketRow[] {
	const known = rows.findIndex((other) => other.id === row.id);
	if (known >= 0 && rows[known]!.version > row.version) return [...rows]; // an older answer came in late
	const rest = rows.filter((other) => other.id !== row.id);
	if (!passes(row, view, me)) return rest;
	if (view === 'closed') return known >= 0 ? rows.map((other) => (other.id === row.id ? row : other)) : [row, ...rest];
	let low = 0;
	let high = rest.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (compareRows(rest[middle]!, row) < 0) low = middle + 1;
		else high = middle;
	}
	if (low === rest.length && more) return rest;
	return [...rest.slice(0, low), row, ...rest.slice(low)];
}

/**
 * The first page read again: it is the truth up to its last row, what was loaded beyond that stays. So a row that left the queue goes
 * and a row that came stands, without reading every page again.
 */
export function mergeFirstPage(rows: readonly TicketRow[], page: QueueAnswer, view: View): { rows: TicketRow[]; keepCursor: boolean } {
	const last = page.tickets.at(-1);
	if (!last || page.next_cursor === null || view === 'closed') return { rows: page.tickets, keepCursor: false };
	const fresh = new Set(page.tickets.map((row) => row.id));
	const beyond = rows.filter((row) => !fresh.has(row.id) && compareRows(row, last) > 0);
	return { rows: [...page.tickets, ...beyond], keepCursor: beyond.length > 0 };
}

export function appendPage(rows: readonly TicketRow[], page: QueueAnswer): TicketRow[] {
	const known = new Set(rows.map((row) => row.id));
	return [...rows, ...page.tickets.filter((row) => !known.has(row.id))];
}

/** A change's body that carries the whole row spares the read. */
export function rowOfBody(body: Record<string, unknown> | undefined): TicketRow | null {
	const needed = ['id', 'version', 'subject', 'priority', 'status', 'vehicle', 'customer', 'assignee', 'opened_at', 'event_at', 'late', 'occurrences', 'first_response_due_at', 'resolution_due_at'];
	return body && needed.every((name) => name in body) ? (body as unknown as TicketRow) : null;
}
