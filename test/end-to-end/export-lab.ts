/**
 * An instance on this machine, with known bytes on its two disks, that is to be exported.
 */
import { createHash } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type CreateOp,
  type ExportOp,
  type ExportResult,
  type Instance,
  LUBackupExport,
  LUInstanceRemove,
  type RunOptions,
  runtimeOf,
} from '../../src/index.js';
import { type Disk, whereOf } from '../../src/model/disk.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { Files } from '../local/os/definitions.js';
import { bytesOf } from '../local/transfers/random-bytes.js';
import { type Lab, type LabOptions, openLab } from './lab.js';
import { quickClock } from './quick-clock.js';
import { networkWorld, putBridgeAndOs } from './two-disks.js';

const MIB = 1024 * 1024;

export const NAME = 'inst2.example.com';

/** As the instance was made of which Ganeti's real export is. */
const CREATE: CreateOp = {
  instanceName: NAME,
  mode: 'create',
  hypervisor: 'fake',
  diskTemplate: 'file',
  disks: [
    { size: 8, name: 'root' },
    { size: 4, name: 'data' },
  ],
  nics: [
    { network: 'net1', ip: '10.20.30.3', name: 'front' },
    { mode: 'routed', link: '100', ip: '10.99.0.5' },
  ],
  osType: 'dumpos+v1',
  osParams: { dhcp: 'yes', fs: 'ext4' },
  osParamsPrivate: { root_pw: 'hunter2' },
  beParams: { maxMemMib: 256, minMemMib: 128, vcpus: 2, alwaysFailover: true },
  tags: ['env:test', 'owner:alice'],
  pnode: 'node1',
  nameCheck: false,
  ipCheck: false,
  // Such small disks are against the policy.
  ignoreIpolicy: true,
};

/** Leaves to the export all that it can say. */
const IMPORT: CreateOp = {
  instanceName: NAME,
  mode: 'import',
  diskTemplate: 'file',
  disks: [],
  nics: [],
  pnode: 'node1',
  srcNode: 'node1',
  nameCheck: false,
  ipCheck: false,
  ignoreIpolicy: true,
};

/** What a test wants to be different. */
export interface ExportLabOptions extends LabOptions {
  readonly scripts?: Files;
  readonly instance?: Partial<CreateOp> | undefined;
  /** Whether it has none, but a first disk that is made from a file: which one does not matter. */
  readonly withoutOs?: boolean | undefined;
}

/** A cluster with the instance. */
export interface ExportLab extends Lab {
  /** Exports it, to the one node that there is. */
  export(op?: Partial<ExportOp>, options?: RunOptions): Promise<ExportResult>;
  remove(): Promise<unknown>;
  import(): Promise<unknown>;
  /** Overwrites all disks with other bytes. */
  fill(label: string): Promise<void>;
  /** SHA-256 of each disk. */
  sums(): Promise<readonly string[]>;
  /** All files of all exports, with what is in them. */
  exported(): Promise<Readonly<Record<string, string>>>;
  /** What the cluster knows of the instance, but for ids, times and places. */
  known(): object;
  runs(): Promise<boolean>;
}

export async function openExport(options: ExportLabOptions = {}): Promise<ExportLab> {
  const { scripts, instance = {}, withoutOs = false, ...others } = options;
  const lab = await openLab({
    clock: quickClock(),
    world: networkWorld(),
    prepare: (dir) => putBridgeAndOs(dir, scripts),
    ...others,
  });
  const { cluster } = lab;
  await lab.run({ ...(withoutOs ? fromImage() : CREATE), ...instance });
  const disks = (): readonly Disk[] => cluster.config.disksOf(found(lab));
  const fill = async (label: string): Promise<void> => {
    for (const { index, sizeMib, location } of disks()) {
      const file = await open(whereOf(location), 'r+');
      // The first half, so that copies have holes.
      await file.write(bytesOf(`${label}${index}`, (sizeMib * MIB) / 2), 0);
      await file.close();
    }
  };
  await fill('first');
  return {
    ...lab,
    fill,
    export: (op, run) =>
      cluster.run(new LUBackupExport(), { instanceName: NAME, targetNode: 'node1', ...op }, run),
    remove: () => cluster.run(new LUInstanceRemove(), { instanceName: NAME }),
    import: () => lab.run(IMPORT),
    sums: async () => Promise.all(disks().map(({ location }) => sumOf(whereOf(location)))),
    exported: () => contentsOf(lab.exports),
    known: () => knownOf(lab),
    runs: async () => {
      const request = { hypervisors: ['fake'] } as const;
      const reply = await lab.node.runningInstances(nodeIdOf('node1'), request);
      return reply.ok && reply.payload.includes(NAME);
    },
  };
}

function fromImage(): CreateOp {
  const { osType: _, osParamsPrivate: __, ...others } = CREATE;
  return { ...others, osParams: { 'os-image': fileURLToPath(import.meta.url) } };
}

function found({ cluster: { config } }: Lab): Instance {
  const instance = config.findInstance(NAME);
  if (instance === undefined) throw new Error(`${NAME} is not there`);
  return instance;
}

async function sumOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

async function contentsOf(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(directory.length + 1), await sumOf(path)] as const;
    });
  return Object.fromEntries(await Promise.all(files));
}

function knownOf(lab: Lab): object {
  const { config } = lab.cluster;
  const { instance, hvParams, beParams, osParams, nics, disks } = runtimeOf(config, found(lab));
  const { os, hypervisor, diskTemplate, tags } = instance;
  return {
    ...{ os, hypervisor, diskTemplate, tags, hvParams, beParams },
    osParams: { public: osParams.public, root_pw: osParams.private['root_pw']?.reveal() },
    nics: nics.map(({ mac, ip, networkId, name, params }) => ({
      mac,
      ip,
      networkId,
      name,
      params,
    })),
    disks: disks.map(({ name, sizeMib, mode }) => ({ name, sizeMib, mode })),
  };
}
