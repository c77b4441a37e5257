/**
 * What the contract of the node port is told with: a node to be tried, and its one disk.
 */
import assert from 'node:assert/strict';
import type { Disk } from '../../model/disk.js';
import type { NodeId } from '../../model/ids.js';
import type { CallOptions } from '../../ports/call.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import type { Reply } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { Checks } from './declare.js';

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
  /**
   * Puts an OS definition without variants on the node. Its scripts do as told; one that hangs ends
   * when it is stopped.
   */
  defineOs(name: string, does: 'succeed' | 'fail' | 'hang'): Promise<void>;
  /** Lets time pass for the adapter; absent if it runs on the machine's clock. */
  pass?(ms: number): Promise<void>;
  /** Puts on the disk what the guest needs to run; absent if it needs nothing. */
  makeBootable?(disk: Disk): Promise<void>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** Promises of the node port. */
export type NodeChecks = Checks<NodeRpcFixture>;

/** A single promise. */
export type Check = NodeChecks[string];

/** Makes the fixture's disk, and its directory. */
export async function makeDisk(
  { rpc, node, runtime, storageDir }: NodeRpcFixture,
  call: CallOptions = {},
): Promise<Disk> {
  const disk = onlyDisk(runtime);
  const request = { disk, owner: runtime.instance.name, info: 'contract' };
  const made = payload(await rpc.createStorageDir(node, { path: storageDir }));
  assert.deepEqual(made, [storageDir], 'what was made is told, and nothing else');
  payload(await rpc.createDisk(node, request, call));
  return disk;
}

/** Removes both, each twice. */
export async function removeAll(
  { rpc, node, storageDir }: NodeRpcFixture,
  disk: Disk,
): Promise<void> {
  for (let time = 0; time < 2; time += 1) payload(await rpc.removeDisk(node, { disk }));
  for (let time = 0; time < 2; time += 1) {
    payload(await rpc.removeStorageDir(node, { path: storageDir }));
  }
}

/** The fixture's instance with another OS. */
export function withOs({ runtime }: NodeRpcFixture, os: string): RuntimeInstance {
  return { ...runtime, instance: { ...runtime.instance, os } };
}

/** The fixture's disk. */
export function onlyDisk({ disks }: RuntimeInstance): Disk {
  const [disk] = disks;
  if (disk === undefined) assert.fail("the fixture's instance has no disk");
  return disk;
}

/** What a call that must succeed answered. */
export function payload<T>(reply: Reply<T> | undefined): T {
  if (reply?.ok === true) return reply.payload;
  return assert.fail(`the call failed: ${reply?.message ?? 'no answer'}`);
}

/** Fails unless the call failed in this way. */
export function refused(reply: Reply<unknown>, failure: string): void {
  assert.equal(reply.ok ? 'succeeded' : reply.failure, failure);
}
