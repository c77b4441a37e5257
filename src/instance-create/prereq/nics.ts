/**
 * Turns wanted network cards into cards, step by step, since other steps stand between:
 * what is wanted (planNics) ─ is the host alive (pingCheck) ─ hardware addresses (drawMacs) ─
 * allocators see the cards (askingNics) ─ networks and addresses on the nodes (joinNetworks).
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import { fillNicParams } from '../../model/fill.js';
import type { NicId, NodeId } from '../../model/ids.js';
import type { Network } from '../../model/network.js';
import type { Nic, NicParams } from '../../model/nic.js';
import type { NodeGroup } from '../../model/node.js';
import type { ConfigReader } from '../../ports/config-store.js';
import type { RuntimeNic } from '../../ports/runtime.js';
import { computeNics } from '../args/nics.js';
import type { InstanceHost, NicSpec } from '../wishes.js';
import type { Wanted } from '../types.js';
import { addressIn, addressOutside, type JoinContext } from './addresses.js';
import { withoutNicDefaults } from './defaults.js';

/** TCP port on which a living host is expected to answer (Ganeti's node daemon). */
const PROBE_PORT = 1811;

/** An address that is still to be drawn, as Ganeti's allocators see it. */
const FROM_POOL = 'pool';

/** The cards as they will be kept, and as the node will see them. */
export interface PlannedNics {
  readonly own: readonly Nic[];
  readonly filled: readonly RuntimeNic[];
}

/** A card whose address is still to be settled. */
export interface DrawnNic extends Omit<Nic, 'ip'> {
  readonly ip: NicSpec['ip'];
}

/** What of a request says something about cards. */
export type NicsWanted = Pick<Wanted, 'nics' | 'host' | 'checks'> & {
  readonly op: Pick<Wanted['op'], 'identifyDefaults'>;
};

/** What drawing and claiming cards may touch. */
export interface CardContext extends Pick<PrereqContext, 'config' | 'compatibility'> {
  readonly reserve: Pick<PrereqContext['reserve'], 'mac' | 'drawMac' | 'drawId'>;
}

/** The cards as wanted, with all given hardware addresses claimed. */
export function planNics(
  { nics, host, checks, op }: NicsWanted,
  { config, reserve, compatibility }: CardContext,
): readonly NicSpec[] {
  const defaults = config.cluster.nicParams;
  const wishes =
    op.identifyDefaults === true ? nics.map((nic) => withoutNicDefaults(nic, defaults)) : nics;
  return computeNics(wishes, {
    defaults,
    nameCheck: checks.name,
    ...(host.ip === undefined ? {} : { hostIp: host.ip }),
    oddRequests: compatibility.oddRequests,
    findNetwork: (name) => config.findNetwork(name),
    claimMac: (mac) => reserve.mac(mac),
  });
}

/**
 * The cards of an import: where nothing else is asked for, an instance that keeps its name keeps
 * its hardware addresses. `macs` are those of the export.
 */
export function keepFormerMacs(
  nics: readonly NicSpec[],
  macs: readonly (string | undefined)[],
  { reserve }: Pick<PrereqContext, 'reserve'>,
): readonly NicSpec[] {
  return nics.map((nic, index) => {
    const address = macs[index];
    if (nic.mac.kind !== 'auto' || address === undefined) return nic;
    reserve.mac(address);
    return { ...nic, mac: { kind: 'given', address } };
  });
}

/** Refuses a name whose address something answers at. */
export async function pingCheck(
  { name, ip }: InstanceHost,
  { resolver, signal }: Pick<PrereqContext, 'resolver' | 'signal'>,
): Promise<void> {
  if (ip === undefined || !(await resolver.answers(ip, PROBE_PORT, signal))) return;
  refuse.notUnique(`Something answers at ${ip}, the address of ${name}; free it, or skip ipCheck`);
}

/** The cards with hardware addresses, drawn with the prefix of their network. */
export function drawMacs(
  nics: readonly NicSpec[],
  { config, reserve }: Pick<CardContext, 'config' | 'reserve'>,
): readonly DrawnNic[] {
  return nics.map(({ mac, networkId, ...nic }) => {
    const network = networkId === undefined ? undefined : config.find('network', networkId);
    return {
      ...nic,
      id: reserve.drawId() as NicId,
      mac: mac.kind === 'given' ? mac.address : reserve.drawMac(network?.macPrefix),
      ...(networkId === undefined ? {} : { networkId }),
    };
  });
}

/** The cards as an allocator sees them: addresses that will be drawn are called `pool` still. */
export function askingNics(nics: readonly DrawnNic[], config: ConfigReader): PlannedNics {
  const own = nics.map(({ ip, ...nic }) =>
    withIp(nic, ip.kind === 'given' ? ip.address : ip.kind === 'pool' ? FROM_POOL : undefined),
  );
  return { own, filled: filledNics(own, config) };
}

/**
 * The cards as they will be: those in a network have its parameters for the primary node's group,
 * and all addresses are claimed. Cards are settled one after the other.
 */
export function joinNetworks(
  nics: readonly DrawnNic[],
  primary: NodeId,
  conflictsCheck: boolean,
  ctx: JoinContext,
): PlannedNics {
  const { config, reserve } = ctx;
  const group = config.group(config.node(primary).groupId);
  const own = nics.map(({ ip, ...nic }, index) => {
    const wish = { ip, which: `Network card ${index}` };
    if (nic.networkId === undefined) {
      return withIp(nic, addressOutside(wish, conflictsCheck, group.id, config, reserve));
    }
    const network = networkOf(nic.networkId, config);
    const params = paramsIn(group, network, wish.which);
    return withIp({ ...nic, params }, addressIn(network, wish, conflictsCheck, ctx));
  });
  return { own, filled: filledNics(own, config) };
}

function paramsIn(group: NodeGroup, network: Network, which: string): NicParams {
  const params = group.networks[network.id];
  if (params !== undefined) return { ...params };
  return refuse.input(
    `${which} cannot join network ${network.name}, to which group ${group.name} is not ` +
      'connected; connect the group, or choose another node or network',
  );
}

function networkOf(id: string, config: ConfigReader): Network {
  return config.find('network', id) ?? refuse.unknown(`There is no network with the id ${id}`);
}

function withIp(nic: Omit<Nic, 'ip'>, ip: string | undefined): Nic {
  return ip === undefined ? nic : { ...nic, ip };
}

/** Cards with all parameters, and their networks. */
export function filledNics(nics: readonly Nic[], config: ConfigReader): readonly RuntimeNic[] {
  return nics.map((nic) => {
    const { networkId } = nic;
    const network = networkId === undefined ? undefined : config.find('network', networkId);
    const params = fillNicParams(config.cluster, nic.params);
    return { ...nic, params, ...(network === undefined ? {} : { network }) };
  });
}
