/* Whom to give a ticket to: type a few letters, Enter. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { User } from '../api-types';
import { api } from '../app/api';
import { explain, me, toast, users } from '../app/state';
import { t } from '../i18n';
import { openDialog } from '../ui/dialog';
import { Picker, type Choice } from '../ui/picker';

/** assign answers whether it is done; null takes the ticket from whoever has it. */
export function chooseAssignee(current: number | null, assign: (user: User | null) => Promise<boolean>): void {
	openDialog({ title: t('action.assign.to'), render: (close) => <AssignMenu current={current} assign={assign} close={close} /> });
}

function AssignMenu({ current, assign, close }: { current: number | null; assign: (user: User | null) => Promise<boolean>; close: () => void }) {
	const query = useSignal('');
	useEffect(() => {
		if (users.value.length) return;
		api.users().then(
			(answer) => (users.value = answer.users),
			(error: unknown) => toast(explain(error), true),
		);
	}, []);
	const mine = me.value!;
	const wanted = query.value.trim().toLowerCase();
	// Oneself first: the most frequent choice is one Enter away.
	const people = [mine, ...users.value.filter((user) => user.id !== mine.id)].filter((user) => user.id !== current && `${user.name} ${user.login}`.toLowerCase().includes(wanted));
	const choices: Choice[] = people.map((user) => ({
		key: String(user.id),
		label: user.id === mine.id ? t('action.assign.me') : user.name,
		hint: t(`role.${user.role}`),
		run: async () => {
			if (await assign(user)) close();
		},
	}));
	if (current !== null && !wanted)
		choices.push({
			key: 'nobody',
			label: t('assignee.nobody'),
			hint: '',
			run: async () => {
				if (await assign(null)) close();
			},
		});
	return <Picker query={query} label={t('action.assign.filter')} choices={choices} />;
}
