/**
 * How much memory an instance starts with, as in Ganeti: as much as it may have, or less if the
 * machine has less, down to what it needs at least. Unlike Ganeti's, a machine that has not even
 * that refuses.
 */
import type { BeParams } from '../../model/be-params.js';
import type { MachineMemory } from '../node-facts/memory.js';
import { failed, answered, type Reply } from '../../ports/reply.js';

/** MiB to start with, or why there are not enough. */
export function startupMemory(
  instance: string,
  { maxMemMib, minMemMib }: Pick<BeParams, 'maxMemMib' | 'minMemMib'>,
  freeMib: number,
): Reply<number> {
  if (minMemMib > freeMib) {
    const have = Math.max(0, Math.floor(freeMib));
    return failed(
      `instance '${instance}' needs ${minMemMib} MiB of memory, but only ${have} MiB are free; ` +
        'stop another instance or give this one less',
    );
  }
  return answered(Math.min(maxMemMib, Math.floor(freeMib)));
}

/**
 * Where the machine's memory is asked for.
 * @public
 */
export type MemorySource = () => Promise<MachineMemory>;
