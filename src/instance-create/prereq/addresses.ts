/**
 * Addresses of network cards, once the nodes are known: drawn from a network's pool, claimed in a
 * network, or outside of all networks that the nodes' group is connected to.
 */
import { PrereqError, refuse } from '../../errors.js';
import { placeIn, poolOf } from '../../model/address-pool.js';
import type { GroupId } from '../../model/ids.js';
import type { Network } from '../../model/network.js';
import type { PrereqContext } from '../../lu-base.js';
import type { ConfigReader, Reservations } from '../../ports/config-store.js';
import type { NicSpec } from '../wishes.js';

/** What joining networks needs: claims, and somebody to tell which addresses were drawn. */
export type JoinContext = Pick<PrereqContext, 'config' | 'reserve'> & {
  readonly report: Pick<PrereqContext['report'], 'info'>;
};

/** A card's wish, and its name in messages. */
export interface AddressWish {
  readonly ip: NicSpec['ip'];
  readonly which: string;
}

/**
 * The address of a card in a network. Without the check for conflicts, an address that something
 * outside the cluster is said to use may be given.
 */
export function addressIn(
  network: Network,
  { ip, which }: AddressWish,
  conflictsCheck: boolean,
  ctx: JoinContext,
): string | undefined {
  if (ip.kind === 'none') return undefined;
  if (ip.kind === 'pool') return drawn(network, which, ctx);
  const { address } = ip;
  return unlessRefused(
    () => {
      ctx.reserve.ip(address, network.id, { evenReserved: !conflictsCheck });
      return address;
    },
    (reason, options) =>
      refuse.notUnique(
        `${which} cannot have ${address} in network ${network.name}: ${reason}`,
        options,
      ),
  );
}

function drawn(network: Network, which: string, { reserve, report }: JoinContext): string {
  const address = unlessRefused(
    () => reserve.drawIp(network.id),
    (reason, options) => refuse.state(`${which} gets no address: ${reason}`, options),
  );
  report.info(`${which} has the address ${address} of network ${network.name}`);
  return address;
}

/** What a claim gives; a refused one is told in the card's own words. */
function unlessRefused(
  claim: () => string,
  retell: (reason: string, options: { readonly cause: unknown }) => never,
): string {
  try {
    return claim();
  } catch (cause) {
    if (cause instanceof PrereqError) retell(cause.message, { cause });
    throw cause;
  }
}

/** The address of a card outside networks. It may belong to none that the group knows. */
export function addressOutside(
  { ip }: AddressWish,
  conflictsCheck: boolean,
  group: GroupId,
  config: ConfigReader,
  reserve: Reservations,
): string | undefined {
  if (ip.kind !== 'given') return undefined;
  if (conflictsCheck) refuseOwned(ip.address, group, config);
  reserve.ip(ip.address);
  return ip.address;
}

function refuseOwned(address: string, groupId: GroupId, config: ConfigReader): void {
  for (const id of Object.keys(config.group(groupId).networks)) {
    const network = config.find('network', id);
    if (network === undefined || placeIn(poolOf(network), address) === 'outside') continue;
    refuse.state(
      `Address ${address} belongs to network ${network.name}, and the card does not; ` +
        'choose another address, or skip conflictsCheck',
    );
  }
}
