/**
 * What this machine has to offer, put together.
 */
import { cpus } from 'node:os';
import type { NodeFacts, StorageSpace, StorageUnit } from '../../ports/node-facts.js';
import { answered, failed, type Reply } from '../../ports/reply.js';
import type { LocalHypervisor } from '../hypervisors/local-hypervisor.js';
import type { MemorySource } from '../hypervisors/startup-memory.js';
import { systemReason } from '../paths/errno.js';
import { machineMemory } from './memory.js';
import { storageSpace } from './space.js';

/** Where the facts come from. */
export interface FactSources {
  /** The drivers: what they have promised to guests is not free. */
  readonly hypervisors: readonly LocalHypervisor[];
  /** The machine's memory; default: this machine's. */
  readonly memory?: MemorySource;
}

/** The machine's facts; fails, naming it, if a storage cannot be looked at. */
export async function nodeFacts(
  units: readonly StorageUnit[],
  { hypervisors, memory = machineMemory }: FactSources,
): Promise<Reply<NodeFacts>> {
  const storage: StorageSpace[] = [];
  for (const unit of units) {
    const space = await spaceOf(unit);
    if (!space.ok) return space;
    storage.push(space.payload);
  }
  const { totalMib, availableMib } = await memory();
  const unseen = await Promise.all(hypervisors.map((driver) => driver.unseenMemoryMib()));
  const promisedMib = unseen.reduce((sum, mib) => sum + mib, 0);
  return answered({
    memoryTotalMib: totalMib,
    memoryFreeMib: Math.max(0, availableMib - promisedMib),
    memoryNodeMib: totalMib - availableMib,
    cpuTotal: cpus().length,
    storage,
  });
}

async function spaceOf(unit: StorageUnit): Promise<Reply<StorageSpace>> {
  try {
    return answered(await storageSpace(unit));
  } catch (error) {
    const reason = systemReason(error);
    if (reason === undefined) throw error;
    return failed(`the space of ${unit.kind} storage '${unit.key}' cannot be told: ${reason}`);
  }
}
