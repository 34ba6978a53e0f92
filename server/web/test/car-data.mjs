/* Example data of what cars say beside faults and alerts, in the shapes of schemas/openapi.yaml. */

const MIN = 60_000;

const KINDS = [
	['harsh_braking', 'm/s2', 'Harsh braking', '急刹车', 7.2, 6, 8.1, 1.4],
	['overspeed', 'km/h', 'Too fast', '超速', 131, 120, 142, 95],
	['coolant_hot', 'degC', 'Engine too hot', '发动机过热', 116.5, 115, 119, 240],
	['tyre_pressure', 'kPa', 'Tyre pressure low', '胎压过低', 178, 190, 171, 5400],
	['geofence', '', 'Geofence', '电子围栏', null, null, null, 4100],
	['harsh_cornering', 'm/s2', 'Harsh cornering', '急转弯', 5.4, 5, 5.9, 2.1],
	['low_battery', 'V', '12 V battery low', '12V蓄电池电压过低', 11.62, 11.8, 11.4, 7200],
	['fuel_drop', '%', 'Fuel lost while parked', '停车期间燃油减少', 9.5, 5, 9.5, 600],
];

export function makeHappenings(data, count = 25) {
	return Array.from({ length: count }, (_, index) => {
		const [kind, unit, en, zh, value, limit, peak, seconds] = KINDS[index % KINDS.length];
		const began = data.now - (index + 1) * 37 * MIN;
		return {
			id: 500 - index,
			kind,
			unit,
			text: { en, zh },
			cause: 'bus_speed',
			subject: kind === 'tyre_pressure' ? 'row1.left' : '',
			begun: true,
			dwelt: false,
			began_at: data.iso(began),
			ended_at: index === 2 ? null : data.iso(began + seconds * 1000),
			duration_s: seconds,
			value,
			limit,
			peak,
			odometer_m: 48_210_400 - index * 9000,
			late: index === 5,
			ticket_id: kind === 'coolant_hot' ? 101 : null,
			place: null,
		};
	});
}

export function makeCar(data) {
	return {
		ecus: [
			{ ecu: '0x7E8', name: 'ECM-EngineControl', vin: '', calibrations: ['37805-RAA-A070', '37806-RAA-A010'], cvns: ['0A7B3C1D', '11D2F00A'], tests: 24, tests_failed: 1, first_seen_at: data.iso(data.now - 90 * 24 * 60 * MIN), changed_at: data.iso(data.now - 3 * 24 * 60 * MIN), reported_at: data.iso(data.now - 40 * MIN) },
			{ ecu: '0x7E9', name: 'TCM-TransmissionCtrl', vin: '', calibrations: ['28100-5B7-003'], cvns: ['00C4A1E9'], tests: 0, tests_failed: 0, first_seen_at: data.iso(data.now - 90 * 24 * 60 * MIN), changed_at: data.iso(data.now - 90 * 24 * 60 * MIN), reported_at: data.iso(data.now - 40 * MIN) },
		],
		unit: {
			unit: 'CAR-000017',
			reported_at: data.iso(data.now - 20_000),
			version: '1.4.0',
			power: 'drive',
			wake: 'ignition',
			power_since: data.iso(data.now - 55 * MIN),
			next_contact_at: null,
			heard_at: data.iso(data.now - 21_000),
			battery_v: 13.84,
			below_floor: false,
			config_version: 7,
			config_trial: true,
			ignition_block: false,
			slot: 'a',
			update_refused: null,
			metrics: { 'bus.load_permille': 312, 'bus.lost': 0, 'journal.commits': 48211, memory_kb: 6120, starts: 4, temperature_mc: 51250 },
		},
		told: [
			{ what: 'command', number: '88412', kind: 'unlock', outcome: 'refused', reason: 'the car moves', cleared: null, at: data.iso(data.now - 12 * MIN) },
			{ what: 'config', number: '7', kind: 'config', outcome: 'confirmed', reason: '', cleared: null, at: data.iso(data.now - 50 * MIN) },
			{ what: 'command', number: '88411', kind: 'clear_codes', outcome: 'failed', reason: 'there were P0301; 7E8: cleared; 7E9: conditions not correct', cleared: { codes: ['P0301', 'P0420'], codes_cut: false, ecus: [{ ecu: '0x7E8', done: true, nrc: '' }, { ecu: '0x7E9', done: false, nrc: '0x22' }] }, at: data.iso(data.now - 70 * MIN) },
		],
	};
}

/** Braking from 71 km/h, the impact, standing still. */
export function makeCapture(data) {
	const at_ms = Array.from({ length: 101 }, (_, index) => index * 100 - 5000);
	const speed = at_ms.map((ms) => (ms < -1200 ? 71 : ms < 0 ? 71 - (ms + 1200) * 0.018 : ms < 200 ? 30 - ms * 0.12 : Math.max(0, 6 - (ms - 200) * 0.004)));
	const flag = (number, path, from) => ({ number, path, unit: '', thinned: false, at_ms: [-5000, from], value: [0, 1] });
	return {
		trigger_at: data.iso(Date.now() - 2000),
		reason: 'crash',
		parts: 10,
		missing: 0,
		ended: true,
		complete: true,
		impacts: 1,
		lost: 0,
		from_ms: -5000,
		to_ms: 5000,
		signals: [
			{ number: 1, path: 'Vehicle.Speed', unit: 'km/h', thinned: false, at_ms, value: speed },
			{ number: 9, path: 'Vehicle.Acceleration.Longitudinal', unit: 'm/s^2', thinned: false, at_ms, value: at_ms.map((ms) => (ms < -1200 ? 0 : ms < 0 ? -9.6 : ms < 200 ? -38 : 0)) },
			flag(40, 'Vehicle.Cabin.Seat.Row1.DriverSide.Airbag.IsDeployed', 0),
			{ number: 42, path: 'Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted', unit: '', thinned: false, at_ms: [-5000], value: [1] },
			flag(57, 'Vehicle.Telltale.ServiceBrake', -1300),
			{ number: 120, path: 'Vehicle.Chassis.Accelerator.PedalPosition', unit: 'percent', thinned: false, at_ms: [-5000, -1500], value: [18, 0] },
		],
		elements: [
			{ element: 'delta_v_longitudinal', unit: 'km/h', status: 'ok', from_ms: -150, step_ms: 10, values: Array.from({ length: 41 }, (_, index) => -Math.min(48, index * 1.6)) },
			{ element: 'max_delta_v_longitudinal', unit: 'km/h', status: 'ok', from_ms: 0, step_ms: 0, values: [-48] },
			{ element: 'speed', unit: 'km/h', status: 'ok', from_ms: -5000, step_ms: 500, values: [null, 71, 71, 71, 71, 71, 71, 71, 66.7, 55, 30] },
			{ element: 'belt_driver', unit: '', status: 'ok', from_ms: 0, step_ms: 0, values: [1] },
			{ element: 'airbag_driver', unit: 'ms', status: 'ok', from_ms: 0, step_ms: 0, values: [0] },
			{ element: 'multi_event', unit: '', status: 'ok', from_ms: 0, step_ms: 0, values: [1] },
			{ element: 'second_event', unit: 'ms', status: 'not_heard', from_ms: 0, step_ms: 0, values: [] },
			{ element: 'abs', unit: '', status: 'not_mapped', from_ms: 0, step_ms: 0, values: [] },
		],
	};
}
