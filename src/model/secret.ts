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
