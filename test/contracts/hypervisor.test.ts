/** The hypervisor port's promises, kept by every hypervisor and by every stub of one. */
import { test } from 'vitest';
import { allHypervisors } from '../../src/hypervisors/all.js';
import { HYPERVISOR_NAMES } from '../../src/model/hypervisor.js';
import { hypervisorContract } from '../../src/testing/contracts/hypervisor.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';

const dispose = (): Promise<void> => Promise.resolve();

for (const hypervisor of allHypervisors()) {
  hypervisorContract({
    test: (name, body) => test(`${hypervisor.name}: ${name}`, body),
    make: () => Promise.resolve({ hypervisor, dispose }),
  });
}

for (const known of HYPERVISOR_NAMES) {
  hypervisorContract({
    test: (name, body) => test(`stub of ${known}: ${name}`, body),
    make: () => Promise.resolve({ hypervisor: new StubHypervisor(known), dispose }),
  });
}
