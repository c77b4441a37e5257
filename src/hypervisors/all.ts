/**
 * Every hypervisor at once, for clusters that leave the choice to their configuration.
 */
import type { Hypervisor } from '../ports/hypervisor.js';
import { chrootHypervisor } from './chroot.js';
import { fakeHypervisor } from './fake.js';
import { kvmHypervisor } from './kvm.js';
import { lxcHypervisor } from './lxc.js';
import { xenHvmHypervisor } from './xen-hvm.js';
import { xenPvmHypervisor } from './xen-pvm.js';

/**
 * All hypervisors that Ganeti knows, each once, in the order of their names. Which of them may be
 * used is the cluster's decision (`Cluster.enabledHypervisors`).
 * @public
 */
export function allHypervisors(): readonly Hypervisor[] {
  return [
    chrootHypervisor(),
    fakeHypervisor(),
    kvmHypervisor(),
    lxcHypervisor(),
    xenHvmHypervisor(),
    xenPvmHypervisor(),
  ];
}
