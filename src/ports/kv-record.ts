/**
 * Records of a store: JSON text that was written by this library once, and may have been damaged by
 * anything since. What cannot be used is a typed error that names the key.
 */
import { ConfigError } from '../errors.js';

/**
 * The data of a JSON record. Throws `ConfigError` `corrupt` that names the key if it is no JSON, or
 * has a key `__proto__`, through which data could reach an object's prototype.
 * @public
 */
export function parseRecord(key: string, text: string): unknown {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw corruptRecord(key, 'it is no JSON', error);
  }
  // Only text that has the name, or escapes that may spell it, is worth the walk.
  if (/__proto__|\\u/.test(text) && hasPrototypeKey(data)) {
    throw corruptRecord(key, 'it holds the key __proto__');
  }
  return data;
}

/**
 * The error for a record that cannot be used. `why` continues "The record is damaged:".
 * @public
 */
export function corruptRecord(key: string, why: string, cause?: unknown): ConfigError {
  const message = `The record '${key}' is damaged: ${why}; restore it from a backup`;
  return new ConfigError(message, 'corrupt', { cause });
}

function hasPrototypeKey(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  return Object.hasOwn(data, '__proto__') || Object.values(data).some(hasPrototypeKey);
}
