/**
 * Nodes as an allocator's request shows them: what the configuration says, and what a node that can
 * be asked says of itself.
 */
import { refuse } from '../../errors.js';
import { fillBeParams } from '../../model/fill.js';
import type { NodeId } from '../../model/ids.js';
import type { Node } from '../../model/node.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { JsonObject } from '../wire/json.js';
import { fillNodeParams } from '../wire/node-params.js';
import type { LiveNode } from './input.js';

/** Whether a node is asked: the others are shown without numbers, and so are never chosen. */
export function isAsked(node: Node): boolean {
  return node.vmCapable && !node.offline;
}

/** A node. Throws `PrereqError` `environment_error` if a node that is asked has said nothing. */
export function nodeObject(
  node: Node,
  config: ConfigReader,
  live: ReadonlyMap<NodeId, LiveNode>,
): JsonObject {
  const configured = configuredPart(node, config);
  if (!isAsked(node)) return configured;
  const said =
    live.get(node.id) ??
    refuse.environment(
      `Node ${node.name} told nothing of its memory and disks, which an allocator has to know; ` +
        'bring it back, or mark it offline',
    );
  return { ...livePart(node, config, said), ...configured };
}

function configuredPart(node: Node, config: ConfigReader): JsonObject {
  return {
    tags: node.tags,
    primary_ip: node.primaryIp,
    secondary_ip: node.secondaryIp,
    offline: node.offline,
    drained: node.drained,
    master_candidate: node.masterCandidate,
    group: node.groupId,
    master_capable: node.masterCapable,
    vm_capable: node.vmCapable,
    ndparams: fillNodeParams(config.cluster, config.group(node.groupId), node),
  };
}

function livePart(node: Node, config: ConfigReader, live: LiveNode): JsonObject {
  const { facts, nodeCpus = facts.cpuTotal, spindles } = live;
  const [space] = facts.storage;
  const memory = memoryOfPrimaries(node, config, live);
  return {
    total_memory: Math.floor(facts.memoryTotalMib),
    reserved_memory: Math.floor(facts.memoryNodeMib),
    free_memory: Math.floor(facts.memoryFreeMib) - memory.promisedMib,
    total_disk: Math.floor(space?.totalMib ?? 0),
    free_disk: Math.floor(space?.freeMib ?? 0),
    total_spindles: spindles?.total ?? 0,
    free_spindles: spindles?.free ?? 0,
    total_cpus: facts.cpuTotal,
    reserved_cpus: nodeCpus,
    i_pri_memory: memory.allMib,
    i_pri_up_memory: memory.upMib,
  };
}

/** Memory of the node's own instances: of all, of those that should run, and what these lack. */
function memoryOfPrimaries(
  node: Node,
  config: ConfigReader,
  { memoryOfInstances }: LiveNode,
): { readonly allMib: number; readonly upMib: number; readonly promisedMib: number } {
  let [allMib, upMib, promisedMib] = [0, 0, 0];
  for (const { name, primaryNode, beParams, adminState } of config.instancesOn(node.id)) {
    if (primaryNode !== node.id) continue;
    const { maxMemMib } = fillBeParams(config.cluster, beParams);
    allMib += maxMemMib;
    if (adminState !== 'up') continue;
    upMib += maxMemMib;
    promisedMib += Math.max(0, maxMemMib - Math.floor(memoryOfInstances.get(name) ?? 0));
  }
  return { allMib, upMib, promisedMib };
}
