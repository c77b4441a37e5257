/**
 * Exclusive storage: nodes on which no two disks share a spindle.
 */
import { refuse } from '../../errors.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import type { NodeId } from '../../model/ids.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { DiskSpec } from '../wishes.js';

/** The node parameter that says so (Ganeti's). */
const PARAMETER = 'exclusive_storage';

/** Whether a node has exclusive storage: its own word, else its group's, else the cluster's. */
export function hasExclusiveStorage(id: NodeId, config: ConfigReader): boolean {
  const node = config.node(id);
  const group = config.group(node.groupId);
  const { [PARAMETER]: value } = {
    ...config.cluster.ndParams,
    ...group.ndParams,
    ...node.ndParams,
  };
  return value === true;
}

/**
 * Refuses storage that cannot do without sharing spindles where one of the nodes wants that
 * (`isExclusive`), and disks that do not say how many spindles they take, or say so where it has
 * no meaning.
 */
export function checkSpindles(
  specs: readonly Pick<DiskSpec, 'spindles'>[],
  template: DiskTemplate,
  isExclusive: boolean,
): void {
  if (isExclusive && !DISK_TEMPLATE_FACTS[template].exclusiveStorage) {
    refuse.state(
      `Disks of '${template}' cannot be kept on nodes with exclusive storage; choose other nodes`,
    );
  }
  specs.forEach(({ spindles }, index) => checkSpindleCount(index, spindles, isExclusive));
}

function checkSpindleCount(
  index: number,
  spindles: number | undefined,
  isExclusive: boolean,
): void {
  if (isExclusive && spindles === undefined) {
    refuse.input(`Disk ${index} has to say its spindles, since a node has exclusive storage`);
  }
  if (!isExclusive && spindles !== undefined) {
    refuse.input(`Disk ${index} names spindles, but no node has exclusive storage; leave them out`);
  }
}
