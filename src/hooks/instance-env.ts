/**
 * The variables by which hook scripts know an instance: Ganeti's `BuildInstanceHookEnv`, name by
 * name. Pure; no secret goes in, since OS parameters do not.
 */
import { BE_PARAMS, type BeParams } from '../model/be-params.js';
import type { Disk, DiskLocation, DiskMode } from '../model/disk.js';
import type { DiskTemplate } from '../model/disk-template.js';
import type { HypervisorName } from '../model/hypervisor.js';
import type { AdminState } from '../model/instance.js';
import type { Network } from '../model/network.js';
import type { NicMode } from '../model/nic.js';
import type { Params } from '../model/params.js';
import type { RuntimeNic } from '../ports/runtime.js';
import type { HookEnv } from './spec.js';

/**
 * A disk, as hooks see it. One that does not exist yet has no id and lies nowhere.
 * @public
 */
export interface HookDisk {
  /** Size, MiB. */
  readonly sizeMib: number;
  /** Whether the guest may write. */
  readonly mode: DiskMode;
  /** A name given by the operator. */
  readonly name?: string;
  /** UUID. */
  readonly id?: Disk['id'];
  /** Kind of storage. */
  readonly template?: DiskTemplate;
  /** Where the data lie. */
  readonly location?: DiskLocation;
  /** Volumes that it is made of: data, then metadata. */
  readonly parts?: Disk['parts'];
}

/**
 * An instance, as hooks see it: everything filled in, nodes by name.
 * @public
 */
export interface HookInstance {
  /** Host name. */
  readonly name: string;
  /** Name of the primary node. */
  readonly primary: string;
  /** Names of the secondary nodes. */
  readonly secondaries: readonly string[];
  /** OS definition with variant, or none. */
  readonly os?: string;
  /** What the operator wants; in a creation, whether it will be started. */
  readonly status: AdminState | boolean;
  /** What runs it. */
  readonly hypervisor: HypervisorName;
  /** All hypervisor parameters. */
  readonly hvParams: Params;
  /** All backend parameters. */
  readonly beParams: BeParams;
  /** Kind of storage. */
  readonly diskTemplate: DiskTemplate;
  /** Disks, in order. */
  readonly disks: readonly HookDisk[];
  /** Network cards, in order. */
  readonly nics: readonly RuntimeNic[];
  /** Labels. */
  readonly tags: readonly string[];
}

/** Modes in which a card hangs on something that scripts call its bridge. */
const WITH_BRIDGE: readonly NicMode[] = ['bridged', 'openvswitch'];

/**
 * All variables are collected in one object that grows from nothing: joining many small objects
 * costs far more, and so does copying an object that began with some of them.
 */
export type Variables = Record<string, HookEnv[string]>;

/**
 * The variables of an instance, without prefix.
 * @public
 */
export function instanceEnv(instance: HookInstance): HookEnv {
  const env: Variables = {};
  addInstance(env, instance);
  return env;
}

/** Adds the variables of an instance to others. */
export function addInstance(env: Variables, instance: HookInstance): void {
  const { beParams, disks, nics } = instance;
  addTo(env, '', ownEnv(instance));
  nics.forEach((nic, at) => addNic(env, `INSTANCE_NIC${at}_`, nic));
  disks.forEach((disk, at) => addTo(env, `INSTANCE_DISK${at}_`, diskEnv(disk)));
  addTo(env, 'INSTANCE_BE_', beEnv(beParams));
  addTo(env, 'INSTANCE_HV_', instance.hvParams);
}

function addTo(env: Variables, prefix: string, variables: HookEnv): void {
  for (const [key, value] of Object.entries(variables)) env[prefix + key] = value;
}

function ownEnv(instance: HookInstance): HookEnv {
  const { beParams, disks, nics } = instance;
  return {
    OP_TARGET: instance.name,
    INSTANCE_NAME: instance.name,
    INSTANCE_PRIMARY: instance.primary,
    INSTANCE_SECONDARIES: instance.secondaries.join(' '),
    INSTANCE_OS_TYPE: instance.os ?? null,
    INSTANCE_STATUS: instance.status,
    INSTANCE_MINMEM: beParams.minMemMib,
    INSTANCE_MAXMEM: beParams.maxMemMib,
    INSTANCE_MEMORY: beParams.maxMemMib,
    INSTANCE_VCPUS: beParams.vcpus,
    INSTANCE_DISK_TEMPLATE: instance.diskTemplate,
    INSTANCE_HYPERVISOR: instance.hypervisor,
    INSTANCE_NIC_COUNT: nics.length,
    INSTANCE_DISK_COUNT: disks.length,
    INSTANCE_TAGS: instance.tags.join(' '),
  };
}

function addNic(env: Variables, prefix: string, nic: RuntimeNic): void {
  addTo(env, prefix, nicEnv(nic));
  addTo(env, `${prefix}NETWORK_`, networkEnv(nic));
}

function nicEnv(nic: RuntimeNic): HookEnv {
  const { mode, link, vlan } = nic.params;
  return {
    NAME: nic.name,
    UUID: nic.id,
    IP: nic.ip ?? '',
    MAC: nic.mac,
    MODE: mode,
    LINK: link,
    VLAN: vlan,
    BRIDGE: WITH_BRIDGE.includes(mode) ? link : undefined,
  };
}

/** A network that is known by its id only has that for a name. */
function networkEnv({ network, networkId }: RuntimeNic): HookEnv {
  return network === undefined ? { NAME: networkId } : knownNetworkEnv(network);
}

function knownNetworkEnv(network: Network): HookEnv {
  return {
    NAME: network.name,
    UUID: network.id,
    TAGS: network.tags.join(' '),
    SUBNET: network.cidr,
    GATEWAY: network.gateway,
    SUBNET6: network.cidr6,
    GATEWAY6: network.gateway6,
    MAC_PREFIX: network.macPrefix,
  };
}

function diskEnv(disk: HookDisk): HookEnv {
  return {
    NAME: disk.name,
    UUID: disk.id ?? '',
    SIZE: disk.sizeMib,
    MODE: disk.mode,
    DEV_TYPE: disk.template,
    ...(disk.location === undefined ? {} : placeEnv(disk.location.kind, disk.location)),
    ...partsEnv(disk.parts),
  };
}

type Locations = { readonly [L in DiskLocation as L['kind']]: L };

/** What Ganeti calls the driver of storage that has but one. */
const ONLY_DRIVER = { blockdev: 'manual', rbd: 'rbd' } as const;

/** Of a mirror scripts get the facts, but not the secret. */
const PLACE_ENV: { readonly [K in keyof Locations]: (location: Locations[K]) => HookEnv } = {
  file: ({ driver, path }) => ({ DRIVER: driver, ID: path }),
  lvm: ({ volumeGroup, volume }) => ({ VG: volumeGroup, ID: volume }),
  drbd: ({ nodes, port, minors }) => ({
    PNODE: nodes[0],
    SNODE: nodes[1],
    PORT: port,
    PMINOR: minors[0],
    SMINOR: minors[1],
  }),
  blockdev: ({ path }) => ({ DRIVER: ONLY_DRIVER.blockdev, ID: path }),
  rbd: ({ image }) => ({ DRIVER: ONLY_DRIVER.rbd, ID: image }),
  ext: ({ provider, volume }) => ({ PROVIDER: provider, ID: volume }),
};

function placeEnv<K extends keyof Locations>(kind: K, location: Locations[K]): HookEnv {
  return PLACE_ENV[kind](location);
}

/** Parts are data and metadata, in this order. */
function partsEnv(parts: HookDisk['parts'] = []): HookEnv {
  const env: Variables = {};
  parts.forEach(({ location }, at) => {
    addTo(env, at === 0 ? 'DATA_' : 'META_', placeEnv(location.kind, location));
  });
  return env;
}

function beEnv(params: BeParams): HookEnv {
  const keys = Object.keys(BE_PARAMS) as (keyof BeParams)[];
  return Object.fromEntries(keys.map((key) => [BE_PARAMS[key].wireName, params[key]]));
}
