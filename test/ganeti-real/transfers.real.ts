/**
 * Disks' contents on their way between real nodes: exports that are imported, and each kind of end
 * that a transfer can have, with Ganeti's own import and export daemons.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type NodeId,
  type Reply,
  runtimeOf,
  type RuntimeInstance,
  type TransferEnd,
  type TransferOptions,
  type TransferStatus,
} from '../../src/index.js';
import { type Disk, whereOf } from '../../src/model/disk.js';
import { Bed } from './bed.js';
import { idOf, nameOf, Site } from './site.js';

const MIB = 1024 * 1024;

let bed: Bed;
let site: Site;

beforeAll(async () => {
  bed = await Bed.start();
  site = await Site.open(bed);
});

afterEach(async () => {
  for (const { name } of [...site.cluster.config.all('instance')]) await site.remove(name);
});

afterAll(async () => {
  await site.close();
  await bed.stop();
});

function payload<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.payload;
  throw new Error(`${reply.failure}: ${reply.message}`);
}

/** An instance on a node, and its disks. */
async function instanceOn(number: number, name: string, sizesMib: readonly number[]) {
  const disks = sizesMib.map((size) => ({ size: `${size}M` }));
  await site.create({ instanceName: name, disks, pnode: nameOf(number), start: false });
  const { config } = site.cluster;
  const runtime = runtimeOf(config, config.findInstance(name) ?? never());
  return { runtime, disk: runtime.disks[0] ?? never() };
}

function placeOf(number: number, disk: Disk): string {
  return bed.node(number).at(whereOf(disk.location));
}

async function fill(number: number, disk: Disk): Promise<Buffer> {
  const bytes = randomBytes(disk.sizeMib * MIB);
  const file = await open(placeOf(number, disk), 'r+');
  await file.write(bytes, 0, bytes.length, 0);
  await file.close();
  return bytes;
}

interface Ends {
  readonly runtime: RuntimeInstance;
  readonly from: { readonly number: number; readonly end: TransferEnd };
  readonly to: { readonly number: number; readonly end: TransferEnd };
  readonly options?: Partial<TransferOptions>;
  readonly sending?: Partial<TransferOptions>;
}

/** Carries contents from end to end, and cleans up; what both daemons said in the end. */
async function transfer({ runtime, from, to, options, sending }: Ends) {
  const common = { compress: 'none', magic: 'magic-word', connectTimeoutS: 30, ...options };
  const told = { runtime, component: 'disk0' };
  const receiver = payload(
    await site.nodes.startImport(idOf(to.number), { ...told, options: common, into: to.end }),
  );
  const listening = await until(idOf(to.number), receiver, ({ port }) => port !== undefined);
  const sender = payload(
    await site.nodes.startExport(idOf(from.number), {
      ...told,
      options: { ...common, ...sending },
      from: from.end,
      host: bed.node(to.number).address,
      port: listening.port ?? never(),
    }),
  );
  const ended = ({ exitStatus }: TransferStatus): boolean => exitStatus !== undefined;
  const sent = await until(idOf(from.number), sender, ended);
  const received = await until(idOf(to.number), receiver, ended);
  for (const [node, daemon] of [
    [idOf(from.number), sender],
    [idOf(to.number), receiver],
    [idOf(to.number), receiver],
  ] as const) {
    payload(await site.nodes.cleanTransfer(node, { daemon }));
  }
  return { sent, received };
}

async function until(
  node: NodeId,
  daemon: string,
  holds: (status: TransferStatus) => boolean,
): Promise<TransferStatus> {
  for (const limit = performance.now() + 60_000; performance.now() < limit; await pause(200)) {
    const [status] = payload(await site.nodes.transferStatus(node, { daemons: [daemon] }));
    if (status !== undefined && holds(status)) return status;
  }
  throw new Error(`the daemon ${daemon} did not get there`);
}

describe('an export', () => {
  /** As Ganeti's own export of it: a description, and a dump for each disk. */
  async function exported(number: number, name: string, dumps: readonly Buffer[]): Promise<void> {
    const dir = bed.node(number).at(`/var/lib/ganeti/export/${name}`);
    await mkdir(dir, { recursive: true });
    for (const [index, dump] of dumps.entries()) await writeFile(join(dir, `dump${index}`), dump);
    const disks = dumps.map(
      ({ length }, index) =>
        `disk${index}_ivname = disk/${index}\ndisk${index}_dump = dump${index}\n` +
        `disk${index}_size = ${length / MIB}\n`,
    );
    await writeFile(
      join(dir, 'config.ini'),
      '[export]\nversion = 0\ntimestamp = 1795333975\nsource = node\nos = noop\n' +
        `compression = none\n\n[instance]\nname = ${name}\nmaxmem = 256\nminmem = 128\n` +
        'memory = 256\nvcpus = 2\ndisk_template = file\nhypervisor = fake\ntags = was:exported\n' +
        'nic0_mac = aa:00:00:12:34:56\nnic0_ip = None\nnic0_mode = bridged\nnic0_link = br0\n' +
        `nic_count = 1\n${disks.join('')}disk_count = ${dumps.length}\n\n` +
        '[hypervisor]\n\n[backend]\nvcpus = 2\n\n[os]\n\n[os_private]\n',
    );
  }

  test.each(['none', 'gzip'])('is found, and imported on another node (%s)', async (compress) => {
    const dumps = [randomBytes(20 * MIB), randomBytes(8 * MIB)];
    await exported(3, 'old.example.com', dumps);
    await site.create({
      instanceName: 'new.example.com',
      mode: 'import',
      srcPath: 'old.example.com',
      disks: [],
      nics: [],
      compress,
      pnode: nameOf(2),
    });
    const { config } = site.cluster;
    const instance = config.findInstance('new.example.com') ?? never();
    expect(instance).toMatchObject({ tags: ['was:exported'], beParams: { vcpus: 2 } });
    for (const [index, disk] of config.disksOf(instance).entries()) {
      expect((await readFile(placeOf(2, disk))).equals(dumps[index] ?? never())).toBe(true);
    }
    expect(await site.running(2)).toEqual(['new.example.com']);
    await site.remove('new.example.com');
    expect(await site.remains()).toEqual([]);
  });

  test('of which a dump is missing is not half imported', async () => {
    await exported(3, 'broken.example.com', [randomBytes(4 * MIB)]);
    await bed.node(3).clear('/var/lib/ganeti/export/broken.example.com/dump0');
    const made = site.create({
      instanceName: 'new.example.com',
      mode: 'import',
      srcPath: 'broken.example.com',
      disks: [],
      nics: [],
      pnode: nameOf(1),
    });
    await expect(made).rejects.toMatchObject({ kind: 'exec', leaked: [] });
    expect(await site.remains()).toEqual([]);
  });
});

describe('a transfer', () => {
  test('goes from a disk through scripts into a file, compressed, and tells how far', async () => {
    const { runtime, disk } = await instanceOn(1, 'a.example.com', [12]);
    const bytes = await fill(1, disk);
    const path = '/var/lib/ganeti/export/a.example.com.new/dump';
    const { sent } = await transfer({
      runtime,
      from: { number: 1, end: { kind: 'script', disk } },
      to: { number: 3, end: { kind: 'file', path } },
      options: { compress: 'gzip' },
    });
    expect(sent).toMatchObject({ exitStatus: 0, connected: true });
    expect(sent.mib).toBeGreaterThan(0);
    const written = await readFile(bed.node(3).at(path));
    // Compressed on the wire, not in the file.
    expect(written.equals(bytes)).toBe(true);
    expect(gzipSync(written).length).toBeGreaterThan(0);
  });

  test('goes from disk to disk, encrypted with keys of its own', async () => {
    const { runtime, disk } = await instanceOn(1, 'b.example.com', [8]);
    const other = await instanceOn(2, 'c.example.com', [8]);
    const bytes = await fill(1, disk);
    const keys = [];
    for (const number of [1, 2]) {
      keys.push(payload(await site.nodes.createCertificate(idOf(number), { validityS: 3600 })));
    }
    const [mine = never(), theirs = never()] = keys;
    const { sent, received } = await transfer({
      runtime,
      from: { number: 1, end: { kind: 'disk', disk } },
      to: { number: 2, end: { kind: 'disk', disk: other.disk } },
      options: { keyName: theirs.keyName, authority: mine.certificate },
      sending: { keyName: mine.keyName, authority: theirs.certificate },
    });
    expect([sent.exitStatus, received.exitStatus]).toEqual([0, 0]);
    expect((await readFile(placeOf(2, other.disk))).equals(bytes)).toBe(true);
    for (const [index, { keyName }] of keys.entries()) {
      for (let time = 0; time < 2; time += 1) {
        payload(await site.nodes.removeCertificate(idOf(index + 1), { keyName }));
      }
    }
    for (const name of ['b.example.com', 'c.example.com']) await site.remove(name);
    expect(await site.remains()).toEqual([]);
  });

  test('to which nobody comes can be ended, also twice', async () => {
    const { runtime, disk } = await instanceOn(2, 'd.example.com', [4]);
    const node = idOf(2);
    const daemon = payload(
      await site.nodes.startImport(node, {
        runtime,
        component: 'disk0',
        options: { compress: 'none', connectTimeoutS: 60 },
        into: { kind: 'disk', disk },
      }),
    );
    await until(node, daemon, ({ port }) => port !== undefined);
    payload(await site.nodes.abortTransfer(node, { daemon }));
    const ended = await until(node, daemon, ({ exitStatus }) => exitStatus !== undefined);
    expect(ended.exitStatus).not.toBe(0);
    for (let time = 0; time < 2; time += 1) {
      payload(await site.nodes.cleanTransfer(node, { daemon }));
      payload(await site.nodes.abortTransfer(node, { daemon }));
    }
    expect(payload(await site.nodes.transferStatus(node, { daemons: [daemon] }))).toEqual([
      undefined,
    ]);
    await site.remove('d.example.com');
    expect(await site.remains()).toEqual([]);
  });
});

function never(): never {
  throw new Error('it is not there');
}
