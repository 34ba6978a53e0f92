/* What happened, in order, and the place to add to it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TimelineEntry } from '../api-types';
import { keepDraft, readDraft } from '../app/drafts';
import { NOTE_BYTES, utf8Bytes } from '../core/text';
import { t, tData } from '../i18n';
import { Time } from './bits';

export type Pending = { text: string; actor: string; at: string };

/** What changed, from the entry's detail: the new state, the new assignee, the outcome. Only what moved is told. */
function moved(entry: TimelineEntry, states: 'status' | 'rescue.status'): string {
	const { from, to, assignee, outcome } = (entry.detail ?? {}) as { from?: string; to?: string; assignee?: string | null; outcome?: string };
	const parts: string[] = [];
	if (assignee !== undefined) parts.push(`→ ${assignee ?? t('assignee.nobody')}`);
	else if (entry.kind === 'status' && to !== undefined && from !== to) parts.push(`→ ${tData(states, to)}`);
	if (outcome) parts.push(outcome);
	return parts.join(' · ');
}

type Props = { entries: TimelineEntry[]; pending: Pending | null; states: 'status' | 'rescue.status' };

export function Timeline({ entries, pending, states }: Props) {
	if (!entries.length && !pending) return <p class="dim">{t('timeline.empty')}</p>;
	return (
		<ol class="timeline" data-testid="timeline">
			{entries.map((entry) => (
				<li key={entry.id} class={`entry entry-${entry.kind}${entry.actor ? ' entry-person' : ''}`} data-kind={entry.kind}>
					<p class="entry-head">
						<b>{entry.actor ?? t('timeline.system')}</b> {tData('timeline', entry.kind)} {moved(entry, states)} <Time at={entry.at} />
					</p>
					{entry.text && <p class="entry-text">{entry.text}</p>}
				</li>
			))}
			{pending && (
				<li class="entry entry-comment entry-person entry-pending">
					<p class="entry-head">
						<b>{pending.actor}</b> {t('timeline.comment')} <Time at={pending.at} />
					</p>
					<p class="entry-text">{pending.text}</p>
				</li>
			)}
		</ol>
	);
}

/** subject names the draft; send answers whether the note is stored. */
export function Composer({ subject, send }: { subject: string; send: (text: string) => Promise<boolean> }) {
	const [text, setText] = useState(() => readDraft(subject));
	const [busy, setBusy] = useState(false);
	const field = useRef<HTMLTextAreaElement>(null);
	useEffect(() => setText(readDraft(subject)), [subject]);
	const over = utf8Bytes(text.trim()) - NOTE_BYTES;
	const write = (next: string) => {
		setText(next);
		keepDraft(subject, next);
	};
	const submit = async (event: Event) => {
		event.preventDefault();
		const words = text.trim();
		if (!words || busy || over > 0) return;
		setBusy(true);
		if (await send(words)) write('');
		setBusy(false);
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit(event);
		if (event.key === 'Escape') field.current?.blur();
	};
	return (
		<form class="composer" onSubmit={submit} data-testid="composer">
			<label class="sr" for="note">
				{t('comment.label')}
			</label>
			<textarea
				id="note"
				ref={field}
				rows={2}
				placeholder={t('comment.hint')}
				value={text}
				onInput={(event) => write(event.currentTarget.value)}
				onKeyDown={onKeyDown}
			/>
			<div class="buttons">
				<button type="submit" class="primary" disabled={!text.trim() || busy || over > 0}>
					{t('comment.send')}
				</button>
				{over > 0 ? <span class="warn small" role="status">{t('comment.long')}</span> : text.trim() && <span class="dim small">{t('comment.kept')}</span>}
				<kbd class="push">Ctrl ↵</kbd>
			</div>
		</form>
	);
}
