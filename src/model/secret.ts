/**
 * A value that must reach a node and nothing else. Printing, serialising and inspecting it show a
 * placeholder, a clone is empty; only `reveal()` gives the value, so a reader can find every use by
 * name.
 */

const REDACTED = '<redacted>';

/**
 * Holds a value back from logs, errors, journals, events and hook environments.
 * @public
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The value itself. Call this only where it leaves for a node or for the protected store. */
  reveal(): T {
    return this.#value;
  }

  /** A placeholder. */
  toString(): string {
    return REDACTED;
  }

  /** A placeholder. */
  toJSON(): string {
    return REDACTED;
  }

  /** A placeholder, for `node:util`'s `inspect` and so for `console.log`. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return REDACTED;
  }
}

/** Shorter values are no secrets, and hiding them would make any text unreadable. */
const SHORTEST = 3;

/** The text with every value replaced by a placeholder; of a value with lines, each line. */
export function withoutValues(text: string, values: readonly string[]): string {
  return (
    values
      .flatMap((value) => value.split(/\r?\n/))
      .filter((value) => value.length >= SHORTEST)
      // A value that contains another one has to go first.
      .sort((a, b) => b.length - a.length)
      .reduce((shown, value) => shown.replaceAll(value, REDACTED), text)
  );
}
