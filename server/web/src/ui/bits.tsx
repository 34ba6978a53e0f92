/* Small parts used everywhere. */
import type { ComponentChildren } from 'preact';
import type { CustomerRef, TicketRow, VehicleRef } from '../api-types';
import { now, said } from '../app/state';
import { countdown, dateTime, duration, exactTime, roughly } from '../core/format';
import { clockOf } from '../core/sla';
import { routeHash } from '../core/route';
import { locale, t, tData } from '../i18n';
import type { Key } from '../i18n/en';

export function Priority({ value }: { value: number }) {
	return (
		<span class={`prio prio-${value}`} role="img" aria-label={t('priority.label', { n: value, name: t(`priority.${value}` as Key) })}>
			<i />P{value}
		</span>
	);
}

export function Time({ at, label }: { at: string; label?: string }) {
	return (
		<time dateTime={at} title={exactTime(locale.value, at)}>
			{label ?? dateTime(locale.value, at)}
		</time>
	);
}

/** How long ago; ticks. */
export function Age({ at, coarse = false }: { at: string; coarse?: boolean }) {
	return <Time at={at} label={(coarse ? roughly : duration)(locale.value, now.value - Date.parse(at))} />;
}

export function Clock({ row }: { row: Parameters<typeof clockOf>[0] }) {
	const clock = clockOf(row, now.value);
	if (clock.kind === 'none') return <span class="clock clock-none" title={t('sla.none')}>{t('app.empty')}</span>;
	if (clock.kind === 'paused') return <span class="clock clock-paused">{t('sla.paused')}</span>;
	const what = t(`sla.${clock.kind}`);
	const words = t(clock.level === 'over' ? 'sla.over' : 'sla.left', { what, time: duration(locale.value, Math.abs(clock.left_ms)) });
	return (
		<span class={`clock clock-${clock.level}`} title={words}>
			<span aria-hidden="true">
				{clock.level === 'over' ? '−' : ''}
				{countdown(locale.value, clock.left_ms)}
			</span>
			<span class="sr">{words}</span>
		</span>
	);
}

export function Tier({ tier }: { tier: string }) {
	return tier === 'standard' || !tier ? null : <span class={`tier tier-${tier}`}>{tData('tier', tier)}</span>;
}

export function Owner({ customer }: { customer: CustomerRef }) {
	if (!customer) return <span class="dim">{t('app.empty')}</span>;
	return (
		<>
			<span class="ellipsis">{customer.name}</span> <Tier tier={customer.tier} />
		</>
	);
}

export function carName(vehicle: NonNullable<VehicleRef>): string {
	return [vehicle.make, vehicle.model, vehicle.model_year].filter(Boolean).join(' ');
}

export function Plate({ vehicle }: { vehicle: VehicleRef }) {
	if (!vehicle) return <span class="dim">{t('app.empty')}</span>;
	return <span class="plate">{vehicle.plate || vehicle.vin.slice(-8)}</span>;
}

export function VehicleLink({ vehicle }: { vehicle: NonNullable<VehicleRef> }) {
	return (
		<a href={routeHash({ page: 'vehicle', id: vehicle.id })}>
			<Plate vehicle={vehicle} /> {carName(vehicle)}
		</a>
	);
}

/** The code's meaning in the reader's language where the server sent it, else the subject as written; the code stands before it anyway. */
export function subjectOf(row: TicketRow): string {
	const subject = row.code && row.subject.startsWith(`${row.code} `) ? row.subject.slice(row.code.length + 1) : row.subject;
	return said(row.code_text) || subject;
}

export function Facts({ children }: { children: ComponentChildren }) {
	return <dl class="facts">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

export function Card({ title, aside, children, testid }: { title: string; aside?: ComponentChildren; children: ComponentChildren; testid?: string }) {
	return (
		<section class="card" data-testid={testid}>
			<header>
				<h2>{title}</h2>
				{aside}
			</header>
			{children}
		</section>
	);
}

export function Empty({ children }: { children: ComponentChildren }) {
	return <p class="empty">{children}</p>;
}

export function Failure({ text, retry }: { text: string; retry: () => void }) {
	return (
		<div class="failure" role="alert">
			<p>{text}</p>
			<button type="button" onClick={retry}>
				{t('app.retry')}
			</button>
		</div>
	);
}

export function Loading() {
	return (
		<p class="loading" role="status">
			{t('app.loading')}
		</p>
	);
}

export function Phone({ number, name }: { number: string; name: string }) {
	return (
		<a class="phone" href={`tel:${number.replace(/[^+\d]/g, '')}`} title={t('alarm.call', { name })}>
			{number}
		</a>
	);
}
