/**
 * The rules which every key-value store keeps, whatever it is built on: what a key, a value and a
 * transaction may look like, and in which order keys lie. Written once, so that stores agree.
 */
import { ConfigError, ProgrammerError } from '../errors.js';
import type { KvCompare, KvOp } from './kv-store.js';

/**
 * Longest key, bytes of UTF-8.
 * @public
 */
export const MAX_KEY_BYTES = 1024;

/**
 * Longest value, bytes of UTF-8.
 * @public
 */
export const MAX_VALUE_BYTES = 1024 * 1024;

/**
 * Throws `ProgrammerError` if the key is empty, too long, or holds NUL or half a surrogate pair.
 * @public
 */
export function checkKey(key: string): void {
  if (key === '') throw new ProgrammerError('A key of the store must not be empty');
  if (key.includes('\0') || !isWellFormed(key)) {
    throw new ProgrammerError(`The key ${JSON.stringify(key)} holds characters that no key may`);
  }
  if (key.length * 3 > MAX_KEY_BYTES && byteLength(key) > MAX_KEY_BYTES) {
    throw new ProgrammerError(`The key '${key.slice(0, 40)}…' is longer than 1,024 bytes`);
  }
}

/**
 * Throws unless a store may carry out the transaction: `ProgrammerError` for keys that cannot be or
 * that occur twice, `ConfigError` `io` for a value which is too large to be kept.
 * @public
 */
export function checkTxn(compare: readonly KvCompare[], ops: readonly KvOp[]): void {
  for (const { key } of compare) checkKey(key);
  for (const op of ops) {
    checkKey(op.key);
    if (op.op === 'put') checkValue(op.key, op.value);
  }
  if (ops.length > 1 && new Set(ops.map(({ key }) => key)).size < ops.length) {
    throw new ProgrammerError('A key occurs twice in one transaction; give each key one change');
  }
}

/**
 * The order of the keys' UTF-8 bytes: negative if `a` comes first. JavaScript's own order differs
 * from it for characters beyond U+FFFF.
 * @public
 */
export function compareKeys(a: string, b: string): number {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return utf8Rank(left) - utf8Rank(right);
  }
  return a.length - b.length;
}

function checkValue(key: string, value: string): void {
  if (!isWellFormed(value)) {
    throw new ProgrammerError(
      `The value of '${key}' holds half a surrogate pair; write it as JSON`,
    );
  }
  if (value.length * 3 <= MAX_VALUE_BYTES) return;
  const size = byteLength(value);
  if (size > MAX_VALUE_BYTES) {
    throw new ConfigError(`The value of '${key}' has ${size} bytes; a store keeps 1 MiB`, 'io');
  }
}

/** Half pairs stand for characters beyond U+FFFF, which UTF-8 sorts after all others. */
function utf8Rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}

/** Whether UTF-8 can say the text: no half of a surrogate pair is alone. Node has it since 20. */
function isWellFormed(text: string & { isWellFormed?(): boolean }): boolean {
  return text.isWellFormed?.() ?? !/\p{Surrogate}/u.test(text);
}

function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
