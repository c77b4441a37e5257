/**
 * Objects with optional fields: a field without a value is left out, never `undefined`.
 */

/** The fields that may be left out. */
type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without fields that are `undefined`. */
export function optional<T extends object>(fields: T): Given<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
}
