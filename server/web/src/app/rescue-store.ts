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
/** Cases whose opening was announced and which the board does not hold yet, with what the announcement told. */
const announced = signal<readonly Alarm[]>([]);

export type Alarm = { id: number; details: Rescue | null };

export const alarms = computed<Alarm[]>(() => {
	const cases = openCases.value ?? [];
	const known = new Set(cases.map((one) => one.id));
	const waiting = announced.value.filter((alarm) => !known.has(alarm.id));
	return [...waiting, ...cases.filter((one) => one.status === 'new').map((one) => ({ id: one.id, details: one }))];
});

/** The announcement carries the case without position, timeline and actions. */
function caseOfBody(body: Record<string, unknown> | undefined): Rescue | null {
	return body && ['id', 'version', 'kind', 'severity', 'detail', 'event_at'].every((name) => name in body) ? ({ place: null, actions: [], ...body } as unknown as Rescue) : null;
}

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
		announced.value = announced.value.filter((alarm) => !heard.includes(alarm));
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
			if (note.change.kind === 'rescue.opened') announced.value = [...announced.value, { id: note.change.subject_id, details: caseOfBody(note.change.body) }];
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
