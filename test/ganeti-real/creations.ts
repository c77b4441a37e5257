/**
 * Creations that, taken together, call every procedure that a creation can call on nodes like these:
 * what each needs on the nodes, and how it ends if nothing happens to it.
 */
import { createHmac } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type NodeTransport, ProgramAllocator, runOnMaster } from '../../src/ganeti/index.js';
import { type AnyReport, type CreateOp, type RunOptions, Secret } from '../../src/index.js';
import { signCertificate } from '../../src/instance-create/trust/certificate.js';
import { diskAt, runtimeOf } from '../local/hypervisors/runtime.js';
import type { Bed } from './bed.js';
import { defineOs, defineUntrustedOs } from './os.js';
import { idOf, nameOf, type Site, type SiteOptions } from './site.js';

/** The node that suffers. */
export const VICTIM = 2;
/** Another one, which takes part in some of them. */
const OTHER = 3;

/** The instance. */
export const NAME = 'victim.example.com';

/** An export of the other node, one of the victim's, and one that lacks its dump. */
const [EXPORT, MINE, BROKEN] = ['old.example.com', 'mine.example.com', 'broken.example.com'];
const EXPORTS = '/var/lib/ganeti/export';
const IMAGE = '/srv/ganeti/image.raw';
const SECRET = 'only the two clusters know this';
const MIB = 1024 * 1024;

/** A creation that is struck. */
export interface Creation {
  readonly title: string;
  readonly op: Partial<CreateOp>;
  /** The site, whose calls all go one way. */
  readonly site?: (through: NodeTransport) => SiteOptions;
  /** How it ends if nothing is struck. */
  readonly ends: 'done' | 'prereq' | 'exec';
  /** Calls to be struck; if not given, those that no earlier creation makes. */
  readonly strikes?: readonly string[];
  /** Somebody else who takes part. */
  readonly other?: (site: Site) => Promise<Other>;
}

/** Another cluster. */
export interface Other {
  readonly op: Partial<CreateOp>;
  readonly run: RunOptions;
  /** Lets go of what it has. */
  end(): Promise<void>;
}

type RemoteOffer = Extract<AnyReport, { readonly type: 'remoteImport' }>;

const UNPLACED: Partial<CreateOp> = {
  instanceName: NAME,
  disks: [{ size: '4M' }],
  nics: [{ mode: 'bridged', link: 'br0' }],
  osType: 'good',
};

const OP: Partial<CreateOp> = { ...UNPLACED, pnode: nameOf(VICTIM) };

const IMPORT: Partial<CreateOp> = {
  ...OP,
  mode: 'import',
  srcPath: EXPORT,
  disks: [],
  nics: [],
};

/** All of them. */
export const CREATIONS: readonly Creation[] = [
  {
    title: 'with disks that are wiped, get an image, and an OS',
    op: { ...OP, osParams: { 'os-image': IMAGE } },
    site: () => ({ wipeDisks: true }),
    ends: 'done',
  },
  {
    title: 'which watches mirrors as Ganeti does, and whose OS fails',
    op: { ...OP, osType: 'bad' },
    site: () => ({ wipeDisks: true, compatibility: { mirrorHandling: 'lenient' } }),
    ends: 'exec',
  },
  {
    title: 'placed by hail, which the victim runs',
    op: { ...UNPLACED, iallocator: 'hail' },
    site: (transport) => ({
      cluster: { masterNode: idOf(VICTIM) },
      allocators: (config) => [new ProgramAllocator('hail', runOnMaster({ transport, config }))],
    }),
    ends: 'done',
    strikes: ['node_info', 'all_instances_info', 'iallocator_runner'],
  },
  {
    title: 'that takes volumes over which are not there',
    op: { ...OP, diskTemplate: 'plain', disks: [{ size: 4, adopt: 'nothing', vg: 'xenvg' }] },
    site: () => ({
      cluster: { enabledDiskTemplates: ['file', 'plain'], volumeGroup: 'xenvg' },
    }),
    ends: 'prereq',
  },
  {
    title: 'that takes a device over which is not there',
    op: { ...OP, diskTemplate: 'blockdev', disks: [{ size: 4, adopt: '/dev/disk/by-id/nothing' }] },
    site: () => ({ cluster: { enabledDiskTemplates: ['file', 'blockdev'] } }),
    ends: 'prereq',
  },
  {
    title: 'by a helper machine, whose disk nobody can make',
    op: { ...OP, osType: 'stranger', hypervisor: 'kvm', hvParams: { kernel_path: '' } },
    site: () => ({ cluster: { installImage: IMAGE, volumeGroup: 'xenvg' } }),
    ends: 'exec',
  },
  {
    title: 'whose guest QEMU does not start',
    op: {
      ...OP,
      hypervisor: 'kvm',
      beParams: { memoryMib: 32 },
      hvParams: {
        ...{ kernel_path: '', kvm_path: '/usr/bin/qemu-system-x86_64', serial_console: false },
        kvm_extra: '-no-such-option',
      },
    },
    ends: 'exec',
    strikes: ['instance_start', 'instance_shutdown', 'blockdev_close'],
  },
  { title: 'from an export on another node', op: IMPORT, ends: 'done' },
  {
    title: "from the victim's export",
    op: { ...IMPORT, srcPath: MINE, pnode: nameOf(OTHER) },
    ends: 'done',
    strikes: ['export_info', 'export_start', 'impexp_status', 'impexp_cleanup'],
  },
  {
    title: 'from an export without its dump',
    op: { ...IMPORT, srcPath: BROKEN },
    ends: 'exec',
  },
  {
    title: 'from another cluster',
    op: { ...OP, mode: 'remote-import', nics: [], sourceInstanceName: EXPORT },
    site: () => ({ domainSecret: new Secret(SECRET), hosts: { [EXPORT]: '192.0.2.60' } }),
    ends: 'done',
    other: sendingCluster,
  },
];

/** Puts on the nodes what the creations find there. */
export async function prepareNodes(bed: Bed): Promise<void> {
  for (const node of bed.nodes) {
    await defineOs(node, 'good', 'exit 0');
    await writeFile(node.at('/srv/ganeti/os/good/parameters.list'), 'os-image what to write\n');
    await defineOs(node, 'bad', 'exit 3');
    await defineUntrustedOs(node, 'stranger');
    await writeFile(node.at(IMAGE), Buffer.alloc(2 * MIB, 'an image '));
  }
  await putExport(bed, OTHER, EXPORT);
  await putExport(bed, VICTIM, MINE);
  await putExport(bed, OTHER, BROKEN);
  await bed.node(OTHER).clear(`${EXPORTS}/${BROKEN}/dump0`);
}

/** An instance with one disk, as Ganeti's own export has it. */
async function putExport(bed: Bed, number: number, name: string): Promise<void> {
  const dir = bed.node(number).at(`${EXPORTS}/${name}`);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'dump0'), Buffer.alloc(4 * MIB, 'a dump '));
  const sections = {
    export: { version: 0, timestamp: 1, source: 'node', os: 'good', compression: 'none' },
    instance: {
      ...{ name, maxmem: 128, minmem: 128, memory: 128, vcpus: 1, disk_template: 'file' },
      ...{ hypervisor: 'fake', nic_count: 0, disk_count: 1, disk0_ivname: 'disk/0' },
      ...{ disk0_dump: 'dump0', disk0_size: 4 },
    },
    hypervisor: {},
    backend: {},
    os: {},
    os_private: {},
  };
  const lines = Object.entries(sections).flatMap(([section, values]) => [
    `[${section}]`,
    ...Object.entries(values).map(([key, value]) => `${key} = ${value}`),
  ]);
  await writeFile(join(dir, 'config.ini'), `${lines.join('\n')}\n`);
}

/**
 * A cluster that sends what it has offered. It has one node, the bed's third one, and knows nothing
 * but what it is told by the operation's reports.
 */
async function sendingCluster({ bed, nodes }: Site): Promise<Other> {
  const node = idOf(OTHER);
  const made = await nodes.createCertificate(node, { validityS: 3600 });
  if (!made.ok) throw new Error(made.message);
  const { keyName, certificate } = made.payload;
  const sending: Promise<void>[] = [];
  const onReport = (event: AnyReport): void => {
    if (event.type === 'remoteImport') sending.push(send(event));
  };
  const send = async ({ disks: [disk], ...offer }: RemoteOffer): Promise<void> => {
    const authority = offer.certificate.slice(offer.certificate.indexOf('-----BEGIN'));
    const { magic = '', port = 0 } = disk ?? {};
    const started = await nodes.startExport(node, {
      options: { compress: 'none', connectTimeoutS: 10, magic, keyName, authority },
      runtime: runtimeOf({ hypervisor: 'fake', disks: [diskAt('/srv/ganeti/none')] }),
      component: 'disk0',
      from: { kind: 'file', path: `${EXPORTS}/${EXPORT}/dump0` },
      host: bed.node(VICTIM).address,
      port,
    });
    if (!started.ok) throw new Error(started.message);
    const daemon = started.payload;
    for (;;) {
      const states = await nodes.transferStatus(node, { daemons: [daemon] });
      if (!states.ok || states.payload[0]?.exitStatus !== undefined) break;
      await pause(100);
    }
    await nodes.cleanTransfer(node, { daemon });
  };
  const hello = createHmac('sha1', SECRET).update("salt0:Hi, I'm Ganeti").digest('hex');
  return {
    op: {
      sourceHandshake: [0, hello, 'salt'],
      sourceX509Ca: signCertificate(certificate, SECRET, 'salt'),
    },
    run: { onReport },
    end: async () => {
      await Promise.all(sending);
      await nodes.removeCertificate(node, { keyName });
    },
  };
}
