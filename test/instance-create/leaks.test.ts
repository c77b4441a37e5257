/**
 * The twelve places where a creation can leave something behind without anybody knowing, one named
 * test each: what is left by default (nothing, or what the error names), and, where a switch of
 * `compatibility` brings it back, what Ganeti leaves.
 */
import { expect, test } from 'vitest';
import { DEFAULT_COMPATIBILITY, GANETI_COMPATIBILITY } from '../../src/compatibility.js';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { ConfigError } from '../../src/errors.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { type OpenCluster, openCluster as reopen } from '../../src/open-cluster.js';
import type { InstanceStatus, OsFacts } from '../../src/ports/node-facts.js';
import type { KvCompare, KvOp, KvTxnResult } from '../../src/ports/kv-store.js';
import { answered } from '../../src/ports/reply.js';
import type { TransferStatus } from '../../src/ports/transfer.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import type { StubDaemon } from '../../src/testing/stub-transfers.js';
import { inTime, openLab } from './import-support.js';
import { create, openCluster, request } from './support.js';

const GANETI: TestClusterOptions = { compatibility: GANETI_COMPATIBILITY };
const NODE1 = nodeIdOf('node1');
const DIRECTORY = 'node1 directory /srv/ganeti/file-storage/web1.example.com';
const DISK = 'node1 disk /srv/ganeti/file-storage/web1.example.com/#';
const ACTIVE = DISK.replace('disk', 'active');
const DISKS = [{ size: 64 }, { size: 32 }];

/** What nodes have, what is open or claimed, and what the configuration knows; ids masked. */
async function traces(cluster: TestCluster): Promise<readonly string[]> {
  const known = [...cluster.config.all('instance')].map(
    ({ name, adminState }) => `instance ${name} ${adminState}`,
  );
  const lines = [...(await cluster.leftovers()), ...known];
  const all = [...cluster.config.all('disk')].length;
  const masked = lines.map((line) => line.replace(/[0-9a-f-]{36}.*/, '#'));
  return all === 0 ? masked : [...masked, `${all} disks in the configuration`];
}

/** What stays of an instance of one disk that the operator is to look at. */
const KEPT = [DIRECTORY, DISK, 'instance web1.example.com down', '1 disks in the configuration'];

/** The process after one that was killed: the same store, the same nodes. */
function nextProcess({ store, nodes }: TestCluster): Promise<OpenCluster> {
  return reopen({
    store,
    rpc: nodes,
    hooks: nodes,
    resolver: new StubResolver({}),
    hypervisors: [new StubHypervisor('fake')],
    undoActions: instanceUndoActions,
    undoRetry: { attempts: 1, delayMs: 0 },
    clock: new ManualClock(),
    ids: new SeededIds(99),
  });
}

/** Starts work that will hang, and comes back when it does. */
async function killedOnce(reached: () => boolean, work: Promise<unknown>): Promise<void> {
  void work.catch(() => undefined);
  for (let turn = 0; turn < 10_000 && !reached(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(reached()).toBe(true);
}

/** Whether a line is the last one, so that nothing has happened since. */
function stopsAt(cluster: TestCluster, start: string): () => boolean {
  return () => cluster.transcript.at(-1)?.startsWith(start) === true;
}

/** Two mirrored disks on both nodes; wiped, so that their mirrors are paused meanwhile. */
async function openMirrored(options: TestClusterOptions = {}): Promise<TestCluster> {
  return openCluster({
    ...options,
    cluster: {
      enabledDiskTemplates: ['drbd'],
      volumeGroup: 'xenvg',
      wipeDisks: true,
      ...options.cluster,
    },
  });
}

function mirrored(changes: Partial<CreateOp> = {}): CreateOp {
  return request({ diskTemplate: 'drbd', snode: 'node2', ...changes });
}

/** Fails the transaction that adds the instance. */
class NoRoom extends MemoryKvStore {
  readonly written: (readonly KvOp[])[] = [];
  isFull = false;

  override txn(compare: readonly KvCompare[], ops: readonly KvOp[]): Promise<KvTxnResult> {
    this.written.push(ops);
    const adds = ops.some(({ key }) => key.startsWith('config/instance/'));
    if (this.isFull && adds) return Promise.reject(new ConfigError('The store is full', 'io'));
    return super.txn(compare, ops);
  }
}

test.each([
  ['ours', DEFAULT_COMPATIBILITY],
  ["Ganeti's", GANETI_COMPATIBILITY],
])(
  'L1 a disk cannot be made, and one not removed: it is named and recovered (%s)',
  async (_, on) => {
    const cluster = await openCluster({ compatibility: on });
    cluster.nodes.faults.add({ method: 'createDisk', nth: 2, message: 'no room' });
    cluster.nodes.faults.add({ method: 'removeDisk', times: 9, message: 'busy' });
    await expect(create(cluster, request({ disks: DISKS }))).rejects.toMatchObject({
      message: expect.stringContaining('no room') as string,
      leaked: [
        { what: 'disks of web1.example.com', reason: expect.stringMatching('busy') as string },
      ],
    });
    expect(await traces(cluster)).toContainEqual(expect.stringContaining('journal '));
    cluster.nodes.faults.clear();
    expect((await cluster.recover()).operations).toMatchObject([{ leaked: [] }]);
    expect((await traces(cluster)).filter((line) => line !== DIRECTORY)).toEqual([]);
  },
);

test('L2 a disk is made, but the answer is lost: it goes, since it was written down before', async () => {
  const lost = { method: 'createDisk', nth: 2, kind: 'after', failure: 'timeout' } as const;
  for (const [options, left] of [
    [{}, []],
    [GANETI, [DIRECTORY]],
  ] as const) {
    const cluster = await openCluster(options);
    cluster.nodes.faults.add(lost);
    const run = create(cluster, request({ disks: DISKS }));
    await expect(run).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    expect(await traces(cluster)).toEqual(left);
  }
});

test('L2 a node says that a disk failed, but half of it is there: it goes, or stays as by Ganeti', async () => {
  for (const [options, left] of [
    [{}, []],
    [GANETI, [DIRECTORY, DISK]],
  ] as const) {
    const cluster = await openCluster(options);
    cluster.nodes.faults.add({ method: 'createDisk', nth: 2, kind: 'after' });
    const run = create(cluster, request({ disks: DISKS }));
    await expect(run).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    expect(await traces(cluster)).toEqual(left);
  }
});

test('L3 the instance cannot be registered: its disks go', async () => {
  for (const options of [{}, GANETI]) {
    const store = new NoRoom();
    const cluster = await openCluster({ ...options, store });
    store.isFull = true;
    const run = create(cluster, request({ disks: DISKS }));
    await expect(run).rejects.toThrow('The store is full');
    expect(await traces(cluster)).toEqual([]);
  }
});

test('L3 a creation that fails before that: its console port is free again, or lost as by Ganeti', async () => {
  for (const [options, next] of [
    [{}, 11_000],
    [GANETI, 11_001],
  ] as const) {
    const cluster = await openCluster(options);
    const op = request({ hypervisor: 'kvm' });
    cluster.nodes.faults.add({ method: 'createDisk' });
    await expect(create(cluster, op)).rejects.toMatchObject({ kind: 'exec' });
    await create(cluster, op);
    expect(cluster.config.findInstance('web1')?.networkPort).toBe(next);
  }
});

test('L3 a hardware address that another creation wants: refused before anything is made', async () => {
  const cluster = await openCluster();
  const nics = [{ mac: 'aa:00:00:00:00:01' }];
  const seen: unknown[] = [];
  const { createDisk } = cluster.nodes;
  cluster.nodes.createDisk = async (...args) => {
    const op = request({ instanceName: 'web2.example.com', pnode: 'node2', nics });
    seen.push(await create(cluster, op).catch((error: unknown) => error));
    return createDisk(...args);
  };
  await create(cluster, request({ nics }));
  expect(seen).toMatchObject([{ kind: 'prereq', code: 'resource_not_unique' }]);
  expect((await traces(cluster)).filter((line) => line.includes('node2'))).toEqual([]);
});

test('L4 an instance without some of its disks cannot be: one transaction adds them all', async () => {
  const store = new NoRoom();
  const cluster = await openCluster({ store });
  store.written.length = 0;
  await create(cluster, request({ disks: DISKS, start: false }));
  const kinds = store.written.map((ops) =>
    ops.flatMap(({ key }) => /^config.(instance|disk)\b/.exec(key)?.[1] ?? []).sort(),
  );
  expect(kinds.filter((found) => found.length > 0)).toEqual([['disk', 'disk', 'instance']]);
});

test('L5 volumes are taken over, and it fails: they get their names back, or not as by Ganeti', async () => {
  const theirs = { sizeMib: 64, online: false };
  for (const [options, back] of [
    [{}, true],
    [GANETI, false],
  ] as const) {
    const cluster = await openCluster({
      ...options,
      nodeState: { volumes: new Map([['xenvg/old', theirs]]) },
      cluster: { enabledDiskTemplates: ['plain'], volumeGroup: 'xenvg' },
    });
    cluster.nodes.faults.add({ method: 'renameVolumes', kind: 'after' });
    const op = request({ diskTemplate: 'plain', disks: [{ size: 64, adopt: 'old' }] });
    await expect(create(cluster, op)).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    const { volumes, disks } = cluster.nodes.state(NODE1);
    expect([volumes.has('xenvg/old'), disks.size]).toEqual(back ? [true, 0] : [false, 1]);
  }
});

test('L5 volumes are taken over, and a later step fails: they are as they were', async () => {
  const before = new Map([['xenvg/old', { sizeMib: 64, online: false }]]);
  const cluster = await openCluster({
    nodeState: { volumes: before },
    cluster: { enabledDiskTemplates: ['plain'], volumeGroup: 'xenvg' },
  });
  cluster.nodes.faults.add({ method: 'startInstance' });
  const op = request({ diskTemplate: 'plain', disks: [{ size: 64, adopt: 'old' }] });
  await expect(create(cluster, op)).rejects.toMatchObject({ kind: 'exec', leaked: [] });
  expect(cluster.nodes.state(NODE1).volumes).toEqual(before);
  expect(await traces(cluster)).toEqual([]);
});

test("L6 the OS's script fails: the instance goes, or is kept as by Ganeti", async () => {
  for (const [options, left] of [
    [{}, []],
    [GANETI, KEPT],
  ] as const) {
    const cluster = await openCluster(options);
    cluster.nodes.faults.add({ method: 'installOs', message: 'exit status 1' });
    const run = create(cluster, request());
    await expect(run).rejects.toThrow(/Cannot install debian .*exit status 1/);
    await expect(run).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    expect(await traces(cluster)).toEqual(left);
  }
});

test('L6 an OS is missing: found before anything is made, or only after that as by Ganeti', async () => {
  for (const [options, left] of [
    [{}, []],
    [GANETI, KEPT],
  ] as const) {
    const cluster = await openCluster(options);
    const run = create(cluster, request({ osType: 'gentoo' }));
    await expect(run).rejects.toMatchObject({ kind: 'prereq', code: 'unknown_entity' });
    expect(await traces(cluster)).toEqual(left);
  }
});

/** The second disk's receiver breaks off. */
function breaksOff({ side, component }: StubDaemon): TransferStatus | undefined {
  if (side !== 'receive' || component !== 'disk1') return undefined;
  return { output: [], port: 11_000, exitStatus: 1, error: 'broken pipe' };
}

test('L7 contents of a disk do not arrive: an error, or only a warning as by Ganeti', async () => {
  const { osType: _, ...others } = request({ mode: 'import', disks: [], nics: [], start: false });
  const op: CreateOp = { ...others, srcNode: 'node2', srcPath: 'old', hypervisor: 'kvm' };
  const ours = await openLab({ status: breaksOff });
  await expect(inTime(ours.cluster, create(ours.cluster, op))).rejects.toThrow('broken pipe');
  expect([...(await traces(ours.cluster)), ...ours.transfers.leftovers()]).toEqual([]);
  const theirs = await openLab({ ...GANETI, status: breaksOff });
  expect(await inTime(theirs.cluster, create(theirs.cluster, op))).toEqual(['node1']);
  expect(theirs.cluster.transcript).toContainEqual(expect.stringMatching(/^warn .*broken pipe/));
  expect(theirs.transfers.leftovers()).toEqual([]);
});

test('L8 the start fails: nothing is left, or an instance marked up as by Ganeti', async () => {
  const kept = [...KEPT];
  const marked = kept.map((line) => line.replace('com down', 'com up'));
  for (const [compatibility, left] of [
    [DEFAULT_COMPATIBILITY, []],
    [{ onFailure: 'keep' }, kept],
    [GANETI_COMPATIBILITY, marked],
  ] as const) {
    const cluster = await openCluster({ compatibility });
    cluster.nodes.faults.add({ method: 'startInstance' });
    const run = create(cluster, request());
    await expect(run).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    expect(await traces(cluster)).toEqual(left);
  }
});

test('L9 the process is killed in each call in turn: the next one leaves nothing', async () => {
  const options: TestClusterOptions = { cluster: { wipeDisks: true } };
  const op = request({ hypervisor: 'kvm', disks: DISKS });
  const clean = await openCluster(options);
  await create(clean, op);
  const calls = clean.transcript.filter((line) => line.startsWith('rpc '));
  // The last one tells hooks: the work is done by then.
  for (const [index, call] of calls.slice(0, -1).entries()) {
    const cluster = await openCluster(options);
    cluster.nodes.faults.add({ nth: index + 1, kind: 'hang' });
    const made = (): number => cluster.transcript.filter((line) => /^rpc /.test(line)).length;
    await killedOnce(() => made() === index + 1, create(cluster, op));
    const next = await nextProcess(cluster);
    for (const { leaked } of (await next.recover()).operations) expect(leaked, call).toEqual([]);
    expect(cluster.nodes.leftovers(), call).toEqual([]);
    expect([next.config.count('instance'), next.config.count('disk')], call).toEqual([0, 0]);
    expect((await cluster.store.range('journal/')).entries, call).toEqual([]);
  }
  expect(calls.length).toBeGreaterThan(12);
});

test('L10 the process is killed while mirrors are paused: recovery resumes them first', async () => {
  const cluster = await openMirrored();
  cluster.nodes.faults.add({ method: 'wipeDisk', kind: 'hang' });
  await killedOnce(stopsAt(cluster, 'rpc wipeDisk'), create(cluster, mirrored()));
  expect(cluster.nodes.state(NODE1).paused.size).toBe(1);
  cluster.transcript.length = 0;
  const next = await nextProcess(cluster);
  expect((await next.recover()).operations).toMatchObject([{ leaked: [] }]);
  const calls = cluster.transcript.map((line) => line.split(' ').slice(1, 4).join(' '));
  expect(calls[0]).toBe('pauseSync node1 resume');
  expect(calls.slice(1).every((call) => call.startsWith('removeDisk'))).toBe(true);
  expect(cluster.nodes.leftovers()).toEqual([]);
});

test('L10 the same with an instance that is kept: recovery resumes its mirrors, and it stays', async () => {
  const cluster = await openMirrored({ compatibility: { onFailure: 'keep' } });
  cluster.nodes.faults.add({ method: 'installOs', kind: 'hang' });
  const op = mirrored({ waitForSync: false });
  await killedOnce(stopsAt(cluster, 'rpc installOs'), create(cluster, op));
  expect(cluster.nodes.state(NODE1).paused.size).toBe(1);
  const next = await nextProcess(cluster);
  expect((await next.recover()).operations).toMatchObject([{ leaked: [] }]);
  expect(cluster.nodes.state(NODE1).paused.size).toBe(0);
  expect([...next.config.all('instance')].map(({ name }) => name)).toEqual(['web1.example.com']);
});

test('L10 mirrors cannot be resumed: an error, or only a warning as by Ganeti', async () => {
  const fault = { method: 'pauseSync', nth: 2, message: 'no such device' };
  const ours = await openMirrored();
  ours.nodes.faults.add(fault);
  await expect(create(ours, mirrored())).rejects.toThrow(/Cannot resume .*no such device/);
  expect(await traces(ours)).toEqual([]);
  const theirs = await openMirrored(GANETI);
  theirs.nodes.faults.add(fault);
  expect(await create(theirs, mirrored())).toEqual(['node1', 'node2']);
  expect(theirs.transcript).toContainEqual(expect.stringMatching(/^warn .*no such device/));
  expect(theirs.nodes.state(NODE1).paused.size).toBe(1);
});

/** An OS that may run no scripts on nodes, and a machine for it that never comes to an end. */
async function openHelped(options: TestClusterOptions = {}): Promise<TestCluster> {
  const wild: OsFacts = {
    name: 'wild',
    apiVersions: [20],
    variants: [],
    parameters: [],
    trusted: false,
  };
  const cluster = await openCluster({
    ...options,
    nodeState: { osDefinitions: new Map([['wild', wild]]) },
    cluster: { installImage: '/srv/helper.img', volumeGroup: 'xenvg' },
  });
  const runs: InstanceStatus = { running: true, memoryMib: 128, vcpus: 1 };
  Object.assign(cluster.nodes, {
    exportOs: () => Promise.resolve(answered('/srv/packages/web1.tar')),
    fileFacts: () => Promise.resolve(answered({ exists: true, sizeBytes: 1024 * 1024 })),
    instanceStatus: () => Promise.resolve(answered(runs)),
  });
  return cluster;
}

test.each([
  ['nothing is left', 'rollback', []],
  ['the instance is left, as by Ganeti', 'keep', [ACTIVE, DIRECTORY, DISK]],
] as const)(
  'L11 the process is killed while a helper machine runs: machine and disk go, and %s',
  async (_, onFailure, left) => {
    const cluster = await openHelped({ compatibility: { onFailure } });
    const op = request({ osType: 'wild', hypervisor: 'kvm' });
    const runs = stopsAt(cluster, 'step Waiting for the helper machine');
    await killedOnce(runs, create(cluster, op));
    const before = cluster.nodes.leftovers().join('\n');
    expect(before).toContain('node1 running web1.example.com');
    expect(before).toContain('node1 disk lvm:xenvg/');
    const next = await nextProcess(cluster);
    expect((await next.recover()).operations).toMatchObject([{ leaked: [] }]);
    const now = cluster.nodes.leftovers().map((line) => line.replace(/[0-9a-f-]{36}.*/, '#'));
    expect(now).toEqual(left);
    // What is kept is in use on its node, and the configuration says so.
    const kept = [...next.config.all('instance')].map(({ disksActive }) => disksActive);
    expect(kept).toEqual(onFailure === 'keep' ? [true] : []);
  },
);

test('L12 a hook fails after the work: it is reported, and an error if the policy is strict', async () => {
  const hook: TestClusterOptions['hook'] = ({ phase }) =>
    phase === 'post' ? [{ script: '10-dns', status: 'failed', output: 'no server' }] : [];
  for (const options of [{}, GANETI]) {
    const cluster = await openCluster({ ...options, hook });
    expect(await create(cluster, request())).toEqual(['node1']);
    const reported = { type: 'hook', phase: 'post', node: 'node1', script: '10-dns' };
    expect(cluster.events).toContainEqual(
      expect.objectContaining({ ...reported, status: 'failed', output: 'no server' }),
    );
    expect(cluster.transcript).toContain('warn post hook 10-dns on node1: no server');
  }
  const { hooks } = DEFAULT_COMPATIBILITY;
  const strict = { ...hooks, onFailure: { pre: 'fail', post: 'fail' } } as const;
  const cluster = await openCluster({ hook, compatibility: { hooks: strict } });
  const run = create(cluster, request());
  await expect(run).rejects.toMatchObject({ kind: 'hooks', phase: 'post' });
  expect(cluster.config.findInstance('web1')?.adminState).toBe('up');
});

test('L12 a node does not answer hooks after the work: that is reported as well', async () => {
  const cluster = await openCluster();
  cluster.nodes.faults.add({ method: 'hooks', nth: 2, failure: 'unreachable' });
  expect(await create(cluster, request())).toEqual(['node1']);
  expect(cluster.events).toContainEqual(
    expect.objectContaining({ type: 'hook', phase: 'post', node: 'node1', script: '' }),
  );
});
