/*
 * schemas/openapi.yaml -> src/api-types.ts: one type a schema, one type an inline answer, and the table of routes.
 * The yaml is the source of truth; the output is committed so that an editor and a reviewer see it, and a test fails when the two differ.
 *
 *   node scripts/openapi-types.mjs           write it
 *   node scripts/openapi-types.mjs --check   exit 1 when it is not up to date
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const SOURCE = fileURLToPath(new URL('../../../schemas/openapi.yaml', import.meta.url));
export const TARGET = fileURLToPath(new URL('../src/api-types.ts', import.meta.url));

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

const quote = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const capital = (name) => name[0].toUpperCase() + name.slice(1);

function base(schema) {
	if (schema.$ref) return schema.$ref.split('/').at(-1);
	if (schema.allOf) return schema.allOf.map(type).join(' & ');
	if (schema.enum) return schema.enum.map(quote).join(' | ');
	if (schema.type === 'integer' || schema.type === 'number') return 'number';
	if (schema.type === 'string' || schema.type === 'boolean') return schema.type;
	if (schema.type === 'array') return `${/[&|]/.test(type(schema.items)) ? `(${type(schema.items)})` : type(schema.items)}[]`;
	if (schema.type === 'object' && schema.properties) {
		const required = new Set(schema.required ?? []);
		const fields = Object.entries(schema.properties).map(([name, field]) => `${name}${required.has(name) ? '' : '?'}: ${type(field)}`);
		return `{ ${fields.join('; ')} }`;
	}
	if (schema.type === 'object') return 'Record<string, unknown>';
	throw new Error(`openapi-types: no TypeScript for ${JSON.stringify(schema)}; teach scripts/openapi-types.mjs`);
}

function type(schema) {
	return schema.nullable ? `${base(schema)} | null` : base(schema);
}

export function generate(yaml) {
	const api = parse(yaml);
	const out = ['// Made from schemas/openapi.yaml by scripts/openapi-types.mjs. Do not edit: npm run types.', ''];
	for (const [name, schema] of Object.entries(api.components.schemas)) out.push(`export type ${name} = ${type(schema)};`, '');
	const routes = [];
	for (const [path, item] of Object.entries(api.paths))
		for (const method of METHODS.filter((name) => item[name])) {
			const operation = item[method];
			routes.push(`\t${operation.operationId}: { method: ${quote(method.toUpperCase())}, path: ${quote(path)} },`);
			const answer = operation.responses['200']?.content?.['application/json']?.schema;
			if (answer && !answer.$ref) out.push(`export type ${capital(operation.operationId)}Answer = ${type(answer)};`, '');
		}
	out.push('export const ROUTES = {', ...routes, '} as const;', '');
	return out.join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const text = generate(readFileSync(SOURCE, 'utf8'));
	if (!process.argv.includes('--check')) writeFileSync(TARGET, text);
	else if (readFileSync(TARGET, 'utf8') !== text) {
		console.error('src/api-types.ts is not what schemas/openapi.yaml says: run `npm run types` and commit.');
		process.exit(1);
	}
}
