/* From a key press to a command's name. Pure. Single letters are silent while somebody types. */
export type Press = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; typing: boolean };

export type Command = 'next' | 'previous' | 'open' | 'back' | 'acknowledge' | 'assign' | 'comment' | 'resolve' | 'help' | 'palette' | 'search' | 'alarm';

const LETTERS: Record<string, Command> = {
	j: 'next',
	ArrowDown: 'next',
	k: 'previous',
	ArrowUp: 'previous',
	Enter: 'open',
	Escape: 'back',
	a: 'acknowledge',
	s: 'assign',
	c: 'comment',
	r: 'resolve',
	'?': 'help',
	'/': 'search',
	'!': 'alarm',
};

export function commandOf(press: Press): Command | null {
	if ((press.ctrlKey || press.metaKey) && !press.altKey && press.key.toLowerCase() === 'k') return 'palette';
	if (press.ctrlKey || press.metaKey || press.altKey || press.typing) return null;
	return LETTERS[press.key] ?? null;
}
