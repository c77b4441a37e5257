/**
 * What undo actions may use: the host's nodes and configuration, in the right of whoever takes
 * something back.
 *
 * X1 Undo is shielded from its caller's signal, but nothing is undone without the right to.
 */
import { FencedConfig } from './fenced-config.js';
import { fencedRpc } from './fenced-rpc.js';
import type { Host } from '../host.js';
import { joinSignals } from '../ports/joined-signals.js';
import { areShared, lossOf } from './owner-fence.js';
import type { FenceSource } from '../ports/fence.js';
import type { UndoContext } from '../ports/journal.js';
import type { Reports } from '../reports.js';
import { untilAborted } from '../until-aborted.js';

/** What to undo with. */
export interface Undoing {
  readonly fence: FenceSource;
  readonly report: Reports;
  /** Ends it early; what is left stays in the journal. */
  readonly signal?: AbortSignal;
}

/** Undoes in the right of a fence; for no longer than this process has its locks (X1). */
export async function undoing<T>(
  host: Host,
  about: Undoing,
  work: (ctx: UndoContext) => Promise<T>,
): Promise<T> {
  const { lost } = host.locks;
  const { signal, dispose } = joinSignals([about.signal, lost]);
  try {
    const done = work({ ...partsOf(host, about.fence, signal), report: about.report, signal });
    return await (lost === undefined ? done : untilAborted(done, lost, () => lossOf(lost)));
  } finally {
    dispose();
  }
}

function partsOf(
  { locks, rpc, config }: Host,
  fence: FenceSource,
  signal: AbortSignal,
): Pick<UndoContext, 'rpc' | 'config'> {
  if (!areShared(locks)) return { rpc, config };
  return { rpc: fencedRpc(rpc, fence, signal), config: new FencedConfig(config, fence) };
}
