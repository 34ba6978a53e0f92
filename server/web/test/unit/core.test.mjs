import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const format = await load('src/core/format.ts');
const { parseRoute, routeHash } = await load('src/core/route.ts');
const { commandOf } = await load('src/core/keys.ts');
const { scrollToShow, visibleRows } = await load('src/core/virtual.ts');
const { utf8Bytes } = await load('src/core/text.ts');

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

for (const [ms, en, zh] of [
	[-5 * S, '0 s', '0秒'],
	[48 * S, '48 s', '48秒'],
	[12 * M + 59 * S, '12 min', '12分'],
	[2 * H + 5 * M, '2 h 5 min', '2小时 5分'],
	[3 * D + 4 * H, '3 d 4 h', '3天 4小时'],
	[12 * D + 4 * H, '12 d', '12天'],
])
	test(`a duration of ${ms} ms is ${en}`, () => {
		assert.equal(format.duration('en', ms), en);
		assert.equal(format.duration('zh', ms), zh);
	});

for (const [ms, en] of [
	[272 * S, '4:32'],
	[-272 * S, '4:32'],
	[59 * S, '0:59'],
	[3 * H + 5 * M, '3h 05'],
	[50 * H, '2d 2h'],
])
	test(`a countdown of ${ms} ms is ${en}`, () => assert.equal(format.countdown('en', ms), en));

test('an age in a list has one unit', () => {
	assert.equal(format.roughly('en', 12 * H + 39 * M), '12 h');
	assert.equal(format.roughly('zh', 59 * M), '59分');
	assert.equal(format.roughly('en', -3), '0 s');
});

test('distances and coordinates speak the language', () => {
	assert.equal(format.kilometres('en', 48_210_400), '48,210 km');
	assert.equal(format.kilometres('zh', 48_210_400), '48,210 公里');
	assert.equal(format.metres('en', 1540), '1.5 km');
	assert.equal(format.metres('zh', 6.2), '6 米');
	assert.equal(format.coordinates('en', -33.8568, 151.2153), '33.85680° S, 151.21530° E');
	assert.equal(format.coordinates('zh', 31.23042, -0.5), '北纬 31.23042°，西经 0.50000°');
});

test('every address leads back to itself', () => {
	for (const hash of ['#/queue/all', '#/queue/mine/12', '#/queue/closed', '#/rescue', '#/rescue/3', '#/reminders', '#/customers', '#/customers/5', '#/vehicle/7']) assert.equal(routeHash(parseRoute(hash)), hash);
});

test('an address that is none leads to the queue', () => {
	for (const hash of ['', '#', '#/', '#/nothing', '#/vehicle', '#/vehicle/0', '#/vehicle/1x', '#/queue/other', '#/queue/all/-4']) assert.deepEqual(parseRoute(hash), { page: 'queue', view: 'all', ticket: null });
});

const press = (key, more = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, typing: false, ...more });
test('letters are commands, but not while somebody types', () => {
	assert.equal(commandOf(press('a')), 'acknowledge');
	assert.equal(commandOf(press('a', { typing: true })), null);
	assert.equal(commandOf(press('a', { ctrlKey: true })), null);
	assert.equal(commandOf(press('k', { metaKey: true, typing: true })), 'palette');
	assert.equal(commandOf(press('k', { ctrlKey: true })), 'palette');
	assert.equal(commandOf(press('?')), 'help');
	assert.equal(commandOf(press('x')), null);
});

test('a long list keeps only what is near the view', () => {
	assert.deepEqual(visibleRows(10_000, 56, 0, 800, 12), { first: 0, last: 27 });
	assert.deepEqual(visibleRows(10_000, 56, 56_000, 800, 12), { first: 988, last: 1027 });
	assert.deepEqual(visibleRows(3, 56, 0, 800, 12), { first: 0, last: 3 });
	assert.deepEqual(visibleRows(0, 56, 900, 800, 12), { first: 0, last: 0 });
	// The list shrank under the reader: scrolled far beyond its end.
	const beyond = visibleRows(5, 56, 90_000, 800, 12);
	assert.ok(beyond.first <= 5 && beyond.last === 5);
});

test('the row the keys are on comes into view with the least movement', () => {
	assert.equal(scrollToShow(0, 56, 300, 800), 0);
	assert.equal(scrollToShow(10, 56, 300, 800), 300);
	assert.equal(scrollToShow(30, 56, 0, 800), 31 * 56 - 800);
});

test('a Chinese character takes three bytes of a note', () => assert.equal(utf8Bytes('故障 ok'), 9));
