// Everything that Node prints of what its driver has had in hand, for the search for secrets.
import util from 'node:util';
import v8 from 'node:v8';

const curious = { showHidden: true, depth: Infinity, getters: true, showProxy: true, maxStringLength: Infinity };
let shown = [];

/** Keeps every printed form of a value. */
export function show(value) {
  shown.push(
    String(value),
    `${value}`,
    util.inspect(value),
    util.inspect({ nested: [value] }, curious),
    util.format('%s %o %O %j', value, value, value, value),
    JSON.stringify(value) ?? '',
    JSON.stringify(Object.getOwnPropertyDescriptors(value)),
    JSON.stringify({ ...value }),
    serialized(value),
  );
  if (value instanceof Error) {
    shown.push(value.message, value.stack);
  }
}

/** What was kept since the last time. */
export function takeShown() {
  return shown.splice(0);
}

function serialized(value) {
  try {
    return `base64:${v8.serialize(value).toString('base64')}`;
  } catch (refused) {
    return String(refused);
  }
}
