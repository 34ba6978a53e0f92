/* What happened to a car, its control units, and how the unit in it is. */
import { useSignal } from '@preact/signals';
import type { Cleared, Ecu, Told, Unit, VehicleEvent } from '../api-types';
import { api } from '../app/api';
import { useLoad } from '../app/load';
import { explain, said, toast } from '../app/state';
import { dateTime, duration, number } from '../core/format';
import { routeHash } from '../core/route';
import { locale, t, tData } from '../i18n';
import { Card, Fact, Facts, Failure, Loading, Time } from './bits';

/** The API's units in letters, as people write them. */
const UNITS: Record<string, string> = { degC: '°C', 'm/s2': 'm/s²' };
const DIGITS: Record<string, number> = { V: 2, 'm/s2': 1, degC: 1, '%': 1 };

function quantity(value: number | null, unit: string): string {
	return value === null ? t('app.empty') : `${number(locale.value, value, DIGITS[unit] ?? 0)} ${UNITS[unit] ?? unit}`;
}

function what(one: VehicleEvent): string {
	if (one.kind !== 'geofence' || !one.subject) return said(one.text);
	return t(one.dwelt ? 'happened.fence.stayed' : 'happened.fence', { name: one.subject });
}

function lasted(one: VehicleEvent): string {
	if (!one.ended_at) return t('happened.goeson');
	return one.duration_s < 10 ? `${number(locale.value, one.duration_s, 1)} s` : duration(locale.value, one.duration_s * 1000);
}

function Row({ one }: { one: VehicleEvent }) {
	return (
		<tr data-kind={one.kind}>
			<td class="happened-at">
				<Time at={one.began_at} />
				{one.late && (
					<>
						{' '}
						<span class="late">{t('queue.late')}</span>
					</>
				)}
			</td>
			<th scope="row">
				{one.ticket_id ? <a href={routeHash({ page: 'queue', view: 'all', ticket: one.ticket_id })}>{what(one)}</a> : what(one)}
				{one.kind !== 'geofence' && one.subject && <span class="dim"> {tData('wheel', one.subject)}</span>}
			</th>
			<td class="happened-value">
				{one.value !== null && (
					<>
						<b>{quantity(one.peak ?? one.value, one.unit)}</b>
						{one.limit !== null && <span class="dim"> {t('happened.limit', { limit: quantity(one.limit, one.unit) })}</span>}
					</>
				)}
			</td>
			<td class="happened-lasted">{lasted(one)}</td>
		</tr>
	);
}

function Table({ events }: { events: VehicleEvent[] }) {
	return (
		<table class="happened">
			<thead>
				<tr>
					<th scope="col">{t('happened.at')}</th>
					<th scope="col">{t('happened.what')}</th>
					<th scope="col">{t('happened.value')}</th>
					<th scope="col">{t('happened.lasted')}</th>
				</tr>
			</thead>
			<tbody>
				{events.map((one) => (
					<Row key={one.id} one={one} />
				))}
			</tbody>
		</table>
	);
}

export function Happened({ id }: { id: number }) {
	const older = useSignal<{ first: string; events: VehicleEvent[]; cursor: string | null } | null>(null);
	const { data, error, reload } = useLoad(`events ${id}`, () => api.vehicleEvents(id), (note) => note.kind === 'change' && note.change.kind === 'vehicle.updated' && note.change.vehicle_id === id);
	const page = data.value;
	// Older pages belong to the first page they were read behind; when that moved on, they are read anew on demand.
	const behind = page && older.value?.first === page.next_cursor ? older.value : null;
	const cursor = behind ? behind.cursor : (page?.next_cursor ?? null);
	const more = async () => {
		try {
			const next = await api.vehicleEvents(id, cursor!);
			older.value = { first: page!.next_cursor!, events: [...(behind?.events ?? []), ...next.events], cursor: next.next_cursor };
		} catch (problem) {
			toast(explain(problem), true);
		}
	};
	return (
		<Card title={t('happened.title')} testid="happened-card">
			{error.value && !page ? (
				<Failure text={error.value} retry={() => void reload()} />
			) : !page ? (
				<Loading />
			) : page.events.length ? (
				<Table events={[...page.events, ...(behind?.events ?? [])]} />
			) : (
				<p class="dim">{t('happened.none')}</p>
			)}
			{cursor && (
				<button type="button" class="quiet" onClick={() => void more()}>
					{t('happened.more')}
				</button>
			)}
		</Card>
	);
}

export function EcuCard({ ecus }: { ecus: Ecu[] }) {
	if (!ecus.length) return null;
	return (
		<Card title={t('ecu.title')} testid="ecu-card">
			<ul class="plain ecus">
				{ecus.map((one) => (
					<li key={one.ecu}>
						<p>
							<b>{one.name || t('ecu.unnamed')}</b> <span class="mono dim">{one.ecu}</span>
						</p>
						{one.calibrations.map((id, index) => (
							<p class="mono small" key={id}>
								{id} <span class="dim">{one.cvns[index] && `CVN ${one.cvns[index]}`}</span>
							</p>
						))}
						<p class="dim small">
							{one.tests > 0 && <span class={one.tests_failed ? 'warn' : ''}>{t('ecu.tests', { failed: one.tests_failed, tests: one.tests })} · </span>}
							{t(one.changed_at === one.first_seen_at ? 'ecu.seen' : 'ecu.changed', { time: dateTime(locale.value, one.changed_at === one.first_seen_at ? one.reported_at : one.changed_at) })}
						</p>
					</li>
				))}
			</ul>
		</Card>
	);
}

function Metrics({ metrics }: { metrics: Record<string, unknown> }) {
	const rows = Object.entries(metrics).filter((pair): pair is [string, number] => typeof pair[1] === 'number');
	if (!rows.length) return null;
	return (
		<details>
			<summary>{t('unit.metrics')}</summary>
			<table class="freeze">
				<tbody>
					{rows.map(([name, value]) => (
						<tr key={name}>
							<th scope="row" class="mono">
								{name}
							</th>
							<td>{number(locale.value, value)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</details>
	);
}

function ClearedCodes({ cleared }: { cleared: Cleared }) {
	return (
		<>
			{cleared.codes.length ? cleared.codes.join(', ') : t('cleared.none')}
			{cleared.codes_cut && ' …'}
			{cleared.ecus.map((one) => (
				<span key={one.ecu}>
					{' · '}
					<span class="mono">{one.ecu}</span> {one.done ? t('cleared.done') : one.nrc ? t('cleared.refused', { nrc: one.nrc }) : t('cleared.silent')}
				</span>
			))}
			{' · '}
		</>
	);
}

function Answers({ told }: { told: Told[] }) {
	if (!told.length) return null;
	return (
		<>
			<h3>{t('unit.told')}</h3>
			<ul class="plain told">
				{told.slice(0, 5).map((one, index) => (
					<li key={index} data-outcome={one.outcome}>
						{tData('told', one.kind)}
						{one.what === 'config' && ` ${one.number}`}: <b>{tData('outcome', one.outcome)}</b>
						<span class="dim small">
							{' '}
							{one.cleared ? <ClearedCodes cleared={one.cleared} /> : one.reason && `${one.reason} · `}
							<Time at={one.at} />
						</span>
					</li>
				))}
			</ul>
		</>
	);
}

export function UnitCard({ unit, told }: { unit: Unit; told: Told[] }) {
	if (!unit) return null;
	return (
		<Card title={t('unit.title')} testid="unit-card" aside={<span class="mono dim small">{unit.unit}</span>}>
			<Facts>
				<Fact name={t('unit.power')}>
					{t(`power.${unit.power}`)}
					{unit.below_floor && <b class="warn"> {t('unit.floor')}</b>}
				</Fact>
				<Fact name={t('unit.battery')}>{quantity(unit.battery_v, 'V')}</Fact>
				{unit.next_contact_at && (
					<Fact name={t('unit.next')}>
						<Time at={unit.next_contact_at} />
					</Fact>
				)}
				<Fact name={t('unit.version')}>
					{unit.version || t('app.empty')} {unit.slot && <span class="dim">({unit.slot})</span>}
				</Fact>
				<Fact name={t('unit.config')}>
					{unit.config_version ? number(locale.value, unit.config_version) : t('unit.config.builtin')} {unit.config_trial && <span class="warn">{t('unit.config.trial')}</span>}
				</Fact>
				{unit.ignition_block && (
					<Fact name={t('told.ignition_block')}>
						<b class="warn">{t('unit.block')}</b>
					</Fact>
				)}
			</Facts>
			<Answers told={told} />
			<Metrics metrics={unit.metrics} />
		</Card>
	);
}
