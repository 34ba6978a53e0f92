import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { generate, SOURCE, TARGET } from '../../scripts/openapi-types.mjs';
import { load } from './load.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { en } = await load('src/i18n/en.ts');
const { zh } = await load('src/i18n/zh.ts');
const yaml = readFileSync(SOURCE, 'utf8');

function sources(folder = `${root}src`) {
	return readdirSync(folder, { withFileTypes: true, recursive: true })
		.filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
		.map((entry) => [`${entry.parentPath ?? entry.path}/${entry.name}`, readFileSync(`${entry.parentPath ?? entry.path}/${entry.name}`, 'utf8')]);
}

test('the types are those of schemas/openapi.yaml', () => assert.equal(readFileSync(TARGET, 'utf8'), generate(yaml), 'run `npm run types` in server/web and commit'));

test('both languages have the same keys, none empty', () => {
	assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
	for (const [key, text] of [...Object.entries(en), ...Object.entries(zh)]) assert.ok(text.trim(), key);
});

test('both languages fill in the same values', () => {
	const holes = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((hit) => hit[1]).sort();
	for (const key of Object.keys(en)) assert.deepEqual(holes(zh[key]), holes(en[key]), key);
});

test('the Chinese texts are Chinese', () => {
	const same = Object.keys(en).filter((key) => zh[key] === en[key] && !['app.name', 'app.empty', 'timeline.system', 'tier.vip'].includes(key));
	assert.deepEqual(same, []);
});

test('every word the contract can send has a text', () => {
	const schemas = parse(yaml).components.schemas;
	const wanted = [
		['status', schemas.TicketRow.properties.status.enum],
		['action', schemas.Ticket.allOf[1].properties.actions.items.enum],
		['rescue.kind', schemas.Rescue.properties.kind.enum],
		['rescue.status', schemas.Rescue.properties.status.enum],
		['rescue.severity', schemas.Rescue.properties.severity.enum],
		['rescue.action', schemas.Rescue.properties.actions.items.enum],
		['reminder', schemas.Reminder.properties.status.enum],
		['fault.status', schemas.Fault.properties.status.items.enum],
		['place.fix', ['unknown', 'none', '2d', '3d']],
		['role', schemas.User.properties.role.enum],
		['power', schemas.Unit.properties.power.enum],
		['told', schemas.Told.properties.kind.enum],
		['outcome', schemas.Told.properties.outcome.enum],
		['edr', schemas.CrashElement.properties.element.enum],
		['kind', ['coolant_hot', 'low_battery', 'tyre_pressure', 'fuel_drop']],
	];
	for (const [prefix, words] of wanted) for (const word of words) assert.ok(`${prefix}.${word}` in en, `${prefix}.${word}`);
});

test('no text of the pages stands outside the tables', () => {
	for (const [path, text] of sources()) if (!path.includes('/i18n/')) assert.ok(!/[\u4e00-\u9fff]/.test(text.replace(/locale === 'zh' \?[^\n]*|zh: \{[^\n]*/g, '')), `${path} has Chinese text`);
});

test('nothing is inline and nothing comes from outside', () => {
	for (const [path, text] of sources()) {
		assert.ok(!/https?:\/\//.test(text), `${path} names an outside address`);
		assert.ok(!/dangerouslySetInnerHTML|\beval\(|new Function/.test(text), `${path} makes code or markup from text`);
	}
	const html = readFileSync(`${root}src/index.html`, 'utf8');
	assert.ok(!/<style|style=|<script(?![^>]*src=)|https?:/.test(html));
});

test('the lock file names no registry', () => assert.ok(!/"resolved"/.test(readFileSync(`${root}package-lock.json`, 'utf8'))));

test('every condition that a unit reports has a text', () => {
	const names = [...readFileSync(`${root}../../firmware/agent/condition.c`, 'utf8').matchAll(/\[TT_COND_\w+\] = "([^"]+)"/g)].map((hit) => hit[1]);
	assert.ok(names.length > 20, 'the table of firmware/agent/condition.c was not found');
	for (const name of names) assert.ok(en[`condition.${name}`], `condition.${name}`);
});
