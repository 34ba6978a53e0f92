/* A half-written note survives a reload, a crash and a conflict. Kept on this device, per user and subject, for a week. */
const PREFIX = 'telltale.draft.';
const KEEP_MS = 7 * 24 * 3600_000;

export function readDraft(key: string): string {
	try {
		const kept = JSON.parse(localStorage.getItem(PREFIX + key) ?? 'null') as { text: string; at: number } | null;
		return kept && Date.now() - kept.at < KEEP_MS ? kept.text : '';
	} catch {
		return '';
	}
}

export function keepDraft(key: string, text: string): void {
	try {
		if (text) localStorage.setItem(PREFIX + key, JSON.stringify({ text, at: Date.now() }));
		else localStorage.removeItem(PREFIX + key);
	} catch {
		// A full or forbidden storage must not stop the typing: the draft then lives as long as the page.
	}
}
