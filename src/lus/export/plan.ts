/**
 * Decides an export: whether it may be, and of what it will be made.
 *
 * X1 What can be known before is a refusal: a guest is not stopped for an export that cannot be.
 * X2 Nodes are locked as long as the transfers take; so only those that have to be stay locked.
 */
import { refuse } from '../../errors.js';
import { lookUpNode } from '../../instance-create/look-up-node.js';
import type { PrereqContext } from '../../lu-base.js';
import { checkPrimaryOnline, instanceNodes, lockedInstance, runtimeOf } from '../../lu-helpers.js';
import type { Disk } from '../../model/disk.js';
import { DISK_TEMPLATE_FACTS } from '../../model/disk-template.js';
import type { NodeId } from '../../model/ids.js';
import type { Instance } from '../../model/instance.js';
import type { Node } from '../../model/node.js';
import { partialExportName } from '../../ports/exports.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { DEFAULT_GRACE_MS } from '../instance-op.js';
import { exportDescription } from './describe.js';
import { planSnapshots } from './snapshots.js';
import type { ExportOp, ExportPhases, ExportPlan } from './types.js';

/** The plan. Throws `PrereqError`. */
export async function planExport(
  { op, target: wanted }: ExportPhases['names'],
  ctx: PrereqContext,
): Promise<ExportPlan> {
  const { config, site } = ctx;
  const instance = lockedInstance(config, wanted);
  const runtime = runtimeOf(config, instance);
  checkInstance(instance, op, ctx);
  const target = checkTarget(op.targetNode, ctx);
  checkCompression(op, ctx);
  const { shutdown: stop = true, compress = NO_COMPRESSION, graceMs = DEFAULT_GRACE_MS } = op;
  const runsOn = instance.adminState === 'up' && op.removeInstance !== true;
  const snapshots = runsOn ? copiesOf(runtime, op, ctx) : undefined;
  const found = await exportsOf(instance, ctx);
  const olderOn = found.whole.filter((node) => node !== target.id);
  ctx.locks.keepOnly('node', [...instanceNodes(instance), target.id, ...olderOn]);
  const plan: ExportPlan = {
    op,
    runtime,
    target,
    path: `${site.exportDir.replace(/\/+$/, '')}/${instance.name}`,
    compress,
    stop,
    graceMs,
    restart: stop && runsOn,
    assemble: !instance.disksActive && runtime.disks.some(needsAssembly),
    ...(snapshots === undefined ? {} : { snapshots }),
    stale: found.partial.includes(target.id),
    olderOn,
  };
  // What the form cannot hold is found before anything is done.
  exportDescription(plan, snapshots ?? runtime.disks, ctx);
  return plan;
}

/** The name of no compression at all (Ganeti's `IEC_NONE`). */
const NO_COMPRESSION = 'none';

function checkInstance(instance: Instance, op: ExportOp, { config }: PrereqContext): void {
  const { name, adminState, diskIds, forthcoming } = instance;
  checkPrimaryOnline(config, instance);
  if (forthcoming === true) refuse.state(`Instance '${name}' is only reserved; there is no data`);
  if (diskIds.length === 0) refuse.state(`Instance '${name}' has no disks, so there is no data`);
  if (op.removeInstance === true && adminState === 'up' && op.shutdown === false) {
    refuse.state(`Instance '${name}' runs; it cannot be removed unless it may be shut down`);
  }
}

function checkTarget(targetNode: string, { config }: PrereqContext): Node {
  const node = lookUpNode({ name: targetNode }, config);
  if (node.offline) refuse.state(`Node '${node.name}' is marked offline; choose another node`);
  if (node.drained) refuse.state(`Node '${node.name}' is drained; choose another node`);
  return node;
}

function checkCompression({ compress }: ExportOp, { config }: PrereqContext): void {
  const tools = [NO_COMPRESSION, ...config.cluster.compressionTools];
  if (compress === undefined || tools.includes(compress)) return;
  refuse.input(`The cluster does not allow '${compress}' for transfers; use ${tools.join(', ')}`);
}

/**
 * Copies for a guest that runs on. Disks that cannot be copied at one moment are read while the
 * guest is down, if it may be for so long.
 */
function copiesOf(
  { instance, disks }: RuntimeInstance,
  { shutdown = true, longSleep = false }: ExportOp,
  ctx: PrereqContext,
): readonly Disk[] | undefined {
  const { name, diskTemplate } = instance;
  if (disks.every(({ template }) => DISK_TEMPLATE_FACTS[template].snapshots)) {
    return planSnapshots(disks, instance.primaryNode, ctx.reserve);
  }
  const cannot = `Disks of '${name}' (${diskTemplate}) cannot be copied while it runs`;
  if (!shutdown) refuse.state(`${cannot}; allow shutdown and longSleep, or stop it first`);
  if (!longSleep) refuse.state(`${cannot}; allow longSleep, or stop it first`);
  return undefined;
}

function needsAssembly({ template }: Disk): boolean {
  return DISK_TEMPLATE_FACTS[template].assembled;
}

/** Which nodes have exports of the instance. A node that does not say counts as having none. */
async function exportsOf(
  { name }: Instance,
  { config, rpc }: PrereqContext,
): Promise<{ readonly whole: readonly NodeId[]; readonly partial: readonly NodeId[] }> {
  const nodes = [...config.all('node')].map(({ id }) => id).sort();
  const lists = await rpc.listExports(nodes, {});
  const having = (wanted: string): readonly NodeId[] =>
    nodes.filter((id) => {
      const reply = lists.get(id);
      return reply?.ok === true && reply.payload.includes(wanted);
    });
  return { whole: having(name), partial: having(partialExportName(name)) };
}
