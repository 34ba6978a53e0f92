/* The HTTP API, typed by the contract. Every failure is one ApiError with a sentence for the user behind it. */
import {
	ROUTES,
	type CustomerPage,
	type CustomersAnswer,
	type Problem,
	type QueueAnswer,
	type Reminder,
	type ReminderChange,
	type RemindersAnswer,
	type Rescue,
	type RescueCaptureAnswer,
	type RescueChange,
	type RescuesAnswer,
	type Session,
	type StatusChange,
	type Ticket,
	type UsersAnswer,
	type VehicleCapturesAnswer, VehicleEventsAnswer,
	type VehiclePage,
} from '../api-types';

type Operation = keyof typeof ROUTES;

/** status 0: no answer at all. */
export class ApiError extends Error {
	constructor(
		readonly status: number,
		readonly title: string,
	) {
		super(title);
	}
}

let csrf = '';
let onSessionEnd: () => void = () => undefined;

export function setCsrf(token: string): void {
	csrf = token;
}
export function whenSessionEnds(fn: () => void): void {
	onSessionEnd = fn;
}

const TIMEOUT_MS = 15_000;

async function problemOf(response: Response): Promise<ApiError> {
	try {
		const problem = (await response.json()) as Problem;
		return new ApiError(response.status, problem.detail || problem.title);
	} catch {
		return new ApiError(response.status, response.statusText || String(response.status));
	}
}

type Options = { id?: number; query?: Record<string, string | undefined>; body?: unknown };

async function call<T>(operation: Operation, { id, query, body }: Options = {}): Promise<T> {
	const { method, path } = ROUTES[operation];
	const wanted = Object.entries(query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
	const search = wanted.length ? `?${new URLSearchParams(wanted)}` : '';
	const headers: Record<string, string> = { Accept: 'application/json' };
	if (method !== 'GET') headers['X-CSRF-Token'] = csrf;
	if (body !== undefined) headers['Content-Type'] = 'application/json';
	let response: Response;
	try {
		response = await fetch(path.replace('{id}', String(id)) + search, {
			method,
			headers,
			body: body === undefined ? null : JSON.stringify(body),
			credentials: 'same-origin',
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
	} catch {
		throw new ApiError(0, 'network');
	}
	if (response.status === 401 && operation !== 'logIn' && operation !== 'whoAmI') onSessionEnd();
	if (!response.ok) throw await problemOf(response);
	return (response.status === 204 ? undefined : await response.json()) as T;
}

export const api = {
	logIn: (login: string, password: string) => call<Session>('logIn', { body: { login, password } }),
	whoAmI: () => call<Session>('whoAmI'),
	logOut: () => call<void>('logOut'),
	queue: (query: Record<string, string | undefined>) => call<QueueAnswer>('queue', { query }),
	ticket: (id: number) => call<Ticket>('ticket', { id }),
	acknowledge: (id: number, version: number) => call<Ticket>('ticketAcknowledge', { id, body: { version } }),
	assign: (id: number, version: number, assignee_id: number | null) => call<Ticket>('ticketAssign', { id, body: { version, assignee_id } }),
	comment: (id: number, text: string) => call<Ticket>('ticketComment', { id, body: { text } }),
	status: (id: number, body: StatusChange) => call<Ticket>('ticketStatus', { id, body }),
	rescues: (state: 'open' | 'closed') => call<RescuesAnswer>('rescues', { query: { state } }),
	rescue: (id: number) => call<Rescue>('rescue', { id }),
	rescueStatus: (id: number, body: RescueChange) => call<Rescue>('rescueStatus', { id, body }),
	rescueComment: (id: number, text: string) => call<Rescue>('rescueComment', { id, body: { text } }),
	reminders: () => call<RemindersAnswer>('reminders'),
	reminderStatus: (id: number, body: ReminderChange) => call<Reminder>('reminderStatus', { id, body }),
	customers: (q: string) => call<CustomersAnswer>('customers', { query: { q } }),
	customer: (id: number) => call<CustomerPage>('customer', { id }),
	vehicle: (id: number) => call<VehiclePage>('vehicle', { id }),
	vehicleEvents: (id: number, cursor?: string) => call<VehicleEventsAnswer>('vehicleEvents', { id, query: { cursor, limit: '10' } }),
	rescueCapture: (id: number) => call<RescueCaptureAnswer>('rescueCapture', { id }),
	vehicleCaptures: (id: number) => call<VehicleCapturesAnswer>('vehicleCaptures', { id }),
	users: () => call<UsersAnswer>('users'),
};
