/* From log-in to log-out: the session, the stream of changes and what follows it. */
import { batch, signal } from '@preact/signals';
import type { Change, Session } from '../api-types';
import { offerLocale } from '../i18n';
import { followAlarms } from './alarm-sound';
import { api, ApiError, setCsrf, whenSessionEnds } from './api';
import { followQueue, loadQueue, view } from './queue-store';
import { followRescues, openCases } from './rescue-store';
import { counters, explain, live, me, route, session, sessionExpired, tell, users } from './state';
import { Stream } from './stream';

/** Why the desk cannot start yet. */
export const startFailure = signal<string | null>(null);

let stopAll: (() => void)[] = [];

function end(expired: boolean): void {
	for (const stop of stopAll) stop();
	stopAll = [];
	batch(() => {
		session.value = null;
		sessionExpired.value = expired;
		users.value = [];
		counters.value = null;
	});
}

/** The board is read at a known number of the feed; the stream goes on from there, so nothing falls between. */
async function begin(started: Session): Promise<void> {
	setCsrf(started.csrf);
	offerLocale(started.locale);
	const board = await api.rescues('open');
	batch(() => {
		openCases.value = board.rescues;
		session.value = started;
		sessionExpired.value = false;
		startFailure.value = null;
		live.value = { state: 'connecting', since: Date.now() };
	});
	stopAll = [followQueue(), followRescues(), followAlarms()];
	const stream = new Stream(board.change_id, {
		event: (event) => (event.type === 'resync' ? tell({ kind: 'resync' }) : tell({ kind: 'change', change: JSON.parse(event.data) as Change })),
		live: () => (live.value = { state: 'live', since: Date.now() }),
		lost: () => {
			if (live.value.state !== 'lost') live.value = { state: 'lost', since: Date.now() };
		},
		unauthorized: () => end(true),
	});
	stopAll.push(() => stream.stop());
	void loadQueue(route.value.page === 'queue' ? route.value.view : view.value);
	void api.users().then(
		(answer) => (users.value = answer.users),
		() => undefined, // the assign menu reads them again when it opens
	);
}

export async function logIn(login: string, password: string): Promise<void> {
	await begin(await api.logIn(login, password));
}

export async function logOut(): Promise<void> {
	await api.logOut();
	end(false);
}

const RETRY_MS = 3_000;

/** On page load: go on with the cookie's session, or show the log-in. A server that does not answer is asked again. */
export async function resume(): Promise<void> {
	whenSessionEnds(() => {
		if (me.value) end(true);
	});
	try {
		await begin(await api.whoAmI());
	} catch (error) {
		if (error instanceof ApiError && error.status === 401) {
			session.value = null;
			return;
		}
		startFailure.value = explain(error);
		setTimeout(() => void resume(), RETRY_MS);
	}
}
