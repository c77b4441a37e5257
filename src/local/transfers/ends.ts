/**
 * The two ends of a transfer on this machine: where contents go, and where they come from. Each is
 * opened before the transfer begins, so that what can be refused is refused at once.
 */
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { TransferEnd } from '../../ports/transfer.js';
import type { OsDefinitionsOptions } from '../os/os-definitions.js';
import type { AllowedRoots } from '../paths/roots.js';
import type { Bytes } from '../process/run-fed.js';
import type { DiskPlaces } from '../storage/disk-places.js';
import { diskSink, diskSource } from './disk-end.js';
import { fileSink, fileSource } from './file-end.js';
import { scriptSink, scriptSource } from './script-end.js';

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

type End<K extends TransferEnd['kind']> = Extract<TransferEnd, { kind: K }>;

type Openers<Opened> = {
  readonly [K in TransferEnd['kind']]: (
    end: End<K>,
    carried: Carried,
    tools: EndTools,
  ) => Promise<Opened>;
};

const SINKS: Openers<Sink> = {
  file: ({ path }, _carried, { exports }) => fileSink(path, exports),
  disk: ({ disk, leastMib }, _carried, { disks }) => diskSink(disk, leastMib, disks),
  script: ({ disk }, carried, tools) => scriptSink(disk, carried, tools),
};

const SOURCES: Openers<Source> = {
  file: ({ path }, _carried, { exports }) => fileSource(path, exports),
  disk: ({ disk }, _carried, { disks }) => diskSource(disk, disks),
  script: ({ disk }, carried, tools) => scriptSource(disk, carried, tools),
};

/** Opens the receiving end. Throws what the system says, or `Refusal`, or `UnsafePath`. */
export function openSink(end: TransferEnd, carried: Carried, tools: EndTools): Promise<Sink> {
  // The table's type ties each end to its own opener; indexing by a union loses that tie.
  const open = SINKS[end.kind] as Openers<Sink>['file'];
  return open(end as End<'file'>, carried, tools);
}

/** Opens the sending end. */
export function openSource(end: TransferEnd, carried: Carried, tools: EndTools): Promise<Source> {
  const open = SOURCES[end.kind] as Openers<Source>['file'];
  return open(end as End<'file'>, carried, tools);
}
