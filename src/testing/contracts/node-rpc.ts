/**
 * What every adapter of the node port promises, as tests that its author runs with any test runner.
 * Owns no node: the fixture brings a real one, or what stands for it.
 */
import assert from 'node:assert/strict';
import type { Disk } from '../../model/disk.js';
import type { NodeId } from '../../model/ids.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import type { Reply } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';

/**
 * A node to be tried, fresh for each test.
 * @public
 */
export interface NodeRpcFixture {
  /** The adapter. */
  readonly rpc: NodeRpc;
  /** A node that it reaches. */
  readonly node: NodeId;
  /** A node that it does not reach. */
  readonly stranger: NodeId;
  /** An instance with one disk, which does not exist yet; its directory does not exist either. */
  readonly runtime: RuntimeInstance;
  /** The directory for the instance's disk. */
  readonly storageDir: string;
  /** What is on a disk, to the adapter's knowledge or not; `undefined` if there is none. */
  read(disk: Disk): Promise<Uint8Array | undefined>;
  /** Overwrites the beginning of a disk behind the adapter's back. */
  write(disk: Disk, bytes: Uint8Array): Promise<void>;
  /** Puts on the disk what the guest needs to run; absent if it needs nothing. */
  makeBootable?(disk: Disk): Promise<void>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/**
 * How to run the contract.
 * @public
 */
export interface NodeRpcContract {
  /** The test runner's way to declare a test. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** Makes a node to be tried. */
  readonly make: () => Promise<NodeRpcFixture>;
}

type Check = (fixture: NodeRpcFixture) => Promise<void>;

/**
 * Declares the tests of the node port's promises.
 * @public
 */
export function nodeRpcContract({ test, make }: NodeRpcContract): void {
  for (const [name, check] of Object.entries(CHECKS)) {
    test(`node port: ${name}`, async () => {
      const fixture = await make();
      try {
        await check(fixture);
      } finally {
        await fixture.dispose();
      }
    });
  }
}

const facts: Check = async ({ rpc, node, stranger }) => {
  const replies = await rpc.nodeInfo([node, stranger], { storage: [] });

  const { memoryTotalMib, memoryFreeMib, cpuTotal, storage } = payload(replies.get(node));
  assert.ok(memoryTotalMib > 0 && memoryFreeMib >= 0 && memoryFreeMib <= memoryTotalMib);
  assert.ok(Number.isInteger(cpuTotal) && cpuTotal > 0);
  assert.deepEqual(storage, []);
  assert.notEqual(replies.get(stranger)?.ok, true);
};

const diskLife: Check = async (fixture) => {
  const { rpc, node, storageDir } = fixture;
  const disk = await makeDisk(fixture);

  payload(await rpc.createStorageDir(node, { path: storageDir }));
  assert.equal((await fixture.read(disk))?.length, disk.sizeMib * 1024 * 1024);
  await fixture.write(disk, Buffer.from('left over from somebody else'));
  payload(await rpc.wipeDisk(node, { disk }));

  assert.ok(
    (await fixture.read(disk))?.every((byte) => byte === 0),
    'a wiped disk holds zeros',
  );
  await removeAll(fixture, disk);
  assert.equal(await fixture.read(disk), undefined);
};

const existingDisk: Check = async (fixture) => {
  const { rpc, node } = fixture;
  const disk = await makeDisk(fixture);
  await fixture.write(disk, Buffer.from('precious'));
  const before = await fixture.read(disk);

  const again = await rpc.createDisk(node, { disk, owner: 'somebody', info: '' });

  refused(again, 'exists');
  assert.deepEqual(await fixture.read(disk), before, 'what exists is never touched');
  await removeAll(fixture, disk);
};

const removeMissing: Check = async ({ rpc, node, runtime, storageDir }) => {
  const disk = onlyDisk(runtime);
  payload(await rpc.removeDisk(node, { disk }));
  payload(await rpc.removeStorageDir(node, { path: storageDir }));
};

const fullDirectory: Check = async (fixture) => {
  const { rpc, node, storageDir } = fixture;
  const disk = await makeDisk(fixture);

  refused(await rpc.removeStorageDir(node, { path: storageDir }), 'exists');

  assert.notEqual(await fixture.read(disk), undefined);
  await removeAll(fixture, disk);
};

const guestLife: Check = async (fixture) => {
  const { rpc, node, runtime } = fixture;
  const { hypervisor, hvParams, beParams, instance } = runtime;
  const disk = await makeDisk(fixture);
  await fixture.makeBootable?.(disk);
  const about = { name: instance.name, hypervisor, hvParams };

  payload(await rpc.startInstance(node, { runtime, paused: false }));
  payload(await rpc.startInstance(node, { runtime, paused: false }));
  const status = payload(await rpc.instanceStatus(node, about));
  assert.equal(status?.running, true);
  assert.equal(status?.memoryMib, beParams.maxMemMib);
  assert.equal(status?.vcpus, beParams.vcpus);
  const running = payload(await rpc.runningInstances(node, { hypervisors: [hypervisor] }));
  assert.ok(running.includes(instance.name));

  payload(await rpc.stopInstance(node, { ...about, graceMs: 0 }));
  payload(await rpc.stopInstance(node, { ...about, graceMs: 0 }));
  assert.equal(payload(await rpc.instanceStatus(node, about)), undefined);
  const left = payload(await rpc.runningInstances(node, { hypervisors: [hypervisor] }));
  assert.ok(!left.includes(instance.name));
  await removeAll(fixture, disk);
};

const startWithoutDisk: Check = async ({ rpc, node, runtime }) => {
  const { hypervisor, hvParams, instance } = runtime;

  refused(await rpc.startInstance(node, { runtime, paused: false }), 'failed');

  const about = { name: instance.name, hypervisor, hvParams };
  assert.equal(payload(await rpc.instanceStatus(node, about)), undefined);
};

const cancelled: Check = async (fixture) => {
  const { rpc, node, runtime } = fixture;
  const disk = onlyDisk(runtime);
  const call = { signal: AbortSignal.abort() };
  payload(await rpc.createStorageDir(node, { path: fixture.storageDir }));

  refused(await rpc.createDisk(node, { disk, owner: 'x', info: '' }, call), 'aborted');
  assert.equal(await fixture.read(disk), undefined, 'a cancelled call leaves nothing');
  refused(await rpc.startInstance(node, { runtime, paused: false }, call), 'aborted');
  payload(await rpc.removeStorageDir(node, { path: fixture.storageDir }));
};

const strangers: Check = async ({ rpc, stranger, runtime, storageDir }) => {
  const disk = onlyDisk(runtime);
  const { hypervisor, hvParams, instance } = runtime;
  const about = { name: instance.name, hypervisor, hvParams };
  const answers: readonly Reply<unknown>[] = [
    await rpc.createStorageDir(stranger, { path: storageDir }),
    await rpc.createDisk(stranger, { disk, owner: 'x', info: '' }),
    await rpc.removeDisk(stranger, { disk }),
    await rpc.startInstance(stranger, { runtime, paused: false }),
    await rpc.stopInstance(stranger, { ...about, graceMs: 0 }),
    await rpc.instanceStatus(stranger, about),
    await rpc.findOs(stranger, { os: 'any' }),
  ];
  for (const answer of answers) refused(answer, 'unreachable');
};

const absentOs: Check = async ({ rpc, node }) => {
  const os = 'no-such-os';
  const params = { public: {}, private: {}, secret: {} };

  assert.equal(payload(await rpc.findOs(node, { os })), undefined);
  const replies = await rpc.validateOs([node], { os, params, forceVariant: false });
  assert.equal(payload(replies.get(node)), false);
};

const bridges: Check = async ({ rpc, node }) => {
  payload(await rpc.bridgesExist(node, { bridges: [] }));

  const reply = await rpc.bridgesExist(node, { bridges: ['no-such-bridge'] });

  refused(reply, 'failed');
  assert.match(reply.ok ? '' : reply.message, /no-such-bridge/);
};

const CHECKS: Readonly<Record<string, Check>> = {
  'should tell facts of each node that it reaches': facts,
  'should make, wipe and remove a disk, and repeat all but the first harmlessly': diskLife,
  'given a disk that exists, when made again, then it fails and nothing is touched': existingDisk,
  'given nothing, when removed, then it succeeds': removeMissing,
  'given a directory with a disk, when removed, then it fails and nothing is lost': fullDirectory,
  'should start and stop a guest, each also twice': guestLife,
  'given no disk, when started, then it fails and nothing runs': startWithoutDisk,
  'given a call that was cancelled, then it is answered so and leaves nothing': cancelled,
  'given a node that it does not reach, then every call says so': strangers,
  'given an unknown OS, then it is absent, which is no failure': absentOs,
  'given an unknown bridge, then the failure names it': bridges,
};

async function makeDisk({ rpc, node, runtime, storageDir }: NodeRpcFixture): Promise<Disk> {
  const disk = onlyDisk(runtime);
  payload(await rpc.createStorageDir(node, { path: storageDir }));
  payload(await rpc.createDisk(node, { disk, owner: runtime.instance.name, info: 'contract' }));
  return disk;
}

async function removeAll({ rpc, node, storageDir }: NodeRpcFixture, disk: Disk): Promise<void> {
  for (let time = 0; time < 2; time += 1) payload(await rpc.removeDisk(node, { disk }));
  for (let time = 0; time < 2; time += 1) {
    payload(await rpc.removeStorageDir(node, { path: storageDir }));
  }
}

function onlyDisk({ disks }: RuntimeInstance): Disk {
  const [disk] = disks;
  if (disk === undefined) assert.fail("the fixture's instance has no disk");
  return disk;
}

function payload<T>(reply: Reply<T> | undefined): T {
  if (reply?.ok === true) return reply.payload;
  return assert.fail(`the call failed: ${reply?.message ?? 'no answer'}`);
}

function refused(reply: Reply<unknown>, failure: string): void {
  assert.equal(reply.ok ? 'succeeded' : reply.failure, failure);
}
