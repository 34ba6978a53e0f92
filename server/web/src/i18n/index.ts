/* The language of the page: a signal, so that a switch redraws what shows text and nothing else. */
import { signal } from '@preact/signals';
import type { Locale } from '../core/format';
import { en, type Key } from './en';
import { zh } from './zh';

const TABLES: Record<Locale, Record<Key, string>> = { en, zh };
const KEPT = 'telltale.locale';

function kept(): Locale | null {
	const value = localStorage.getItem(KEPT);
	return value === 'en' || value === 'zh' ? value : null;
}

export const locale = signal<Locale>(kept() ?? (navigator.language.startsWith('zh') ? 'zh' : 'en'));

function show(next: Locale): void {
	locale.value = next;
	document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en';
}
show(locale.value);

/** The user's choice on this device; it wins over the account's language from now on. */
export function chooseLocale(next: Locale): void {
	localStorage.setItem(KEPT, next);
	show(next);
}

/** The account's language, where this device has no choice of its own. */
export function offerLocale(next: Locale): void {
	if (!kept()) show(next);
}

export function t(key: Key, values: Record<string, string | number> = {}): string {
	return TABLES[locale.value][key].replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** A key made from data (`timeline.` + kind): what the tables do not know is shown as it came. */
export function tData(prefix: string, name: string): string {
	const key = `${prefix}.${name}`;
	return key in en ? t(key as Key) : name;
}
