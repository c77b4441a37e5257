/**
 * What every adapter of the node port promises about making exports: what is received becomes one
 * as a whole, in place of an older one, or not at all. The fixture is that of transfers.
 */
import assert from 'node:assert/strict';
import type { Disk } from '../../model/disk.js';
import { Secret } from '../../model/secret.js';
import { partialExportName } from '../../ports/exports.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import type { Reply } from '../../ports/reply.js';
import type { TransferCall } from '../stub-transfers.js';
import { type Checks, declareChecks, type PortContract } from './declare.js';
import { onlyDisk, payload, refused } from './node-world.js';
import { clean, hasEnded, type TransferFixture, until } from './transfers.js';

/**
 * A node to be tried, fresh for each test. It has no export of the fixture's instance.
 * @public
 */
export interface ExportingFixture extends TransferFixture {
  /** The adapter. */
  readonly rpc: Pick<NodeRpc, TransferCall | 'wantsDescription'>;
  /** Whether a file, absolute, holds what a disk holds; true where nothing is kept. */
  holds(path: string, disk: Disk): Promise<boolean>;
}

/**
 * Declares the tests of the node port's promises about making exports.
 * @public
 */
export function exportContract(contract: PortContract<ExportingFixture>): void {
  declareChecks('exports', CHECKS, contract);
}

type Check = (fixture: ExportingFixture) => Promise<void>;

const DESCRIPTION = '[export]\nversion = 0\n\n[instance]\nname = web1.example.com\n';

const made: Check = async (fixture) => {
  const { rpc, node, exported, runtime } = fixture;
  const { name } = runtime.instance;
  await sendDisk(fixture);
  const names = (): Promise<readonly string[]> => namesOn(fixture);
  assert.deepEqual(await names(), [exported.name, partialExportName(name)].sort());

  payload(await finalize(fixture));

  assert.deepEqual(await names(), [exported.name, name].sort());
  const disk = onlyDisk(runtime);
  const path = placeOf(fixture, name);
  assert.ok(await fixture.holds(`${path}/${disk.id}`, disk), 'the contents are there');
  const text = payload(await rpc.exportInfo(node, { path }));
  if (rpc.wantsDescription === true) assert.equal(text, DESCRIPTION);
  else assert.match(text, new RegExp(`\\[instance\\][^]*name = ${name}\n`));
  await removeTwice(fixture, name);
  assert.deepEqual(await names(), [exported.name]);
};

const replaced: Check = async (fixture) => {
  const { name } = fixture.runtime.instance;
  for (const id of ['first-dump', 'second-dump']) {
    const disk = { ...onlyDisk(fixture.runtime), id: id as Disk['id'] };
    await sendDisk(fixture, disk);
    payload(await finalize(fixture, [disk]));
    assert.ok(await fixture.holds(`${placeOf(fixture, name)}/${id}`, disk));
  }
  assert.deepEqual(await namesOn(fixture), [fixture.exported.name, name].sort());
  await removeTwice(fixture, name);
};

const nothingReceived: Check = async (fixture) => {
  const { name } = fixture.runtime.instance;
  refused(await finalize(fixture), 'failed');
  assert.deepEqual(await namesOn(fixture), [fixture.exported.name]);
  await sendDisk(fixture);
  payload(await finalize(fixture));
  const older = await fixture.rpc.exportInfo(fixture.node, { path: placeOf(fixture, name) });

  refused(await finalize(fixture), 'failed');

  const path = placeOf(fixture, name);
  assert.deepEqual(await fixture.rpc.exportInfo(fixture.node, { path }), older, 'it stays');
  assert.ok(
    await fixture.holds(`${path}/${onlyDisk(fixture.runtime).id}`, onlyDisk(fixture.runtime)),
  );
  await removeTwice(fixture, name);
};

const undescribed: Check = async (fixture) => {
  const { rpc, node, runtime } = fixture;
  const { name } = runtime.instance;
  await sendDisk(fixture);
  const reply = await rpc.finalizeExport(node, { runtime, disks: runtime.disks });
  if (rpc.wantsDescription === true) refused(reply, 'failed');
  else payload(reply);
  assert.equal((await namesOn(fixture)).includes(name), reply.ok);
  await removeTwice(fixture, reply.ok ? name : partialExportName(name));
};

const unfinished: Check = async (fixture) => {
  const { exported, runtime } = fixture;
  await sendDisk(fixture);
  await removeTwice(fixture, partialExportName(runtime.instance.name));
  assert.deepEqual(await namesOn(fixture), [exported.name]);
};

const notDone: Check = async (fixture) => {
  const { rpc, node, stranger, exported, runtime } = fixture;
  const { name } = exported;
  const call = { signal: AbortSignal.abort() };
  const description = new Secret(DESCRIPTION);
  const request = { runtime, disks: runtime.disks, description };
  refused(await rpc.finalizeExport(node, request, call), 'aborted');
  refused(await rpc.removeExport(node, { name }, call), 'aborted');
  refused(await rpc.finalizeExport(stranger, request), 'unreachable');
  refused(await rpc.removeExport(stranger, { name }), 'unreachable');
  assert.deepEqual(await namesOn(fixture), [name]);
};

const CHECKS: Checks<ExportingFixture> = {
  'should make an export of what was received': made,
  'given an older export, then the new one takes its place': replaced,
  'given nothing that was received, then it fails, and an older export stays': nothingReceived,
  'given no description, then it fails, unless the node writes it': undescribed,
  'given an export that is not whole, then it can be removed, also twice': unfinished,
  'given a cancelled call, or a node that it does not reach, then it says so': notDone,
};

/** Sends the contents of the disk to an export that is not whole yet. */
async function sendDisk(
  fixture: ExportingFixture,
  disk: Disk = onlyDisk(fixture.runtime),
): Promise<void> {
  const { rpc, node, host, runtime } = fixture;
  const path = `${placeOf(fixture, partialExportName(runtime.instance.name))}/${disk.id}`;
  const options = { compress: 'none', magic: '0123456789abcdef', connectTimeoutS: 60 };
  const common = { options, runtime, component: 'disk0' };
  const into = { kind: 'file', path } as const;
  const receiver = payload(await rpc.startImport(node, { ...common, into }));
  const [listening] = await until(fixture, [receiver], ([status]) => status?.port !== undefined);
  const from = { kind: 'disk', disk } as const;
  const to = { host, port: listening?.port ?? 0 };
  const sender = payload(await rpc.startExport(node, { ...common, from, ...to }));
  const both = [receiver, sender];
  const ends = await until(fixture, both, (all) => all.every(hasEnded));
  const flaws = ends.filter(({ exitStatus }) => exitStatus !== 0);
  assert.deepEqual(flaws, [], 'all contents have arrived');
  await clean(fixture, both);
}

function finalize(
  { rpc, node, runtime }: ExportingFixture,
  disks: readonly Disk[] = runtime.disks,
): Promise<Reply<void>> {
  const description = new Secret(DESCRIPTION);
  return rpc.finalizeExport(node, { runtime, disks, description });
}

async function removeTwice({ rpc, node }: ExportingFixture, name: string): Promise<void> {
  for (let time = 0; time < 2; time += 1) payload(await rpc.removeExport(node, { name }));
}

async function namesOn({ rpc, node }: ExportingFixture): Promise<readonly string[]> {
  return [...payload((await rpc.listExports([node], {})).get(node))].sort();
}

/** Exports lie beside one another. */
function placeOf({ exported: { path } }: ExportingFixture, name: string): string {
  return `${path.slice(0, path.lastIndexOf('/'))}/${name}`;
}
