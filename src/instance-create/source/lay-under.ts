/**
 * Lays what an export says under a request: what the request says wins, but for the OS, which is
 * the one that the contents belong to. Values are text; they are brought to their types by the same
 * rules as the request's own.
 */
import { refuse } from '../../errors.js';
import type {
  ExportDescription,
  ExportedDiskFacts,
  ExportedNicFacts,
} from '../../ports/export-format.js';
import type { CreateOp, DiskRequest, NicRequest } from '../op.js';
import type { Imported } from './source-data.js';

/** The request with an export's values. Installing is what an import does. */
export function layUnder(op: CreateOp, description: ExportDescription): CreateOp {
  const { instance, os } = description;
  const { osType: _, noInstall: __, ...others } = op;
  const hypervisor = op.hypervisor ?? instance.hypervisor;
  return {
    ...others,
    ...(os === undefined ? {} : { osType: os }),
    ...(hypervisor === undefined ? {} : { hypervisor }),
    disks: op.disks.length > 0 ? op.disks : instance.disks.flatMap(diskRequest),
    nics: op.nics.length > 0 ? op.nics : instance.nics.map(nicRequest),
    tags: op.tags === undefined || op.tags.length === 0 ? instance.tags : op.tags,
    hvParams: { ...description.hvParams, ...op.hvParams },
    beParams: { ...description.beParams, ...op.beParams },
    osParams: { ...description.osParams, ...op.osParams },
    osParamsPrivate: { ...description.osParamsPrivate, ...op.osParamsPrivate },
  };
}

/** What the work needs of an export at its place, for so many disks. */
export function importedFrom(
  { instance }: ExportDescription,
  { node, path }: Pick<Imported, 'node' | 'path'>,
  diskCount: number,
): Imported {
  const disks = Array.from({ length: diskCount }, (_, at) => instance.disks[at]);
  return {
    node,
    path,
    formerName: instance.name,
    macs: instance.nics.map(({ mac }) => mac),
    images: disks.map((disk) => (disk?.dump === undefined ? undefined : fileIn(path, disk.dump))),
    sizesMib: disks.map((disk) => disk?.sizeMib),
  };
}

/** A file below a directory; a name that leads out of it is refused. */
function fileIn(directory: string, name: string): string {
  if (!name.startsWith('/') && !name.split('/').includes('..')) return `${directory}/${name}`;
  return refuse.environment(`The export names the file '${name}', which is not in its directory`, {
    about: 'export-file',
  });
}

/** A disk whose size the export does not tell cannot be made. */
function diskRequest({ sizeMib, name }: ExportedDiskFacts): readonly DiskRequest[] {
  if (sizeMib === undefined) return [];
  return [{ size: sizeMib, ...(name === undefined ? {} : { name }) }];
}

/** In a network, the network says how a card is connected. */
function nicRequest(nic: ExportedNicFacts): NicRequest {
  const { mac, ip, name, networkId, mode, link, vlan } = nic;
  return {
    mac,
    ...(ip === undefined ? {} : { ip }),
    ...(name === undefined ? {} : { name }),
    ...(networkId === undefined ? { mode, link, vlan } : { network: networkId }),
  };
}
