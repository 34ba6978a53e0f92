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

export type Fault = { id: number; code: string; text: { en: string; zh: string }; severity: number; ecu: string; protocol: 'obd2' | 'uds' | 'j1939'; active: boolean; status: ('stored' | 'pending' | 'permanent')[]; mil: boolean; first_seen_at: string; last_seen_at: string; cleared_at: string | null; occurrences: number; freeze_frame: FreezeItem[]; ticket_id: number | null; failure_type: string | null; spn: number | null; fmi: number | null; status_byte: string | null; lamps: { mil: 'off' | 'on' | 'slow_flash' | 'fast_flash' | 'unknown'; stop: 'off' | 'on' | 'slow_flash' | 'fast_flash' | 'unknown'; warning: 'off' | 'on' | 'slow_flash' | 'fast_flash' | 'unknown'; protect: 'off' | 'on' | 'slow_flash' | 'fast_flash' | 'unknown' } | null; car_count: number | null; snapshot: { record: number; did: string; raw: string }[] };

export type VehicleEvent = { id: number; kind: 'harsh_braking' | 'harsh_acceleration' | 'harsh_cornering' | 'overspeed' | 'towing' | 'geofence' | 'low_battery' | 'battery_ageing' | 'tyre_pressure' | 'coolant_hot' | 'fuel_drop'; unit: string; text: { en: string; zh: string }; cause: 'unknown' | 'bus_acceleration' | 'bus_speed' | 'gps_speed' | 'gps_position' | 'gps_heading' | 'tilt' | 'resting' | 'charging' | 'cranking' | 'placard' | 'sibling' | 'warning' | 'temperature' | 'level'; subject: string; begun: boolean; dwelt: boolean; began_at: string; ended_at: string | null; duration_s: number; value: number | null; limit: number | null; peak: number | null; odometer_m: number | null; late: boolean; ticket_id: number | null; place: Place };

export type Ecu = { ecu: string; name: string; vin: string; calibrations: string[]; cvns: string[]; tests: number; tests_failed: number; first_seen_at: string; changed_at: string; reported_at: string };

export type Unit = { unit: string; reported_at: string; version: string; power: 'unknown' | 'drive' | 'parked' | 'sleep' | 'deep_sleep'; wake: 'unknown' | 'boot' | 'ignition' | 'bus' | 'voltage' | 'movement' | 'check_in' | 'alert' | 'resume'; power_since: string | null; next_contact_at: string | null; heard_at: string | null; battery_v: number | null; below_floor: boolean; config_version: number; config_trial: boolean; ignition_block: boolean; slot: string; update_refused: number | null; metrics: Record<string, unknown> } | null;

export type Told = { what: 'command' | 'config'; number: string; kind: 'unknown' | 'ping' | 'full_state' | 'report_rate' | 'capture' | 'read_codes' | 'clear_codes' | 'lock' | 'unlock' | 'horn_lights' | 'ignition_block' | 'ignition_release' | 'driver_message' | 'destination' | 'config'; outcome: 'unknown' | 'accepted' | 'armed' | 'done' | 'refused' | 'failed' | 'expired' | 'replayed' | 'unauthentic' | 'unsupported' | 'applied' | 'confirmed' | 'rejected' | 'rolled_back' | 'waiting'; reason: string; cleared: Cleared | null; at: string };

export type Cleared = { codes: string[]; codes_cut: boolean; ecus: EcuAnswer[] };

export type EcuAnswer = { ecu: string; done: boolean; nrc: string };

export type CapturedSignal = { number: number; path: string; unit: string; thinned: boolean; at_ms: number[]; value: number[] };

export type CrashElement = { element: 'delta_v_longitudinal' | 'max_delta_v_longitudinal' | 'time_max_delta_v_longitudinal' | 'speed' | 'accelerator' | 'service_brake' | 'ignition_cycles' | 'belt_driver' | 'airbag_lamp' | 'airbag_driver' | 'airbag_passenger' | 'multi_event' | 'second_event' | 'complete' | 'delta_v_lateral' | 'max_delta_v_lateral' | 'time_max_delta_v_lateral' | 'engine_rpm' | 'abs' | 'stability' | 'steering' | 'belt_passenger' | 'airbag_switch' | 'side_left' | 'side_right' | 'curtain_left' | 'curtain_right' | 'pretensioner_driver' | 'pretensioner_passenger' | 'seat_driver' | 'occupied_passenger'; unit: string; status: 'ok' | 'not_mapped' | 'not_heard'; from_ms: number; step_ms: number; values: (number | null)[] };

export type Capture = { trigger_at: string | null; reason: 'crash' | 'command'; parts: number; missing: number; ended: boolean; complete: boolean; impacts: number; lost: number; from_ms: number; to_ms: number; signals: CapturedSignal[]; elements: CrashElement[] };

export type TimelineEntry = { id: number; at: string; actor: string | null; kind: string; text: string; detail?: Record<string, unknown> };

export type Ticket = TicketRow & { fault: Fault | null; place: Place; odometer_m: number | null; resolved_at: string | null; closed_at: string | null; timeline: TimelineEntry[]; actions: ('acknowledge' | 'assign' | 'comment' | 'pend' | 'resume' | 'resolve' | 'close' | 'reopen')[] };

export type Rescue = { id: number; version: number; kind: 'crash' | 'sos' | 'theft' | 'breakdown'; status: 'new' | 'acknowledged' | 'dispatched' | 'on_site' | 'closed'; severity: 'unknown' | 'normal' | 'high'; detail: { trigger?: string; airbag?: boolean; delta_v_km_h?: number | null; speed_before_km_h?: number | null; rollover?: boolean; belts_fastened?: number | null; probability_permille?: number | null; probability_best_permille?: number | null; model?: string; fuel_cut_off?: boolean; delta_v_longitudinal_km_h?: number; delta_v_lateral_km_h?: number; impacts?: number }; vehicle: VehicleRef; customer: CustomerRef; dealer: { id: number; name: string }; assignee: UserRef; opened_at: string; event_at: string; acknowledged_at: string | null; closed_at: string | null; outcome: string; late: boolean; place: Place; timeline?: TimelineEntry[]; actions: ('acknowledge' | 'comment' | 'dispatch' | 'recall' | 'arrive' | 'close' | 'reopen')[] };

export type Reminder = { id: number; status: 'soon' | 'due' | 'overdue' | 'done' | 'dismissed'; item: string; vehicle: VehicleRef; customer: CustomerRef; dealer: { id: number; name: string }; due_odometer_m: number | null; due_at: string | null; odometer_m: number | null; created_at: string };

export type Customer = { id: number; name: string; phone: string; email: string; language: string; tier: string; position_consent?: boolean };

export type CustomerPage = Customer & { vehicles: VehicleRef[]; tickets: TicketRow[] };

export type VehiclePage = { vehicle: VehicleRef; owner: CustomerRef; dealer: { id: number; name: string }; state: { online: boolean; last_seen_at: string | null; odometer_m: number | null; ignition_on: boolean; mil: boolean; conditions: { name: string; since: string; detail?: string }[] } | null; faults: Fault[]; tickets: TicketRow[]; reminders: Reminder[]; place: Place; place_reason: string | null; ecus: Ecu[]; unit: Unit; told: Told[] };

export type Versioned = { version: number };

export type Assign = { version: number; assignee_id: number | null };

export type Comment = { text: string };

export type StatusChange = { version: number; action: 'pend' | 'resume' | 'resolve' | 'close' | 'reopen'; text?: string };

export type RescueChange = { version: number; action: 'acknowledge' | 'dispatch' | 'recall' | 'arrive' | 'close' | 'reopen'; outcome?: string; text?: string };

export type ReminderChange = { action: 'done' | 'dismiss'; odometer_m?: number | null };

export type Change = { id: number; kind: 'ticket.opened' | 'ticket.updated' | 'rescue.opened' | 'rescue.updated' | 'reminder.opened' | 'reminder.updated' | 'vehicle.updated'; subject_id: number; vehicle_id?: number | null; at: string; body?: Record<string, unknown>; counters?: Counters };

export type QueueAnswer = { tickets: TicketRow[]; next_cursor: string | null; counters: Counters; change_id: number };

export type RescuesAnswer = { rescues: Rescue[]; change_id: number };

export type RescueCaptureAnswer = { captures: Capture[] };

export type RemindersAnswer = { reminders: Reminder[]; change_id: number };

export type CustomersAnswer = { customers: Customer[] };

export type VehicleEventsAnswer = { events: VehicleEvent[]; next_cursor: string | null; place_reason: string | null };

export type VehicleCapturesAnswer = { captures: Capture[] };

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
	rescueCapture: { method: 'GET', path: '/api/rescues/{id}/capture' },
	rescueStatus: { method: 'POST', path: '/api/rescues/{id}/status' },
	rescueComment: { method: 'POST', path: '/api/rescues/{id}/comment' },
	reminders: { method: 'GET', path: '/api/reminders' },
	reminderStatus: { method: 'POST', path: '/api/reminders/{id}/status' },
	customers: { method: 'GET', path: '/api/customers' },
	customer: { method: 'GET', path: '/api/customers/{id}' },
	vehicle: { method: 'GET', path: '/api/vehicles/{id}' },
	vehicleEvents: { method: 'GET', path: '/api/vehicles/{id}/events' },
	vehicleCaptures: { method: 'GET', path: '/api/vehicles/{id}/captures' },
	users: { method: 'GET', path: '/api/users' },
	events: { method: 'GET', path: '/api/events' },
} as const;
