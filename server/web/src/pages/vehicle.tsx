/* One vehicle: how it is now, what is wrong with it and with its unit, what is open, where it is if somebody may know. */
import type { VehiclePage as Page } from '../api-types';
import { api } from '../app/api';
import { useLoad } from '../app/load';
import { troubles } from '../core/condition';
import { dateTime, kilometres } from '../core/format';
import { locale, t, tData } from '../i18n';
import { Card, carName, Fact, Facts, Failure, Loading, Plate, Time } from '../ui/bits';
import { VehicleCaptures } from '../ui/capture';
import { FaultLine } from '../ui/fault';
import { EcuCard, Happened, UnitCard } from '../ui/happened';
import { Icon } from '../ui/icons';
import { PlaceCard } from '../ui/place';
import { TicketLines } from './customers';
import { ReminderRow, reminderChange } from './reminders';
import { OwnerCard } from './ticket';

function StateCard({ state, unit }: { state: Page['state']; unit: Page['unit'] }) {
	if (!state)
		return (
			<Card title={t('vehicle.state')}>
				<p class="dim">{t('vehicle.nostate')}</p>
			</Card>
		);
	const conditions = troubles(state.conditions, unit?.power);
	return (
		<Card title={t('vehicle.state')} aside={<span class={state.online ? 'chip chip-good' : 'chip'}>{t(state.online ? 'vehicle.online' : 'vehicle.offline')}</span>}>
			<Facts>
				<Fact name={t('vehicle.seen')}>{state.last_seen_at ? <Time at={state.last_seen_at} /> : t('vehicle.seen.never')}</Fact>
				<Fact name={t('ticket.odometer')}>{state.odometer_m === null ? t('app.empty') : kilometres(locale.value, state.odometer_m)}</Fact>
				<Fact name={t('vehicle.ignition')}>{t(state.ignition_on ? 'vehicle.on' : 'vehicle.off')}</Fact>
				<Fact name={t('vehicle.mil')}>{state.mil ? <b class="warn">{t('vehicle.on')}</b> : t('vehicle.off')}</Fact>
			</Facts>
			{conditions.length > 0 && (
				<>
					<h3>{t('vehicle.conditions')}</h3>
					<ul class="plain conditions">
						{conditions.map((one) => (
							<li key={one.name} data-condition={one.name}>
								<b>{tData('condition', one.name)}</b>
								<span class="dim small">
									{t('vehicle.since', { time: dateTime(locale.value, one.since) })}
									{one.detail && ` · ${one.detail}`}
								</span>
							</li>
						))}
					</ul>
				</>
			)}
		</Card>
	);
}

function About({ page, reload }: { page: Page; reload: () => Promise<void> }) {
	return (
		<div class="ticket-grid ticket-mixed">
			<div class="ticket-main">
				<Card title={t('vehicle.faults')}>
					{page.faults.length ? (
						<ul class="plain">
							{page.faults.map((fault) => (
								<FaultLine key={fault.id} fault={fault} />
							))}
						</ul>
					) : (
						<p class="dim">{t('fault.none')}</p>
					)}
				</Card>
				<Happened id={page.vehicle!.id} />
				<VehicleCaptures id={page.vehicle!.id} />
				<Card title={t('vehicle.tickets')}>
					<TicketLines tickets={page.tickets} empty={t('customer.notickets')} />
				</Card>
				<Card title={t('vehicle.reminders')}>
					{page.reminders.length ? (
						<ul class="plain">
							{page.reminders.map((one) => (
								<ReminderRow key={one.id} one={one} change={reminderChange(reload)} />
							))}
						</ul>
					) : (
						<p class="dim">{t('reminders.empty')}</p>
					)}
				</Card>
			</div>
			<div class="ticket-side">
				<StateCard state={page.state} unit={page.unit} />
				<UnitCard unit={page.unit} told={page.told} />
				<OwnerCard customer={page.owner} />
				<PlaceCard place={page.place} reason={page.place_reason} />
				<EcuCard ecus={page.ecus} />
			</div>
		</div>
	);
}

export function VehiclePage({ id }: { id: number }) {
	const { data, error, reload } = useLoad(`vehicle ${id}`, () => api.vehicle(id), (note) => note.kind === 'change' && note.change.vehicle_id === id);
	const page = data.value;
	if (error.value && !page)
		return (
			<div class="page">
				<Failure text={error.value} retry={() => void reload()} />
			</div>
		);
	if (!page?.vehicle)
		return (
			<div class="page">
				<Loading />
			</div>
		);
	return (
		<article class="pane-ticket pane-case" data-testid="vehicle-page">
			<header class="ticket-head">
				<p class="ticket-line">
					<button type="button" class="quiet back" aria-label={t('app.back')} onClick={() => history.back()}>
						<Icon name="back" />
					</button>
					<span class="mono dim">{page.vehicle.vin}</span>
					<span class="dim push">{page.dealer.name}</span>
				</p>
				<h1>
					<Plate vehicle={page.vehicle} /> {carName(page.vehicle)}
				</h1>
			</header>
			<About page={page} reload={reload} />
		</article>
	);
}
