/* One ticket, everything about it on one page: what is broken, in which car, whose, where, what happened, what can be done now. */
import { useSignal } from '@preact/signals';
import { useCallback } from 'preact/hooks';
import type { StatusChange, Ticket } from '../api-types';
import { api, ApiError } from '../app/api';
import { useCommands } from '../app/commands';
import { useLoad } from '../app/load';
import { putRow } from '../app/queue-store';
import { explain, go, me, toast } from '../app/state';
import { dateTime, kilometres } from '../core/format';
import type { View } from '../core/queue';
import { NOTE_BYTES } from '../core/text';
import { routeHash } from '../core/route';
import { locale, t, tData } from '../i18n';
import { Age, Card, carName, Clock, Fact, Facts, Failure, Loading, Phone, Priority, subjectOf, Tier, Time, VehicleLink } from '../ui/bits';
import { askText } from '../ui/dialog';
import { FaultCard } from '../ui/fault';
import { Icon } from '../ui/icons';
import { PlaceCard } from '../ui/place';
import { Composer, Timeline, type Pending } from '../ui/timeline';
import { chooseAssignee } from './assign';

type Action = Ticket['actions'][number];
type Write = (send: (ticket: Ticket) => Promise<Ticket>, guess?: (ticket: Ticket) => Ticket) => Promise<Ticket | null>;

/** A write shows its likely outcome at once; the answer, or the truth after a failure, replaces it. */
function useTicket(id: number) {
	const loaded = useLoad(`ticket ${id}`, () => api.ticket(id), (note) => note.kind === 'change' && note.change.kind === 'ticket.updated' && note.change.subject_id === id);
	const write: Write = useCallback(
		async (send, guess) => {
			const before = loaded.data.value;
			if (!before) return null;
			if (guess) loaded.data.value = guess(before);
			try {
				const after = await send(before);
				if ((loaded.data.value?.version ?? 0) <= after.version) loaded.data.value = after;
				putRow(after);
				return after;
			} catch (error) {
				loaded.data.value = before;
				toast(explain(error), true);
				if (error instanceof ApiError && error.status === 409) await loaded.reload();
				return null;
			}
		},
		[id],
	);
	return { ...loaded, write };
}

/** Whether a move must say why. */
const ASKS: Record<StatusChange['action'], boolean> = { pend: true, resume: false, resolve: false, close: false, reopen: true };

function useActions(ticket: Ticket | null, write: Write, onDone: () => void) {
	const may = (action: Action) => ticket?.actions.includes(action) ?? false;
	const acknowledge = async () => {
		const done = await write(
			(now) => api.acknowledge(now.id, now.version),
			(now) => ({ ...now, status: 'open', assignee: now.assignee ?? { id: me.value!.id, name: me.value!.name }, actions: now.actions.filter((action) => action !== 'acknowledge') }),
		);
		if (done) toast(t('toast.acknowledged', { id: done.id }));
	};
	const assign = () =>
		chooseAssignee(ticket?.assignee?.id ?? null, async (user) => {
			const done = await write(
				(now) => api.assign(now.id, now.version, user?.id ?? null),
				(now) => ({ ...now, assignee: user && { id: user.id, name: user.name } }),
			);
			if (done) toast(t('toast.assigned', { id: done.id, name: user?.name ?? t('assignee.nobody') }));
			return done !== null;
		});
	const status = (action: StatusChange['action']) =>
		askText({
			title: t(`action.${action}`),
			hint: t(`action.${action}.hint`),
			action: t(`action.${action}`),
			required: ASKS[action],
			maxBytes: NOTE_BYTES,
			send: async (text) => {
				const done = await write((now) => api.status(now.id, { version: now.version, action, ...(text && { text }) }));
				if (done && action === 'resolve') {
					toast(t('toast.resolved', { id: done.id }));
					onDone();
				}
				return done !== null;
			},
		});
	const guarded = (action: Action, fn: () => unknown) => () => {
		if (!ticket) return false;
		if (may(action)) void fn();
		else toast(t('action.denied'));
		return true;
	};
	return {
		acknowledge: guarded('acknowledge', acknowledge),
		assign: guarded('assign', assign),
		pend: guarded('pend', () => status('pend')),
		resume: guarded('resume', () => status('resume')),
		resolve: guarded('resolve', () => status('resolve')),
		close: guarded('close', () => status('close')),
		reopen: guarded('reopen', () => status('reopen')),
	};
}

const BUTTONS = ['acknowledge', 'resume', 'assign', 'pend', 'resolve', 'close', 'reopen'] as const;
const KEYS: Partial<Record<(typeof BUTTONS)[number], string>> = { acknowledge: 'a', assign: 's', resolve: 'r' };

function Head({ ticket, actions, view }: { ticket: Ticket; actions: ReturnType<typeof useActions>; view: View }) {
	const shown = BUTTONS.filter((name) => ticket.actions.includes(name));
	return (
		<header class="ticket-head">
			<p class="ticket-line">
				<a class="button quiet back" href={routeHash({ page: 'queue', view, ticket: null })} aria-label={t('app.back')}>
					<Icon name="back" />
				</a>
				<Priority value={ticket.priority} />
				<span class={`state state-${ticket.status}`} data-testid="ticket-status" data-status={ticket.status}>
					{t(`status.${ticket.status}`)}
				</span>
				<span class="dim">
					{t('ticket.number', { id: ticket.id })} · {tData('kind', ticket.kind)}
				</span>
				{ticket.late && <span class="late">{t('queue.late')}</span>}
				<span class="push">
					<Clock row={ticket} />
				</span>
			</p>
			<h1>
				{ticket.code && <span class="mono code-inline">{ticket.code}</span>} {(ticket.fault && ticket.fault.text[locale.value]) || subjectOf(ticket)}
			</h1>
			<p class="dim small ticket-meta">
				<span>
					<Time at={ticket.event_at} label={t('ticket.happened', { time: dateTime(locale.value, ticket.event_at) })} />
				</span>
				<span>
					{t('queue.col.age')} <Age at={ticket.opened_at} />
				</span>
				<span>
					{t('queue.col.assignee')} <b>{ticket.assignee?.name ?? t('assignee.nobody')}</b>
				</span>
				{ticket.occurrences > 1 && <span>{t('queue.times', { n: ticket.occurrences })}</span>}
			</p>
			<div class="buttons">
				{shown.map((name, index) => (
					<button key={name} type="button" class={index === 0 ? 'primary' : ''} onClick={actions[name]} data-testid={`action-${name}`} aria-keyshortcuts={KEYS[name]}>
						{t(`action.${name}`)} {KEYS[name] && <kbd>{KEYS[name]}</kbd>}
					</button>
				))}
			</div>
		</header>
	);
}

export function VehicleCard({ vehicle, odometer_m }: { vehicle: Ticket['vehicle']; odometer_m: number | null }) {
	if (!vehicle) return <Card title={t('ticket.vehicle')}>{t('ticket.novehicle')}</Card>;
	return (
		<Card title={t('ticket.vehicle')}>
			<p class="lead">
				<VehicleLink vehicle={vehicle} />
			</p>
			<Facts>
				<Fact name={t('vehicle.vin')}>
					<span class="mono">{vehicle.vin}</span>
				</Fact>
				{odometer_m !== null && <Fact name={t('ticket.odometer')}>{kilometres(locale.value, odometer_m)}</Fact>}
			</Facts>
		</Card>
	);
}

export function OwnerCard({ customer }: { customer: Ticket['customer'] }) {
	if (!customer)
		return (
			<Card title={t('ticket.owner')}>
				<p class="dim">{t('ticket.noowner')}</p>
			</Card>
		);
	return (
		<Card title={t('ticket.owner')}>
			<p class="lead">
				<a href={routeHash({ page: 'customers', id: customer.id })}>{customer.name}</a> <Tier tier={customer.tier} />
			</p>
			<Facts>
				{customer.phone && (
					<Fact name={t('customer.phone')}>
						<Phone number={customer.phone} name={customer.name} />
					</Fact>
				)}
				{customer.language && <Fact name={t('customer.language')}>{tData('language', customer.language)}</Fact>}
			</Facts>
		</Card>
	);
}

export function TicketPage({ id, view, onDone }: { id: number; view: View; onDone: () => void }) {
	const { data, error, reload, write } = useTicket(id);
	const pending = useSignal<Pending | null>(null);
	const ticket = data.value;
	const actions = useActions(ticket, write, onDone);
	useCommands({
		acknowledge: actions.acknowledge,
		assign: actions.assign,
		resolve: actions.resolve,
		comment: () => document.getElementById('note')?.focus(),
	});
	const comment = async (text: string) => {
		pending.value = { text, actor: me.value!.name, at: new Date().toISOString() };
		const done = await write((now) => api.comment(now.id, text));
		pending.value = null;
		return done !== null;
	};
	if (error.value && !ticket)
		return (
			<article class="pane-ticket">
				<Failure text={error.value} retry={() => void reload()} />
				<button type="button" onClick={() => go({ page: 'queue', view, ticket: null })}>
					{t('app.back')}
				</button>
			</article>
		);
	if (!ticket)
		return (
			<article class="pane-ticket">
				<Loading />
			</article>
		);
	return (
		<article class="pane-ticket" data-testid="ticket-page" data-id={ticket.id} aria-label={`${t('ticket.number', { id })}${ticket.vehicle ? `, ${carName(ticket.vehicle)}` : ''}`}>
			<Head ticket={ticket} actions={actions} view={view} />
			<div class="ticket-grid ticket-mixed">
				<div class="ticket-main">
					{ticket.fault && <FaultCard fault={ticket.fault} />}
					<Card title={t('ticket.timeline')}>
						<Timeline entries={ticket.timeline} pending={pending.value} states="status" />
						{ticket.actions.includes('comment') && <Composer subject={`${me.value!.id}.ticket.${ticket.id}`} send={comment} />}
					</Card>
				</div>
				<div class="ticket-side">
					<VehicleCard vehicle={ticket.vehicle} odometer_m={ticket.odometer_m} />
					<OwnerCard customer={ticket.customer} />
					<PlaceCard place={ticket.place} />
				</div>
			</div>
		</article>
	);
}
