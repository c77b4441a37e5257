/**
 * Which locks a creation takes. The new name is locked although no instance has it yet; nodes are
 * locked as the placement demands, and their resources like the nodes themselves.
 */
import type { LockPlan, LockWant } from '../locks/plan.js';
import { adding, available, everyone, exclusive, shared } from '../locks/plan.js';
import type { LocksContext } from '../lu-base.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../model/disk-template.js';
import type { NodeId } from '../model/ids.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { CreateNames } from './types.js';
import type { Placement } from './wishes.js';

/** How many nodes an instance with this kind of storage has. */
export function nodesNeeded(template: DiskTemplate): number {
  return 1 + DISK_TEMPLATE_FACTS[template].secondaries;
}

/** What to lock. Groups come before nodes, so an allocator needs all of them at first. */
export function createLocks(names: CreateNames, config: ConfigReader): LockPlan {
  const node = wantedNodes(names);
  return {
    instance: adding(names.host.name),
    nodegroup: node.want === 'names' ? groupsOf(node.names, config) : everyone('shared'),
    node,
    'node-res': 'deferred',
  };
}

/** The nodes' resources are locked as the nodes were in fact. */
export function mirrorNodeLocks(names: CreateNames, ctx: LocksContext): LockWant {
  const wanted = wantedNodes(names);
  return wanted.want === 'all' ? wanted : exclusive(...ctx.locks.at('node'));
}

/** Nodes of a placement that is settled; `undefined` if somebody still has to choose. */
export function settledNodes(placement: Placement<NodeId>): readonly NodeId[] | undefined {
  if (placement.by === 'allocator') return undefined;
  const { primary, secondary } = placement;
  return secondary === undefined ? [primary] : [primary, secondary];
}

function wantedNodes({ placement, origin, storage }: CreateNames): LockWant {
  if (placement.by === 'allocator' && placement.opportunistic) {
    return available('exclusive', nodesNeeded(storage.template));
  }
  const settled = settledNodes(placement);
  // Who searches all nodes for an export asks all of them.
  if (settled === undefined || origin.node === 'search') return everyone('exclusive');
  const source = origin.node === undefined ? [] : [origin.node];
  return exclusive(...new Set([...settled, ...source]));
}

function groupsOf(nodes: readonly string[], config: ConfigReader): LockWant {
  return shared(...new Set(nodes.map((id) => config.node(id as NodeId).groupId)));
}
