// Shows what the emulator reports, every second, and sends what people decide.
// Elements are kept and only their differences written, so focus and selection survive. A key is in the page only while it is revealed.

const POLL = 1000;
const ANSWER_LIMIT = 5000;
const REVEALED_FOR = 30_000;
const RECENT_MINUTES = 10;
const REFUSED_SHOWN = 20;

const by = (id) => document.getElementById(id);
const clone = (id) => by(id).content.firstElementChild.cloneNode(true);
const write = (node, text) => node.textContent !== text && (node.textContent = text);
const capital = (text) => text[0].toUpperCase() + text.slice(1);
const count = (number) => number.toLocaleString("en");
const say = (text) => { by("news").textContent = text; };

async function call(path, method = "GET", body) {
  const headers = { "x-agglestone-portal": "1", "content-type": "application/json" };
  const signal = AbortSignal.timeout(ANSWER_LIMIT);
  const response = await fetch(`/portal/api/${path}`, { method, headers, signal, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.detail), { status: response.status });
  return answer;
}

const UNITS = [["s", 1, 60], ["min", 60, 3600], ["h", 3600, 172_800], ["d", 86_400, Infinity]];

function ago(time, now) {
  const seconds = Math.round((now - Date.parse(time)) / 1000);
  if (seconds < 2) return "just now";
  const [unit, size] = UNITS.find(([, , end]) => seconds < end);
  return `${Math.floor(seconds / size)}\u00a0${unit} ago`;
}

function writeTime(node, time, now) {
  write(node, ago(time, now));
  if (node.dateTime !== time) {
    node.dateTime = time;
    node.title = new Date(time).toLocaleString();
  }
}

/** What a User-Agent says first is the application; the rest is what it is made with. */
function named(userAgent) {
  const end = `${userAgent} `.indexOf(" ");
  return userAgent ? [userAgent.slice(0, end), userAgent.slice(end + 1)] : ["No User-Agent", ""];
}

/** Makes `parent` hold a child an item, in their order, and the same child for the same key. */
function sync(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const key = keyOf(item);
    let child = old.get(key);
    if (!child) (child = make()).dataset.key = key;
    old.delete(key);
    // Moving an element that is in its place already would take the focus from it.
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
    update(child, item);
  });
  old.forEach((child) => child.remove());
}

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
    const users = card.key.callers.filter(({ lastUsed }) => now - Date.parse(lastUsed) <= RECENT_MINUTES * 60_000);
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
    const called = key.callers.some(({ lastUsed }) => !key.replacedAt || lastUsed >= key.replacedAt);
    const was = key.replacedAt && `${capital(key.slot)} key, replaced ${ago(key.replacedAt, now)}`;
    write(part("print"), key.fingerprint);
    write(part("what"), was ?? "Unknown key, possibly from before a restart");
    write(part("verdict"), called ? `Still called, ${count(refused)} refused` : "No calls since");
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
