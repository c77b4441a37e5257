/**
 * Looks at parameters before any lock is taken, though they are worked out under locks: a request
 * that cannot be right shall not make others wait. What is found here is thrown away; only mistakes
 * come out. For requests that say everything themselves: an import may bring what is missing.
 */
import type { ArgsContext } from '../lu-base.js';
import { planParams } from './prereq/params.js';
import { sourceOf } from './source/source-of.js';
import type { CreateArgs } from './types.js';
import { computeDisks } from './args/disks.js';
import { computeNics } from './args/nics.js';
import { readHypervisor } from './args/params.js';
import { readTags } from './args/tags.js';

/** Throws what would be thrown under locks, unless that is to come late. */
export function checkEarly(args: CreateArgs, ctx: ArgsContext): void {
  if (ctx.compatibility.parameterChecks === 'late') return;
  if (sourceOf(args.mode).complete === true) checkParameters(args, ctx);
}

function checkParameters(args: CreateArgs, ctx: ArgsContext): void {
  const { op, storage, disks, nics, checks, host } = args;
  const { config, compatibility } = ctx;
  const { cluster } = config;
  const { oddRequests } = compatibility;
  const hypervisor = readHypervisor(op.hypervisor, cluster.enabledHypervisors);
  readTags(op.tags ?? [], oddRequests);
  planParams({ hypervisor, op }, ctx);
  computeNics(nics, {
    defaults: cluster.nicParams,
    nameCheck: checks.name,
    ...(host.ip === undefined ? {} : { hostIp: host.ip }),
    oddRequests,
    findNetwork: (name) => config.findNetwork(name),
    claimMac: () => undefined,
  });
  computeDisks(disks, storage.template, cluster);
}
