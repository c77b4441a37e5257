/**
 * Network cards as they were asked for.
 */
import { refuse } from '../../../src/errors.js';
import { encodeNic } from '../../../src/ganeti/objects/nic.js';
import { computeNics, type NicWish } from '../../../src/instance-create/args/nics.js';
import type { NicSpec } from '../../../src/instance-create/wishes.js';
import type { NetworkId, NicId } from '../../../src/model/ids.js';
import type { NicParams } from '../../../src/model/nic.js';
import { SeededIds } from '../../../src/testing/seeded-ids.js';
import type { FunctionArgs, FunctionTable } from './types.js';

type WireNic = Readonly<Record<string, string | null>>;

/** The functions. */
export const TABLE: FunctionTable = {
  ComputeNics: (args, context) => {
    const hostIp = args.maybe<string>('default_ip');
    const ids = new SeededIds();
    const taken = new Set(context.get<readonly string[]>('macs_in_use'));
    const specs = computeNics(args.get<readonly WireNic[]>('nics').map(wishOf), {
      defaults: args.get<NicParams>('cluster_nicparams'),
      nameCheck: args.get('name_check'),
      ...(hostIp === undefined ? {} : { hostIp }),
      oddRequests: 'accepted',
      findNetwork: (name) => networkOf(name, context),
      claimMac: (mac) => {
        if (taken.has(mac)) refuse.notUnique(`${mac} is in use`);
        taken.add(mac);
      },
    });
    return specs.map((spec) => wireOf(spec, ids.uuid() as NicId));
  },
};

/** A value that is null is not given; a card called `none` has no name. */
function wishOf(wire: WireNic): NicWish {
  const given = Object.entries(wire).filter(
    ([key, value]) => value !== null && !(key === 'name' && value.toLowerCase() === 'none'),
  );
  return Object.fromEntries(given);
}

function networkOf(name: string, context: FunctionArgs): { readonly id: NetworkId } | undefined {
  const networks = context.get<Readonly<Record<string, string>>>('networks');
  const id = networks[name] ?? Object.values(networks).find((one) => one === name);
  return id === undefined ? undefined : { id: id as NetworkId };
}

/** The card with what is still open in Ganeti's words. */
function wireOf({ mac, ip, params, networkId, name }: NicSpec, id: NicId): object {
  const address = ip.kind === 'given' ? ip.address : ip.kind;
  return encodeNic({
    id,
    mac: mac.kind === 'given' ? mac.address : mac.kind,
    params,
    ...(address === 'none' ? {} : { ip: address }),
    ...(networkId === undefined ? {} : { networkId }),
    ...(name === undefined ? {} : { name }),
  });
}
