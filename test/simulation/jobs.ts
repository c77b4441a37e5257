/**
 * What is to be done: twenty jobs, which come one after the other and meet at the same things.
 */
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import { LUInstanceRemove } from '../../src/lus/instance-remove.js';
import { LUInstanceStart } from '../../src/lus/instance-start.js';
import { LUInstanceStop } from '../../src/lus/instance-stop.js';
import type { PlacementRung } from '../../src/ports/reporter.js';
import type { OpenCluster } from '../../src/open-cluster.js';
import type { RunOptions } from '../../src/processor.js';
import { LUCount, type ReadRegister } from './lu-count.js';
import { INSTANCES, NODE_NAMES, REGISTERS } from './site.js';
import type { World } from './world.js';

export const JOB_COUNT = 20;

/** Where placements begin. */
const RUNGS: readonly PlacementRung[] = ['claims', 'claims', 'opportunistic', 'full'];

/** What a process runs a job with. */
export interface Tools {
  readonly cluster: OpenCluster;
  readonly read: ReadRegister;
}

/** A job. */
export interface Job {
  readonly name: string;
  readonly kind: string;
  readonly about: string;
  /** When it comes, milliseconds. */
  readonly atMs: number;
  readonly run: (tools: Tools, options: RunOptions) => Promise<unknown>;
}

/** All jobs, in the order in which they come. */
export function drawJobs(world: World, withinMs: number): readonly Job[] {
  const times = Array.from({ length: JOB_COUNT }, () => world.below(withinMs)).sort(
    (a, b) => a - b,
  );
  return times.map((atMs, number) => ({ name: `job${number}`, atMs, ...drawJob(world, number) }));
}

function drawJob(world: World, number: number): Omit<Job, 'name' | 'atMs'> {
  const dice = world.below(20);
  if (dice < 7) return count(world.oneOf(REGISTERS));
  if (dice < 14) return create(world, number);
  const name = world.oneOf(INSTANCES);
  if (dice < 16) return power('start', name);
  if (dice < 18) return power('stop', name);
  return {
    kind: 'remove',
    about: name,
    run: ({ cluster }, options) => {
      return cluster.run(new LUInstanceRemove(), { instanceName: name }, options);
    },
  };
}

function count(register: string): Omit<Job, 'name' | 'atMs'> {
  return {
    kind: 'count',
    about: register,
    run: ({ cluster, read }, options) => cluster.run(new LUCount(read), register, options),
  };
}

function power(kind: 'start' | 'stop', name: string): Omit<Job, 'name' | 'atMs'> {
  return {
    kind,
    about: name,
    run: ({ cluster }, options) => {
      return kind === 'start'
        ? cluster.run(new LUInstanceStart(), { instanceName: name }, options)
        : cluster.run(new LUInstanceStop(), { instanceName: name }, options);
    },
  };
}

function create(world: World, number: number): Omit<Job, 'name' | 'atMs'> {
  // Some want the same name.
  const instanceName = `new${world.chance(0.2) ? 0 : number}.example.com`;
  const [first, second] = [world.oneOf(NODE_NAMES), world.oneOf(NODE_NAMES)];
  const isMirrored = first !== second && world.chance(0.3);
  const isPlaced = world.chance(0.4);
  const where = isPlaced
    ? { iallocator: 'most-free', placementRung: world.oneOf(RUNGS) }
    : { pnode: first, ...(isMirrored ? { snode: second } : {}) };
  const disks = Array.from({ length: world.between(1, 2) }, () => ({ size: 64 }));
  const op = {
    instanceName,
    mode: 'create' as const,
    diskTemplate: isMirrored ? ('drbd' as const) : ('file' as const),
    disks,
    nics: [{}],
    osType: 'debian',
    nameCheck: false,
    ipCheck: false,
    start: world.chance(0.5),
    ...where,
  };
  return {
    kind: `create${isMirrored ? ' mirrored' : ''}${isPlaced ? ' placed' : ''}`,
    about: instanceName,
    run: ({ cluster }, options) => cluster.run(new LUInstanceCreate(), op, options),
  };
}
