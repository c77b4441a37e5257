/**
 * The promises of the node port and of the hook port, kept by Ganeti's own node daemon: the same
 * suites that this machine as a node and the stub nodes pass.
 */
import { chmod, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { GanetiNodes } from '../../src/ganeti/index.js';
import { whereOf } from '../../src/model/disk.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import { type ContractHook, hookNodesContract } from '../../src/testing/contracts/hook-nodes.js';
import { type NodeRpcFixture, nodeRpcContract } from '../../src/testing/contracts/node-rpc.js';
import { diskAt, runtimeOf } from '../local/hypervisors/runtime.js';
import { Bed } from './bed.js';
import { configOf, HERE, STRANGER } from './lone-node.js';
import { defineOs } from './os.js';

const DIRECTORY = '/srv/ganeti/file-storage/web1.example.com';

let bed: Bed;
let config: ConfigReader;

beforeAll(async () => {
  bed = await Bed.start(1);
  config = await configOf(bed);
});

afterAll(() => bed.stop());

nodeRpcContract({
  test: (name, body) => test(`a daemon's ${name}`, body),
  make: () => Promise.resolve(fixture()),
  // Daemons of Ganeti 3.0 take no fences.
  refusesOutdated: false,
});

hookNodesContract({
  test: (name, body) => test(`a daemon's ${name}`, body),
  make: () =>
    Promise.resolve({
      hooks: nodes(),
      node: HERE,
      stranger: STRANGER,
      put: async (directory: string, scripts: readonly ContractHook[]) => {
        for (const { script, does } of scripts) await putHook(directory, script, does);
      },
      dispose: clearHooks,
    }),
});

function nodes(): GanetiNodes {
  return new GanetiNodes({ transport: bed.transport({ settleMs: 500 }), config });
}

function fixture(): NodeRpcFixture {
  const at = (path: string): string => bed.node(1).at(path);
  return {
    rpc: nodes(),
    node: HERE,
    stranger: STRANGER,
    storageDir: DIRECTORY,
    runtime: runtimeOf({ hypervisor: 'fake', disks: [diskAt(join(DIRECTORY, 'disk0'))] }),
    read: ({ location }) => readFile(at(whereOf(location))).catch(() => undefined),
    write: async ({ location }, bytes) => {
      const file = await open(at(whereOf(location)), 'r+');
      await file.write(bytes, 0, bytes.length, 0);
      await file.close();
    },
    // A daemon cannot be told to stop a script, so this one ends by itself.
    defineOs: (name, does) =>
      defineOs(bed.node(1), name, { succeed: 'exit 0', fail: 'exit 1', hang: 'sleep 3' }[does]),
    dispose: () => Promise.resolve(),
  };
}

const HOOKS: Readonly<Record<ContractHook['does'], string>> = {
  succeed: 'basename "$0"; echo',
  refuse: 'basename "$0"; echo; exit 1',
  'show-environment': 'tr "\\0" "\\n" < /proc/$$/environ',
  'cannot-run': 'exit 1',
};

async function putHook(
  directory: string,
  script: string,
  does: ContractHook['does'],
): Promise<void> {
  const path = `/etc/ganeti/hooks/${directory}/${script}`;
  await bed.node(1).script(path, `#!/bin/sh\n${HOOKS[does]}\n`);
  if (does === 'cannot-run') await chmod(bed.node(1).at(path), 0o644);
}

async function clearHooks(): Promise<void> {
  for (const phase of ['pre', 'post']) {
    await bed.node(1).clear(`/etc/ganeti/hooks/instance-add-${phase}.d`);
  }
}
