/**
 * The order of a creation's steps, and what cannot be written down about one. Checked by `tsc`.
 */
import { prepare } from '../../src/instance-create/exec/prepare.js';
import { provision } from '../../src/instance-create/exec/provision.js';
import { register } from '../../src/instance-create/exec/register.js';
import { start } from '../../src/instance-create/exec/start.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { sourceOf } from '../../src/instance-create/source/source-of.js';
import type { CreateNames, CreatePlan } from '../../src/instance-create/types.js';
import type { Placement } from '../../src/instance-create/wishes.js';
import type { ExecContext, PrereqContext } from '../../src/lu-base.js';
import type { NodeId } from '../../src/model/ids.js';
import type { Reply } from '../../src/ports/reply.js';

declare const plan: CreatePlan;
declare const names: CreateNames;
declare const reply: Reply<number>;

/** Each step takes what the step before it gave. */
export async function order(ctx: ExecContext, prereq: PrereqContext): Promise<void> {
  const provisioned = await provision(plan, ctx);
  // @ts-expect-error -- disks are registered before they are prepared
  await prepare(provisioned, plan, ctx);
  const registered = await register(provisioned, plan, ctx);
  // @ts-expect-error -- disks are prepared before something is installed on them
  await sourceOf(plan.mode).install(registered, plan, ctx);
  const prepared = await prepare(registered, plan, ctx);
  // @ts-expect-error -- something is installed before it is started
  await start(prepared, plan, ctx);
  const installed = await sourceOf(plan.mode).install(prepared, plan, ctx);
  await start(installed, plan, ctx);
  // @ts-expect-error -- nothing is made while prerequisites are checked
  await provision(plan, prereq);
}

/** Values of a phase are the next one's to read, not to write. */
export function immutable(): void {
  // @ts-expect-error -- plans are immutable
  plan.steps.start = false;
  // @ts-expect-error -- plans are immutable
  void plan.disks.push;
  // @ts-expect-error -- so are the objects in them
  plan.instance.name = 'other';
  // @ts-expect-error -- names are immutable
  names.host.name = 'other';
}

/** Either an operator or an allocator decides. */
export function placements(primary: NodeId): readonly Placement<NodeId>[] {
  return [
    { by: 'operator', primary },
    { by: 'allocator', allocator: 'most-free', rung: 'claims' },
    // @ts-expect-error -- an operator does not take what is free
    { by: 'operator', primary, rung: 'claims' },
    // @ts-expect-error -- an allocator is not told the node
    { by: 'allocator', primary, allocator: 'most-free', rung: 'full' },
  ];
}

/** Requests are checked by the compiler, too. */
export const requests: readonly CreateOp[] = [
  { instanceName: 'web1', mode: 'create', disks: [{ size: '10g' }], nics: [] },
  // @ts-expect-error -- a field that does not exist
  { instanceName: 'web1', mode: 'create', disks: [], nics: [], colour: 'red' },
  // @ts-expect-error -- no mode
  { instanceName: 'web1', disks: [], nics: [] },
  // @ts-expect-error -- left out and undefined are not the same
  { instanceName: 'web1', mode: 'create', disks: [], nics: [], pnode: undefined },
];

/** A reply has to be looked at before it is used. */
export function replies(): number {
  // @ts-expect-error -- it may be a failure
  void reply.payload;
  return reply.ok ? reply.payload : 0;
}
