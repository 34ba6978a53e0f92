/* Mod+K: go anywhere, do anything the page can do. And the help that lists the keys. */
import { useSignal } from '@preact/signals';
import { run } from '../app/commands';
import { openCases } from '../app/rescue-store';
import { rows } from '../app/queue-store';
import { go } from '../app/state';
import type { Command } from '../core/keys';
import { chooseLocale, locale, t } from '../i18n';
import { carName, subjectOf } from '../ui/bits';
import { openDialog } from '../ui/dialog';
import { Picker, type Choice } from '../ui/picker';
import { searchCustomers } from './customers';

const MAX_FOUND = 8;

function pages(): Choice[] {
	return [
		{ key: 'queue', label: t('nav.queue'), hint: '', run: () => go({ page: 'queue', view: 'all', ticket: null }) },
		{ key: 'mine', label: `${t('nav.queue')} · ${t('queue.view.mine')}`, hint: '', run: () => go({ page: 'queue', view: 'mine', ticket: null }) },
		{ key: 'rescue', label: t('nav.rescue'), hint: '', run: () => go({ page: 'rescue', id: null }) },
		{ key: 'reminders', label: t('nav.reminders'), hint: '', run: () => go({ page: 'reminders' }) },
		{ key: 'customers', label: t('nav.customers'), hint: '/', run: () => go({ page: 'customers', id: null }) },
		{ key: 'acknowledge', label: t('help.acknowledge'), hint: 'a', run: () => run('acknowledge') },
		{ key: 'assign', label: t('help.assign'), hint: 's', run: () => run('assign') },
		{ key: 'resolve', label: t('help.resolve'), hint: 'r', run: () => run('resolve') },
		{ key: 'language', label: t('app.language.label'), hint: '', run: () => chooseLocale(locale.value === 'en' ? 'zh' : 'en') },
		{ key: 'help', label: t('help.help'), hint: '?', run: () => run('help') },
	];
}

function found(text: string): Choice[] {
	const words = text.toLowerCase();
	const choices: Choice[] = pages().filter((choice) => choice.label.toLowerCase().includes(words));
	if (/^#?\d+$/.test(text)) {
		const id = Number(text.replace('#', ''));
		choices.unshift({ key: `ticket-${id}`, label: t('palette.ticket', { id }), hint: '', run: () => go({ page: 'queue', view: 'all', ticket: id }) });
	}
	for (const one of openCases.value ?? [])
		if (`${one.vehicle?.plate} ${one.customer?.name}`.toLowerCase().includes(words))
			choices.push({ key: `case-${one.id}`, label: `${t(`rescue.kind.${one.kind}`)} · ${one.vehicle?.plate ?? ''}`, hint: t('rescue.case', { id: one.id }), run: () => go({ page: 'rescue', id: one.id }) });
	for (const row of rows.value) {
		if (choices.length >= MAX_FOUND) break;
		const hay = `${row.vehicle?.plate} ${row.vehicle?.vin} ${row.vehicle ? carName(row.vehicle) : ''} ${row.customer?.name} ${row.code} ${subjectOf(row)}`;
		if (hay.toLowerCase().includes(words))
			choices.push({ key: `row-${row.id}`, label: `${row.vehicle?.plate ?? ''} ${row.code ?? ''} ${subjectOf(row)}`, hint: `#${row.id}`, run: () => go({ page: 'queue', view: 'all', ticket: row.id }) });
	}
	choices.push({ key: 'search', label: t('palette.search', { q: text }), hint: '', run: () => searchCustomers(text) });
	return choices;
}

function Palette({ close }: { close: () => void }) {
	const query = useSignal('');
	const text = query.value.trim();
	const choices = (text ? found(text) : pages()).map((choice) => ({
		...choice,
		run: () => {
			close();
			choice.run();
		},
	}));
	return <Picker query={query} label={t('palette.hint')} choices={choices} />;
}

export function openPalette(): void {
	openDialog({ title: t('palette.title'), plain: true, render: (close) => <Palette close={close} /> });
}

const KEYS: [string, Command][] = [
	['j ↓', 'next'],
	['k ↑', 'previous'],
	['Enter', 'open'],
	['Esc', 'back'],
	['a', 'acknowledge'],
	['s', 'assign'],
	['c', 'comment'],
	['r', 'resolve'],
	['/', 'search'],
	['!', 'alarm'],
	['Ctrl K', 'palette'],
	['?', 'help'],
];

export function openHelp(): void {
	openDialog({
		title: t('app.shortcuts'),
		render: () => (
			<dl class="keys">
				{KEYS.map(([key, command]) => (
					<div key={command}>
						<dt>
							<kbd>{key}</kbd>
						</dt>
						<dd>{t(`help.${command}`)}</dd>
					</div>
				))}
			</dl>
		),
	});
}
