/*
 * The desk in a real browser against a mock of the API: what a service adviser does in a day, and what goes wrong around them.
 * Every page of every test must load nothing from outside its own server and raise no error.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, logIn } from './browser.mjs';
import { Mock } from './mock.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

// A machine n times slower: what only works when the page keeps up with the test shows itself.
const SLOWER = Number(process.env.TT_BROWSER_SLOWER ?? 1);

/** A desk of its own for each test: fn(page, mock). Errors the server's refusals cause in the console are not the page's. */
function desk(name, options, fn) {
	test(name, { timeout: options.timeout ?? 120_000 }, async () => {
		const mock = await new Mock(options).listen();
		const context = await browser.newContext({ viewport: options.viewport ?? WIDE, locale: options.browserLocale ?? 'en-GB', colorScheme: options.scheme ?? 'light' });
		const page = await context.newPage();
		page.setDefaultTimeout(30_000);
		if (SLOWER > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
		const outside = [];
		const errors = [];
		page.on('request', (request) => request.url().startsWith(mock.url) || outside.push(request.url()));
		page.on('pageerror', (error) => errors.push(error.message));
		page.on('console', (message) => message.type() === 'error' && !/Failed to load resource/.test(message.text()) && errors.push(message.text()));
		try {
			await fn(page, mock);
			assert.deepEqual(outside, []);
			assert.deepEqual(errors, []);
		} finally {
			await context.close();
			await mock.close();
		}
	});
}

/** A log-in, then the page stays: data-loaded on the document tells later that nothing was reloaded. */
async function start(page, mock) {
	await logIn(page, mock.url);
	await page.locator('[data-testid=live-state][data-state=live]').waitFor();
	await page.evaluate(() => (document.documentElement.dataset.kept = 'yes'));
}

async function notReloaded(page) {
	assert.equal(await page.evaluate(() => document.documentElement.dataset.kept), 'yes');
}

desk('a wrong password is told, the right one opens the queue', {}, async (page, mock) => {
	await page.goto(mock.url);
	await page.getByTestId('login-user').fill('lin');
	await page.getByTestId('login-password').fill('wrong');
	await page.getByTestId('login-submit').click();
	await page.getByText('User name or password is wrong.').waitFor();
	await logIn(page, mock.url);
	assert.equal(await page.locator('[data-testid^=ticket-row-]').first().getAttribute('data-status') !== null, true);
});

desk('the session goes on after a reload, and its end leads to the log-in', {}, async (page, mock) => {
	await start(page, mock);
	await page.reload();
	await page.getByTestId('queue').waitFor();
	mock.token = null;
	mock.breakStreams();
	await page.getByTestId('login-form').waitFor();
	await page.getByText('Your session has ended').waitFor();
});

for (const silentBody of [false, true])
	desk(`a new ticket slides into the queue without reload (${silentBody ? 'the change names it only' : 'the change carries the row'})`, {}, async (page, mock) => {
		await start(page, mock);
		const before = Number(await page.getByTestId('count-queue').textContent());
		const row = mock.addTicket({ silentBody });
		await page.getByTestId(`ticket-row-${row.id}`).waitFor({ state: 'attached' });
		await page.waitForFunction((count) => document.querySelector('[data-testid=count-queue]').textContent === String(count), before + 1);
		assert.match(await page.getByTestId(`ticket-row-${row.id}`).getAttribute('class'), /fresh-new/);
		assert.equal(await page.getByTestId(`ticket-row-${row.id}`).getAttribute('data-code'), 'P0302');
		await notReloaded(page);
	});

desk('what happened while the stream was down is there when it is back', {}, async (page, mock) => {
	await start(page, mock);
	mock.refuseStreams = true;
	mock.breakStreams();
	await page.locator('[data-testid=live-state][data-state=lost]').waitFor();
	assert.match(await page.getByTestId('live-state').textContent(), /Reconnecting since \d\d:\d\d:\d\d/);
	const row = mock.addTicket();
	mock.refuseStreams = false;
	await page.getByTestId(`ticket-row-${row.id}`).waitFor({ state: 'attached' });
	await page.locator('[data-testid=live-state][data-state=live]').waitFor();
	await notReloaded(page);
});

desk('a resync reads the lists again', {}, async (page, mock) => {
	await start(page, mock);
	const gone = mock.data.tickets.find((row) => row.priority === 1);
	await page.getByTestId(`ticket-row-${gone.id}`).waitFor({ state: 'attached' });
	gone.status = 'closed';
	for (const stream of mock.streams) stream.write('id: 0\nevent: resync\ndata: {}\n\n');
	await page.getByTestId(`ticket-row-${gone.id}`).waitFor({ state: 'detached' });
});

desk('a crash raises the alarm on any page until somebody acknowledges it', {}, async (page, mock) => {
	await start(page, mock);
	await page.goto(`${mock.url}/#/customers`);
	const one = mock.openRescue();
	const alarm = page.getByTestId('rescue-alarm');
	await alarm.waitFor();
	for (const text of ['Crash', one.vehicle.plate, one.customer.name, 'Severe', '38.4 km/h', 'deployed', '31.23042°']) await alarm.getByText(text).first().waitFor();
	assert.equal(await alarm.locator('li[data-vin]').getAttribute('data-vin'), one.vehicle.vin);
	await page.waitForFunction(() => document.title.includes('ALARM'));
	await page.getByTestId('alarm-mute').click();
	await page.getByText('Muted').waitFor();
	await page.getByTestId('rescue-ack').click();
	await page.getByTestId('rescue-page').waitFor();
	await alarm.waitFor({ state: 'detached' });
	assert.equal(mock.data.rescues[0].status, 'acknowledged');
	await page.waitForFunction(() => document.title === 'Telltale');
	await notReloaded(page);
});

desk('an alarm acknowledged by a colleague goes away by itself', {}, async (page, mock) => {
	await start(page, mock);
	const one = mock.openRescue();
	await page.getByTestId('rescue-alarm').waitFor();
	mock.moveRescue(one.id, { action: 'acknowledge', version: 1 });
	await page.getByTestId('rescue-alarm').waitFor({ state: 'detached' });
});

desk('an alarm that waited before the log-in is there at once', {}, async (page, mock) => {
	mock.openRescue();
	await logIn(page, mock.url);
	await page.getByTestId('rescue-alarm').waitFor();
});

desk('a rescue case goes its whole way', {}, async (page, mock) => {
	const one = mock.openRescue();
	mock.moveRescue(one.id, { action: 'acknowledge', version: 1 });
	await start(page, mock);
	await page.goto(`${mock.url}/#/rescue`);
	assert.equal(await page.getByTestId(`rescue-row-${one.id}`).getAttribute('data-vin'), one.vehicle.vin);
	await page.getByTestId(`rescue-row-${one.id}`).click();
	assert.equal(await page.getByTestId('place-card').getAttribute('data-lat'), '31.23042');
	assert.equal(await page.getByTestId('place-card').getAttribute('data-lon'), '121.4737');
	await page.locator('.map .map-fix').waitFor({ state: 'attached' });
	await page.locator('.map .map-land').waitFor({ state: 'attached' });
	for (const [step, text, status] of [
		['dispatch', 'Ambulance 4 and tow truck', 'dispatched'],
		['arrive', 'Driver is talking', 'on_site'],
		['close', 'Driver well, car towed', 'closed'],
	]) {
		await page.getByTestId(`rescue-${step}`).click();
		await page.locator('dialog textarea').fill(text);
		await page.locator('dialog button[type=submit]').click();
		await page.locator(`[data-testid=rescue-status][data-status=${status}]`).waitFor();
	}
	await page.getByTestId('timeline').getByText('Ambulance 4').waitFor();
	assert.equal(mock.data.rescues[0].outcome, 'Driver well, car towed');
});

desk('the keyboard alone: find, acknowledge, assign, note, resolve', {}, async (page, mock) => {
	await start(page, mock);
	const first = mock.queue(new URLSearchParams()).tickets.find((row) => row.status === 'new');
	await page.keyboard.press('j');
	for (let i = 0; i < 40; i++) {
		const on = await page.locator('.row-on').getAttribute('data-testid');
		if (on === `ticket-row-${first.id}`) break;
		await page.keyboard.press('j');
	}
	await page.keyboard.press('Enter');
	await page.locator(`[data-testid=ticket-page][data-id="${first.id}"]`).waitFor();
	await page.keyboard.press('a');
	await page.locator('[data-testid=ticket-status][data-status=open]').waitFor();
	await page.getByTestId('timeline').getByText('acknowledged').waitFor();
	await page.keyboard.press('s');
	await page.locator('dialog input').fill('mar');
	await page.getByRole('option', { name: 'Martha Keller' }).waitFor();
	await page.keyboard.press('Enter');
	await page.getByTestId('ticket-page').locator('header').getByText('Martha Keller').waitFor();
	await page.locator('dialog').waitFor({ state: 'detached' });
	await page.keyboard.press('c');
	await page.keyboard.type('Customer comes at 16:00');
	await page.keyboard.press('Control+Enter');
	await page.getByTestId('timeline').getByText('Customer comes at 16:00').waitFor();
	await page.keyboard.press('Escape');
	await page.keyboard.press('r');
	await page.locator('dialog textarea').fill('Coil replaced');
	await page.keyboard.press('Control+Enter');
	await page.getByTestId(`ticket-row-${first.id}`).waitFor({ state: 'detached' });
	assert.equal(mock.data.tickets.find((row) => row.id === first.id).status, 'resolved');
	await page.keyboard.press('Escape');
	await page.keyboard.press('?');
	await page.locator('dialog').getByText('Write a note').waitFor();
	await page.keyboard.press('Escape');
	await page.keyboard.press('Control+k');
	await page.keyboard.type('remind');
	await page.keyboard.press('Enter');
	await page.locator('[data-testid^=reminder-row-]').first().waitFor();
});

desk('a dialog opened while another one closes stays open', {}, async (page, mock) => {
	await start(page, mock);
	await page.keyboard.press('?');
	await page.locator('dialog').getByText('Write a note').waitFor();
	// The browser tells of a close in a later task; the next key may come before it.
	await page.evaluate(() => {
		document.querySelector('dialog').close();
		document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }));
	});
	await page.locator('dialog.dialog-plain input').waitFor();
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0))));
	assert.equal(await page.locator('dialog.dialog-plain[open]').count(), 1);
});

desk('what is typed right after a dialog was called goes into the dialog', {}, async (page, mock) => {
	await start(page, mock);
	// All in one task and its microtasks: no paint in between.
	const typed = await page.evaluate(async () => {
		document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true, bubbles: true }));
		await new Promise((done) => setTimeout(done, 0));
		return document.activeElement?.closest('dialog[open]') !== null && document.activeElement?.tagName === 'INPUT';
	});
	assert.equal(typed, true);
});

desk('a conflict reloads the ticket and keeps what was written', {}, async (page, mock) => {
	await start(page, mock);
	const row = mock.data.tickets.find((one) => one.status === 'new');
	await page.goto(`${mock.url}/#/queue/all/${row.id}`);
	await page.getByTestId('ticket-page').waitFor();
	await page.locator('#note').fill('Half a sentence');
	// Somebody else was faster, and the change has not reached this desk yet.
	const emit = mock.emit;
	mock.emit = () => undefined;
	mock.writeTicket(row.id, {}, (one) => mock.assign(one, 2));
	mock.emit = emit;
	await page.getByTestId('action-acknowledge').click();
	await page.getByText('Somebody was faster').waitFor();
	await page.getByTestId('ticket-page').locator('header').getByText('Wang Hao').waitFor();
	assert.equal(await page.locator('#note').inputValue(), 'Half a sentence');
	await page.reload();
	await page.getByTestId('ticket-page').waitFor();
	assert.equal(await page.locator('#note').inputValue(), 'Half a sentence');
});

desk('a note that cannot be sent stays in the field', {}, async (page, mock) => {
	await start(page, mock);
	await page.goto(`${mock.url}/#/queue/all/${mock.data.tickets[0].id}`);
	await page.locator('#note').fill('Important');
	await page.route('**/comment', (route) => route.abort());
	await page.keyboard.press('Control+Enter');
	await page.getByText('The server cannot be reached').waitFor();
	assert.equal(await page.locator('#note').inputValue(), 'Important');
	await page.unroute('**/comment');
	await page.keyboard.press('Control+Enter');
	await page.getByTestId('timeline').getByText('Important').waitFor();
	assert.equal(await page.locator('#note').inputValue(), '');
	assert.deepEqual(mock.comments, ['Important']);
});

desk('a ticket shows code, freeze frame, owner and says why there is no position', {}, async (page, mock) => {
	await start(page, mock);
	const hidden = mock.data.tickets.find((row) => mock.ticket(row).place === null);
	await page.goto(`${mock.url}/#/queue/all/${hidden.id}`);
	const ticket = page.getByTestId('ticket-page');
	await ticket.getByText('there is no reason to look at it').waitFor();
	assert.equal(await page.getByTestId('place-card').count(), 0);
	assert.match(await page.getByTestId('freeze-frame').innerText(), /Engine speed\s+2,243\.25 rpm/);
	assert.match(await page.getByTestId('freeze-frame').innerText(), /91 °C/);
	assert.match(await ticket.locator('a[href^="tel:"]').getAttribute('href'), /^tel:\+86138/);
	assert.equal(await ticket.getByText(hidden.vehicle.vin).count(), 1);
});

desk('one press makes the whole desk Chinese, and it stays so', {}, async (page, mock) => {
	await start(page, mock);
	const row = mock.addTicket();
	await page.getByTestId('lang-switch').click();
	await page.getByTestId(`ticket-row-${row.id}`).getByText('第2缸失火').waitFor();
	assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
	assert.equal(await page.locator('h1').textContent(), '工单队列');
	await page.goto(`${mock.url}/#/queue/all/${row.id}`);
	await page.getByTestId('freeze-frame').getByText('发动机转速').waitFor();
	await page.reload();
	await page.getByText('实时').waitFor();
});

desk('ten thousand rows: paged by cursor, few in the page, little made anew by scrolling', { tickets: 10_000, timeout: 300_000 }, async (page, mock) => {
	await start(page, mock);
	await page.evaluate(async () => {
		const list = document.querySelector('[data-testid=queue]');
		const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
		while (list.querySelector('.list-space').clientHeight < 10_000 * 56) {
			list.scrollTop = list.scrollHeight;
			await frame();
		}
	});
	assert.equal(await page.evaluate(() => document.querySelector('.list-space').clientHeight), 10_000 * 56);
	// What makes scrolling quick is counted, not timed: how many rows are in the page, and how many a fast turn of the wheel makes anew.
	const [most, made] = await page.evaluate(async () => {
		const list = document.querySelector('[data-testid=queue]');
		let added = 0;
		const watch = new MutationObserver((changes) => changes.forEach((change) => (added += change.addedNodes.length)));
		watch.observe(list.querySelector('.list-space'), { childList: true });
		let rows = 0;
		list.scrollTop = 100_000;
		await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
		watch.takeRecords();
		added = 0;
		for (let i = 0; i < 120; i++) {
			list.scrollTop = 100_000 + i * 240;
			await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
			rows = Math.max(rows, list.querySelectorAll('.row').length);
		}
		return [rows, added];
	});
	assert.ok(most < 60, `${most} rows in the page`);
	// 120 * 240 px are 514 rows of 56 px: each comes once.
	assert.ok(made <= 600, `${made} rows made anew`);
});

const PAGES = ['#/queue/all', '#/queue/all/TICKET', '#/rescue', '#/rescue/1', '#/reminders', '#/customers', '#/customers/1', '#/vehicle/1'];

async function everyPage(page, mock, look) {
	const one = mock.openRescue();
	mock.moveRescue(one.id, { action: 'acknowledge', version: 1 });
	const row = mock.data.tickets.find((other) => mock.ticket(other).place);
	await page.goto(mock.url);
	await page.getByTestId('login-form').waitFor();
	await look('log-in');
	await start(page, mock);
	for (const hash of PAGES) {
		await page.goto(`${mock.url}/${hash.replace('TICKET', String(row.id))}`);
		await page.locator('main h1').first().waitFor();
		await page.waitForFunction(() => !document.querySelector('.loading'));
		await look(hash);
	}
	mock.openRescue({ vehicle: mock.data.vehicles[6] });
	await page.getByTestId('rescue-ack').waitFor();
	await look('alarm');
}

for (const locale of ['en', 'zh'])
	desk(`390 px wide, ${locale}: nothing scrolls sideways, everything within reach`, { viewport: PHONE, locale, browserLocale: locale === 'zh' ? 'zh-CN' : 'en-GB' }, async (page, mock) => {
		await everyPage(page, mock, async (what) => {
			const over = await page.evaluate(() => [...document.querySelectorAll('body *')].filter((node) => !node.closest('.map, .sr, .skip') && node.getBoundingClientRect().width > 0 && node.getBoundingClientRect().right > innerWidth + 1).map((node) => `${node.tagName}.${node.className}`));
			assert.deepEqual(over, [], what);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), what);
		});
	});

for (const scheme of ['light', 'dark'])
	desk(`axe finds nothing serious on any page, ${scheme}`, { scheme }, async (page, mock) => {
		await everyPage(page, mock, async (what) => {
			await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity));
			await page.evaluate(AXE);
			const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`));
			assert.deepEqual(found, [], what);
		});
	});

for (const viewport of [WIDE, PHONE])
	desk(`the vehicle page tells what happened, its control units and its unit (${viewport.width} px)`, { viewport }, async (page, mock) => {
		await start(page, mock);
		await page.goto(`${mock.url}/#/vehicle/1`);
		const card = page.getByTestId('happened-card');
		const rows = card.locator('tbody tr');
		await rows.first().waitFor();
		assert.equal(await rows.count(), 10);
		for (const text of ['Harsh braking', '8.1 m/s²', '(limit 6 m/s²)', '1.4 s', 'goes on', 'Tyre pressure low', 'front left']) await card.getByText(text).first().waitFor();
		await card.getByRole('button', { name: 'Show older' }).click();
		await page.waitForFunction(() => document.querySelectorAll('[data-testid=happened-card] tbody tr').length === 20);
		for (const text of ['awake, the car is on', '13.84 V', 'on trial', 'the car moves']) await page.getByTestId('unit-card').getByText(text).waitFor();
		for (const text of ['ECM-EngineControl', '37805-RAA-A070', '1 of 24 monitor tests failed']) await page.getByTestId('ecu-card').getByText(text).first().waitFor();
		mock.happen(1, { kind: 'fuel_drop', unit: '%', text: { en: 'Fuel lost while parked', zh: '停车期间燃油减少' }, value: 31, limit: 5, peak: 31 });
		await rows.first().getByText('31 %').waitFor();
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
		await notReloaded(page);
	});

desk('a case shows what the car recorded, when it comes', { viewport: PHONE }, async (page, mock) => {
	const one = mock.openRescue();
	mock.moveRescue(one.id, { action: 'acknowledge', version: 1 });
	await start(page, mock);
	await page.goto(`${mock.url}/#/rescue/${one.id}`);
	await page.getByTestId('rescue-page').waitFor();
	assert.equal(await page.getByTestId('capture-card').count(), 0);
	mock.capture(one.id, { complete: false, ended: false, missing: 2 });
	const card = page.getByTestId('capture-card');
	await card.waitFor();
	assert.match(await page.getByTestId('capture-chart').getAttribute('aria-label'), /51\.2 km\/h before, 2\.8 km\/h one second after/);
	for (const text of ['more is coming', 'did not come: 2', '48.4 km/h']) await card.getByText(text).waitFor();
	for (const summary of await card.locator('summary').all()) await summary.click();
	assert.deepEqual(await card.getByTestId('capture-table').locator('tbody tr').first().locator('td').allTextContents(), ['71', '51.2', '2.8', '0']);
	const element = (name) => card.locator(`[data-element=${name}] td`).textContent();
	assert.equal(await element('belt_driver'), 'yes');
	assert.equal(await element('max_delta_v_longitudinal'), '-48 km/h');
	assert.match(await element('speed'), /^-5 s … 0 s: — · 71 · .* · 30 km\/h$/);
	assert.equal(await element('second_event'), 'not heard');
	await card.getByText('does not tell: 1').waitFor();
	mock.capture(one.id, {});
	await card.getByText('more is coming').waitFor({ state: 'detached' });
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
	await notReloaded(page);
});

desk('a vehicle shows what a command asked it to record', {}, async (page, mock) => {
	await start(page, mock);
	await page.goto(`${mock.url}/#/vehicle/1`);
	await page.getByTestId('vehicle-page').waitFor();
	assert.equal(await page.getByTestId('capture-card').count(), 0);
	mock.captureAsked(1, {});
	const card = page.getByTestId('capture-card');
	await card.getByText('Signals recorded on request').waitFor();
	assert.equal(await card.getByText('Speed lost').count(), 0, 'nothing was lost: nobody crashed');
	const answers = page.getByTestId('unit-card');
	for (const text of ['P0301, P0420', 'refused (0x22)']) await answers.getByText(text).first().waitFor();
	await notReloaded(page);
});

desk('codes of UDS and J1939 read well', {}, async (page, mock) => {
	const row = mock.data.tickets.find((one) => one.status === 'new');
	Object.assign(mock.data.faults.get(row.id), { code: '100/1', protocol: 'j1939', ecu: '0x00', text: { en: 'Engine oil pressure: far too low', zh: '机油压力：严重过低' }, spn: 100, fmi: 1, lamps: { mil: 'off', stop: 'slow_flash', warning: 'off', protect: 'on' }, car_count: 4, freeze_frame: [] });
	await start(page, mock);
	await page.goto(`${mock.url}/#/queue/all/${row.id}`);
	const card = page.getByTestId('fault-card');
	for (const text of ['SPN 100 FMI 1', 'Engine oil pressure: far too low', 'red stop flashes, protection on']) await card.getByText(text).waitFor();
	Object.assign(mock.data.faults.get(row.id), { code: 'P0301-13', protocol: 'uds', text: { en: 'Cylinder 1 misfire: open circuit', zh: '1缸失火：断路' }, spn: null, fmi: null, lamps: null, car_count: null, failure_type: '0x13', status_byte: '0x2F', snapshot: [{ record: 1, did: 'F40D', raw: '12AB' }] });
	mock.emit('ticket.updated', row.id, row.vehicle.id, row);
	for (const text of ['P0301-13', '0x13', '0x2F', '0xF40D', '12AB']) await card.getByText(text, { exact: true }).waitFor();
});
