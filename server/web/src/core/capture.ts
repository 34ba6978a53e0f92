/* Reading a capture: the value of a signal at an instant, the line of a chart, and what the speed did around the trigger. */
import type { Capture, CapturedSignal, CrashElement } from '../api-types';

export const SPEED = 'Vehicle.Speed';

export function signalOf(capture: Capture, path: string): CapturedSignal | undefined {
	return capture.signals.find((one) => one.path === path);
}

/** What was known at `ms`: the last sample not after it; before the first there is nothing. */
export function valueAt(signal: CapturedSignal, ms: number): number | null {
	let found: number | null = null;
	for (let i = 0; i < signal.at_ms.length && signal.at_ms[i]! <= ms; i++) found = signal.value[i]!;
	return found;
}

/** Lowest and highest value, never the same, zero within when all are positive. */
export function rangeOf(signal: CapturedSignal): [number, number] {
	const low = Math.min(0, ...signal.value);
	const high = Math.max(0, ...signal.value);
	return low === high ? [low, low + 1] : [low, high];
}

/** An SVG path in a box of width by height for the capture's stretch, up is more. */
export function pathOf(signal: CapturedSignal, capture: Capture, width: number, height: number): string {
	const [low, high] = rangeOf(signal);
	const span = Math.max(1, capture.to_ms - capture.from_ms);
	const x = (ms: number) => (((Math.min(Math.max(ms, capture.from_ms), capture.to_ms) - capture.from_ms) / span) * width).toFixed(1);
	const y = (value: number) => (height - ((value - low) / (high - low)) * height).toFixed(1);
	return signal.at_ms.map((ms, i) => `${i ? 'L' : 'M'}${x(ms)} ${y(signal.value[i]!)}`).join(' ');
}

/** How long after the trigger the speed is called "after": a crash is over by then, and the car not yet pushed away. */
export const AFTER_MS = 1000;

export type SpeedStory = { before: number; after: number; lost: number };

/** Speed just before the trigger and a second after it. null: the capture does not tell. */
export function speedStory(capture: Capture): SpeedStory | null {
	const signal = signalOf(capture, SPEED);
	if (!signal) return null;
	const before = valueAt(signal, -1);
	const after = valueAt(signal, AFTER_MS);
	return before === null || after === null ? null : { before, after, lost: before - after };
}

/** "Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted" is long: what tells signals apart are its last parts. */
export function shortName(path: string): string {
	return path.split('.').slice(-3).join(' ').replace(/^(Vehicle|Cabin|Telltale) /, '');
}

/** Elements without a unit that are counts; the others are yes or no. */
const COUNTS = ['multi_event', 'ignition_cycles'];

export const isFlag = (one: CrashElement): boolean => one.unit === '' && !COUNTS.includes(one.element);

/** The values worth a line of text: those of a pulse every 50 ms, all others as they are. */
export function shownValues(one: CrashElement): { at_ms: number; value: number | null }[] {
	const every = one.step_ms === 10 ? 5 : 1;
	return one.values.map((value, i) => ({ at_ms: one.from_ms + i * one.step_ms, value })).filter((_, i) => i % every === 0);
}
