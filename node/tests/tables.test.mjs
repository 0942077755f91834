// What the core lists, every setting and every method, against what the clients have.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Client, ConfigurationError, UserClient } from 'agglestone';
import { methodsTable, settingsTable } from 'agglestone/diagnostics';

import { rejection, settings, useService } from './support/service.mjs';

const newClient = useService();
const camelCase = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
const names = (list) => list.map(({ name }) => camelCase(name)).sort();
const perCall = names(settingsTable().filter((setting) => setting.perCall));

/** The names in the message about one that is unknown. */
const listed = (message) => message.slice(message.indexOf('expected one of ') + 16).split(', ');

test('the options of a client are the settings of the core, and the first word on an unknown one lists them', () => {
  assert.throws(
    () => new Client({ ...settings, nothing: 1 }),
    (error) => {
      const [{ option, reason }] = error.problems;
      assert.equal(option, 'nothing');
      assert.deepEqual(reason.match(/`\w+`/g).map((name) => name.slice(1, -1)).sort(), names(settingsTable()));
      return error instanceof ConfigurationError;
    },
  );
});

for (const { name, kind } of settingsTable()) {
  test(`the option for ${name} is of the kind ${kind}, and reaches the core`, () => {
    const option = camelCase(name);
    const told = (value) => {
      try {
        // Beside a key, a file of one would be the second place for it, and not looked at.
        const { apiKey, ...others } = settings;
        new Client({ ...others, ...(option !== 'apiKeyFile' && { apiKey }), [option]: value }).close();
        return [];
      } catch (error) {
        return error.problems.filter((problem) => problem.option === option).map(({ reason }) => reason);
      }
    };
    const type = { flag: 'boolean', span: 'number', number: 'number', keySource: 'function' }[kind] ?? 'string';
    assert.deepEqual(told({}), [`must be a ${type}, not an object`]);
    // What the core itself refuses, so that it has seen it.
    const refused = { string: 'no\nsuch', number: -1 }[type];
    assert.ok(refused === undefined || told(refused).length > 0, name);
  });
}

/** A method's parameters, as its source names them; the options by their own names, without those of every call. */
async function parameters(type, instance, name) {
  const head = /\(([^)]*)\)/.exec(Function.prototype.toString.call(type.prototype[name]))[1];
  const positional = head.split(',').map((part) => part.trim().replace(/ = .*/, '')).filter((part) => part !== '');
  if (positional.at(-1) !== 'options') {
    return { positional, options: undefined };
  }
  const values = { method: 'GET', path: 'a' };
  const result = instance[name](...positional.slice(0, -1).map((part) => values[part] ?? 'u'), { nothing: 1 });
  const error = await rejection(name.startsWith('iter') ? result.next() : result);
  const own = listed(error.message).filter((option) => ![...perCall, 'signal'].includes(option));
  assert.deepEqual(listed(error.message).filter((option) => !own.includes(option)).sort(), [...perCall, 'signal'].sort(), name);
  return { positional: positional.slice(0, -1), options: own };
}

for (const [type, make] of [[Client, newClient], [UserClient, () => newClient().asUser('u')]]) {
  test(`a ${type.name} has the methods of the core, with their arguments`, async () => {
    const instance = make();
    for (const method of methodsTable()) {
      if (type === UserClient && !method.asUser) {
        continue;
      }
      const { positional, options } = await parameters(type, instance, camelCase(method.name));
      assert.deepEqual([...positional, ...(options ?? [])].sort(), method.arguments.map(camelCase).sort(), method.name);
      assert.equal(options !== undefined, method.asks, method.name);
    }
  });
}
