/**
 * Which nodes may be chosen at all, by what the configuration says.
 */
import { fillPolicy } from '../model/fill.js';
import type { InstancePolicy } from '../model/ipolicy.js';
import type { Node } from '../model/node.js';
import type { AllocationRequest } from '../ports/allocator.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { Reasons } from './reasons.js';

/** A node that may be chosen. */
export interface Candidate {
  readonly node: Node;
  readonly policy: InstancePolicy;
  /** Its group takes instances only if no other does. */
  readonly lastResort: boolean;
}

/** The nodes that may be chosen, by name. */
export function candidatesOf(
  request: AllocationRequest,
  config: ConfigReader,
  reasons: Reasons,
): readonly Candidate[] {
  const candidates: Candidate[] = [];
  for (const node of config.all('node')) {
    const group = config.group(node.groupId);
    const policy = fillPolicy(config.cluster, group);
    const obstacle =
      obstacleOfNode(node, request) ??
      (group.allocPolicy === 'unallocable' ? 'in groups closed to allocators' : undefined) ??
      (policy.diskTemplates.includes(request.diskTemplate)
        ? undefined
        : `in groups without ${request.diskTemplate} disks`) ??
      (isWanted(group.name, group.id, request.groupName) ? undefined : 'in other groups');
    if (obstacle !== undefined) reasons.add(obstacle);
    else candidates.push({ node, policy, lastResort: group.allocPolicy === 'last_resort' });
  }
  return candidates.sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
}

function obstacleOfNode(node: Node, { onlyNodes }: AllocationRequest): string | undefined {
  if (node.offline) return 'offline';
  if (node.drained) return 'drained';
  if (!node.vmCapable) return 'not for instances';
  return onlyNodes === undefined || onlyNodes.includes(node.id) ? undefined : 'busy';
}

function isWanted(name: string, id: string, wanted: string | undefined): boolean {
  return wanted === undefined || wanted === name || wanted === id;
}
