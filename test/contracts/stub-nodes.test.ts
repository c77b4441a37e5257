/** The node port's promises, kept by stub nodes. This machine's run is with its own tests. */
import { test } from 'vitest';
import { whereOf } from '../../src/model/disk.js';
import type { NodeId } from '../../src/model/ids.js';
import { type NodeRpcFixture, nodeRpcContract } from '../../src/testing/contracts/node-rpc.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { StubNodes } from '../../src/testing/stub-nodes.js';
import { diskAt, runtimeOf } from '../local/hypervisors/runtime.js';

const NODE = 'node-1' as NodeId;
const STORAGE_DIR = '/srv/ganeti/file-storage/web1.example.com';
const MIB = 1024 * 1024;

for (const copiesFiles of [false, true]) {
  nodeRpcContract({
    test: (name, body) => test(`stub ${copiesFiles ? 'with copies of files, ' : ''}${name}`, body),
    make: () => Promise.resolve(stubFixture(copiesFiles)),
  });
}

function stubFixture(copiesFiles: boolean): NodeRpcFixture {
  const clock = new ManualClock();
  const nodes = new Map([[NODE, 'node1']]);
  const rpc = new StubNodes({ nodes, log: () => {}, clock, copiesFiles });
  const { disks, contents, osDefinitions } = rpc.state(NODE);
  return {
    rpc,
    node: NODE,
    stranger: 'node-2' as NodeId,
    storageDir: STORAGE_DIR,
    runtime: runtimeOf({ hypervisor: 'fake', disks: [diskAt(`${STORAGE_DIR}/disk0`)] }),
    read: ({ location }) => {
      const path = whereOf(location);
      const sizeMib = disks.get(path);
      if (sizeMib === undefined) return Promise.resolve(undefined);
      const written = contents.get(path) ?? new Uint8Array();
      return Promise.resolve(Buffer.concat([written], sizeMib * MIB));
    },
    write: ({ location }, bytes) => {
      contents.set(whereOf(location), bytes);
      return Promise.resolve();
    },
    defineOs: (name, does) => {
      const facts = { name, apiVersions: [20], variants: [], parameters: [], trusted: true };
      osDefinitions.set(name, facts);
      const times = Number.POSITIVE_INFINITY;
      const kind = does === 'hang' ? 'hang' : 'before';
      for (const method of does === 'succeed' ? [] : ['installOs', 'renameOs']) {
        rpc.faults.add({ method, kind, times });
      }
      return Promise.resolve();
    },
    pass: (ms) => clock.advance(ms),
    dispose: () => Promise.resolve(),
  };
}
