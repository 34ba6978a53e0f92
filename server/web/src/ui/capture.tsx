/* What the car recorded around a crash: the speed as a line, the rest as a table; drawn here, for a line needs no library. */
import type { Capture, CapturedSignal, CrashElement } from '../api-types';
import { api } from '../app/api';
import { useLoad } from '../app/load';
import { AFTER_MS, isFlag, pathOf, rangeOf, shortName, shownValues, SPEED, signalOf, speedStory, valueAt } from '../core/capture';
import { number, speed } from '../core/format';
import { locale, t, tData } from '../i18n';
import { Card, Fact, Facts, Time } from './bits';

const WIDTH = 640;
const HEIGHT = 200;
const BOX = { left: 46, top: 12, right: 10, bottom: 26 };

function seconds(ms: number): string {
	return `${ms > 0 ? '+' : ''}${number(locale.value, ms / 1000, 2)} s`;
}

function Chart({ capture, signal }: { capture: Capture; signal: CapturedSignal }) {
	const [low, high] = rangeOf(signal);
	const story = speedStory(capture);
	const w = WIDTH - BOX.left - BOX.right;
	const h = HEIGHT - BOX.top - BOX.bottom;
	const span = Math.max(1, capture.to_ms - capture.from_ms);
	const x = (ms: number) => ((ms - capture.from_ms) / span) * w;
	const ticks = [capture.from_ms, capture.from_ms / 2, 0, capture.to_ms / 2, capture.to_ms].filter((ms, i, all) => all.indexOf(ms) === i);
	const label = story ? t('capture.label', { before: speed(locale.value, story.before), after: speed(locale.value, story.after) }) : t('capture.title');
	return (
		<svg class="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} data-testid="capture-chart">
			<g transform={`translate(${BOX.left} ${BOX.top})`}>
				{[low, (low + high) / 2, high].map((value, i) => (
					<g key={value} class="chart-grid">
						<line x1="0" x2={w} y1={h - (i * h) / 2} y2={h - (i * h) / 2} />
						<text x="-6" y={h - (i * h) / 2 + 4} text-anchor="end">
							{number(locale.value, value)}
						</text>
					</g>
				))}
				{ticks.map((ms) => (
					<text key={ms} class="chart-tick" x={x(ms)} y={h + 18} text-anchor={ms === capture.from_ms ? 'start' : ms === capture.to_ms ? 'end' : 'middle'}>
						{seconds(ms)}
					</text>
				))}
				{capture.from_ms <= 0 && capture.to_ms >= 0 && <line class="chart-trigger" x1={x(0)} x2={x(0)} y1="0" y2={h} />}
				<path class="chart-line" d={pathOf(signal, capture, w, h)} />
			</g>
		</svg>
	);
}

function reading(signal: CapturedSignal, ms: number): string {
	const value = valueAt(signal, ms);
	return value === null ? t('app.empty') : number(locale.value, value, 2);
}

function Signals({ capture }: { capture: Capture }) {
	return (
		<details>
			<summary>{t('capture.signals', { n: capture.signals.length })}</summary>
			<div class="scroll-x">
				<table class="signals" data-testid="capture-table">
					<thead>
						<tr>
							<th scope="col">{t('capture.signal')}</th>
							<th scope="col">{seconds(capture.from_ms)}</th>
							<th scope="col">{t('capture.before')}</th>
							<th scope="col">{seconds(AFTER_MS)}</th>
							<th scope="col">{seconds(capture.to_ms)}</th>
						</tr>
					</thead>
					<tbody>
						{capture.signals.map((one) => (
							<tr key={one.number}>
								<th scope="row" title={one.path}>
									{shortName(one.path)} {one.unit && <span class="dim">{one.unit.replace('^2', '²')}</span>}
								</th>
								{[capture.from_ms, -1, AFTER_MS, capture.to_ms].map((ms) => (
									<td key={ms}>{reading(one, ms)}</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</details>
	);
}

function elementText(one: CrashElement): string {
	if (one.status !== 'ok') return t('capture.not_heard');
	const text = (value: number | null) => (value === null ? t('app.empty') : isFlag(one) ? t(value ? 'capture.yes' : 'capture.no') : number(locale.value, value, 1));
	const shown = shownValues(one);
	const values = shown.map(({ value }) => text(value)).join(' · ');
	const unit = one.unit && ` ${one.unit === 'percent' ? '%' : one.unit === 'degrees' ? '°' : one.unit}`;
	return one.step_ms ? `${seconds(shown[0]!.at_ms)} … ${seconds(shown.at(-1)!.at_ms)}: ${values}${unit}` : `${values}${unit}`;
}

/* What a crash investigator asks for first, in the regulation's order. */
function Elements({ elements }: { elements: CrashElement[] }) {
	const told = elements.filter((one) => one.status !== 'not_mapped');
	if (!told.length) return null;
	return (
		<details>
			<summary>{t('capture.elements')}</summary>
			<div class="scroll-x">
				<table class="signals elements" data-testid="capture-elements">
					<thead>
						<tr>
							<th scope="col">{t('capture.element')}</th>
							<th scope="col">{t('capture.value')}</th>
						</tr>
					</thead>
					<tbody>
						{told.map((one) => (
							<tr key={one.element} data-element={one.element}>
								<th scope="row">{tData('edr', one.element)}</th>
								<td class={one.status === 'ok' ? undefined : 'dim'}>{elementText(one)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{told.length < elements.length && <p class="dim small">{t('capture.not_mapped', { n: elements.length - told.length })}</p>}
		</details>
	);
}

function CaptureCard({ capture }: { capture: Capture }) {
	const signal = signalOf(capture, SPEED);
	const story = speedStory(capture);
	const crash = capture.reason === 'crash';
	return (
		<Card title={t(crash ? 'capture.title' : 'capture.asked')} testid="capture-card" aside={!capture.complete && <span class="chip">{t(capture.ended ? 'capture.cut' : 'capture.coming')}</span>}>
			{signal && (
				<>
					<p class="dim small">{t('capture.speed')}</p>
					<Chart capture={capture} signal={signal} />
				</>
			)}
			<Facts>
				{!crash && capture.trigger_at && (
					<Fact name={t('capture.at')}>
						<Time at={capture.trigger_at} />
					</Fact>
				)}
				{crash && story && (
					<>
						<Fact name={t('rescue.speed')}>{speed(locale.value, story.before)}</Fact>
						<Fact name={t('capture.after')}>{speed(locale.value, story.after)}</Fact>
						<Fact name={t('capture.lost')}>{speed(locale.value, story.lost)}</Fact>
					</>
				)}
				{capture.impacts > 0 && <Fact name={t('capture.impacts')}>{number(locale.value, capture.impacts)}</Fact>}
			</Facts>
			{capture.missing > 0 && <p class="warn small">{t('capture.missing', { n: capture.missing })}</p>}
			{crash && <Elements elements={capture.elements} />}
			<Signals capture={capture} />
		</Card>
	);
}

export function Captures({ id }: { id: number }) {
	const { data } = useLoad(`capture ${id}`, () => api.rescueCapture(id), (note) => note.kind === 'change' && note.change.kind === 'rescue.updated' && note.change.subject_id === id);
	return <>{data.value?.captures.map((one, index) => <CaptureCard key={index} capture={one} />)}</>;
}

/** What a command asked for: of the vehicle, not of a case. */
export function VehicleCaptures({ id }: { id: number }) {
	const { data } = useLoad(`captures ${id}`, () => api.vehicleCaptures(id), (note) => note.kind === 'change' && note.change.kind === 'vehicle.updated' && note.change.vehicle_id === id);
	return <>{data.value?.captures.map((one, index) => <CaptureCard key={index} capture={one} />)}</>;
}
