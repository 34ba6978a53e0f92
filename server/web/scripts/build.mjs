/*
 * src/ -> dist/: index.html, app.[hash].js, app.[hash].css, the map's chunk (read when the first position is shown), favicon.svg.
 * Everything comes from the server itself; nothing is inline, so that `default-src 'self'` holds.
 *
 *   node scripts/build.mjs            minified
 *   node scripts/build.mjs --dev      readable, with source maps
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const DIST = `${root}dist/`;

// The bundle that every visit reads, and what the first map adds. Gzipped, in KB. A build over the budget fails.
const BUDGET_KB = { app: 60, all: 120 };
const LAND_BUDGET_KB = 190; // the coast lines: data, read once and kept by the browser for ever

/** The appearance "as the system" is the dark one under a dark system: written once in base.css, repeated here. */
const autoAppearance = {
	name: 'auto-appearance',
	setup({ onLoad }) {
		onLoad({ filter: /styles\/base\.css$/ }, async ({ path }) => {
			const css = await readFile(path, 'utf8');
			const dark = /:root\[data-theme='dark'\] (\{[^}]*\})/.exec(css);
			if (!dark) throw new Error(`${path}: the block :root[data-theme='dark'] is missing`);
			return { loader: 'css', contents: `${css}\n@media (prefers-color-scheme: dark) {\n:root[data-theme='auto'] ${dark[1]}\n}\n` };
		});
	},
};

/** Leaflet's stylesheet names pictures for parts we do not use. */
const noPictures = {
	name: 'no-pictures',
	setup({ onLoad }) {
		onLoad({ filter: /leaflet\.css$/ }, async ({ path }) => ({ loader: 'css', contents: (await readFile(path, 'utf8')).replace(/background-image:\s*url\([^)]*\);?/g, '') }));
	},
};

export async function bundle({ dev = false } = {}) {
	await rm(DIST, { recursive: true, force: true });
	await mkdir(DIST, { recursive: true });
	const result = await build({
		absWorkingDir: root,
		entryPoints: { app: 'src/main.tsx' },
		outdir: 'dist',
		bundle: true,
		splitting: true,
		format: 'esm',
		target: 'es2022',
		minify: !dev,
		sourcemap: dev,
		legalComments: 'none',
		entryNames: '[name].[hash]',
		chunkNames: '[name].[hash]',
		loader: { '.json': 'json' },
		jsx: 'automatic',
		jsxImportSource: 'preact',
		metafile: true,
		plugins: [autoAppearance, noPictures],
	});
	const outputs = Object.keys(result.metafile.outputs).map((path) => basename(path));
	const entry = outputs.find((name) => /^app\..*\.js$/.test(name));
	const css = outputs.find((name) => /^app\..*\.css$/.test(name));
	const html = (await readFile(`${root}src/index.html`, 'utf8')).replace('{{js}}', entry).replace('{{css}}', css);
	await writeFile(`${DIST}index.html`, html);
	await writeFile(`${DIST}favicon.svg`, await readFile(`${root}src/favicon.svg`));
	return { outputs, version: createHash('sha256').update(html).digest('hex').slice(0, 12) };
}

async function sizes(outputs) {
	const kb = {};
	for (const name of outputs.filter((file) => /\.(js|css)$/.test(file))) kb[name] = gzipSync(await readFile(DIST + name), { level: 9 }).length / 1024;
	return kb;
}

async function main() {
	const dev = process.argv.includes('--dev');
	const { outputs } = await bundle({ dev });
	const kb = await sizes(outputs);
	const sum = (filter) => Object.entries(kb).reduce((total, [name, size]) => total + (filter(name) ? size : 0), 0);
	const app = sum((name) => name.startsWith('app.'));
	const land = sum((name) => name.startsWith('land'));
	const all = sum((name) => !name.startsWith('land'));
	for (const [name, size] of Object.entries(kb)) console.log(`${size.toFixed(1).padStart(7)} KB gz  ${name}`);
	console.log(`${app.toFixed(1).padStart(7)} KB gz  first visit; ${all.toFixed(1)} with the map, ${land.toFixed(1)} coast lines`);
	if (!dev && (app > BUDGET_KB.app || all > BUDGET_KB.all || land > LAND_BUDGET_KB)) throw new Error(`over the budget: ${JSON.stringify(BUDGET_KB)}, land ${LAND_BUDGET_KB}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
