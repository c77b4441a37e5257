/**
 * Disks that are logical volumes, or two of them on each of two nodes with a mirror between.
 */
import { ProgrammerError } from '../../errors.js';
import { fillDiskParams } from '../../model/disk-params.js';
import type { DiskPart } from '../../model/disk.js';
import { DISK_TEMPLATE_FACTS } from '../../model/disk-template.js';
import type { DiskId, NodeId } from '../../model/ids.js';
import type { DiskPlace, Laid } from './layout.js';
import { claimed, freshName } from './names.js';

/** Length of the secret by which the sides of a mirror know each other (Ganeti's). */
const SECRET_BYTES = 20;

/** A volume. One that is taken over gets such a name, too: it is renamed. */
export function inVolume(place: DiskPlace): Laid {
  const volumeGroup = groupOf(place);
  const location = { kind: 'lvm', volumeGroup, volume: freshName(place) } as const;
  return { location: claimed(location, place.site.reserve) };
}

/** A volume for data and one for metadata, of the same names on both nodes. */
export function mirrored(place: DiskPlace): Laid {
  const { spec, site } = place;
  const nodes = pairOf(site.nodes);
  const name = freshName(place);
  const parts = [
    partOf(place, groupOf(place), `${name}_data`, spec.sizeMib),
    partOf(place, metaGroupOf(place), `${name}_meta`, DISK_TEMPLATE_FACTS.drbd.metadataMib),
  ];
  const location = {
    kind: 'drbd',
    nodes,
    port: site.reserve.drawPort({ unseen: site.unseenPorts ?? false }),
    minors: [site.reserve.drawMinor(nodes[0]), site.reserve.drawMinor(nodes[1])],
    secret: site.reserve.drawSecret(SECRET_BYTES),
  } as const;
  return { location, parts };
}

function partOf(
  { site }: DiskPlace,
  volumeGroup: string,
  volume: string,
  sizeMib: number,
): DiskPart {
  return {
    id: site.reserve.drawId() as DiskId,
    template: 'plain',
    sizeMib,
    location: claimed({ kind: 'lvm', volumeGroup, volume }, site.reserve),
    params: {},
    nodes: site.nodes,
  };
}

function groupOf({ spec, site }: DiskPlace): string {
  const group = spec.volumeGroup ?? site.cluster.volumeGroup;
  if (group === undefined) throw new ProgrammerError('The cluster has no volume group');
  return group;
}

function metaGroupOf(place: DiskPlace): string {
  const { spec, template, site } = place;
  const preset = fillDiskParams(site.cluster, site.group, template)['metavg'];
  return spec.metaVolumeGroup ?? (typeof preset === 'string' ? preset : groupOf(place));
}

function pairOf(nodes: readonly NodeId[]): readonly [NodeId, NodeId] {
  const [primary, secondary] = nodes;
  if (primary === undefined || secondary === undefined || nodes.length > 2) {
    throw new ProgrammerError('A mirror has two ends');
  }
  return [primary, secondary];
}
