/**
 * What tests of exports have in common: a cluster of three nodes with an instance that runs, whose
 * nodes transfer, and whose host writes and reads Ganeti's descriptions.
 */
import { decodeExport } from '../../src/ganeti/export/decode.js';
import { encodeExport } from '../../src/ganeti/export/encode.js';
import type { CreateOp } from '../../src/instance-create/op.js';
import { LUBackupExport } from '../../src/lus/backup-export.js';
import type { ExportOp, ExportResult } from '../../src/lus/export/types.js';
import type { Site } from '../../src/ports/site.js';
import type { TransferStatus } from '../../src/ports/transfer.js';
import { nodeIdOf } from '../../src/testing/make.js';
import { type StubDaemon, StubTransfers } from '../../src/testing/stub-transfers.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import { inTime } from '../instance-create/import-support.js';
import { create, openCluster, request } from '../instance-create/support.js';

/** Where exports lie. */
export const EXPORT_DIR = '/var/lib/ganeti/export';

/** A cluster, and its transfers. */
export interface ExportLab {
  readonly cluster: TestCluster;
  readonly transfers: StubTransfers;
  /** What exists on nodes and in the configuration, but for guests' and disks' ids. */
  readonly world: () => Promise<readonly string[]>;
}

/** How a lab differs from the usual one. */
export interface LabOptions extends TestClusterOptions {
  /** The instance. */
  readonly instance?: Partial<CreateOp>;
  /** Exports that are there, by node name and export name. */
  readonly exports?: readonly (readonly [node: string, name: string])[];
  readonly status?: (daemon: StubDaemon) => TransferStatus | undefined;
}

/** Opens a cluster in which `web1.example.com` runs on node1, with two disks. */
export async function openLab(options: LabOptions = {}): Promise<ExportLab> {
  const { instance = {}, exports = [], status, ...others } = options;
  const site: Partial<Site> = { exportWriter: encodeExport, exportFormat: decodeExport };
  const cluster = await openCluster({
    nodes: [{ name: 'node1' }, { name: 'node2' }, { name: 'node3' }],
    site,
    ...others,
    cluster: {
      enabledDiskTemplates: ['file', 'plain', 'drbd', 'ext', 'diskless'],
      volumeGroup: 'xenvg',
      ...others.cluster,
    },
  });
  const places = exports.map(
    ([node, name]) => [`${nodeIdOf(node)} ${EXPORT_DIR}/${name}`, 'an older one'] as const,
  );
  const transfers = new StubTransfers({
    exports: new Map(places),
    ...(status === undefined ? {} : { status }),
  });
  Object.assign(cluster.nodes, transfers.calls);
  const disks = [{ size: 64, name: 'root' }, { size: 32 }];
  await create(cluster, request({ disks, hypervisor: 'kvm', ...instance }));
  cluster.transcript.length = 0;
  return { cluster, transfers, world: () => worldOf(cluster, transfers) };
}

/** An export to node2. */
export const OP: ExportOp = { instanceName: 'web1', targetNode: 'node2' };

/** Exports it, and lets time go by meanwhile. */
export function run(
  { cluster }: Pick<ExportLab, 'cluster'>,
  op: Partial<ExportOp> = {},
  options: Parameters<TestCluster['run']>[2] = {},
): Promise<ExportResult> {
  return inTime(cluster, cluster.run(new LUBackupExport(), { ...OP, ...op }, options));
}

async function worldOf(cluster: TestCluster, transfers: StubTransfers): Promise<readonly string[]> {
  return [
    ...(await cluster.leftovers()),
    ...transfers.leftovers(),
    ...[...transfers.exports.keys()].map((place) => `export ${place}`),
    ...[...cluster.config.all('instance')].map(
      ({ name, adminState, disksActive }) => `${name} is ${adminState}, in use: ${disksActive}`,
    ),
    ...[...cluster.config.all('disk')].map(({ id }) => `disk ${id}`),
  ];
}
