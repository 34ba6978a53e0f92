/* What the whole desk shares: who is logged in, where we are, the counts, the connection, the clock, and the bus of changes. */
import { computed, signal } from '@preact/signals';
import type { Change, Counters, Session, User } from '../api-types';
import { parseRoute, routeHash, type Route } from '../core/route';
import { locale, t } from '../i18n';
import { ApiError } from './api';

export const session = signal<Session | null | 'unknown'>('unknown');
export const sessionExpired = signal(false);
export const me = computed(() => (session.value && session.value !== 'unknown' ? session.value.user : null));
export const counters = signal<Counters | null>(null);
export const users = signal<User[]>([]);

/* ---- the address ---- */

export const route = signal<Route>(parseRoute(location.hash));
addEventListener('hashchange', () => (route.value = parseRoute(location.hash)));

export function go(next: Route): void {
	location.hash = routeHash(next);
	route.value = next;
}

/* ---- the clock: one tick a second for everything that counts down ---- */

export const now = signal(Date.now());
setInterval(() => (now.value = Date.now()), 1000);

/* ---- the connection ---- */

export type Live = { state: 'connecting' | 'live' | 'lost'; since: number };
export const live = signal<Live>({ state: 'connecting', since: Date.now() });

/* ---- the window: wide enough for list and ticket side by side? ---- */

const wideQuery = matchMedia('(min-width: 1100px)');
const narrowQuery = matchMedia('(max-width: 719px)');
export const wide = signal(wideQuery.matches);
export const narrow = signal(narrowQuery.matches);
wideQuery.addEventListener('change', () => (wide.value = wideQuery.matches));
narrowQuery.addEventListener('change', () => (narrow.value = narrowQuery.matches));

/* ---- appearance ---- */

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const THEME = 'telltale.theme';
export const theme = signal<Theme>(THEMES.find((name) => name === localStorage.getItem(THEME)) ?? 'auto');

export function chooseTheme(next: Theme): void {
	theme.value = next;
	localStorage.setItem(THEME, next);
	document.documentElement.dataset.theme = next;
}
document.documentElement.dataset.theme = theme.value;

/* ---- the bus of changes ---- */

export type FeedNote = { kind: 'change'; change: Change } | { kind: 'resync' };
type Listener = (note: FeedNote) => void;
const listeners = new Set<Listener>();

export function listen(fn: Listener): () => void {
	listeners.add(fn);
	return () => listeners.delete(fn);
}

export function tell(note: FeedNote): void {
	if (note.kind === 'change' && note.change.counters) counters.value = note.change.counters;
	for (const fn of [...listeners]) fn(note);
}

/* ---- short messages ---- */

export type Toast = { id: number; text: string; bad: boolean };
export const toasts = signal<Toast[]>([]);
let toastId = 0;

export function toast(text: string, bad = false): void {
	const id = ++toastId;
	toasts.value = [...toasts.value.slice(-2), { id, text, bad }];
	setTimeout(() => (toasts.value = toasts.value.filter((other) => other.id !== id)), bad ? 8000 : 4000);
}

export function explain(error: unknown): string {
	if (!(error instanceof ApiError) || error.status === 0) return t('error.network');
	if (error.status === 404) return t('error.notfound');
	if (error.status === 409) return t('error.conflict');
	return t('error.server', { detail: error.title });
}

/** A pair of texts in the language of the page. */
export function said(text: { en: string; zh: string } | null | undefined): string {
	return text ? text[locale.value] : '';
}
