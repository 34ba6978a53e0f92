/* The desk starts here. */
import { render } from 'preact';
import { useCommands } from './app/commands';
import { resume, startFailure } from './app/session';
import { go, route, session } from './app/state';
import { t } from './i18n';
import { CustomersPage } from './pages/customers';
import { LoginPage } from './pages/login';
import { openHelp, openPalette } from './pages/palette';
import { QueuePage } from './pages/queue';
import { RemindersPage } from './pages/reminders';
import { RescueBoard, RescuePage } from './pages/rescue';
import { VehiclePage } from './pages/vehicle';
import { Mark } from './ui/icons';
import { Shell } from './ui/shell';
import 'leaflet/dist/leaflet.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/pages.css';
import './styles/map.css';

function Page() {
	const at = route.value;
	if (at.page === 'queue') return <QueuePage current={at.view} open={at.ticket} />;
	if (at.page === 'rescue') return at.id === null ? <RescueBoard /> : <RescuePage key={at.id} id={at.id} />;
	if (at.page === 'reminders') return <RemindersPage />;
	if (at.page === 'customers') return <CustomersPage id={at.id} />;
	return <VehiclePage key={at.id} id={at.id} />;
}

function Desk() {
	useCommands({ help: openHelp, palette: openPalette, search: () => go({ page: 'customers', id: null }) });
	return (
		<Shell>
			<Page />
		</Shell>
	);
}

function App() {
	if (session.value === 'unknown')
		return (
			<main class="login" id="content">
				<p class="brand" role="status">
					<Mark /> {startFailure.value ?? t('app.loading')}
				</p>
			</main>
		);
	return session.value ? <Desk /> : <LoginPage />;
}

render(<App />, document.getElementById('app')!);
void resume();
