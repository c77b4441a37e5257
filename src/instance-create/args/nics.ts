/**
 * What the wanted network cards mean (Ganeti's `ComputeNics`). Pure but for claiming hardware
 * addresses, which is handed in.
 *
 * N1 Cards are looked at one after the other, each as a whole: the first mistake is told.
 * N2 A card in a network has the network's parameters, so it may ask for no mode and no link.
 */
import { refuse } from '../../errors.js';
import type { NetworkId } from '../../model/ids.js';
import { checkNicParams, NIC_MODES, type NicMode, type NicParams } from '../../model/nic.js';
import type { NicRequest } from '../op.js';
import type { NicSpec } from '../wishes.js';
import { readIp, readMac } from './nic-address.js';
import { refuseRoutedVlan } from './vlan.js';
import type { OddRequests } from './odd-requests.js';

/** A card as wanted; its mode may still be any word. */
export type NicWish = Omit<NicRequest, 'mode'> & { readonly mode?: string };

/** What the meaning of cards depends on. */
export interface NicFacts {
  /** The cluster's card parameters. */
  readonly defaults: NicParams;
  /** Whether the instance's name is looked up. */
  readonly nameCheck: boolean;
  /** The address that it resolves to. */
  readonly hostIp?: string;
  /** Whether to refuse what Ganeti accepts, but nobody means. */
  readonly oddRequests: OddRequests;
  /** The network of this name or UUID. */
  findNetwork(nameOrId: string): { readonly id: NetworkId } | undefined;
  /** Claims a hardware address; throws `PrereqError` `resource_not_unique`. */
  claimMac(mac: string): void;
}

/** The cards, as far as no node has to be known. */
export function computeNics(wishes: readonly NicWish[], facts: NicFacts): readonly NicSpec[] {
  return wishes.map((wish, index) => computeNic(wish, `Network card ${index}`, facts));
}

function computeNic(wish: NicWish, which: string, facts: NicFacts): NicSpec {
  const network = wordOrNone(wish.network);
  const link = linkOf(wish, which, facts);
  if (network !== undefined && (wish.mode !== undefined || link !== undefined)) {
    refuse.input(`${which} joins network ${network}, which sets mode and link; leave them out`);
  }
  const ip = readIp(wish.ip, which, { ...facts, networked: network !== undefined });
  const mode = modeOf(wish, facts);
  if (mode === 'routed' && ip.kind === 'none' && network === undefined) {
    refuse.input(`${which} is routed, so it needs an address; give one as its ip`);
  }
  const mac = readMac(wish.mac, which);
  if (mac.kind === 'given') facts.claimMac(mac.address);
  const params = paramsOf(wish, mode, link, which, facts);
  const networkId = network === undefined ? undefined : idOf(network, which, facts);
  return {
    mac,
    ip,
    params,
    ...(networkId === undefined ? {} : { networkId }),
    ...(wish.name === undefined ? {} : { name: wish.name }),
  };
}

function wordOrNone(given: string | undefined): string | undefined {
  return given?.toLowerCase() === 'none' ? undefined : given;
}

function modeOf({ mode }: NicWish, { defaults }: NicFacts): string {
  return mode === undefined || mode === 'auto' ? defaults.mode : mode;
}

/** Ganeti knows `bridge` as a word, and takes no notice of it here. */
function linkOf(wish: NicWish, which: string, facts: NicFacts): string | undefined {
  const { link, bridge } = wish;
  if (bridge === undefined || facts.oddRequests === 'accepted') return link;
  const mode = modeOf(wish, facts);
  if (mode !== 'bridged') {
    refuse.input(`${which} is ${mode}, so it has no bridge; give a link instead`);
  }
  if (link !== undefined && bridge !== link) {
    refuse.input(`${which} has both link '${link}' and bridge '${bridge}'; give one of them`);
  }
  return bridge;
}

function paramsOf(
  wish: NicWish,
  mode: string,
  link: string | undefined,
  which: string,
  { defaults, oddRequests }: NicFacts,
): Partial<NicParams> {
  const { vlan } = wish;
  const own = {
    ...(wish.mode === undefined || wish.mode === '' ? {} : { mode: knownMode(mode, which) }),
    ...(link === undefined || link === '' ? {} : { link }),
    ...(vlan === undefined || vlan === '' ? {} : { vlan }),
  };
  const filled = { ...defaults, ...own };
  checkNicParams(filled, which);
  if (oddRequests === 'refused') refuseRoutedVlan(own.vlan, filled.mode);
  return own;
}

function knownMode(mode: string, which: string): NicMode {
  return (
    NIC_MODES.find((known) => known === mode) ??
    refuse.input(`${which}: '${mode}' is no mode; use one of: ${NIC_MODES.join(', ')}`, {
      about: 'nic-parameters',
    })
  );
}

function idOf(network: string, which: string, facts: NicFacts): NetworkId {
  const found = facts.findNetwork(network);
  if (found !== undefined) return found.id;
  return refuse.unknown(`${which}: there is no network '${network}'; give a name or UUID`);
}
