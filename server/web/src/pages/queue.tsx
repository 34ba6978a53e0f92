/* The queue: the right ticket first, everything that decides about it in one line, live. */
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { TicketRow } from '../api-types';
import { useCommands } from '../app/commands';
import { failure, fresh, loading, loadMore, loadQueue, rows, view as loaded } from '../app/queue-store';
import { counters, go, me, narrow, wide } from '../app/state';
import { dateTime } from '../core/format';
import { routeHash } from '../core/route';
import { VIEWS, type View } from '../core/queue';
import { scrollToShow, visibleRows } from '../core/virtual';
import { locale, t } from '../i18n';
import { Age, carName, Clock, Empty, Failure, Loading, Owner, Plate, Priority, subjectOf } from '../ui/bits';
import { TicketPage } from './ticket';

/** The row the keys are on. Kept while the reader is on other pages. */
const cursor = signal<number | null>(null);

const SPARE = 12;
const NEAR_END = 20;

/** As in pages.css. */
function rowHeight(slim: boolean): number {
	return narrow.value ? 92 : slim ? 76 : 56;
}

function Row({ row, top, on, open, current }: { row: TicketRow; top: number; on: boolean; open: boolean; current: View }) {
	const news = fresh.value.get(row.id);
	const assignee = row.assignee ? (row.assignee.id === me.value?.id ? t('assignee.me') : row.assignee.name) : t('assignee.nobody');
	return (
		<a
			class={`row is-${row.status}${on ? ' row-on' : ''}${open ? ' row-shown' : ''}${news ? ` fresh-${news}` : ''}`}
			href={routeHash({ page: 'queue', view: current, ticket: row.id })}
			style={{ transform: `translateY(${top}px)` }}
			onClick={() => (cursor.value = row.id)}
			aria-current={open ? 'true' : undefined}
			tabIndex={on ? 0 : -1}
			data-testid={`ticket-row-${row.id}`}
			data-vin={row.vehicle?.vin}
			data-code={row.code}
			data-status={row.status}
		>
			<Priority value={row.priority} />
			<span class="c-main">
				<span class="c-subject">
					{row.code && <span class="mono code-inline">{row.code}</span>}
					<span class="ellipsis">{subjectOf(row)}</span>
				</span>
				<span class="c-sub">
					<span class={`state state-${row.status}`}>{t(`status.${row.status}`)}</span>
					<span class="dim">#{row.id}</span>
					{row.occurrences > 1 && (
						<span class="dim" title={t('queue.times', { n: row.occurrences })}>
							×{row.occurrences}
						</span>
					)}
					{row.late && (
						<span class="late" title={t('queue.late.title', { time: dateTime(locale.value, row.event_at) })}>
							{t('queue.late')}
						</span>
					)}
				</span>
			</span>
			<span class="c-vehicle">
				<Plate vehicle={row.vehicle} />
				<span class="ellipsis dim">{row.vehicle && carName(row.vehicle)}</span>
			</span>
			<span class="c-owner">
				<Owner customer={row.customer} />
			</span>
			<span class="c-clock">
				<Clock row={row} />
			</span>
			<span class={`c-assignee ellipsis${row.assignee ? '' : ' dim'}`}>{assignee}</span>
			<span class="c-age dim">
				<Age at={row.opened_at} coarse />
			</span>
		</a>
	);
}

function Filters({ current }: { current: View }) {
	return (
		<div class="filters" role="group" aria-label={t('queue.title')}>
			{VIEWS.map((name) => (
				<a key={name} href={routeHash({ page: 'queue', view: name, ticket: null })} aria-current={name === current ? 'true' : undefined}>
					{t(`queue.view.${name}`)}
				</a>
			))}
		</div>
	);
}

function List({ current, open }: { current: View; open: number | null }) {
	const box = useRef<HTMLDivElement>(null);
	const [view, setView] = useState({ top: 0, height: 800 });
	const height = rowHeight(open !== null);
	const all = rows.value;
	const seen = visibleRows(all.length, height, view.top, view.height, SPARE);
	/* Drawn again only every few rows of scrolling: the spare rows cover what lies between. */
	const measure = () => {
		if (!box.current) return;
		const step = height * (SPARE / 2);
		const top = Math.floor(box.current.scrollTop / step) * step;
		const tall = box.current.clientHeight + step;
		setView((old) => (old.top === top && old.height === tall ? old : { top, height: tall }));
	};
	useLayoutEffect(() => {
		measure();
		const watch = new ResizeObserver(measure);
		watch.observe(box.current!);
		return () => watch.disconnect();
	}, []);
	useEffect(() => {
		if (seen.last >= all.length - NEAR_END) void loadMore();
	}, [seen.last, all.length]);
	useEffect(() => {
		const index = all.findIndex((row) => row.id === cursor.value);
		if (index >= 0 && box.current) box.current.scrollTop = scrollToShow(index, height, box.current.scrollTop, box.current.clientHeight);
	}, [cursor.value]);
	return (
		<div class="list" ref={box} onScroll={measure} data-testid="queue" role="region" aria-label={t('queue.list')} tabIndex={0}>
			<div class="list-space" style={{ height: `${all.length * height}px` }}>
				{all.slice(seen.first, seen.last).map((row, offset) => (
					<Row key={row.id} row={row} top={(seen.first + offset) * height} on={row.id === cursor.value} open={row.id === open} current={current} />
				))}
			</div>
			{failure.value && <Failure text={failure.value} retry={() => void loadQueue(current)} />}
			{loading.value && !all.length && <Loading />}
			{!loading.value && !failure.value && !all.length && <Empty>{t(current === 'all' ? 'queue.empty' : `queue.empty.${current}`)}</Empty>}
		</div>
	);
}

function ListHead() {
	return (
		<div class="list-head" aria-hidden="true">
			<span>{t('queue.col.priority')}</span>
			<span>{t('queue.col.subject')}</span>
			<span class="c-vehicle">{t('queue.col.vehicle')}</span>
			<span class="c-owner">{t('queue.col.owner')}</span>
			<span class="c-clock">{t('queue.col.sla')}</span>
			<span class="c-assignee">{t('queue.col.assignee')}</span>
			<span class="c-age">{t('queue.col.age')}</span>
		</div>
	);
}

/** The row after (or before) the one the keys are on; the list's ends hold. */
function step(by: 1 | -1): TicketRow | undefined {
	const all = rows.value;
	const at = all.findIndex((row) => row.id === cursor.value);
	return all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
}

function useQueueKeys(current: View, open: number | null): void {
	const move = (by: 1 | -1) => {
		const row = step(by);
		if (!row) return false;
		cursor.value = row.id;
		if (open !== null && wide.value) go({ page: 'queue', view: current, ticket: row.id });
		return true;
	};
	useCommands({
		next: () => move(1),
		previous: () => move(-1),
		open: () => {
			if (cursor.value === null) return false;
			go({ page: 'queue', view: current, ticket: cursor.value });
			return true;
		},
		back: () => {
			if (open === null) return false;
			go({ page: 'queue', view: current, ticket: null });
			return true;
		},
	});
}

/** After a ticket is done: the next one, where list and ticket stand side by side. */
function nextAfter(id: number, current: View): void {
	const all = rows.value;
	const at = all.findIndex((row) => row.id === id);
	const next = all[at + 1] ?? all[at - 1];
	if (wide.value && next) {
		cursor.value = next.id;
		go({ page: 'queue', view: current, ticket: next.id });
	} else go({ page: 'queue', view: current, ticket: null });
}

export function QueuePage({ current, open }: { current: View; open: number | null }) {
	useEffect(() => {
		if (loaded.value !== current) void loadQueue(current);
	}, [current]);
	useEffect(() => {
		if (open !== null) cursor.value = open;
	}, [open]);
	useQueueKeys(current, open);
	const counts = counters.value;
	const alone = !wide.value && open !== null;
	return (
		<div class={`split${open !== null ? ' split-open' : ''}`}>
			{!alone && (
				<section class={`pane-list${open !== null ? ' pane-slim' : ''}`}>
					<header class="page-head">
						<h1>{t('queue.title')}</h1>
						{counts && <p class="dim small">{t('queue.counts', { new: counts.new, open: counts.open, pending: counts.pending })}</p>}
						<Filters current={current} />
					</header>
					<ListHead />
					<List current={current} open={open} />
				</section>
			)}
			{open !== null && <TicketPage key={open} id={open} view={current} onDone={() => nextAfter(open, current)} />}
		</div>
	);
}
