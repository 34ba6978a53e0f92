/* Key presses become commands; whoever is on screen and can do a command registers for it. The latest registered goes first. */
import { useLayoutEffect, useRef } from 'preact/hooks';
import { commandOf, type Command } from '../core/keys';

type Handler = () => boolean | void;
const handlers = new Map<Command, Handler[]>();

/** Handlers answer false to pass the command on. */
export function useCommands(table: Partial<Record<Command, Handler>>): void {
	const latest = useRef(table);
	latest.current = table;
	useLayoutEffect(() => {
		const names = Object.keys(latest.current) as Command[];
		const mine = names.map((name): [Command, Handler] => [name, () => latest.current[name]?.()]);
		for (const [name, fn] of mine) handlers.set(name, [fn, ...(handlers.get(name) ?? [])]);
		return () => {
			for (const [name, fn] of mine) handlers.set(name, (handlers.get(name) ?? []).filter((other) => other !== fn));
		};
	}, []);
}

export function run(command: Command): boolean {
	for (const fn of handlers.get(command) ?? []) if (fn() !== false) return true;
	return false;
}

const INTERACTIVE = new Set(['BUTTON', 'A', 'SUMMARY']);

addEventListener('keydown', (event) => {
	const target = event.target as HTMLElement;
	const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;
	const command = commandOf({ key: event.key, ctrlKey: event.ctrlKey, metaKey: event.metaKey, altKey: event.altKey, typing });
	if (!command || event.defaultPrevented) return;
	// Enter on a focused button is that button's; keys inside an open dialog are the dialog's.
	if (command === 'open' && INTERACTIVE.has(target.tagName)) return;
	if (document.querySelector('dialog[open]') && command !== 'palette') return;
	if (run(command)) event.preventDefault();
});
