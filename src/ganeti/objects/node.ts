/**
 * Nodes as Ganeti's objects: what a node is, and what it may be used for.
 */
import { z } from 'zod';
import type { GroupId, NodeId } from '../../model/ids.js';
import type { Node } from '../../model/node.js';
import { once } from '../wire/check.js';
import type { JsonObject } from '../wire/json.js';
import {
  checkObject,
  decodeStored,
  encodeStored,
  storedFields,
  wireId,
  wireParams,
} from './fields.js';

const wireNode = once(() =>
  z.object({
    ...storedFields(),
    uuid: wireId<NodeId>(),
    name: z.string().min(1),
    primary_ip: z.string(),
    secondary_ip: z.string(),
    group: wireId<GroupId>(),
    offline: z.boolean(),
    drained: z.boolean(),
    master_candidate: z.boolean(),
    master_capable: z.boolean().nullish(),
    vm_capable: z.boolean().nullish(),
    ndparams: wireParams().nullish(),
  }),
);

/**
 * A node out of Ganeti's form. Throws `ConfigError` `corrupt`.
 * @public
 */
export function decodeNode(json: unknown): Node {
  const wire = checkObject(wireNode(), json, 'node');
  return {
    ...decodeStored(wire),
    id: wire.uuid,
    name: wire.name,
    primaryIp: wire.primary_ip,
    secondaryIp: wire.secondary_ip,
    groupId: wire.group,
    offline: wire.offline,
    drained: wire.drained,
    masterCandidate: wire.master_candidate,
    masterCapable: wire.master_capable ?? true,
    vmCapable: wire.vm_capable ?? true,
    ndParams: wire.ndparams ?? {},
  };
}

/**
 * A node in Ganeti's form. Whether it has power is not known here: it is said to have.
 * @public
 */
export function encodeNode(node: Node): JsonObject {
  return {
    ...encodeStored(node),
    uuid: node.id,
    name: node.name,
    primary_ip: node.primaryIp,
    secondary_ip: node.secondaryIp,
    group: node.groupId,
    offline: node.offline,
    drained: node.drained,
    master_candidate: node.masterCandidate,
    master_capable: node.masterCapable,
    vm_capable: node.vmCapable,
    ndparams: node.ndParams,
    powered: true,
  };
}
