/**
 * The node port's promises about copies of disks. Nodes that do not copy files (`copiesFiles`)
 * refuse to, and so does every node while a guest writes to one.
 */
import assert from 'node:assert/strict';
import type { Disk, DiskLocation } from '../../model/disk.js';
import type { DiskId } from '../../model/ids.js';
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

/** Where `LUBackupExport` wants a copy. */
function besides(location: DiskLocation): DiskLocation {
  if ('volume' in location) return { ...location, volume: `${location.volume}.snap` };
  return 'path' in location ? { ...location, path: `${location.path}.snap` } : location;
}

/** What a copy of the fixture's disk is asked for with. */
function copyOf({ runtime }: NodeRpcFixture): { readonly disk: Disk; readonly snapshot: Disk } {
  const disk = onlyDisk(runtime);
  const place = { id: 'copy-of-it' as DiskId, location: besides(disk.location) };
  return { disk, snapshot: { ...disk, ...place, temporary: true } };
}

function isCopied({ rpc }: NodeRpcFixture, { kind }: DiskLocation): boolean {
  return kind !== 'file' || rpc.copiesFiles === true;
}

const copyLife: Check = async (fixture) => {
  const { rpc, node, runtime, read, write } = fixture;
  const disk = await makeDisk(fixture);
  const request = { ...copyOf(fixture), runtime };
  await write(disk, Buffer.from('as it was'));
  const before = await read(disk);
  const reply = await rpc.snapshotDisk(node, request);
  if (isCopied(fixture, disk.location)) {
    payload(reply);
    assert.deepEqual(await read(request.snapshot), before);
    await write(disk, Buffer.from('as it is now'));
    assert.deepEqual(await read(request.snapshot), before, 'a copy keeps what it has');
    payload(await rpc.snapshotDisk(node, request));
    assert.deepEqual(await read(request.snapshot), await read(disk), 'an older one is replaced');
  } else {
    refused(reply, 'failed');
    assert.deepEqual(await read(disk), before);
  }
  for (let time = 0; time < 2; time += 1) {
    payload(await rpc.removeDisk(node, { disk: request.snapshot, runtime }));
    assert.equal(await read(request.snapshot), undefined);
  }
  await removeAll(fixture, disk);
};

const guestRuns: Check = async (fixture) => {
  const { rpc, node, runtime } = fixture;
  const { hypervisor, hvParams, instance } = runtime;
  const disk = await makeDisk(fixture);
  await fixture.makeBootable?.(disk);
  payload(await rpc.startInstance(node, { runtime, paused: false }));
  const request = { ...copyOf(fixture), runtime };
  if (disk.location.kind === 'file') {
    refused(await rpc.snapshotDisk(node, request), 'failed');
    assert.equal(await fixture.read(request.snapshot), undefined);
  } else payload(await rpc.snapshotDisk(node, request));
  payload(await rpc.stopInstance(node, { name: instance.name, hypervisor, hvParams, graceMs: 0 }));
  payload(await rpc.removeDisk(node, { disk: request.snapshot, runtime }));
  await removeAll(fixture, disk);
};

const notMade: Check = async (fixture) => {
  const { rpc, node, stranger, runtime } = fixture;
  const request = { ...copyOf(fixture), runtime };
  refused(await rpc.snapshotDisk(stranger, request), 'unreachable');
  refused(await rpc.snapshotDisk(node, request), 'failed');
  const disk = await makeDisk(fixture);
  const call = { signal: AbortSignal.abort() };
  refused(await rpc.snapshotDisk(node, request, call), 'aborted');
  assert.equal(await fixture.read(request.snapshot), undefined);
  await removeAll(fixture, disk);
};

/** What those who need copies of disks are promised. */
export const COPY_CHECKS: NodeChecks = {
  'should copy a disk as it is, replace the copy, and remove it': copyLife,
  'given a guest that runs, when its file is copied, then it fails and nothing is made': guestRuns,
  'given no disk, no node or no time, when it is copied, then it fails': notMade,
};
