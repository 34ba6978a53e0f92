// A real browser on the desk: logs in once, then answers commands from standard input, one a line, with one line of JSON each.
//   wait SELECTOR      wait until it is visible; answers its text and data-* attributes
//   count SELECTOR     how many there are now
//   click SELECTOR
//   shot FILE          a screenshot
//   loads              how often the page was loaded since log-in (1 = never reloaded)
// usage: node browser.mjs URL LOGIN PASSWORD [LANGUAGE] [WIDTHxHEIGHT]
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import path from "node:path";

const here = path.dirname(fileURLToPath(import.meta.url));
const { chromium } = createRequire(path.join(here, "../../server/web/package.json"))("playwright-core");
const [url, login, password, language = "en", size = "1440x900"] = process.argv.slice(2);
const [width, height] = size.split("x").map(Number);

const browser = await chromium.launch({
  executablePath: process.env.TT_CHROMIUM ?? "/usr/bin/chromium",
  // Root has no sandbox, nor has a container without user namespaces: TT_CHROMIUM_SANDBOX=0 there.
  chromiumSandbox: process.getuid() !== 0 && process.env.TT_CHROMIUM_SANDBOX !== "0",
  args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width, height }, locale: language === "zh" ? "zh-CN" : "en-GB" });
const outside = [];
page.on("request", (r) => { if (!r.url().startsWith(url) && !r.url().startsWith("data:") && !r.url().startsWith("blob:")) outside.push(r.url()); });
let loads = 0;
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");

await page.goto(url);
await page.getByTestId("login-user").fill(login);
await page.getByTestId("login-password").fill(password);
await page.getByTestId("login-submit").click();
await page.getByTestId("queue").waitFor({ timeout: 15000 });
page.on("load", () => { loads += 1; });
say({ ready: true });

const commands = {
  async wait(selector) {
    const found = page.locator(selector).first();
    await found.waitFor({ state: "visible", timeout: 30000 });
    return { text: await found.innerText(), data: await found.evaluate((e) => ({ ...e.dataset })) };
  },
  async count(selector) { return { count: await page.locator(selector).count() }; },
  async click(selector) { await page.locator(selector).first().click({ timeout: 10000 }); return {}; },
  async shot(file) { await page.screenshot({ path: file }); return {}; },
  async goto(hash) { await page.evaluate((to) => { location.hash = to; }, hash); return {}; },
  async loads() { return { loads, outside }; },
};

for await (const line of createInterface({ input: process.stdin })) {
  const space = line.indexOf(" ");
  const [word, rest] = space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
  try {
    say({ ok: true, ...(await commands[word](rest)) });
  } catch (error) {
    say({ ok: false, error: String(error.message ?? error).split("\n")[0] });
  }
}
await browser.close();
