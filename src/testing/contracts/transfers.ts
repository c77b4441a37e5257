/**
 * What every adapter of the node port promises about exports and transfers. Owns no node: the
 * fixture brings one that holds an export, and an instance whose disk waits for its contents.
 */
import assert from 'node:assert/strict';
import type { Disk } from '../../model/disk.js';
import type { NodeId } from '../../model/ids.js';
import type { NodeRpc } from '../../ports/node-rpc.js';
import type { Reply } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { TransferOptions, TransferStatus } from '../../ports/transfer.js';
import type { TransferCall } from '../stub-transfers.js';
import { type Checks, declareChecks, type PortContract } from './declare.js';
import { onlyDisk, payload, refused } from './node-world.js';

/**
 * An export, as it lies on a node.
 * @public
 */
export interface ExportFixture {
  /** Name of its directory. */
  readonly name: string;
  /** The directory, absolute. */
  readonly path: string;
  /** Text of its description. */
  readonly description: string;
  /** A file in it, absolute, which is as large as the instance's disk. */
  readonly dump: string;
}

/**
 * A node to be tried, fresh for each test.
 * @public
 */
export interface TransferFixture {
  /** The adapter. */
  readonly rpc: Pick<NodeRpc, TransferCall>;
  /** A node that it reaches; it holds one export and no more. */
  readonly node: NodeId;
  /** A node that it does not reach. */
  readonly stranger: NodeId;
  /** Address by which the node is reached from itself. */
  readonly host: string;
  /** The export. */
  readonly exported: ExportFixture;
  /** An instance without OS, whose one disk exists. */
  readonly runtime: RuntimeInstance;
  /** Whether the disk holds what the file of the export holds; true where nothing is kept. */
  isWhole(disk: Disk): Promise<boolean>;
  /** Lets daemons do something before they are asked again. */
  wait(): Promise<void>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/**
 * Declares the tests of the node port's promises about transfers.
 * @public
 */
export function transferContract(contract: PortContract<TransferFixture>): void {
  declareChecks('transfers', CHECKS, contract);
}

/** More often than that no daemon is asked. */
const MOST_POLLS = 5000;

type Check = (fixture: TransferFixture) => Promise<void>;

const exportsAreFound: Check = async ({ rpc, node, stranger, exported }) => {
  const lists = await rpc.listExports([node, stranger], {});

  assert.deepEqual(payload(lists.get(node)), [exported.name]);
  assert.notEqual(lists.get(stranger)?.ok, true);
  const { path } = exported;
  assert.equal(payload(await rpc.exportInfo(node, { path })), exported.description);
  const missing = `${path}-of-somebody-else`;
  const reply = await rpc.exportInfo(node, { path: missing });
  refused(reply, 'failed');
  assert.ok(!reply.ok && reply.message.includes(missing), 'the message names the directory');
};

const carries: (compress: string) => Check = (compress) => async (fixture) => {
  const { rpc, node, host, exported } = fixture;
  const receiver = await receive(fixture, { compress });
  const [listening] = await until(fixture, [receiver], ([status]) => status?.port !== undefined);
  const sender = payload(
    await rpc.startExport(node, {
      ...start(fixture, { compress }),
      from: { kind: 'file', path: exported.dump },
      host,
      port: listening?.port ?? 0,
    }),
  );

  const both = [receiver, sender];
  const ends = await until(fixture, both, (all) => all.every(hasEnded));

  const facts = ends.map(({ exitStatus, connected, error }) => ({ exitStatus, connected, error }));
  const well = { exitStatus: 0, connected: true, error: undefined };
  assert.deepEqual(facts, [well, well]);
  assert.ok(await fixture.isWhole(onlyDisk(fixture.runtime)), 'all contents have arrived');
  await clean(fixture, both);
};

const aborted: Check = async (fixture) => {
  const { rpc, node } = fixture;
  const daemon = await ready(fixture);
  payload(await rpc.abortTransfer(node, { daemon }));
  payload(await rpc.abortTransfer(node, { daemon }));

  const [end] = await until(fixture, [daemon], (all) => all.every(hasEnded));

  assert.notEqual(end?.exitStatus, 0);
  assert.notEqual(end?.error ?? '', '', 'it says what has become of it');
  await clean(fixture, [daemon]);
};

const cleanedAtWork: Check = async (fixture) => {
  const daemon = await receive(fixture);

  await clean(fixture, [daemon]);
};

const unknownOnes: Check = async (fixture) => {
  const { rpc, node } = fixture;
  const known = await ready(fixture);
  const daemons = ['no-such-daemon', known, 'nor-this'];

  const states = payload(await rpc.transferStatus(node, { daemons }));

  assert.deepEqual(
    states.map((state) => state !== undefined),
    [false, true, false],
  );
  assert.deepEqual(payload(await rpc.transferStatus(node, { daemons: [] })), []);
  payload(await rpc.abortTransfer(node, { daemon: 'no-such-daemon' }));
  await clean(fixture, ['no-such-daemon', known]);
};

const keys: Check = async ({ rpc, node }) => {
  const request = { validityS: 3600 };
  const one = payload(await rpc.createCertificate(node, request));
  const other = payload(await rpc.createCertificate(node, request));

  assert.notEqual(one.keyName, other.keyName);
  assert.match(one.certificate, /^-----BEGIN CERTIFICATE-----\n/);
  for (const { keyName } of [one, other, one]) {
    payload(await rpc.removeCertificate(node, { keyName }));
  }
  payload(await rpc.removeCertificate(node, { keyName: 'no-such-key' }));
};

const cancelledCalls: Check = async (fixture) => {
  const { rpc, node, host, exported, runtime } = fixture;
  const call = { signal: AbortSignal.abort() };
  const file = { kind: 'file', path: exported.dump } as const;
  const into = { kind: 'disk', disk: onlyDisk(runtime) } as const;
  const request = start(fixture);

  refused(await rpc.startImport(node, { ...request, into }, call), 'aborted');
  const sending = { ...request, from: file, host, port: 1 };
  refused(await rpc.startExport(node, sending, call), 'aborted');
};

const strangers: Check = async (fixture) => {
  const { rpc, stranger, host, exported, runtime } = fixture;
  const file = { kind: 'file', path: exported.dump } as const;
  const into = { kind: 'disk', disk: onlyDisk(runtime) } as const;
  const request = start(fixture);
  const daemon = 'any';
  const answers: readonly Reply<unknown>[] = [
    await rpc.exportInfo(stranger, { path: exported.path }),
    await rpc.transferStatus(stranger, { daemons: [daemon] }),
    await rpc.startImport(stranger, { ...request, into }),
    await rpc.startExport(stranger, { ...request, from: file, host, port: 1 }),
    await rpc.abortTransfer(stranger, { daemon }),
    await rpc.cleanTransfer(stranger, { daemon }),
    await rpc.createCertificate(stranger, { validityS: 60 }),
    await rpc.removeCertificate(stranger, { keyName: 'any' }),
  ];
  for (const answer of answers) refused(answer, 'unreachable');
};

const CHECKS: Checks<TransferFixture> = {
  'should find exports and tell what they say': exportsAreFound,
  'should carry contents from one side to the other': carries('none'),
  'should carry them compressed': carries('gzip'),
  'given a daemon that is told to stop, then it fails': aborted,
  'given a daemon at work, when it is cleaned up, then it is not known any more': cleanedAtWork,
  'given unknown daemons, then they have no state, and ending them is done': unknownOnes,
  'should make keys, and remove them, also twice': keys,
  'given a call that was cancelled, then it is answered so': cancelledCalls,
  'given a node that it does not reach, then every call says so': strangers,
};

/** Starts a receiver for the disk. */
async function receive(
  fixture: TransferFixture,
  options: Partial<TransferOptions> = {},
): Promise<string> {
  const { rpc, node, runtime } = fixture;
  const into = { kind: 'disk', disk: onlyDisk(runtime) } as const;
  return payload(await rpc.startImport(node, { ...start(fixture, options), into }));
}

/** The same; it has a state, which daemons need not have at once. */
async function ready(fixture: TransferFixture): Promise<string> {
  const daemon = await receive(fixture);
  await until(fixture, [daemon], () => true);
  return daemon;
}

function start({ runtime }: TransferFixture, options: Partial<TransferOptions> = {}) {
  const common = { compress: 'none', magic: '0123456789abcdef', connectTimeoutS: 60 };
  return { options: { ...common, ...options }, runtime, component: 'disk0' };
}

/** Asks until it is so; fails if it does not become so, or a daemon has no state. */
async function until(
  { rpc, node, wait }: TransferFixture,
  daemons: readonly string[],
  isSo: (states: readonly TransferStatus[]) => boolean,
): Promise<readonly TransferStatus[]> {
  for (let poll = 0; poll < MOST_POLLS; poll += 1) {
    const states = payload(await rpc.transferStatus(node, { daemons }));
    const known = states.filter((state) => state !== undefined);
    if (known.length === daemons.length && isSo(known)) return known;
    await wait();
  }
  return assert.fail('a daemon does not get on');
}

function hasEnded({ exitStatus }: TransferStatus): boolean {
  return exitStatus !== undefined;
}

/** Cleans up, twice; then nobody knows them. */
async function clean({ rpc, node }: TransferFixture, daemons: readonly string[]): Promise<void> {
  for (const daemon of [...daemons, ...daemons]) {
    payload(await rpc.cleanTransfer(node, { daemon }));
  }
  const states = payload(await rpc.transferStatus(node, { daemons }));
  assert.ok(states.every((state) => state === undefined));
}

export { clean, hasEnded, until };
