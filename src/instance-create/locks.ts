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
import type { PlacedByAllocator, Placement } from './wishes.js';

/** How many nodes an instance with this kind of storage has. */
export function nodesNeeded(template: DiskTemplate): number {
  return 1 + DISK_TEMPLATE_FACTS[template].secondaries;
}

/** What to lock. Groups come before nodes, so an allocator needs all of them at first. */
export function createLocks(names: CreateNames, config: ConfigReader): LockPlan {
  const { placement } = names;
  if (placement.by === 'allocator' && placement.rung === 'claims') {
    const instance = adding(names.host.name);
    return { instance, nodegroup: 'deferred', node: 'deferred', 'node-res': 'deferred' };
  }
  const node = wantedNodes(names);
  return {
    instance: adding(names.host.name),
    nodegroup: node.want === 'names' ? groupsOf(node.names, config) : everyone('shared'),
    node,
    'node-res': 'deferred',
  };
}

/** On the rung of claims, the nodes that were claimed, and their groups. */
export function claimedLocks(level: 'nodegroup' | 'node', ctx: LocksContext): LockWant {
  const nodes = ctx.capacity.own.map(({ node }) => node);
  return level === 'node' ? exclusive(...nodes) : groupsOf(nodes, ctx.config);
}

/** The nodes' resources are locked as the nodes were in fact. */
export function mirrorNodeLocks(names: CreateNames, ctx: LocksContext): LockWant {
  const { placement } = names;
  const isClaimed = placement.by === 'allocator' && placement.rung === 'claims';
  if (isClaimed) return exclusive(...ctx.locks.at('node'));
  const wanted = wantedNodes(names);
  return wanted.want === 'all' ? wanted : exclusive(...ctx.locks.at('node'));
}

/** An instance's nodes, primary first. */
export type ChosenNodes = readonly [NodeId, ...NodeId[]];

/** Nodes of a placement that nobody has to choose any more. */
export function settledNodes({
  primary,
  secondary,
}: Exclude<Placement<NodeId>, PlacedByAllocator>): ChosenNodes {
  return secondary === undefined ? [primary] : [primary, secondary];
}

function wantedNodes({ placement, origin, storage }: CreateNames): LockWant {
  if (placement.by === 'allocator') {
    return placement.rung === 'opportunistic'
      ? available('exclusive', nodesNeeded(storage.template))
      : everyone('exclusive');
  }
  // Who searches all nodes for an export asks all of them.
  if (origin.node === 'search') return everyone('exclusive');
  const source = origin.node === undefined ? [] : [origin.node];
  return exclusive(...new Set([...settledNodes(placement), ...source]));
}

function groupsOf(nodes: readonly string[], config: ConfigReader): LockWant {
  return shared(...new Set(nodes.map((id) => config.node(id as NodeId).groupId)));
}
