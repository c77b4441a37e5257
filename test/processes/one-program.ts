/**
 * A little program that creates an instance and is closed, as an embedding program would: nothing
 * in it knows which store it is given.
 */
import { initConfig } from '../../src/config/cluster-config.js';
import { ConfigError } from '../../src/errors.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { systemIds } from '../../src/local/random-ids.js';
import { systemClock } from '../../src/local/system-clock.js';
import { openCluster } from '../../src/open-cluster.js';
import type { KvStore } from '../../src/ports/kv-store.js';
import type { SharedStore } from '../../src/ports/shared-store.js';
import { makeCluster, makeGroup, makeNode, nodeIdOf } from '../../src/testing/make.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubNodes } from '../../src/testing/stub-nodes.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import { LENIENT_POLICY, request } from '../instance-create/support.js';

const NODE = nodeIdOf('node1');

/** The nodes on which the program works; they outlive it. */
export function makeNodes(): StubNodes {
  return new StubNodes({ nodes: new Map([[NODE, 'node1']]), log: () => {}, clock: systemClock() });
}

/** Opens a cluster on a store, creates an instance, closes both; answers which instances it saw. */
export async function runProgram(
  store: KvStore | SharedStore,
  nodes: StubNodes,
  instanceName: string,
): Promise<readonly string[]> {
  const clock = systemClock();
  await makeOnce(store);
  const cluster = await openCluster({
    store,
    rpc: nodes,
    hooks: nodes,
    resolver: new StubResolver({}, []),
    hypervisors: [new StubHypervisor('fake')],
    undoActions: instanceUndoActions,
    clock,
    ids: systemIds(),
  });
  await cluster.recover();
  await cluster.run(new LUInstanceCreate(), request({ instanceName }));
  const names = [...cluster.config.all('instance')].map(({ name }) => name).sort();
  await cluster.close();
  await store.close();
  return names;
}

async function makeOnce(store: KvStore): Promise<void> {
  const cluster = makeCluster(NODE, { enabledDiskTemplates: ['file'], policy: LENIENT_POLICY });
  const nodes = [makeNode('node1')];
  try {
    await initConfig({ store, clock: systemClock(), cluster, nodes, groups: [makeGroup()] });
  } catch (error) {
    if (!(error instanceof ConfigError && error.code === 'conflict')) throw error;
  }
}
