// The portal in a real Chromium: what people see, click and type.

import assert from "node:assert/strict";
import path from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { control, controlToken, fingerprints, listUsers, primary, secondary, tenant, url } from "./emulator.mjs";
import { barriers, launch, open, overflow, watch } from "./page.mjs";

let browser;
let portal;

before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(() => control("POST", "reset"));
afterEach(async () => {
  await portal?.close();
  portal = undefined;
});

const html = (page) => page.evaluate(() => document.documentElement.outerHTML);
const button = (root, name) => root.getByRole("button", { name });
const row = (root, service) => root.getByRole("row").filter({ hasText: service });
const screenshot = (name, options) => portal.page.screenshot({
  path: path.join(process.env.AGG_TEST_SCREENSHOTS ?? ".", `${name}.png`), animations: "disabled", ...options,
});

async function shows(locator, text) {
  await locator.filter({ hasText: text }).waitFor({ timeout: 15_000 });
}

/** Waits until a table says of a service how many requests it sent, and how many were refused. */
async function counts(root, service, requests, refused) {
  const cells = row(root, service).getByRole("cell");
  await shows(cells.nth(0), new RegExp(`^${requests}$`));
  await shows(cells.nth(1), new RegExp(`^${refused}$`));
}

/** Calls as they come while keys are rotated; one service has not noticed. */
async function rotationUnderWay() {
  const billing = "billing-service/2.3.1 agglestone/0.1.0 python/3.11";
  for (let call = 0; call < 12; call += 1) await listUsers(primary, billing);
  for (let call = 0; call < 4; call += 1) await listUsers(primary, "web-shop/14.0 agglestone/0.1.0 node/20.20");
  await control("POST", "clock", { advanceSeconds: 4000 });
  for (let call = 0; call < 7; call += 1) await listUsers(secondary, "nightly-export agglestone/0.1.0 dotnet/8.0");
  await control("POST", "keys/primary");
  await control("POST", "clock", { advanceSeconds: 95 });
  await listUsers(primary, billing);
  await listUsers("agk_from-another-run", "curl/8.5.0");
  for (let call = 0; call < 9; call += 1) await listUsers(secondary, billing);
}

test("both keys are masked, and nowhere in what the browser was given", async () => {
  portal = await open(browser);
  const { page, card } = portal;
  for (const slot of ["primary", "secondary"]) {
    await shows(card(slot), "hidden");
    await shows(card(slot), "••••••••••••");
  }
  const all = (await html(page)) + (await portal.received());
  for (const secret of [primary, secondary, controlToken]) assert.ok(!all.includes(secret));
  assert.equal(await page.evaluate(() => document.cookie), "", "scripts can't read the cookie");
});

test("reveal shows the key asked for, and hide takes it out of the page", async () => {
  portal = await open(browser);
  const { page, card } = portal;
  for (const [slot, key, other] of [["primary", primary, secondary], ["secondary", secondary, primary]]) {
    await button(card(slot), `Reveal ${slot} key`).click();
    await shows(card(slot), key);
    assert.ok(!(await html(page)).includes(other));
    await button(card(slot), `Hide ${slot} key`).click();
    await shows(card(slot), "hidden");
    assert.ok(!(await html(page)).includes(key));
  }
});

test("a revealed key hides after half a minute, and when people turn away", async () => {
  portal = await open(browser, {}, (page) => page.clock.install());
  const { page, card } = portal;
  const reveal = async () => {
    await button(card("primary"), /Reveal/).click();
    await shows(card("primary"), primary);
  };
  await reveal();
  await page.clock.fastForward(29_000);
  assert.ok((await html(page)).includes(primary));
  await page.clock.fastForward(1500);
  assert.ok(!(await html(page)).includes(primary));
  for (const event of ["blur", "pagehide"]) {
    await reveal();
    await page.evaluate((name) => dispatchEvent(new Event(name)), event);
    assert.ok(!(await html(page)).includes(primary), event);
  }
});

test("a key that was hidden before its answer came is not shown", async () => {
  portal = await open(browser);
  const { page, card } = portal;
  const asked = new Promise((resolve) => { void page.route("**/reveal", resolve); });
  const answered = page.waitForResponse("**/reveal");
  await button(card("primary"), /Reveal/).click();
  const route = await asked;
  await page.evaluate(() => dispatchEvent(new Event("blur")));
  await route.continue();
  await (await answered).finished();
  await page.waitForTimeout(200);
  assert.ok(!(await html(page)).includes(primary));
});

test("copy puts the key on the clipboard and not into the page", async () => {
  portal = await open(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  const { page, card } = portal;
  await button(card("secondary"), "Copy secondary key").click();
  await shows(card("secondary"), "Copied");
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secondary);
  assert.ok(!(await html(page)).includes(secondary));
});

test("generating is confirmed first, says whom it will hit, and cancel changes nothing", async () => {
  await listUsers(primary, "shop/1.0 agglestone/0.1.0");
  portal = await open(browser);
  const { page, card } = portal;
  const dialog = page.getByRole("dialog");
  const generate = button(card("primary"), /Generate new primary/);
  await generate.click();
  await shows(dialog, "1 service used this key in the last 10 minutes; it will be refused immediately:");
  await shows(dialog, "shop/1.0, ");
  await listUsers(primary, "billing/2.0");
  await shows(dialog, "2 services used this key in the last 10 minutes; they will be refused immediately:");
  await button(dialog, "Cancel").click();
  await generate.click();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  assert.equal(await listUsers(primary, "shop/1.0"), 200);
  await control("POST", "clock", { advanceSeconds: 601 });
  await button(card("secondary"), /Generate new secondary/).click();
  await shows(dialog, "No service used this key in the last 10 minutes.");
});

test("after a new primary, the next call arrives on the secondary and whoever kept the old key is seen", async () => {
  const shop = "shop/1.0 agglestone/0.1.0";
  assert.equal(await listUsers(primary, shop), 200);
  portal = await open(browser);
  const { page, card } = portal;
  const [old] = await fingerprints();
  await counts(card("primary"), "shop/1.0", 1, 0);
  await button(card("primary"), /Generate new/).click();
  await button(page.getByRole("dialog"), "Generate primary key").click();
  await shows(card("primary"), `${old} is now refused`);
  await shows(card("primary"), "No calls with this key yet.");
  const [fresh] = await fingerprints();
  await shows(card("primary"), fresh);
  const refused = page.getByRole("region", { name: "Refused keys" });
  await shows(refused, "No calls since");

  // What a client with both keys does: the first is refused, the second let in.
  assert.equal(await listUsers(primary, shop), 401);
  assert.equal(await listUsers(secondary, shop), 200);
  await counts(card("secondary"), "shop/1.0", 1, 0);
  await shows(row(card("secondary"), "shop/1.0"), "just now");
  await shows(refused, "Still called, 1 refused");
  await shows(refused, old);
  await counts(refused, "shop/1.0", 2, 1);
  await shows(page.getByRole("status"), "shop/1.0 now uses the secondary key.");

  await button(card("primary"), /Reveal/).click();
  await shows(card("primary"), "agk_");
  const key = await card("primary").locator(".value").innerText();
  assert.equal(await listUsers(key, shop), 200);
  await counts(card("primary"), "shop/1.0", 1, 0);
});

test("requests are listed as they come, the latest first, and filtered", async () => {
  portal = await open(browser);
  const list = portal.page.getByRole("region", { name: "Requests" });
  await list.getByText("No requests.").waitFor();
  await listUsers(primary, "shop/1.0");
  await listUsers("agk_unknown", "<b>curl</b>/8");
  const rows = list.getByRole("listitem");
  await shows(rows.nth(0), "401");
  await shows(rows.nth(0), "unknown key, <b>curl</b>/8");
  await shows(rows.nth(1), "primary key, shop/1.0");
  await list.getByLabel("Filter requests").fill("SHOP");
  await shows(portal.page.getByRole("status"), "");
  await rows.nth(1).waitFor({ state: "detached" });
  await shows(rows.nth(0), "shop/1.0");
});

test("faults are listed and cleared", async () => {
  await control("POST", "faults", { path: "*/Users*", method: "GET", times: 3, status: 503, delayMs: 1500 });
  portal = await open(browser);
  const list = portal.page.getByRole("region", { name: "Faults" });
  await shows(list.getByRole("listitem"), "GET */Users* waits 1s 500ms, answers 503; 3 times");
  await button(list, "Clear faults").click();
  await list.getByText("No faults.").waitFor();
  assert.equal(await listUsers(primary, "shop/1.0"), 200);
});

test("users are searched, disabled and enabled, and their ids and tokens copied", async () => {
  portal = await open(browser, { permissions: ["clipboard-read", "clipboard-write"] });
  const { page } = portal;
  const list = page.getByRole("region", { name: /^Users/ });
  await shows(list.getByRole("heading"), "45");
  await list.getByLabel("Search users").fill("Amelia");
  const row = list.getByRole("listitem");
  await list.getByRole("listitem").nth(1).waitFor({ state: "detached" });
  await shows(row, "amelia.hart@example.com");
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await button(row, /Copy id/).click();
  await shows(list, "Copied the id of amelia.hart@example.com.");
  const id = await copied();
  await button(row, /Copy token/).click();
  await shows(list, "Copied a token of amelia.hart@example.com.");
  const token = await copied();
  const asked = () => fetch(`${url}/tenant/${tenant}/api/Users/${id}`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await asked()).status, 200);
  await button(row, /Disable/).click();
  await shows(row, "disabled");
  assert.equal((await asked()).status, 401);
  await button(row, /Enable/).click();
  await shows(list, "amelia.hart@example.com is now enabled.");
  assert.equal((await asked()).status, 200);
});

test("a refused key that has been quiet is no longer called", async () => {
  await control("POST", "keys/primary");
  await listUsers(primary, "shop/1.0");
  portal = await open(browser);
  const refused = portal.page.getByRole("region", { name: "Refused keys" });
  await shows(refused.locator(".verdict.bad"), "Still called, 1 refused");
  await control("POST", "clock", { advanceSeconds: 1200 });
  await shows(refused.locator(".verdict:not(.bad)"), "Last called 20 min ago, 1 refused");
  await listUsers(primary, "shop/1.0");
  await shows(refused.locator(".verdict.bad"), "Still called, 2 refused");
});

test("markup in what a caller says of itself is shown and not obeyed", async () => {
  const markup = `<img/src=x/onerror="document.title='run'"><script>document.title='run'</script>`;
  await listUsers(primary, markup);
  await listUsers("agk_unknown", markup);
  portal = await open(browser);
  const { page, card } = portal;
  await shows(card("primary"), "<img/src=x/onerror=");
  await shows(page.getByRole("region", { name: "Refused keys" }), "<img/src=x/onerror=");
  await control("POST", "users", { userId: markup, email: markup, displayName: markup });
  await control("POST", "faults", { path: markup, method: markup, status: 500 });
  await shows(page.getByRole("region", { name: "Requests" }), "<img/src=x/onerror=");
  await shows(page.getByRole("region", { name: "Faults" }), "<img/src=x/onerror=");
  await page.getByLabel("Search users").fill("onerror");
  const users = page.getByRole("region", { name: /^Users/ });
  await shows(users.getByRole("listitem"), "<img/src=x/onerror=");
  await button(users, /Disable/).click();
  await shows(users, `${markup} is now disabled.`);
  assert.equal(await page.locator("main img, main script").count(), 0);
  assert.notEqual(await page.title(), "run");
});

test("a key somebody else has replaced meanwhile is not replaced again", async () => {
  portal = await open(browser);
  const { page, card } = portal;
  await button(card("primary"), /Generate new/).click();
  await control("POST", "keys/primary");
  await shows(card("primary"), "This key has just been replaced elsewhere.");
  assert.ok(await page.getByRole("dialog").isHidden());
  // Now the page does not learn of it before the click.
  await page.route("**/portal/api/keys", (route) => route.abort());
  await button(card("primary"), /Generate new/).click();
  const { apiKey } = await control("POST", "keys/primary");
  await button(page.getByRole("dialog"), "Generate primary key").click();
  await shows(card("primary"), "This key has already been replaced.");
  assert.equal(await listUsers(apiKey, "shop/1.0"), 200);
});

test("what arrives meanwhile takes neither the focus nor the selection", async () => {
  await listUsers(primary, "shop/1.0");
  portal = await open(browser);
  const { page, card } = portal;
  await row(card("primary"), "shop/1.0").getByText("shop/1.0").selectText();
  await button(card("primary"), /Reveal/).focus();
  await listUsers(primary, "another/1.0");
  await listUsers(primary, "shop/1.0");
  await shows(card("primary"), "another/1.0");
  const focused = await page.evaluate(() => [document.activeElement.ariaLabel, String(getSelection())]);
  assert.deepEqual(focused, ["Reveal primary key", "shop/1.0"]);
  assert.equal(await card("primary").getByRole("row").count(), 3, "a head and a row for each service");
});

test("everything can be done with the keyboard, and one sees where one is", async () => {
  portal = await open(browser);
  const { page, card } = portal;
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    return { name: element.ariaLabel ?? element.textContent, ring: getComputedStyle(element).outlineStyle };
  });
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const order = [];
  for (let stop = 0; stop < 6; stop += 1) {
    await press("Tab");
    const { name, ring } = await focused();
    assert.equal(ring, "solid", name);
    order.push(name);
  }
  assert.deepEqual(order, ["primary", "secondary"].flatMap((slot) => [
    `Generate new ${slot} key…`, `Reveal ${slot} key`, `Copy ${slot} key`,
  ]));
  await press("Shift+Tab", "Enter");
  await shows(card("secondary"), secondary);
  await press("Enter");
  await shows(card("secondary"), "hidden");

  await press("Shift+Tab", "Enter");
  await page.getByRole("dialog").waitFor();
  assert.equal((await focused()).name, "Cancel", "the harmless answer is the first");
  await press("Enter");
  assert.equal((await focused()).name, "Generate new secondary key…", "back where it began");
  await press("Enter", "Escape");
  assert.equal(await listUsers(secondary, "shop/1.0"), 200);
  await press("Enter", "Tab", "Enter");
  await shows(card("secondary"), "New key generated.");
  assert.equal(await listUsers(secondary, "shop/1.0"), 401);
  assert.equal((await focused()).name, "Generate new secondary key…");
});

test("users, requests and faults can be reached and used with the keyboard", async () => {
  await listUsers(primary, "shop/1.0");
  await control("POST", "faults", { path: "/nowhere", status: 503 });
  portal = await open(browser);
  const { page } = portal;
  const press = (key) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => {
    const { ariaLabel, id, textContent } = document.activeElement;
    return ariaLabel ?? (id || textContent);
  });
  const requests = page.getByLabel("Filter requests");
  await requests.focus();
  await page.keyboard.type("shop");
  await shows(page.getByRole("region", { name: "Requests" }).getByRole("listitem"), "GET /api/v2.0/Users primary key, shop/1.0");
  const stops = [];
  for (let stop = 0; stop < 4; stop += 1) {
    await press("Tab");
    stops.push(await focused());
  }
  assert.deepEqual(stops, ["requests-list", "clear-faults", "faults-list", "Search users"]);
  await page.keyboard.type("amelia");
  await page.getByRole("region", { name: /^Users/ }).getByRole("listitem").nth(1).waitFor({ state: "detached" });
  for (const what of ["Copy id", "Copy token", "Disable"]) {
    await press("Tab");
    while (await focused() === "users-list") await press("Tab");
    assert.equal(await focused(), `${what} of amelia.hart@example.com`);
  }
  await press("Space");
  await shows(page.getByRole("status"), "amelia.hart@example.com is now disabled.");
  assert.equal(await focused(), "Enable of amelia.hart@example.com");
  await press("Enter");
  await shows(page.getByRole("status"), "amelia.hart@example.com is now enabled.");
  await page.getByRole("button", { name: "Clear faults" }).focus();
  await press("Enter");
  await page.getByText("No faults.").waitFor();
  assert.equal(await focused(), "faults-title", "on from where the button was");
});

test("an emulator that does not answer is said, and forgotten when it answers again", async () => {
  portal = await open(browser);
  const { page } = portal;
  const alert = page.getByRole("alert");
  await page.context().setOffline(true);
  await shows(alert, "The emulator is not responding.");
  await page.context().setOffline(false);
  await alert.waitFor({ state: "hidden" });
  await page.context().clearCookies();
  await shows(alert, "The emulator was restarted; reload this page.");
  await page.reload();
  await page.getByText("Live", { exact: true }).waitFor();
});

test("the sign-in page takes the control token from a form, in no URL", async () => {
  portal = await open(browser);
  const { page } = portal;
  await page.context().clearCookies();
  // Only visitors from other machines are asked, so its refusal of a wrong token is the way to it from here.
  await page.evaluate(() => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: "/portal/sign-in" });
    document.body.append(form);
    form.submit();
  });
  await shows(page.getByRole("alert"), "Wrong control token.");
  assert.deepEqual(await barriers(page), []);
  await page.getByLabel("Control token").fill(controlToken);
  await page.keyboard.press("Enter");
  await page.getByText("Live", { exact: true }).waitFor();
  assert.equal(page.url(), `${url}/portal`);
});

test("the page at / leads to portal, Swagger UI and documents", async () => {
  portal = await watch(browser, [url]);
  const { page } = portal;
  await page.goto(url);
  assert.deepEqual(await barriers(page), []);
  const targets = await page.getByRole("link").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  assert.deepEqual(targets.slice(0, 3), ["/portal", "/swagger", "/openapi.json"]);
  assert.match(targets[3], /emulator\/README\.md$/);
});

for (const [name, options] of Object.entries({
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { colorScheme: "light", viewport: { width: 375, height: 667 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
  narrow: { colorScheme: "dark", viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
})) {
  test(`it can be read: ${name}`, async () => {
    await rotationUnderWay();
    await control("POST", "faults", { path: "*/Users*", times: 0, status: 503, delayMs: 250 });
    portal = await open(browser, { ...options, reducedMotion: "reduce" });
    const { page, card } = portal;
    await counts(card("secondary"), "billing-service/2.3.1", 9, 0);
    await shows(page.getByRole("region", { name: "Faults" }), "any method */Users*");
    assert.deepEqual(await barriers(page), []);
    assert.equal(await overflow(page), 0);
    const times = await page.evaluate(() => [...document.querySelectorAll("main time")].filter((time) => time.getClientRects().length > 1).length);
    assert.equal(times, 0, "no time wraps");
    await screenshot(name, { fullPage: true });
    await button(card("secondary"), /Generate new/).click();
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    assert.deepEqual(await barriers(page, "dialog"), []);
    await screenshot(`${name}-confirm`);
    await listUsers(secondary, `${"long".repeat(40)}/1.0`);
    await shows(dialog, "longlong");
    assert.equal(await overflow(page), 0);
    await button(dialog, "Cancel").click();
    await button(card("secondary"), /Reveal/).click();
    await shows(card("secondary"), secondary);
    assert.equal(await overflow(page), 0);
  });
}
