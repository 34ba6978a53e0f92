// Made from schemas/openapi.yaml by scripts/openapi-types.mjs. Do not edit: npm run types.

export type Problem = { title: string; status: number; detail?: string };

export type Login = { login: string; password: string };

export type User = { id: number; name: string; login: string; role: 'adviser' | 'manager' | 'rescue' | 'admin' };

export type Session = { user: User; dealer: { id?: number; name?: string } | null; locale: 'en' | 'zh'; csrf: string; expires_at: string };

export type Counters = { new: number; open: number; pending: number; rescue_open: number; reminder_open: number };

export type Place = { latitude: number; longitude: number; accuracy_m: number | null; fix: 'unknown' | 'none' | '2d' | '3d'; fix_at: string; map_url: string } | null;

export type VehicleRef = { id: number; vin: string; plate: string; make: string; model: string; model_year?: number } | null;

export type CustomerRef = { id: number; name: string; tier: string; phone?: string; language?: string } | null;

export type UserRef = { id: number; name: string } | null;

export type TicketRow = { id: number; version: number; kind: string; subject: string; priority: number; status: 'new' | 'open' | 'pending' | 'resolved' | 'closed'; code: string | null; code_text?: { en: string; zh: string } | null; vehicle: VehicleRef; customer: CustomerRef; dealer: { id: number; name: string }; assignee: UserRef; opened_at: string; updated_at: string; event_at: string; late: boolean; occurrences: number; first_response_due_at: string | null; first_response_at: string | null; resolution_due_at: string | null };

export type FreezeItem = { pid: string; name: string; value?: number | null; unit: string; raw?: string };

export type Fault = { id: number; code: string; text: { en: string; zh: string }; severity: number; ecu: string; protocol: 'obd2' | 'uds' | 'j1939'; active: boolean; status: ('stored' | 'pending' | 'permanent')[]; mil: boolean; first_seen_at: string; last_seen_at: string; cleared_at: string | null; occurrences: number; freeze_frame: FreezeItem[]; ticket_id: number | null };

export type TimelineEntry = { id: number; at: string; actor: string | null; kind: string; text: string; detail?: Record<string, unknown> };

export type Ticket = TicketRow & { fault: Fault | null; place: Place; odometer_m: number | null; resolved_at: string | null; closed_at: string | null; timeline: TimelineEntry[]; actions: ('acknowledge' | 'assign' | 'comment' | 'pend' | 'resume' | 'resolve' | 'close' | 'reopen')[] };

export type Rescue = { id: number; version: number; kind: 'crash' | 'sos' | 'theft' | 'breakdown'; status: 'new' | 'acknowledged' | 'dispatched' | 'on_site' | 'closed'; severity: 'unknown' | 'normal' | 'high'; detail: { trigger?: string; airbag?: boolean; delta_v_km_h?: number | null; speed_before_km_h?: number | null; rollover?: boolean; belts_fastened?: number | null; probability_permille?: number | null; probability_best_permille?: number | null; model?: string }; vehicle: VehicleRef; customer: CustomerRef; dealer: { id: number; name: string }; assignee: UserRef; opened_at: string; event_at: string; acknowledged_at: string | null; closed_at: string | null; outcome: string; late: boolean; place: Place; timeline?: TimelineEntry[]; actions: ('acknowledge' | 'comment' | 'dispatch' | 'recall' | 'arrive' | 'close' | 'reopen')[] };

export type Reminder = { id: number; status: 'soon' | 'due' | 'overdue' | 'done' | 'dismissed'; item: string; vehicle: VehicleRef; customer: CustomerRef; dealer: { id: number; name: string }; due_odometer_m: number | null; due_at: string | null; odometer_m: number | null; created_at: string };

export type Customer = { id: number; name: string; phone: string; email: string; language: string; tier: string; position_consent?: boolean };

export type CustomerPage = Customer & { vehicles: VehicleRef[]; tickets: TicketRow[] };

export type VehiclePage = { vehicle: VehicleRef; owner: CustomerRef; dealer: { id: number; name: string }; state: { online: boolean; last_seen_at: string | null; odometer_m: number | null; ignition_on: boolean; mil: boolean; conditions: { name: string; since: string; detail?: string }[] } | null; faults: Fault[]; tickets: TicketRow[]; reminders: Reminder[]; place: Place; place_reason: string | null };

export type Versioned = { version: number };

export type Assign = { version: number; assignee_id: number | null };

export type Comment = { text: string };

export type StatusChange = { version: number; action: 'pend' | 'resume' | 'resolve' | 'close' | 'reopen'; text?: string };

export type RescueChange = { version: number; action: 'acknowledge' | 'dispatch' | 'recall' | 'arrive' | 'close' | 'reopen'; outcome?: string; text?: string };

export type ReminderChange = { action: 'done' | 'dismiss'; odometer_m?: number | null };

export type Change = { id: number; kind: 'ticket.opened' | 'ticket.updated' | 'rescue.opened' | 'rescue.updated' | 'reminder.opened' | 'reminder.updated' | 'vehicle.updated'; subject_id: number; vehicle_id?: number | null; at: string; body?: Record<string, unknown>; counters?: Counters };

export type QueueAnswer = { tickets: TicketRow[]; next_cursor: string | null; counters: Counters; change_id: number };

export type RescuesAnswer = { rescues: Rescue[]; change_id: number };

export type RemindersAnswer = { reminders: Reminder[]; change_id: number };

export type CustomersAnswer = { customers: Customer[] };

export type UsersAnswer = { users: User[] };

export const ROUTES = {
	health: { method: 'GET', path: '/healthz' },
	metrics: { method: 'GET', path: '/metrics' },
	whoAmI: { method: 'GET', path: '/api/session' },
	logIn: { method: 'POST', path: '/api/session' },
	logOut: { method: 'DELETE', path: '/api/session' },
	queue: { method: 'GET', path: '/api/queue' },
	ticket: { method: 'GET', path: '/api/tickets/{id}' },
	ticketAcknowledge: { method: 'POST', path: '/api/tickets/{id}/acknowledge' },
	ticketAssign: { method: 'POST', path: '/api/tickets/{id}/assign' },
	ticketComment: { method: 'POST', path: '/api/tickets/{id}/comment' },
	ticketStatus: { method: 'POST', path: '/api/tickets/{id}/status' },
	rescues: { method: 'GET', path: '/api/rescues' },
	rescue: { method: 'GET', path: '/api/rescues/{id}' },
	rescueStatus: { method: 'POST', path: '/api/rescues/{id}/status' },
	rescueComment: { method: 'POST', path: '/api/rescues/{id}/comment' },
	reminders: { method: 'GET', path: '/api/reminders' },
	reminderStatus: { method: 'POST', path: '/api/reminders/{id}/status' },
	customers: { method: 'GET', path: '/api/customers' },
	customer: { method: 'GET', path: '/api/customers/{id}' },
	vehicle: { method: 'GET', path: '/api/vehicles/{id}' },
	users: { method: 'GET', path: '/api/users' },
	events: { method: 'GET', path: '/api/events' },
} as const;
