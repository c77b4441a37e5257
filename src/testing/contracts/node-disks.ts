/**
 * The node port's promises about disks.
 */
import assert from 'node:assert/strict';
import type { CallProgress } from '../../ports/call.js';
import {
  type Check,
  makeDisk,
  type NodeChecks,
  onlyDisk,
  payload,
  refused,
  removeAll,
} from './node-world.js';

const diskLife: Check = async (fixture) => {
  const { rpc, node, storageDir } = fixture;
  const disk = await makeDisk(fixture);

  assert.deepEqual(payload(await rpc.createStorageDir(node, { path: storageDir })), []);
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

const strayWipe: Check = async (fixture) => {
  const { rpc, node } = fixture;
  const disk = await makeDisk(fixture);
  await fixture.write(disk, Buffer.from('precious'));
  const before = await fixture.read(disk);

  const beyond = { disk, offsetMib: 0, lengthMib: disk.sizeMib + 1 };
  refused(await rpc.wipeDisk(node, beyond), 'failed');

  assert.deepEqual(await fixture.read(disk), before, 'nothing is overwritten');
  payload(await rpc.wipeDisk(node, { disk, offsetMib: 0, lengthMib: disk.sizeMib }));
  assert.ok((await fixture.read(disk))?.every((byte) => byte === 0));
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

const progress: Check = async (fixture) => {
  const { rpc, node } = fixture;
  const told: number[] = [];
  const onProgress = ({ fraction }: CallProgress): void => void told.push(fraction);
  const disk = await makeDisk(fixture, { onProgress });
  const made = told.splice(0);
  payload(await rpc.wipeDisk(node, { disk }, { onProgress }));

  for (const fractions of [made, told]) {
    const wrong = fractions.filter((one, at) => !(one >= (fractions[at - 1] ?? 0) && one <= 1));
    assert.deepEqual(wrong, [], `of ${fractions.join(', ')}`);
  }
  await removeAll(fixture, disk);
};

/** What those who need disks are promised. */
export const DISK_CHECKS: NodeChecks = {
  'should make, wipe and remove a disk, and repeat all but the first harmlessly': diskLife,
  'given a disk that exists, when made again, then it fails and nothing is touched': existingDisk,
  'given a stretch beyond the end, when wiped, then it fails and nothing is touched': strayWipe,
  'given nothing, when removed, then it succeeds': removeMissing,
  'given a directory with a disk, when removed, then it fails and nothing is lost': fullDirectory,
  'given a long call, then its progress only grows, up to 1': progress,
};
