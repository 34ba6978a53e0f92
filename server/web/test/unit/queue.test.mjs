import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { appendPage, compareRows, mergeFirstPage, passes, placeRow, rowOfBody } = await load('src/core/queue.ts');
const { clockOf } = await load('src/core/sla.ts');

const row = (id, priority = 2, minute = id, more = {}) => ({ id, version: 1, priority, status: 'open', assignee: null, opened_at: `2026-05-01T10:${String(minute).padStart(2, '0')}:00.000Z`, ...more });
const ids = (rows) => rows.map((one) => one.id);

test('the most urgent stands first, then the oldest, then the smaller number', () => {
	const rows = [row(4, 3, 1), row(3, 1, 9), row(2, 1, 5), row(1, 1, 9)].sort(compareRows);
	assert.deepEqual(ids(rows), [2, 1, 3, 4]);
});

const VIEWS = [
	['all', { status: 'new' }, true],
	['all', { status: 'resolved' }, false],
	['mine', { assignee: { id: 7 } }, true],
	['mine', { assignee: { id: 8 } }, false],
	['mine', { assignee: { id: 7 }, status: 'closed' }, false],
	['unassigned', {}, true],
	['unassigned', { assignee: { id: 7 } }, false],
	['closed', { status: 'closed' }, true],
	['closed', { status: 'pending' }, false],
];
for (const [view, more, wanted] of VIEWS) test(`view ${view}: ${JSON.stringify(more)} ${wanted ? 'stands in it' : 'does not'}`, () => assert.equal(passes(row(1, 2, 1, more), view, 7), wanted));

test('a new row goes where it belongs', () => {
	assert.deepEqual(ids(placeRow([row(1), row(3)], row(2), 'all', 7, false)), [1, 2, 3]);
	assert.deepEqual(ids(placeRow([row(1), row(3)], row(9, 1), 'all', 7, false)), [9, 1, 3]);
});

test('a row whose priority rose moves and stands once', () => {
	assert.deepEqual(ids(placeRow([row(1), row(2), row(3)], row(3, 1, 3, { version: 2 }), 'all', 7, false)), [3, 1, 2]);
});

test('a row that no longer passes leaves', () => {
	assert.deepEqual(ids(placeRow([row(1), row(2)], row(1, 2, 1, { version: 2, status: 'resolved' }), 'all', 7, false)), [2]);
});

test('an older answer that comes late changes nothing', () => {
	const kept = row(1, 2, 1, { version: 5, status: 'pending' });
	assert.equal(placeRow([kept], row(1), 'all', 7, false)[0].status, 'pending');
});

test('beyond the last row loaded it waits for paging, unless that was all', () => {
	assert.deepEqual(ids(placeRow([row(1)], row(2), 'all', 7, true)), [1]);
	assert.deepEqual(ids(placeRow([row(1)], row(2), 'all', 7, false)), [1, 2]);
});

test('a freshly closed row goes on top of the closed list', () => {
	const closed = { status: 'closed' };
	assert.deepEqual(ids(placeRow([row(5, 2, 5, closed)], row(3, 2, 3, closed), 'closed', 7, true)), [3, 5]);
});

test('the first page read again replaces its range and keeps what is loaded beyond', () => {
	const before = [row(1), row(2), row(3), row(4), row(5)];
	const page = { tickets: [row(1), row(3)], next_cursor: 'c' }; // 2 has left
	const merged = mergeFirstPage(before, page, 'all');
	assert.deepEqual(ids(merged.rows), [1, 3, 4, 5]);
	assert.equal(merged.keepCursor, true);
});

test('the only page is the whole truth', () => {
	const merged = mergeFirstPage([row(1), row(2), row(3)], { tickets: [row(2)], next_cursor: null }, 'all');
	assert.deepEqual(ids(merged.rows), [2]);
	assert.equal(merged.keepCursor, false);
});

test('a page that overlaps adds only what is new', () => {
	assert.deepEqual(ids(appendPage([row(1), row(2)], { tickets: [row(2), row(3)] })), [1, 2, 3]);
});

test('ten thousand rows: merging any change keeps order and uniqueness', () => {
	let rows = [];
	let state = 1;
	const next = (n) => (state = (state * 48271) % 2147483647) % n;
	for (let i = 0; i < 3000; i++) {
		const id = 1 + next(400);
		const status = next(5) === 0 ? 'closed' : 'open';
		rows = placeRow(rows, row(id, 1 + next(4), id % 60, { version: i, status }), 'all', 7, false);
		assert.equal(new Set(ids(rows)).size, rows.length);
	}
	assert.deepEqual(ids(rows), ids([...rows].sort(compareRows)));
});

test('a body is a row only when it is whole', () => {
	assert.equal(rowOfBody(undefined), null);
	assert.equal(rowOfBody({ id: 1, status: 'open' }), null);
	const whole = { ...row(1), subject: '', vehicle: null, customer: null, event_at: '', late: false, occurrences: 1, first_response_due_at: null, resolution_due_at: null };
	assert.equal(rowOfBody(whole), whole);
});

const T0 = Date.parse('2026-05-01T10:00:00Z');
const timed = (more) => ({ status: 'new', opened_at: '2026-05-01T10:00:00Z', first_response_due_at: '2026-05-01T11:00:00Z', first_response_at: null, resolution_due_at: '2026-05-01T18:00:00Z', ...more });
const CLOCKS = [
	['first answer, calm', timed(), 10, 'response', 'calm'],
	['first answer, last quarter', timed(), 46, 'response', 'soon'],
	['first answer, at the instant', timed(), 60, 'response', 'over'],
	['a pending ticket still owes the first answer', timed({ status: 'pending' }), 70, 'response', 'over'],
	['after the answer the solution counts', timed({ status: 'open', first_response_at: 'x' }), 70, 'resolution', 'calm'],
	['waiting: the clock stands', timed({ status: 'pending', first_response_at: 'x' }), 900, 'paused', 'calm'],
	['resolved: no clock', timed({ status: 'resolved' }), 900, 'none', 'calm'],
	['no due time: no clock', timed({ first_response_due_at: null, resolution_due_at: null }), 5, 'none', 'calm'],
	['a short clock warns in its second half at most', timed({ first_response_due_at: '2026-05-01T10:10:00Z' }), 4, 'response', 'calm'],
];
for (const [name, one, minute, kind, level] of CLOCKS)
	test(`clock: ${name}`, () => {
		const clock = clockOf(one, T0 + minute * 60_000);
		assert.equal(clock.kind, kind);
		assert.equal(clock.level, level);
	});
