/**
 * What every adapter of the node port promises, as tests that its author runs with any test runner.
 * Owns no node: the fixture brings a real one, or what stands for it.
 */
import assert from 'node:assert/strict';
import type { Reply } from '../../ports/reply.js';
import { declareChecks } from './declare.js';
import { COPY_CHECKS } from './node-copies.js';
import { DISK_CHECKS } from './node-disks.js';
import { FENCE_CHECKS } from './node-fences.js';
import { OS_CHECKS } from './node-os.js';
import {
  type Check,
  makeDisk,
  type NodeChecks,
  type NodeRpcFixture,
  onlyDisk,
  payload,
  refused,
  removeAll,
} from './node-world.js';

export type { NodeRpcFixture } from './node-world.js';

/**
 * How to run the contract.
 * @public
 */
export interface NodeRpcContract {
  /** The test runner's way to declare a test. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** Makes a node to be tried. */
  readonly make: () => Promise<NodeRpcFixture>;
  /**
   * False for nodes that cannot remember which locks went to somebody else, as Ganeti's node daemon
   * cannot; then nothing is asked about fences. True if not given.
   */
  readonly refusesOutdated?: boolean;
}

/**
 * Declares the tests of the node port's promises.
 * @public
 */
export function nodeRpcContract({ test, make, refusesOutdated = true }: NodeRpcContract): void {
  const fences = refusesOutdated ? FENCE_CHECKS : {};
  const checks = { ...CHECKS, ...DISK_CHECKS, ...COPY_CHECKS, ...OS_CHECKS, ...fences };
  declareChecks('node port', checks, { test, make });
}

const facts: Check = async ({ rpc, node, stranger }) => {
  const replies = await rpc.nodeInfo([node, stranger], { storage: [] });

  const { memoryTotalMib, memoryFreeMib, cpuTotal, storage } = payload(replies.get(node));
  assert.ok(memoryTotalMib > 0 && memoryFreeMib >= 0 && memoryFreeMib <= memoryTotalMib);
  assert.ok(Number.isInteger(cpuTotal) && cpuTotal > 0);
  assert.deepEqual(storage, []);
  assert.notEqual(replies.get(stranger)?.ok, true);
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
    await rpc.wipeDisk(stranger, { disk }),
    await rpc.removeDisk(stranger, { disk }),
    await rpc.removeStorageDir(stranger, { path: storageDir }),
    await rpc.installOs(stranger, { runtime, reinstall: false }),
    await rpc.renameOs(stranger, { runtime, oldName: 'web0.example.com' }),
    await rpc.startInstance(stranger, { runtime, paused: false }),
    await rpc.stopInstance(stranger, { ...about, graceMs: 0 }),
    await rpc.instanceStatus(stranger, about),
    await rpc.runningInstances(stranger, { hypervisors: [hypervisor] }),
    await rpc.findOs(stranger, { os: 'any' }),
    await rpc.bridgesExist(stranger, { bridges: [] }),
  ];
  for (const answer of answers) refused(answer, 'unreachable');
};

const validParams: Check = async ({ rpc, node, stranger, runtime }) => {
  const request = { hypervisor: runtime.hypervisor, params: runtime.hvParams };

  const replies = await rpc.validateHypervisor([stranger, node], request);

  payload(replies.get(node));
  assert.notEqual(replies.get(stranger)?.ok, true);
};

const bridges: Check = async ({ rpc, node }) => {
  payload(await rpc.bridgesExist(node, { bridges: [] }));

  const reply = await rpc.bridgesExist(node, { bridges: ['no-such-bridge'] });

  refused(reply, 'failed');
  assert.match(reply.ok ? '' : reply.message, /no-such-bridge/);
};

const CHECKS: NodeChecks = {
  'should tell facts of each node that it reaches': facts,
  'should start and stop a guest, each also twice': guestLife,
  'given no disk, when started, then it fails and nothing runs': startWithoutDisk,
  'given a call that was cancelled, then it is answered so and leaves nothing': cancelled,
  'given a node that it does not reach, then every call says so': strangers,
  'should accept hypervisor parameters that can be used': validParams,
  'given an unknown bridge, then the failure names it': bridges,
};
