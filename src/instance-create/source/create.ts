/**
 * An instance made from nothing: its contents come from the OS definition's create script.
 */
import type { ExecContext } from '../../lu-base.js';
import { unwrap } from '../../ports/reply.js';
import { readOs } from '../args/os.js';
import type { CreatePlan, Installed, Prepared } from '../types.js';
import type { Source } from './source.js';

/** Mode `create`. */
export const fromNothing: Source = { mode: 'create', readOs, install };

async function install(
  { runtime }: Prepared,
  plan: CreatePlan,
  ctx: ExecContext,
): Promise<Installed> {
  if (plan.steps.install) {
    const { name, os } = runtime.instance;
    const { primary } = plan.nodes;
    ctx.report.step(`Installing ${os ?? ''} on ${name}`);
    const reply = await ctx.rpc.installOs(primary.id, { runtime, reinstall: false });
    const { logPath } = unwrap.exec(reply, `Cannot install ${os ?? ''} on ${name}`);
    if (logPath !== undefined)
      ctx.report.info(`Log of the installation: ${logPath} on ${primary.name}`);
  }
  return { stage: 'installed', runtime };
}
