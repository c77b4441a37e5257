/**
 * The cluster's settings as Ganeti's object: those that have a meaning here. The rest
 * (certificates, daemons' settings) is Ganeti's own business.
 */
import { BE_DEFAULTS } from '../../model/be-params.js';
import type { Cluster } from '../../model/cluster.js';
import { POLICY_DEFAULTS } from '../../model/ipolicy.js';
import { NIC_DEFAULTS } from '../../model/nic.js';
import type { JsonObject } from '../wire/json.js';
import { decodeBeParams, encodeBeParams } from './be-params.js';
import { type WireCluster, wireCluster } from './cluster-schema.js';
import {
  checkObject,
  decodeSecrets,
  decodeStored,
  type EncodeOptions,
  encodeSecrets,
  encodeStored,
  given,
  mapValues,
  present,
  someText,
} from './fields.js';
import { decodeNicParams, encodeNicParams } from './nic.js';
import { decodePolicyPart, encodePolicyPart } from './policy.js';

/** Ganeti counts versions of IP as the operating system does: `AF_INET`, `AF_INET6`. */
const FAMILIES = { 2: 4, 10: 6 } as const;
const WIRE_FAMILIES = { 4: 2, 6: 10 } as const;

/** The one set of parameters that Ganeti keeps under a name. */
const DEFAULT = 'default';

/**
 * A cluster's settings out of Ganeti's form. A cluster without UUID goes by its name. Throws
 * `ConfigError` `corrupt`.
 * @public
 */
export function decodeCluster(json: unknown): Cluster {
  const wire = checkObject(wireCluster(), json, 'cluster');
  return {
    ...decodeStored(wire),
    id: wire.uuid ?? wire.cluster_name,
    name: wire.cluster_name,
    masterNode: wire.master_node,
    primaryIpFamily: FAMILIES[wire.primary_ip_family ?? 2],
    ...decodeParams(wire),
    ...decodeStorage(wire),
    ...decodeSites(wire),
  };
}

type Inherited =
  | 'hvParams'
  | 'osHvParams'
  | 'beParams'
  | 'nicParams'
  | 'ndParams'
  | 'diskParams'
  | 'osParams'
  | 'osParamsPrivate'
  | 'policy';

/** What instances and groups inherit. */
function decodeParams(wire: WireCluster): Pick<Cluster, Inherited> {
  return {
    hvParams: wire.hvparams,
    osHvParams: wire.os_hvp ?? {},
    beParams: { ...BE_DEFAULTS, ...decodeBeParams(wire.beparams[DEFAULT]) },
    nicParams: { ...NIC_DEFAULTS, ...decodeNicParams(wire.nicparams[DEFAULT]) },
    ndParams: wire.ndparams ?? {},
    diskParams: wire.diskparams ?? {},
    osParams: wire.osparams ?? {},
    osParamsPrivate: mapValues(wire.osparams_private_cluster ?? {}, decodeSecrets),
    policy: { ...POLICY_DEFAULTS, ...decodePolicyPart(wire.ipolicy) },
  };
}

type Storage =
  | 'enabledDiskTemplates'
  | 'fileStorageDir'
  | 'sharedFileStorageDir'
  | 'glusterStorageDir'
  | 'volumeGroup'
  | 'reservedVolumes'
  | 'wipeDisks';

/** Where disks lie. */
function decodeStorage(wire: WireCluster): Pick<Cluster, Storage> {
  return {
    enabledDiskTemplates: wire.enabled_disk_templates,
    ...given('fileStorageDir', someText(wire.file_storage_dir)),
    ...given('sharedFileStorageDir', someText(wire.shared_file_storage_dir)),
    ...given('glusterStorageDir', someText(wire.gluster_storage_dir)),
    ...given('volumeGroup', wire.volume_group_name),
    reservedVolumes: wire.reserved_lvs ?? [],
    wipeDisks: wire.prealloc_wipe_disks ?? false,
  };
}

type Sites =
  | 'enabledHypervisors'
  | 'macPrefix'
  | 'portPool'
  | 'highestUsedPort'
  | 'defaultAllocator'
  | 'allocatorParams'
  | 'blacklistedOs'
  | 'hiddenOs'
  | 'communicationNetwork'
  | 'installImage'
  | 'compressionTools';

/** How instances come to be. */
function decodeSites(wire: WireCluster): Pick<Cluster, Sites> {
  return {
    enabledHypervisors: wire.enabled_hypervisors,
    macPrefix: wire.mac_prefix,
    portPool: wire.tcpudp_port_pool,
    highestUsedPort: wire.highest_used_port,
    ...given('defaultAllocator', someText(wire.default_iallocator)),
    ...given('allocatorParams', wire.default_iallocator_params),
    blacklistedOs: wire.blacklisted_os ?? [],
    hiddenOs: wire.hidden_os ?? [],
    ...given('communicationNetwork', someText(wire.instance_communication_network)),
    ...given('installImage', someText(wire.install_image)),
    compressionTools: wire.compression_tools ?? [],
  };
}

/**
 * A cluster's settings in Ganeti's form, as far as they have a meaning here: Ganeti wants more.
 * @public
 */
export function encodeCluster(cluster: Cluster, options: EncodeOptions = {}): JsonObject {
  return {
    ...encodeStored(cluster),
    uuid: cluster.id,
    cluster_name: cluster.name,
    master_node: cluster.masterNode,
    primary_ip_family: WIRE_FAMILIES[cluster.primaryIpFamily],
    ...encodeParams(cluster, options),
    ...encodeStorage(cluster),
    ...encodeSites(cluster),
  };
}

function encodeParams(cluster: Cluster, options: EncodeOptions): JsonObject {
  return {
    hvparams: present(cluster.hvParams),
    os_hvp: mapValues(cluster.osHvParams, present),
    beparams: { [DEFAULT]: encodeBeParams(cluster.beParams) },
    nicparams: { [DEFAULT]: encodeNicParams(cluster.nicParams) },
    ndparams: cluster.ndParams,
    diskparams: present(cluster.diskParams),
    osparams: cluster.osParams,
    osparams_private_cluster: mapValues(cluster.osParamsPrivate, (secrets) =>
      encodeSecrets(secrets, options),
    ),
    ipolicy: encodePolicyPart(cluster.policy),
  };
}

function encodeStorage(cluster: Cluster): JsonObject {
  return {
    enabled_disk_templates: cluster.enabledDiskTemplates,
    file_storage_dir: cluster.fileStorageDir ?? '',
    shared_file_storage_dir: cluster.sharedFileStorageDir ?? '',
    gluster_storage_dir: cluster.glusterStorageDir ?? '',
    ...present({ volume_group_name: cluster.volumeGroup }),
    reserved_lvs: cluster.reservedVolumes,
    prealloc_wipe_disks: cluster.wipeDisks,
  };
}

function encodeSites(cluster: Cluster): JsonObject {
  return {
    enabled_hypervisors: cluster.enabledHypervisors,
    mac_prefix: cluster.macPrefix,
    tcpudp_port_pool: cluster.portPool,
    highest_used_port: cluster.highestUsedPort,
    default_iallocator: cluster.defaultAllocator ?? '',
    default_iallocator_params: cluster.allocatorParams ?? {},
    blacklisted_os: cluster.blacklistedOs,
    hidden_os: cluster.hiddenOs,
    instance_communication_network: cluster.communicationNetwork ?? '',
    install_image: cluster.installImage ?? '',
    compression_tools: cluster.compressionTools,
  };
}
