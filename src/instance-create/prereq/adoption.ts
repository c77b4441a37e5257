/**
 * Disks that exist already: they are looked up on the primary node, claimed, and have the size that
 * they have.
 */
import { PrereqError, refuse } from '../../errors.js';
import { placeOf } from '../../model/disk.js';
import type { Reply } from '../../ports/reply.js';
import type { DiskSpec } from '../wishes.js';
import type { PlannedNode } from '../types.js';
import type { StorageContext } from './space.js';

/** Where devices have names that stay (Ganeti's `ADOPTABLE_BLOCKDEV_ROOT`). */
const DEVICES_ROOT = '/dev/disk/';

/** A disk, and the one name of what it takes over. */
interface Adoption {
  readonly spec: DiskSpec;
  readonly name: string;
}

/** Takes volumes over: the disks with the sizes of what they take over, which is claimed. */
export async function adoptVolumes(
  specs: readonly DiskSpec[],
  primary: PlannedNode,
  ctx: StorageContext,
): Promise<readonly DiskSpec[]> {
  const adoptions = specs.map((spec) => ({ spec, name: volumeName(spec) }));
  refuseTwins(adoptions, 'volume');
  for (const { volumeGroup = '', adopt = '' } of specs) {
    ctx.reserve.volume(placeOf({ kind: 'lvm', volumeGroup, volume: adopt }));
  }
  const { id, name: node } = primary;
  const groups = taken(await ctx.rpc.volumeGroups(id, {}), `Cannot list volume groups of ${node}`);
  const request = { groups: [...groups.keys()] };
  const volumes = taken(await ctx.rpc.volumes(id, request), `Cannot list volumes of ${node}`);
  const sizes = new Map([...volumes].map(([name, { sizeMib }]) => [name, sizeMib]));
  const sized = withSizes(adoptions, sizes, node);
  const used = adoptions.filter(({ name }) => volumes.get(name)?.online === true);
  if (used.length > 0) {
    refuse.state(`${namesOf(used)} on ${node}: in use now; stop what uses it first`);
  }
  return sized;
}

/** The same with devices, which are not ours: nothing of them is claimed here. */
export async function adoptDevices(
  specs: readonly DiskSpec[],
  primary: PlannedNode,
  ctx: StorageContext,
): Promise<readonly DiskSpec[]> {
  const adoptions = specs.map((spec) => {
    const adopt = normalPath(spec.adopt ?? '');
    return { spec: { ...spec, adopt }, name: adopt };
  });
  refuseTwins(adoptions, 'device');
  const outside = adoptions.filter(({ name }) => !name.startsWith(DEVICES_ROOT));
  if (outside.length > 0) {
    refuse.input(`${namesOf(outside)}: no device below ${DEVICES_ROOT}; give it by such a name`);
  }
  const { id, name: node } = primary;
  const sizes = taken(
    await ctx.rpc.deviceSizes(id, { paths: adoptions.map(({ name }) => name) }),
    `Cannot learn the sizes of devices on ${node}`,
  );
  return withSizes(adoptions, sizes, node);
}

function volumeName({ volumeGroup = '', adopt = '' }: DiskSpec): string {
  return `${volumeGroup}/${adopt}`;
}

/** One spelling for each path: without `.`, `..` and doubled slashes. */
function normalPath(path: string): string {
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}

function namesOf(adoptions: readonly Adoption[]): string {
  return adoptions.map(({ name }) => name).join(', ');
}

function refuseTwins(adoptions: readonly Adoption[], kind: 'volume' | 'device'): void {
  const names = adoptions.map(({ name }) => name);
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  if (twin === undefined) return;
  refuse.input(`Two disks take over the ${kind} ${twin}; give each disk its own`);
}

/** The disks with the sizes that their node tells; refuses what is not there. */
function withSizes(
  adoptions: readonly Adoption[],
  sizes: ReadonlyMap<string, number>,
  node: string,
): readonly DiskSpec[] {
  const missing = adoptions.filter(({ name }) => !sizes.has(name));
  if (missing.length > 0) {
    refuse.input(`${namesOf(missing)}: not on ${node}; make it there, or correct its name`);
  }
  return adoptions.flatMap(({ spec, name }) => {
    const sizeMib = sizes.get(name);
    return sizeMib === undefined ? [] : [{ ...spec, sizeMib: Math.trunc(sizeMib) }];
  });
}

/** Ganeti gives no code for a node that does not answer here. */
function taken<T>(reply: Reply<T>, doing: string): T {
  if (reply.ok) return reply.payload;
  throw new PrereqError(`${doing}: ${reply.message}`, 'environment_error', {
    about: 'unclassified',
  });
}
