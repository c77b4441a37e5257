/**
 * How Ganeti lays dictionaries over one another and changes them.
 */

type Dict = Readonly<Record<string, unknown>>;

/** The custom values over the defaults; keys in `skip` are left out (`FillDict`). */
export function fillDict(defaults: Dict, custom: Dict, skip: readonly string[] = []): Dict {
  return kept({ ...defaults, ...custom }, (key) => !skip.includes(key));
}

/** Which values of a change mean "back to the default". */
export interface Resets {
  /** The word `default`. */
  readonly useDefault: boolean;
  /** Null. */
  readonly useNone: boolean;
}

/** The old values with a change; what the change resets goes (`GetUpdatedParams`). */
export function updatedParams(old: Dict, change: Dict, { useDefault, useNone }: Resets): Dict {
  const resets = (value: unknown): boolean =>
    (useDefault && value === 'default') || (useNone && value === null);
  const merged = { ...old, ...change };
  return kept(merged, (key) => !(Object.hasOwn(change, key) && resets(change[key])));
}

function kept(dict: Dict, keep: (key: string) => boolean): Dict {
  return Object.fromEntries(Object.entries(dict).filter(([key]) => keep(key)));
}
