/**
 * Starts the instance, if that is wanted. The configuration says that it is up when it is, not
 * before.
 */
import { throwIfCancelled } from '../../lu-helpers.js';
import type { ExecContext } from '../../lu-base.js';
import { unwrap } from '../../ports/reply.js';
import type { CreatePlan, CreateResult, Installed } from '../types.js';
import { undoStart } from '../undo-entries.js';

/** The last step; gives the names of the nodes. */
export async function start(
  { runtime }: Installed,
  { nodes, steps }: Pick<CreatePlan, 'nodes' | 'steps'>,
  ctx: ExecContext,
): Promise<CreateResult> {
  const { primary, secondaries } = nodes;
  const { id, name } = runtime.instance;
  if (steps.start) {
    throwIfCancelled(ctx.signal, `${name} was started`);
    ctx.report.step(`Starting ${name} on ${primary.name}`);
    await ctx.undo.defer(undoStart(primary, runtime));
    const reply = await ctx.rpc.startInstance(primary.id, { runtime, paused: false });
    unwrap.exec(reply, `Cannot start ${name} on ${primary.name}`);
    await ctx.config.commit(`instance ${name} is up`, (draft) =>
      draft.update('instance', id, (instance) => {
        instance.adminState = 'up';
        instance.disksActive = true;
      }),
    );
  }
  return [primary, ...secondaries].map((node) => node.name);
}
