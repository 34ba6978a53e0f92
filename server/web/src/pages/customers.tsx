/* Find a customer while they are on the phone; see their cars and tickets. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { TicketRow } from '../api-types';
import { api } from '../app/api';
import { useCommands } from '../app/commands';
import { useLoad } from '../app/load';
import { go, wide } from '../app/state';
import { routeHash } from '../core/route';
import { t, tData } from '../i18n';
import { Age, Card, Clock, Empty, Fact, Facts, Failure, Loading, Phone, Priority, subjectOf, Tier, VehicleLink } from '../ui/bits';
import { Icon } from '../ui/icons';

const typed = signal('');
/** What is asked for: the text once the typing pauses. */
const asked = signal('');
const PAUSE_MS = 150;

export function searchCustomers(text: string): void {
	typed.value = text;
	asked.value = text;
	go({ page: 'customers', id: null });
}

export function TicketLines({ tickets, empty }: { tickets: TicketRow[]; empty: string }) {
	if (!tickets.length) return <p class="dim">{empty}</p>;
	return (
		<ul class="plain lines">
			{tickets.map((row) => (
				<li key={row.id}>
					<a href={routeHash({ page: 'queue', view: 'all', ticket: row.id })}>
						<Priority value={row.priority} />
						<span class="ellipsis">
							{row.code && <span class="mono code-inline">{row.code}</span>} {subjectOf(row)}
						</span>
						<span class={`state state-${row.status}`}>{t(`status.${row.status}`)}</span>
						<Clock row={row} />
						<span class="dim">
							<Age at={row.opened_at} />
						</span>
					</a>
				</li>
			))}
		</ul>
	);
}

function Found({ open }: { open: number | null }) {
	const query = asked.value;
	const { data, error, reload } = useLoad(`customers ${query}`, () => api.customers(query), () => false);
	if (error.value) return <Failure text={error.value} retry={() => void reload()} />;
	if (!data.value) return <Loading />;
	if (!data.value.customers.length) return <Empty>{t('customers.empty', { q: query })}</Empty>;
	return (
		<ul class="plain people">
			{data.value.customers.map((one) => (
				<li key={one.id}>
					<a href={routeHash({ page: 'customers', id: one.id })} aria-current={one.id === open ? 'true' : undefined}>
						<span>
							<b>{one.name}</b> <Tier tier={one.tier} />
						</span>
						<span class="dim small">{[one.phone, one.email].filter(Boolean).join(' · ')}</span>
					</a>
				</li>
			))}
		</ul>
	);
}

function CustomerDetail({ id }: { id: number }) {
	const { data, error, reload } = useLoad(`customer ${id}`, () => api.customer(id), (note) => note.kind === 'change' && note.change.kind.startsWith('ticket.'));
	const one = data.value;
	if (error.value && !one) return <Failure text={error.value} retry={() => void reload()} />;
	if (!one) return <Loading />;
	return (
		<article data-testid="customer-page">
			<header class="ticket-head">
				<p class="ticket-line">
					<a class="button quiet back" href={routeHash({ page: 'customers', id: null })} aria-label={t('app.back')}>
						<Icon name="back" />
					</a>
					<Tier tier={one.tier} />
				</p>
				<h1>{one.name}</h1>
				<Facts>
					<Fact name={t('customer.phone')}>{one.phone ? <Phone number={one.phone} name={one.name} /> : t('app.empty')}</Fact>
					<Fact name={t('customer.email')}>{one.email ? <a href={`mailto:${one.email}`}>{one.email}</a> : t('app.empty')}</Fact>
					<Fact name={t('customer.language')}>{tData('language', one.language)}</Fact>
					<Fact name={t('customer.consent')}>{t(one.position_consent ? 'customer.consent.yes' : 'customer.consent.no')}</Fact>
				</Facts>
			</header>
			<Card title={t('customer.vehicles')}>
				{one.vehicles.length ? (
					<ul class="plain lines">
						{one.vehicles.map(
							(vehicle) =>
								vehicle && (
									<li key={vehicle.id}>
										<VehicleLink vehicle={vehicle} />
										<span class="mono dim small">{vehicle.vin}</span>
									</li>
								),
						)}
					</ul>
				) : (
					<p class="dim">{t('customer.novehicles')}</p>
				)}
			</Card>
			<Card title={t('customer.tickets')}>
				<TicketLines tickets={one.tickets} empty={t('customer.notickets')} />
			</Card>
		</article>
	);
}

export function CustomersPage({ id }: { id: number | null }) {
	const field = useRef<HTMLInputElement>(null);
	useEffect(() => {
		const timer = setTimeout(() => (asked.value = typed.value.trim()), PAUSE_MS);
		return () => clearTimeout(timer);
	}, [typed.value]);
	useCommands({ search: () => field.current?.focus() });
	const alone = !wide.value && id !== null;
	return (
		<div class={`split${id !== null ? ' split-open' : ''}`}>
			{!alone && (
				<section class={`pane-list${id !== null ? ' pane-slim' : ''}`}>
					<header class="page-head">
						<h1>{t('customers.title')}</h1>
						<label class="searchbox">
							<Icon name="search" />
							<span class="sr">{t('customers.search')}</span>
							<input
								ref={field}
								type="search"
								placeholder={t('customers.search')}
								maxLength={80}
								value={typed.value}
								onInput={(event) => (typed.value = event.currentTarget.value)}
								data-testid="customer-search"
							/>
						</label>
					</header>
					<div class="scroll">
						<Found open={id} />
					</div>
				</section>
			)}
			{id !== null && (
				<div class="pane-ticket">
					<CustomerDetail key={id} id={id} />
				</div>
			)}
		</div>
	);
}
