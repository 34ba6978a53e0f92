/*
 * The alarm's sound and the flashing title. A browser lets a page make sound only after the user touched it, so whether sound is
 * possible is a state that is shown, not a hope. Muting is for the cases of this moment: a new case sounds again.
 */
import { effect, signal } from '@preact/signals';
import { t } from '../i18n';
import { alarms } from './rescue-store';

export const mutedCases = signal<ReadonlySet<number>>(new Set());
export const soundBlocked = signal(false);

const BEEP_EVERY_MS = 1_600;
const FLASH_EVERY_MS = 1_000;
let audio: AudioContext | null = null;

export async function allowSound(): Promise<void> {
	audio ??= new AudioContext();
	if (audio.state !== 'running') await audio.resume().catch(() => undefined);
	soundBlocked.value = audio.state !== 'running';
}

export function muteNow(): void {
	mutedCases.value = new Set(alarms.value.map((alarm) => alarm.id));
}

/** Two short tones, loud enough for a workshop counter, with soft edges. */
function beep(): void {
	if (!audio || audio.state !== 'running') {
		soundBlocked.value = true;
		return;
	}
	for (const [start, pitch] of [
		[0, 880],
		[0.22, 660],
	] as const) {
		const tone = audio.createOscillator();
		const gain = audio.createGain();
		const at = audio.currentTime + start;
		tone.frequency.value = pitch;
		gain.gain.setValueAtTime(0.0001, at);
		gain.gain.exponentialRampToValueAtTime(0.35, at + 0.02);
		gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.18);
		tone.connect(gain).connect(audio.destination);
		tone.start(at);
		tone.stop(at + 0.2);
	}
}

export function followAlarms(): () => void {
	const gesture = () => void allowSound();
	addEventListener('pointerdown', gesture);
	addEventListener('keydown', gesture);
	const title = document.title;
	let beeping: ReturnType<typeof setInterval> | undefined;
	let flashing: ReturnType<typeof setInterval> | undefined;
	const off = effect(() => {
		const ids = alarms.value.map((alarm) => alarm.id);
		const loud = ids.some((id) => !mutedCases.value.has(id));
		clearInterval(beeping);
		clearInterval(flashing);
		document.title = title;
		if (loud) {
			beep();
			beeping = setInterval(beep, BEEP_EVERY_MS);
		}
		if (ids.length) {
			let on = true;
			const flash = () => {
				document.title = on ? `● ${t('alarm.title')} (${ids.length})` : title;
				on = !on;
			};
			flash();
			flashing = setInterval(flash, FLASH_EVERY_MS);
		}
	});
	return () => {
		off();
		clearInterval(beeping);
		clearInterval(flashing);
		document.title = title;
		removeEventListener('pointerdown', gesture);
		removeEventListener('keydown', gesture);
	};
}
