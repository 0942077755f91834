// Shows what the emulator reports, every second, and sends what people decide.
// Elements are kept and only their differences written, so focus and selection survive. A key is in the page only while it is revealed.

import { RECENT_MINUTES, ago, by, call, capital, clone, count, isRecent, named, say, sync, write, writeTime } from "./common.js";
import { showLists } from "./lists.js";

const POLL = 1000;
const REVEALED_FOR = 30_000;
const REFUSED_SHOWN = 20;

const callerKey = ({ userAgent }) => JSON.stringify(userAgent);

function showCallers(root, callers, now, nobody) {
  if (!root.firstElementChild) root.append(by("usage-template").content.cloneNode(true));
  const [table, none] = root.children;
  table.hidden = callers.length === 0;
  none.hidden = callers.length > 0;
  write(none, nobody);
  sync(table.tBodies[0], callers, callerKey, () => clone("caller-template"), (row, caller) => {
    const cell = (name) => row.querySelector(`.${name}`);
    const [app, rest] = named(caller.userAgent);
    write(cell("app"), app);
    write(cell("rest"), rest);
    if (cell("requests").textContent && cell("requests").textContent !== count(caller.requests)) {
      row.classList.remove("fresh");
      void row.offsetWidth; // Lets the animation begin again.
      row.classList.add("fresh");
    }
    write(cell("requests"), count(caller.requests));
    write(cell("refused"), count(caller.refused));
    cell("refused").classList.toggle("some", caller.refused > 0);
    writeTime(cell("first"), caller.firstUsed, now);
    writeTime(cell("last"), caller.lastUsed, now);
  });
}

class KeyCard {
  constructor(slot) {
    this.slot = slot;
    this.name = `${capital(slot)} key`;
    this.asked = 0;
    this.root = clone("card-template");
    for (const name of ["print", "since", "value", "reveal", "copy", "generate", "hint", "usage"]) {
      this[name] = this.root.querySelector(`.${name}`);
    }
    this.masked = [...this.value.childNodes];
    const title = this.root.querySelector("h2");
    this.root.id = slot;
    title.id = `${slot}-title`;
    title.textContent = this.name;
    this.root.setAttribute("aria-labelledby", title.id);
    this.copy.setAttribute("aria-label", `Copy ${slot} key`);
    this.generate.setAttribute("aria-label", `Generate new ${slot} key…`);
    this.reveal.onclick = () => (this.revealed ? this.hide() : this.show());
    this.copy.onclick = () => this.copyKey();
    this.generate.onclick = () => confirmation.open(this);
    this.turn(false);
    by("cards").append(this.root);
  }

  update(key, now) {
    if (this.key && this.key.fingerprint !== key.fingerprint) this.hide();
    this.key = key;
    write(this.print, key.fingerprint);
    write(this.since, `generated ${ago(key.since, now)}`);
    showCallers(this.usage, key.callers, now, "No calls with this key yet.");
  }

  /** Shows `key`, or the mask without one. */
  turn(key) {
    this.revealed = Boolean(key);
    this.value.replaceChildren(...(key ? [key] : this.masked));
    this.value.classList.toggle("masked", !key);
    write(this.reveal, key ? "Hide" : "Reveal");
    this.reveal.setAttribute("aria-label", `${this.reveal.textContent} ${this.slot} key`);
  }

  fetchKey() {
    return call(`keys/${this.slot}/reveal`, "POST").then(({ apiKey }) => apiKey);
  }

  async show() {
    const asked = ++this.asked;
    try {
      const key = await this.fetchKey();
      // Hidden again before the answer came.
      if (asked !== this.asked) return;
      this.turn(key);
      this.timer = setTimeout(() => this.hide(), REVEALED_FOR);
      this.note(`Hides again in ${REVEALED_FOR / 1000} seconds, or when you leave this page.`);
      say(`${this.name} revealed.`);
    } catch (error) {
      this.fail(error);
    }
  }

  hide() {
    this.asked += 1;
    clearTimeout(this.timer);
    if (!this.revealed) return;
    this.turn(null);
    this.note("");
    say(`${this.name} hidden.`);
  }

  async copyKey() {
    // Pages that are neither local nor encrypted have no clipboard; there it is copied by hand.
    if (!navigator.clipboard) {
      if (!this.revealed) await this.show();
      if (!this.revealed) return;
      getSelection().selectAllChildren(this.value);
      this.note("Press Ctrl+C (⌘C) to copy.");
      return;
    }
    try {
      const text = this.fetchKey().then((key) => new Blob([key], { type: "text/plain" }));
      // A promise, because some browsers allow writing only within the click itself.
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": text })]);
      write(this.copy, "Copied");
      setTimeout(() => write(this.copy, "Copy"), 2000);
      say(`${this.name} copied.`);
    } catch (error) {
      this.fail(error);
    }
  }

  note(text) {
    write(this.hint, text);
  }

  fail(error) {
    if (!error.status || error.status === 403) return lost(error);
    this.note(error.message);
    say(error.message);
  }
}

const confirmation = {
  open(card) {
    this.card = card;
    this.fingerprint = card.key.fingerprint;
    write(by("confirm-title"), `Generate a new ${card.slot} key?`);
    write(by("confirm-key"), this.fingerprint);
    write(by("proceed"), `Generate ${card.slot} key`);
    this.update();
    by("confirm").showModal();
  },

  update() {
    const { card, fingerprint } = this;
    const now = report.now;
    if (card.key.fingerprint !== fingerprint) {
      by("confirm").close();
      card.note("This key has just been replaced elsewhere.");
      return;
    }
    const users = card.key.callers.filter(({ lastUsed }) => isRecent(lastUsed, now));
    const used = `used this key in the last ${RECENT_MINUTES} minutes`;
    const [services, they] = users.length === 1 ? ["service", "it"] : ["services", "they"];
    const many = `${users.length} ${services} ${used}; ${they} will be refused immediately:`;
    write(by("confirm-impact"), users.length ? many : `No service ${used}.`);
    by("impact").classList.toggle("bad", users.length > 0);
    sync(by("confirm-callers"), users, callerKey, () => document.createElement("li"), (item, { userAgent, lastUsed }) => {
      write(item, `${named(userAgent)[0]}, ${ago(lastUsed, now)}`);
    });
  },

  async proceed() {
    const { card, fingerprint } = this;
    by("confirm").close();
    try {
      await call(`keys/${card.slot}`, "POST", { replaces: fingerprint });
      await poll();
      card.note(`New key generated. ${fingerprint} is now refused.`);
      say(`New ${card.slot} key generated.`);
    } catch (error) {
      card.fail(error);
    }
  },
};

function showRefused(keys, now) {
  const shown = keys.slice(0, REFUSED_SHOWN);
  by("refused").hidden = false;
  by("refused-none").hidden = keys.length > 0;
  by("refused-more").hidden = keys.length === shown.length;
  write(by("refused-more"), `And ${keys.length - shown.length} more.`);
  sync(by("refused-keys"), shown, (key) => key.fingerprint, () => clone("refused-template"), (item, key) => {
    const part = (name) => item.querySelector(`.${name}`);
    const refused = key.callers.reduce((sum, caller) => sum + caller.refused, 0);
    const since = key.callers.map(({ lastUsed }) => lastUsed).filter((last) => !key.replacedAt || last >= key.replacedAt);
    const last = since.sort().at(-1);
    const called = isRecent(last, now);
    const was = key.replacedAt && `${capital(key.slot)} key, replaced ${ago(key.replacedAt, now)}`;
    write(part("print"), key.fingerprint);
    write(part("what"), was ?? "Unknown key, possibly from before a restart");
    const verdict = called ? "Still called" : last && `Last called ${ago(last, now)}`;
    write(part("verdict"), verdict ? `${verdict}, ${count(refused)} refused` : "No calls since");
    part("verdict").classList.toggle("bad", called);
    showCallers(part("usage"), key.callers, now, "Never used.");
  });
}

/** Tells those who listen to the page what changed: who is new on a key, and who is refused for the first time. */
function tellNews(before, after) {
  const callers = (keys) => keys.flatMap((key) => key.callers.map((caller) => ({ key, caller, id: key.fingerprint + callerKey(caller) })));
  const old = new Map(callers(before).map(({ id, caller }) => [id, caller]));
  const news = callers(after).map(({ key, caller, id }) => {
    const [app] = named(caller.userAgent);
    if (caller.refused && !old.get(id)?.refused) return `${app} was refused with key ${key.fingerprint}.`;
    return key.state === "accepted" && !old.has(id) ? `${app} now uses the ${key.slot} key.` : "";
  });
  if (news.some(Boolean)) say(news.filter(Boolean).join(" "));
}

function showState(state, text, banner) {
  by("live").dataset.state = state;
  write(by("live"), text);
  write(by("banner"), banner ?? "");
  by("banner").hidden = !banner;
}

function lost({ status }) {
  if (status === 403) showState("lost", "Signed out", "The emulator was restarted; reload this page.");
  else showState("lost", "Not responding", "The emulator is not responding. Retrying…");
}

const cards = { primary: new KeyCard("primary"), secondary: new KeyCard("secondary") };
let report;

function show(next) {
  const old = report;
  report = { ...next, now: Date.parse(next.now) };
  write(by("tenant"), next.tenantId);
  write(by("url"), next.url);
  const accepted = next.keys.filter((key) => key.state === "accepted");
  accepted.forEach((key) => cards[key.slot].update(key, report.now));
  showRefused(next.keys.slice(accepted.length), report.now);
  if (by("confirm").open) confirmation.update();
  if (old) tellNews(old.keys, next.keys);
  showLists(report.now, report.tenantId);
  showState("live", "Live");
}

let turn = 0;
let timer;

async function poll() {
  clearTimeout(timer);
  const mine = ++turn;
  const outcome = await call("keys").then((next) => () => show(next), (error) => () => lost(error));
  // One that a later question overtook is older than what is shown.
  if (mine !== turn) return;
  outcome();
  if (!document.hidden) timer = setTimeout(poll, POLL);
}

const hideAll = () => Object.values(cards).forEach((card) => card.hide());
addEventListener("blur", hideAll);
addEventListener("pagehide", hideAll);
document.addEventListener("visibilitychange", () => (document.hidden ? hideAll() : poll()));
by("cancel").onclick = () => by("confirm").close();
by("proceed").onclick = () => confirmation.proceed();
poll();
