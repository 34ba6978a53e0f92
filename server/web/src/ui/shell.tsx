/* The frame around every page: rail (a bar at the bottom on a phone), connection, user menu, alarm, short messages. */
import type { ComponentChildren } from 'preact';
import { alarms, openCases } from '../app/rescue-store';
import { logOut } from '../app/session';
import { chooseTheme, counters, explain, live, me, route, session, theme, THEMES, toast, toasts, type Theme } from '../app/state';
import { run } from '../app/commands';
import { clockTime } from '../core/format';
import { routeHash, type Route } from '../core/route';
import { chooseLocale, locale, t } from '../i18n';
import { AlarmBanner } from './alarm';
import { DialogHost } from './dialog';
import { Icon, Mark, type IconName } from './icons';

export function LanguageSwitch() {
	return (
		<button
			type="button"
			class="quiet"
			lang={locale.value === 'en' ? 'zh-CN' : 'en'}
			title={t('app.language.label')}
			onClick={() => chooseLocale(locale.value === 'en' ? 'zh' : 'en')}
			data-testid="lang-switch"
		>
			{t('app.language')}
		</button>
	);
}

function LiveState() {
	const { state, since } = live.value;
	const time = clockTime(locale.value, since);
	const words = state === 'live' ? t('live.live') : state === 'connecting' ? t('live.connecting') : t('live.lost', { time });
	return (
		<p class={`live live-${state}`} role="status" title={state === 'lost' ? t('live.title.lost', { time }) : t('live.title.live')} data-testid="live-state" data-state={state}>
			<i aria-hidden="true" />
			<span>{words}</span>
		</p>
	);
}

type Item = { page: Route['page']; to: Route; icon: IconName; label: string; count: number | null; alarm?: boolean };

function items(): Item[] {
	const counts = counters.value;
	return [
		{ page: 'queue', to: { page: 'queue', view: 'all', ticket: null }, icon: 'queue', label: t('nav.queue'), count: counts && counts.new + counts.open + counts.pending },
		{ page: 'rescue', to: { page: 'rescue', id: null }, icon: 'rescue', label: t('nav.rescue'), count: openCases.value?.length ?? counts?.rescue_open ?? null, alarm: alarms.value.length > 0 },
		{ page: 'reminders', to: { page: 'reminders' }, icon: 'reminders', label: t('nav.reminders'), count: counts?.reminder_open ?? null },
		{ page: 'customers', to: { page: 'customers', id: null }, icon: 'customers', label: t('nav.customers'), count: null },
	];
}

function Nav() {
	return (
		<nav aria-label={t('nav.label')}>
			{items().map((item) => (
				<a key={item.page} href={routeHash(item.to)} class={item.alarm ? 'nav-alarm' : ''} aria-current={route.value.page === item.page ? 'page' : undefined}>
					<Icon name={item.icon} />
					<span>{item.label}</span>
					{item.count ? <b data-testid={`count-${item.page}`}>{item.count > 9999 ? '9999+' : item.count}</b> : null}
				</a>
			))}
		</nav>
	);
}

function UserMenu() {
	const user = me.value!;
	const started = session.value;
	const dealer = started && started !== 'unknown' ? (started.dealer?.name ?? t('app.alldealers')) : '';
	const leave = () => logOut().catch((error: unknown) => toast(explain(error), true));
	return (
		<details class="menu" data-testid="user-menu">
			<summary>
				<Icon name="user" />
				<span class="who">
					<b>{user.name}</b>
					<small>{dealer}</small>
				</span>
			</summary>
			<div class="menu-body">
				<p>
					<b>{user.name}</b>
					<br />
					<span class="dim">
						{t(`role.${user.role}`)} · {dealer}
					</span>
				</p>
				<label>
					{t('app.theme')}
					<select value={theme.value} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
						{THEMES.map((name) => (
							<option key={name} value={name}>
								{t(`app.theme.${name}`)}
							</option>
						))}
					</select>
				</label>
				<button type="button" onClick={() => run('help')}>
					{t('app.shortcuts')}
				</button>
				<button type="button" onClick={() => void leave()}>
					{t('logout')}
				</button>
			</div>
		</details>
	);
}

function Toasts() {
	return (
		<div class="toasts" role="status" aria-live="polite">
			{toasts.value.map((one) => (
				<p key={one.id} class={one.bad ? 'toast toast-bad' : 'toast'}>
					{one.text}
				</p>
			))}
		</div>
	);
}

export function Shell({ children }: { children: ComponentChildren }) {
	return (
		<div class={`shell${alarms.value.length ? ' shell-alarm' : ''}`}>
			<a class="skip" href="#content" onClick={(event) => (event.preventDefault(), document.getElementById('content')?.focus())}>
				{t('app.skip')}
			</a>
			<AlarmBanner />
			<aside class="rail">
				<p class="brand">
					<Mark /> <span>{t('app.name')}</span>
				</p>
				<Nav />
				<div class="rail-foot">
					<LiveState />
					<LanguageSwitch />
					<UserMenu />
				</div>
			</aside>
			<main id="content" tabIndex={-1}>
				{children}
			</main>
			<Toasts />
			<DialogHost />
		</div>
	);
}
