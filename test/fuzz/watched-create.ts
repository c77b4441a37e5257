/**
 * The creation with a window: what it plans to do, and whether it has passed its commit point.
 */
import { LUInstanceCreate } from '../../src/instance-create/lu-instance-create.js';
import type { CreatePlan, CreateResult } from '../../src/instance-create/types.js';
import type { ExecContext } from '../../src/lu-base.js';

/** The creation, watched. It decides nothing of its own. */
export class WatchedCreate extends LUInstanceCreate {
  readonly #seen: { isCommitted: boolean; plan?: CreatePlan } = { isCommitted: false };

  /** Whether the commit point was passed. */
  get isCommitted(): boolean {
    return this.#seen.isCommitted;
  }

  /** What the work was about; nothing if it has not begun. */
  get traits(): readonly string[] {
    const { plan } = this.#seen;
    if (plan === undefined) return [];
    const { diskTemplate, hypervisor } = plan.instance;
    const mode = plan.replaces === undefined ? plan.mode : 'commit';
    const how = plan.provision === 'reserve' ? 'reserve' : mode;
    return [`mode ${how}`, `template ${diskTemplate}`, `hypervisor ${hypervisor}`];
  }

  override exec(plan: CreatePlan, ctx: ExecContext): Promise<CreateResult> {
    this.#seen.plan = plan;
    return super.exec(plan, this.#watched(ctx));
  }

  #watched(ctx: ExecContext): ExecContext {
    const { undo } = ctx;
    const commitPoint = async (): Promise<void> => {
      await undo.commitPoint();
      this.#seen.isCommitted = true;
    };
    const watched = { defer: undo.defer.bind(undo), commitPoint };
    return Object.create(ctx, { undo: { value: watched } }) as ExecContext;
  }
}
