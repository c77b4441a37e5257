/**
 * What undo actions may use: the host's nodes and configuration, in the right of whoever takes
 * something back.
 *
 * X1 Undo is shielded from its caller's signal, but nothing is undone without the right to.
 */
import { FencedConfig } from './fenced-config.js';
import { fencedRpc } from './fenced-rpc.js';
import type { Host } from './host.js';
import { joinSignals } from './ports/joined-signals.js';
import { areShared } from './owner-fence.js';
import type { FenceSource } from './ports/fence.js';
import type { UndoContext } from './ports/journal.js';
import type { Reports } from './reports.js';

/** Undoes in the right of `fence`; `signal`, if given, ends it early. Resolves as the work does. */
export async function undoing<T>(
  host: Host,
  about: { readonly fence: FenceSource; readonly report: Reports; readonly signal?: AbortSignal },
  work: (ctx: UndoContext) => Promise<T>,
): Promise<T> {
  const { fence, report } = about;
  const { signal, dispose } = joinSignals([about.signal, host.locks.lost]);
  const parts = areShared(host.locks)
    ? { rpc: fencedRpc(host.rpc, fence), config: new FencedConfig(host.config, fence) }
    : { rpc: host.rpc, config: host.config };
  try {
    return await work({ ...parts, report, signal });
  } finally {
    dispose();
  }
}
