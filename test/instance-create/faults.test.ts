import { expect, test } from 'vitest';
import { LuError } from '../../src/errors.js';
import type { FileLocation } from '../../src/model/disk.js';
import type { Fault } from '../../src/testing/faults.js';
import { nodeIdOf } from '../../src/testing/make.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import { FailingStore } from './failing-store.js';
import { create, openCluster, request } from './support.js';

/** A creation in which everything happens: two disks, wiping, a console port, OS and start. */
const OP = request({
  hypervisor: 'kvm',
  disks: [{ size: 64 }, { size: 32 }],
  fileStorageDir: 'sub',
});
const OPTIONS: TestClusterOptions = { cluster: { wipeDisks: true } };

/** What must be as before: all but serial numbers and times of the cluster's own record. */
async function traces(cluster: TestCluster): Promise<readonly string[]> {
  const { config } = cluster;
  const claimed = config.holderOf('mac', 'x') ?? config.holderOf('name', OP.instanceName);
  return [
    ...[...(await cluster.leftovers())].sort(byNumber),
    ...[...config.all('instance')].map(({ name }) => `instance ${name}`),
    ...[...config.all('disk')].map(({ id }) => `disk ${id}`),
    ...(claimed === undefined ? [] : [`claimed by ${claimed}`]),
  ];
}

function calls(cluster: TestCluster): readonly string[] {
  return cluster.transcript.filter((line) => line.startsWith('rpc '));
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000 && !condition(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!condition()) throw new Error('the test waited in vain');
}

/** File names are random; their numbers are not. */
function byNumber(a: string, b: string): number {
  const [x, y] = [a, b].map((line) => line.replace(/[0-9a-f-]{36}/, ''));
  return (x ?? '') < (y ?? '') ? -1 : 1;
}

async function cleanRun(): Promise<TestCluster> {
  const cluster = await openCluster(OPTIONS);
  await create(cluster, OP);
  return cluster;
}

const POST_HOOKS = 'rpc hooks node1 instance-add post';

test('given a clean run, when it ends, then instance, disks and directory are all there is', async () => {
  const cluster = await cleanRun();
  expect((await traces(cluster)).map((line) => line.replace(/[0-9a-f-]{36}/g, '#'))).toEqual([
    'node1 directory /srv/ganeti/file-storage/sub/web1.example.com',
    'node1 disk /srv/ganeti/file-storage/sub/web1.example.com/#.file.disk0',
    'node1 disk /srv/ganeti/file-storage/sub/web1.example.com/#.file.disk1',
    'node1 running web1.example.com',
    'instance web1.example.com',
    'disk #',
    'disk #',
    'claimed by #',
  ]);
  expect(cluster.config.cluster).toMatchObject({ highestUsedPort: 11000, portPool: [] });
});

const FAULTS: readonly Partial<Fault>[] = [
  { kind: 'before' },
  { kind: 'before', failure: 'unreachable' },
  { kind: 'after', failure: 'timeout' },
];

test.each(FAULTS)(
  'given each node call in turn failing ($kind, $failure), when an instance is created, then nothing is left',
  async (fault) => {
    const all = calls(await cleanRun());
    for (const [index, call] of all.entries()) {
      const cluster = await openCluster(OPTIONS);
      cluster.nodes.faults.add({ ...fault, nth: index + 1 });
      if (call === POST_HOOKS || call.startsWith('rpc publishMetadata')) {
        await create(cluster, OP);
        continue;
      }
      const error: unknown = await create(cluster, OP).catch((thrown: unknown) => thrown);
      expect(LuError.is(error), call).toBe(true);
      expect(error, call).toMatchObject({
        kind: /exec|prereq|hooks/.exec((error as LuError).kind)?.[0],
      });
      expect(await traces(cluster), call).toEqual([]);
    }
    expect(all.length).toBeGreaterThan(12);
  },
);

test('given each node call in turn hanging, when the caller gives up, then nothing is left', async () => {
  const all = calls(await cleanRun());
  for (const [index, call] of all.entries()) {
    if (call === POST_HOOKS) continue;
    const cluster = await openCluster(OPTIONS);
    cluster.nodes.faults.add({ kind: 'hang', nth: index + 1 });
    const abort = new AbortController();
    const run = create(cluster, OP, { signal: abort.signal });
    const outcome = run.catch((thrown: unknown) => thrown);
    await until(() => calls(cluster).length === index + 1);
    abort.abort();
    expect(await outcome, call).toMatchObject({ kind: 'cancelled' });
    expect(await traces(cluster), call).toEqual([]);
  }
});

test('given each event in turn, when the caller gives up there, then nothing is left', async () => {
  const events = (await cleanRun()).events.length;
  let cancelled = 0;
  for (let at = 1; at <= events; at++) {
    const cluster = await openCluster(OPTIONS);
    const abort = new AbortController();
    let seen = 0;
    const onReport = (): void => {
      seen += 1;
      if (seen === at) abort.abort();
    };
    const outcome: unknown = await create(cluster, OP, { signal: abort.signal, onReport }).catch(
      (thrown: unknown) => thrown,
    );
    if (Array.isArray(outcome)) continue;
    cancelled += 1;
    expect(outcome, `event ${at}`).toMatchObject({ kind: 'cancelled', leaked: [] });
    expect(await traces(cluster), `event ${at}`).toEqual([]);
  }
  // Only after the work is done it is too late.
  expect(events - cancelled).toBeLessThan(8);
});

test('given each write of the store in turn failing, when an instance is created, then nothing is left', async () => {
  const clean = new FailingStore();
  const first = await openCluster({ ...OPTIONS, store: clean });
  const opened = clean.seen;
  await create(first, OP);
  const writes = clean.seen - opened;
  // The undo of directories is written twice (as it may be, and as it is), and given up when that
  // of the registered instance has taken its place.
  expect(writes).toBe(8);
  for (let at = 1; at <= writes; at++) {
    const store = new FailingStore();
    const cluster = await openCluster({ ...OPTIONS, store });
    store.failAt = store.seen + at;
    const error: unknown = await create(cluster, OP).catch((thrown: unknown) => thrown);
    expect(LuError.is(error), `write ${at}`).toBe(true);
    expect(await traces(cluster), `write ${at}`).toEqual([]);
  }
});

const KEPT = [
  'node1 directory /srv/ganeti/file-storage/sub/web1.example.com',
  'node1 disk #',
  'node1 disk #',
  'instance web1.example.com',
  'disk #',
  'disk #',
  'claimed by #',
];

test.each([
  { method: 'installOs', kind: 'before' as const },
  { method: 'installOs', kind: 'after' as const },
  { method: 'startInstance', kind: 'before' as const },
  { method: 'startInstance', kind: 'after' as const },
])(
  'given the policy keep, when $method fails $kind its effect, then the instance stays, stopped',
  async (fault) => {
    const cluster = await openCluster({ ...OPTIONS, compatibility: { onFailure: 'keep' } });
    cluster.nodes.faults.add(fault);
    await expect(create(cluster, OP)).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    const left = await traces(cluster);
    expect(left.map((line) => line.replace(/ \S*[0-9a-f-]{36}\S*/g, ' #'))).toEqual(KEPT);
    expect(cluster.config.findInstance('web1')).toMatchObject({
      adminState: 'down',
      disksActive: false,
    });
  },
);

test('given the policy keep, when a write of the store fails, then guest and configuration agree', async () => {
  const keep = { ...OPTIONS, compatibility: { onFailure: 'keep' } as const };
  const clean = new FailingStore();
  const first = await openCluster({ ...keep, store: clean });
  const opened = clean.seen;
  await create(first, OP);
  for (let at = 1; at <= clean.seen - opened; at++) {
    const store = new FailingStore();
    const cluster = await openCluster({ ...keep, store });
    store.failAt = store.seen + at;
    await expect(create(cluster, OP), `write ${at}`).rejects.toMatchObject({ code: 'io' });
    const isRunning = (await cluster.leftovers()).some((line) => line.includes('running'));
    const { adminState } = cluster.config.findInstance('web1') ?? {};
    expect([at, isRunning]).toEqual([at, adminState === 'up']);
  }
});

test('given the policy keep, when wiping fails, then the instance goes: its disks are no good', async () => {
  const cluster = await openCluster({ ...OPTIONS, compatibility: { onFailure: 'keep' } });
  cluster.nodes.faults.add({ method: 'wipeDisk', nth: 2 });
  await expect(create(cluster, OP)).rejects.toMatchObject({ kind: 'exec', leaked: [] });
  expect(await traces(cluster)).toEqual([]);
});

test('given a disk that cannot be removed again, when a creation fails, then it is named and recovered', async () => {
  const cluster = await openCluster(OPTIONS);
  cluster.nodes.faults.add({ method: 'installOs' });
  cluster.nodes.faults.add({ method: 'removeDisk', times: 2, message: 'no route to host' });
  const failure = create(cluster, OP);
  await expect(failure).rejects.toThrow('Cannot install debian');
  await expect(failure).rejects.toMatchObject({
    leaked: [
      {
        what: 'instance web1.example.com in the configuration, and its disks',
        reason: expect.stringMatching(/disk0 .*no route to host; .*disk1 .*no route/) as string,
      },
    ],
  });
  expect(await cluster.leftovers()).toContainEqual(expect.stringContaining('node1 disk'));
  expect((await cluster.recover()).operations).toMatchObject([{ leaked: [] }]);
  expect(await traces(cluster)).toEqual([]);
});

test('given a file where a disk is to be, when a creation fails, then the file is not touched', async () => {
  const path = '/srv/ganeti/file-storage/sub/web1.example.com/mine';
  const cluster = await openCluster(OPTIONS);
  const { createDisk } = cluster.nodes;
  cluster.nodes.state(nodeIdOf('node1')).disks.set(path, 7);
  // As if somebody had made a file of that name: ids are random, so this has to be forced.
  cluster.nodes.createDisk = (node, { disk, ...others }, call) =>
    createDisk(node, { ...others, disk: { ...disk, location: fileAt(path) } }, call);
  await expect(create(cluster, OP)).rejects.toMatchObject({ kind: 'exec', leaked: [] });
  expect(cluster.transcript.filter((line) => line.includes('rpc removeDisk'))).toEqual([]);
  expect(await traces(cluster)).toEqual([
    'node1 directory /srv/ganeti/file-storage/sub/web1.example.com',
    `node1 disk ${path}`,
  ]);
});

test('given a node marked offline meanwhile, when a creation is taken back, then it is named', async () => {
  const cluster = await openCluster(OPTIONS);
  const setOffline = (offline: boolean): Promise<void> =>
    cluster.config.commit('offline', (draft) =>
      draft.update('node', nodeIdOf('node1'), (node) => {
        node.offline = offline;
      }),
    );
  const { installOs } = cluster.nodes;
  cluster.nodes.installOs = async (...args) => {
    await setOffline(true);
    return installOs(...args);
  };
  cluster.nodes.faults.add({ method: 'installOs' });
  const failure = create(cluster, OP);
  await expect(failure).rejects.toMatchObject({ kind: 'exec' });
  const leaked = (await failure.catch((error: { leaked: unknown }) => error.leaked)) as object[];
  expect(leaked).toEqual([
    {
      what: 'instance web1.example.com in the configuration, and its disks',
      reason: 'Node node1 is marked offline',
    },
  ]);
  await setOffline(false);
  await cluster.recover();
  expect(await traces(cluster)).toEqual([]);
});

function fileAt(path: string): FileLocation {
  return { kind: 'file', driver: 'loop', path };
}
