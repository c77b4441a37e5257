/**
 * Tells the primary node's metadata service what the guest may ask for.
 */
import type { ExecContext } from '../../lu-base.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import type { CreatePlan } from '../types.js';

/** That it fails is a warning: most guests never ask. */
export async function publish(
  runtime: RuntimeInstance,
  { nodes: { primary } }: Pick<CreatePlan, 'nodes'>,
  ctx: ExecContext,
): Promise<void> {
  const reply = await ctx.rpc.publishMetadata(primary.id, { runtime });
  if (reply.ok) return;
  const { name } = runtime.instance;
  ctx.report.warn(`${name} cannot ask ${primary.name} for its metadata: ${reply.message}`);
}
