/**
 * How Ganeti finds a name that was given in short: by its first labels.
 */

/**
 * The name that `key` means: itself, else the only one that begins with its labels. Without regard
 * to case, a name that is equal but for its case wins too, if it is the only one. `undefined`: none
 * or several.
 * @public
 */
export function matchNameComponent(
  key: string,
  names: readonly string[],
  caseSensitive: boolean,
): string | undefined {
  if (names.includes(key)) return key;
  if (key === '') return undefined;
  const spelling = (name: string): string => (caseSensitive ? name : name.toLowerCase());
  const wanted = spelling(key);
  const equal = names.filter((name) => spelling(name) === wanted);
  if (equal.length > 0) return onlyOf(equal);
  return onlyOf(names.filter((name) => spelling(name).startsWith(`${wanted}.`)));
}

function onlyOf(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}
