/**
 * Networks as Ganeti's objects. Ganeti's keep which addresses the instances' cards have; ours do
 * not, since the cards say it. What is marked without a card is kept as stray.
 */
import { z } from 'zod';
import type { NetworkId } from '../../model/ids.js';
import { type Ipv4Range, parseCidr } from '../../model/ipv4.js';
import type { Network } from '../../model/network.js';
import { once } from '../wire/check.js';
import type { JsonObject } from '../wire/json.js';
import { decodeBitmap, encodeBitmap } from './bitmap.js';
import {
  checkObject,
  corruptObject,
  decodeStored,
  encodeStored,
  given,
  present,
  storedFields,
  wireId,
} from './fields.js';

const BITS = /^[01]*$/;

const wireNetwork = once(() =>
  z.object({
    ...storedFields(),
    uuid: wireId<NetworkId>(),
    name: z.string().min(1),
    network: z.string(),
    gateway: z.string().nullish(),
    network6: z.string().nullish(),
    gateway6: z.string().nullish(),
    mac_prefix: z.string().nullish(),
    reservations: z.string().regex(BITS, 'expected a row of 0 and 1').nullish(),
    ext_reservations: z.string().regex(BITS, 'expected a row of 0 and 1').nullish(),
  }),
);

/**
 * A network out of Ganeti's form. `cardIps` are the addresses that cards of instances have in it:
 * marks which they do not explain become stray addresses. Throws `ConfigError` `corrupt`.
 * @public
 */
export function decodeNetwork(json: unknown, cardIps: Iterable<string>): Network {
  const wire = checkObject(wireNetwork(), json, 'network');
  const range = rangeOf(wire.network, json);
  const explained = new Set(cardIps);
  const marked = decodeBitmap(wire.reservations ?? '', range);
  const strayIps = marked.filter((address) => !explained.has(address));
  return {
    ...decodeStored(wire),
    id: wire.uuid,
    name: wire.name,
    cidr: wire.network,
    ...given('gateway', wire.gateway),
    ...given('cidr6', wire.network6),
    ...given('gateway6', wire.gateway6),
    ...given('macPrefix', wire.mac_prefix),
    reservedIps: decodeBitmap(wire.ext_reservations ?? '', range),
    ...(strayIps.length === 0 ? {} : { strayIps }),
  };
}

function rangeOf(cidr: string, json: unknown): Ipv4Range {
  try {
    return parseCidr(cidr);
  } catch {
    throw corruptObject(json, 'network', 'network: expected an IPv4 network such as 192.0.2.0/24');
  }
}

/**
 * A network in Ganeti's form. `cardIps` are the addresses that cards of instances have in it.
 * Throws `PrereqError` `wrong_input` if the network is not in CIDR form.
 * @public
 */
export function encodeNetwork(network: Network, cardIps: Iterable<string>): JsonObject {
  const range = parseCidr(network.cidr);
  return {
    ...encodeStored(network),
    ...present({
      uuid: network.id,
      name: network.name,
      network: network.cidr,
      gateway: network.gateway,
      network6: network.cidr6,
      gateway6: network.gateway6,
      mac_prefix: network.macPrefix,
      reservations: encodeBitmap([...cardIps, ...(network.strayIps ?? [])], range),
      ext_reservations: encodeBitmap(network.reservedIps, range),
    }),
  };
}
