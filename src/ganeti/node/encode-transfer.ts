/**
 * Transfers as import and export daemons are told of them.
 */
import type { Disk } from '../../model/disk.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { TransferEnd, TransferOptions } from '../../ports/transfer.js';
import { optional } from '../export/optional.js';
import { type DiskView, plainDisk, wireDisk } from './encode-disk.js';
import { plainInstance } from './encode-instance.js';
import type { WireObject, WireValue } from './transport.js';

/** Options. Only encrypted transfers, which leave the cluster, say which version of IP is used. */
export function transferOptions(options: TransferOptions): WireObject {
  const { compress, magic, connectTimeoutS, keyName, authority, ipv6 } = options;
  const isEncrypted = keyName !== undefined || authority !== undefined;
  return optional({
    key_name: keyName,
    ca_pem: authority,
    compress,
    magic,
    ipv6: ipv6 ?? (isEncrypted ? false : undefined),
    connect_timeout: connectTimeoutS,
  });
}

/** Where data come from or go to, as the configuration holds it. */
export function plainEnd(end: TransferEnd, runtime: RuntimeInstance): WireValue {
  return encodeEnd(end, (disk) => [plainDisk(disk, runtime), plainInstance(runtime)]);
}

/** The same as one node gets it. */
export function wireEnd(end: TransferEnd, view: DiskView): WireValue {
  return encodeEnd(end, (disk) => wireDisk(disk, view));
}

function encodeEnd(end: TransferEnd, encode: (disk: Disk) => WireValue): WireValue {
  if (end.kind === 'file') return ['file', [end.path]];
  const disk = encode(end.disk);
  // A script is told which of the instance's disks it is about.
  return end.kind === 'script' ? ['script', [disk, end.disk.index]] : ['raw', [disk]];
}
