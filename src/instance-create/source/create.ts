/**
 * An instance made from nothing: its contents come from the OS definition's create script, or from
 * a disk image that was written before.
 */
import type { ExecContext } from '../../lu-base.js';
import { unwrap } from '../../ports/reply.js';
import type { RuntimeInstance } from '../../ports/runtime.js';
import { readOs } from '../args/os.js';
import { whilePaused } from '../exec/paused-sync.js';
import { isMirrored } from '../exec/sync.js';
import type { CreatePlan, Installed, PlannedNode, Prepared } from '../types.js';
import type { Source } from './source.js';

/** Mode `create`. */
export const fromNothing: Source = {
  mode: 'create',
  complete: true,
  inHelper: true,
  checkArguments: (op, ctx) => {
    readOs(op, ctx.config.cluster, ctx.compatibility.oddRequests);
    return { op, sourceArgs: {} };
  },
  expandNames: () => ({}),
  read: ({ op }) => ({ op }),
  install,
};

async function install(
  { runtime }: Prepared,
  { nodes, steps }: CreatePlan,
  ctx: ExecContext,
): Promise<Installed> {
  const { os } = runtime.instance;
  if (os !== undefined && steps.install && steps.image === undefined) {
    const { primary } = nodes;
    const { disks } = runtime;
    const run = (): Promise<void> => runCreateScript(os, runtime, primary, ctx);
    // Who does not wait for mirrors shall not have them slow the installation down.
    const isSlowed = !steps.waitForSync && disks.some(isMirrored);
    await (isSlowed
      ? whilePaused({ node: primary, runtime, disks, optional: true }, ctx, run)
      : run());
  }
  return { stage: 'installed', runtime };
}

async function runCreateScript(
  os: string,
  runtime: RuntimeInstance,
  node: PlannedNode,
  ctx: ExecContext,
): Promise<void> {
  const { name } = runtime.instance;
  ctx.report.step(`Installing ${os} on ${name}`);
  const reply = await ctx.rpc.installOs(node.id, { runtime, reinstall: false });
  const { logPath } = unwrap.exec(reply, `Cannot install ${os} on ${name}`);
  if (logPath !== undefined) ctx.report.info(`Log of the installation: ${logPath} on ${node.name}`);
}
