/**
 * A cluster of three nodes on which everything works: what goes wrong there is the input's doing.
 */
import type { ClusterFacts } from './clusters.js';

/** Nothing is wrong with this cluster. */
export function healthy(ganeti: boolean, changes: Partial<ClusterFacts> = {}): ClusterFacts {
  const node = { offline: false, drained: false, vmCapable: true, exclusiveStorage: false };
  return {
    ...{ seed: 1, nodes: Array.from({ length: 3 }, () => ({ ...node, group: 0, domain: false })) },
    ...{ groups: 1, networks: 2, instances: 1, templates: ['file', 'drbd', 'plain'], ganeti },
    ...{ hypervisors: ['kvm', 'fake', 'xen-pvm'], policy: 'lenient', wipeDisks: false },
    ...{ volumeGroup: 'xenvg', portsLeft: 50, memoryFreeMib: 32_768, storageFreeMib: 500_000 },
    ...{ macPrefix: 'aa:00:00', communication: '', description: '', reply: '', trusted: true },
    ...{ installImage: '/img', defaultAllocator: 'program', family: 4 },
    ...{ neighbour: { holds: 'nothing', forMs: 0 }, patience: {} },
    weather: {
      ...{
        faults: [],
        late: [],
        syncPolls: 0,
        degraded: false,
        hook: 'none',
        cancelAt: 0,
        giveUpAt: 0,
      },
      ...{ transfer: 'ok', helper: 'stops' },
    },
    ...changes,
  };
}
