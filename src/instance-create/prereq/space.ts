/**
 * Whether there is room for new disks: how much they need, and how much their nodes have.
 */
import { ProgrammerError, refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import { fillPlainHvParams } from '../../model/fill.js';
import type { NodeFacts, StorageUnit } from '../../ports/node-facts.js';
import { type Reply, replyOf, unwrap } from '../../ports/reply.js';
import type { DiskSpec } from '../wishes.js';
import type { PlannedNode, PlannedNodes } from '../types.js';

/** Storage whose space can be asked for, though Ganeti does not. */
const FILE_UNITS: Readonly<Partial<Record<DiskTemplate, StorageUnit['kind']>>> = {
  file: 'file',
  sharedfile: 'sharedfile',
};

/** What the rooms of storage may touch. */
export type StorageContext = Pick<PrereqContext, 'config' | 'rpc' | 'reserve' | 'compatibility'>;

/** Disks that are to be made, and where. */
export interface NewDisks {
  readonly template: DiskTemplate;
  readonly specs: readonly DiskSpec[];
  readonly nodes: PlannedNodes;
}

/**
 * What disks take of each volume group, MiB, in the order in which the groups occur. Metadata count
 * where the data lie, wherever they will lie themselves, as in Ganeti (`ComputeDiskSizePerVG`).
 */
export function requiredSpacePerGroup(
  template: DiskTemplate,
  specs: readonly Pick<DiskSpec, 'sizeMib' | 'volumeGroup'>[],
): ReadonlyMap<string, number> {
  const { lvm, metadataMib, spaceKnown } = DISK_TEMPLATE_FACTS[template];
  if (!spaceKnown) throw new ProgrammerError(`Nobody knows where '${template}' takes space from`);
  const perGroup = new Map<string, number>();
  for (const { sizeMib, volumeGroup = '' } of lvm ? specs : []) {
    perGroup.set(volumeGroup, (perGroup.get(volumeGroup) ?? 0) + sizeMib + metadataMib);
  }
  return perGroup;
}

/** What disks take in all, MiB, as allocators are told (`ComputeDiskSize`). */
export function diskSpaceTotal(
  template: DiskTemplate,
  specs: readonly Pick<DiskSpec, 'sizeMib'>[],
): number {
  const { countsSpace, metadataMib } = DISK_TEMPLATE_FACTS[template];
  if (!countsSpace) return 0;
  return specs.reduce((sum, { sizeMib }) => sum + sizeMib + metadataMib, 0);
}

/** Refuses disks for which a node has no room. */
export async function checkSpace(
  { template, specs, nodes }: NewDisks,
  ctx: StorageContext,
): Promise<void> {
  const all = [nodes.primary, ...nodes.secondaries];
  if (!DISK_TEMPLATE_FACTS[template].lvm) return;
  for (const [key, neededMib] of requiredSpacePerGroup(template, specs)) {
    await checkGroup({ unit: { kind: 'lvm-vg', key }, neededMib }, all, ctx);
  }
}

/**
 * Refuses disk files that are larger than what is free in their directory. Ganeti leaves this out
 * and fails, or overcommits, in the middle of the work.
 */
export async function checkFileSpace(
  { template, specs, nodes: { primary } }: NewDisks,
  directory: string,
  ctx: StorageContext,
): Promise<void> {
  const kind = FILE_UNITS[template];
  if (kind === undefined || specs.length === 0) return;
  const need = { unit: { kind, key: directory }, neededMib: diskSpaceTotal(template, specs) };
  const freeMib = freeIn(need.unit, await askOne(need.unit, primary, ctx));
  if (freeMib !== undefined) compare(need, freeMib, primary);
}

interface Need {
  readonly unit: StorageUnit;
  readonly neededMib: number;
}

/** All nodes are asked at once, then each answer is looked at. */
async function checkGroup(
  need: Need,
  nodes: readonly PlannedNode[],
  ctx: StorageContext,
): Promise<void> {
  const replies = await ask(need.unit, nodes, ctx);
  for (const node of nodes) {
    const facts = told(replyOf(replies, node.id), node);
    const found = facts.storage.find(({ kind }) => kind === need.unit.kind);
    if (found === undefined) {
      refuse.environment(`${node.name} says nothing of its volume groups; look at the node`, {
        about: 'unclassified',
      });
    } else if (found.freeMib === undefined) {
      refuse.environment(`${node.name} cannot tell how much of ${need.unit.key} is free`);
    } else compare(need, found.freeMib, node);
  }
}

function compare({ unit, neededMib }: Need, freeMib: number, { name }: PlannedNode): void {
  if (neededMib <= freeMib) return;
  refuse.resources(
    `The disks need ${neededMib} MiB, but ${unit.key} on ${name} has ${freeMib} MiB free; ` +
      'make them smaller, or choose another node',
  );
}

async function askOne(
  unit: StorageUnit,
  node: PlannedNode,
  ctx: StorageContext,
): Promise<NodeFacts> {
  return told(replyOf(await ask(unit, [node], ctx), node.id), node);
}

/** Whatever the instance will run in, it is the cluster's default hypervisor that is asked. */
function ask(
  unit: StorageUnit,
  nodes: readonly PlannedNode[],
  { config: { cluster }, rpc }: StorageContext,
): ReturnType<PrereqContext['rpc']['nodeInfo']> {
  const [hypervisor] = cluster.enabledHypervisors;
  const asked =
    hypervisor === undefined
      ? {}
      : { hypervisor, hvParams: fillPlainHvParams(cluster, hypervisor, {}) };
  return rpc.nodeInfo(
    nodes.map(({ id }) => id),
    { storage: [unit], ...asked },
  );
}

function told(reply: Reply<NodeFacts>, { name }: PlannedNode): NodeFacts {
  return unwrap.prereq(reply, `Cannot learn how much space is free on ${name}`);
}

function freeIn({ kind, key }: StorageUnit, { storage }: NodeFacts): number | undefined {
  return storage.find((space) => space.kind === kind && space.key === key)?.freeMib;
}
