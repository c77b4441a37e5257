/** This machine as a node in directories of its own, for as long as one test lasts. */
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeHypervisor } from '../../../src/local/hypervisors/fake-hypervisor.js';
import type { LocalHypervisor } from '../../../src/local/hypervisors/local-hypervisor.js';
import { LocalNode } from '../../../src/local/local-node.js';
import type { LocalNodeOptions } from '../../../src/local/local-node-options.js';
import { systemClock } from '../../../src/local/system-clock.js';
import { whereOf } from '../../../src/model/disk.js';
import type { NodeId } from '../../../src/model/ids.js';
import type { NodeRpcFixture } from '../../../src/testing/contracts/node-rpc.js';
import { diskAt, runtimeOf } from '../hypervisors/runtime.js';
import { define } from '../os/definitions.js';

export const HERE = 'node-here' as NodeId;
export const ELSEWHERE = 'node-elsewhere' as NodeId;

export interface NodeLab extends NodeRpcFixture {
  readonly rpc: LocalNode;
  readonly dir: string;
}

/** A node whose drivers live in `DIR/run`. */
export async function openNode(
  driversIn: (runDir: string) => readonly LocalHypervisor[] = fakeOnly,
  options: Partial<LocalNodeOptions> = {},
  optionsIn: (dir: string) => Partial<LocalNodeOptions> = () => ({}),
): Promise<NodeLab> {
  const dir = await mkdtemp(join(tmpdir(), 'lu-node-'));
  const storageRoot = join(dir, 'file-storage');
  const hypervisors = driversIn(join(dir, 'run'));
  const rpc = new LocalNode({
    node: HERE,
    name: 'here.example.com',
    storageRoots: { file: storageRoot },
    osSearchPath: [join(dir, 'os')],
    hooksDir: join(dir, 'hooks'),
    logDir: join(dir, 'log'),
    hypervisors,
    clock: systemClock(),
    ...optionsIn(dir),
    ...options,
  });
  await rpc.prepare().catch(async (error: unknown) => {
    await rm(dir, { recursive: true, force: true });
    throw error;
  });
  const storageDir = join(storageRoot, 'web1.example.com');
  const disks = [diskAt(join(storageDir, 'disk0'))];
  const hypervisor = hypervisors[0]?.name ?? 'fake';
  return {
    rpc,
    dir,
    node: HERE,
    stranger: ELSEWHERE,
    storageDir,
    runtime: runtimeOf({ hypervisor, disks }),
    read: ({ location }) => readFile(whereOf(location)).catch(() => undefined),
    write: async ({ location }, bytes) => {
      await using file = closing(await open(whereOf(location), 'r+'));
      await file.handle.write(bytes, 0, bytes.length, 0);
    },
    defineOs: async (name, does) => {
      const body = OS_SCRIPTS[does];
      const changes = { 'variants.list': null, create: body, rename: body };
      await define(join(dir, 'os'), name, changes);
    },
    dispose: () => rm(dir, { recursive: true, force: true }),
  };
}

const OS_SCRIPTS = { succeed: 'exit 0', fail: 'exit 1', hang: 'exec sleep 1000' } as const;

function fakeOnly(runDir: string): readonly LocalHypervisor[] {
  return [new FakeHypervisor({ runDir: join(runDir, 'fake') })];
}

interface Closing extends AsyncDisposable {
  readonly handle: Awaited<ReturnType<typeof open>>;
}

function closing(handle: Closing['handle']): Closing {
  return { handle, [Symbol.asyncDispose]: () => handle.close() };
}
