/**
 * A whole cluster on this machine, in a directory of its own for as long as one test lasts: the real
 * store, real files, real scripts which the test writes, and guests that only seem to run.
 */
import { lstat, mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { LuError } from '../../src/errors.js';
import {
  type CreateOp,
  fakeHypervisor,
  initConfig,
  instanceUndoActions,
  kvmHypervisor,
  LUInstanceCreate,
  MostFreeAllocator,
  openCluster,
  type OpenCluster,
  POLICY_DEFAULTS,
  type RunOptions,
  Secret,
  type Site,
} from '../../src/index.js';
import { decodeExport, encodeExport } from '../../src/ganeti/index.js';
import { openLmdb } from '../../src/lmdb/index.js';
import { FakeHypervisor, LocalNode, staticResolver, systemClock } from '../../src/local/index.js';
import type { Clock } from '../../src/ports/clock.js';
import type { ConfigWorld } from '../../src/testing/contracts/config-world.js';
import { makeCluster, makeGroup, makeNode, nodeIdOf } from '../../src/testing/make.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { scratchDirectory, script } from '../local/process/scratch.js';

/** What a test wants to be different. All is optional. */
export interface LabOptions {
  /** Body of the OS's create script. */
  readonly create?: string;
  /** Body of its import script. */
  readonly import?: string;
  /** Hook scripts by `PATH-PHASE.d/NAME`. */
  readonly hooks?: Readonly<Record<string, string>>;
  /** Memory of the machine, MiB. */
  readonly memoryMib?: number;
  /** Time. */
  readonly clock?: Clock;
  /** Where disk files lie; `DIR/disks` if not given. */
  readonly storageRoot?: string;
  /** Where exports lie; `DIR/exports` if not given. */
  readonly exportDir?: string;
  /** What the configuration holds besides, or instead. */
  readonly world?: Partial<ConfigWorld>;
  /** Addresses of other hosts, by name. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** What this cluster shares with another one. */
  readonly domainSecret?: string;
  /** Called before anything is made in the directory. */
  readonly prepare?: (dir: string) => Promise<void>;
}

/** An opened cluster. */
export interface Lab {
  readonly dir: string;
  readonly disks: string;
  /** Where exports lie. */
  readonly exports: string;
  readonly node: LocalNode;
  readonly cluster: OpenCluster;
  /** Creates an instance that differs from a good one in what is given. */
  create(changes?: Partial<CreateOp>, options?: RunOptions): Promise<readonly string[]>;
  /** Creates an instance exactly as asked. */
  run(op: CreateOp, options?: RunOptions): Promise<readonly string[]>;
  /** All there is: files with their sizes, records of the store, claims, locks. */
  state(): Promise<object>;
  /** Names of the OS's logs. */
  logs(): Promise<readonly string[]>;
}

/** Opens a cluster; it is closed when the test has finished. */
export async function openLab(options: LabOptions = {}): Promise<Lab> {
  const dir = await scratchDirectory();
  await options.prepare?.(dir);
  const { clock = systemClock(), storageRoot: disks = join(dir, 'disks') } = options;
  const { exportDir: exports = join(dir, 'exports') } = options;
  await writeScripts(dir, options);
  const total = options.memoryMib ?? 4096;
  const memory = (): Promise<{ totalMib: number; availableMib: number }> =>
    Promise.resolve({ totalMib: total, availableMib: total });
  const node = new LocalNode({
    node: nodeIdOf('node1'),
    name: 'node1',
    storageRoots: { file: disks, sharedfile: join(dir, 'shared-disks') },
    osSearchPath: [join(dir, 'os')],
    hooksDir: join(dir, 'hooks'),
    logDir: join(dir, 'log'),
    hypervisors: [new FakeHypervisor({ runDir: join(dir, 'run'), memory })],
    clock,
    memory,
    exportDir: exports,
    devicesDir: join(dir, 'net'),
  });
  await node.prepare();
  const store = await openLmdb({ path: join(dir, 'configuration') });
  onTestFinished(() => store.close());
  await initConfig({ store, clock, ...beginning(disks, dir), ...options.world });
  const cluster = await openCluster({
    store,
    clock,
    ids: new SeededIds(),
    rpc: node,
    hooks: node,
    resolver: staticResolver(options.hosts ?? {}),
    hypervisors: [fakeHypervisor(), kvmHypervisor()],
    allocators: [new MostFreeAllocator()],
    undoActions: instanceUndoActions,
    undoRetry: { attempts: 1, delayMs: 0 },
    dataDir: dir,
    site: siteOf(exports, options),
  });
  return {
    dir,
    disks,
    exports,
    node,
    cluster,
    create: (changes, run) => cluster.run(new LUInstanceCreate(), request(changes), run),
    run: (op, run) => cluster.run(new LUInstanceCreate(), op, run),
    state: async () => ({
      files: await listing(dir),
      ...(disks.startsWith(dir) ? {} : { disks: await listing(disks) }),
      ...(exports.startsWith(dir) ? {} : { exports: await listing(exports) }),
      // A claim's record only counts; the claims themselves are counted below.
      records: (await store.range('')).entries
        .filter(({ key }) => key !== 'config/claims')
        .map(({ key, value }) => `${key} ${value}`),
      claims: cluster.config.claimCount,
      locks: await cluster.locks.explain(),
    }),
    logs: async () => (await readdir(join(dir, 'log'))).filter((name) => name.endsWith('.log')),
  };
}

/**
 * The error of a creation that has to fail, and to leave all as it was: files, records, claims and
 * locks.
 */
export async function refusal(
  lab: Lab,
  changes: Partial<CreateOp> = {},
  options: RunOptions = {},
): Promise<LuError> {
  const before = await lab.state();
  const error = await lab.create(changes, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(await lab.state()).toEqual(before);
  if (LuError.is(error)) return error;
  throw error instanceof Error ? error : new Error('it was not refused');
}

/** A good request. */
export function request(changes: Partial<CreateOp> = {}): CreateOp {
  return {
    instanceName: 'web1.example.com',
    mode: 'create',
    hypervisor: 'fake',
    diskTemplate: 'file',
    disks: [{ size: 16 }],
    nics: [],
    osType: 'test+plain',
    beParams: { memoryMib: 128, vcpus: 1 },
    pnode: 'node1',
    nameCheck: false,
    ipCheck: false,
    ...changes,
  };
}

async function writeScripts(
  dir: string,
  { create = 'true', import: importing = 'true', hooks = {} }: LabOptions,
): Promise<void> {
  const os = join(dir, 'os', 'test');
  await mkdir(os, { recursive: true });
  await writeFile(join(os, 'ganeti_api_version'), '20\n');
  await writeFile(join(os, 'variants.list'), 'plain\n');
  await writeFile(join(os, 'parameters.list'), 'colour a colour\n');
  for (const name of ['export', 'rename', 'verify']) await script(join(os, name), 'true');
  await script(join(os, 'create'), create);
  await script(join(os, 'import'), importing);
  for (const [path, body] of Object.entries(hooks)) {
    await mkdir(join(dir, 'hooks', path, '..'), { recursive: true });
    await script(join(dir, 'hooks', path), body);
  }
}

function siteOf(exportDir: string, { domainSecret }: LabOptions): Partial<Site> {
  return {
    exportDir,
    exportFormat: decodeExport,
    exportWriter: encodeExport,
    ...(domainSecret === undefined ? {} : { domainSecret: new Secret(domainSecret) }),
  };
}

function beginning(disks: string, dir: string) {
  const minmax = POLICY_DEFAULTS.minmax.map(({ min, max }) => ({
    min: { ...min, diskSizeMib: 16, nicCount: 0 },
    max,
  }));
  const node = makeNode('node1');
  const cluster = makeCluster(node.id, {
    enabledHypervisors: ['fake'],
    fileStorageDir: disks,
    sharedFileStorageDir: join(dir, 'shared-disks'),
    wipeDisks: true,
    policy: { ...POLICY_DEFAULTS, minmax },
  });
  return { cluster, nodes: [node], groups: [makeGroup()] };
}

/** Names and sizes of everything below; logs are the operator's, and the store is read as one. */
async function listing(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { recursive: true });
  const lines = entries
    .filter((path) => !/^(log|configuration)(\/|$)/.test(path))
    .map(async (path) => {
      const found = await lstat(join(dir, path));
      if (found.isSymbolicLink()) return `${path} -> ${await readlink(join(dir, path))}`;
      return found.isDirectory() ? `${path}/` : `${path} ${found.size}`;
    });
  return (await Promise.all(lines)).sort();
}
