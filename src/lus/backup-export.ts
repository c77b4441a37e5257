/**
 * Exports an instance: a directory on a node, with the contents of its disks and a description from
 * which it can be made again.
 */
import type { HookSpec } from '../hooks/spec.js';
import { everyone, exclusive } from '../locks/plan.js';
import type { ExecContext, Expanded, NamesContext, PrereqContext } from '../lu-base.js';
import { LogicalUnit } from '../lu-base.js';
import { expandInstance } from '../lu-helpers.js';
import { removeExported, removeOlder } from './export/aftermath.js';
import { checkExportOp } from './export/op.js';
import { stopForExport, useDisks } from './export/out-of-use.js';
import { planExport } from './export/plan.js';
import { sendExport } from './export/send.js';
import { takeSnapshots } from './export/snapshots.js';
import type { ExportOp, ExportPhases, ExportPlan, ExportResult } from './export/types.js';
import { instanceHooks } from './instance-hooks.js';

/** The instance's variables, and the export's own. */
const HOOKS: HookSpec<ExportPlan, ExportResult> = {
  ...instanceHooks<ExportPlan, ExportResult>({
    path: 'instance-export',
    env: ({ op, target, stop, graceMs }) => ({
      EXPORT_MODE: 'local',
      EXPORT_NODE: target.name,
      EXPORT_DO_SHUTDOWN: stop,
      SHUTDOWN_TIMEOUT: Math.ceil(graceMs / 1000),
      REMOVE_INSTANCE: op.removeInstance ?? false,
    }),
  }),
  nodes: ({ runtime, target }, { cluster }) => {
    const all = [cluster.masterNode, runtime.instance.primaryNode, target.id];
    return { pre: all, post: all };
  },
};

/**
 * Exports an instance to a node of its cluster (Ganeti's `OP_BACKUP_EXPORT`, mode `local`); an
 * older export of it is replaced. Disks of a running instance are copied at one moment where their
 * storage can do that, or while the guest is down where nodes copy files (`LocalNode`); else the
 * guest is down while they are sent, if `longSleep` allows it. An export that fails leaves nothing
 * behind, and a guest that ran runs again.
 *
 * Throws `PrereqError`: `unknown_entity`; `wrong_state` for a node that is offline or drained, an
 * instance without data, or disks that cannot be read while the guest runs; `environment_error` if
 * nobody writes the export's description; `ExecError`.
 * @public
 */
export class LUBackupExport extends LogicalUnit<ExportPhases> {
  readonly name = 'OP_BACKUP_EXPORT';
  override readonly hooks = HOOKS;

  checkArguments(op: ExportOp): ExportOp {
    return checkExportOp(op);
  }

  /** All nodes, at first: any of them may hold an older export. */
  expandNames(op: ExportOp, { config }: NamesContext): Expanded<ExportPhases['names']> {
    const target = expandInstance(config, op.instanceName);
    return {
      names: { op, target },
      locks: { instance: exclusive(target.name), node: everyone('exclusive') },
    };
  }

  checkPrereq(names: ExportPhases['names'], ctx: PrereqContext): Promise<ExportPlan> {
    return planExport(names, ctx);
  }

  async exec(plan: ExportPlan, ctx: ExecContext): Promise<ExportResult> {
    const { runtime, target, path } = plan;
    const startAgain = await stopForExport(plan, ctx);
    const giveBack = await useDisks(plan, ctx);
    const copies = await takeSnapshots(plan, ctx);
    if (copies !== undefined) await startAgain();
    const sent = copies?.disks ?? runtime.disks;
    await sendExport(plan, sent, ctx);
    if (copies === undefined) await startAgain();
    await copies?.remove();
    await giveBack();
    await removeExported(plan, ctx);
    await removeOlder(plan, ctx);
    return { node: target.name, path, dumps: sent.map(({ id }) => id) };
  }
}
