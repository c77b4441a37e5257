/**
 * The promises of the node port about transfers and making exports, kept by Ganeti's own import and export
 * daemons: the same suite that this machine as a node and the stub transfers pass.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, test } from 'vitest';
import { GanetiNodes } from '../../src/ganeti/index.js';
import { whereOf } from '../../src/model/disk.js';
import type { ConfigReader } from '../../src/ports/config-store.js';
import { exportContract, type ExportingFixture } from '../../src/testing/contracts/exports.js';
import { transferContract } from '../../src/testing/contracts/transfers.js';
import { diskAt, runtimeOf } from '../local/hypervisors/runtime.js';
import { Bed } from './bed.js';
import { configOf, HERE, STRANGER } from './lone-node.js';

const NAME = 'web0.example.com';
const PATH = `/var/lib/ganeti/export/${NAME}`;
/** As daemons write it, so that they say the same when they have read it. */
const DESCRIPTION = '[export]\nversion = 0\n\n[instance]\nname = web0.example.com\n\n';
const DISK = diskAt('/srv/ganeti/file-storage/web1.example.com/disk0', 0, 3);
const CONTENTS = randomBytes(DISK.sizeMib * 1024 * 1024);

let bed: Bed;
let config: ConfigReader;

beforeAll(async () => {
  bed = await Bed.start(1);
  config = await configOf(bed);
});

afterAll(() => bed.stop());

for (const contract of [transferContract, exportContract]) {
  contract({ test: (name, body) => test(`a daemon's ${name}`, body), make: fixture });
}

async function fixture(): Promise<ExportingFixture> {
  const node = bed.node(1);
  const rpc = new GanetiNodes({ transport: bed.transport({ settleMs: 500 }), config });
  const directory = node.at(PATH);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'config.ini'), DESCRIPTION);
  await writeFile(join(directory, 'dump0'), CONTENTS);
  await node.fileOfZeros(whereOf(DISK.location), CONTENTS.length);
  return {
    rpc,
    node: HERE,
    stranger: STRANGER,
    host: node.address,
    exported: { name: NAME, path: PATH, description: DESCRIPTION, dump: `${PATH}/dump0` },
    runtime: runtimeOf({ hypervisor: 'fake', disks: [DISK] }),
    isWhole: async ({ location }) => (await readFile(node.at(whereOf(location)))).equals(CONTENTS),
    holds: async (path, { location }) =>
      (await readFile(node.at(path))).equals(await readFile(node.at(whereOf(location)))),
    wait: () => pause(50),
    dispose: async () => {
      await node.clear(PATH);
      await bed.sweep();
    },
  };
}
