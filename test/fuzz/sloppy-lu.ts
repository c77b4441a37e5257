/**
 * An LU that does in each phase whatever a test tells it to: right things, and every wrong one that
 * a trial has to notice.
 */
import { type ExecContext, LogicalUnit, type PrereqContext } from '../../src/lu-base.js';
import type { OpenCluster } from '../../src/open-cluster.js';
import type { Attempt } from './trial.js';

interface SloppyPhases {
  op: undefined;
  args: undefined;
  names: undefined;
  plan: undefined;
  result: undefined;
}

/** What it does; nothing if not given. */
export interface Sloppiness {
  readonly prereq?: (ctx: PrereqContext) => unknown;
  readonly exec?: (ctx: ExecContext) => unknown;
}

class SloppyLU extends LogicalUnit<SloppyPhases> {
  readonly name = 'OP_SLOPPY';
  readonly #does: Sloppiness;

  constructor(does: Sloppiness) {
    super();
    this.#does = does;
  }

  checkArguments(): undefined {
    return undefined;
  }

  expandNames(): { names: undefined; locks: object } {
    return { names: undefined, locks: {} };
  }

  async checkPrereq(_names: undefined, ctx: PrereqContext): Promise<undefined> {
    await this.#does.prereq?.(ctx);
    return undefined;
  }

  async exec(_plan: undefined, ctx: ExecContext): Promise<undefined> {
    await this.#does.exec?.(ctx);
    return undefined;
  }
}

/** Its run, to be put on trial. */
export function sloppyAttempt(
  cluster: OpenCluster,
  does: Sloppiness,
  facts: Partial<Attempt> = {},
): Attempt {
  const lu = new SloppyLU(does);
  return {
    run: (options) =>
      facts.dryRun === true
        ? cluster.plan(lu, undefined, options)
        : cluster.run(lu, undefined, options),
    dryRun: false,
    keeps: false,
    isCommitted: () => false,
    cancelAt: 0,
    ...facts,
  };
}
