/*
 * Server-Sent Events, the parser (WHATWG HTML, section 9.2.6): text in, events out. Pure.
 *
 * Why not EventSource: it hides comments, so a page cannot tell a quiet stream from a dead one, and it hides the status, so a page
 * cannot tell "log in again" from "the network is down". Here every byte is seen.
 */
export type SseEvent = { type: string; data: string; id: string };

export class SseParser {
	/** The last id seen: what Last-Event-ID must carry after a break. */
	lastId: string;
	/** The server's wish for the pause before a reconnect, once it said one. */
	retryMs: number | null = null;
	private rest = '';
	private type = '';
	private data: string[] = [];
	private id: string;

	constructor(lastId = '') {
		this.lastId = lastId;
		this.id = lastId;
	}

	/** Feed decoded text as it comes; answers the events it completes. A line may be split anywhere. */
	feed(text: string): SseEvent[] {
		const events: SseEvent[] = [];
		this.rest += text;
		for (;;) {
			const end = this.rest.search(/[\r\n]/);
			if (end < 0) break;
			// A CR at the very end may be half of a CR LF: wait for the next byte.
			if (this.rest[end] === '\r' && end === this.rest.length - 1) break;
			const width = this.rest[end] === '\r' && this.rest[end + 1] === '\n' ? 2 : 1;
			const line = this.rest.slice(0, end);
			this.rest = this.rest.slice(end + width);
			const event = line === '' ? this.dispatch() : this.line(line);
			if (event) events.push(event);
		}
		return events;
	}

	private line(line: string): null {
		const colon = line.indexOf(':');
		if (colon === 0) return null; // a comment: the heartbeat
		const name = colon < 0 ? line : line.slice(0, colon);
		let value = colon < 0 ? '' : line.slice(colon + 1);
		if (value.startsWith(' ')) value = value.slice(1);
		if (name === 'event') this.type = value;
		else if (name === 'data') this.data.push(value);
		else if (name === 'id' && !value.includes('\0')) this.id = value;
		else if (name === 'retry' && /^\d+$/.test(value)) this.retryMs = Number(value);
		return null;
	}

	private dispatch(): SseEvent | null {
		this.lastId = this.id;
		const event = this.data.length ? { type: this.type || 'message', data: this.data.join('\n'), id: this.id } : null;
		this.type = '';
		this.data = [];
		return event;
	}
}

/** The pause before reconnect number `attempt` (from 0): the base doubled up to 15 s, spread over +-25 % so that a fleet of desks does not come back at once. */
export function reconnectDelayMs(attempt: number, baseMs: number, random: number): number {
	const pause = Math.min(baseMs * 2 ** Math.min(attempt, 10), 15_000);
	return Math.round(pause * (0.75 + random * 0.5));
}
