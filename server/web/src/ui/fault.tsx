/* A fault for somebody who has to explain it: the code, what it means, how bad it is, what the car measured when it happened. */
import type { Fault, FreezeItem } from '../api-types';
import { said } from '../app/state';
import { locale, t, tData } from '../i18n';
import type { Key } from '../i18n/en';
import { dateTime, number } from '../core/format';
import { Card, Fact, Facts, Time } from './bits';
import { Icon } from './icons';

function FaultHead({ fault }: { fault: Fault }) {
	return (
		<div class="fault-head">
			<span class={`code sev-${fault.severity}`}>{fault.spn === null ? fault.code : `SPN ${fault.spn} FMI ${fault.fmi}`}</span>
			<div>
				<p class="fault-text">{said(fault.text)}</p>
				<p class="chips">
					<span class={`chip sev-${fault.severity}`}>{t(`severity.${fault.severity}` as Key)}</span>
					{fault.status.map((status) => (
						<span class="chip" key={status}>
							{t(`fault.status.${status}`)}
						</span>
					))}
					<span class={fault.mil ? 'chip chip-lamp' : 'chip'}>
						<Icon name="lamp" />
						{t(fault.mil ? 'fault.mil.on' : 'fault.mil.off')}
					</span>
					<span class={fault.active ? 'chip chip-active' : 'chip'}>
						{fault.active || !fault.cleared_at ? t('fault.active') : t('fault.cleared', { time: dateTime(locale.value, fault.cleared_at) })}
					</span>
				</p>
			</div>
		</div>
	);
}

const PROTOCOLS: Record<Fault['protocol'], string> = { obd2: 'OBD-II', uds: 'UDS', j1939: 'J1939' };

/** "red stop flashes, engine on": those that are not off. */
function lampsOf(lamps: NonNullable<Fault['lamps']>): string {
	const lit = (['stop', 'warning', 'mil', 'protect'] as const).filter((name) => lamps[name] !== 'off' && lamps[name] !== 'unknown');
	return lit.map((name) => `${t(`lamp.${name}`)} ${tData('lampstate', lamps[name])}`).join(', ') || t('lamp.none');
}

function Snapshot({ items }: { items: Fault['snapshot'] }) {
	if (!items.length) return null;
	return (
		<table class="freeze" data-testid="snapshot">
			<caption>{t('fault.snapshot')}</caption>
			<tbody>
				{items.map((item) => (
					<tr key={`${item.record} ${item.did}`}>
						<th scope="row" class="mono">
							0x{item.did}
						</th>
						<td class="mono">{item.raw}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function FaultFacts({ fault }: { fault: Fault }) {
	return (
		<Facts>
			<Fact name={t('fault.ecu')}>
				<span class="mono">{fault.ecu}</span> · {PROTOCOLS[fault.protocol]}
			</Fact>
			<Fact name={t('fault.times')}>{number(locale.value, fault.occurrences)}</Fact>
			{fault.car_count !== null && <Fact name={t('fault.carcount')}>{number(locale.value, fault.car_count)}</Fact>}
			{fault.failure_type && (
				<Fact name={t('fault.failure')}>
					<span class="mono">{fault.failure_type}</span>
				</Fact>
			)}
			{fault.status_byte && (
				<Fact name={t('fault.statusbyte')}>
					<span class="mono">{fault.status_byte}</span>
				</Fact>
			)}
			{fault.lamps && <Fact name={t('fault.lamps')}>{lampsOf(fault.lamps)}</Fact>}
			<Fact name={t('fault.first')}>
				<Time at={fault.first_seen_at} />
			</Fact>
			<Fact name={t('fault.last')}>
				<Time at={fault.last_seen_at} />
			</Fact>
		</Facts>
	);
}

function reading(item: FreezeItem): string {
	if (item.value === null || item.value === undefined) return item.raw ?? t('app.empty');
	const unit = UNITS[item.unit] ?? item.unit;
	return `${number(locale.value, item.value, 2)}${unit ? ` ${unit}` : ''}`;
}

/** The API's units in letters, as people write them. */
const UNITS: Record<string, string> = { degC: '°C', deg: '°' };

/** The reader's word for the PID; for one we have no word for, the API's name with its words apart. */
function nameOf(item: FreezeItem): string {
	const own = tData('pid', item.pid);
	return own === item.pid ? item.name.replace(/([a-z])([A-Z])/g, '$1 $2') : own;
}

export function FreezeFrame({ items }: { items: FreezeItem[] }) {
	if (!items.length) return <p class="dim">{t('fault.freeze.none')}</p>;
	return (
		<table class="freeze" data-testid="freeze-frame">
			<caption>{t('fault.freeze')}</caption>
			<thead class="sr">
				<tr>
					<th scope="col">{t('fault.freeze.name')}</th>
					<th scope="col">{t('fault.freeze.value')}</th>
				</tr>
			</thead>
			<tbody>
				{items.map((item) => (
					<tr key={item.pid}>
						<th scope="row">
							<span class="mono dim">{item.pid}</span> {nameOf(item)}
						</th>
						<td>{reading(item)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

export function FaultCard({ fault }: { fault: Fault }) {
	return (
		<Card title={t('ticket.fault')} testid="fault-card">
			<FaultHead fault={fault} />
			<FaultFacts fault={fault} />
			{(fault.freeze_frame.length > 0 || !fault.snapshot.length) && <FreezeFrame items={fault.freeze_frame} />}
			<Snapshot items={fault.snapshot} />
		</Card>
	);
}

/** For lists: everything but the freeze frame, which opens on demand. */
export function FaultLine({ fault }: { fault: Fault }) {
	return (
		<li class="fault-line">
			<FaultHead fault={fault} />
			<details>
				<summary>{t('fault.freeze')}</summary>
				<FaultFacts fault={fault} />
				<FreezeFrame items={fault.freeze_frame} />
				<Snapshot items={fault.snapshot} />
			</details>
		</li>
	);
}
