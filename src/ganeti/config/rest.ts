/**
 * What a codec loses. Data that came in and went out again, unchanged, has to be what it was,
 * fields that mean nothing here included; where it was changed meanwhile, the change wins. So a
 * rest says, place by place, what stood there and what the codec would write instead.
 *
 * R1 `withRest(encoded, restOf(encoded, original))` equals `original`.
 * R2 A place where something else is written than at first is left as it is written.
 * R3 Keys are only data, `__proto__` too: no object is filled by assigning to keys that came in.
 */
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject, JsonValue } from '../wire/json.js';

/**
 * What of a configuration has no meaning here; plain JSON, to be kept beside the configuration by
 * whoever wants to write it back. It may hold what is secret in Ganeti.
 * @public
 */
export interface ConfigRest {
  /** What the codec writes here; absent: nothing. */
  readonly had?: JsonValue;
  /** What stood here; absent: nothing. */
  readonly was?: JsonValue;
  /** Instead of both: places inside, by key; in lists by UUID, else by position. */
  readonly fields?: { readonly [key: string]: ConfigRest };
}

/** What `original` has other than `encoded`; `undefined` if they are equal. */
export function restOf(
  encoded: JsonValue | undefined,
  original: JsonValue | undefined,
): ConfigRest | undefined {
  if (isDeepStrictEqual(encoded, original)) return undefined;
  const [ours, theirs] = [partsOf(encoded), partsOf(original)];
  if (ours === undefined || theirs === undefined || !areComparable(encoded, original)) {
    return {
      ...(encoded === undefined ? {} : { had: encoded }),
      ...(original === undefined ? {} : { was: original }),
    };
  }
  const fields = new Map<string, ConfigRest>();
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const rest = restOf(ours.get(key), theirs.get(key));
    if (rest !== undefined) fields.set(key, rest);
  }
  return { fields: Object.fromEntries(fields) };
}

/** What is written now, with the rest put back where it still fits. */
export function withRest(
  encoded: JsonValue | undefined,
  rest: ConfigRest | undefined,
): JsonValue | undefined {
  if (rest === undefined) return encoded;
  const { fields, had, was } = rest;
  if (fields === undefined) return isDeepStrictEqual(encoded, had) ? was : encoded;
  if (isList(encoded)) {
    const keys = keysOf(encoded);
    return encoded.map((item, at) => withRest(item, fields[keys[at] ?? '']) ?? item);
  }
  return isObject(encoded) ? fieldsWithRest(encoded, fields) : encoded;
}

function fieldsWithRest(
  encoded: JsonObject,
  fields: { readonly [key: string]: ConfigRest },
): JsonObject {
  const whole = new Map(Object.entries(encoded));
  for (const [key, rest] of Object.entries(fields)) {
    const value = withRest(whole.get(key), rest);
    if (value === undefined) whole.delete(key);
    else whole.set(key, value);
  }
  return Object.fromEntries(whole);
}

/** Lists are compared item by item only if they hold the same things in the same order. */
function areComparable(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  if (!isList(one) || !isList(other)) return isObject(one) && isObject(other);
  return [...one, ...other].every(isObject) && isDeepStrictEqual(keysOf(one), keysOf(other));
}

function partsOf(value: JsonValue | undefined): Map<string, JsonValue> | undefined {
  if (isObject(value)) return new Map(Object.entries(value));
  if (!isList(value)) return undefined;
  const keys = keysOf(value);
  return new Map(value.map((item, at) => [keys[at] ?? '', item]));
}

/** Things are found again by their UUID, even if others have come before them. */
function keysOf(list: readonly JsonValue[]): string[] {
  return list.map((item, at) => {
    const uuid = isObject(item) ? item['uuid'] : undefined;
    return typeof uuid === 'string' ? uuid : String(at);
  });
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}
