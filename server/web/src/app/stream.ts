/*
 * One stream of changes, for as long as somebody is logged in. It survives sleep, a restarted server and a dead network: it comes
 * back with Last-Event-ID, so nothing is missed, and a stream that is silent for longer than three heartbeats counts as dead.
 */
import { ROUTES } from '../api-types';
import { reconnectDelayMs, SseParser, type SseEvent } from '../core/sse';

export type StreamHooks = {
	event(event: SseEvent): void;
	live(): void;
	lost(): void;
	/** The session has ended: no reconnect will help. */
	unauthorized(): void;
};

const SILENCE_MS = 45_000; // the server sends a comment every 15 s
const BASE_MS = 1_000;

export class Stream {
	private lastId: string;
	private stopped = false;
	private abort = new AbortController();
	private wake: () => void = () => undefined;

	constructor(
		after: number,
		private readonly hooks: StreamHooks,
	) {
		this.lastId = String(after);
		addEventListener('online', this.nudge);
		void this.run();
	}

	stop(): void {
		this.stopped = true;
		removeEventListener('online', this.nudge);
		this.abort.abort();
		this.wake();
	}

	private readonly nudge = () => this.wake();

	private async run(): Promise<void> {
		let attempt = 0;
		let base = BASE_MS;
		while (!this.stopped) {
			const parser = new SseParser(this.lastId);
			const reached = await this.readOnce(parser);
			this.lastId = parser.lastId;
			base = parser.retryMs ?? base;
			if (this.stopped) return;
			this.hooks.lost();
			attempt = reached ? 0 : attempt + 1;
			await this.pause(reconnectDelayMs(attempt, base, Math.random()));
		}
	}

	private pause(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const timer = setTimeout(resolve, ms);
			this.wake = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** Reads until the stream breaks. True when it had been open. */
	private async readOnce(parser: SseParser): Promise<boolean> {
		this.abort = new AbortController();
		let watchdog = setTimeout(() => this.abort.abort(), SILENCE_MS);
		try {
			const response = await fetch(`${ROUTES.events.path}?after=${encodeURIComponent(this.lastId)}`, {
				headers: { Accept: 'text/event-stream', 'Last-Event-ID': this.lastId },
				cache: 'no-store',
				credentials: 'same-origin',
				signal: this.abort.signal,
			});
			if (response.status === 401) {
				this.stopped = true;
				this.hooks.unauthorized();
				return false;
			}
			if (!response.ok || !response.body) return false;
			this.hooks.live();
			const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
			for (;;) {
				const { done, value } = await reader.read();
				if (done) return true;
				clearTimeout(watchdog);
				watchdog = setTimeout(() => this.abort.abort(), SILENCE_MS);
				for (const event of parser.feed(value)) this.hooks.event(event);
			}
		} catch {
			return parser.lastId !== this.lastId;
		} finally {
			clearTimeout(watchdog);
			this.abort.abort();
		}
	}
}
