/**
 * Checks the types of arguments, so that what crosses to the core is what the caller meant. Values are the core's to judge.
 */
import { InvalidArgumentError } from './errors.js';
import type { Signal } from './web.js';

/** Text that UTF-8 can carry. */
export function text(argument: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw refusal(argument, `must be a string, not ${kind(value)}`);
  }
  if (!value.isWellFormed()) {
    // Encoded as UTF-8 it would become another text: U+FFFD in its place.
    throw refusal(argument, 'contains half of a surrogate pair');
  }
  return value;
}

/** A number, or nothing for the client's own; which numbers make sense is the core's to judge. */
export function anyNumber(argument: string, value: unknown): number | undefined {
  if (value === undefined || typeof value === 'number') {
    return value;
  }
  throw refusal(argument, `must be a number, not ${kind(value)}`);
}

/** A whole number, or nothing for the core's default. */
export function wholeNumber(argument: string, value: unknown): number | undefined {
  if (value === undefined || Number.isSafeInteger(value)) {
    return value as number | undefined;
  }
  throw refusal(argument, `must be a whole number, not ${typeof value === 'number' ? value : kind(value)}`);
}

/** Whether something is wanted; nothing is no. */
export function flag(argument: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') {
    return value ?? false;
  }
  throw refusal(argument, `must be a boolean, not ${kind(value)}`);
}

/** The options of a method; names it doesn't know are refused, because a misspelt one would silently do nothing. */
export function checkedOptions<T extends object>(known: readonly (keyof T & string)[], options: T | undefined): T {
  if (options === undefined) {
    return bare();
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw refusal('options', `must be an object, not ${kind(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!(known as readonly string[]).includes(name)) {
      throw refusal(name, `is an unknown option; expected one of ${known.join(', ')}`);
    }
  }
  // Read once: a getter could give another value next time, which nobody checks.
  const read = bare<T>();
  for (const name of known) {
    try {
      read[name] = own(options, name)!;
    } catch (cause) {
      throw refusal(name, "can't be read", cause);
    }
  }
  return read;
}

/** An object that inherits nothing: what somebody put into `Object.prototype` is no option. */
export function bare<T extends object>(): T {
  return Object.create(null) as T;
}

/** A property of the object's own; what it inherits, anybody can have put into `Object.prototype`. */
export function own<T extends object, Name extends keyof T>(object: T, name: Name): T[Name] | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** An abort signal, or nothing. */
export function abortSignal(value: unknown): Signal | undefined {
  if (value === undefined) {
    return undefined;
  }
  const signal = value as Partial<Signal> | null;
  // By shape: signals of other realms and of polyfills serve as well.
  if (typeof signal?.aborted === 'boolean' && typeof signal.addEventListener === 'function') {
    return signal as Signal;
  }
  throw refusal('signal', `must be an AbortSignal, not ${kind(value)}`);
}

/** A value in a query or header. */
export type Scalar = string | number | bigint | boolean;

/** Names and values as one flat list; a list of values repeats the name, and `undefined` and `null` leave it out. */
export function pairs(argument: string, value: unknown): string[] | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) {
    throw refusal(argument, `must be an object, not ${kind(value)}`);
  }
  const flat: string[] = [];
  for (const entry of entriesOf(argument, value)) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw refusal(argument, 'must hold pairs of a name and a value');
    }
    const name = text(argument, entry[0]);
    for (const item of Array.isArray(entry[1]) ? entry[1] : [entry[1]]) {
      if (item !== undefined && item !== null) {
        flat.push(name, scalar(argument, name, item));
      }
    }
  }
  return flat;
}

function entriesOf(argument: string, value: object): unknown[] {
  try {
    return Symbol.iterator in value ? [...(value as Iterable<unknown>)] : Object.entries(value);
  } catch (cause) {
    throw refusal(argument, "can't be read", cause);
  }
}

function scalar(argument: string, name: string, value: unknown): string {
  switch (typeof value) {
    case 'string':
      return text(argument, value);
    case 'number':
      if (Number.isFinite(value)) {
        return String(value);
      }
      throw refusal(argument, `must hold finite numbers; ${name} is ${value}`);
    case 'bigint':
    case 'boolean':
      return String(value);
    default:
      throw refusal(argument, `must hold strings, numbers and booleans; ${name} is ${kind(value)}`);
  }
}

/** A body as JSON text, or nothing. */
export function jsonText(value: unknown): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (cause) {
    throw refusal('json', "can't be written as JSON", cause);
  }
  if (json === undefined) {
    throw refusal('json', `can't be written as JSON: it is ${kind(value)}`);
  }
  return json;
}

/** What a value is, without showing it: it may be a secret in the wrong place. */
export function kind(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'an array';
  }
  return typeof value === 'object' ? 'an object' : value === undefined ? 'undefined' : `a ${typeof value}`;
}

/** Of an argument, whose name goes before what is wrong with it. */
export function refusal(argument: string, what: string, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`\`${argument}\` ${what}`, { argument, cause });
}
