/**
 * How the hypervisor reaches a disk: by a device of the node's kernel, or by itself.
 */
import { refuse } from '../../errors.js';
import type { Cluster } from '../../model/cluster.js';
import { fillDiskParams } from '../../model/disk-params.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import type { NodeGroup } from '../../model/node.js';
import type { ParamValue } from '../../model/params.js';
import type { DiskSpec } from '../wishes.js';

const KERNELSPACE = 'kernelspace';
const USERSPACE = 'userspace';

/** Whether a hypervisor can reach disks of a template that way. */
export function canAccess(
  hypervisor: HypervisorName,
  template: DiskTemplate,
  access: ParamValue,
): boolean {
  if (access === KERNELSPACE) return true;
  return access === USERSPACE && DISK_TEMPLATE_FACTS[template].userspaceFor.includes(hypervisor);
}

/** Refuses disks that the hypervisor cannot reach as they, or else their group, want it. */
export function checkAccess(
  specs: readonly Pick<DiskSpec, 'access'>[],
  template: DiskTemplate,
  hypervisor: HypervisorName,
  where: { readonly cluster: Cluster; readonly group: NodeGroup },
): void {
  const preset = fillDiskParams(where.cluster, where.group, template)['access'] ?? KERNELSPACE;
  for (const [index, { access = preset }] of specs.entries()) {
    if (canAccess(hypervisor, template, access)) continue;
    refuse.state(
      `Disk ${index}: ${hypervisor} cannot reach '${template}' with access '${access}'; ` +
        `give access '${KERNELSPACE}'`,
    );
  }
}
