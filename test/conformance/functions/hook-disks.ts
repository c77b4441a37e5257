/**
 * Disks as the recorded environment of hooks was given them: as requests, or as objects.
 */
import type { HookDisk } from '../../../src/hooks/instance-env.js';
import type { DiskLocation, FileDriver } from '../../../src/model/disk.js';
import type { DiskTemplate } from '../../../src/model/disk-template.js';
import type { DiskId, NodeId } from '../../../src/model/ids.js';
import { Secret } from '../../../src/model/secret.js';

/** A recorded disk. */
export interface WireDisk {
  readonly size: number;
  readonly mode?: 'rw' | 'ro';
  readonly name?: string | null;
  readonly uuid?: string;
  readonly dev_type?: DiskTemplate;
  readonly logical_id?: readonly (string | number)[];
  readonly children?: readonly WireDisk[];
}

type Read = (parts: readonly (string | number)[]) => DiskLocation;

const inFile: Read = ([driver, path]) => ({
  kind: 'file',
  driver: driver as FileDriver,
  path: String(path),
});

const LOCATIONS: Readonly<Partial<Record<DiskTemplate, Read>>> = {
  plain: ([group, volume]) => ({
    kind: 'lvm',
    volumeGroup: String(group),
    volume: String(volume),
  }),
  drbd: ([one, other, port, here, there, secret]) => ({
    kind: 'drbd',
    nodes: [one as NodeId, other as NodeId],
    port: Number(port),
    minors: [Number(here), Number(there)],
    secret: new Secret(String(secret)),
  }),
  file: inFile,
  sharedfile: inFile,
  gluster: inFile,
  blockdev: ([, path]) => ({ kind: 'blockdev', path: String(path) }),
  rbd: ([, image]) => ({ kind: 'rbd', image: String(image) }),
  ext: ([provider, volume]) => ({
    kind: 'ext',
    provider: String(provider),
    volume: String(volume),
  }),
};

/** A recorded disk as ours. */
export function hookDisk(wire: WireDisk): HookDisk {
  const { size: sizeMib, mode = 'rw', name, uuid, dev_type: template, children = [] } = wire;
  const location = locationOf(wire);
  return {
    sizeMib,
    mode,
    ...(name === null || name === undefined ? {} : { name }),
    ...(uuid === undefined ? {} : { id: uuid as DiskId }),
    ...(template === undefined ? {} : { template }),
    ...(location === undefined ? {} : { location }),
    ...(children.length === 0 ? {} : { parts: children.map(partOf) }),
  };
}

/**
 * Storage that has but one driver is known without it: a row that gives it another one cannot be
 * told so, and says here which name it used.
 */
export function oddDrivers(disks: readonly WireDisk[]): Readonly<Record<string, unknown>> {
  const odd = disks.flatMap(({ dev_type: template, logical_id: place = [] }, at) =>
    template === 'blockdev' || template === 'rbd'
      ? [[`INSTANCE_DISK${at}_DRIVER`, place[0]] as const]
      : [],
  );
  return Object.fromEntries(odd);
}

type Parts = NonNullable<HookDisk['parts']>;

function partOf(wire: WireDisk): Parts[number] {
  return {
    id: (wire.uuid ?? '') as DiskId,
    template: wire.dev_type ?? 'plain',
    sizeMib: wire.size,
    location: locationOf(wire) ?? { kind: 'blockdev', path: '' },
    params: {},
    nodes: [],
  };
}

function locationOf({ dev_type: template, logical_id: place }: WireDisk): DiskLocation | undefined {
  if (template === undefined || place === undefined) return undefined;
  return LOCATIONS[template]?.(place);
}
