/**
 * Looks at parameters before any lock is taken, though they are worked out under locks: a request
 * that cannot be right shall not make others wait. What is found here is thrown away; only mistakes
 * come out. For requests that say everything themselves: an import may bring what is missing.
 */
import type { ArgsContext } from '../../lu-base.js';
import { planParams } from '../prereq/params.js';
import type { CreateArgs } from '../types.js';
import { computeDisks } from './disks.js';
import { computeNics } from './nics.js';
import { readHypervisor } from './params.js';
import { readTags } from './tags.js';

/** Throws what would be thrown under locks. */
export function checkEarly(args: CreateArgs, ctx: ArgsContext): void {
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
