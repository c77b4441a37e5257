/**
 * JSON that comes from somebody else: its types, and how text becomes data that is safe to walk.
 *
 * J1 Text is looked at only up to a size limit, and data only up to a depth.
 * J2 No key can reach an object's prototype or its constructor.
 */
import { refuse } from '../../errors.js';

/**
 * Any JSON value.
 * @public
 */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/**
 * A JSON object.
 * @public
 */
export interface JsonObject {
  /** Values by key. */
  readonly [key: string]: JsonValue;
}

/** Deeper data is refused: none of Ganeti's own messages comes near. */
const MAX_DEPTH = 64;

const TRAPS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Whether a name must not become a key of an object. */
export function isTrap(key: string): boolean {
  return TRAPS.has(key);
}

/** How text is to be read. */
export interface JsonLimits {
  /** The thing, for messages: "the allocator's answer". */
  readonly what: string;
  /** Most characters. */
  readonly maxLength: number;
}

/** The data of a text. Throws `PrereqError` with the given code's `fail` if it cannot be used. */
export function parseJson(
  text: string,
  { what, maxLength }: JsonLimits,
  fail: (message: string, options?: ErrorOptions) => never = refuse.input,
): unknown {
  if (text.length > maxLength) {
    fail(`${what} has ${text.length} characters; at most ${maxLength} are read`);
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    fail(`${what} is not JSON; it begins with ${JSON.stringify(text.slice(0, 40))}`, {
      cause: error,
    });
  }
  refuseTraps(data, what, fail);
  return data;
}

/** Refuses data in which a key is a trap, or that is nested too deeply. Needs no stack. */
export function refuseTraps(
  data: unknown,
  what: string,
  fail: (message: string) => never = refuse.input,
): void {
  const rest: { readonly value: object; readonly path: readonly string[] }[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'object' && value !== null) rest.push({ value, path });
  };
  visit(data, []);
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { value, path } = next;
    if (path.length > MAX_DEPTH) fail(`${what} is nested deeper than ${MAX_DEPTH} levels`);
    for (const key of Object.keys(value)) {
      const here = [...path, key];
      if (isTrap(key)) fail(`${what}: ${here.join('.')}: a key may not have this name`);
      visit((value as Record<string, unknown>)[key], here);
    }
  }
}
