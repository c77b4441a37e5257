/**
 * Asks the nodes whether they could run the instance as planned.
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import { checkFreeMemory } from '../../lu-helpers.js';
import { fillPlainHvParams, osBaseName } from '../../model/fill.js';
import type { NodeId } from '../../model/ids.js';
import type { Replies } from '../../ports/reply.js';
import { failed, type Reply, unwrap } from '../../ports/reply.js';
import type { CreateNames, PlannedNodes, PlannedParams } from '../types.js';
import type { PlannedNics } from './nics.js';

/** What the nodes are asked about. */
export interface Readiness {
  readonly names: CreateNames;
  readonly params: PlannedParams;
  readonly nics: PlannedNics;
  readonly nodes: PlannedNodes;
  /** Whether the OS's create script will run. */
  readonly installs: boolean;
}

/** Hypervisor and OS parameters, bridges and memory, in this order. */
export async function checkReadiness(plan: Readiness, ctx: PrereqContext): Promise<void> {
  await checkHypervisor(plan, ctx);
  await checkOs(plan, ctx);
  await checkBridges(plan, ctx);
  if (plan.names.start) await checkMemory(plan, ctx);
}

function checkMemory({ names, params, nodes }: Readiness, ctx: PrereqContext): Promise<void> {
  const need = {
    name: names.host.name,
    hypervisor: names.hypervisor,
    memoryMib: params.filled.be.maxMemMib,
  };
  return checkFreeMemory(need, nodes.primary.id, ctx);
}

async function checkHypervisor({ names, nodes }: Readiness, ctx: PrereqContext): Promise<void> {
  const { hypervisor, hvParams } = names;
  const params = fillPlainHvParams(ctx.config.cluster, hypervisor, hvParams);
  const replies = await ctx.rpc.validateHypervisor(idsOf(nodes), { hypervisor, params });
  for (const { id, name } of [nodes.primary, ...nodes.secondaries]) {
    accept(replyOf(replies, id), `Node ${name} does not accept the parameters of ${hypervisor}`);
  }
}

async function checkOs(plan: Readiness, ctx: PrereqContext): Promise<void> {
  const { type, forceVariant } = plan.names.os;
  const request = { os: type, params: plan.params.filled.os, forceVariant };
  const replies = await ctx.rpc.validateOs(idsOf(plan.nodes), request);
  for (const { id, name } of [plan.nodes.primary, ...plan.nodes.secondaries]) {
    const known = accept(replyOf(replies, id), `Node ${name} does not accept OS '${type}'`);
    if (!known) refuse.unknown(`Node ${name} has no OS '${type}'; install its definition there`);
  }
  if (plan.installs) await checkTrust(plan, ctx);
}

/** Before anything is made, not when the script is about to run. */
async function checkTrust({ names, nodes }: Readiness, ctx: PrereqContext): Promise<void> {
  const os = osBaseName(names.os.type);
  const { id, name } = nodes.primary;
  const facts = accept(await ctx.rpc.findOs(id, { os }), `Cannot look OS '${os}' up on ${name}`);
  if (facts === undefined) {
    refuse.unknown(`Node ${name} has no usable OS '${os}'; install its definition there`);
  }
  if (facts?.trusted === false) {
    refuse.input(`OS '${os}' wants a helper machine to install; that is not supported yet`);
  }
}

async function checkBridges({ nics, nodes }: Readiness, ctx: PrereqContext): Promise<void> {
  const bridged = nics.filled.filter(({ params }) => params.mode === 'bridged');
  if (bridged.length === 0) return;
  const { id, name } = nodes.primary;
  const bridges = bridged.map(({ params }) => params.link);
  const reply = await ctx.rpc.bridgesExist(id, { bridges });
  unwrap.prereq(reply, `Network cards cannot be connected on ${name}`);
}

/** A node that says no speaks of the request; one that says nothing, of its own state. */
function accept<T>(reply: Reply<T>, doing: string): T {
  const refused = !reply.ok && reply.failure === 'failed';
  return unwrap.prereq(reply, doing, refused ? 'wrong_input' : 'environment_error');
}

function replyOf<T>(replies: Replies<NodeId, T>, id: NodeId): Reply<T> {
  return replies.get(id) ?? failed('no answer', 'unreachable');
}

function idsOf({ primary, secondaries }: PlannedNodes): readonly NodeId[] {
  return [primary, ...secondaries].map(({ id }) => id);
}
