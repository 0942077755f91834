// A browser page on the portal, watched: whatever a test does, the page may ask nobody else, run nothing it was not served,
// and put no secret into a URL.

import assert from "node:assert/strict";
import axe from "axe-core";
import { chromium } from "playwright-core";

import { controlToken, primary, secondary, url } from "./emulator.mjs";

const ARGUMENTS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Starts Chromium with a profile of its own, which goes with it. */
export function launch() {
  return chromium.launch({ executablePath: process.env.AGG_CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

/** Opens the portal and waits until it shows the keys. `received` collects all that the browser was answered. */
export async function open(browser, options = {}, prepare = async () => {}) {
  const opened = await watch(browser, [`${url}/portal`], options);
  const { page } = opened;
  await prepare(page);
  await page.goto(`${url}/portal`);
  await page.getByText("Live", { exact: true }).waitFor();
  return { ...opened, card: (slot) => page.getByRole("region", { name: new RegExp(`^${slot} key$`, "i") }) };
}

/** A new page that may ask only what begins with one of `places`. */
export async function watch(browser, places, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  const received = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // The refusals and lost connections that a test brings about are reported here too.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
  });
  page.on("request", (request) => {
    const asked = request.url();
    if (![...places, "data:"].some((place) => asked.startsWith(place))) complaints.push(`asked ${asked}`);
    for (const secret of [controlToken, primary, secondary]) {
      if (asked.includes(secret)) complaints.push(`a secret in ${asked}`);
    }
  });
  page.on("response", (response) => {
    received.push(response.text().catch(() => ""));
  });
  return {
    page,
    received: async () => (await Promise.all(received)).join("\n"),
    close: async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

/** What axe finds wrong with `root`: names that are missing, roles, contrast, what the keyboard can't reach. */
export async function barriers(page, root = "html") {
  // Evaluated rather than added as a script: the page's own policy would refuse that.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate((selector) => globalThis.axe.run(selector), root);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
}

/** How wide the content is beyond the window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
