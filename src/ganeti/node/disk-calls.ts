/**
 * Commands about disks.
 *
 * D1 Arguments by name show a disk's own parameters, except where a disk is made, or is removed as
 *    a part or after it was stored: there its group's are filled in. Nodes get them filled always.
 */
import type { Disk, DiskPart } from '../../model/disk.js';
import type { NodeId } from '../../model/ids.js';
import type { DiskCommands } from '../../ports/disk-commands.js';
import type { NodeQueries } from '../../ports/node-rpc.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { NodeCaller } from './caller.js';
import {
  bareDisk,
  type DiskView,
  filledDisk,
  isAttached,
  isTemporary,
  plainDisk,
  wireDisk,
} from './encode-disk.js';
import { plainInstance, wireInstance } from './encode-instance.js';
import { MAKING_DISKS } from './known-failures.js';
import { nothing } from './payloads.js';
import { devicePath, mirrorStates, verdicts } from './disk-payloads.js';
import type { WireObject, WireValue } from './transport.js';

type DiskCalls = Pick<NodeQueries, 'mirrorStatus'> &
  Omit<DiskCommands, 'createStorageDir' | 'removeStorageDir'>;

/** The calls. */
export function diskCalls(caller: NodeCaller): DiskCalls {
  return {
    ...makingCalls(caller),
    ...fillingCalls(caller),
    ...usingCalls(caller),
    ...syncCalls(caller),
  };
}

function makingCalls(
  caller: NodeCaller,
): Pick<DiskCalls, 'createDisk' | 'removeDisk' | 'renameVolumes'> {
  const { config } = caller;
  return {
    createDisk: (node, request, call) => {
      const { disk, owner, info, onPrimary = true, exclusiveStorage = false, runtime } = request;
      const view = { config, node, runtime };
      const rest = { owner, on_primary: onPrimary, info, exclusive_storage: exclusiveStorage };
      const others = { size: disk.sizeMib, ...rest };
      return caller.one(
        node,
        {
          procedure: 'blockdev_create',
          args: { bdev: [alone(disk, filledDisk(disk, view)), ownerOf(runtime)], ...others },
          wire: (target) => [
            alone(disk, wireDisk(disk, { ...view, node: target })),
            ...Object.values(others),
          ],
          reads: nothing,
          known: MAKING_DISKS,
        },
        call,
      );
    },
    removeDisk: (node, { disk, runtime }, call) => {
      const view = { config, node, runtime };
      return caller.one(
        node,
        {
          procedure: 'blockdev_remove',
          args: { bdev: [alone(disk, removedAs(disk, view)), ownerOf(runtime)] },
          wire: (target) => [alone(disk, wireDisk(disk, { ...view, node: target }))],
          reads: nothing,
        },
        call,
      );
    },
    renameVolumes: (node, { renames }, call) => {
      const devlist = renames.map(({ disk, volumeNow }) => renamePair(disk, volumeNow));
      return caller.one(
        node,
        { procedure: 'blockdev_rename', args: { devlist }, reads: nothing },
        call,
      );
    },
  };
}

function fillingCalls(caller: NodeCaller): Pick<DiskCalls, 'wipeDisk' | 'imageDisk'> {
  const { config } = caller;
  return {
    wipeDisk: (node, { disk, runtime, offsetMib = 0, lengthMib }, call) => {
      const stretch = { offset: offsetMib, size: lengthMib ?? disk.sizeMib - offsetMib };
      return caller.one(
        node,
        {
          procedure: 'blockdev_wipe',
          args: { bdev: pair(disk, runtime), ...stretch },
          wire: (target) => [
            wireDisk(disk, { config, node: target, runtime }),
            ...Object.values(stretch),
          ],
          reads: nothing,
        },
        call,
      );
    },
    imageDisk: (node, { disk, runtime, image }, call) =>
      caller.one(
        node,
        {
          procedure: 'blockdev_image',
          args: { bdev: pair(disk, runtime), image, size: disk.sizeMib },
          wire: (target) => [
            wireDisk(disk, { config, node: target, runtime }),
            image,
            disk.sizeMib,
          ],
          reads: nothing,
        },
        call,
      ),
  };
}

function usingCalls(caller: NodeCaller): Pick<DiskCalls, 'assembleDisk' | 'shutdownDisk'> {
  const { config } = caller;
  return {
    assembleDisk: (node, { disk, runtime, onPrimary }, call) =>
      caller.one(
        node,
        {
          procedure: 'blockdev_assemble',
          args: {
            disk: pair(disk, runtime),
            instance: plainInstance(runtime),
            on_primary: onPrimary,
            idx: disk.index,
          },
          wire: (target) => [
            wireDisk(disk, { config, node: target, runtime }),
            wireInstance(runtime, { config, node: target }),
            onPrimary,
            disk.index,
          ],
          reads: devicePath,
        },
        call,
      ),
    shutdownDisk: (node, { disk, runtime }, call) =>
      caller.one(
        node,
        {
          procedure: 'blockdev_shutdown',
          args: { disk: pair(disk, runtime) },
          wire: (target) => [wireDisk(disk, { config, node: target, runtime })],
          reads: nothing,
        },
        call,
      ),
  };
}

function syncCalls(caller: NodeCaller): Pick<DiskCalls, 'mirrorStatus' | 'pauseSync'> {
  const { config } = caller;
  const wireDisks = (node: NodeId, disks: readonly Disk[], runtime: RuntimeInstance): WireValue =>
    disks.map((disk) => wireDisk(disk, { config, node, runtime }));
  return {
    mirrorStatus: (node, { disks, runtime }, call) =>
      caller.one(
        node,
        {
          procedure: 'blockdev_getmirrorstatus',
          args: { disks: disksOf(disks, runtime) },
          wire: (target) => [wireDisks(target, disks, runtime)],
          reads: mirrorStates,
        },
        call,
      ),
    pauseSync: (node, { disks, runtime, pause }, call) =>
      caller.one(
        node,
        {
          procedure: 'blockdev_pause_resume_sync',
          args: { disks: disksOf(disks, runtime), pause },
          wire: (target) => [wireDisks(target, disks, runtime), pause],
          reads: verdicts,
        },
        call,
      ),
  };
}

/** A disk, and the instance that it belongs to. */
function pair(disk: Disk | DiskPart, runtime: RuntimeInstance | undefined): WireValue {
  return [plainDisk(disk, runtime), ownerOf(runtime)];
}

function ownerOf(runtime: RuntimeInstance | undefined): WireValue {
  return runtime === undefined ? null : plainInstance(runtime);
}

function disksOf(disks: readonly Disk[], runtime: RuntimeInstance): WireValue {
  return [disks.map((disk) => plainDisk(disk, runtime)), plainInstance(runtime)];
}

/** A disk for one operation is made and removed by itself. */
function alone(disk: Disk | DiskPart, encoded: WireObject): WireObject {
  return isTemporary(disk) ? bareDisk(encoded) : encoded;
}

/** See D1. The place is the one that was given, whatever the configuration says by now. */
function removedAs(disk: Disk | DiskPart, view: DiskView): WireObject {
  if (!('index' in disk)) return filledDisk(disk, view);
  const { serial, createdAtMs, modifiedAtMs } = view.config.find('disk', disk.id) ?? disk;
  const known = { ...disk, serial, createdAtMs, modifiedAtMs };
  return serial > 0 && isAttached(disk, view.runtime) && !isTemporary(disk)
    ? filledDisk(known, view)
    : plainDisk(known, view.runtime);
}

/** A volume as it is now, and the place that it shall have. */
function renamePair(disk: Disk, volumeNow: string): WireValue {
  const { location } = disk;
  if (location.kind !== 'lvm') return [plainDisk(disk, undefined), []];
  const now = { ...disk, location: { ...location, volume: volumeNow } };
  return [plainDisk(now, undefined), [location.volumeGroup, location.volume]];
}
