/* Maintenance that comes near: the most overdue first, one step to done. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { Reminder, ReminderChange } from '../api-types';
import { api } from '../app/api';
import { useLoad } from '../app/load';
import { explain, now, toast } from '../app/state';
import { day, duration, kilometres } from '../core/format';
import { routeHash } from '../core/route';
import { locale, t } from '../i18n';
import { carName, Empty, Failure, Loading, Owner, Phone, Plate } from '../ui/bits';
import { openDialog } from '../ui/dialog';

const RANK: Record<Reminder['status'], number> = { overdue: 0, due: 1, soon: 2, done: 3, dismissed: 4 };
const FILTERS = ['overdue', 'due', 'soon'] as const;

function left(one: Reminder): string | null {
	if (one.due_odometer_m !== null && one.odometer_m !== null) {
		const metres = one.due_odometer_m - one.odometer_m;
		return t(metres >= 0 ? 'reminders.left' : 'reminders.over', { distance: kilometres(locale.value, Math.abs(metres)) });
	}
	if (one.due_at === null) return null;
	const ms = Date.parse(one.due_at) - now.value;
	return t(ms >= 0 ? 'reminders.left' : 'reminders.over', { distance: duration(locale.value, Math.abs(ms)) });
}

type Change = (one: Reminder, body: ReminderChange) => Promise<boolean>;

function DoneForm({ one, change, close }: { one: Reminder; change: Change; close: () => void }) {
	const field = useRef<HTMLInputElement>(null);
	const submit = async (event: Event) => {
		event.preventDefault();
		const km = field.current!.valueAsNumber;
		if (await change(one, { action: 'done', odometer_m: Number.isFinite(km) ? Math.round(km * 1000) : null })) close();
	};
	return (
		<form class="textform" onSubmit={submit}>
			<p>
				<b>{one.item}</b> {one.vehicle && `· ${one.vehicle.plate} ${carName(one.vehicle)}`}
			</p>
			<label>
				{t('reminders.done.at')}
				<input ref={field} type="number" min={0} max={5_000_000} step={1} defaultValue={one.odometer_m === null ? '' : String(Math.round(one.odometer_m / 1000))} autofocus />
			</label>
			<div class="buttons">
				<button type="submit" class="primary">
					{t('reminders.done')}
				</button>
				<button type="button" onClick={close}>
					{t('app.cancel')}
				</button>
			</div>
		</form>
	);
}

export function ReminderRow({ one, change }: { one: Reminder; change: Change }) {
	const done = () => openDialog({ title: t('reminders.done'), render: (close) => <DoneForm one={one} change={change} close={close} /> });
	return (
		<li class="reminder" data-testid={`reminder-row-${one.id}`} data-vin={one.vehicle?.vin} data-status={one.status}>
			<span class={`state due-${one.status}`}>{t(`reminder.${one.status}`)}</span>
			<span class="reminder-main">
				<b>{one.item}</b>
				{one.vehicle && (
					<a href={routeHash({ page: 'vehicle', id: one.vehicle.id })}>
						<Plate vehicle={one.vehicle} /> {carName(one.vehicle)}
					</a>
				)}
			</span>
			<span class="reminder-due">
				<b>{[one.due_odometer_m !== null && kilometres(locale.value, one.due_odometer_m), one.due_at !== null && day(locale.value, one.due_at)].filter(Boolean).join(' · ')}</b>
				<span class="dim small">{left(one)}</span>
			</span>
			<span class="reminder-owner">
				<Owner customer={one.customer} />
				{one.customer?.phone && <Phone number={one.customer.phone} name={one.customer.name} />}
			</span>
			<span class="buttons">
				<button type="button" onClick={done} data-testid={`reminder-done-${one.id}`}>
					{t('reminders.done')}
				</button>
				<button type="button" class="quiet" onClick={() => void change(one, { action: 'dismiss' })}>
					{t('reminders.dismiss')}
				</button>
			</span>
		</li>
	);
}

/** Sends a reminder's change and reads again whatever shows it. */
export function reminderChange(reload: () => Promise<void>): Change {
	return async (one, body) => {
		try {
			await api.reminderStatus(one.id, body);
			toast(t('toast.saved'));
			await reload();
			return true;
		} catch (error) {
			toast(explain(error), true);
			await reload();
			return false;
		}
	};
}

export function RemindersPage() {
	const { data, error, reload } = useLoad('reminders', api.reminders, (note) => note.kind === 'change' && note.change.kind.startsWith('reminder.'));
	const only = useSignal<(typeof FILTERS)[number] | null>(null);
	const all = data.value?.reminders ?? [];
	const shown = all.filter((one) => !only.value || one.status === only.value).sort((a, b) => RANK[a.status] - RANK[b.status] || (a.created_at < b.created_at ? -1 : 1));
	return (
		<div class="page">
			<header class="page-head">
				<h1>{t('reminders.title')}</h1>
				<div class="filters" role="group" aria-label={t('reminders.title')}>
					<button type="button" aria-pressed={only.value === null} onClick={() => (only.value = null)}>
						{t('reminders.all')} {all.length}
					</button>
					{FILTERS.map((name) => (
						<button key={name} type="button" aria-pressed={only.value === name} onClick={() => (only.value = name)}>
							{t(`reminder.${name}`)} {all.filter((one) => one.status === name).length}
						</button>
					))}
				</div>
			</header>
			{error.value && <Failure text={error.value} retry={() => void reload()} />}
			{!data.value && !error.value && <Loading />}
			{data.value && !shown.length && <Empty>{t('reminders.empty')}</Empty>}
			<ul class="plain">
				{shown.map((one) => (
					<ReminderRow key={one.id} one={one} change={reminderChange(reload)} />
				))}
			</ul>
		</div>
	);
}
