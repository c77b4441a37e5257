/**
 * Drops values that equal what the cluster hands down anyway, so that the instance follows the
 * cluster's later changes (Ganeti's `identify_defaults`).
 */
import type { Cluster } from '../../model/cluster.js';
import { fillBeParams, fillHvParams, fillNicParams, fillOsParams } from '../../model/fill.js';
import type { NicParams } from '../../model/nic.js';
import { Secret } from '../../model/secret.js';
import type { CreateNames, PlannedParams } from '../types.js';

/** The instance's own parameters, without those that say nothing new. Secret ones stay. */
export function withoutDefaults(
  { hv, be, os }: PlannedParams['own'],
  names: CreateNames,
  cluster: Cluster,
): PlannedParams['own'] {
  const { type } = names.os;
  return {
    hv: different(hv, fillHvParams(cluster, names.hypervisor, type, {})),
    be: different(be, fillBeParams(cluster, {})),
    os: {
      public: different(os.public, fillOsParams(cluster.osParams, type, {})),
      private: different(os.private, fillOsParams(cluster.osParamsPrivate, type, {})),
      secret: os.secret,
    },
  };
}

/** The same for a network card. */
export function withoutNicDefaults(own: Partial<NicParams>, cluster: Cluster): Partial<NicParams> {
  return different(own, fillNicParams(cluster, {}));
}

function different<T extends object>(own: T, defaults: object): T {
  const handedDown = new Map(Object.entries(defaults));
  const kept = Object.entries(own).filter(([name, value]) => !same(value, handedDown.get(name)));
  return Object.fromEntries(kept) as T;
}

function same(a: unknown, b: unknown): boolean {
  return a instanceof Secret && b instanceof Secret ? a.reveal() === b.reveal() : a === b;
}
