/**
 * What a helper machine is: the new instance itself, booted from a temporary disk with the
 * cluster's install image, which runs the scripts of an OS that may run none on nodes. Pure.
 *
 * M1 The temporary disk comes first: the instance's own disks move by one while it is there.
 * M2 The configuration knows nothing of it; nodes are told in so many words.
 */
import { ExecError } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import type { Disk } from '../../model/disk.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import type { DiskId } from '../../model/ids.js';
import type { Instance } from '../../model/instance.js';
import type { RuntimeInstance } from '../../ports/runtime.js';

/** Public OS parameter by which the guest finds the package with its OS's scripts. */
const PACKAGE = 'os-install-package';

/** The script that helper machines run. */
const SCRIPT = 'create_untrusted';

/** How guests name their disks; hypervisors without a row run no helper machines. */
const GUEST_DISKS: Readonly<Partial<Record<HypervisorName, string>>> = {
  kvm: '/dev/vd',
  'xen-pvm': '/dev/xvd',
  'xen-hvm': '/dev/xvd',
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** The script, and where it finds the instance's disks. Throws `ExecError`. */
export function helperEnv({
  hypervisor,
  disks,
}: RuntimeInstance): Readonly<Record<string, string>> {
  const prefix = GUEST_DISKS[hypervisor];
  if (prefix === undefined) {
    throw new ExecError(`Hypervisor '${hypervisor}' runs no helper machines; take a trusted OS`);
  }
  // The first disk over there is the temporary one (M1).
  const paths = disks.map((_, at) => [`DISK_${at}_PATH`, `${prefix}${letterOf(at + 1)}`] as const);
  return { OS_SCRIPT: SCRIPT, ...Object.fromEntries(paths) };
}

/** The package that is known already, if any. */
export function packageOf({ instance }: RuntimeInstance): string | undefined {
  const url = instance.osParams[PACKAGE];
  return typeof url === 'string' ? url : undefined;
}

/** The instance that finds its package. */
export function withPackage(runtime: RuntimeInstance, url: string): RuntimeInstance {
  const { instance, osParams } = runtime;
  return {
    ...runtime,
    instance: { ...instance, osParams: { ...instance.osParams, [PACKAGE]: url } },
    osParams: { ...osParams, public: { ...osParams.public, [PACKAGE]: url } },
  };
}

/** The disk with the install image: a logical volume, whatever the instance's own disks are. */
export function temporaryDisk(
  { id: instanceId }: Instance,
  sizeMib: number,
  id: DiskId,
  { volumeGroup }: Pick<Cluster, 'volumeGroup'>,
): Disk {
  if (volumeGroup === undefined) {
    throw new ExecError(
      'The cluster has no volume group for the disk of a helper machine; set its volumeGroup',
    );
  }
  return {
    id,
    instanceId,
    index: 0,
    template: 'plain',
    sizeMib,
    mode: 'rw',
    location: { kind: 'lvm', volumeGroup, volume: id },
    params: {},
    nodes: [],
    temporary: true,
    tags: [],
    serial: 0,
    createdAtMs: 0,
    modifiedAtMs: 0,
  };
}

/** The disk once it exists; daemons want to be told since when. */
export function asMade(temporary: Disk, nowMs: number): Disk {
  return { ...temporary, serial: 1, createdAtMs: nowMs, modifiedAtMs: nowMs };
}

/** The instance's disks behind the temporary one (M1). */
export function withTemporary(disks: readonly Disk[], temporary: Disk): readonly Disk[] {
  return [temporary, ...disks.map((disk) => ({ ...disk, index: disk.index + 1 }))];
}

/** The machine as nodes know it while its disks are in use, or are not any more. */
export function helperOf(
  runtime: RuntimeInstance,
  temporary: Disk,
  disksActive: boolean,
): RuntimeInstance {
  const disks = withTemporary(runtime.disks, temporary);
  const diskIds = disks.map(({ id }) => id);
  return { ...runtime, disks, instance: { ...runtime.instance, diskIds, disksActive } };
}

/** `b`, `c`, … as guests count disks. There are never more disks than letters. */
function letterOf(position: number): string {
  return LETTERS.charAt(position);
}
