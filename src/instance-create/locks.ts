/**
 * Which locks a creation takes. The new name is locked although no instance has it yet; nodes are
 * locked as the placement demands, and their resources like the nodes themselves.
 */
import type { LockPlan, LockWant } from '../locks/plan.js';
import { adding, available, everyone, exclusive, shared } from '../locks/plan.js';
import type { LocksContext } from '../lu-base.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../model/disk-template.js';
import type { ConfigReader } from '../ports/config-store.js';
import type { CreateNames } from './types.js';

/** How many nodes an instance with this kind of storage has. */
export function nodesNeeded(template: DiskTemplate): number {
  return 1 + DISK_TEMPLATE_FACTS[template].secondaries;
}

/** What to lock. Groups come before nodes, so an allocator needs all of them at first. */
export function createLocks(names: CreateNames, config: ConfigReader): LockPlan {
  const { placement, host, storage } = names;
  const instance = adding(host.name);
  if (placement.by === 'operator') {
    const { groupId } = config.node(placement.primary);
    const node = exclusive(placement.primary);
    return { instance, nodegroup: shared(groupId), node, 'node-res': 'deferred' };
  }
  const atLeast = nodesNeeded(storage.template);
  const node = placement.opportunistic ? available('exclusive', atLeast) : everyone('exclusive');
  return { instance, nodegroup: everyone('shared'), node, 'node-res': 'deferred' };
}

/** The nodes' resources are locked as the nodes were in fact. */
export function mirrorNodeLocks({ placement }: CreateNames, ctx: LocksContext): LockWant {
  const all = placement.by === 'allocator' && !placement.opportunistic;
  return all ? everyone('exclusive') : exclusive(...ctx.locks.at('node'));
}
