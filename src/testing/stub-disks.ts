/**
 * What stub nodes do with disks of every kind: pure work on a node's belongings, which answers or
 * refuses. A disk is known by where it lies; a mirrored one is there beside its parts.
 */
import { type Disk, type DiskLocation, type DiskPart, placeOf, whereOf } from '../model/disk.js';
import type { MirrorStatus, VolumeFacts } from '../ports/node-facts.js';
import type { NodeRpc } from '../ports/node-rpc.js';
import { StubRefusal } from './stub-answers.js';
import type { StubNodeState } from './stub-node-state.js';

type Request<Call extends keyof NodeRpc> = NodeRpc[Call] extends (
  node: never,
  request: infer Asked,
  ...others: never
) => unknown
  ? Asked
  : never;

const MIB = 1024 * 1024;

/** Where disks lie, in words. */
export function placesOf(disks: readonly Disk[]): string {
  return disks.map(({ location }) => whereOf(location)).join(' ');
}

/** What is wiped, in words. */
export function stretch({ disk, offsetMib, lengthMib }: Request<'wipeDisk'>): string {
  const part = offsetMib === undefined ? '' : ` ${offsetMib}+${lengthMib ?? ''}`;
  return `${whereOf(disk.location)}${part}`;
}

/** Whether the node has the disk, or the device that it is. */
export function hasDisk({ disks, devices }: StubNodeState, location: DiskLocation): boolean {
  return disks.has(whereOf(location)) || devices.has(whereOf(location));
}

/** Makes a disk or part; what it is made of has to be there. */
export function createDisk(
  state: StubNodeState,
  { disk }: Pick<Request<'createDisk'>, 'disk'>,
): StubRefusal | undefined {
  const where = whereOf(disk.location);
  if (hasDisk(state, disk.location)) return new StubRefusal(`${where} exists already`, 'exists');
  const absent = partsOf(disk).find(({ location }) => !hasDisk(state, location));
  if (absent !== undefined) return missing(absent.location);
  state.disks.set(where, disk.sizeMib);
  return undefined;
}

/** Removes a disk with its parts; devices are the operator's and stay. */
export function removeDisk(
  state: StubNodeState,
  { disk }: Pick<Request<'removeDisk'>, 'disk'>,
): undefined {
  for (const { location } of [disk, ...partsOf(disk)]) {
    const where = whereOf(location);
    for (const things of [state.disks, state.contents, state.active, state.paused]) {
      things.delete(where);
    }
    state.adopted.delete(where);
  }
}

/** Overwrites what a test has written, as far as the stretch goes. */
export function wipeDisk(
  state: StubNodeState,
  { disk, offsetMib = 0, lengthMib = disk.sizeMib - offsetMib }: Request<'wipeDisk'>,
): StubRefusal | undefined {
  if (!hasDisk(state, disk.location)) return missing(disk.location);
  if (offsetMib < 0 || lengthMib < 0 || offsetMib + lengthMib > disk.sizeMib) {
    return new StubRefusal(`there are no ${lengthMib} MiB from ${offsetMib} MiB on that disk`);
  }
  const where = whereOf(disk.location);
  const written = state.contents.get(where);
  const [from, to] = [offsetMib * MIB, (offsetMib + lengthMib) * MIB];
  const left = written === undefined ? undefined : new Uint8Array(written).fill(0, from, to);
  if (left?.some((byte) => byte !== 0) === true) state.contents.set(where, left);
  else state.contents.delete(where);
  return undefined;
}

/** Writes the image's name, which is all that is known of it. */
export function imageDisk(
  state: StubNodeState,
  { disk, image }: Request<'imageDisk'>,
): StubRefusal | undefined {
  if (!hasDisk(state, disk.location)) return missing(disk.location);
  state.contents.set(whereOf(disk.location), new TextEncoder().encode(image));
  return undefined;
}

/** Makes a disk usable; answers with its device. */
export function assembleDisk(
  state: StubNodeState,
  { disk }: Request<'assembleDisk'>,
): string | StubRefusal {
  if (!hasDisk(state, disk.location)) return missing(disk.location);
  state.active.add(whereOf(disk.location));
  return `/dev/stub/${disk.id}`;
}

/**
 * Copies a disk with what was written on it; an older copy is replaced. A file is copied where
 * nodes can do that, and as long as no guest writes to it.
 */
export function snapshotDisk(
  state: StubNodeState,
  { disk, snapshot, runtime: { instance } }: Request<'snapshotDisk'>,
  copiesFiles: boolean,
): StubRefusal | undefined {
  if (!hasDisk(state, disk.location)) return missing(disk.location);
  if (disk.location.kind === 'file') {
    if (!copiesFiles)
      return new StubRefusal(`${whereOf(disk.location)} is a file: no copies of it`);
    if (state.running.has(instance.name)) return new StubRefusal(`${instance.name} runs`);
  }
  const [from, to] = [whereOf(disk.location), whereOf(snapshot.location)];
  const written = state.contents.get(from);
  state.disks.set(to, disk.sizeMib);
  if (written === undefined) state.contents.delete(to);
  else state.contents.set(to, written);
  return undefined;
}

/** How far mirrors are; in sync unless a test says otherwise. */
export function mirrorStatus(
  state: StubNodeState,
  { disks }: Request<'mirrorStatus'>,
): readonly MirrorStatus[] | StubRefusal {
  const absent = disks.find(({ location }) => !hasDisk(state, location));
  if (absent !== undefined) return missing(absent.location);
  return disks.map(({ location }) => state.mirrors.get(whereOf(location)) ?? { degraded: false });
}

/** Pauses or resumes mirrors; works for every disk that is there. */
export function pauseSync(
  state: StubNodeState,
  { disks, pause }: Request<'pauseSync'>,
): readonly boolean[] {
  return disks.map(({ location }) => {
    if (!hasDisk(state, location)) return false;
    if (pause) state.paused.add(whereOf(location));
    else state.paused.delete(whereOf(location));
    return true;
  });
}

/** Volumes of groups: those that were there, and those that were made. */
export function volumes(
  state: StubNodeState,
  { groups }: Request<'volumes'>,
): ReadonlyMap<string, VolumeFacts> {
  const found = new Map(state.volumes);
  for (const [where, sizeMib] of state.disks) {
    if (!where.startsWith(VOLUME)) continue;
    found.set(where.slice(VOLUME.length), { sizeMib, online: state.active.has(where) });
  }
  return new Map([...found].filter(([name]) => groups.includes(name.split('/')[0] ?? '')));
}

/**
 * Renames volumes. One that was there becomes the instance's, and the operator's again when it gets
 * its old name back. One that has the name already is fine.
 */
export function renameVolumes(
  state: StubNodeState,
  { renames }: Request<'renameVolumes'>,
): StubRefusal | undefined {
  for (const { disk, volumeNow } of renames) {
    const { location } = disk;
    if (location.kind !== 'lvm') return new StubRefusal(`${whereOf(location)} is no volume`);
    const now = `${location.volumeGroup}/${volumeNow}`;
    const wanted = placeOf(location).slice(VOLUME.length);
    if (!renameVolume(state, now, wanted)) return missing(location);
  }
  return undefined;
}

const VOLUME = 'lvm:';

/** Whether the volume has the wanted name now. */
function renameVolume(state: StubNodeState, now: string, wanted: string): boolean {
  const theirs = state.volumes.get(now);
  const ours = state.disks.get(VOLUME + now);
  const origin = state.adopted.get(VOLUME + now);
  if (theirs === undefined && ours === undefined) {
    return state.volumes.has(wanted) || state.disks.has(VOLUME + wanted);
  }
  const sizeMib = theirs?.sizeMib ?? ours ?? 0;
  state.volumes.delete(now);
  state.disks.delete(VOLUME + now);
  state.adopted.delete(VOLUME + now);
  if (origin === wanted) state.volumes.set(wanted, { sizeMib, online: false });
  else {
    state.disks.set(VOLUME + wanted, sizeMib);
    if (theirs !== undefined) state.adopted.set(VOLUME + wanted, now);
  }
  return true;
}

function partsOf(disk: Disk | DiskPart): readonly DiskPart[] {
  return 'parts' in disk ? (disk.parts ?? []) : [];
}

function missing(location: DiskLocation): StubRefusal {
  return new StubRefusal(`${whereOf(location)} is missing`);
}
