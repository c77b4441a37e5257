/**
 * What surprises operators of a real Ganeti, and what this library does instead: requests that are
 * accepted and should not be, refusals that do not say why, and what a crash or a failure leaves to
 * whoever tries again or removes it.
 */
import { expect, test } from 'vitest';
import { GANETI_COMPATIBILITY } from '../../src/compatibility.js';
import { PrereqError } from '../../src/errors.js';
import { kvmHypervisor } from '../../src/hypervisors/kvm.js';
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { instanceUndoActions } from '../../src/instance-create/undo-actions.js';
import { LUInstanceRemove } from '../../src/lus/instance-remove.js';
import { Secret } from '../../src/model/secret.js';
import type { NetworkId } from '../../src/model/ids.js';
import { type OpenCluster, openCluster as reopen } from '../../src/open-cluster.js';
import { DEFAULT_GROUP } from '../../src/testing/make.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededIds } from '../../src/testing/seeded-ids.js';
import { StubHypervisor } from '../../src/testing/stub-hypervisor.js';
import { StubResolver } from '../../src/testing/stub-resolver.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import { DESCRIPTION, inTime, openLab } from './import-support.js';
import { create, openCluster, request } from './support.js';

const GANETI: TestClusterOptions = { compatibility: GANETI_COMPATIBILITY };
const DISKS = [{ size: 64 }, { size: 32 }];

/** The refusal, which leaves nothing. */
async function refusal(cluster: TestCluster, op: CreateOp): Promise<PrereqError> {
  const error: unknown = await create(cluster, op).catch((thrown: unknown) => thrown);
  if (!(error instanceof PrereqError)) throw new Error(`it was not refused: ${String(error)}`);
  expect(await cluster.leftovers()).toEqual([]);
  expect(cluster.config.count('instance')).toBe(0);
  return error;
}

/** Calls by which something is made; questions are none. */
function made(cluster: TestCluster): readonly string[] {
  return cluster.transcript.filter((line) => /^rpc (create|install|start|wipe)/.test(line));
}

/** Locks that were taken: none for a request that cannot be right. */
function locked(cluster: TestCluster): readonly string[] {
  return cluster.transcript.filter((line) => line.startsWith('lock '));
}

/** The process after one that was killed: the same store, the same nodes. */
function nextProcess({ store, nodes }: TestCluster): Promise<OpenCluster> {
  return reopen({
    store,
    rpc: nodes,
    hooks: nodes,
    resolver: new StubResolver({}),
    hypervisors: [new StubHypervisor('fake'), new StubHypervisor('kvm')],
    undoActions: instanceUndoActions,
    undoRetry: { attempts: 1, delayMs: 0 },
    clock: new ManualClock(),
    ids: new SeededIds(99),
  });
}

/** A creation of two disks, killed in a call. */
async function killedIn(method: string, nth = 1): Promise<TestCluster> {
  const cluster = await openCluster({ cluster: { wipeDisks: true } });
  cluster.nodes.faults.add({ method, nth, kind: 'hang' });
  void create(cluster, request({ disks: DISKS })).catch(() => undefined);
  const calls = (): number =>
    cluster.transcript.filter((line) => line.startsWith(`rpc ${method}`)).length;
  for (let turn = 0; turn < 10_000 && calls() < nth; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(calls()).toBe(nth);
  cluster.nodes.faults.clear();
  return cluster;
}

test('least memory above most memory: refused before any lock; accepted as by Ganeti', async () => {
  const op = request({ beParams: { minMemMib: 512, maxMemMib: 128 } });
  const ours = await openCluster();
  const error = await refusal(ours, op);
  expect(error).toMatchObject({ code: 'wrong_input' });
  expect(error.message).toContain('minMemMib 512 is above maxMemMib 128');
  expect(locked(ours)).toEqual([]);
  expect(await create(await openCluster(GANETI), op)).toEqual(['node1']);
});

test('a disk larger than its file system: refused, with both sizes; accepted as by Ganeti', async () => {
  const op = request({ disks: [{ size: '900g' }] });
  const nodeState = { storageFreeMib: 252 * 1024 };
  const ours = await openCluster({ nodeState });
  const error = await refusal(ours, op);
  expect(error).toMatchObject({ code: 'insufficient_resources' });
  expect(error.message).toMatch(/need 921600 MiB, .*node1 has 258048 MiB free/);
  expect(made(ours)).toEqual([]);
  expect(await create(await openCluster({ ...GANETI, nodeState }), op)).toEqual(['node1']);
});

test.each<[what: string, changes: Partial<CreateOp>, says: RegExp]>([
  ['a size that is none', { disks: [{ size: 'abc' }] }, /Disk 0: 'abc' is no size; give MiB/],
  ['an unknown parameter', { hvParams: { nonsense: 1 } }, /nonsense is unknown to hypervisor kvm/],
  ['a value that is unknown', { hvParams: { disk_type: 'foo' } }, /disk_type.*foo/],
  ['an unknown backend parameter', { beParams: { cores: 2 } }, /cores is unknown to the backend/],
])('%s: a refusal that names it, not an unexpected error', async (_, changes, says) => {
  const cluster = await openCluster({ hypervisors: [kvmHypervisor()] });
  const error = await refusal(cluster, request({ hypervisor: 'kvm', ...changes }));
  expect(error).toMatchObject({ code: 'wrong_input' });
  expect(error.message).toMatch(says);
  expect(locked(cluster)).toEqual([]);
});

test('an unknown OS: refused before anything is made', async () => {
  const cluster = await openCluster();
  const error = await refusal(cluster, request({ osType: 'gentoo' }));
  expect(error).toMatchObject({ code: 'unknown_entity' });
  expect(error.message).toContain("node1 has no OS 'gentoo'");
  expect(made(cluster)).toEqual([]);
});

/** An import by everything that the export says. */
function importOf(changes: Partial<CreateOp> = {}): CreateOp {
  const { osType: _, ...others } = request({ mode: 'import', disks: [], nics: [], start: false });
  return { ...others, srcNode: 'node2', srcPath: 'old', hypervisor: 'kvm', ...changes };
}

test('an import from a directory that is not there: refused with its name', async () => {
  const { cluster } = await openLab();
  const error = await refusal(cluster, importOf({ srcPath: '/var/lib/ganeti/export/new' }));
  expect(error.message).toContain('/var/lib/ganeti/export/new');
});

test('an import beside the original: refused with the hardware address that is taken', async () => {
  const { cluster } = await openLab();
  await inTime(cluster, create(cluster, importOf()));
  const beside = importOf({ instanceName: 'web2.example.com' });
  const again = inTime(cluster, create(cluster, beside));
  await expect(again).rejects.toMatchObject({ kind: 'prereq', code: 'resource_not_unique' });
  await expect(again).rejects.toThrow(DESCRIPTION.instance.nics[0]?.mac);
  const own = { ...beside, nics: [{ mac: 'generate' }] };
  expect(await inTime(cluster, create(cluster, own))).toEqual(['node1']);
});

test('a secret that is given with an import: the node that imports is handed it', async () => {
  const { cluster } = await openLab();
  const told: unknown[] = [];
  const { startImport } = cluster.nodes;
  const noting: typeof startImport = (node, start, call) => {
    told.push(start.runtime.osParams.secret['key']);
    return startImport(node, start, call);
  };
  Object.assign(cluster.nodes, { startImport: noting });
  const osParamsSecret = { key: new Secret('hunter2') };
  await inTime(cluster, create(cluster, importOf({ osParamsSecret })));
  const opened = told.map((secret) => secret instanceof Secret && String(secret.reveal()));
  expect(opened).toEqual(['hunter2', 'hunter2']);
});

test('an address that is taken, and one from elsewhere: two causes, two sentences', async () => {
  const stored = { tags: [], serial: 1, createdAtMs: 0, modifiedAtMs: 0 };
  const id = 'id-of-lan' as NetworkId;
  const lan = { id, name: 'lan', cidr: '198.51.100.0/29', reservedIps: [], ...stored };
  const params = { mode: 'bridged', link: 'xen-br0', vlan: '' } as const;
  const cluster = await openCluster({ networks: [lan] });
  await cluster.config.commit('connect', (draft) =>
    draft.update('group', DEFAULT_GROUP, (group) => {
      group.networks = { [id]: params };
    }),
  );
  const at = (ip: string): CreateOp => request({ nics: [{ network: 'lan', ip }] });
  await create(cluster, at('198.51.100.2'));
  const next = { instanceName: 'web2.example.com' };
  const taken = create(cluster, { ...at('198.51.100.2'), ...next });
  await expect(taken).rejects.toThrow('cannot have 198.51.100.2 in network lan');
  const far = create(cluster, { ...at('203.0.113.2'), ...next });
  await expect(far).rejects.toThrow('203.0.113.2 is no address of network lan');
});

test('a hook refuses: the error names node and script, and says what the script said', async () => {
  const cluster = await openCluster({
    hook: ({ phase }) =>
      phase === 'pre' ? [{ script: '10-quota', status: 'failed', output: 'over quota' }] : [],
  });
  const run = create(cluster, request());
  await expect(run).rejects.toThrow('10-quota on node1: over quota');
});

test('a guest that does not start: the error has the words of its node', async () => {
  const cluster = await openCluster();
  const message = "unable to find CPU model 'bogus'";
  cluster.nodes.faults.add({ method: 'startInstance', message });
  await expect(create(cluster, request())).rejects.toThrow(message);
});

test.each(['createDisk', 'installOs', 'startInstance'])(
  '%s fails once: another try with the same name works, and can be removed',
  async (method) => {
    const cluster = await openCluster();
    cluster.nodes.faults.add({ method, nth: method === 'createDisk' ? 2 : 1 });
    const op = request({ disks: DISKS });
    await expect(create(cluster, op)).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    expect(await create(cluster, op)).toEqual(['node1']);
    await cluster.run(new LUInstanceRemove(), { instanceName: 'web1.example.com' });
    expect(await cluster.leftovers()).toEqual([]);
  },
);

test.each([
  ['createDisk', 2],
  ['wipeDisk', 1],
  ['installOs', 1],
] as const)(
  'killed in %s: after recovery the name is free, and what is made under it can be removed',
  async (method, nth) => {
    const killed = await killedIn(method, nth);
    const next = await nextProcess(killed);
    expect((await next.recover()).operations).toMatchObject([{ leaked: [] }]);
    expect(killed.nodes.leftovers()).toEqual([]);
    expect(await next.run(new LUInstanceCreate(), request())).toEqual(['node1']);
    await next.run(new LUInstanceRemove(), { instanceName: 'web1.example.com' });
    expect(killed.nodes.leftovers()).toEqual([]);
  },
);

test('killed while disks are made, and nobody recovers first: a second creation can be removed all the same', async () => {
  const killed = await killedIn('createDisk', 2);
  const next = await nextProcess(killed);
  expect(await next.run(new LUInstanceCreate(), request())).toEqual(['node1']);
  await next.run(new LUInstanceRemove(), { instanceName: 'web1.example.com' });
  expect([next.config.count('instance'), next.config.count('disk')]).toEqual([0, 0]);
  await next.recover();
  expect(killed.nodes.leftovers()).toEqual([]);
});

test('killed while disks are made, and recovered late: what was made under the name since stays', async () => {
  const killed = await killedIn('createDisk', 2);
  const next = await nextProcess(killed);
  await next.run(new LUInstanceCreate(), request());
  expect((await next.recover()).operations).toMatchObject([{ leaked: [] }]);
  const left = killed.nodes.leftovers().map((line) => line.replace(/[0-9a-f-]{36}.*/, '#'));
  expect(left).toEqual([
    'node1 directory /srv/ganeti/file-storage/web1.example.com',
    'node1 disk /srv/ganeti/file-storage/web1.example.com/#',
    'node1 running web1.example.com',
  ]);
});

test('killed once the instance is known: until recovery it is taken back, its name is taken', async () => {
  const killed = await killedIn('installOs');
  const next = await nextProcess(killed);
  const again = next.run(new LUInstanceCreate(), request());
  await expect(again).rejects.toMatchObject({ kind: 'prereq', code: 'already_exists' });
  await next.recover();
  expect(await next.run(new LUInstanceCreate(), request())).toEqual(['node1']);
});

test('a place was reserved: the instance is made there, or only if the request says it as by Ganeti', async () => {
  const { pnode: _, ...unplaced } = request();
  for (const [options, end] of [
    [{}, ['node2']],
    [GANETI, expect.objectContaining({ kind: 'exec' })],
  ] as const) {
    const cluster = await openCluster(options);
    await create(cluster, request({ pnode: 'node2', forthcoming: true }));
    const made = await create(cluster, { ...unplaced, commit: true }).catch((e: unknown) => e);
    expect(made).toEqual(end);
  }
});

test('one device in two instances, on two nodes: refused, since it is the same device everywhere', async () => {
  const device = '/dev/disk/by-id/a';
  const cluster = await openCluster({
    nodeState: { devices: new Map([[device, 64]]) },
    cluster: { enabledDiskTemplates: ['blockdev'] },
  });
  const op = request({ diskTemplate: 'blockdev', disks: [{ size: 0, adopt: device }] });
  await create(cluster, op);
  const next = create(cluster, { ...op, instanceName: 'web2.example.com', pnode: 'node2' });
  await expect(next).rejects.toMatchObject({ kind: 'prereq', code: 'resource_not_unique' });
  await expect(next).rejects.toThrow(device);
});
