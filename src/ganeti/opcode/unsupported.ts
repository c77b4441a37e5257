/**
 * What an opcode says that a request of ours cannot. It is handed over, never dropped: whoever
 * carries the request out has to look at it.
 */
import { refuse } from '../../errors.js';
import { Secret } from '../../model/secret.js';

/**
 * One value of an opcode that has no place in a request of ours.
 * @public
 */
export interface UnsupportedField {
  /** Where it stands in the opcode: parameter, then position or key. */
  readonly path: readonly (string | number)[];
  /** The value; hidden parameters are held back in a `Secret`. */
  readonly value: unknown;
}

/** Collects what has no place. */
export class Unsupported {
  readonly #fields: UnsupportedField[] = [];

  /** Keeps a value. */
  add(path: readonly (string | number)[], value: unknown): void {
    this.#fields.push({ path, value });
  }

  /** All that was kept. */
  list(): readonly UnsupportedField[] {
    return this.#fields;
  }
}

/** Puts a value back to where it stood. What is on the way has to be there. */
export function putBack(target: Record<string, unknown>, { path, value }: UnsupportedField): void {
  const last = path.at(-1);
  let place: unknown = target;
  for (const key of path.slice(0, -1)) place = childOf(place, key);
  if (last === undefined || typeof place !== 'object' || place === null) {
    return refuse.input(`${path.join('.')}: there is no such place in the opcode`);
  }
  (place as Record<string | number, unknown>)[last] =
    value instanceof Secret ? value.reveal() : value;
}

function childOf(place: unknown, key: string | number): unknown {
  if (typeof place !== 'object' || place === null || !Object.hasOwn(place, key)) return undefined;
  return (place as Record<string | number, unknown>)[key];
}
