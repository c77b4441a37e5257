/**
 * Addresses of network cards, once the nodes are known: drawn from a network's pool, claimed in a
 * network, or outside of all networks that the nodes' group is connected to.
 */
import { PrereqError, refuse } from '../../errors.js';
import { placeIn, poolOf } from '../../model/address-pool.js';
import type { GroupId } from '../../model/ids.js';
import type { Network } from '../../model/network.js';
import type { ConfigReader, Reservations } from '../../ports/config-store.js';
import type { NicSpec } from '../wishes.js';

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
  reserve: Reservations,
): string | undefined {
  if (ip.kind === 'none') return undefined;
  if (ip.kind === 'pool') return drawn(network, which, reserve);
  const { address } = ip;
  try {
    reserve.ip(address, network.id, { evenReserved: !conflictsCheck });
  } catch (cause) {
    if (!(cause instanceof PrereqError)) throw cause;
    refuse.notUnique(
      `${which} cannot have ${address} in network ${network.name}: ${cause.message}`,
      {
        cause,
      },
    );
  }
  return address;
}

function drawn(network: Network, which: string, reserve: Reservations): string {
  try {
    return reserve.drawIp(network.id);
  } catch (cause) {
    if (!(cause instanceof PrereqError)) throw cause;
    return refuse.state(`${which} gets no address: ${cause.message}`, { cause });
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
