/**
 * What an end of a transfer is, whatever lies behind it: where contents go, or come from.
 */
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { OsDefinitionsOptions } from '../os/os-definitions.js';
import type { AllowedRoots } from '../paths/roots.js';
import type { Bytes } from '../process/run-fed.js';
import type { DiskPlaces } from '../storage/disk-places.js';

/** Where contents go. */
export interface Sink {
  /** How much will come, if that is known. */
  readonly expectedBytes?: number;
  /**
   * Takes everything, durably. Rejects if it is too much or too little, or if it cannot; what was
   * made for it is gone then.
   */
  take(bytes: Bytes, signal: AbortSignal): Promise<void>;
  /** Lets go of what was opened. */
  close(): Promise<void>;
}

/** Where contents come from. */
export interface Source {
  readonly expectedBytes?: number;
  /** The contents; throws if they are not complete. */
  bytes(signal: AbortSignal): Bytes;
  close(): Promise<void>;
}

/** What ends are made with. */
export interface EndTools {
  readonly exports: AllowedRoots;
  readonly disks: DiskPlaces;
  readonly scripts: OsDefinitionsOptions & { readonly marksDir: string };
}

/** What is carried. */
export interface Carried {
  readonly runtime: RuntimeInstance;
  readonly component: string;
}
