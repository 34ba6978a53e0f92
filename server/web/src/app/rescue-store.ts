/*
 * The open rescue cases, and the alarm: a case that nobody has acknowledged. The alarm does not wait for the details: the feed's event
 * raises it, the case is read behind it, again and again until it is there.
 */
import { computed, signal } from '@preact/signals';
import type { Rescue } from '../api-types';
import { api } from './api';
import { explain, listen } from './state';

export const openCases = signal<Rescue[] | null>(null);
export const rescueFailure = signal<string | null>(null);
/** Cases whose opening was announced and whose details are not here yet. */
const announced = signal<readonly number[]>([]);

export type Alarm = { id: number; details: Rescue | null };

export const alarms = computed<Alarm[]>(() => {
	const cases = openCases.value ?? [];
	const known = new Set(cases.map((one) => one.id));
	const waiting = announced.value.filter((id) => !known.has(id)).map((id) => ({ id, details: null }));
	return [...waiting, ...cases.filter((one) => one.status === 'new').map((one) => ({ id: one.id, details: one }))];
});

const RETRY_MS = 2_000;
let reading = false;
let again = false;
let running = false;

/** Reads the board; a request during a read causes one more read, so the last answer is never older than the last event. */
export async function readBoard(): Promise<void> {
	if (reading) {
		again = true;
		return;
	}
	reading = true;
	const heard = announced.value;
	try {
		openCases.value = (await api.rescues('open')).rescues;
		rescueFailure.value = null;
		// What was announced before this read is in it, or closed by now.
		announced.value = announced.value.filter((id) => !heard.includes(id));
	} catch (error) {
		rescueFailure.value = explain(error);
		if (running) setTimeout(() => void readBoard(), RETRY_MS);
	}
	reading = false;
	if (again) {
		again = false;
		await readBoard();
	}
}

export function putCase(one: Rescue): void {
	const rest = (openCases.value ?? []).filter((other) => other.id !== one.id);
	openCases.value = one.status === 'closed' ? rest : [one, ...rest].sort((a, b) => (a.opened_at < b.opened_at ? 1 : -1));
}

export function followRescues(): () => void {
	running = true;
	const off = listen((note) => {
		if (note.kind === 'change') {
			if (!note.change.kind.startsWith('rescue.')) return;
			if (note.change.kind === 'rescue.opened') announced.value = [...announced.value, note.change.subject_id];
		}
		void readBoard();
	});
	return () => {
		running = false;
		openCases.value = null;
		announced.value = [];
		off();
	};
}
