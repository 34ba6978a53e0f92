import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { isFlag, pathOf, rangeOf, shortName, shownValues, speedStory, valueAt } = await load('src/core/capture.ts');

const speed = { number: 1, path: 'Vehicle.Speed', unit: 'km/h', thinned: false, at_ms: [-5000, -100, 0, 100], value: [60, 70, 40, 0] };
const capture = { from_ms: -5000, to_ms: 5000, signals: [speed] };

test('the value of an instant is that of the last sample not after it', () => {
	assert.equal(valueAt(speed, -5001), null);
	assert.equal(valueAt(speed, -5000), 60);
	assert.equal(valueAt(speed, -1), 70);
	assert.equal(valueAt(speed, 0), 40);
	assert.equal(valueAt(speed, 9999), 0);
});

test('the speed before is that before the trigger, the speed after that of a second later', () => {
	assert.deepEqual(speedStory(capture), { before: 70, after: 0, lost: 70 });
	assert.equal(speedStory({ ...capture, signals: [] }), null);
	assert.equal(speedStory({ ...capture, signals: [{ ...speed, at_ms: [500], value: [3] }] }), null);
});

test('the line runs over the whole stretch, up is more, and what lies outside is drawn at the edge', () => {
	assert.equal(pathOf(speed, capture, 100, 50), 'M0.0 7.1 L49.0 0.0 L50.0 21.4 L51.0 50.0');
	assert.equal(pathOf({ ...speed, at_ms: [-9000], value: [1] }, capture, 100, 50), 'M0.0 0.0');
});

test('a line that never moves still has a height', () => {
	assert.deepEqual(rangeOf({ ...speed, value: [0, 0] }), [0, 1]);
	assert.deepEqual(rangeOf({ ...speed, value: [-3, -2] }), [-3, 0]);
	assert.deepEqual(rangeOf(speed), [0, 70]);
});

test('signals are named by what tells them apart', () => {
	assert.equal(shortName('Vehicle.Speed'), 'Speed');
	assert.equal(shortName('Vehicle.Cabin.Seat.Row1.DriverSide.IsBelted'), 'Row1 DriverSide IsBelted');
	assert.equal(shortName('Vehicle.Telltale.Rollover'), 'Telltale Rollover');
});

test('a pulse is shown every 50 ms, a series and a single value as they are', () => {
	const pulse = { element: 'delta_v_lateral', unit: 'km/h', status: 'ok', from_ms: -150, step_ms: 10, values: Array.from({ length: 41 }, (_, i) => i) };
	assert.deepEqual(shownValues(pulse).map((one) => one.at_ms), [-150, -100, -50, 0, 50, 100, 150, 200, 250]);
	assert.deepEqual(shownValues({ ...pulse, from_ms: 0, step_ms: 0, values: [7] }), [{ at_ms: 0, value: 7 }]);
	assert.equal(shownValues({ ...pulse, from_ms: -5000, step_ms: 500, values: Array(11).fill(null) }).at(-1).at_ms, 0);
});

test('counts are numbers, other values without a unit are yes or no', () => {
	assert.equal(isFlag({ element: 'multi_event', unit: '' }), false);
	assert.equal(isFlag({ element: 'belt_driver', unit: '' }), true);
	assert.equal(isFlag({ element: 'airbag_driver', unit: 'ms' }), false);
});
