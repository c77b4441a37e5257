/**
 * Instances as Ganeti's objects. Ganeti's do not say which template their disks have nor which
 * nodes are secondary: both follow from the disks.
 */
import { z } from 'zod';
import type { Disk } from '../../model/disk.js';
import { HYPERVISOR_NAMES } from '../../model/hypervisor.js';
import type { DiskId, InstanceId, NodeId } from '../../model/ids.js';
import type { Instance } from '../../model/instance.js';
import { once } from '../wire/check.js';
import type { JsonObject } from '../wire/json.js';
import { decodeBeParams, encodeBeParams, wireBeParams } from './be-params.js';
import {
  checkObject,
  decodeSecrets,
  decodeStored,
  type EncodeOptions,
  encodeSecrets,
  encodeStored,
  given,
  present,
  someText,
  storedFields,
  wireId,
  wireParams,
  wireTexts,
} from './fields.js';
import { decodeNic, encodeNic } from './nic.js';

const wireInstance = once(() =>
  z.object({
    ...storedFields(),
    uuid: wireId<InstanceId>(),
    name: z.string().min(1),
    primary_node: wireId<NodeId>(),
    os: z.string().nullish(),
    hypervisor: z.enum(HYPERVISOR_NAMES),
    hvparams: wireParams(),
    beparams: wireBeParams(),
    osparams: z.record(z.string(), z.json()),
    osparams_private: wireTexts().nullish(),
    admin_state: z.enum(['up', 'down', 'offline']),
    admin_state_source: z.enum(['admin', 'user']).nullish(),
    nics: z.array(z.unknown()),
    disks: z.array(wireId<DiskId>()),
    disks_active: z.boolean().nullish(),
    network_port: z.int().nullish(),
    forthcoming: z.boolean().nullish(),
  }),
);

/**
 * An instance out of Ganeti's form; `disks` are its own, in order. Throws `ConfigError` `corrupt`.
 * @public
 */
export function decodeInstance(json: unknown, disks: readonly Disk[]): Instance {
  const wire = checkObject(wireInstance(), json, 'instance');
  const { network_port: networkPort, admin_state_source: adminStateSource, forthcoming } = wire;
  return {
    ...decodeStored(wire),
    id: wire.uuid,
    name: wire.name,
    primaryNode: wire.primary_node,
    secondaryNodes: secondariesOf(disks, wire.primary_node),
    ...given('os', someText(wire.os)),
    hypervisor: wire.hypervisor,
    hvParams: wire.hvparams,
    beParams: decodeBeParams(wire.beparams),
    osParams: wire.osparams,
    osParamsPrivate: decodeSecrets(wire.osparams_private ?? {}),
    adminState: wire.admin_state,
    // The operator is whom everybody assumes.
    ...(adminStateSource === 'user' ? { adminStateSource } : {}),
    nics: wire.nics.map(decodeNic),
    diskIds: wire.disks,
    diskTemplate: disks[0]?.template ?? 'diskless',
    disksActive: wire.disks_active ?? false,
    ...given('networkPort', networkPort),
    ...(forthcoming === true ? { forthcoming } : {}),
  };
}

/** The other ends of mirrored disks. */
function secondariesOf(disks: readonly Disk[], primary: NodeId): NodeId[] {
  const ends = disks.flatMap(({ location }) => (location.kind === 'drbd' ? location.nodes : []));
  return [...new Set(ends)].filter((node) => node !== primary);
}

/**
 * An instance in Ganeti's form, with what is its own alone: not what it inherits. What is not in a
 * configuration yet (serial 0) has no serial number and no times.
 * @public
 */
export function encodeInstance(instance: Instance, options: EncodeOptions = {}): JsonObject {
  return {
    ...encodeStored(instance),
    ...present({
      uuid: instance.id,
      name: instance.name,
      forthcoming: instance.forthcoming ?? false,
      primary_node: instance.primaryNode,
      os: instance.os ?? '',
      hypervisor: instance.hypervisor,
      hvparams: instance.hvParams,
      beparams: encodeBeParams(instance.beParams),
      osparams: instance.osParams,
      osparams_private: encodeSecrets(instance.osParamsPrivate, options),
      admin_state: instance.adminState,
      admin_state_source: instance.adminStateSource ?? 'admin',
      nics: instance.nics.map(encodeNic),
      disks: instance.diskIds,
      disks_active: instance.disksActive,
      network_port: instance.networkPort,
    }),
  };
}
