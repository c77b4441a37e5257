/**
 * Fills parameters in from cluster and OS, and checks that the whole makes sense.
 */
import { refuse } from '../../errors.js';
import type { PrereqContext } from '../../lu-base.js';
import type { BeParams } from '../../model/be-params.js';
import type { Cluster } from '../../model/cluster.js';
import { fillBeParams, fillHvParams, fillOsParams } from '../../model/fill.js';
import type { OsParams } from '../../ports/runtime.js';
import type { CreateNames, PlannedParams } from '../types.js';
import { withoutDefaults } from './defaults.js';

/** All parameters of the new instance. */
export function planParams(names: CreateNames, ctx: PrereqContext): PlannedParams {
  const { cluster } = ctx.config;
  const { hypervisor, hvParams, beParams, os } = names;
  const hv = fillHvParams(cluster, hypervisor, os.type, hvParams);
  ctx.hypervisor(hypervisor).checkSyntax(hv);
  const be = fillBeParams(cluster, beParams);
  checkMemory(be);
  const osParams = fillOs(cluster, os.type, os.params);
  checkVisibility(osParams);
  const own = { hv: hvParams, be: beParams, os: os.params };
  return {
    own: names.identifyDefaults ? withoutDefaults(own, names, cluster) : own,
    filled: { hv, be, os: osParams },
  };
}

function fillOs(cluster: Cluster, os: string, own: OsParams): OsParams {
  return {
    public: fillOsParams(cluster.osParams, os, own.public),
    private: fillOsParams(cluster.osParamsPrivate, os, own.private),
    secret: own.secret,
  };
}

function checkMemory({ minMemMib, maxMemMib }: BeParams): void {
  if (minMemMib <= maxMemMib) return;
  refuse.input(`minMemMib ${minMemMib} is above maxMemMib ${maxMemMib}; change one of them`);
}

/** One name has one value: who set it at which visibility would decide what is shown. */
function checkVisibility(params: OsParams): void {
  const seen = new Map<string, keyof OsParams>();
  for (const visibility of ['public', 'private', 'secret'] as const) {
    for (const name of Object.keys(params[visibility])) {
      const other = seen.get(name);
      if (other !== undefined) {
        refuse.input(`OS parameter ${name} is both ${other} and ${visibility}; give it once`);
      }
      seen.set(name, visibility);
    }
  }
}
