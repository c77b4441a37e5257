/**
 * What a phase cannot do does not compile. Checked by `tsc`: a line below a directive which compiles
 * after all is an error. Nothing here runs.
 */
import type {
  ArgsContext,
  ExecContext,
  LocksContext,
  NamesContext,
  PrereqContext,
} from '../../src/lu-base.js';
import type { Disk } from '../../src/model/disk.js';
import type { InstanceId, NodeId } from '../../src/model/ids.js';
import type { UndoEntry } from '../../src/ports/journal.js';

declare const disk: Disk;
declare const entry: UndoEntry;
declare const node: NodeId;
declare const instance: InstanceId;

/** Before anything is locked, a request is understood, and that is all. */
export function inArguments(ctx: ArgsContext): void {
  void ctx.resolver;
  // @ts-expect-error -- nothing is locked yet
  void ctx.locks;
  // @ts-expect-error -- nobody is asked yet
  void ctx.rpc;
  // @ts-expect-error -- nothing is claimed yet
  void ctx.reserve;
}

/** Names are looked up without locks. */
export function inNames(ctx: NamesContext): void {
  void ctx.resolver;
  // @ts-expect-error -- nothing is locked yet
  void ctx.locks;
  // @ts-expect-error -- nobody is asked yet
  void ctx.rpc;
}

/** Deferred locks are settled by looking at those that are held. */
export function inDeclareLocks(ctx: LocksContext): void {
  void ctx.locks.at('node');
  // @ts-expect-error -- locks shrink when it is known what is needed, not before
  void ctx.locks.keepOnly;
  void ctx.rpc.nodeInfo([node], { storage: [] });
  void ctx.capacity.own;
  // @ts-expect-error -- a command to a node
  void ctx.rpc.createDisk;
  // @ts-expect-error -- values are claimed under all locks
  void ctx.reserve;
}

/** Prerequisites ask, claim and give locks back. */
export function inPrereq(ctx: PrereqContext): void {
  ctx.locks.keepOnly('node', []);
  ctx.reserve.name('web1');
  void ctx.rpc.nodeInfo([node], { storage: [] });
  // @ts-expect-error -- a command to a node
  void ctx.rpc.createDisk;
  // @ts-expect-error -- a command to a node
  void ctx.rpc.removeDisk;
  // @ts-expect-error -- a command to a node
  void ctx.rpc.installOs;
  // @ts-expect-error -- a command to a node
  void ctx.rpc.startInstance;
  // @ts-expect-error -- a change of the configuration
  void ctx.config.commit;
  // @ts-expect-error -- no lock can be added
  void ctx.locks.acquire;
  // @ts-expect-error -- claims end with the attempt, not before
  void ctx.reserve.release;
  // @ts-expect-error -- where nothing is done, nothing is undone
  void ctx.undo;
}

/** The work may do all of that, and still not take more locks. */
export function inExec(ctx: ExecContext): void {
  void ctx.undo.defer(entry);
  void ctx.config.commit('why', (draft) => draft.remove('instance', instance));
  void ctx.rpc.createDisk(node, { disk, owner: '', info: '' });
  // @ts-expect-error -- no lock can be added
  void ctx.locks.acquire;
  // @ts-expect-error -- ids of nodes and instances are not the same
  void ctx.rpc.createDisk(instance, { disk, owner: '', info: '' });
}

/** A later context is an earlier one, but not the other way round. */
export function order(prereq: PrereqContext, exec: ExecContext): void {
  const earlier: ArgsContext = exec;
  void earlier;
  // @ts-expect-error -- prerequisites have not got what the work needs
  const later: ExecContext = prereq;
  void later;
}
