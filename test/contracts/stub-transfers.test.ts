/** The node port's promises about transfers and exports, kept by stub transfers. */
import { test } from 'vitest';
import { exportContract, type ExportingFixture } from '../../src/testing/contracts/exports.js';
import { transferContract } from '../../src/testing/contracts/transfers.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { StubTransfers } from '../../src/testing/stub-transfers.js';
import { CERTIFICATE } from '../instance-create/import-support.js';
import { diskAt, runtimeOf } from '../local/hypervisors/runtime.js';

const NODE = nodeIdOf('node1');
const PATH = '/var/lib/ganeti/export/web0';

function fixture(): ExportingFixture {
  const exports = new Map([[`${NODE} ${PATH}`, '[export]\n']]);
  const stub = new StubTransfers({ exports, certificate: CERTIFICATE, nodes: [NODE] });
  return {
    rpc: stub.calls,
    node: NODE,
    stranger: nodeIdOf('node2'),
    host: '127.0.0.1',
    exported: { name: 'web0', path: PATH, description: '[export]\n', dump: `${PATH}/dump0` },
    runtime: runtimeOf({ disks: [diskAt('/srv/disk0')] }),
    isWhole: () => Promise.resolve(true),
    holds: () => Promise.resolve(true),
    wait: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
  };
}

for (const contract of [transferContract, exportContract]) {
  contract({
    test: (name, body) => test(`stub ${name}`, body),
    make: () => Promise.resolve(fixture()),
  });
}
