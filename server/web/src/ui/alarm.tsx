/* The rescue alarm: over every page until somebody, here or elsewhere, acknowledges the case. */
import { useState } from 'preact/hooks';
import type { Rescue } from '../api-types';
import { allowSound, mutedCases, muteNow, soundBlocked } from '../app/alarm-sound';
import { api, ApiError } from '../app/api';
import { useCommands } from '../app/commands';
import { alarms, putCase, readBoard, type Alarm } from '../app/rescue-store';
import { explain, go, now, toast } from '../app/state';
import { coordinates, duration, metres, speed } from '../core/format';
import { locale, t } from '../i18n';
import { carName, Phone, Plate, Tier } from './bits';
import { Icon } from './icons';

const SHOWN = 3;

export async function acknowledgeCase(one: Rescue): Promise<void> {
	try {
		putCase(await api.rescueStatus(one.id, { version: one.version, action: 'acknowledge' }));
		go({ page: 'rescue', id: one.id });
	} catch (error) {
		// Somebody else was faster: that is the outcome we wanted.
		if (error instanceof ApiError && error.status === 409) toast(t('alarm.taken'));
		else toast(explain(error), true);
		await readBoard();
	}
}

function What({ one }: { one: Rescue }) {
	const { airbag, delta_v_km_h, rollover } = one.detail;
	return (
		<ul class="alarm-facts">
			<li class={one.severity === 'high' ? 'strong' : ''}>{t(`rescue.severity.${one.severity}`)}</li>
			{airbag !== undefined && (
				<li>
					{t('rescue.airbag')} {t(airbag ? 'rescue.airbag.yes' : 'rescue.airbag.no')}
				</li>
			)}
			{typeof delta_v_km_h === 'number' && (
				<li>
					{t('rescue.deltav')} {speed(locale.value, delta_v_km_h)}
				</li>
			)}
			{rollover && <li class="strong">{t('rescue.rollover')}</li>}
			{one.place && (
				<li>
					<Icon name="pin" /> {coordinates(locale.value, one.place.latitude, one.place.longitude)}
					{one.place.accuracy_m !== null && ` · ${t('place.accuracy', { distance: metres(locale.value, one.place.accuracy_m) })}`}
				</li>
			)}
		</ul>
	);
}

function Who({ one }: { one: Rescue }) {
	return (
		<p class="alarm-who">
			{one.vehicle && (
				<span>
					<Plate vehicle={one.vehicle} /> {carName(one.vehicle)}
				</span>
			)}
			{one.customer && (
				<span>
					{one.customer.name} <Tier tier={one.customer.tier} /> {one.customer.phone && <Phone number={one.customer.phone} name={one.customer.name} />}
				</span>
			)}
		</p>
	);
}

function AlarmRow({ alarm }: { alarm: Alarm }) {
	const [busy, setBusy] = useState(false);
	const one = alarm.details;
	const take = async () => {
		if (!one) return;
		setBusy(true);
		await acknowledgeCase(one);
		setBusy(false);
	};
	return (
		<li class="alarm-row" data-case={alarm.id} data-vin={one?.vehicle?.vin}>
			<div class="alarm-text">
				<p class="alarm-what">
					<Icon name="alarm" />
					<b>{one ? t(`rescue.kind.${one.kind}`) : t('alarm.label')}</b>
					<span>{t('rescue.case', { id: alarm.id })}</span>
					{one && <span>{t('rescue.since', { time: duration(locale.value, now.value - Date.parse(one.event_at)) })}</span>}
				</p>
				{one ? (
					<>
						<Who one={one} />
						<What one={one} />
					</>
				) : (
					<p>{t('alarm.details')}</p>
				)}
			</div>
			<div class="alarm-do">
				<button type="button" class="alarm-ack" disabled={busy || !one} onClick={() => void take()} data-testid="rescue-ack">
					{t('rescue.action.acknowledge')}
				</button>
				<button type="button" class="alarm-open" onClick={() => go({ page: 'rescue', id: alarm.id })}>
					{t('alarm.open')}
				</button>
			</div>
		</li>
	);
}

function Sound() {
	const muted = alarms.value.every((alarm) => mutedCases.value.has(alarm.id));
	if (soundBlocked.value)
		return (
			<button type="button" class="alarm-sound" onClick={() => void allowSound()}>
				<Icon name="sound" /> {t('alarm.sound')}
			</button>
		);
	return (
		<button type="button" class="alarm-sound" aria-pressed={muted} onClick={muteNow} data-testid="alarm-mute">
			<Icon name={muted ? 'mute' : 'sound'} /> {t(muted ? 'alarm.muted' : 'alarm.mute')}
		</button>
	);
}

export function AlarmBanner() {
	const waiting = alarms.value;
	useCommands({
		alarm: () => {
			const button = document.querySelector<HTMLElement>('.alarm-ack');
			button?.focus();
			return button !== null;
		},
	});
	if (!waiting.length) return null;
	return (
		<section class="alarm" role="alert" aria-label={t('alarm.label')} data-testid="rescue-alarm">
			<ul>
				{waiting.slice(0, SHOWN).map((alarm) => (
					<AlarmRow key={alarm.id} alarm={alarm} />
				))}
			</ul>
			<div class="alarm-foot">
				{waiting.length > SHOWN && (
					<button type="button" class="alarm-sound" onClick={() => go({ page: 'rescue', id: null })}>
						{t('alarm.more', { n: waiting.length - SHOWN })}
					</button>
				)}
				<Sound />
			</div>
		</section>
	);
}
