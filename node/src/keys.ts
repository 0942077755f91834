/**
 * The tenant's keys as a program gives them, and what is known of them.
 */
import { kind, own } from './arguments.js';

/** A pair of keys, as a secret manager holds it. */
export interface ApiKeys {
  /** The key to use first. */
  primary: string;
  /** The tenant's other key. */
  secondary?: string | null | undefined;
}

/** A function that knows the keys. What it throws, or its promise rejects with, is reported by its message alone. */
export type KeySource = () => ApiKeys | PromiseLike<ApiKeys>;

/** What a client did with its keys: what an operator reads before retiring one. */
export interface KeyUsage {
  /** The primary key; `null` before a key source has given one. */
  primary: KeySlotUsage | null;
  /** The secondary key; `null` when there is none. */
  secondary: KeySlotUsage | null;
  /** How often a refused key made the other one the key in use. */
  failovers: number;
  /** How often the keys were replaced. */
  replacements: number;
}

/** What a client did with one key since it has it. */
export interface KeySlotUsage {
  /** First 8 hex digits of the key's SHA-256. */
  fingerprint: string;
  /** Whether new calls use it. */
  active: boolean;
  /** Requests sent with it. */
  requests: number;
  /** How many of them the service refused with 401. */
  refusals: number;
  /** First use; `null` for never. */
  firstUsed: Date | null;
  /** Last use; `null` for never. */
  lastUsed: Date | null;
}

/** Which keys the service accepts. */
export interface KeyCheck {
  /** The primary key. */
  primary: CheckedKey;
  /** The secondary key; `null` when there is none. */
  secondary: CheckedKey | null;
}

/** What the service said of one key. */
export interface CheckedKey {
  /** First 8 hex digits of the key's SHA-256. */
  fingerprint: string;
  /** Whether the service takes it as this tenant's. */
  accepted: boolean;
  /** The HTTP status it answered. */
  status: number;
}

/** The core's report, whose times are milliseconds since 1970. */
export function readUsage(json: string): KeyUsage {
  const usage = JSON.parse(json) as KeyUsage;
  for (const slot of [usage.primary, usage.secondary]) {
    if (slot !== null) {
      slot.firstUsed = date(slot.firstUsed);
      slot.lastUsed = date(slot.lastUsed);
    }
  }
  return usage;
}

function date(time: unknown): Date | null {
  return time === null ? null : new Date(time as number);
}

/** What a key source answered, as two texts. Throws an Error whose message says what is wrong with it, not what it is. */
export function checkKeys(answer: unknown): { primary: string; secondary: string | undefined } {
  if (typeof answer !== 'object' || answer === null) {
    throw new Error(`it answered ${kind(answer)}, not { primary, secondary }`);
  }
  const { primary } = answer as Record<keyof ApiKeys, unknown>;
  const secondary = own(answer as Record<keyof ApiKeys, unknown>, 'secondary');
  return {
    primary: keyText('primary', primary),
    secondary: secondary === undefined || secondary === null ? undefined : keyText('secondary', secondary),
  };
}

function keyText(name: string, value: unknown): string {
  if (typeof value !== 'string') {
    throw new Error(`the ${name} key it answered must be a string, not ${kind(value)}`);
  }
  return value;
}
