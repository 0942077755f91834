// What the page's scripts share: calls of the portal's API, and ways to write only what differs.

const ANSWER_LIMIT = 5000;
export const RECENT_MINUTES = 10;

export const by = (id) => document.getElementById(id);
export const clone = (id) => by(id).content.firstElementChild.cloneNode(true);
export const write = (node, text) => node.textContent !== text && (node.textContent = text);
export const capital = (text) => text[0].toUpperCase() + text.slice(1);
export const count = (number) => number.toLocaleString("en");
export const say = (text) => { by("news").textContent = text; };

export async function call(path, method = "GET", body) {
  const headers = { "x-agglestone-portal": "1", "content-type": "application/json" };
  const signal = AbortSignal.timeout(ANSWER_LIMIT);
  const response = await fetch(`/portal/api/${path}`, { method, headers, signal, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.detail), { status: response.status });
  return answer;
}

const UNITS = [["s", 1, 60], ["min", 60, 3600], ["h", 3600, 172_800], ["d", 86_400, Infinity]];

export function ago(time, now) {
  const seconds = Math.round((now - Date.parse(time)) / 1000);
  if (seconds < 2) return "just now";
  const [unit, size] = UNITS.find(([, , end]) => seconds < end);
  return `${Math.floor(seconds / size)}\u00a0${unit} ago`;
}

/** Whether a time, if there is one, is so near that whoever called then may be calling still. */
export const isRecent = (time, now) => Boolean(time) && now - Date.parse(time) <= RECENT_MINUTES * 60_000;

export function writeTime(node, time, now) {
  write(node, ago(time, now));
  if (node.dateTime !== time) {
    node.dateTime = time;
    node.title = new Date(time).toLocaleString();
  }
}

/** What a User-Agent says first is the application; the rest is what it is made with. */
export function named(userAgent) {
  const end = `${userAgent} `.indexOf(" ");
  return userAgent ? [userAgent.slice(0, end), userAgent.slice(end + 1)] : ["No User-Agent", ""];
}

/** Makes `parent` hold a child an item, in their order, and the same child for the same key. */
export function sync(parent, items, keyOf, make, update) {
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
