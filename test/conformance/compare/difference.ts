/**
 * One place at which what came out is not what was recorded.
 */

/** A difference. */
export interface Difference {
  /** The field of the vector that it belongs to: `rpc`, `locks`, `configAfter` … */
  readonly field: string;
  /** Where in that field, for humans. */
  readonly path: string;
  /** What was recorded; `undefined`: nothing should be there. */
  readonly expected: unknown;
  /** What came out; `undefined`: nothing was there. */
  readonly actual: unknown;
  /** What there is to add, such as the message of an error. */
  readonly hint?: string;
}

/** Steps to a value inside a field. */
export type Path = readonly (string | number)[];

/** A path for humans. */
export function pathText(path: Path): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${step}`))
    .join('');
}
