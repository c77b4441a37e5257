/**
 * One machine as a whole cluster in one directory: configuration and journal on lmdb, disks as
 * files, OS definitions and hooks from this folder's neighbours.
 */
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  ConfigError,
  fakeHypervisor,
  type GroupId,
  HYPERVISOR_PARAMS,
  initConfig,
  instanceUndoActions,
  type KvStore,
  kvmHypervisor,
  MostFreeAllocator,
  newCluster,
  newGroup,
  newNode,
  type NodeId,
  openCluster,
  type OpenCluster,
  type Params,
  POLICY_DEFAULTS,
} from 'logical-units';
import { decodeExport, encodeExport } from 'logical-units/ganeti';
import { openLmdb } from 'logical-units/lmdb';
import {
  FakeHypervisor,
  findQemu,
  LocalNode,
  QemuHypervisor,
  systemClock,
  systemIds,
  systemResolver,
} from 'logical-units/local';

const NODE = 'localhost' as NodeId;

/** An opened site. */
export interface Site {
  readonly cluster: OpenCluster;
  readonly paths: SitePaths;
  readonly qemu: QemuHypervisor;
  /** Where QEMU is; absent if it is not installed. */
  readonly qemuPath: string | undefined;
  close(): Promise<void>;
}

/** Where things are. */
export interface SitePaths {
  readonly configuration: string;
  readonly disks: string;
  readonly sharedDisks: string;
  readonly logs: string;
  /** Exports of instances; `mode: 'import'` makes instances of them again. */
  readonly exports: string;
  readonly run: string;
  readonly osDefinitions: string;
  /** OS definitions that a cluster's directory brings along; it need not be there. */
  readonly ownOsDefinitions: string;
  readonly hooks: string;
}

/** Opens the site in a directory; makes it if it is not there yet. */
export async function openSite(dir: string, examples: string): Promise<Site> {
  const paths = pathsOf(dir, examples);
  const clock = systemClock();
  const ids = systemIds();
  const qemu = new QemuHypervisor({
    runDir: join(paths.run, 'kvm'),
    clock,
    // A guest under nested virtualisation may hang; emulation is slow but works everywhere.
    accelerators: ['tcg'],
    network: 'none',
  });
  const fake = new FakeHypervisor({ runDir: join(paths.run, 'fake') });
  const node = new LocalNode({
    node: NODE,
    name: hostname(),
    storageRoots: { file: paths.disks, sharedfile: paths.sharedDisks },
    osSearchPath: [paths.ownOsDefinitions, paths.osDefinitions],
    hooksDir: paths.hooks,
    logDir: paths.logs,
    exportDir: paths.exports,
    hypervisors: [qemu, fake],
    clock,
  });
  await node.prepare();
  const store = await openLmdb({ path: paths.configuration });
  try {
    await makeOnce(store, paths);
    const cluster = await openCluster({
      store,
      clock,
      ids,
      rpc: node,
      hooks: node,
      resolver: systemResolver({ clock }),
      hypervisors: [fakeHypervisor(), kvmHypervisor()],
      allocators: [new MostFreeAllocator()],
      undoActions: instanceUndoActions,
      dataDir: dir,
      site: {
        exportDir: paths.exports,
        exportFormat: decodeExport,
        exportWriter: encodeExport,
      },
    });
    const close = async (): Promise<void> => {
      await cluster.close();
      await store.close();
    };
    return { cluster, paths, qemu, qemuPath: await findQemu(), close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function pathsOf(dir: string, examples: string): SitePaths {
  return {
    configuration: join(dir, 'configuration'),
    disks: join(dir, 'disks'),
    sharedDisks: join(dir, 'shared-disks'),
    logs: join(dir, 'log'),
    exports: join(dir, 'exports'),
    run: join(dir, 'run'),
    osDefinitions: join(examples, 'os'),
    ownOsDefinitions: join(dir, 'os'),
    hooks: join(examples, 'hooks'),
  };
}

/** A new directory gets a cluster of one node; an existing one keeps what it has. */
async function makeOnce(store: KvStore, paths: SitePaths): Promise<void> {
  const group = newGroup({ id: 'default' as GroupId, name: 'default' });
  const node = newNode({
    id: NODE,
    name: 'localhost',
    groupId: group.id,
    primaryIp: '127.0.0.1',
  });
  const cluster = newCluster({
    id: 'example',
    name: 'example',
    masterNode: NODE,
    enabledHypervisors: ['kvm', 'fake'],
    hvParams: { fake: initial('fake'), kvm: { ...initial('kvm'), kernel_path: '' } },
    fileStorageDir: paths.disks,
    sharedFileStorageDir: paths.sharedDisks,
    wipeDisks: true,
    policy: SMALL_POLICY,
  });
  try {
    await initConfig({ store, clock: systemClock(), cluster, nodes: [node], groups: [group] });
  } catch (error) {
    if (!(error instanceof ConfigError && error.code === 'conflict')) throw error;
  }
}

function initial(hypervisor: 'fake' | 'kvm'): Params {
  const rows = Object.entries(HYPERVISOR_PARAMS[hypervisor]);
  return Object.fromEntries(rows.map(([name, spec]) => [name, spec.default]));
}

/** The usual policy, but small disks are fine: a boot sector needs little room. */
const SMALL_POLICY = {
  ...POLICY_DEFAULTS,
  minmax: POLICY_DEFAULTS.minmax.map(({ min, max }) => ({
    min: { ...min, diskSizeMib: 16, nicCount: 0 },
    max,
  })),
};
