/**
 * Where the disks of an instance lie, by kind of storage: one row per template (Ganeti's
 * `GenerateDiskTemplate`).
 *
 * Y1 Everything that may not be shared (places, ids, ports, minors) is claimed here, before
 *    anything is made; two layouts never collide.
 * Y2 What a disk is made of is decided here and nowhere else.
 */
import type { Disk } from '../../model/disk.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import type { DiskId, NodeId } from '../../model/ids.js';
import type { DiskSpec } from '../wishes.js';
import { inFile, inGluster } from './files.js';
import type { DiskLayout, DiskPlace, DiskSite, Laid } from './layout.js';
import { inExternal, inRados, onDevice } from './networked.js';
import { inVolume, mirrored } from './volumes.js';

/** A diskless instance may have asked for disks; it gets none. */
const LAYOUTS: Readonly<Record<DiskTemplate, DiskLayout | undefined>> = {
  blockdev: onDevice,
  diskless: undefined,
  drbd: mirrored,
  ext: inExternal,
  file: inFile,
  plain: inVolume,
  rbd: inRados,
  sharedfile: inFile,
  gluster: inGluster,
};

/** The disks that are to be made, with everything that is theirs claimed. */
export function layOut(
  template: DiskTemplate,
  specs: readonly DiskSpec[],
  site: DiskSite,
): readonly Disk[] {
  const layout = LAYOUTS[template];
  if (layout === undefined) return [];
  return specs.map((spec, at) => {
    const place = { spec, index: (site.baseIndex ?? 0) + at, template, site };
    return diskOf(place, layout(place));
  });
}

/** The nodes that hold a disk's data. */
export function dataNodes(template: DiskTemplate, nodes: readonly NodeId[]): readonly NodeId[] {
  return { none: [], primary: nodes.slice(0, 1), all: nodes }[DISK_TEMPLATE_FACTS[template].dataOn];
}

function diskOf({ spec, index, template, site }: DiskPlace, laid: Laid): Disk {
  const { sizeMib, mode, name, spindles } = spec;
  return {
    id: site.reserve.drawId() as DiskId,
    instanceId: site.instanceId,
    index,
    template,
    sizeMib,
    mode,
    ...(name === undefined ? {} : { name }),
    params: {},
    nodes: dataNodes(template, site.nodes),
    ...laid,
    ...(spindles === undefined ? {} : { spindles }),
    ...(site.forthcoming === true ? { forthcoming: true } : {}),
    tags: [],
    serial: 0,
    createdAtMs: 0,
    modifiedAtMs: 0,
  };
}
