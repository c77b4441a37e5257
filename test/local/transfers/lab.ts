/** This machine as a node that holds an export, for tests that move real bytes. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LocalNodeOptions } from '../../../src/local/local-node-options.js';
import type { Disk } from '../../../src/model/disk.js';
import { whereOf } from '../../../src/model/disk.js';
import type { Reply } from '../../../src/ports/reply.js';
import type { RuntimeInstance } from '../../../src/ports/runtime.js';
import type { TransferEnd, TransferOptions, TransferStatus } from '../../../src/ports/transfer.js';
import type { TransferFixture } from '../../../src/testing/contracts/transfers.js';
import { diskAt, runtimeOf } from '../hypervisors/runtime.js';
import { HERE, type NodeLab, openNode } from '../node/lab.js';
import { bytesOf } from './random-bytes.js';

const MIB = 1024 * 1024;
const DISK_MIB = 3;

export interface TransferLab extends Omit<TransferFixture, 'rpc'> {
  readonly rpc: NodeLab['rpc'];
  readonly dir: string;
  readonly exportDir: string;
  readonly disk: Disk;
  /** What the file of the export holds. */
  readonly contents: Buffer;
  /** What a disk holds now. */
  read(disk?: Disk): Promise<Buffer>;
  write: NodeLab['write'];
  /** Starts a receiver; the rest of its options are the usual ones. */
  receive(into: TransferEnd, options?: Partial<TransferOptions>): Promise<Reply<string>>;
  send(from: TransferEnd, port: number, options?: Partial<TransferOptions>): Promise<Reply<string>>;
  status(daemon: string): Promise<TransferStatus>;
  /** Waits until a daemon has ended, and tells how. */
  ended(daemon: string): Promise<TransferStatus>;
  withOs(os: string): RuntimeInstance;
}

export async function openTransfers(options: Partial<LocalNodeOptions> = {}): Promise<TransferLab> {
  const exportDirOf = (dir: string): string => join(dir, 'exports');
  const lab = await openNode(undefined, options, (dir) => ({ exportDir: exportDirOf(dir) }));
  const { dir, rpc } = lab;
  const exportDir = exportDirOf(dir);
  const path = join(exportDir, 'web0.example.com');
  const description = '[export]\nversion = 0\n';
  const contents = bytesOf('dump', DISK_MIB * MIB);
  await mkdir(path);
  await writeFile(join(path, 'config.ini'), description);
  await writeFile(join(path, 'dump0'), contents);
  const disk = diskAt(join(lab.storageDir, 'disk0'), 0, DISK_MIB);
  const runtime = { ...runtimeOf({ hypervisor: 'fake', disks: [disk] }) };
  await rpc.createStorageDir(HERE, { path: lab.storageDir });
  await rpc.createDisk(HERE, { disk, owner: 'web1', info: '' });
  const request = (more: Partial<TransferOptions> = {}) => ({
    options: { compress: 'none', magic: 'word', connectTimeoutS: 60, ...more },
    runtime: current.runtime,
    component: 'disk0',
  });
  const status = async (daemon: string): Promise<TransferStatus> => {
    const reply = await rpc.transferStatus(HERE, { daemons: [daemon] });
    const [state] = reply.ok ? reply.payload : [];
    if (state === undefined) throw new Error(`${daemon} has no state`);
    return state;
  };
  const current: { runtime: RuntimeInstance } = { runtime };
  return {
    ...lab,
    runtime,
    host: '127.0.0.1',
    exportDir,
    disk,
    contents,
    exported: { name: 'web0.example.com', path, description, dump: join(path, 'dump0') },
    isWhole: async ({ location }) => (await readFile(whereOf(location))).equals(contents),
    read: ({ location } = disk) => readFile(whereOf(location)),
    wait: () => delay(2),
    receive: (into, more) => rpc.startImport(HERE, { ...request(more), into }),
    send: (from, port, more) =>
      rpc.startExport(HERE, { ...request(more), from, host: '127.0.0.1', port }),
    status,
    ended: async (daemon) => {
      for (;;) {
        const state = await status(daemon);
        if (state.exitStatus !== undefined) return state;
        await delay(2);
      }
    },
    withOs: (os) => {
      current.runtime = { ...runtime, instance: { ...runtime.instance, os } };
      return current.runtime;
    },
  };
}
