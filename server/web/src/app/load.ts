/* Something read from the server for a part of the page: read again on demand, older answers thrown away, kept while it reloads. */
import { useSignal, type Signal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { FeedNote } from './state';
import { explain, listen } from './state';

export type Loaded<T> = { data: Signal<T | null>; error: Signal<string | null>; reload: () => Promise<void> };

/** key: what is read; another key starts afresh. wanted: which feed notes make it read again. */
export function useLoad<T>(key: string, read: () => Promise<T>, wanted: (note: FeedNote) => boolean): Loaded<T> {
	const data = useSignal<T | null>(null);
	const error = useSignal<string | null>(null);
	const turn = useRef(0);
	const latest = useRef({ read, wanted });
	latest.current = { read, wanted };
	const reload = useCallback(async () => {
		const mine = ++turn.current;
		try {
			const answer = await latest.current.read();
			if (mine !== turn.current) return;
			data.value = answer;
			error.value = null;
		} catch (problem) {
			if (mine === turn.current) error.value = explain(problem);
		}
	}, []);
	useEffect(() => {
		data.value = null;
		error.value = null;
		void reload();
		const off = listen((note) => {
			if (note.kind === 'resync' || latest.current.wanted(note)) void reload();
		});
		return () => {
			turn.current++;
			off();
		};
	}, [key]);
	return { data, error, reload };
}
