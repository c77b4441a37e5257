/**
 * The score: the one place where the order of the phases is written.
 *
 * S1 The request is checked before any lock is taken, the cluster lock included.
 * S2 Whatever ends an attempt, its session gives back locks, claims and undone effects.
 * S3 The operation's success is durable (its journal closed) before post hooks run; post hooks
 *    can fail it only where the hook policy says so, and undo nothing.
 * S4 A retry starts again from the request.
 */
import { ProgrammerError, ResultError, TemporaryShortage } from './errors.js';
import { asLuError, failureOf } from './failure.js';
import type { Host } from './host.js';
import type { PlannedLevel } from './locks/level.js';
import { type LogicalUnit, type Phases, WithJobs } from './lu-base.js';
import { HookPhases } from './hook-phases.js';
import { Reports, type ReportListener } from './reports.js';
import { Session } from './session.js';

/**
 * How to run one operation.
 * @public
 */
export interface RunOptions<Plan = unknown> {
  /** Cancels the operation; what had been done is undone, and `Cancelled` is thrown. */
  readonly signal?: AbortSignal;
  /** Gets every event. */
  readonly onReport?: ReportListener;
  /** Told the plan once everything is decided, just before pre hooks and work. */
  readonly onPlan?: (plan: Plan) => void;
  /** Lower is more urgent, from -20 to 19; 0 if not given (Ganeti's `OP_PRIO_*`). */
  readonly priority?: number;
  /** Most time to wait for the locks of one level, milliseconds; without limit if not given. */
  readonly lockTimeoutMs?: number;
  /** The operation's id; a fresh one if not given. */
  readonly jobId?: string;
}

/**
 * What a dry run shows: the plan, and what would be locked for it.
 * @public
 */
export interface Preview<Plan> {
  /** What `exec` would carry out. */
  readonly plan: Plan;
  /** Names that would be locked while it works, by level. */
  readonly locks: Readonly<Partial<Record<PlannedLevel, readonly string[]>>>;
}

/**
 * Runs Logical Units on a host.
 * @public
 */
export class Processor {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /**
   * Carries an operation out. Rejects with an `LuError`; after that nothing is left behind but
   * what the error's `leaked` names.
   */
  run<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options: RunOptions<P['plan']> = {},
  ): Promise<P['result']> {
    return this.#attempts(lu, op, options, (request, reports) =>
      this.#attempt(lu, request, reports, options),
    );
  }

  /** Does all that precedes the work, and shows the plan. Changes nothing. */
  plan<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options: RunOptions<P['plan']> = {},
  ): Promise<Preview<P['plan']>> {
    return this.#attempts(lu, op, options, async (request, reports) => {
      await using session = this.#open(lu, reports, options);
      const plan = await this.#prepare(lu, request, session, reports);
      if (this.#host.compatibility.hooksInDryRun) {
        await new HookPhases(this.#host, lu, session).pre(plan);
      }
      return { plan, locks: session.heldByLevel() };
    });
  }

  async #attempts<P extends Phases, R>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options: RunOptions<P['plan']>,
    attempt: (request: P['op'], reports: Reports) => Promise<R>,
  ): Promise<R> {
    const reports = new Reports(this.#host.clock);
    if (options.onReport !== undefined) reports.listen(options.onReport);
    for (let request = op; ; ) {
      try {
        return await attempt(request, reports);
      } catch (error) {
        const next =
          error instanceof TemporaryShortage ? lu.prepareRetry(request, error) : undefined;
        if (next === undefined) throw asLuError(error, lu.name);
        reports.emit({ type: 'retry', reason: (error as Error).message });
        request = next;
      }
    }
  }

  async #attempt<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    reports: Reports,
    options: RunOptions<P['plan']>,
  ): Promise<P['result']> {
    await using session = this.#open(lu, reports, options);
    const hooks = new HookPhases(this.#host, lu, session);
    const plan = await this.#prepare(lu, op, session, reports);
    options.onPlan?.(plan);
    await reports.phase('pre-hooks', () => hooks.pre(plan));
    const outcome = await this.#work(lu, plan, session, reports);
    const result = await this.#finish(lu, outcome);
    return reports.phase('post-hooks', () => hooks.post(plan, result));
  }

  #open<P extends Phases>(
    lu: LogicalUnit<P>,
    reports: Reports,
    options: RunOptions<P['plan']>,
  ): Session {
    return new Session(this.#host, {
      jobId: options.jobId ?? this.#host.ids.uuid(),
      opName: lu.name,
      reports,
      signal: options.signal ?? new AbortController().signal,
      priority: options.priority ?? 0,
      lockTimeoutMs: options.lockTimeoutMs,
    });
  }

  async #prepare<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    session: Session,
    reports: Reports,
  ): Promise<P['plan']> {
    try {
      return await this.#decide(lu, op, session, reports);
    } catch (error) {
      // Once the caller has given up, whatever goes wrong goes wrong because of that.
      session.throwIfCancelled();
      throw error;
    }
  }

  async #decide<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    session: Session,
    reports: Reports,
  ): Promise<P['plan']> {
    session.throwIfCancelled();
    const args = await reports.phase('check-arguments', () => lu.checkArguments(op, session));
    await reports.phase('locks', () => session.lockCluster(lu.bigLock));
    const expanded = await reports.phase('expand-names', () => lu.expandNames(args, session));
    await reports.phase('locks', () =>
      session.lockLevels(expanded.locks, (level) =>
        lu.declareLocks(level, expanded.names, session),
      ),
    );
    const plan = await reports.phase('check-prereq', () => lu.checkPrereq(expanded.names, session));
    session.throwIfCancelled();
    return plan;
  }

  async #work<P extends Phases>(
    lu: LogicalUnit<P>,
    plan: P['plan'],
    session: Session,
    reports: Reports,
  ): Promise<P['result'] | WithJobs<P['result']>> {
    try {
      await session.openJournal();
      const outcome = await reports.phase('exec', () => lu.exec(plan, session));
      session.throwIfCancelled();
      await session.closeJournal();
      return outcome;
    } catch (error) {
      const leaked = await session.unwind();
      throw failureOf(error, leaked, session.signal, lu.name);
    }
  }

  async #finish<P extends Phases>(
    lu: LogicalUnit<P>,
    outcome: P['result'] | WithJobs<P['result']>,
  ): Promise<P['result']> {
    const result = outcome instanceof WithJobs ? await this.#submit(lu, outcome) : outcome;
    const checked = lu.resultSchema?.safeParse(result);
    if (checked?.success === false) {
      throw new ResultError(`${lu.name} succeeded but returned what its schema does not allow`, {
        cause: checked.error,
      });
    }
    return result;
  }

  async #submit<P extends Phases>(
    lu: LogicalUnit<P>,
    outcome: WithJobs<P['result']>,
  ): Promise<P['result']> {
    if (this.#host.submitter === undefined) {
      throw new ProgrammerError(`${lu.name} returned follow-up jobs; give the host a submitter`);
    }
    return outcome.result(await this.#host.submitter.submit(outcome.jobs));
  }
}
