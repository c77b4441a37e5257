import { expect, test } from 'vitest';
import { initConfig } from '../../src/config/cluster-config.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { openCluster } from '../../src/open-cluster.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import { makeCluster, makeGroup, makeNode, nodeIdOf } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubNodes } from '../../src/testing/stub-nodes.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';

test('parts of a cluster are made once, from the configuration that operations use', async () => {
  const [store, clock] = [new MemoryKvStore(), new ManualClock()];
  const cluster = makeCluster(nodeIdOf('node1'));
  await initConfig({ store, clock, cluster, nodes: [makeNode('node1')], groups: [makeGroup()] });
  const seen: ConfigReader[] = [];
  const nodes = (config: ConfigReader): StubNodes => {
    seen.push(config);
    const names = [...config.all('node')].map(({ id, name }) => [id, name] as const);
    return new StubNodes({ nodes: new Map(names), log: () => {}, clock });
  };
  const opened = await openCluster({
    store,
    clock,
    ids: new SeededIds(1),
    rpc: nodes,
    hooks: nodes,
    allocators: (config) => {
      seen.push(config);
      return [];
    },
    resolver: new StubResolver({}, []),
    hypervisors: [],
    undoActions: {},
  });
  expect(seen).toEqual([opened.config, opened.config, opened.config]);
  await opened.close();
});
