/**
 * Turns wanted network cards into cards: addresses are claimed or drawn, parameters filled in. This
 * comes before the allocator and the hooks, which both see the final hardware addresses.
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import type { Cluster } from '../../model/cluster.js';
import { fillNicParams } from '../../model/fill.js';
import type { NicId } from '../../model/ids.js';
import type { Nic } from '../../model/nic.js';
import type { Reservations } from '../../ports/config-store.js';
import type { RuntimeNic } from '../../ports/runtime.js';
import type { CreateNames, InstanceHost, NicSpec } from '../types.js';
import { withoutNicDefaults } from './defaults.js';

/** TCP port on which a living host is expected to answer (Ganeti's node daemon). */
const PROBE_PORT = 1811;

/** The cards as they will be kept, and as the node will see them. */
export interface PlannedNics {
  readonly own: readonly Nic[];
  readonly filled: readonly RuntimeNic[];
}

/** The cards, with all addresses claimed. */
export async function planNics(names: CreateNames, ctx: PrereqContext): Promise<PlannedNics> {
  const { cluster } = ctx.config;
  // Given addresses are claimed first, so that none of them is drawn for another card.
  for (const { mac } of names.nics) if (mac.kind === 'given') ctx.reserve.mac(mac.address);
  if (names.checks.ip) await refuseLivingHost(names.host, ctx);
  const own = names.nics.map((spec) => {
    const nic = planNic(spec, names.host, ctx.reserve);
    return names.identifyDefaults
      ? { ...nic, params: withoutNicDefaults(nic.params, cluster) }
      : nic;
  });
  return { own, filled: own.map((nic) => filledNic(nic, cluster)) };
}

function filledNic(nic: Nic, cluster: Cluster): RuntimeNic {
  return { ...nic, params: fillNicParams(cluster, nic.params) };
}

function planNic(spec: NicSpec, host: InstanceHost, reserve: Reservations): Nic {
  const ip = addressOf(spec, host);
  if (ip !== undefined) reserve.ip(ip);
  return {
    id: reserve.drawId() as NicId,
    ...(spec.name === undefined ? {} : { name: spec.name }),
    mac: spec.mac.kind === 'given' ? spec.mac.address : reserve.drawMac(),
    ...(ip === undefined ? {} : { ip }),
    params: spec.params,
  };
}

function addressOf({ ip }: NicSpec, host: InstanceHost): string | undefined {
  if (ip.kind === 'given') return ip.address;
  return ip.kind === 'of-name' ? host.ip : undefined;
}

async function refuseLivingHost({ name, ip }: InstanceHost, ctx: PrereqContext): Promise<void> {
  if (ip === undefined || !(await ctx.resolver.answers(ip, PROBE_PORT, ctx.signal))) return;
  refuse.notUnique(`Something answers at ${ip}, the address of ${name}; free it, or skip ipCheck`);
}
