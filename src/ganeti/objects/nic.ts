/**
 * Network cards as Ganeti's objects, inside instances.
 */
import { z } from 'zod';
import type { NetworkId, NicId } from '../../model/ids.js';
import { type Nic, NIC_MODES, type NicParams } from '../../model/nic.js';
import { once } from '../wire/check.js';
import type { JsonObject } from '../wire/json.js';
import { checkObject, given, present, wireId } from './fields.js';

/** Parameters of a card, all optional. */
export const wireNicParams = once(() =>
  z.object({
    mode: z.enum(NIC_MODES).nullish(),
    link: z.string().nullish(),
    vlan: z.string().nullish(),
  }),
);

/** Those that are there. */
export function decodeNicParams(
  params: z.output<ReturnType<typeof wireNicParams>>,
): Partial<NicParams> {
  const { mode, link, vlan } = params;
  return { ...given('mode', mode), ...given('link', link), ...given('vlan', vlan) };
}

/** Those that are there. */
export function encodeNicParams({ mode, link, vlan }: Partial<NicParams>): JsonObject {
  return present({ mode, link, vlan });
}

const wireNic = once(() =>
  z.object({
    uuid: wireId<NicId>(),
    mac: z.string(),
    ip: z.string().nullish(),
    network: wireId<NetworkId>().nullish(),
    name: z.string().nullish(),
    nicparams: wireNicParams(),
  }),
);

/**
 * A card out of Ganeti's form. Throws `ConfigError` `corrupt`.
 * @public
 */
export function decodeNic(json: unknown): Nic {
  const { uuid, mac, ip, network, name, nicparams } = checkObject(wireNic(), json, 'network card');
  return {
    id: uuid,
    mac,
    ...given('ip', ip),
    ...given('networkId', network),
    ...given('name', name),
    params: decodeNicParams(nicparams),
  };
}

/**
 * A card in Ganeti's form. What it does not have is left out.
 * @public
 */
export function encodeNic({ id, mac, ip, networkId, name, params }: Nic): JsonObject {
  return present({
    uuid: id,
    mac,
    ip,
    network: networkId,
    name,
    nicparams: encodeNicParams(params),
  });
}
