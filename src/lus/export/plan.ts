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
  checkWriter(target, ctx);
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

/** Somebody has to write the description; found before hours of transfer rather than after. */
function checkWriter({ name }: Pick<Node, 'name'>, { rpc, site }: PrereqContext): void {
  if (rpc.wantsDescription !== true || site.exportWriter !== undefined) return;
  const hint = 'such as encodeExport of logical-units/ganeti';
  refuse.environment(
    `'${name}' writes no descriptions of exports; give Site.exportWriter, ${hint}`,
  );
}

/**
 * Copies for a guest that runs on. Those that cannot be made while it runs are made while it is
 * down, if the nodes can. If they cannot, or it may be down for long, the disks themselves are read
 * while it is: that takes no room beside the export's.
 */
function copiesOf(
  { instance, disks }: RuntimeInstance,
  { shutdown = true, longSleep = false }: ExportOp,
  { rpc, reserve }: PrereqContext,
): readonly Disk[] | undefined {
  const { name, diskTemplate, primaryNode } = instance;
  const facts = disks.map(({ template }) => DISK_TEMPLATE_FACTS[template]);
  const whileItRuns = facts.every(({ snapshots }) => snapshots);
  if (longSleep && !whileItRuns) return undefined;
  const whileDown = rpc.copiesFiles === true && facts.every(({ fileBased }) => fileBased);
  if (whileItRuns || (whileDown && shutdown)) return planSnapshots(disks, primaryNode, reserve);
  const wanted = [...(shutdown ? [] : ['shutdown']), ...(whileDown ? [] : ['longSleep'])];
  const hint = `allow ${wanted.join(' and ')}, or stop it first`;
  return refuse.state(
    `Disks of '${name}' (${diskTemplate}) cannot be copied while it runs; ${hint}`,
  );
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
