/**
 * Keys and values are text here and bytes in etcd.
 */
import { corruptRecord } from '../../ports/kv-record.js';
import type { KvEntry } from '../../ports/kv-store.js';
import type { WireEntry } from './messages.js';

/** An entry as text. Throws `ConfigError` `corrupt` for bytes that are no UTF-8. */
export function entryOf({ key, value, modRevision }: WireEntry): KvEntry {
  const name = key.toString();
  return { key: name, value: decode(name, value), revision: Number(modRevision) };
}

/** The end of the range of all keys that begin with `prefix`; a zero byte means "no end". */
export function endOf(prefix: string): Buffer {
  // The last byte of UTF-8 is never 0xff, so there always is a next one.
  const end = Buffer.from(prefix);
  const last = end.length - 1;
  if (last < 0) return Buffer.of(0);
  end[last] = (end[last] ?? 0) + 1;
  return end;
}

/** The first key of a range: `prefix` itself, or what comes right after `from`. */
export function startOf(prefix: string, from?: string): Buffer {
  if (from !== undefined) return Buffer.from(`${from}\0`);
  return prefix === '' ? Buffer.of(0) : Buffer.from(prefix);
}

function decode(key: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw corruptRecord(key, 'it is no text', error);
  }
}
