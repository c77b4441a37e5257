/**
 * The two ends of a transfer on this machine: where contents go, and where they come from. Each is
 * opened before the transfer begins, so that what can be refused is refused at once.
 */
import type { TransferEnd } from '../../ports/transfer.js';
import type { Carried, EndTools, Sink, Source } from './end.js';
import { diskSink, diskSource } from './disk-end.js';
import { fileSink, fileSource } from './file-end.js';
import { scriptSink, scriptSource } from './script-end.js';

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
