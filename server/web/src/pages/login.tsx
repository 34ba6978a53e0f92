import { useState } from 'preact/hooks';
import { allowSound } from '../app/alarm-sound';
import { ApiError } from '../app/api';
import { logIn } from '../app/session';
import { explain, sessionExpired } from '../app/state';
import { t } from '../i18n';
import { Mark } from '../ui/icons';
import { LanguageSwitch } from '../ui/shell';

function why(error: unknown): string {
	if (error instanceof ApiError && error.status === 401) return t('login.wrong');
	if (error instanceof ApiError && error.status === 429) return t('login.slow');
	return explain(error);
}

export function LoginPage() {
	const [problem, setProblem] = useState<unknown>(null);
	const [busy, setBusy] = useState(false);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget as HTMLFormElement);
		setBusy(true);
		setProblem(null);
		void allowSound(); // the log-in is the gesture that lets an alarm sound later
		try {
			await logIn(String(form.get('user')), String(form.get('password')));
		} catch (error) {
			setProblem(error);
			setBusy(false);
		}
	};
	return (
		<main class="login" id="content">
			<form onSubmit={submit} data-testid="login-form" aria-labelledby="login-title">
				<p class="brand">
					<Mark /> {t('app.name')}
				</p>
				<h1 id="login-title">{t('login.title')}</h1>
				{sessionExpired.value && !problem && <p class="notice">{t('login.expired')}</p>}
				<label>
					{t('login.user')}
					<input name="user" autocomplete="username" autocapitalize="none" spellcheck={false} maxLength={63} required autofocus data-testid="login-user" />
				</label>
				<label>
					{t('login.password')}
					<input name="password" type="password" autocomplete="current-password" maxLength={200} required data-testid="login-password" />
				</label>
				{problem !== null && (
					<p class="problem" role="alert">
						{why(problem)}
					</p>
				)}
				<button type="submit" class="primary big" disabled={busy} data-testid="login-submit">
					{t(busy ? 'login.busy' : 'login.submit')}
				</button>
				<LanguageSwitch />
			</form>
		</main>
	);
}
