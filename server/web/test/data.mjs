/* Example data in the shapes of schemas/openapi.yaml, from a seed: the same every time, relative to the time it is made. */

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

export const USERS = [
	{ id: 1, name: 'Lin Xia', login: 'lin', role: 'adviser' },
	{ id: 2, name: 'Wang Hao', login: 'wang', role: 'adviser' },
	{ id: 3, name: 'Martha Keller', login: 'martha', role: 'manager' },
	{ id: 4, name: 'Rescue Desk', login: 'rescue', role: 'rescue' },
];
export const DEALER = { id: 1, name: 'Pudong Service Centre' };

const CODES = [
	['P0301', 'Cylinder 1 misfire detected', '第1缸失火', 2],
	['P0420', 'Catalyst efficiency below threshold, bank 1', '1列催化器效率低于限值', 3],
	['P0171', 'Fuel mixture too lean, bank 1', '1列混合气过稀', 3],
	['C0035', 'Wheel speed sensor, front left', '左前轮速传感器', 2],
	['P0128', 'Coolant stays below thermostat temperature', '冷却液温度低于节温器调节温度', 4],
	['U0100', 'No communication with the engine control unit', '与发动机控制单元失去通信', 1],
	['P0562', 'System voltage low', '系统电压过低', 2],
	['B0012', 'Driver airbag, stage 2 deployment circuit', '驾驶员气囊二级点火回路', 1],
];
const CARS = [
	['BYD', 'Han'],
	['Volkswagen', 'Lavida'],
	['Toyota', 'Corolla'],
	['Geely', 'Xingyue L'],
	['Ford', 'Focus'],
	['NIO', 'ET5'],
];
const PEOPLE = ['张伟', '王芳', '李娜', 'Anna Berger', '刘洋', '陈静', 'Tomás Rivera', '杨帆', '赵敏', 'James O’Connor', '周杰', '吴倩'];
const TIERS = ['standard', 'standard', 'standard', 'silver', 'gold', 'vip'];
const PLATES = ['沪A', '沪B', '苏E', '浙A', '京N'];
const VIN_LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ0123456789';

function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return state / 2 ** 32;
	};
}

export function makeData({ tickets = 42, now = Date.now(), seed = 7 } = {}) {
	const next = random(seed);
	const pick = (list) => list[Math.floor(next() * list.length)];
	const iso = (ms) => new Date(ms).toISOString();
	const customers = PEOPLE.map((name, index) => ({
		id: index + 1,
		name,
		phone: `+86 138 0013 8${String(index).padStart(3, '0')}`,
		email: `owner${index + 1}@example.org`,
		language: /[\u4e00-\u9fff]/.test(name) ? 'zh' : 'en',
		tier: TIERS[index % TIERS.length],
		position_consent: index % 3 === 0,
	}));
	const vehicles = Array.from({ length: 40 }, (_, index) => {
		const [make, model] = CARS[index % CARS.length];
		const vin = Array.from({ length: 17 }, () => pick(VIN_LETTERS)).join('');
		return { id: index + 1, vin, plate: `${pick(PLATES)}${String(10000 + Math.floor(next() * 89999))}`, make, model, model_year: 2018 + (index % 7), owner: customers[index % customers.length] };
	});
	const data = { now, iso, customers, vehicles, tickets: [], rescues: [], reminders: [], faults: new Map() };
	for (let index = 0; index < tickets; index++) {
		const [code, en, zh, severity] = pick(CODES);
		const age = Math.floor(next() ** 3 * 40 * HOUR) + MIN;
		const status = pick(['new', 'new', 'open', 'open', 'pending']);
		data.tickets.push(makeTicket(data, { vehicle: vehicles[index % vehicles.length], code, en, zh, severity, openedAt: now - age, status, occurrences: 1 + Math.floor(next() * 4), late: next() < 0.08, assignee: status === 'new' ? null : pick(USERS.slice(0, 3)) }));
	}
	for (const [index, item] of ['Engine oil and filter', 'Brake fluid', 'Cabin filter', 'Tyre rotation', 'Annual inspection'].entries()) {
		const vehicle = vehicles[index * 3];
		data.reminders.push({
			id: index + 1,
			status: ['overdue', 'due', 'soon', 'soon', 'due'][index],
			item,
			vehicle: vehicleRef(vehicle),
			customer: customerRef(vehicle.owner),
			dealer: DEALER,
			due_odometer_m: index === 4 ? null : 60_000_000,
			due_at: index === 4 ? iso(now + 2 * DAY) : iso(now + (index - 1) * 9 * DAY),
			odometer_m: [61_240_000, 59_980_000, 58_800_000, 58_100_000, 42_000_000][index],
			created_at: iso(now - index * DAY),
		});
	}
	return data;
}

export function vehicleRef({ id, vin, plate, make, model, model_year }) {
	return { id, vin, plate, make, model, model_year };
}
export function customerRef({ id, name, tier, phone, language }) {
	return { id, name, tier, phone, language };
}
export function userRef(user) {
	return user ? { id: user.id, name: user.name } : null;
}

const RESPONSE_MIN = { 1: 15, 2: 60, 3: 240, 4: 480 };

export function makeTicket(data, { vehicle, code, en, zh, severity, openedAt, status = 'new', occurrences = 1, late = false, assignee = null }) {
	const id = (data.tickets.at(-1)?.id ?? 100) + 1;
	const { iso } = data;
	const fault = {
		id,
		code,
		text: { en, zh },
		severity,
		ecu: '0x7E8',
		protocol: 'obd2',
		active: true,
		status: severity === 1 ? ['stored', 'permanent'] : ['stored'],
		mil: severity <= 2,
		first_seen_at: iso(openedAt),
		last_seen_at: iso(openedAt + 90_000),
		cleared_at: null,
		occurrences,
		freeze_frame: [
			{ pid: '0x04', name: 'EngineLoad', value: 62.7, unit: '%' },
			{ pid: '0x05', name: 'CoolantTemperature', value: 91, unit: 'degC' },
			{ pid: '0x06', name: 'ShortFuelTrim1', value: 4.7, unit: '%' },
			{ pid: '0x0B', name: 'ManifoldPressure', value: 74, unit: 'kPa' },
			{ pid: '0x0C', name: 'EngineSpeed', value: 2243.25, unit: 'rpm' },
			{ pid: '0x0D', name: 'VehicleSpeed', value: 67, unit: 'km/h' },
			{ pid: '0x11', name: 'ThrottlePosition', value: 23.5, unit: '%' },
		],
		ticket_id: id,
		failure_type: null,
		spn: null,
		fmi: null,
		status_byte: null,
		lamps: null,
		car_count: null,
		snapshot: [],
	};
	data.faults.set(id, fault);
	return {
		id,
		version: 1,
		kind: 'fault',
		subject: `${code} ${en}`,
		priority: severity,
		status,
		code,
		code_text: { en, zh },
		vehicle: vehicleRef(vehicle),
		customer: customerRef(vehicle.owner),
		dealer: DEALER,
		assignee: userRef(assignee),
		opened_at: iso(openedAt),
		updated_at: iso(openedAt),
		event_at: iso(late ? openedAt - 26 * HOUR : openedAt),
		late,
		occurrences,
		first_response_due_at: iso(openedAt + RESPONSE_MIN[severity] * MIN),
		first_response_at: status === 'new' ? null : iso(openedAt + 4 * MIN),
		resolution_due_at: iso(openedAt + severity * 12 * HOUR),
	};
}

export function makeRescue(data, { vehicle = data.vehicles[4], kind = 'crash', severity = 'high', at = Date.now() } = {}) {
	const id = (data.rescues.at(-1)?.id ?? 0) + 1;
	return {
		id,
		version: 1,
		kind,
		status: 'new',
		severity,
		detail: { trigger: 'airbag', airbag: true, delta_v_km_h: 38.4, speed_before_km_h: 71, rollover: false, belts_fastened: 2, probability_permille: 312, model: 'ka-2024.1' },
		vehicle: vehicleRef(vehicle),
		customer: customerRef(vehicle.owner),
		dealer: DEALER,
		assignee: null,
		opened_at: data.iso(at),
		event_at: data.iso(at - 2000),
		acknowledged_at: null,
		closed_at: null,
		outcome: '',
		late: false,
		place: place(data, 31.23042, 121.4737, at - 3000),
	};
}

export function place(data, latitude, longitude, at) {
	return { latitude, longitude, accuracy_m: 6.2, fix: '3d', fix_at: data.iso(at), map_url: `geo:${latitude},${longitude};u=6` };
}
