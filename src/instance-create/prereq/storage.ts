/**
 * Lays the disks out and looks whether there is room for them.
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import type { InstanceId } from '../../model/ids.js';
import { failed, unwrap } from '../../ports/reply.js';
import { type LaidOut, layoutOf } from '../disk-layouts.js';
import type { CreateNames, PlannedNode, PlannedNodes } from '../types.js';

/** The disks to be made, with their places claimed; there is room for them now. */
export async function planStorage(
  names: CreateNames,
  instanceId: InstanceId,
  nodes: PlannedNodes,
  ctx: PrereqContext,
): Promise<LaidOut> {
  const layout = layoutOf(names.storage.template);
  const laidOut = layout(names.disks, {
    instanceName: names.host.name,
    instanceId,
    storage: names.storage,
    cluster: ctx.config.cluster,
    reserve: ctx.reserve,
  });
  await checkSpace(laidOut, nodes.primary, ctx);
  return laidOut;
}

/** Ganeti leaves this out for files and fails, or overcommits, in the middle of the work. */
async function checkSpace(
  { disks, space }: LaidOut,
  { id, name }: PlannedNode,
  ctx: PrereqContext,
): Promise<void> {
  if (space === undefined) return;
  const [hypervisor] = ctx.config.cluster.enabledHypervisors;
  const request = { storage: [space], ...(hypervisor === undefined ? {} : { hypervisor }) };
  const replies = await ctx.rpc.nodeInfo([id], request);
  const facts = unwrap.prereq(
    replies.get(id) ?? failed('no answer'),
    `Cannot learn how much space is free on ${name}`,
  );
  const freeMib = facts.storage[0]?.freeMib;
  const neededMib = disks.reduce((sum, { sizeMib }) => sum + sizeMib, 0);
  if (freeMib === undefined || neededMib <= freeMib) return;
  refuse.resources(
    `The disks need ${neededMib} MiB, but ${space.key} on ${name} has ${freeMib} MiB free; ` +
      'make them smaller, or choose another node',
  );
}
