/*
 * Pictures of every page for people to look at. Wide and phone, English and Chinese, light and dark.
 *
 *   node test/shots.mjs [folder]     all of them
 *   node test/shots.mjs --docs       the two of docs/images
 */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch, logIn } from './browser.mjs';
import { Mock } from './mock.mjs';

const folder = process.argv[2] ?? 'shots';
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const PAGES = [
	['queue', '#/queue/all'],
	['ticket', '#/queue/all/TICKET'],
	['board', '#/rescue'],
	['case', '#/rescue/1'],
	['reminders', '#/reminders'],
	['customers', '#/customers/1'],
	['vehicle', '#/vehicle/1'],
];

async function shoot(browser, mock, size, locale, scheme, pages) {
	const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, locale: locale === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai' });
	const page = await context.newPage();
	page.on('pageerror', (error) => console.error('page error:', error.message));
	page.on('console', (message) => message.type() === 'error' && console.error('console:', message.text()));
	const name = (what) => `${folder}/${what}-${size}-${locale}-${scheme}.png`;
	await page.goto(mock.url);
	await page.getByTestId('login-form').waitFor();
	await page.screenshot({ path: name('login') });
	await logIn(page, mock.url);
	for (const [what, hash] of pages) {
		await page.goto(`${mock.url}/${hash.replace('TICKET', String(mock.showTicket))}`);
		await page.waitForFunction(() => !document.querySelector('.loading'));
		await page.waitForTimeout(600);
		await page.screenshot({ path: name(what) });
	}
	return { page, context, name };
}

/** desk.png and rescue.png of the README. */
async function docs(browser) {
	const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
	await mkdir(images, { recursive: true });
	const mock = await new Mock().listen();
	const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, locale: 'en-GB', timezoneId: 'Asia/Shanghai' });
	const row = mock.data.tickets.find((one) => one.code === 'P0301' && one.status === 'new' && mock.ticket(one).place) ?? mock.data.tickets.find((one) => mock.ticket(one).place);
	mock.comment('ticket', row.id, 'Called the owner: comes by at 16:00. Ignition coil is in stock.');
	await logIn(page, mock.url);
	await page.goto(`${mock.url}/#/queue/all/${row.id}`);
	await page.locator('.map .map-land').waitFor({ state: 'attached' });
	await page.waitForTimeout(500);
	await page.screenshot({ path: `${images}desk.png` });
	mock.openRescue({ vehicle: mock.data.vehicles[6] });
	await page.getByTestId('rescue-alarm').getByText(/121\.47/).waitFor();
	await page.goto(`${mock.url}/#/rescue/1`);
	await page.locator('.map .map-land').waitFor({ state: 'attached' });
	await page.waitForTimeout(500);
	await page.screenshot({ path: `${images}rescue.png` });
	await mock.close();
}

if (folder === '--docs') {
	const browser = await launch();
	await docs(browser);
	await browser.close();
	process.exit(0);
}

await mkdir(folder, { recursive: true });
const browser = await launch();
for (const [size, locale, scheme] of [
	['wide', 'en', 'light'],
	['wide', 'zh', 'light'],
	['wide', 'en', 'dark'],
	['phone', 'en', 'light'],
	['phone', 'zh', 'light'],
	['phone', 'zh', 'dark'],
]) {
	const mock = await new Mock({ locale }).listen();
	const taken = mock.openRescue();
	mock.moveRescue(taken.id, { action: 'acknowledge', version: 1 });
	mock.showTicket = mock.data.tickets.find((row) => row.priority === 2 && mock.ticket(row).place)?.id ?? mock.data.tickets[0].id;
	const pages = scheme === 'dark' ? PAGES.slice(0, 2) : PAGES;
	const { page, context, name } = await shoot(browser, mock, size, locale, scheme, pages);
	await page.goto(`${mock.url}/#/queue/all`);
	mock.openRescue({ vehicle: mock.data.vehicles[6] });
	await page.getByTestId('rescue-alarm').getByText(/121\.47/).waitFor();
	await page.waitForTimeout(400);
	await page.screenshot({ path: name('alarm') });
	await context.close();
	await mock.close();
}
await browser.close();
