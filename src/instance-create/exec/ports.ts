/**
 * Ports as Ganeti loses them: it allocates them in a step of its own, so that a creation which
 * fails before the instance is registered has used them up, and those of a reservation are not
 * given back when the instance is made with new ones. Only for those who want that; otherwise ports
 * are taken and given back in the commits that add and remove the instance.
 */
import type { ExecContext } from '../../lu-base.js';
import type { CreatePlan } from '../types.js';

/** The plan's ports count as used, although nobody uses them. */
export async function losePorts({ instance, disks }: CreatePlan, ctx: ExecContext): Promise<void> {
  const mirrors = disks.map(({ location }) => (location.kind === 'drbd' ? location.port : 0));
  const ports = [instance.networkPort ?? 0, ...mirrors].filter((port) => port > 0);
  if (ports.length === 0) return;
  await ctx.config.commit(`ports of ${instance.name}`, (draft) =>
    draft.updateCluster((cluster) => {
      const fresh = ports.filter((port) => !cluster.portPool.includes(port));
      cluster.portPool = cluster.portPool.filter((port) => !ports.includes(port));
      cluster.highestUsedPort = Math.max(cluster.highestUsedPort, ...fresh);
    }),
  );
}

/** The reservation's console port is given back to nobody. */
export async function loseReservedPort(plan: CreatePlan, ctx: ExecContext): Promise<void> {
  const port = plan.replaces?.networkPort;
  if (port === undefined || port === plan.instance.networkPort) return;
  await ctx.config.commit(`port of reserved ${plan.instance.name}`, (draft) =>
    draft.updateCluster((cluster) => {
      cluster.portPool = cluster.portPool.filter((other) => other !== port);
    }),
  );
}
