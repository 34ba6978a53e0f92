/* A field and a list under it (the combobox pattern of WAI-ARIA): arrows move, Enter takes. */
import { useSignal, type Signal } from '@preact/signals';
import { t } from '../i18n';

export type Choice = { key: string; label: string; hint: string; run: () => unknown };

export function Picker({ query, label, choices }: { query: Signal<string>; label: string; choices: Choice[] }) {
	const at = useSignal(0);
	const chosen = Math.min(at.value, choices.length - 1);
	const onKeyDown = (event: KeyboardEvent) => {
		const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
		if (by && choices.length) at.value = (chosen + by + choices.length) % choices.length;
		else if (event.key === 'Enter') choices[chosen]?.run();
		else return;
		event.preventDefault();
	};
	return (
		<div class="picker">
			<input
				type="text"
				role="combobox"
				aria-label={label}
				aria-expanded={choices.length > 0}
				aria-controls="picker-list"
				aria-activedescendant={choices[chosen] ? `pick-${choices[chosen].key}` : undefined}
				placeholder={label}
				autocomplete="off"
				spellcheck={false}
				autofocus
				value={query.value}
				onInput={(event) => {
					query.value = event.currentTarget.value;
					at.value = 0;
				}}
				onKeyDown={onKeyDown}
			/>
			<ul id="picker-list" role="listbox" aria-label={label}>
				{choices.map((choice, index) => (
					<li key={choice.key} id={`pick-${choice.key}`} role="option" aria-selected={index === chosen} onClick={() => choice.run()} onPointerMove={() => (at.value = index)}>
						<span class="ellipsis">{choice.label}</span> <small class="dim">{choice.hint}</small>
					</li>
				))}
			</ul>
			{!choices.length && <p class="dim">{t('palette.empty')}</p>}
		</div>
	);
}
