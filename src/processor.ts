/**
 * The score: the one place where the order of the phases is written.
 *
 * S1 The request is checked before any lock is taken, the cluster lock included.
 * S2 Whatever ends an attempt, its session gives back locks, claims and undone effects.
 * S3 The operation's success is durable (its journal closed) before post hooks run; post hooks
 *    can fail it only where the hook policy says so, and undo nothing.
 * S4 A retry starts again from the request.
 * S5 No two operations that run have the same id.
 * S6 What an LU does before its work has no effect, so a caller who gives up need not wait for it.
 * S7 Who loses its locks ends with `LockLost` at once, in every phase up to the work's end, and
 *    undoes nothing: its journal is finished by the process that takes over.
 */
import { ClaimRestarts } from './attempt/claims-taken.js';
import { afterTheWork, complete } from './phases/completion.js';
import { isTemporaryShortage, ProgrammerError } from './errors.js';
import { asLuError, failureOf, lossBehind } from './phases/failure.js';
import type { Host } from './host.js';
import { joinSignals } from './ports/joined-signals.js';
import type { PlannedLevel } from './locks/level.js';
import type { LogicalUnit, Phases, WithJobs } from './lu-base.js';
import { HookPhases } from './phases/hook-phases.js';
import { LockLimits } from './phases/lock-limits.js';
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
  /**
   * Time limits of successive attempts instead, milliseconds, as Ganeti has them: when one has
   * passed, all is given back, and the operation starts again with the next; after the
   * last comes an attempt without limit, in which opportunistic requests wait for all locks.
   */
  readonly lockAttemptsMs?: readonly number[];
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

/** What all attempts of one operation share. */
interface Attempt {
  readonly jobId: string;
  readonly reports: Reports;
  readonly signal: AbortSignal;
  readonly lockTimeoutMs: number | undefined;
  readonly insists: boolean;
}

/**
 * Runs Logical Units on a host.
 * @public
 */
export class Processor {
  readonly #host: Host;
  readonly #running = new Set<string>();

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
    return this.#attempts(lu, op, options, (request, about) =>
      this.#attempt(lu, request, about, options),
    );
  }

  /** Does all that precedes the work, and shows the plan. Changes nothing. */
  plan<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options: RunOptions<P['plan']> = {},
  ): Promise<Preview<P['plan']>> {
    return this.#attempts(lu, op, options, async (request, about) => {
      await using session = this.#open(lu, about, options);
      const plan = await this.#prepare(lu, request, session, about.reports);
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
    attempt: (request: P['op'], about: Attempt) => Promise<R>,
  ): Promise<R> {
    const jobId = options.jobId ?? this.#host.ids.uuid();
    this.#enter(jobId);
    const { signal, dispose } = joinSignals([options.signal, this.#host.locks.lost]);
    const about = { jobId, reports: new Reports(this.#host.clock), signal };
    if (options.onReport !== undefined) about.reports.listen(options.onReport);
    try {
      return await this.#tryAndRetry(lu, op, options, about, attempt);
    } finally {
      this.#running.delete(jobId);
      dispose();
    }
  }

  /** Locks and claims are owned by the operation's id: two at once would share them (S5). */
  #enter(jobId: string): void {
    if (this.#running.has(jobId)) {
      throw new ProgrammerError(`Operation ${jobId} is running already; give each its own id`);
    }
    this.#running.add(jobId);
  }

  async #tryAndRetry<P extends Phases, R>(
    lu: LogicalUnit<P>,
    op: P['op'],
    options: RunOptions<P['plan']>,
    about: Omit<Attempt, 'lockTimeoutMs' | 'insists'>,
    attempt: (request: P['op'], about: Attempt) => Promise<R>,
  ): Promise<R> {
    let request: P['op'] | undefined = op;
    const limits = new LockLimits(options);
    for (const restarts = new ClaimRestarts(); ; ) {
      try {
        return await attempt(request, { ...about, ...limits.now });
      } catch (error) {
        this.#throwIfLost(error, lu.name, about.reports);
        const isSame = limits.next(error) || restarts.next(error);
        request = isSame ? request : retryOf(lu, request, error);
        if (request === undefined) throw asLuError(error, lu.name);
        const reason = error instanceof Error ? error.message : '';
        about.reports.emit({ type: 'retry', reason });
      }
    }
  }

  #throwIfLost(error: unknown, opName: string, reports: Reports): void {
    const loss = lossBehind(error, this.#host.locks.lost, opName);
    if (loss === undefined) return;
    reports.warn(loss.message);
    throw loss;
  }

  async #attempt<P extends Phases>(
    lu: LogicalUnit<P>,
    op: P['op'],
    about: Attempt,
    options: RunOptions<P['plan']>,
  ): Promise<P['result']> {
    const { reports } = about;
    await using session = this.#open(lu, about, options);
    const hooks = new HookPhases(this.#host, lu, session);
    const plan = await this.#prepare(lu, op, session, reports);
    options.onPlan?.(plan);
    await session.publishClaims();
    await reports.phase('pre-hooks', () => hooks.pre(plan));
    const outcome = await this.#work(lu, plan, session, reports);
    try {
      const result = await complete(this.#host, lu, outcome);
      return await reports.phase('post-hooks', () => hooks.post(plan, result));
    } catch (error) {
      throw afterTheWork(error, lu.name);
    }
  }

  #open<P extends Phases>(
    lu: LogicalUnit<P>,
    about: Attempt,
    options: RunOptions<P['plan']>,
  ): Session {
    return new Session(this.#host, {
      ...about,
      opName: lu.name,
      priority: options.priority ?? 0,
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
    const args = await reports.phase('check-arguments', () =>
      session.waitFor(lu.checkArguments(op, session)),
    );
    await reports.phase('locks', () => session.lockCluster(lu.bigLock));
    const { names, locks } = await reports.phase('expand-names', () =>
      session.waitFor(lu.expandNames(args, session)),
    );
    await reports.phase('locks', () =>
      session.lockLevels(locks, (level) => session.waitFor(lu.declareLocks(level, names, session))),
    );
    const plan = await reports.phase('check-prereq', () =>
      session.waitFor(lu.checkPrereq(names, session)),
    );
    session.throwIfCancelled();
    return plan;
  }

  async #work<P extends Phases>(
    lu: LogicalUnit<P>,
    plan: P['plan'],
    session: Session,
    reports: Reports,
  ): Promise<P['result'] | WithJobs<P['result']>> {
    const work = async (): Promise<P['result'] | WithJobs<P['result']>> => {
      await session.openJournal();
      const outcome = await reports.phase('exec', () => lu.exec(plan, session));
      session.throwIfCancelled();
      await session.closeJournal();
      return outcome;
    };
    try {
      return await session.whileHeld(work());
    } catch (error) {
      const leaked = await session.unwind();
      throw failureOf(error, leaked, session.signal, lu.name);
    }
  }
}

function retryOf<P extends Phases>(
  lu: LogicalUnit<P>,
  request: P['op'],
  error: unknown,
): P['op'] | undefined {
  return isTemporaryShortage(error) ? lu.prepareRetry(request, error) : undefined;
}
