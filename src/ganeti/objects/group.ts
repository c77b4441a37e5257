/**
 * Node groups as Ganeti's objects.
 */
import { z } from 'zod';
import { DISK_TEMPLATES } from '../../model/disk-template.js';
import type { GroupId, NetworkId } from '../../model/ids.js';
import type { NodeGroup } from '../../model/node.js';
import { once } from '../wire/check.js';
import type { JsonObject } from '../wire/json.js';
import {
  checkObject,
  decodeStored,
  encodeStored,
  mapValues,
  storedFields,
  wireId,
  wireParams,
} from './fields.js';
import { encodeNicParams, wireNicParams } from './nic.js';
import { decodePolicyPart, encodePolicyPart, wirePolicyPart } from './policy.js';
import { NIC_DEFAULTS } from '../../model/nic.js';

const wireGroup = once(() =>
  z.object({
    ...storedFields(),
    uuid: wireId<GroupId>(),
    name: z.string().min(1),
    alloc_policy: z.enum(['preferred', 'last_resort', 'unallocable']),
    ndparams: wireParams().nullish(),
    diskparams: z.partialRecord(z.enum(DISK_TEMPLATES), wireParams()).nullish(),
    ipolicy: wirePolicyPart().nullish(),
    networks: z.record(wireId<NetworkId>(), wireNicParams()).nullish(),
  }),
);

/**
 * A group out of Ganeti's form. Throws `ConfigError` `corrupt`.
 * @public
 */
export function decodeGroup(json: unknown): NodeGroup {
  const wire = checkObject(wireGroup(), json, 'group');
  return {
    ...decodeStored(wire),
    id: wire.uuid,
    name: wire.name,
    allocPolicy: wire.alloc_policy,
    ndParams: wire.ndparams ?? {},
    diskParams: wire.diskparams ?? {},
    policy: decodePolicyPart(wire.ipolicy ?? {}),
    networks: mapValues(wire.networks ?? {}, ({ mode, link, vlan }) => ({
      mode: mode ?? NIC_DEFAULTS.mode,
      link: link ?? NIC_DEFAULTS.link,
      vlan: vlan ?? NIC_DEFAULTS.vlan,
    })),
  };
}

/**
 * A group in Ganeti's form.
 * @public
 */
export function encodeGroup(group: NodeGroup): JsonObject {
  return {
    ...encodeStored(group),
    uuid: group.id,
    name: group.name,
    alloc_policy: group.allocPolicy,
    ndparams: group.ndParams,
    diskparams: mapValues(group.diskParams, (params = {}) => params),
    ipolicy: encodePolicyPart(group.policy),
    networks: mapValues(group.networks, encodeNicParams),
  };
}
