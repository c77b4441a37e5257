/**
 * The creation with a window: what it wants locked, what it holds at four moments, how often it is
 * set up. It decides nothing of its own.
 *
 * Ganeti names the wants of all levels at once and settles them one by one. Ours leaves the nodes'
 * resources open at first, which Ganeti writes down as the nodes' own want.
 */
import { LUInstanceCreate } from '../../../src/instance-create/lu-instance-create.js';
import type {
  CreateArgs,
  CreateNames,
  CreatePlan,
  CreateResult,
} from '../../../src/instance-create/types.js';
import { LOCK_LEVELS, type PlannedLevel } from '../../../src/locks/level.js';
import type { LockPlan, LockWant } from '../../../src/locks/plan.js';
import type {
  ExecContext,
  Expanded,
  LocksContext,
  NamesContext,
  PrereqContext,
} from '../../../src/lu-base.js';
import { BIG_LOCK } from '../../../src/model/lock.js';
import { type LockManager, ownerId } from '../../../src/ports/lock-manager.js';
import type { Moment, OwnedLocks } from '../vectors/types.js';

/** What was seen of one attempt. */
export interface SeenAttempt {
  /** What it wants, as far as it said so at first. */
  plan?: LockPlan;
  /** What it wanted when a level's turn came. */
  readonly settled: Map<PlannedLevel, LockWant>;
  /** What it held. */
  readonly owned: Map<Moment, OwnedLocks>;
}

/** The creation, observed. */
export class ObservedCreate extends LUInstanceCreate {
  readonly #locks: () => LockManager;
  readonly #attempts: SeenAttempt[] = [];

  /** `locks`: the lock manager of the cluster, once there is one. */
  constructor(locks: () => LockManager) {
    super();
    this.#locks = locks;
  }

  /** The attempts so far. */
  get attempts(): readonly SeenAttempt[] {
    return this.#attempts;
  }

  /** Told by the locks: a level's turn has come. */
  onLevel(level: string): void {
    const current = this.#attempts.at(-1);
    const planned = level as PlannedLevel;
    const want = current?.plan?.[planned];
    if (want === undefined || want === 'deferred') return;
    current?.settled.set(planned, want);
  }

  override expandNames(args: CreateArgs, ctx: NamesContext): Expanded<CreateNames> {
    const attempt: SeenAttempt = { settled: new Map(), owned: new Map() };
    this.#attempts.push(attempt);
    const expanded = super.expandNames(args, ctx);
    attempt.plan = expanded.locks;
    return expanded;
  }

  override async declareLocks(
    level: PlannedLevel,
    names: CreateNames,
    ctx: LocksContext,
  ): Promise<LockWant> {
    const want = await super.declareLocks(level, names, ctx);
    this.#attempts.at(-1)?.settled.set(level, want);
    return want;
  }

  override async checkPrereq(names: CreateNames, ctx: PrereqContext): Promise<CreatePlan> {
    this.#note('atCheckPrereq', ctx);
    const plan = await super.checkPrereq(names, ctx);
    this.#note('afterCheckPrereq', ctx);
    return plan;
  }

  override async exec(plan: CreatePlan, ctx: ExecContext): Promise<CreateResult> {
    this.#note('atExec', ctx);
    try {
      return await super.exec(plan, ctx);
    } finally {
      this.#note('atExecEnd', ctx);
    }
  }

  #note(moment: Moment, ctx: PrereqContext): void {
    const hasBigLock = this.#locks().held(ownerId(ctx.jobId)).has(BIG_LOCK);
    const owned: Record<string, readonly string[]> = { cluster: hasBigLock ? ['BGL'] : [] };
    for (const level of LOCK_LEVELS) {
      if (level !== 'cluster') owned[level] = [...ctx.locks.at(level)];
    }
    this.#attempts.at(-1)?.owned.set(moment, owned);
  }
}
