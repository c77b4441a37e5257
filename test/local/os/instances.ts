/**
 * Instances for OS scripts: one to play with, and one that was recorded.
 */
import { readFileSync } from 'node:fs';
import type { BeParams } from '../../../src/model/be-params.js';
import { BE_DEFAULTS, BE_PARAMS } from '../../../src/model/be-params.js';
import type { FileDriver } from '../../../src/model/disk.js';
import type { HypervisorName } from '../../../src/model/hypervisor.js';
import type { DiskId, InstanceId, NetworkId, NicId, NodeId } from '../../../src/model/ids.js';
import type { NicMode } from '../../../src/model/nic.js';
import type { Params } from '../../../src/model/params.js';
import { Secret } from '../../../src/model/secret.js';
import type { OsParams, RuntimeInstance, RuntimeNic } from '../../../src/ports/runtime.js';
import { diskAt } from '../storage/disks.js';

/** The text of a fixture. */
export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

export function osParams(
  open: Readonly<Record<string, string>> = {},
  hidden: Readonly<Record<string, string>> = {},
  secret: Readonly<Record<string, string>> = {},
): OsParams {
  const wrap = (map: Readonly<Record<string, string>>): Readonly<Record<string, Secret<string>>> =>
    Object.fromEntries(Object.entries(map).map(([name, value]) => [name, new Secret(value)]));
  return { public: open, private: wrap(hidden), secret: wrap(secret) };
}

export function runtime(
  os: string | undefined,
  changes: Partial<RuntimeInstance> = {},
): RuntimeInstance {
  return {
    instance: {
      id: '35770f7e-106a-460e-9944-ca832c51e6b5' as InstanceId,
      name: 'web1.example.com',
      primaryNode: 'node-uuid-1' as NodeId,
      secondaryNodes: [],
      ...(os === undefined ? {} : { os }),
      hypervisor: 'fake',
      hvParams: {},
      beParams: {},
      osParams: {},
      osParamsPrivate: {},
      adminState: 'down',
      nics: [],
      diskIds: [],
      diskTemplate: 'file',
      disksActive: true,
      serial: 1,
      createdAtMs: 1_700_000_000_250,
      modifiedAtMs: 1_700_000_000_000,
      tags: [],
    },
    hypervisor: 'fake',
    hvParams: { migration_mode: 'live' },
    beParams: BE_DEFAULTS,
    osParams: osParams(),
    nics: [],
    disks: [],
    ...changes,
  };
}

/** As much of a recorded instance as the scripts can see. */
interface Recorded {
  readonly name: string;
  readonly uuid: string;
  readonly primary_node: string;
  readonly secondary_nodes: readonly string[];
  readonly os: string;
  readonly hypervisor: HypervisorName;
  readonly hvparams: Params;
  readonly beparams: Params;
  readonly osparams: Readonly<Record<string, string>>;
  readonly osparams_private: Readonly<Record<string, string>>;
  readonly ctime: number;
  readonly mtime: number;
  readonly nics: readonly RecordedNic[];
  readonly disks_info: readonly RecordedDisk[];
}

interface RecordedNic {
  readonly mac: string;
  readonly ip: string | null;
  readonly uuid: string;
  readonly name?: string;
  readonly nicparams: { readonly mode: NicMode; readonly link: string; readonly vlan: string };
  readonly netinfo?: {
    readonly name: string;
    readonly network: string;
    readonly gateway: string;
    readonly mac_prefix: string;
    readonly uuid: string;
    readonly tags: readonly string[];
  };
}

interface RecordedDisk {
  readonly logical_id: readonly [FileDriver, string];
  readonly size: number;
  readonly mode: 'rw' | 'ro';
  readonly uuid: string;
  readonly name: string;
}

/** The instance for which a node daemon's scripts printed `create-environment.txt`. */
export function recordedRuntime(): RuntimeInstance {
  const { instance } = JSON.parse(fixture('create-request.json')) as { instance: Recorded };
  const plain = runtime(instance.os);
  return {
    instance: {
      ...plain.instance,
      id: instance.uuid as InstanceId,
      name: instance.name,
      primaryNode: instance.primary_node as NodeId,
      secondaryNodes: instance.secondary_nodes as readonly NodeId[],
      createdAtMs: instance.ctime * 1000,
      modifiedAtMs: instance.mtime * 1000,
    },
    hypervisor: instance.hypervisor,
    hvParams: instance.hvparams,
    beParams: beParamsOf(instance.beparams),
    osParams: osParams(instance.osparams, instance.osparams_private),
    nics: instance.nics.map(nicOf),
    disks: instance.disks_info.map((disk, index) =>
      diskAt(disk.logical_id[1], disk.size, {
        id: disk.uuid as DiskId,
        index,
        mode: disk.mode,
        name: disk.name,
        location: { kind: 'file', driver: disk.logical_id[0], path: disk.logical_id[1] },
      }),
    ),
  };
}

function beParamsOf(wire: Params): BeParams {
  const keys = Object.keys(BE_PARAMS) as (keyof BeParams)[];
  const given = keys.map((key) => [key, wire[BE_PARAMS[key].wireName]]);
  return { ...BE_DEFAULTS, ...(Object.fromEntries(given) as Partial<BeParams>) };
}

function nicOf({ mac, ip, uuid, name, nicparams, netinfo }: RecordedNic): RuntimeNic {
  const network = netinfo && {
    id: netinfo.uuid as NetworkId,
    name: netinfo.name,
    cidr: netinfo.network,
    gateway: netinfo.gateway,
    macPrefix: netinfo.mac_prefix,
    reservedIps: [],
    serial: 1,
    createdAtMs: 0,
    modifiedAtMs: 0,
    tags: netinfo.tags,
  };
  return {
    id: uuid as NicId,
    mac,
    params: nicparams,
    ...(ip === null ? {} : { ip }),
    ...(name === undefined ? {} : { name }),
    ...(network === undefined ? {} : { network }),
  };
}
