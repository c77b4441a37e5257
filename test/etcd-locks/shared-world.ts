/**
 * Several processes that share locks, seen as one: plays the histories of `test/locks` through
 * whichever process an owner belongs to.
 */
import fc from 'fast-check';
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import { LockOrderError } from '../../src/errors.js';
import { SharedLockManager } from '../../src/etcd/locks/shared-lock-manager.js';
import type { LockName } from '../../src/model/lock.js';
import { type LockReport, type LockUnit, ownerId } from '../../src/ports/lock-manager.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import {
  AGING_MS,
  LOCKS_OR_NEW,
  OWNERS,
  type Outcome,
  type Seen,
  type Step,
} from '../locks/random-world.js';
import { FakeMembership } from './fake-membership.js';
import { type Fate, Wire, WiredStore, wiredClock } from './wire.js';

/** A source of choices that fast-check can repeat. */
export interface Choices {
  /** A whole number below the limit. */
  next(limit: number): number;
}

/** Choices from a seed; the seed is what fast-check shrinks and prints. */
export const choices: fc.Arbitrary<Choices> = fc
  .infiniteStream(fc.nat(0x7fff_ffff))
  .map((stream): Choices => ({ next: (limit) => (stream.next().value as number) % limit }));

export interface Process {
  readonly name: string;
  readonly manager: SharedLockManager;
  readonly membership: FakeMembership;
  readonly kv: WiredStore;
}

interface Attempt {
  state: 'waits' | 'granted' | 'order' | 'failed';
  error: unknown;
  readonly stop: AbortController;
}

const FAULTS: readonly Fate[] = ['pass', 'pass', 'pass', 'pass', 'lost', 'answer lost', 'late'];

export class SharedWorld {
  readonly clock = new ManualClock();
  readonly store: MemoryKvStore;
  readonly wire: Wire;
  readonly processes: Process[] = [];
  readonly chosen: { owner: string; units: readonly LockUnit[]; atLeast: number }[] = [];
  readonly attempts = new Map<string, Attempt>();
  readonly #choices: Choices;

  private constructor(choices: Choices, history: number) {
    this.#choices = choices;
    this.store = new MemoryKvStore({ history });
    this.wire = new Wire(() => FAULTS[choices.next(FAULTS.length)] ?? 'pass');
  }

  /** `history`: how far watchers may lag behind before they have to read again. */
  static async open(choices: Choices, count: number, history = 1024): Promise<SharedWorld> {
    const world = new SharedWorld(choices, history);
    world.wire.isFaulty = false;
    for (let each = 0; each < count; each++) await world.join(`m${each}`);
    world.wire.isFaulty = true;
    return world;
  }

  async join(name: string): Promise<Process> {
    const kv = new WiredStore(this.store, this.wire);
    const membership = await FakeMembership.join(this.store, name);
    const clock = wiredClock(this.clock, this.wire);
    const opened = SharedLockManager.open({ kv, membership, clock, agingMs: AGING_MS });
    await this.settle();
    const process = { name, membership, kv, manager: await opened };
    this.processes.push(process);
    return process;
  }

  /** Lets everything come to rest. */
  settle(): Promise<void> {
    return this.wire.drain(() => this.#choices.next(0x7fff_ffff));
  }

  /** The process for which an owner works. */
  of(owner: string): Process {
    const at = OWNERS.findIndex((name) => name === owner) % this.processes.length;
    const process = this.processes[at];
    if (process === undefined) throw new Error(`nobody works for '${owner}'`);
    return process;
  }

  /** Says what a step says, and answers without waiting for anything. */
  say(step: Step): 'said' | 'nothing' {
    const { owner: name, action } = step;
    const owner = ownerId(name);
    const { manager } = this.of(name);
    const waits = this.attempts.get(name)?.state === 'waits';
    switch (action.do) {
      case 'acquire':
      case 'available':
        if (waits) return 'nothing';
        this.#ask(step);
        return 'said';
      case 'release': {
        const isAll = action.locks === 'all' && !waits;
        const locks: 'all' | readonly LockName[] =
          action.locks !== 'all' ? action.locks : isAll ? 'all' : LOCKS_OR_NEW;
        void manager.release(owner, locks);
        return 'said';
      }
      case 'narrow':
        void manager.narrow(owner, action.level, action.names);
        return 'said';
      case 'downgrade':
        void manager.downgrade(owner, action.locks);
        return 'said';
      case 'withdraw':
        if (waits) this.attempts.get(name)?.stop.abort();
        return 'said';
      case 'pass':
        return 'said';
    }
  }

  /** Plays a step to its end, like the worlds of `test/locks`. */
  async play(step: Step): Promise<Outcome> {
    const before = this.#waiting();
    if (step.action.do === 'pass') await this.clock.advance(step.action.ms);
    if (this.say(step) === 'nothing') return { answer: 'nothing', letGo: [] };
    await this.settle();
    const letGo = before.filter((name) => this.attempts.get(name)?.state === 'granted').sort();
    const { action } = step;
    const asks = action.do === 'acquire' || action.do === 'available';
    const state = this.attempts.get(step.owner)?.state ?? 'failed';
    if (asks && state === 'failed') throw this.attempts.get(step.owner)?.error;
    return { answer: asks && state !== 'failed' ? state : 'done', letGo };
  }

  /** Everything that can be seen, as one process sees it. */
  see({ manager }: Process): Seen {
    const report = manager.explain();
    return {
      holds: heldBy(report).sort(),
      waiting: report.pending.map(({ owner }) => owner).sort(),
      blockers: Object.fromEntries(
        report.pending.map(({ owner, blockers }) => [
          owner,
          blockers.map((blocker) => `${blocker.lock} ${blocker.owner}`).sort(),
        ]),
      ),
      chosen: this.chosen,
    };
  }

  /** Ends all processes; the timers that are left are messages, and go nowhere. */
  async close(): Promise<void> {
    for (const { membership } of this.processes) membership.stop();
    this.wire.isFaulty = false;
    await this.settle();
  }

  #ask({ owner: name, action }: Step): void {
    const attempt: Attempt = { state: 'waits', error: undefined, stop: new AbortController() };
    this.attempts.set(name, attempt);
    this.#request(name, action, attempt.stop.signal).then(
      () => (attempt.state = 'granted'),
      (error: unknown) => {
        attempt.state = error instanceof LockOrderError ? 'order' : 'failed';
        attempt.error = error;
      },
    );
  }

  async #request(name: string, action: Step['action'], signal: AbortSignal): Promise<void> {
    const { manager } = this.of(name);
    const owner = ownerId(name);
    if (action.do === 'acquire') {
      await manager.acquire(owner, action.requests, { priority: action.priority, signal });
    } else if (action.do === 'available') {
      const { units, mode, atLeast } = action;
      const granted = await manager.acquireAvailable(owner, units, mode, { atLeast, signal });
      this.chosen.push({ owner: name, units: granted, atLeast });
    }
  }

  #waiting(): string[] {
    return [...this.attempts].flatMap(([name, { state }]) => (state === 'waits' ? [name] : []));
  }
}

/** What is held, as `owner mode lock`. */
export function heldBy({ locks }: LockReport): string[] {
  return locks.flatMap(({ name, mode, owner }) =>
    owner.map((holder) => `${holder.owner} ${mode} ${name}`),
  );
}
