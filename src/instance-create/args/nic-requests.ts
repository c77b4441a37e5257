/**
 * What can be said of wanted network cards without knowing the cluster: how many there are, their
 * names and the form of their VLANs. What they mean is worked out in `nics.ts`.
 */
import { refuse } from '../../errors.js';
import { MAX_NICS } from '../../model/nic.js';
import type { NicRequest } from '../op.js';
import { deviceNames } from './device-names.js';
import { readVlan } from './vlan.js';
import type { OddRequests } from './odd-requests.js';

/** How the name of a card begins by which an instance talks to its node, as in Ganeti. */
const COMMUNICATION = 'ganeti:communication:';

/** The cards: names checked, those called `none` without a name, VLANs in their full form. */
export function readNicRequests(
  requests: readonly NicRequest[],
  oddRequests: OddRequests,
): readonly NicRequest[] {
  if (oddRequests === 'refused' && requests.length > MAX_NICS) {
    refuse.input(`${requests.length} network cards are too many; ${MAX_NICS} are allowed`);
  }
  const names = deviceNames(
    'network card',
    requests.map(({ name }) => name),
  );
  return requests.map(({ name: _, vlan: given, ...request }, index) => {
    const name = names[index];
    const vlan = readVlan(given, oddRequests);
    return {
      ...request,
      ...(name === undefined ? {} : { name }),
      ...(vlan === undefined ? {} : { vlan }),
    };
  });
}

/**
 * The cards, and with them the one by which the instance talks to its node; unless the request has
 * a card of that name. To be called before the names are checked, with the name as resolved.
 */
export function withCommunicationCard(
  requests: readonly NicRequest[],
  host: string,
  network: string | undefined,
): readonly NicRequest[] {
  const name = communicationCardName(host);
  if (requests.some((request) => request.name === name)) return requests;
  // A cluster without such a network has none by the name '' either: it is refused as unknown.
  return [...requests, { name, mac: 'generate', ip: 'pool', network: network ?? '' }];
}

/** The name of that card. */
export function communicationCardName(host: string): string {
  return COMMUNICATION + host;
}
