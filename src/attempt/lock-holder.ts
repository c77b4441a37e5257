/**
 * The locks of one attempt: takes them level by level, reports waits and grants, and gives all
 * back in the end.
 */
import { Cancelled } from '../errors.js';
import type { Host } from '../host.js';
import { HeldByOwner } from '../locks/held.js';
import { BIG_LOCK, LOCK_LEVELS, type LockMode, type PlannedLevel } from '../locks/level.js';
import type { LockPlan, LockWant, NarrowableLocks } from '../locks/plan.js';
import { type KnownNames, LockResolver } from '../locks/resolver.js';
import type { ConfigReader } from '../ports/config-store.js';
import { type LockWait, type OwnerId, ownerId } from '../ports/lock-manager.js';
import type { Reports } from '../reports.js';
import { untilAborted } from '../until-aborted.js';

/** How to wait, and where to report. */
export interface LockHolderOptions {
  readonly jobId: string;
  readonly reports: Reports;
  readonly signal: AbortSignal;
  readonly priority: number;
  readonly lockTimeoutMs: number | undefined;
  /** Whether opportunistic requests take all that they would choose from. */
  readonly insists: boolean;
}

/** One owner. */
export class LockHolder {
  readonly held: NarrowableLocks;
  readonly #host: Host;
  readonly #options: LockHolderOptions;
  readonly #owner: OwnerId;
  readonly #resolver: LockResolver;

  constructor(host: Host, options: LockHolderOptions) {
    const known = knownNames(host.config);
    this.#host = host;
    this.#options = options;
    this.#owner = ownerId(options.jobId);
    this.#resolver = new LockResolver(host.locks, this.#owner, known);
    this.held = new HeldByOwner(host.locks, this.#owner, known);
  }

  /** Takes the cluster lock. */
  lockCluster(mode: LockMode): Promise<void> {
    const requests = [{ lock: BIG_LOCK, mode }];
    return this.#observed('cluster', async (wait) => {
      await this.#host.locks.acquire(this.#owner, requests, wait);
      return [BIG_LOCK];
    });
  }

  /** Takes the planned locks upward; a deferred level is settled just before. */
  async lockLevels(
    plan: LockPlan,
    settle: (level: PlannedLevel) => LockWant | Promise<LockWant>,
  ): Promise<void> {
    for (const level of LOCK_LEVELS) {
      if (level === 'cluster') continue;
      const planned = plan[level];
      if (planned === undefined) continue;
      const asked = planned === 'deferred' ? await settle(level) : planned;
      const want = this.#options.insists ? insisting(asked) : asked;
      await this.#observed(level, async (wait) => {
        await this.#resolver.take(level, want, plan, wait);
        return [...this.held.at(level)].sort().map((name) => `${level}/${name}`);
      });
    }
  }

  /** Gives everything back. Never throws. */
  releaseAll(): void {
    void this.#host.locks.release(this.#owner, 'all');
  }

  async #observed(
    level: string,
    take: (wait: LockWait) => Promise<readonly string[]>,
  ): Promise<void> {
    const { reports, priority, lockTimeoutMs, signal } = this.#options;
    const startedMs = this.#host.clock.monotonic();
    const locks = await take({
      priority,
      signal,
      onBlocked: (blockers) => reports.emit({ type: 'lockWait', level, blockers }),
      ...(lockTimeoutMs === undefined ? {} : { timeoutMs: lockTimeoutMs }),
    });
    const waitedMs = this.#host.clock.monotonic() - startedMs;
    // What their former holders have changed, perhaps elsewhere, is seen before anything is
    // decided.
    const fresh = this.#host.config.freshen();
    if (fresh !== undefined) await untilAborted(fresh, signal, () => stopped(signal));
    reports.emit({ type: 'lockGranted', locks, waitedMs });
  }
}

function stopped(signal: AbortSignal): Cancelled {
  return new Cancelled('Cancelled while changes of other processes were read', {
    cause: signal.reason,
  });
}

/** All that is there, in place of what is free. */
function insisting(want: LockWant): LockWant {
  if (want.want !== 'available') return want;
  const { among, mode } = want;
  return among === 'all' ? { want: 'all', mode } : { want: 'names', names: among, mode };
}

/** Instances are locked by name, which is locked before there is an instance; all else by id. */
function knownNames(config: ConfigReader): KnownNames {
  const ids = (objects: Iterable<{ readonly id: string }>): string[] =>
    Array.from(objects, (object) => object.id);
  const names: Record<PlannedLevel, () => string[]> = {
    instance: () => Array.from(config.all('instance'), (instance) => instance.name),
    nodegroup: () => ids(config.all('group')),
    node: () => ids(config.all('node')),
    'node-res': () => ids(config.all('node')),
    network: () => ids(config.all('network')),
  };
  return (level) => names[level]();
}
