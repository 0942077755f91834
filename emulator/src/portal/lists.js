// Users, recorded requests and faults, below the keys. Each list is asked for with every report on the keys.

import { by, call, clone, count, say, sync, write, writeTime } from "./common.js";

const part = (item, name) => item.querySelector(`.${name}`);

/** The text that rows are filtered by, in lower case. */
const filter = (id) => by(id).value.trim().toLowerCase();

async function copy(text, note) {
  try {
    await navigator.clipboard.writeText(text);
    tell(note);
  } catch {
    // Pages that are neither local nor encrypted have no clipboard.
    tell("This page may not use the clipboard.");
  }
}

function tell(text) {
  write(by("users-note"), text);
  say(text);
}

const attempt = (work) => work.catch((error) => tell(error.message));

async function act(user, name) {
  const path = `users/${encodeURIComponent(user.userId)}`;
  if (name === "id") return copy(user.userId, `Copied the id of ${user.email ?? user.userId}.`);
  if (name === "token") {
    const { token } = await call(`${path}/token`, "POST");
    return copy(token, `Copied a token of ${user.email ?? user.userId}.`);
  }
  const { enabled } = await call(path, "POST", { enabled: user.enabled === false });
  tell(`${user.email ?? user.userId} is now ${enabled ? "enabled" : "disabled"}.`);
  return showUsers();
}

async function showUsers() {
  const { users, total } = await call(`users?search=${encodeURIComponent(filter("users-search"))}`);
  write(by("users-total"), total > users.length ? `${count(users.length)} of ${count(total)}` : count(total));
  by("users-none").hidden = total > 0;
  sync(by("users-list"), users, ({ userId }) => userId, () => clone("user-template"), (item, user) => {
    write(part(item, "name"), user.displayName ?? user.email ?? user.userId);
    write(part(item, "about"), user.displayName ? (user.email ?? "") : "");
    part(item, "verdict").hidden = user.enabled !== false;
    write(part(item, "toggle"), user.enabled === false ? "Enable" : "Disable");
    for (const [name, what] of [["id", "Copy id"], ["token", "Copy token"], ["toggle", part(item, "toggle").textContent]]) {
      part(item, name).setAttribute("aria-label", `${what} of ${user.email ?? user.userId}`);
      part(item, name).onclick = () => attempt(act(user, name));
    }
  });
}

async function showRequests(now, tenant) {
  const { requests } = await call("requests");
  const wanted = filter("requests-filter");
  const shown = requests.filter(({ method, path, status, userAgent }) =>
    `${method} ${path} ${status} ${userAgent}`.toLowerCase().includes(wanted));
  by("requests-none").hidden = shown.length > 0;
  sync(by("requests-list"), shown, ({ requestId, time }) => time + requestId, () => clone("request-template"), (item, request) => {
    const status = part(item, "verdict");
    write(status, request.status ?? "no response");
    status.classList.toggle("bad", !request.status || request.status >= 400);
    // Nearly all are below the tenant, whose id would hide what differs.
    const path = request.path.startsWith(`/tenant/${tenant}/`) ? request.path.slice(`/tenant/${tenant}`.length) : request.path;
    write(part(item, "name"), `${request.method} ${path}${request.query ? `?${request.query}` : ""}`);
    part(item, "name").title = request.path;
    const credential = request.keySlot ? `${request.keySlot} key` : { bearer: "token", none: "no credential" }[request.credential];
    write(part(item, "about"), [credential ?? "unknown key", request.userAgent].filter(Boolean).join(", "));
    writeTime(part(item, "when"), request.time, now);
  });
}

async function showFaults() {
  const { faults } = await call("faults");
  by("faults-none").hidden = faults.length > 0;
  by("clear-faults").hidden = faults.length === 0;
  const keyed = faults.map((fault, index) => ({ ...fault, key: String(index) }));
  sync(by("faults-list"), keyed, ({ key }) => key, () => clone("fault-template"), (item, { path, method, left, does }) => {
    write(part(item, "name"), `${method ?? "any method"} ${path}`);
    write(part(item, "about"), `${does}; ${left === null ? "until cleared" : left === 1 ? "once" : `${left} times`}`);
  });
}

/** Shows all lists as they are now. A list that can't be had keeps what it shows; the keys say why. */
export function showLists(now, tenant) {
  for (const shown of [showUsers(), showRequests(now, tenant), showFaults()]) shown.catch(() => {});
}

by("users-search").oninput = () => attempt(showUsers());
by("clear-faults").onclick = () => attempt(call("faults", "DELETE").then(showFaults).then(() => {
  // The button is gone, and whoever pressed it by keyboard goes on from here.
  by("faults-title").focus();
  say("Faults cleared.");
}));
