/**
 * Asks the nodes what an allocator has to know of them.
 *
 * A1 Nodes that are offline or may not run instances are not asked.
 * A2 A node that does not answer ends the search: an allocator that knows nothing of it would plan
 *    as if its instances had gone.
 */
import { refuse } from '../../errors.js';
import type { DiskTemplate } from '../../model/disk-template.js';
import { fillPlainHvParams } from '../../model/fill.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import type { NodeId } from '../../model/ids.js';
import type { Node } from '../../model/node.js';
import type { AllocationRequest, AllocationView } from '../../ports/allocator.js';
import type { Params } from '../../model/params.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { InstanceStatus, NodeFacts, StorageUnit } from '../../ports/node-facts.js';
import type { Reply } from '../../ports/reply.js';
import type { LiveNode } from './input.js';
import { isAsked } from './nodes.js';

/**
 * What every node that can be asked says of itself. Throws `PrereqError` `environment_error`
 * (`verdict`).
 */
export async function askNodes(
  { diskTemplate, hypervisor }: AllocationRequest,
  view: AllocationView,
): Promise<ReadonlyMap<NodeId, LiveNode>> {
  const { config, rpc, signal } = view;
  const capable = [...config.all('node')].filter(({ vmCapable }) => vmCapable);
  const ids = capable.map(({ id }) => id);
  const ask = { storage: unitOf(diskTemplate, view), hypervisor };
  const facts = await rpc.nodeInfo(ids, ask, { signal });
  const guests = await rpc.allInstances(ids, hypervisorsOf(config), { signal });
  return new Map(
    capable.filter(isAsked).map((node): [NodeId, LiveNode] => {
      const said = insist(facts.get(node.id), node, signal);
      const running = insist(guests.get(node.id), node, signal);
      return [node.id, { facts: said, memoryOfInstances: memoryOf(running), ...cpusOf(said) }];
    }),
  );
}

/** The storage whose space counts. Ganeti has no numbers for the other templates. */
function unitOf(template: DiskTemplate, { config }: AllocationView): readonly StorageUnit[] {
  const { fileStorageDir, volumeGroup } = config.cluster;
  const key = template === 'file' ? fileStorageDir : volumeGroup;
  if (key === undefined) return [];
  if (template === 'file') return [{ kind: 'file', key }];
  return template === 'plain' || template === 'drbd' ? [{ kind: 'lvm-vg', key }] : [];
}

/** All hypervisors of the cluster, since any of them may run something. */
function hypervisorsOf({ cluster }: ConfigReader): {
  hypervisors: readonly HypervisorName[];
  hvParams: Readonly<Partial<Record<HypervisorName, Params>>>;
} {
  const hypervisors = cluster.enabledHypervisors;
  const filled = hypervisors.map((name) => [name, fillPlainHvParams(cluster, name, {})]);
  return { hypervisors, hvParams: Object.fromEntries(filled) as Record<HypervisorName, Params> };
}

function memoryOf(guests: ReadonlyMap<string, InstanceStatus>): ReadonlyMap<string, number> {
  return new Map([...guests].map(([name, { memoryMib }]) => [name, memoryMib]));
}

function cpusOf({ cpuNode }: NodeFacts): Pick<LiveNode, 'nodeCpus'> {
  return cpuNode === undefined ? {} : { nodeCpus: cpuNode };
}

/** The answer. Without one, the reason of an abort goes before the node's. */
function insist<T>(reply: Reply<T> | undefined, { name }: Node, signal: AbortSignal): T {
  if (reply?.ok === true) return reply.payload;
  signal.throwIfAborted();
  return refuse.environment(
    `Node ${name} did not tell what an allocator has to know: ${reply?.message ?? 'no answer'}; ` +
      'bring it back, or mark it offline',
    { about: 'verdict' },
  );
}
