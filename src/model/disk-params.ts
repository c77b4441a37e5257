/**
 * Disk parameters: what a cluster and its groups may set per template, and what becomes of that on
 * a disk. Templates and disks use different names for the same thing (Ganeti's `DT` and `LD`
 * parameters), and a mirrored disk hands some of its template's on to the volumes it is made of.
 *
 * P1 A disk's own parameters win over its group's, and those over the cluster's.
 * P2 A template's parameter that no disk understands is dropped; a disk's own is kept as it is.
 */
import type { Cluster } from './cluster.js';
import type { DiskTemplate } from './disk-template.js';
import type { NodeGroup } from './node.js';
import type { Params, ParamValue } from './params.js';

/** A template's parameter: the value of a new cluster, and the name that disks know it by. */
interface Row {
  readonly default: ParamValue;
  /** Absent: the same name. */
  readonly onDisk?: string;
  /** The disk's part that it belongs to, under the name `stripes`. */
  readonly onPart?: 'data' | 'metadata';
}

const KERNEL: Row = { default: 'kernelspace' };

const ROWS: Readonly<Record<DiskTemplate, Readonly<Record<string, Row>>>> = {
  blockdev: {},
  diskless: {},
  drbd: {
    'c-delay-target': { default: 1 },
    'c-fill-target': { default: 0 },
    'c-max-rate': { default: 61440 },
    'c-min-rate': { default: 4096 },
    'c-plan-ahead': { default: 20 },
    'data-stripes': { default: 1, onPart: 'data' },
    'disk-barriers': { default: 'n', onDisk: 'disabled-barriers' },
    'disk-custom': { default: '' },
    'dynamic-resync': { default: false },
    'meta-barriers': { default: false, onDisk: 'disable-meta-flush' },
    'meta-stripes': { default: 1, onPart: 'metadata' },
    metavg: { default: 'xenvg', onDisk: 'default-metavg' },
    'net-custom': { default: '' },
    protocol: { default: 'C' },
    'resync-rate': { default: 61440 },
  },
  ext: { access: KERNEL },
  file: {},
  gluster: {
    access: KERNEL,
    host: { default: '127.0.0.1' },
    port: { default: 24007 },
    volume: { default: 'gv0' },
  },
  plain: { stripes: { default: 1 } },
  rbd: { access: KERNEL, pool: { default: 'rbd' } },
  sharedfile: {},
};

/**
 * A template's parameters in a group: built-in values, cluster, group.
 * @public
 */
export function fillDiskParams(
  cluster: Cluster,
  group: NodeGroup | undefined,
  template: DiskTemplate,
): Params {
  const builtIn = Object.entries(ROWS[template]).map(([name, row]) => [name, row.default] as const);
  const values: Record<string, ParamValue> = Object.fromEntries(builtIn);
  return Object.assign(values, cluster.diskParams[template], group?.diskParams[template]);
}

/**
 * A disk's parameters under the names that disks know. `templateParams` are its template's, filled
 * (see {@link fillDiskParams}); `own` are the disk's.
 * @public
 */
export function logicalDiskParams(
  template: DiskTemplate,
  templateParams: Params,
  own: Params,
): Params {
  const values: Record<string, ParamValue> = {};
  for (const [name, row] of Object.entries(ROWS[template])) {
    if (row.onPart !== undefined) continue;
    values[row.onDisk ?? name] = templateParams[name] ?? row.default;
  }
  return Object.assign(values, own);
}

/**
 * The parameters that a template gives to the volumes which its disks are made of, in their order:
 * data, metadata. Templates whose disks have no parts give none.
 * @public
 */
export function partParams(template: DiskTemplate, templateParams: Params): readonly Params[] {
  const rows = Object.entries(ROWS[template]);
  return (['data', 'metadata'] as const).flatMap((part) =>
    rows
      .filter(([, row]) => row.onPart === part)
      .map(([name, row]) => ({ stripes: templateParams[name] ?? row.default })),
  );
}
