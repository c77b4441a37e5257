/**
 * What sources of contents hand on: plain data, which the rest of the creation carries along.
 */

/**
 * What a source has understood of a request; nothing for an instance that is made from nothing.
 * @public
 */
export interface SourceArgs {
  /** The instance's name where it comes from, if the request says it. */
  readonly formerName?: string;
  /** Certificate of the cluster that it comes from, PEM. */
  readonly authority?: string;
}

/**
 * What a source has read under locks.
 * @public
 */
export interface Imported {
  /** The instance's name where it comes from. */
  readonly formerName: string;
  /** Hardware addresses of the cards over there, by position. */
  readonly macs: readonly (string | undefined)[];
  /** Files with the disks' contents, by position; `undefined`: there is none. */
  readonly images: readonly (string | undefined)[];
  /** Sizes of the disks over there, MiB, by position; `undefined`: it is not told. */
  readonly sizesMib: readonly (number | undefined)[];
}
