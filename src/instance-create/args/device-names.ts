/**
 * Names that operators give to disks and network cards.
 */
import { refuse } from '../../errors.js';

/**
 * Checks the names of an instance's devices of one kind; `none` is no name (Ganeti's
 * `ValidateDeviceNames`). Numbers are refused, since devices are also known by their position.
 */
export function deviceNames(
  kind: 'disk' | 'network card',
  given: readonly (string | undefined)[],
): readonly (string | undefined)[] {
  const names = given.map((name) => (name?.toLowerCase() === 'none' ? undefined : name));
  const seen = new Set<string>();
  for (const name of names) {
    if (name === undefined) continue;
    if (/^\d+$/.test(name)) {
      refuse.input(`A ${kind} cannot be called '${name}'; a name is more than a number`);
    }
    if (seen.has(name)) refuse.notUnique(`Two of the ${kind}s are called '${name}'; rename one`);
    seen.add(name);
  }
  return names;
}
