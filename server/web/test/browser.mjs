/* Chromium for tests: the system's, headless, kept from talking to anybody but the page's own server. */
import { chromium } from 'playwright-core';

// Root has no sandbox, nor has a container without user namespaces: TT_CHROMIUM_SANDBOX=0 there.
const SANDBOX = process.getuid() !== 0 && process.env.TT_CHROMIUM_SANDBOX !== '0';
const ARGS = ['--headless', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

export function launch() {
	return chromium.launch({ executablePath: process.env.TT_CHROMIUM ?? '/usr/bin/chromium', chromiumSandbox: SANDBOX, args: ARGS });
}

export async function logIn(page, url, { user = 'lin', password = 'telltale' } = {}) {
	await page.goto(url);
	await page.getByTestId('login-user').fill(user);
	await page.getByTestId('login-password').fill(password);
	await page.getByTestId('login-submit').click();
	await page.getByTestId('queue').waitFor();
}
