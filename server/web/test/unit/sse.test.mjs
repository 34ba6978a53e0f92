import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { SseParser, reconnectDelayMs } = await load('src/core/sse.ts');

// WHATWG HTML, 9.2.6 and the examples of 9.2.6 "Interpreting an event stream".
const CASES = [
	['one event', 'data: YHOO\ndata: +2\ndata: 10\n\n', [{ type: 'message', data: 'YHOO\n+2\n10', id: '' }], ''],
	['comment, id and an id reset', ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n', [{ type: 'message', data: 'first event', id: '1' }, { type: 'message', data: 'second event', id: '' }, { type: 'message', data: ' third event', id: '' }], ''],
	['empty data is an event, no data is none', 'data\n\ndata\ndata\n\ndata:', [{ type: 'message', data: '', id: '' }, { type: 'message', data: '\n', id: '' }], ''],
	['a named event', 'id: 7\nevent: ticket.opened\ndata: {}\n\n', [{ type: 'ticket.opened', data: '{}', id: '7' }], '7'],
	['the name does not last', 'event: a\ndata: 1\n\ndata: 2\n\n', [{ type: 'a', data: '1', id: '' }, { type: 'message', data: '2', id: '' }], ''],
	['carriage returns', 'id: 3\r\ndata: x\r\n\r\ndata: y\r\r', [{ type: 'message', data: 'x', id: '3' }], '3'],
	['an id with NUL is ignored', 'id: 4\ndata: x\n\nid: 5\0\ndata: y\n\n', [{ type: 'message', data: 'x', id: '4' }, { type: 'message', data: 'y', id: '4' }], '4'],
	['an unfinished event does not count', 'id: 9\ndata: x\n', [], ''],
];

for (const [name, stream, events, lastId] of CASES)
	test(`event stream: ${name}, however it is cut`, () => {
		for (let size = 1; size <= stream.length; size++) {
			const parser = new SseParser();
			const seen = [];
			for (let at = 0; at < stream.length; at += size) seen.push(...parser.feed(stream.slice(at, at + size)));
			assert.deepEqual(seen, events);
			assert.equal(parser.lastId, lastId);
		}
	});

test('the last id of an earlier stream holds until the next one comes', () => {
	const parser = new SseParser('41');
	parser.feed('data: x\n\n');
	assert.equal(parser.lastId, '41');
	parser.feed('id: 42\ndata: y\n\n');
	assert.equal(parser.lastId, '42');
});

test('the server sets the pause before a reconnect, in digits only', () => {
	const parser = new SseParser();
	parser.feed('retry: 3000\n\nretry: 1e9\n\n');
	assert.equal(parser.retryMs, 3000);
});

test('the pause doubles up to 15 s and is spread', () => {
	assert.equal(reconnectDelayMs(0, 1000, 0.5), 1000);
	assert.equal(reconnectDelayMs(2, 1000, 0.5), 4000);
	assert.equal(reconnectDelayMs(99, 1000, 0.5), 15000);
	assert.equal(reconnectDelayMs(0, 1000, 0), 750);
	assert.ok(reconnectDelayMs(50, 3000, 1) <= 15000 * 1.25);
});
