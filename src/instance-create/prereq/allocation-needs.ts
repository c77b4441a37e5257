/**
 * What an allocator is told of the instance. Cards have their hardware addresses, but those that
 * will get an address of a pool have none yet: which pool depends on the nodes.
 */
import type { ConfigReader } from '../../ports/config-store.js';
import type { DiskSpec } from '../wishes.js';
import type { PlannedParams, Wanted } from '../types.js';
import { askingNics, type DrawnNic } from './nics.js';
import type { AllocationNeeds } from './placement.js';
import { diskSpaceTotal } from './space.js';

/** The needs that nodes are chosen by. */
export function allocationNeeds(
  { storage, hypervisor }: Pick<Wanted, 'storage' | 'hypervisor'>,
  { filled }: PlannedParams,
  nics: readonly DrawnNic[],
  disks: readonly DiskSpec[],
  config: ConfigReader,
): AllocationNeeds {
  return {
    disks,
    diskSpaceMib: diskSpaceTotal(storage.template, disks),
    nics: askingNics(nics, config).own,
    beParams: filled.be,
    hypervisor,
  };
}
