import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { troubles } = await load('src/core/condition.ts');

const all = ['bus.silent', 'gps.no_fix', 'journal.full'].map((name) => ({ name, since: '2026-11-22T08:00:00Z' }));
const names = (power) => troubles(all, power).map((one) => one.name);

test('a silent network and no satellites are no trouble of a parked car', () => {
	for (const power of ['parked', 'sleep', 'deep_sleep']) assert.deepEqual(names(power), ['journal.full'], power);
});

test('they are of a car that drives, or of which nothing is known', () => {
	for (const power of ['drive', 'unknown', undefined]) assert.deepEqual(names(power), ['bus.silent', 'gps.no_fix', 'journal.full'], power);
});
