/**
 * What tests of imports have in common: nodes that transfer, a clock that goes on by itself, and a
 * certificate that is good from 2020 to 2098.
 */
import type { CreateOp } from '../../src/instance-create/op.js';
import type { TransferStatus } from '../../src/ports/transfer.js';
import { Secret } from '../../src/model/secret.js';
import type { NodeRpc } from '../../src/ports/node-rpc.js';
import type { ExportDescription } from '../../src/ports/export-format.js';
import { nodeIdOf } from '../../src/testing/make.js';
import {
  type StubDaemon,
  StubTransfers,
  type TransferCall,
} from '../../src/testing/stub-transfers.js';
import type { TestCluster, TestClusterOptions } from '../../src/testing/test-cluster.js';
import { openCluster, request } from './support.js';

/** The secret that this cluster shares with another one. */
export const SECRET = 'only the two of us know this';

/** An export of two disks. */
export const DESCRIPTION: ExportDescription = {
  os: 'debian',
  instance: {
    name: 'old.example.com',
    hypervisor: 'kvm',
    tags: ['kept'],
    nics: [{ mac: 'aa:00:00:12:34:56', mode: 'bridged', link: 'xen-br0', vlan: '' }],
    disks: [
      { sizeMib: 64, name: 'root', dump: 'root.dump' },
      { sizeMib: 32, dump: 'data.dump' },
    ],
  },
  hvParams: {},
  beParams: { maxMemMib: '256', minMemMib: '128' },
  osParams: { fs: 'ext4' },
  osParamsPrivate: { password: new Secret('hunter2') },
};

/** A cluster whose second node holds the export `old`. */
export interface ImportLab {
  readonly cluster: TestCluster;
  readonly transfers: StubTransfers;
}

/** Opens it; `status` says what daemons do instead of succeeding. */
export async function openLab(
  options: TestClusterOptions & {
    readonly description?: ExportDescription;
    readonly status?: (daemon: StubDaemon) => TransferStatus | undefined;
  } = {},
): Promise<ImportLab> {
  const { description = DESCRIPTION, status, ...others } = options;
  const cluster = await openCluster({
    hostnames: { 'old.example.com': '192.0.2.60' },
    site: { exportFormat: () => description, domainSecret: new Secret(SECRET) },
    ...others,
  });
  const transfers = new StubTransfers({
    exports: new Map([[`${nodeIdOf('node2')} /var/lib/ganeti/export/old`, 'a description']]),
    certificate: CERTIFICATE,
    ...(status === undefined ? {} : { status }),
  });
  Object.assign(cluster.nodes, transfers.calls);
  return { cluster, transfers };
}

/** An import that leaves to the export whatever it can say. */
export function importOf(changes: Partial<CreateOp> = {}): CreateOp {
  const { osType: _, ...others } = request();
  return {
    ...others,
    mode: 'import',
    disks: [],
    nics: [],
    srcNode: 'node2',
    srcPath: 'old',
    hypervisor: 'kvm',
    ...changes,
  };
}

/** Nodes answer these calls otherwise from now on. */
export function answer({ cluster }: ImportLab, calls: Partial<Pick<NodeRpc, TransferCall>>): void {
  Object.assign(cluster.nodes, calls);
}

/** Waits for work, and lets the cluster's time go by until it has ended. */
export async function inTime<T>(cluster: Pick<TestCluster, 'clock'>, work: Promise<T>): Promise<T> {
  let hasEnded = false;
  const end = work.finally(() => {
    hasEnded = true;
  });
  end.catch(() => undefined);
  for (let turn = 0; turn < 100_000 && !hasEnded; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (cluster.clock.timers > 0) await cluster.clock.advance(1000);
  }
  return end;
}

/** Made for these tests. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBJTCBzaADAgECAgEBMAoGCCqGSM49BAMCMBwxGjAYBgNVBAMMEW90aGVyLmV4
YW1wbGUuY29tMCAXDTIwMDEwMTAwMDAwMFoYDzIwOTkwMTAxMDAwMDAwWjAcMRow
GAYDVQQDDBFvdGhlci5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABMUGzYuWn5UOAEnRJhLIfor1mWuiH7Bt9/FU49/8Fz8elW2q6fr1yU2DatIH
rbQJ1IGPGMFIRpGwirrdQOGFq7AwCgYIKoZIzj0EAwIDRwAwRAIgMuM7Ks9HvLMP
XoyUwvfbEmMyPSm7PDUkyEyUZHC+ZOoCIH7SZJQLEClR02fX9Gi4wNKrHmV7NaVk
B1+YVzkg3V22
-----END CERTIFICATE-----
`;
