/* A TypeScript module of src/ for a test in node: bundled by esbuild in memory. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function load(path) {
	const { outputFiles } = await build({ entryPoints: [root + path], bundle: true, write: false, format: 'esm', platform: 'neutral' });
	return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
