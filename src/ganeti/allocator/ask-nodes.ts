/**
 * Asks the nodes what an allocator has to know of them.
 *
 * A1 Nodes that are offline or may not run instances are not asked.
 * A2 A node that does not answer ends the search: an allocator that knows nothing of it would plan
 *    as if its instances had gone.
 * A3 An instance whose memory cannot grow is not asked about: that it runs is enough.
 */
import { refuse } from '../../errors.js';
import { fillBeParams, fillHvParams } from '../../model/fill.js';
import type { DiskTemplate } from '../../model/disk-template.js';
import type { Instance } from '../../model/instance.js';
import type { NodeId } from '../../model/ids.js';
import type { Node } from '../../model/node.js';
import type { AllocationRequest, AllocationView } from '../../ports/allocator.js';
import type { StorageUnit } from '../../ports/node-rpc.js';
import type { Reply } from '../../ports/reply.js';
import type { LiveNode } from './input.js';
import { isAsked } from './nodes.js';

/** What every node that can be asked says of itself. Throws `PrereqError` `environment_error`. */
export async function askNodes(
  { diskTemplate, hypervisor }: AllocationRequest,
  view: AllocationView,
): Promise<ReadonlyMap<NodeId, LiveNode>> {
  const { config, rpc, signal } = view;
  const nodes = [...config.all('node')].filter(isAsked);
  const ids = nodes.map(({ id }) => id);
  const ask = { storage: unitOf(diskTemplate, view), hypervisor };
  const replies = await rpc.nodeInfo(ids, ask, { signal });
  const live = await Promise.all(
    nodes.map(async (node): Promise<[NodeId, LiveNode]> => {
      const facts = insist(replies.get(node.id), node, signal);
      return [node.id, { facts, memoryOfInstances: await memoryOn(node, view) }];
    }),
  );
  return new Map(live);
}

/** The storage whose space counts. Ganeti has no numbers for the other templates. */
function unitOf(template: DiskTemplate, { config }: AllocationView): readonly StorageUnit[] {
  const { fileStorageDir, volumeGroup } = config.cluster;
  const key = template === 'file' ? fileStorageDir : volumeGroup;
  if (key === undefined) return [];
  if (template === 'file') return [{ kind: 'file', key }];
  return template === 'plain' || template === 'drbd' ? [{ kind: 'lvm-vg', key }] : [];
}

/** Memory of the instances that should run on the node, and do. */
async function memoryOn(node: Node, view: AllocationView): Promise<ReadonlyMap<string, number>> {
  const { config, rpc, signal } = view;
  const wanted = config
    .instancesOn(node.id)
    .filter(({ primaryNode, adminState }) => primaryNode === node.id && adminState === 'up');
  if (wanted.length === 0) return new Map();
  const hypervisors = [...new Set(wanted.map(({ hypervisor }) => hypervisor))];
  const reply = await rpc.runningInstances(node.id, { hypervisors }, { signal });
  const running = new Set(insist(reply, node, signal));
  const found = await Promise.all(
    wanted
      .filter(({ name }) => running.has(name))
      .map(
        async (instance): Promise<[string, number]> => [
          instance.name,
          await memoryOf(instance, node, view),
        ],
      ),
  );
  return new Map(found);
}

async function memoryOf(instance: Instance, node: Node, view: AllocationView): Promise<number> {
  const { cluster } = view.config;
  const { name, hypervisor, os } = instance;
  const { minMemMib, maxMemMib } = fillBeParams(cluster, instance.beParams);
  if (minMemMib >= maxMemMib) return maxMemMib;
  const hvParams = fillHvParams(cluster, hypervisor, os, instance.hvParams);
  const ask = { name, hypervisor, hvParams };
  const reply = await view.rpc.instanceStatus(node.id, ask, { signal: view.signal });
  const status = insist(reply, node, view.signal);
  return status?.running === true ? status.memoryMib : 0;
}

/** The answer. Without one, the reason of an abort goes before the node's. */
function insist<T>(reply: Reply<T> | undefined, { name }: Node, signal: AbortSignal): T {
  if (reply?.ok === true) return reply.payload;
  signal.throwIfAborted();
  return refuse.environment(
    `Node ${name} did not tell what an allocator has to know: ${reply?.message ?? 'no answer'}; ` +
      'bring it back, or mark it offline',
  );
}
