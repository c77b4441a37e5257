/**
 * A guest's drives as QEMU arguments. Each drive is a block node with its format spelled out (a raw
 * disk whose content looks like another format stays raw) and a device that shows it to the
 * guest. Nodes are written as JSON, in which no path can be mistaken for an option.
 */
import { type Disk, whereOf } from '../../model/disk.js';
import type { Params } from '../../model/params.js';
import { answered, failed, type Reply } from '../../ports/reply.js';

/** Controllers for SCSI disks, by Ganeti's names. */
const SCSI_CONTROLLERS: Readonly<Record<string, string>> = {
  lsi: 'lsi53c895a',
  megasas: 'megasas',
  'virtio-scsi-pci': 'virtio-scsi-pci',
};

/** How disks of a type are shown to the guest. */
type DiskDevice = (index: number) => readonly string[];

const scsi: DiskDevice = (index) => ['scsi-hd', 'bus=scsi0.0', `scsi-id=${index}`];

const DISK_DEVICES: Readonly<Record<string, DiskDevice>> = {
  paravirtual: () => ['virtio-blk-pci'],
  ide: () => ['ide-hd'],
  scsi,
  'scsi-hd': scsi,
};

/** All drives of a guest: disks, compact discs, a floppy. */
export function driveArguments(disks: readonly Disk[], params: Params): Reply<readonly string[]> {
  const type = String(params['disk_type']);
  const device = DISK_DEVICES[type];
  if (device === undefined) {
    const known = Object.keys(DISK_DEVICES).join(', ');
    return failed(`disk_type '${type}' is not supported by this driver; use one of ${known}`);
  }
  const controller = SCSI_CONTROLLERS[String(params['scsi_controller_type'])] ?? 'lsi53c895a';
  return answered([
    ...(device === scsi ? ['-device', `${controller},id=scsi0`] : []),
    ...disks.flatMap((disk, index) => diskArguments(disk, index, params, device)),
    ...discArguments(params),
    ...floppyArguments(params),
  ]);
}

function diskArguments(
  disk: Disk,
  index: number,
  params: Params,
  device: DiskDevice,
): readonly string[] {
  const node = `disk${index}`;
  const boots = index === 0 && params['boot_order'] === 'disk';
  const throughCache = params['disk_cache'] === 'writethrough';
  const properties = [
    ...device(index),
    `drive=${node}`,
    ...(boots ? ['bootindex=1'] : []),
    ...(throughCache ? ['write-cache=off'] : []),
  ];
  const block = {
    ...raw(node, whereOf(disk.location), disk.mode === 'ro'),
    ...(params['disk_cache'] === 'none' ? { cache: { direct: true } } : {}),
    ...discard(params),
    file: {
      driver: 'file',
      filename: whereOf(disk.location),
      aio: params['disk_aio'] === 'native' ? 'native' : 'threads',
      ...(params['disk_cache'] === 'none' ? { cache: { direct: true } } : {}),
      ...discard(params),
    },
  };
  return ['-blockdev', JSON.stringify(block), '-device', properties.join(',')];
}

function discard(params: Params): { readonly discard?: 'unmap' | 'ignore' } {
  const wanted = params['disk_discard'];
  return wanted === 'unmap' || wanted === 'ignore' ? { discard: wanted } : {};
}

function discArguments(params: Params): readonly string[] {
  return ['cdrom_image_path', 'cdrom2_image_path'].flatMap((parameter, index) => {
    const path = params[parameter];
    if (typeof path !== 'string' || path === '') return [];
    const node = `cdrom${index}`;
    const boots = index === 0 && params['boot_order'] === 'cdrom';
    const device = `ide-cd,drive=${node}${boots ? ',bootindex=1' : ''}`;
    return ['-blockdev', JSON.stringify(raw(node, path, true)), '-device', device];
  });
}

function floppyArguments(params: Params): readonly string[] {
  const path = params['floppy_image_path'];
  if (typeof path !== 'string' || path === '') return [];
  const boots = params['boot_order'] === 'floppy';
  const device = `floppy,drive=floppy0${boots ? ',bootindex=1' : ''}`;
  return ['-blockdev', JSON.stringify(raw('floppy0', path, true)), '-device', device];
}

function raw(node: string, path: string, readOnly: boolean): Readonly<Record<string, unknown>> {
  return {
    driver: 'raw',
    'node-name': node,
    'read-only': readOnly,
    file: { driver: 'file', filename: path },
  };
}
