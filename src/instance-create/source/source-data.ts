/**
 * What sources of contents hand on: plain data, which the rest of the creation carries along.
 */

import type { NodeId } from '../../model/ids.js';

/**
 * What a source has understood of a request; nothing for an instance that no other cluster sends.
 * @public
 */
export interface SourceArgs {
  /** The other cluster that sends the instance. */
  readonly sender?: Sender;
}

/**
 * A cluster that sends an instance.
 * @public
 */
export interface Sender {
  /** The instance's name over there. */
  readonly formerName: string;
  /** The cluster's certificate, PEM. */
  readonly authority: string;
}

/**
 * What a source has read under locks.
 * @public
 */
export interface Imported {
  /** The node that holds the export. */
  readonly node: NodeId;
  /** The export's directory there, absolute. */
  readonly path: string;
  /** The instance's name where it comes from. */
  readonly formerName: string;
  /** Hardware addresses of the cards over there, by position. */
  readonly macs: readonly (string | undefined)[];
  /** Files with the disks' contents, by position; `undefined`: there is none. */
  readonly images: readonly (string | undefined)[];
  /** Sizes of the disks over there, MiB, by position; `undefined`: it is not told. */
  readonly sizesMib: readonly (number | undefined)[];
}
