/*
 * A server with the API of schemas/openapi.yaml and example data in memory, for the browser test and for work on the pages without the
 * rest of the road. It serves dist/ with the real server's Content-Security-Policy.
 *
 *   node test/mock.mjs [port]      user lin, password telltale; GET /mock/ticket and /mock/rescue make something happen
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCapture, makeCar, makeHappenings } from './car-data.mjs';
import { customerRef, DEALER, makeData, makeRescue, makeTicket, place, USERS, userRef, vehicleRef } from './data.mjs';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const PASSWORD = 'telltale';

const MOVES = {
	new: { pend: 'pending', resolve: 'resolved' },
	open: { pend: 'pending', resolve: 'resolved' },
	pending: { resume: 'open', resolve: 'resolved' },
	resolved: { close: 'closed', reopen: 'open' },
	closed: { reopen: 'open' },
};
const RESCUE_MOVES = {
	new: { acknowledge: 'acknowledged' },
	acknowledged: { dispatch: 'dispatched', close: 'closed' },
	dispatched: { arrive: 'on_site', recall: 'acknowledged', close: 'closed' },
	on_site: { close: 'closed' },
	closed: { reopen: 'acknowledged' },
};

class Refusal extends Error {
	constructor(status, title) {
		super(title);
		this.status = status;
	}
}

export class Mock {
	constructor({ tickets, locale = 'en' } = {}) {
		this.data = makeData({ tickets });
		this.locale = locale;
		this.changes = [];
		this.streams = new Set();
		this.timelines = new Map();
		this.comments = [];
		this.happenings = new Map();
		this.captures = new Map();
		this.asked = new Map();
		this.token = null;
		this.refuseStreams = false;
		this.server = createServer((request, response) => void this.serve(request, response));
	}

	async listen(port = 0) {
		await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve));
		this.url = `http://127.0.0.1:${this.server.address().port}`;
		this.heartbeat = setInterval(() => this.streams.forEach((stream) => stream.write(': \n\n')), 15_000);
		return this;
	}

	async close() {
		clearInterval(this.heartbeat);
		this.breakStreams();
		this.server.closeAllConnections();
		await new Promise((resolve) => this.server.close(resolve));
	}

	/* ---- what the world does ---- */

	counters() {
		const count = (status) => this.data.tickets.filter((row) => row.status === status).length;
		return { new: count('new'), open: count('open'), pending: count('pending'), rescue_open: this.data.rescues.filter((one) => one.status !== 'closed').length, reminder_open: this.data.reminders.filter((one) => ['soon', 'due', 'overdue'].includes(one.status)).length };
	}

	emit(kind, subject_id, vehicle_id, body) {
		const change = { id: this.changes.length + 1, kind, subject_id, vehicle_id, at: new Date().toISOString(), body, counters: this.counters() };
		this.changes.push(change);
		for (const stream of this.streams) this.send(stream, change);
	}

	send(stream, change) {
		stream.write(`id: ${change.id}\nevent: ${change.kind}\ndata: ${JSON.stringify(change)}\n\n`);
	}

	addTicket({ silentBody = false, severity = 1 } = {}) {
		const vehicle = this.data.vehicles[9];
		const row = makeTicket(this.data, { vehicle, code: 'P0302', en: 'Cylinder 2 misfire detected', zh: '第2缸失火', severity, openedAt: Date.now() });
		this.data.tickets.push(row);
		this.note('ticket', row.id, null, 'opened', '');
		this.emit('ticket.opened', row.id, vehicle.id, silentBody ? {} : row);
		return row;
	}

	openRescue(options) {
		const one = makeRescue(this.data, options);
		this.data.rescues.push(one);
		this.note('rescue', one.id, null, 'opened', '');
		const { place: _, ...body } = one;
		this.emit('rescue.opened', one.id, one.vehicle.id, body);
		return one;
	}

	/* The recording of a case comes. */
	capture(id, more) {
		this.captures.set(id, [{ ...makeCapture(this.data), ...more }]);
		this.emit('rescue.updated', id, this.data.rescues.find((one) => one.id === id).vehicle.id, {});
	}

	/* What a command asked for comes. */
	captureAsked(id, more) {
		this.asked.set(id, [{ ...makeCapture(this.data), reason: 'command', impacts: 0, ...more }]);
		this.emit('vehicle.updated', id, id, {});
	}

	breakStreams() {
		for (const stream of this.streams) stream.destroy();
		this.streams.clear();
	}

	note(subject, id, user, kind, text, detail = {}) {
		const key = `${subject} ${id}`;
		const list = this.timelines.get(key) ?? [];
		list.push({ id: list.length + 1, at: new Date().toISOString(), actor: user?.name ?? null, kind, text, detail });
		this.timelines.set(key, list);
	}

	/* ---- answers ---- */

	ticket(row) {
		const fault = this.data.faults.get(row.id) ?? null;
		const moves = Object.keys(MOVES[row.status]);
		const live = ['new', 'open', 'pending'].includes(row.status);
		const actions = [...(row.status === 'new' ? ['acknowledge'] : []), ...(live ? ['assign'] : []), ...moves, 'comment'];
		const consent = row.customer && this.data.customers[row.customer.id - 1].position_consent;
		const timeline = this.timelines.get(`ticket ${row.id}`) ?? [{ id: 1, at: row.opened_at, actor: null, kind: 'opened', text: '' }];
		return { ...row, fault, place: consent ? place(this.data, 31.0941, 121.8072, Date.parse(row.event_at)) : null, odometer_m: 48_210_400, resolved_at: null, closed_at: null, timeline, actions };
	}

	rescue(one) {
		return { ...one, timeline: this.timelines.get(`rescue ${one.id}`) ?? [], actions: [...Object.keys(RESCUE_MOVES[one.status]), 'comment'] };
	}

	queue(query) {
		const closed = query.get('state') === 'closed';
		const assignee = query.get('assignee');
		const open = (row) => ['new', 'open', 'pending'].includes(row.status);
		const rows = this.data.tickets
			.filter((row) => open(row) !== closed && (!assignee || (assignee === 'none' ? !row.assignee : row.assignee?.id === USERS[0].id)))
			.sort((a, b) => (closed ? b.id - a.id : a.priority - b.priority || (a.opened_at < b.opened_at ? -1 : a.opened_at > b.opened_at ? 1 : 0) || a.id - b.id));
		const from = Number(query.get('cursor') ?? 0);
		const limit = Number(query.get('limit') ?? 50);
		return { tickets: rows.slice(from, from + limit), next_cursor: from + limit < rows.length ? String(from + limit) : null, counters: this.counters(), change_id: this.changes.length };
	}

	vehicle(id) {
		const vehicle = this.data.vehicles[id - 1];
		if (!vehicle) throw new Refusal(404, 'no such vehicle');
		const tickets = this.data.tickets.filter((row) => row.vehicle.id === id);
		const consent = vehicle.owner.position_consent;
		return {
			vehicle: vehicleRef(vehicle),
			owner: customerRef(vehicle.owner),
			dealer: DEALER,
			state: {
				online: id % 2 === 0,
				last_seen_at: new Date(Date.now() - 90_000).toISOString(),
				odometer_m: 48_210_400,
				ignition_on: true,
				mil: true,
				conditions: [
					{ name: 'gps.no_fix', since: new Date(Date.now() - 1_500_000).toISOString(), detail: '' },
					{ name: 'ecu.refusing', since: new Date(Date.now() - 7_500_000).toISOString(), detail: '0x7E9, service 0x0A' },
				],
			},
			faults: tickets.map((row) => this.data.faults.get(row.id)),
			tickets,
			reminders: this.data.reminders.filter((one) => one.vehicle.id === id),
			place: consent ? place(this.data, 30.2741, 120.1551, Date.now() - 45_000) : null,
			place_reason: consent ? 'consent' : null,
			...makeCar(this.data),
		};
	}

	events(id, query) {
		const all = this.happenings.get(id) ?? makeHappenings(this.data);
		this.happenings.set(id, all);
		const from = Number(query.get('cursor') ?? 0);
		const limit = Number(query.get('limit') ?? 50);
		return { events: all.slice(from, from + limit), next_cursor: from + limit < all.length ? String(from + limit) : null, place_reason: null };
	}

	/* Something happens to a car: newest first, and its page is told. */
	happen(id, more) {
		this.events(id, new URLSearchParams());
		const one = { ...makeHappenings(this.data)[0], id: 1000 + this.changes.length, began_at: new Date().toISOString(), ...more };
		this.happenings.get(id).unshift(one);
		this.emit('vehicle.updated', id, id, { event: one.kind });
		return one;
	}

	writeTicket(id, body, move) {
		const row = this.data.tickets.find((one) => one.id === id);
		if (!row) throw new Refusal(404, 'no such ticket');
		if (body.version !== undefined && body.version !== row.version) throw new Refusal(409, 'the ticket was changed by somebody else');
		if (!this.timelines.has(`ticket ${id}`)) this.note('ticket', id, null, 'opened', '');
		move(row);
		row.version++;
		row.first_response_at ??= new Date().toISOString();
		row.updated_at = new Date().toISOString();
		this.emit('ticket.updated', id, row.vehicle.id, row);
		return this.ticket(row);
	}

	acknowledge(row) {
		if (row.status !== 'new') throw new Refusal(409, 'the ticket is acknowledged already');
		row.status = 'open';
		row.assignee ??= userRef(USERS[0]);
		this.note('ticket', row.id, USERS[0], 'acknowledged', '', { from: 'new', to: 'open' });
	}

	assign(row, id) {
		row.assignee = userRef(USERS.find((user) => user.id === id));
		if (row.status === 'new') row.status = 'open';
		this.note('ticket', row.id, USERS[0], 'assigned', '', { assignee: row.assignee?.name ?? null });
	}

	moveTicket(row, { action, text }) {
		const to = MOVES[row.status][action];
		if (!to) throw new Refusal(409, `${action} is not possible`);
		this.note('ticket', row.id, USERS[0], 'status', text ?? '', { from: row.status, to });
		row.status = to;
	}

	moveRescue(id, body) {
		const one = this.data.rescues.find((other) => other.id === id);
		if (!one) throw new Refusal(404, 'no such case');
		const to = RESCUE_MOVES[one.status][body.action];
		if (body.version !== one.version || !to) throw new Refusal(409, 'the case was changed by somebody else');
		this.note('rescue', id, USERS[0], body.action === 'acknowledge' ? 'acknowledged' : 'status', body.text ?? '', { from: one.status, to, outcome: body.outcome });
		Object.assign(one, { status: to, version: one.version + 1, assignee: one.assignee ?? userRef(USERS[0]), outcome: body.outcome ?? one.outcome });
		this.emit('rescue.updated', id, one.vehicle.id, {});
		return this.rescue(one);
	}

	reminder(id, body) {
		const one = this.data.reminders.find((other) => other.id === id);
		if (!one) throw new Refusal(404, 'no such reminder');
		one.status = body.action === 'done' ? 'done' : 'dismissed';
		this.emit('reminder.updated', id, one.vehicle.id, {});
		return one;
	}

	comment(subject, id, text) {
		this.comments.push(text);
		this.note(subject, id, USERS[0], 'comment', text);
	}

	/* ---- routes ---- */

	session() {
		return { user: USERS[0], dealer: DEALER, locale: this.locale, csrf: 'mock-csrf', expires_at: new Date(Date.now() + 3600_000).toISOString() };
	}

	route(method, path, query, body) {
		const [, subject, idText, verb] = /^\/api\/([a-z]+)(?:\/(\d+))?(?:\/([a-z]+))?$/.exec(path) ?? [];
		const id = Number(idText);
		const find = (list) => {
			const one = list.find((other) => other.id === id);
			if (!one) throw new Refusal(404, 'not found');
			return one;
		};
		const table = {
			'GET session': () => this.session(),
			'GET queue': () => this.queue(query),
			'GET users': () => ({ users: USERS }),
			'GET tickets': () => this.ticket(find(this.data.tickets)),
			'POST tickets acknowledge': () => this.writeTicket(id, body, (row) => this.acknowledge(row)),
			'POST tickets assign': () => this.writeTicket(id, body, (row) => this.assign(row, body.assignee_id)),
			'POST tickets comment': () => this.writeTicket(id, {}, () => this.comment('ticket', id, body.text)),
			'POST tickets status': () => this.writeTicket(id, body, (row) => this.moveTicket(row, body)),
			'GET rescues': () => (idText ? this.rescue(find(this.data.rescues)) : { rescues: this.data.rescues.filter((one) => (one.status === 'closed') === (query.get('state') === 'closed')).map((one) => this.rescue(one)).reverse(), change_id: this.changes.length }),
			'POST rescues status': () => this.moveRescue(id, body),
			'POST rescues comment': () => (this.comment('rescue', id, body.text), this.rescue(find(this.data.rescues))),
			'GET reminders': () => ({ reminders: this.data.reminders.filter((one) => ['soon', 'due', 'overdue'].includes(one.status)), change_id: this.changes.length }),
			'POST reminders status': () => this.reminder(id, body),
			'GET customers': () => (idText ? this.customer(id) : { customers: this.data.customers.filter((one) => `${one.name} ${one.phone} ${one.email}`.toLowerCase().includes((query.get('q') ?? '').toLowerCase())) }),
			'GET vehicles': () => this.vehicle(id),
			'GET vehicles events': () => this.events(id, query),
			'GET vehicles captures': () => ({ captures: this.asked.get(id) ?? [] }),
			'GET rescues capture': () => ({ captures: this.captures.get(id) ?? [] }),
		};
		const run = table[[method, subject, verb].filter(Boolean).join(' ')];
		if (!run) throw new Refusal(404, `no route ${method} ${path}`);
		return run();
	}

	customer(id) {
		const one = this.data.customers[id - 1];
		if (!one) throw new Refusal(404, 'no such customer');
		return { ...one, vehicles: this.data.vehicles.filter((vehicle) => vehicle.owner === one).map(vehicleRef), tickets: this.data.tickets.filter((row) => row.customer.id === id) };
	}

	async serve(request, response) {
		const { pathname, searchParams } = new URL(request.url, 'http://mock');
		response.setHeader('Content-Security-Policy', "default-src 'self'; frame-ancestors 'none'");
		response.setHeader('X-Content-Type-Options', 'nosniff');
		response.setHeader('Cache-Control', 'no-store');
		try {
			if (pathname.startsWith('/mock/')) return this.answer(response, 200, pathname === '/mock/rescue' ? this.openRescue() : this.addTicket());
			if (!pathname.startsWith('/api/')) return await this.file(pathname, response);
			const chunks = [];
			for await (const chunk of request) chunks.push(chunk);
			const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : {};
			if (pathname === '/api/session' && request.method === 'POST') return this.logIn(body, response);
			if (!this.token || !request.headers.cookie?.includes(this.token)) throw new Refusal(401, 'log in');
			if (request.method !== 'GET' && request.headers['x-csrf-token'] !== 'mock-csrf') throw new Refusal(403, 'X-CSRF-Token is missing or wrong');
			if (pathname === '/api/session' && request.method === 'DELETE') {
				this.token = null;
				this.breakStreams();
				return response.writeHead(204).end();
			}
			if (pathname === '/api/events') return this.stream(request, searchParams, response);
			this.answer(response, 200, this.route(request.method, pathname, searchParams, body));
		} catch (error) {
			const status = error instanceof Refusal ? error.status : 500;
			response.setHeader('Content-Type', 'application/problem+json');
			response.writeHead(status).end(JSON.stringify({ title: error.message, status }));
		}
	}

	answer(response, status, value) {
		response.setHeader('Content-Type', 'application/json');
		response.writeHead(status).end(JSON.stringify(value));
	}

	logIn({ login, password }, response) {
		if (login !== USERS[0].login || password !== PASSWORD) throw new Refusal(401, 'wrong');
		this.token = `mock-${Math.random().toString(36).slice(2)}`;
		response.setHeader('Set-Cookie', `session=${this.token}; HttpOnly; SameSite=Strict; Path=/`);
		this.answer(response, 200, this.session());
	}

	stream(request, query, response) {
		if (this.refuseStreams) return response.destroy();
		const after = Number(request.headers['last-event-id'] ?? query.get('after') ?? 0);
		response.writeHead(200, { 'Content-Type': 'text/event-stream' });
		response.write('retry: 300\n\n');
		for (const change of this.changes.slice(after)) this.send(response, change);
		this.streams.add(response);
		response.on('close', () => this.streams.delete(response));
	}

	async file(pathname, response) {
		const name = pathname === '/' ? 'index.html' : pathname.slice(1);
		if (!/^[\w.-]+$/.test(name)) throw new Refusal(404, 'not found');
		const bytes = await readFile(DIST + name).catch(() => {
			throw new Refusal(404, 'not found');
		});
		response.setHeader('Content-Type', TYPES[extname(name)] ?? 'application/octet-stream');
		response.writeHead(200).end(bytes);
	}
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const mock = await new Mock().listen(Number(process.argv[2] ?? 8180));
	console.log(`${mock.url}  user ${USERS[0].login}, password ${PASSWORD}; ${mock.url}/mock/ticket and ${mock.url}/mock/rescue make something happen`);
}
