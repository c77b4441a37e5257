/**
 * Disks that exist already: they are looked up on the primary node, claimed, and have the size that
 * they have.
 */
import { PrereqError, refuse } from '../../errors.js';
import { placeOf } from '../../model/disk.js';
import { DISK_TEMPLATE_FACTS, type DiskTemplate } from '../../model/disk-template.js';
import type { Reply } from '../../ports/reply.js';
import type { DiskSpec } from '../wishes.js';
import type { PlannedNode } from '../types.js';
import type { StorageContext } from './space.js';

/** Where devices have names that stay (Ganeti's `ADOPTABLE_BLOCKDEV_ROOT`). */
const DEVICES_ROOT = '/dev/disk/';

type Room = (
  specs: readonly DiskSpec[],
  primary: PlannedNode,
  ctx: StorageContext,
) => Promise<readonly DiskSpec[]>;

const ROOMS: Readonly<Record<'volumes' | 'devices', Room>> = {
  volumes: adoptVolumes,
  devices: adoptDevices,
};

/** The disks with the sizes of what they take over, which is claimed. */
export function adoptDisks(
  template: DiskTemplate,
  specs: readonly DiskSpec[],
  primary: PlannedNode,
  ctx: StorageContext,
): Promise<readonly DiskSpec[]> {
  const { adopts } = DISK_TEMPLATE_FACTS[template];
  if (adopts !== undefined) return ROOMS[adopts](specs, primary, ctx);
  return refuse.input(`Disks of '${template}' cannot be taken over; leave 'adopt' out`);
}

async function adoptVolumes(
  specs: readonly DiskSpec[],
  primary: PlannedNode,
  ctx: StorageContext,
): Promise<readonly DiskSpec[]> {
  const names = specs.map(volumeName);
  refuseTwins(names, 'volume');
  for (const { volumeGroup = '', adopt = '' } of specs) {
    ctx.reserve.volume(placeOf({ kind: 'lvm', volumeGroup, volume: adopt }));
  }
  const { id, name: node } = primary;
  const groups = taken(await ctx.rpc.volumeGroups(id, {}), `Cannot list volume groups of ${node}`);
  const request = { groups: [...groups.keys()] };
  const volumes = taken(await ctx.rpc.volumes(id, request), `Cannot list volumes of ${node}`);
  const sizes = new Map([...volumes].map(([name, { sizeMib }]) => [name, sizeMib]));
  refuseMissing(names, sizes, node);
  const used = names.filter((name) => volumes.get(name)?.online === true);
  if (used.length > 0) {
    refuse.state(`${used.join(', ')} on ${node}: in use now; stop what uses it first`);
  }
  return withSizes(specs, names, sizes);
}

async function adoptDevices(
  specs: readonly DiskSpec[],
  primary: PlannedNode,
  ctx: StorageContext,
): Promise<readonly DiskSpec[]> {
  const paths = specs.map(({ adopt = '' }) => normalPath(adopt));
  refuseTwins(paths, 'device');
  const outside = paths.filter((path) => !path.startsWith(DEVICES_ROOT));
  if (outside.length > 0) {
    refuse.input(`${outside.join(', ')}: no device below ${DEVICES_ROOT}; give it by such a name`);
  }
  const { id, name: node } = primary;
  const sizes = taken(
    await ctx.rpc.deviceSizes(id, { paths }),
    `Cannot learn the sizes of devices on ${node}`,
  );
  refuseMissing(paths, sizes, node);
  const normal = specs.map((spec, at) => ({ ...spec, adopt: paths[at] ?? '' }));
  return withSizes(normal, paths, sizes);
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

function refuseTwins(names: readonly string[], kind: 'volume' | 'device'): void {
  const twin = names.find((name, at) => names.indexOf(name) !== at);
  if (twin === undefined) return;
  refuse.input(`Two disks take over the ${kind} ${twin}; give each disk its own`);
}

function refuseMissing(
  names: readonly string[],
  found: ReadonlyMap<string, number>,
  node: string,
): void {
  const missing = names.filter((name) => !found.has(name));
  if (missing.length === 0) return;
  refuse.input(`${missing.join(', ')}: not on ${node}; make it there, or correct its name`);
}

function withSizes(
  specs: readonly DiskSpec[],
  names: readonly string[],
  sizes: ReadonlyMap<string, number>,
): readonly DiskSpec[] {
  return specs.map((spec, at) => {
    return { ...spec, sizeMib: Math.trunc(sizes.get(names[at] ?? '') ?? spec.sizeMib) };
  });
}

/** Ganeti gives no code for a node that does not answer here. */
function taken<T>(reply: Reply<T>, doing: string): T {
  if (reply.ok) return reply.payload;
  throw new PrereqError(`${doing}: ${reply.message}`, 'environment_error', {
    about: 'unclassified',
  });
}
