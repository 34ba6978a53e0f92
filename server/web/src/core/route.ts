/* The address is the state: what is on screen can be sent to a colleague. Hash routes, so that any static server will do. Pure. */
import { VIEWS, type View } from './queue';

export type Route =
	| { page: 'queue'; view: View; ticket: number | null }
	| { page: 'rescue'; id: number | null }
	| { page: 'reminders' }
	| { page: 'customers'; id: number | null }
	| { page: 'vehicle'; id: number };

const HOME: Route = { page: 'queue', view: 'all', ticket: null };

function number(text: string | undefined): number | null {
	return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}

export function parseRoute(hash: string): Route {
	const parts = hash.replace(/^#?\/?/, '').split('/');
	const [page, one, two] = parts;
	if (page === 'queue') return { page, view: VIEWS.find((view) => view === one) ?? 'all', ticket: number(two) };
	if (page === 'rescue') return { page, id: number(one) };
	if (page === 'reminders') return { page };
	if (page === 'customers') return { page, id: number(one) };
	const vehicle = number(one);
	if (page === 'vehicle' && vehicle !== null) return { page, id: vehicle };
	return HOME;
}

export function routeHash(route: Route): string {
	if (route.page === 'queue') return `#/queue/${route.view}${route.ticket ? `/${route.ticket}` : ''}`;
	if (route.page === 'reminders') return '#/reminders';
	return `#/${route.page}${route.id ? `/${route.id}` : ''}`;
}
