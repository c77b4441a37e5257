/**
 * Locks within one process: the asynchronous shell around the queue, which decides everything.
 *
 * M1 What can be granted at once is granted without a promise, a timer or a listener.
 * M2 A request ends once: granted, timed out or withdrawn, whichever the queue learns of first. Its
 *    timer and its listener are taken away in the same step.
 */
import { Cancelled, LockTimeout, ProgrammerError } from '../errors.js';
import type { LockLevel, LockMode, LockName } from '../model/lock.js';
import type { Clock } from '../ports/clock.js';
import type {
  AvailableWait,
  LockManager,
  LockReport,
  LockRequest,
  LockUnit,
  LockWait,
  OwnerId,
} from '../ports/lock-manager.js';
import { describeTimeout, locksWantedBy, report } from './explain.js';
import { LOCK_LEVELS, lockName } from './level.js';
import { Deadlines } from './deadlines.js';
import { onAbort } from './limits.js';
import { LockTime } from './lock-time.js';
import { waiterIn } from './owners.js';
import { LockQueue } from './queue.js';
import { AGING_MS, type Limits, Waiter } from './waiter.js';
import { cancelled, checkChoice, checkWait } from './wishes.js';

/** Waits without limit, at normal priority. */
const PATIENTLY: LockWait = {};

/**
 * What a `MemoryLockManager` runs on.
 * @public
 */
export interface MemoryLockOptions {
  /** Time. */
  readonly clock: Clock;
  /**
   * How long a request must have waited to count as one step more urgent, milliseconds. Half an
   * hour if not given, as in Ganeti.
   */
  readonly agingMs?: number;
}

/**
 * Locks for the operations of one process.
 *
 * Requests are served in the order of their priority, and within a priority in the order in which
 * they came. Waiting makes a request more urgent, so that nothing waits for ever. A request that
 * waits holds up later ones that clash with it: a stream of shared owners cannot keep an exclusive
 * request waiting.
 * @public
 */
export class MemoryLockManager implements LockManager {
  readonly #time: LockTime;
  readonly #queue: LockQueue;
  readonly #deadlines: Deadlines<Waiter>;

  /** Nothing is held in the beginning. */
  constructor(options: MemoryLockOptions) {
    const { clock, agingMs = AGING_MS } = options;
    if (!(agingMs > 0)) throw new ProgrammerError(`agingMs must be above 0, but it is ${agingMs}`);
    this.#time = new LockTime(clock);
    this.#queue = new LockQueue(agingMs);
    this.#deadlines = new Deadlines(clock, (waiter, afterMs) => {
      this.#giveUp(waiter, this.#timedOut(waiter, afterMs));
    });
  }

  /** See `LockManager.acquire`. */
  acquire(
    owner: OwnerId,
    requests: readonly LockRequest[],
    wait: LockWait = PATIENTLY,
  ): Promise<void> | undefined {
    const priority = wait === PATIENTLY ? 0 : (checkWait(owner, wait).priority ?? 0);
    const waiter = this.#queue.request(owner, requests, this.#nowMs(), priority);
    return waiter === undefined ? undefined : this.#wait(waiter, wait);
  }

  /** See `LockManager.acquireAvailable`. */
  acquireAvailable(
    owner: OwnerId,
    candidates: readonly LockUnit[],
    mode: LockMode,
    wait: AvailableWait,
  ): Promise<readonly LockUnit[]> | readonly LockUnit[] {
    const { atLeast } = wait;
    checkChoice(owner, candidates, atLeast);
    const { priority = 0 } = checkWait(owner, wait);
    const nowMs = this.#nowMs();
    const waiter = this.#queue.requestAvailable(owner, candidates, mode, atLeast, nowMs, priority);
    if (!(waiter instanceof Waiter)) return waiter;
    return this.#wait(waiter, wait).then(() => waiter.choice?.granted ?? []);
  }

  /** See `LockManager.release`. */
  release(owner: OwnerId, locks: Iterable<LockName> | 'all'): undefined {
    if (locks !== 'all') return this.#letGo(this.#queue.release(owner, locks, this.#sinceMs()));
    let entry = this.#queue.entry(owner);
    const waiter = this.#queue.isQuiet ? undefined : waiterIn(entry);
    if (waiter !== undefined) {
      this.#giveUp(waiter, new Cancelled(`'${owner}' gave all its locks back while it waited`));
      entry = this.#queue.entry(owner);
    }
    if (!this.#queue.giveAll(owner, entry)) return undefined;
    return this.#letGo(this.#queue.goOn(this.#nowMs()));
  }

  /** See `LockManager.narrow`. */
  narrow(owner: OwnerId, level: LockLevel, names: Iterable<string>): undefined {
    const keep = new Set([...names].map((name) => lockName(level, name)));
    const rank = LOCK_LEVELS.indexOf(level);
    return this.#letGo(this.#queue.narrow(owner, rank, keep, this.#sinceMs()));
  }

  /** See `LockManager.downgrade`. */
  downgrade(owner: OwnerId, locks: Iterable<LockName>): undefined {
    return this.#letGo(this.#queue.downgrade(owner, locks, this.#sinceMs()));
  }

  /** See `LockManager.held`. */
  held(owner: OwnerId): ReadonlyMap<LockName, LockMode> {
    return new Map(this.#queue.held(owner).map(({ lock, mode }) => [lock, mode]));
  }

  /** See `LockManager.explain`. */
  explain(): LockReport {
    return report(this.#queue);
  }

  /** Nothing comes between an owner of this process and its locks. */
  fence(): undefined {
    return undefined;
  }

  /** Nothing is under way that could come too late. */
  renew(): Promise<void> {
    return Promise.resolve();
  }

  /** The locks live and die with the process. */
  readonly lost = undefined;

  /** No owner outlives its process. */
  takeOver(): () => void {
    return () => undefined;
  }

  /** From when on waiters that are let go now have their locks; nobody asks if nobody waits. */
  #sinceMs(): number {
    return this.#queue.isQuiet ? 0 : this.#nowMs();
  }

  #nowMs(): number {
    return this.#time.now(this.#queue.isQuiet);
  }

  #wait(waiter: Waiter, wait: LockWait): Promise<void> {
    if (wait.timeoutMs === 0) throw this.#giveUp(waiter, this.#timedOut(waiter, 0));
    // Without a way to reject it: ten thousand of these are a tenth of what waiting weighs.
    const ended = new Promise<void>((resolve) => {
      waiter.settle = resolve;
    });
    if (wait === PATIENTLY) return ended;
    const { timeoutMs, signal, onBlocked } = wait;
    if (timeoutMs !== undefined || signal !== undefined) this.#limit(waiter, timeoutMs, signal);
    if (onBlocked === undefined) return ended;
    try {
      onBlocked(this.#queue.blockers(waiter));
    } catch (error) {
      this.#giveUp(waiter, error as Error);
    }
    return ended;
  }

  #limit(waiter: Waiter, timeoutMs: number | undefined, signal: AbortSignal | undefined): void {
    const limits: Limits = { deadline: undefined, stopListening: undefined };
    waiter.limits = limits;
    if (timeoutMs !== undefined) limits.deadline = this.#deadlines.add(waiter, timeoutMs);
    if (signal === undefined) return;
    const fired = (): unknown => this.#giveUp(waiter, cancelled(waiter.owner, signal));
    limits.stopListening = onAbort(signal, fired);
  }

  /** Ends a wait without a grant. What was in others' way is so no longer. */
  #giveUp<E extends Error>(waiter: Waiter, error: E): E {
    const letGone = this.#queue.withdraw(waiter, this.#nowMs());
    this.#end(waiter, error);
    this.#letGo(letGone);
    return error;
  }

  #timedOut(waiter: Waiter, timeoutMs: number): LockTimeout {
    const blockers = this.#queue.blockers(waiter);
    const wanted = locksWantedBy(waiter);
    return new LockTimeout(describeTimeout(waiter.owner, wanted, timeoutMs, blockers), blockers);
  }

  /** Tells waiters that they have what they waited for. */
  #letGo(waiters: readonly Waiter[]): undefined {
    for (const waiter of waiters) this.#end(waiter);
  }

  #end(waiter: Waiter, error?: Error): void {
    const { limits, settle } = waiter;
    if (limits?.deadline !== undefined) this.#deadlines.remove(limits.deadline);
    limits?.stopListening?.();
    settle?.(error && Promise.reject(error));
    // It stays as a hold, for which nobody waits.
    waiter.limits = undefined;
    waiter.settle = undefined;
  }
}
