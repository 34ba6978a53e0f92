/* The rescue board and a case: minutes count here, so the next step is always the biggest button. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Rescue, RescueChange } from '../api-types';
import { api, ApiError } from '../app/api';
import { useLoad } from '../app/load';
import { openCases, putCase, readBoard, rescueFailure } from '../app/rescue-store';
import { explain, go, me, now, toast } from '../app/state';
import { duration, number, speed } from '../core/format';
import { routeHash } from '../core/route';
import { NOTE_BYTES, OUTCOME_BYTES } from '../core/text';
import { locale, t, tData } from '../i18n';
import { Card, carName, Empty, Fact, Facts, Failure, Loading, Owner, Plate, Time } from '../ui/bits';
import { Captures } from '../ui/capture';
import { askText } from '../ui/dialog';
import { Icon } from '../ui/icons';
import { PlaceCard } from '../ui/place';
import { Composer, Timeline, type Pending } from '../ui/timeline';
import { OwnerCard, VehicleCard } from './ticket';

function CaseRow({ one }: { one: Rescue }) {
	return (
		<a class={`case case-${one.status}`} href={routeHash({ page: 'rescue', id: one.id })} data-testid={`rescue-row-${one.id}`} data-vin={one.vehicle?.vin} data-status={one.status}>
			<span class="case-head">
				<span class={`case-kind sevr-${one.severity}`}>
					<Icon name="alarm" /> {t(`rescue.kind.${one.kind}`)}
				</span>
				<span class="dim">{t('rescue.case', { id: one.id })}</span>
				<span class={`state rstate-${one.status} push`}>{t(`rescue.status.${one.status}`)}</span>
			</span>
			<span class="case-line">
				<Plate vehicle={one.vehicle} /> <span class="ellipsis">{one.vehicle && carName(one.vehicle)}</span>
			</span>
			<span class="case-line">
				<Owner customer={one.customer} />
			</span>
			<span class="case-line dim small">
				<span>{t(`rescue.severity.${one.severity}`)}</span>
				{typeof one.detail.delta_v_km_h === 'number' && <span>Δv {speed(locale.value, one.detail.delta_v_km_h)}</span>}
				{one.late && <span class="late">{t('queue.late')}</span>}
				<Time at={one.event_at} label={t('rescue.since', { time: duration(locale.value, now.value - Date.parse(one.event_at)) })} />
			</span>
			{one.outcome && <span class="case-line small">{one.outcome}</span>}
		</a>
	);
}

function ClosedCases() {
	const { data, error, reload } = useLoad('rescues closed', () => api.rescues('closed'), (note) => note.kind === 'change' && note.change.kind === 'rescue.updated');
	if (error.value) return <Failure text={error.value} retry={() => void reload()} />;
	if (!data.value) return <Loading />;
	if (!data.value.rescues.length) return <Empty>{t('rescue.empty.closed')}</Empty>;
	return (
		<div class="cases">
			{data.value.rescues.map((one) => (
				<CaseRow key={one.id} one={one} />
			))}
		</div>
	);
}

export function RescueBoard() {
	const closed = useSignal(false);
	const open = openCases.value;
	return (
		<div class="page">
			<header class="page-head">
				<h1>{t('rescue.title')}</h1>
				<div class="filters" role="group" aria-label={t('rescue.title')}>
					<button type="button" aria-pressed={!closed.value} onClick={() => (closed.value = false)}>
						{t('rescue.open')}
					</button>
					<button type="button" aria-pressed={closed.value} onClick={() => (closed.value = true)}>
						{t('rescue.closed')}
					</button>
				</div>
			</header>
			{closed.value ? (
				<ClosedCases />
			) : rescueFailure.value && !open?.length ? (
				<Failure text={rescueFailure.value} retry={() => void readBoard()} />
			) : !open ? (
				<Loading />
			) : open.length ? (
				<div class="cases">
					{open.map((one) => (
						<CaseRow key={one.id} one={one} />
					))}
				</div>
			) : (
				<Empty>{t('rescue.empty')}</Empty>
			)}
		</div>
	);
}

function yesNo(value: boolean | undefined): string {
	return value === undefined ? t('rescue.unknown') : t(value ? 'rescue.yes' : 'rescue.no');
}

function CrashFacts({ one }: { one: Rescue }) {
	const { trigger, airbag, delta_v_km_h, speed_before_km_h, rollover, belts_fastened, probability_permille, model, fuel_cut_off } = one.detail;
	const known = <T,>(value: T | null | undefined, say: (value: T) => string) => (value === null || value === undefined ? t('rescue.unknown') : say(value));
	return (
		<Card title={t('rescue.facts')} aside={<span class={`chip sevr-${one.severity}`}>{t(`rescue.severity.${one.severity}`)}</span>}>
			<Facts>
				{trigger && <Fact name={t('rescue.trigger')}>{tData('rescue.trigger', trigger)}</Fact>}
				<Fact name={t('rescue.airbag')}>{known(airbag, (value) => t(value ? 'rescue.airbag.yes' : 'rescue.airbag.no'))}</Fact>
				<Fact name={t('rescue.deltav')}>{known(delta_v_km_h, (value) => speed(locale.value, value))}</Fact>
				<Fact name={t('rescue.speed')}>{known(speed_before_km_h, (value) => speed(locale.value, value))}</Fact>
				<Fact name={t('rescue.rollover')}>{yesNo(rollover)}</Fact>
				{fuel_cut_off && <Fact name={t('rescue.fuel')}>{t('rescue.yes')}</Fact>}
				<Fact name={t('rescue.belts')}>{known(belts_fastened, (value) => number(locale.value, value))}</Fact>
				<Fact name={t('rescue.probability')}>
					{known(probability_permille, (value) => `${number(locale.value, value / 10, 1)} %`)} {model && <small class="dim mono">{model}</small>}
				</Fact>
			</Facts>
		</Card>
	);
}

/** Each step: what it asks for and whether that is required. acknowledge asks nothing. */
const STEPS: Record<Exclude<RescueChange['action'], 'acknowledge'>, { required: boolean; bytes: number; field: 'text' | 'outcome' }> = {
	dispatch: { required: true, bytes: NOTE_BYTES, field: 'text' },
	recall: { required: true, bytes: NOTE_BYTES, field: 'text' },
	arrive: { required: false, bytes: NOTE_BYTES, field: 'text' },
	close: { required: true, bytes: OUTCOME_BYTES, field: 'outcome' },
	reopen: { required: true, bytes: NOTE_BYTES, field: 'text' },
};
const ORDER: RescueChange['action'][] = ['acknowledge', 'dispatch', 'arrive', 'close', 'recall', 'reopen'];

type Change = (send: (one: Rescue) => Promise<Rescue>) => Promise<boolean>;

function Steps({ one, change }: { one: Rescue; change: Change }) {
	const step = (action: RescueChange['action']) => {
		if (action === 'acknowledge') return void change((now) => api.rescueStatus(now.id, { version: now.version, action }));
		const { required, bytes, field } = STEPS[action];
		askText({
			title: t(`rescue.action.${action}`),
			hint: t(`rescue.${action}.hint`),
			action: t(`rescue.action.${action}`),
			required,
			maxBytes: bytes,
			send: (text) => change((now) => api.rescueStatus(now.id, { version: now.version, action, ...(text && { [field]: text }) })),
		});
	};
	const shown = ORDER.filter((action) => one.actions.includes(action));
	return (
		<div class="buttons">
			{shown.map((action, index) => (
				<button key={action} type="button" class={index === 0 ? 'primary big' : 'big'} onClick={() => step(action)} data-testid={`rescue-${action}`}>
					{t(`rescue.action.${action}`)}
				</button>
			))}
		</div>
	);
}

function CaseHead({ one, change }: { one: Rescue; change: Change }) {
	return (
		<header class="ticket-head">
			<p class="ticket-line">
				<a class="button quiet back" href={routeHash({ page: 'rescue', id: null })} aria-label={t('app.back')}>
					<Icon name="back" />
				</a>
				<span class={`state rstate-${one.status}`} data-testid="rescue-status" data-status={one.status}>
					{t(`rescue.status.${one.status}`)}
				</span>
				<span class="dim">{t('rescue.case', { id: one.id })}</span>
				{one.late && <span class="late">{t('queue.late')}</span>}
			</p>
			<h1>
				{t(`rescue.kind.${one.kind}`)}
				{one.vehicle && (
					<>
						{' · '}
						<Plate vehicle={one.vehicle} /> {carName(one.vehicle)}
					</>
				)}
			</h1>
			<p class="dim small ticket-meta">
				<Time at={one.event_at} label={t('rescue.since', { time: duration(locale.value, now.value - Date.parse(one.event_at)) })} />
				<span>
					{t('rescue.assignee')} <b>{one.assignee?.name ?? t('assignee.nobody')}</b>
				</span>
				{one.outcome && (
					<span>
						{t('rescue.outcome')} <b>{one.outcome}</b>
					</span>
				)}
			</p>
			<Steps one={one} change={change} />
		</header>
	);
}

export function RescuePage({ id }: { id: number }) {
	const { data, error, reload } = useLoad(`rescue ${id}`, () => api.rescue(id), (note) => note.kind === 'change' && note.change.kind.startsWith('rescue.') && note.change.subject_id === id);
	const pending = useSignal<Pending | null>(null);
	const one = data.value;
	useEffect(() => {
		if (one) putCase(one);
	}, [one]);
	const change: Change = async (send) => {
		if (!data.value) return false;
		try {
			data.value = await send(data.value);
			return true;
		} catch (problem) {
			toast(explain(problem), true);
			if (problem instanceof ApiError && problem.status === 409) await reload();
			return false;
		}
	};
	const comment = async (text: string) => {
		pending.value = { text, actor: me.value!.name, at: new Date().toISOString() };
		const done = await change((now) => api.rescueComment(now.id, text));
		pending.value = null;
		return done;
	};
	if (error.value && !one)
		return (
			<div class="page">
				<Failure text={error.value} retry={() => void reload()} />
				<button type="button" onClick={() => go({ page: 'rescue', id: null })}>
					{t('app.back')}
				</button>
			</div>
		);
	if (!one)
		return (
			<div class="page">
				<Loading />
			</div>
		);
	return (
		<article class="pane-ticket pane-case" data-testid="rescue-page" data-id={one.id}>
			<CaseHead one={one} change={change} />
			<div class="ticket-grid">
				<div class="ticket-main">
					<PlaceCard place={one.place} reason="rescue" />
					<CrashFacts one={one} />
					<Captures id={one.id} />
				</div>
				<div class="ticket-side">
					<OwnerCard customer={one.customer} />
					<VehicleCard vehicle={one.vehicle} odometer_m={null} />
					<Card title={t('ticket.timeline')}>
						<Timeline entries={one.timeline ?? []} pending={pending.value} states="rescue.status" />
						{one.actions.includes('comment') && <Composer subject={`${me.value!.id}.rescue.${one.id}`} send={comment} />}
					</Card>
				</div>
			</div>
		</article>
	);
}
