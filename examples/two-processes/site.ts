/**
 * One process's view of a cluster that it shares: configuration, locks and journal on etcd; this
 * machine as the only node, in a directory which both processes see.
 */
import { join } from 'node:path';
import {
  ConfigError,
  fakeHypervisor,
  type GroupId,
  initConfig,
  instanceUndoActions,
  type KvStore,
  newCluster,
  newGroup,
  newNode,
  type NodeId,
  openCluster,
  type OpenCluster,
  POLICY_DEFAULTS,
  type RecoveredOperation,
} from 'logical-units';
import { openSharedEtcd } from 'logical-units/etcd';
import {
  FakeHypervisor,
  LocalNode,
  systemClock,
  systemIds,
  systemResolver,
} from 'logical-units/local';

const NODE = 'localhost' as NodeId;

/** Where everything is. */
export interface Place {
  /** Where etcd answers. */
  readonly endpoint: string;
  /** The directory of the cluster. */
  readonly dir: string;
  /** The directory of this repository's OS definitions. */
  readonly osDefinitions: string;
}

/** A cluster that is open in this process. */
export interface SharedSite {
  readonly cluster: OpenCluster;
  close(): Promise<void>;
}

/** Opens the cluster; whoever comes first makes it. */
export async function openSharedSite(
  place: Place,
  onTakenOver: (operation: RecoveredOperation) => void,
): Promise<SharedSite> {
  const [clock, ids] = [systemClock(), systemIds()];
  const node = await openNode(place);
  const endpoints = [place.endpoint];
  // Short, so that the example is: the others wait that long for a process that has died.
  const store = await openSharedEtcd({ endpoints, prefix: 'example/', ttlMs: 10_000, clock, ids });
  try {
    await makeOnce(store, join(place.dir, 'disks'));
    const cluster = await openCluster({
      store,
      rpc: node,
      hooks: node,
      resolver: systemResolver({ clock }),
      hypervisors: [fakeHypervisor()],
      undoActions: instanceUndoActions,
      onTakenOver,
      clock,
      ids,
    });
    const close = async (): Promise<void> => {
      await cluster.close();
      await store.close();
    };
    return { cluster, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** This machine. */
async function openNode({ dir, osDefinitions }: Place): Promise<LocalNode> {
  const node = new LocalNode({
    node: NODE,
    name: 'localhost',
    storageRoots: { file: join(dir, 'disks') },
    osSearchPath: [osDefinitions],
    hooksDir: join(dir, 'hooks'),
    logDir: join(dir, 'log'),
    exportDir: join(dir, 'exports'),
    hypervisors: [new FakeHypervisor({ runDir: join(dir, 'run') })],
    clock: systemClock(),
  });
  await node.prepare();
  return node;
}

/** Two processes may try at once: one succeeds, the other finds it there. */
async function makeOnce(store: KvStore, fileStorageDir: string): Promise<void> {
  const group = newGroup({ id: 'default' as GroupId, name: 'default' });
  const facts = { id: NODE, name: 'localhost', groupId: group.id, primaryIp: '127.0.0.1' };
  const cluster = newCluster({
    id: 'example',
    name: 'example',
    masterNode: NODE,
    enabledHypervisors: ['fake'],
    enabledDiskTemplates: ['file'],
    fileStorageDir,
    wipeDisks: true,
    policy: SMALL_POLICY,
  });
  try {
    const nodes = [newNode(facts)];
    await initConfig({ store, clock: systemClock(), cluster, nodes, groups: [group] });
  } catch (error) {
    if (!(error instanceof ConfigError && error.code === 'conflict')) throw error;
  }
}

/** The usual policy, but small disks and no cards are fine. */
const SMALL_POLICY = {
  ...POLICY_DEFAULTS,
  minmax: POLICY_DEFAULTS.minmax.map(({ min, max }) => ({
    min: { ...min, diskSizeMib: 16, nicCount: 0 },
    max,
  })),
};
