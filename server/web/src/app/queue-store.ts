/*
 * The queue on screen. Keyset pages are added at the end; a change is put in its place, from the change's own body when it carries the
 * row, else by reading the first page again (not the ticket: reading a ticket is a look at somebody's data and is audited).
 */
import { batch, signal } from '@preact/signals';
import type { Change, TicketRow } from '../api-types';
import { appendPage, mergeFirstPage, placeRow, rowOfBody, viewQuery, type View } from '../core/queue';
import { api } from './api';
import { counters, explain, listen, me } from './state';

const PAGE = '100';
const FRESH_MS = 6_000;
const SETTLE_MS = 40; // a burst of changes becomes one read

export const view = signal<View>('all');
export const rows = signal<TicketRow[]>([]);
export const loading = signal(false);
export const failure = signal<string | null>(null);
/** Rows that came or changed just now: id -> 'new' or 'changed'. */
export const fresh = signal<ReadonlyMap<number, 'new' | 'changed'>>(new Map());

let cursor: string | null = null;
let generation = 0; // an answer for an earlier view is thrown away
let settle: ReturnType<typeof setTimeout> | null = null;
const touched = new Map<number, 'new' | 'changed'>();

function mark(id: number, how: 'new' | 'changed'): void {
	if (fresh.value.get(id) === 'new') how = 'new';
	fresh.value = new Map(fresh.value).set(id, how);
	setTimeout(() => {
		const rest = new Map(fresh.value);
		rest.delete(id);
		fresh.value = rest;
	}, FRESH_MS);
}

export async function loadQueue(next: View): Promise<void> {
	const mine = ++generation;
	batch(() => {
		if (next !== view.value) rows.value = [];
		view.value = next;
		loading.value = true;
		failure.value = null;
	});
	try {
		const page = await api.queue({ ...viewQuery(next), limit: PAGE });
		if (mine !== generation) return;
		batch(() => {
			rows.value = page.tickets;
			counters.value = page.counters;
			cursor = page.next_cursor;
			loading.value = false;
		});
	} catch (error) {
		if (mine !== generation) return;
		failure.value = explain(error);
		loading.value = false;
	}
}

export async function loadMore(): Promise<void> {
	if (cursor === null || loading.value) return;
	const mine = generation;
	loading.value = true;
	try {
		const page = await api.queue({ ...viewQuery(view.value), limit: PAGE, cursor });
		if (mine !== generation) return;
		rows.value = appendPage(rows.value, page);
		cursor = page.next_cursor;
	} catch (error) {
		if (mine === generation) failure.value = explain(error);
	} finally {
		if (mine === generation) loading.value = false;
	}
}

async function rereadFirstPage(): Promise<void> {
	settle = null;
	const mine = generation;
	const seen = new Map(touched);
	touched.clear();
	try {
		const page = await api.queue({ ...viewQuery(view.value), limit: PAGE });
		if (mine !== generation) return;
		const merged = mergeFirstPage(rows.value, page, view.value);
		batch(() => {
			rows.value = merged.rows;
			counters.value = page.counters;
			failure.value = null;
			if (!merged.keepCursor) cursor = page.next_cursor;
			for (const [id, how] of seen) mark(id, how);
		});
	} catch (error) {
		if (mine === generation) failure.value = explain(error);
	}
}

/** A row as the server answered it to a write: no need to wait for the feed. */
export function putRow(row: TicketRow): void {
	const user = me.value;
	if (user) rows.value = placeRow(rows.value, row, view.value, user.id, cursor !== null);
}

function onTicketChange(change: Change): void {
	const how = change.kind === 'ticket.opened' ? 'new' : 'changed';
	const row = rowOfBody(change.body);
	if (row) {
		batch(() => {
			putRow(row);
			mark(row.id, how);
		});
		return;
	}
	if (touched.get(change.subject_id) !== 'new') touched.set(change.subject_id, how);
	settle ??= setTimeout(() => void rereadFirstPage(), SETTLE_MS);
}

export function followQueue(): () => void {
	return listen((note) => {
		if (note.kind === 'resync') void loadQueue(view.value);
		else if (note.change.kind.startsWith('ticket.')) onTicketChange(note.change);
	});
}
