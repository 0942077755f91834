// Swagger UI in a real Chromium: authorized with the demo key, it tries a call and says how curl makes it.

import assert from "node:assert/strict";
import path from "node:path";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { control, primary, tenant, url } from "./emulator.mjs";
import { launch, watch } from "./page.mjs";

let browser;
let opened;

before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(() => control("POST", "reset"));
afterEach(() => opened.close());

async function open() {
  const places = [`${url}/swagger`, `${url}/openapi.json`, `${url}/portal/api/`, `${url}/tenant/${tenant}/`];
  opened = await watch(browser, places);
  await opened.page.goto(`${url}/swagger`);
  await opened.page.getByText("/api/v2.0/Users", { exact: true }).first().waitFor();
  return opened.page;
}

test("the demo key is filled in, and a call that is tried is answered 200", async () => {
  const page = await open();
  await page.getByRole("button", { name: "Authorize" }).first().click();
  const dialog = page.locator(".dialog-ux");
  await dialog.getByText("Logout", { exact: true }).waitFor();
  await dialog.getByText("Close", { exact: true }).first().click();

  const list = page.locator("#operations-Users-listUsers");
  await list.locator("button.opblock-summary-control").click();
  await list.getByRole("button", { name: "Execute" }).click();
  const answer = list.locator(".live-responses-table");
  await answer.getByText("200", { exact: true }).waitFor();
  await answer.getByText("amelia.hart@example.com").first().waitFor();
  const curl = await list.locator(".curl").innerText();
  assert.ok(curl.includes(`/tenant/${tenant}/api/v2.0/Users`) && curl.includes(primary), curl);
  await page.screenshot({ path: path.join(process.env.AGG_TEST_SCREENSHOTS ?? ".", "swagger.png"), fullPage: true });
  const [request] = await control("GET", "requests");
  assert.deepEqual([request.method, request.status, request.keySlot], ["GET", 200, "primary"]);
});

test("every call says its curl line before it is tried", async () => {
  const page = await open();
  for (const operation of await page.locator(".opblock").all()) {
    await operation.locator("button.opblock-summary-control").click();
    await operation.getByText(/^curl /).first().waitFor();
  }
});
