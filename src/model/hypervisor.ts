/**
 * Hypervisors, as the cluster knows them: names and facts. What runs guests on a node is an
 * adapter's work.
 */

/**
 * All hypervisors that Ganeti knows.
 * @public
 */
export const HYPERVISOR_NAMES = ['chroot', 'fake', 'kvm', 'lxc', 'xen-hvm', 'xen-pvm'] as const;

/**
 * A hypervisor.
 * @public
 */
export type HypervisorName = (typeof HYPERVISOR_NAMES)[number];

/**
 * How a hypervisor behaves, as far as the cluster has to know.
 * @public
 */
export interface HypervisorFacts {
  /** Whether each instance gets a TCP port for its console (Ganeti's `HTS_REQ_PORT`). */
  readonly needsPort: boolean;
  /** How the guest's first disk is called, up to its letter; absent if nobody can know. */
  readonly guestDiskPrefix?: string;
}

/**
 * The table.
 * @public
 */
export const HYPERVISOR_FACTS: Readonly<Record<HypervisorName, HypervisorFacts>> = {
  chroot: { needsPort: false },
  fake: { needsPort: false },
  kvm: { needsPort: true, guestDiskPrefix: '/dev/vd' },
  lxc: { needsPort: false },
  'xen-hvm': { needsPort: true, guestDiskPrefix: '/dev/xvd' },
  'xen-pvm': { needsPort: false, guestDiskPrefix: '/dev/xvd' },
};
