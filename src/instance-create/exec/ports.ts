/**
 * Uses ports up before anything is made, as Ganeti does: it allocates them in the configuration,
 * and a creation that fails has used them. Only for those who want that; otherwise ports are taken
 * in the commit that adds the instance.
 */
import type { ExecContext } from '../../lu-base.js';
import type { CreatePlan } from '../types.js';

/** The plan's ports count as used. */
export async function usePorts({ instance, disks }: CreatePlan, ctx: ExecContext): Promise<void> {
  const mirrors = disks.map(({ location }) => (location.kind === 'drbd' ? location.port : 0));
  const ports = [instance.networkPort ?? 0, ...mirrors].filter((port) => port > 0);
  if (ports.length === 0) return;
  await ctx.config.commit(`ports of ${instance.name}`, (draft) =>
    draft.updateCluster((cluster) => {
      cluster.portPool = cluster.portPool.filter((port) => !ports.includes(port));
      cluster.highestUsedPort = Math.max(cluster.highestUsedPort, ...ports);
    }),
  );
}
