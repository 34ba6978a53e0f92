/* One dialog at a time, the browser's own: focus is caught and given back, Escape closes. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { toast } from '../app/state';
import { utf8Bytes } from '../core/text';
import { t } from '../i18n';

type Content = { title: string; render: (close: () => void) => ComponentChildren; plain?: boolean };
const shown = signal<(Content & { key: number }) | null>(null);
let opened = 0;

export function openDialog(content: Content): void {
	shown.value = { ...content, key: ++opened };
}
export function closeDialog(): void {
	shown.value = null;
}

export function DialogHost() {
	const ref = useRef<HTMLDialogElement>(null);
	const content = shown.value;
	// Before the next key press, not after the next paint: who types at once types into the dialog.
	useLayoutEffect(() => {
		const node = ref.current;
		if (content && node && !node.open) node.showModal();
	}, [content]);
	if (!content) return null;
	return (
		<dialog
			key={content.key}
			ref={ref}
			class={content.plain ? 'dialog dialog-plain' : 'dialog'}
			aria-label={content.title}
			// The browser tells of a close some time later; by then another dialog may be open, and that one stays.
			onClose={() => shown.value === content && closeDialog()}
			onClick={(event) => event.target === ref.current && ref.current?.close()}
		>
			{!content.plain && (
				<header>
					<h2>{content.title}</h2>
					<button type="button" class="quiet" onClick={closeDialog}>
						{t('app.close')}
					</button>
				</header>
			)}
			{content.render(closeDialog)}
		</dialog>
	);
}

/** Asks for a text before an action. The action may fail: then the dialog stays with what was written. */
export function askText(options: { title: string; hint: string; action: string; required: boolean; maxBytes: number; send: (text: string) => Promise<boolean> }): void {
	openDialog({ title: options.title, render: (close) => <TextForm {...options} close={close} /> });
}

type TextFormProps = Parameters<typeof askText>[0] & { close: () => void };

function TextForm({ hint, action, required, maxBytes, send, close }: TextFormProps) {
	const field = useRef<HTMLTextAreaElement>(null);
	const submit = async (event: Event) => {
		event.preventDefault();
		const text = field.current?.value.trim() ?? '';
		if (required && !text) return field.current?.focus();
		if (utf8Bytes(text) > maxBytes) return toast(t('comment.long'), true);
		if (await send(text)) close();
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit(event);
	};
	return (
		<form onSubmit={submit} class="textform">
			<label>
				{hint}
				<textarea ref={field} rows={4} required={required} onKeyDown={onKeyDown} autofocus />
			</label>
			<div class="buttons">
				<button type="submit" class="primary">
					{action}
				</button>
				<button type="button" onClick={close}>
					{t('app.cancel')}
				</button>
			</div>
		</form>
	);
}
