/**
 * Asks the nodes whether they could run the instance as planned.
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import { checkFreeMemory } from '../../lu-helpers.js';
import { fillPlainHvParams, osBaseName } from '../../model/fill.js';
import type { NodeId } from '../../model/ids.js';
import { type Reply, replyOf, unwrap } from '../../ports/reply.js';
import type { RuntimeNic } from '../../ports/runtime.js';
import { imageProblem } from '../install-image.js';
import { sourceOf } from '../source/source-of.js';
import type { DiskSpec } from '../wishes.js';
import type { PlannedNodes, PlannedParams, Wanted } from '../types.js';

/** Means that nothing is compressed. */
const NO_COMPRESSION = 'none';

/** What the nodes are asked about. */
export interface Readiness {
  readonly wanted: Wanted;
  readonly params: PlannedParams;
  readonly nics: readonly RuntimeNic[];
  readonly nodes: PlannedNodes;
  readonly disks: readonly DiskSpec[];
}

/**
 * Hypervisor and OS parameters, bridges, compression and memory, in this order. Answers whether the
 * OS's scripts may run on nodes; `undefined` if that was not asked.
 */
export async function checkReadiness(
  plan: Readiness,
  ctx: PrereqContext,
): Promise<boolean | undefined> {
  await checkHypervisor(plan, ctx);
  const osTrusted = await checkOs(plan, ctx);
  await checkBridges(plan, ctx);
  checkCompression(plan, ctx);
  if (plan.wanted.start) await checkMemory(plan, ctx);
  return osTrusted;
}

function checkMemory({ wanted, params, nodes }: Readiness, ctx: PrereqContext): Promise<void> {
  const { hypervisor } = wanted;
  const need = {
    name: wanted.host.name,
    hypervisor,
    memoryMib: params.filled.be.maxMemMib,
    hvParams: fillPlainHvParams(ctx.config.cluster, hypervisor, params.own.hv),
  };
  return checkFreeMemory(need, nodes.primary.id, ctx);
}

/** Nodes are asked about cluster and instance only, not about what the OS overrides. */
async function checkHypervisor(
  { wanted, params: { own }, nodes }: Readiness,
  ctx: PrereqContext,
): Promise<void> {
  const { hypervisor } = wanted;
  const params = fillPlainHvParams(ctx.config.cluster, hypervisor, own.hv);
  const replies = await ctx.rpc.validateHypervisor(idsOf(nodes), { hypervisor, params });
  for (const { id, name } of [nodes.primary, ...nodes.secondaries]) {
    const reply = replyOf(replies, id);
    // Who is offline will not run it now.
    if (!reply.ok && reply.failure === 'offline') continue;
    accept(reply, `Node ${name} does not accept the parameters of ${hypervisor}`);
  }
}

async function checkOs(plan: Readiness, ctx: PrereqContext): Promise<boolean | undefined> {
  const { osType, forceVariant, noInstall } = plan.wanted.op;
  const { nodes, params, wanted, disks } = plan;
  if (osType === undefined) return undefined;
  const request = { os: osType, params: params.filled.os, forceVariant: forceVariant ?? false };
  const replies = await ctx.rpc.validateOs(idsOf(nodes), request);
  for (const { id, name } of [nodes.primary, ...nodes.secondaries]) {
    const known = accept(replyOf(replies, id), `Node ${name} does not accept OS '${osType}'`);
    if (known) continue;
    if (ctx.compatibility.osLookUp === 'early') {
      refuse.unknown(`Node ${name} has no OS '${osType}'; install its definition there`);
    }
    ctx.report.info(`Node ${name} has no OS '${osType}'; its parameters were not checked`);
  }
  const scripts = disks.length > 0 && !wanted.adopts && noInstall !== true;
  const isDue = scripts && ctx.compatibility.osLookUp === 'early';
  return isDue ? checkThere(plan, osType, ctx) : undefined;
}

/**
 * Before anything is made, not when the script is about to run. Answers whether scripts may run on
 * the node.
 */
async function checkThere(
  { nodes: { primary }, wanted }: Readiness,
  osType: string,
  ctx: PrereqContext,
): Promise<boolean> {
  const os = osBaseName(osType);
  const { id, name } = primary;
  const facts = accept(await ctx.rpc.findOs(id, { os }), `Cannot look OS '${os}' up on ${name}`);
  if (facts === undefined) {
    return refuse.unknown(`Node ${name} has no usable OS '${os}'; install its definition there`);
  }
  if (!facts.trusted) checkHelper(os, wanted, ctx);
  return facts.trusted;
}

/** An OS whose scripts may run on no node needs a helper machine, and work that one can do. */
function checkHelper(os: string, { mode }: Wanted, ctx: PrereqContext): void {
  const why = `OS '${os}' may run no scripts on nodes`;
  if (sourceOf(mode).inHelper !== true && ctx.compatibility.oddRequests === 'refused') {
    refuse.state(`${why}, so nothing can be imported by it; take a trusted OS`);
  }
  const problem = imageProblem(ctx);
  if (problem !== undefined) refuse.state(`${why}, and ${problem}, or take a trusted OS`);
}

async function checkBridges({ nics, nodes }: Readiness, ctx: PrereqContext): Promise<void> {
  const bridged = nics.filter(({ params }) => params.mode === 'bridged');
  if (bridged.length === 0) return;
  const { id, name } = nodes.primary;
  const bridges = bridged.map(({ params }) => params.link);
  const reply = await ctx.rpc.bridgesExist(id, { bridges });
  unwrap.prereq(reply, `Network cards cannot be connected on ${name}`);
}

function checkCompression({ wanted: { op } }: Readiness, { config }: PrereqContext): void {
  const { compress = NO_COMPRESSION } = op;
  const tools = config.cluster.compressionTools;
  if (compress === NO_COMPRESSION || tools.includes(compress)) return;
  refuse.input(
    `The cluster does not allow '${compress}' for transfers; use ` +
      [NO_COMPRESSION, ...tools].join(', '),
  );
}

/** A node that says no speaks of the request; one that says nothing, of its own state. */
function accept<T>(reply: Reply<T>, doing: string): T {
  const refused = !reply.ok && reply.failure === 'failed';
  return unwrap.prereq(reply, doing, refused ? 'wrong_input' : 'environment_error', 'verdict');
}

function idsOf({ primary, secondaries }: PlannedNodes): readonly NodeId[] {
  return [primary, ...secondaries].map(({ id }) => id);
}
