/**
 * Fills parameters in from cluster and OS, and checks that the whole makes sense. The order of the
 * checks is Ganeti's: hypervisor (types, syntax, whose they are), backend, operating system.
 */
import { refuse } from '../../errors.js';
import type { ArgsContext } from '../../lu-base.js';
import type { BeParams } from '../../model/be-params.js';
import type { Cluster } from '../../model/cluster.js';
import { fillAllOsParams, fillBeParams, fillHvParams } from '../../model/fill.js';
import type { Params } from '../../model/params.js';
import type { OsParams } from '../../ports/runtime.js';
import { wrappedOsParams } from '../args/os.js';
import { readBeParams, readHvParams, refuseGlobals } from '../args/params.js';
import type { CreateOp } from '../op.js';
import type { PlannedParams, Wanted } from '../types.js';
import { withoutDefaults } from './defaults.js';

/** What of a request says something about parameters. */
export type ParamsWanted = Pick<Wanted, 'hypervisor'> & { readonly op: CreateOp };

/** What parameters depend on. */
export type ParamsContext = Pick<ArgsContext, 'config' | 'hypervisor' | 'compatibility'>;

/**
 * All parameters of the new instance. What is its own is without the cluster's values, if that was
 * asked for; nodes are asked about the own ones.
 */
export function planParams(wanted: ParamsWanted, ctx: ParamsContext): PlannedParams {
  const { hypervisor, op } = wanted;
  const { cluster } = ctx.config;
  const hv = planHv(wanted, ctx);
  const be = planBe(op.beParams ?? {}, cluster, ctx.compatibility);
  const ownOs = wrappedOsParams(op);
  const os = fillAllOsParams(cluster, op.osType, ownOs);
  checkText(ownOs.public, ctx.compatibility);
  checkVisibility(os);
  const own = { hv: hv.own, be: be.own, os: ownOs };
  return {
    own:
      op.identifyDefaults === true
        ? withoutDefaults(own, { cluster, hypervisor, os: op.osType })
        : own,
    filled: { hv: hv.filled, be: be.filled, os },
  };
}

interface Layered<Own, Filled> {
  readonly own: Own;
  readonly filled: Filled;
}

function planHv({ hypervisor, op }: ParamsWanted, ctx: ParamsContext): Layered<Params, Params> {
  const own = readHvParams(op.hvParams ?? {}, hypervisor);
  const filled = fillHvParams(ctx.config.cluster, hypervisor, op.osType, own);
  ctx.hypervisor(hypervisor).checkSyntax(filled);
  refuseGlobals(own);
  return { own, filled };
}

function planBe(
  given: Params,
  cluster: Cluster,
  { oddRequests, memoryOrder }: ArgsContext['compatibility'],
): Layered<Partial<BeParams>, BeParams> {
  const own = readBeParams(given, cluster.beParams, oddRequests);
  const filled = fillBeParams(cluster, own);
  if (memoryOrder === 'checked') checkMemory(filled);
  return { own, filled };
}

function checkMemory({ minMemMib, maxMemMib }: BeParams): void {
  if (minMemMib <= maxMemMib) return;
  refuse.input(`minMemMib ${minMemMib} is above maxMemMib ${maxMemMib}; change one of them`);
}

/** Scripts get text, so anything else is a mistake, though Ganeti takes it. */
function checkText(
  params: OsParams['public'],
  { oddRequests }: ParamsContext['compatibility'],
): void {
  if (oddRequests === 'accepted') return;
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string') continue;
    refuse.input(`OS parameter ${name} is no text; write its value as text`);
  }
}

/** One name has one value: who set it at which visibility would decide what is shown. */
export function checkVisibility(params: OsParams): void {
  const seen = new Map<string, keyof OsParams>();
  for (const visibility of ['public', 'private', 'secret'] as const) {
    for (const name of Object.keys(params[visibility])) {
      const other = seen.get(name);
      if (other !== undefined) {
        refuse.input(`OS parameter ${name} is both ${other} and ${visibility}; give it once`, {
          about: 'unclassified',
        });
      }
      seen.set(name, visibility);
    }
  }
}
