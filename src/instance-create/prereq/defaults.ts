/**
 * Drops values that equal what the cluster hands down anyway, so that the instance follows the
 * cluster's later changes (Ganeti's `identify_defaults`).
 */
import type { Cluster } from '../../model/cluster.js';
import { fillBeParams, fillHvParams, fillOsParams } from '../../model/fill.js';
import type { HypervisorName } from '../../model/hypervisor.js';
import type { NicParams } from '../../model/nic.js';
import { Secret } from '../../model/secret.js';
import type { NicRequest } from '../op.js';
import type { PlannedParams } from '../types.js';

/** The layers that hand parameters down. */
export interface Handing {
  readonly cluster: Cluster;
  readonly hypervisor: HypervisorName;
  /** OS definition with variant. */
  readonly os: string | undefined;
}

/** The instance's own parameters, without those that say nothing new. Secret ones stay. */
export function withoutDefaults(
  { hv, be, os: own }: PlannedParams['own'],
  { cluster, hypervisor, os }: Handing,
): PlannedParams['own'] {
  return {
    hv: different(hv, fillHvParams(cluster, hypervisor, os, {})),
    be: different(be, fillBeParams(cluster, {})),
    os: {
      public: different(own.public, fillOsParams(cluster.osParams, os, {})),
      private: different(own.private, fillOsParams(cluster.osParamsPrivate, os, {})),
      secret: own.secret,
    },
  };
}

/** The same for a wanted card, before anything is made of it: what is left may join a network. */
export function withoutNicDefaults(wish: NicRequest, defaults: NicParams): NicRequest {
  return different(wish, defaults);
}

function different<T extends object>(own: T, defaults: object): T {
  const handedDown = new Map(Object.entries(defaults));
  const kept = Object.entries(own).filter(
    ([name, value]) => !(handedDown.has(name) && same(value, handedDown.get(name))),
  );
  return Object.fromEntries(kept) as T;
}

function same(a: unknown, b: unknown): boolean {
  return a instanceof Secret && b instanceof Secret ? a.reveal() === b.reveal() : a === b;
}
