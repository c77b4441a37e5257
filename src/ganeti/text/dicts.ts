/**
 * How Ganeti lays dictionaries over one another and changes them.
 */

/**
 * The custom values over the defaults; keys in `skip` are left out (`FillDict`).
 * @public
 */
export function fillDict(
  defaults: Readonly<Record<string, unknown>>,
  custom: Readonly<Record<string, unknown>>,
  skip: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  return kept({ ...defaults, ...custom }, (key) => !skip.includes(key));
}

/**
 * Which values of a change mean "back to the default".
 * @public
 */
export interface Resets {
  /** The word `default`. */
  readonly useDefault: boolean;
  /** Null. */
  readonly useNone: boolean;
}

/**
 * The old values with a change; what the change resets goes (`GetUpdatedParams`).
 * @public
 */
export function updatedParams(
  old: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>>,
  { useDefault, useNone }: Resets,
): Readonly<Record<string, unknown>> {
  const resets = (value: unknown): boolean =>
    (useDefault && value === 'default') || (useNone && value === null);
  const merged = { ...old, ...change };
  return kept(merged, (key) => !(Object.hasOwn(change, key) && resets(change[key])));
}

function kept(
  dict: Readonly<Record<string, unknown>>,
  keep: (key: string) => boolean,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(dict).filter(([key]) => keep(key)));
}
