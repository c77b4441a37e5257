/**
 * What one attempt owns: locks, claims and its undo stack. It is also the context that all phases
 * see, each through its own narrower type.
 *
 * A1 Disposing gives everything back, whatever happened, and never throws.
 * A2 Undo is shielded: cancelling the operation does not cancel taking it back.
 * A3 Who has lost its locks changes nothing any more and takes nothing back (port, P5).
 */
import { bindRpc } from './attempt/bound-rpc.js';
import type { Compatibility } from './compatibility.js';
import { ClaimsTaken } from './attempt/claims-taken.js';
import { Cancelled, isLockLost, type Leak, type LockLost, messageOf, refuse } from './errors.js';
import type { Host } from './host.js';
import { JournalSlot } from './attempt/journal-slot.js';
import { LOCK_LEVELS, type LockMode, type PlannedLevel } from './locks/level.js';
import type { LockPlan, LockWant, NarrowableLocks } from './locks/plan.js';
import { LockHolder } from './attempt/lock-holder.js';
import type { ConfigWriter, ExecContext } from './lu-base.js';
import { areShared, fenceOf, lossOf, throwIfLost } from './fenced/owner-fence.js';
import type { Allocator } from './ports/allocator.js';
import type { CapacityClaims } from './ports/capacity.js';
import type { Clock } from './ports/clock.js';
import type { OwnedReservations } from './ports/config-store.js';
import type { FenceSource } from './ports/fence.js';
import type { Hypervisor } from './ports/hypervisor.js';
import type { UndoStack } from './ports/journal.js';
import { ownerId } from './ports/lock-manager.js';
import type { NameResolver } from './ports/name-resolver.js';
import type { NodeRpc } from './ports/node-rpc.js';
import type { Site } from './ports/site.js';
import type { Reports } from './reports.js';
import { SessionCapacity } from './attempt/session-capacity.js';
import { SessionConfig } from './attempt/session-config.js';
import { untilAborted } from './until-aborted.js';

/** What makes one attempt different from another. */
export interface SessionOptions {
  readonly jobId: string;
  readonly opName: string;
  readonly reports: Reports;
  readonly signal: AbortSignal;
  readonly priority: number;
  readonly lockTimeoutMs: number | undefined;
  readonly insists: boolean;
}

/** One attempt's belongings. */
export class Session implements ExecContext, AsyncDisposable {
  readonly jobId: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly compatibility: Compatibility;
  readonly site: Site;
  readonly report: Reports;
  readonly resolver: NameResolver;
  readonly config: ConfigWriter;
  readonly locks: NarrowableLocks;
  readonly rpc: NodeRpc;
  readonly reserve: OwnedReservations;
  readonly capacity: CapacityClaims;
  readonly undo: UndoStack;
  /** What proves that the locks are still its own; throws `LockLost` if they are not. */
  readonly fence: FenceSource;
  readonly #host: Host;
  readonly #opName: string;
  readonly #holder: LockHolder;
  readonly #journal: JournalSlot;
  #hasPublished = false;

  constructor(host: Host, options: SessionOptions) {
    const { jobId, reports, signal } = options;
    this.#host = host;
    this.#opName = options.opName;
    this.jobId = jobId;
    this.signal = signal;
    this.report = reports;
    this.clock = host.clock;
    this.compatibility = host.compatibility;
    this.site = host.site;
    this.resolver = host.resolver;
    const fence = fenceOf(host.locks, ownerId(jobId));
    this.fence = fence;
    const { rpc, config, clock } = host;
    this.rpc = bindRpc({ rpc, config, reports, clock, signal, fence });
    const reserve = host.config.reservations(jobId);
    this.reserve = reserve;
    const onPublish = (): void => {
      this.#hasPublished ||= areShared(host.locks);
    };
    this.capacity = new SessionCapacity({ reserve, fence, reports, onPublish });
    this.#holder = new LockHolder(host, options);
    this.locks = this.#holder.held;
    const journal = new JournalSlot(host, { ...options, fence });
    this.#journal = journal;
    this.undo = journal;
    this.config = new SessionConfig(config, { owner: jobId, fence, journal, reports });
  }

  /** A hypervisor of the host. */
  readonly hypervisor = (name: string): Hypervisor =>
    this.#host.hypervisors.find((candidate) => candidate.name === name) ??
    refuse.input(
      `Hypervisor '${name}' is not set up here; use one of: ${names(this.#host.hypervisors)}`,
    );

  /** An allocator of the host. */
  readonly allocator = (name: string): Allocator =>
    this.#host.allocators.find((candidate) => candidate.name === name) ??
    refuse.input(
      `Allocator '${name}' is not set up here; use one of: ${names(this.#host.allocators)}`,
    );

  /** Waits for an LU, but no longer than the caller does. Only before the work: see S6. */
  waitFor<T>(work: T | Promise<T>): T | Promise<T> {
    return untilAborted(work, this.signal, () => this.#cancellation());
  }

  /**
   * Waits for work that has effects, but no longer than the locks are held: then all that it still
   * tries is refused, and waiting for it could take as long as the network is down (A3).
   */
  whileHeld<T>(work: T | Promise<T>): T | Promise<T> {
    const { lost } = this.#host.locks;
    return lost === undefined ? work : untilAborted(work, lost, () => lossOf(lost));
  }

  /** Throws if the caller has cancelled, or if the locks are lost. */
  throwIfCancelled(): void {
    if (this.signal.aborted) throw this.#cancellation();
  }

  #cancellation(): Cancelled | LockLost {
    const { lost } = this.#host.locks;
    if (lost?.aborted === true) return lossOf(lost);
    return new Cancelled(`${this.#opName} was cancelled before it had changed anything`, {
      cause: this.signal.reason,
    });
  }

  /** Takes the cluster lock. */
  lockCluster(mode: LockMode): Promise<void> {
    return this.#holder.lockCluster(mode);
  }

  /** Takes the planned locks, level by level; deferred levels are settled just before. */
  lockLevels(
    plan: LockPlan,
    settle: (level: PlannedLevel) => LockWant | Promise<LockWant>,
  ): Promise<void> {
    return this.#holder.lockLevels(plan, settle);
  }

  /** The names held, by level; levels without any are left out. */
  heldByLevel(): Readonly<Partial<Record<PlannedLevel, readonly string[]>>> {
    const held: Partial<Record<PlannedLevel, readonly string[]>> = {};
    for (const level of LOCK_LEVELS) {
      if (level === 'cluster') continue;
      const at = [...this.locks.at(level)];
      if (at.length > 0) held[level] = at.sort();
    }
    return held;
  }

  /**
   * Tells other processes what was claimed; `undefined` if there are none. Rejects with
   * `ClaimsTaken` if another one was faster.
   */
  publishClaims(): Promise<void> | undefined {
    const isNeeded = areShared(this.#host.locks) && this.reserve.size > 0;
    return isNeeded ? this.#publish() : undefined;
  }

  async #publish(): Promise<void> {
    // What may have been written has to be dropped, whatever the answer was.
    this.#hasPublished = true;
    const taken = await this.reserve.publish(this.fence);
    if (taken !== undefined) throw new ClaimsTaken(this.#opName, taken);
  }

  /** From here on undo entries are taken. */
  openJournal(): Promise<void> {
    const about = this.heldByLevel().instance ?? [];
    return this.#journal.open(about.length === 0 ? 'the cluster' : `instance ${about.join(', ')}`);
  }

  /** The work succeeded, for good. */
  closeJournal(): Promise<void> {
    return this.#journal.close();
  }

  /**
   * Takes back what was done; what could not be is returned, and stays in the journal. Rejects with
   * `LockLost` if it may not take anything back (A3).
   */
  async unwind(): Promise<readonly Leak[]> {
    try {
      throwIfLost(this.#host.locks);
      return await this.report.phase('undo', () => this.#journal.unwind());
    } finally {
      this.#journal.abandon();
    }
  }

  /** Gives everything back (A1), but what others know of and may have taken over (A3). */
  async [Symbol.asyncDispose](): Promise<void> {
    this.reserve.release();
    if (this.#hasPublished) await this.#dropClaims();
    this.#holder.releaseAll();
  }

  async #dropClaims(): Promise<void> {
    try {
      await this.#host.config.dropClaims(this.jobId, this.fence);
    } catch (error) {
      if (isLockLost(error)) return;
      const reason = messageOf(error);
      this.report.warn(`Claims of ${this.#opName} stay until recovery drops them: ${reason}`);
    }
  }
}

function names(things: readonly { readonly name: string }[]): string {
  return things.map((thing) => thing.name).join(', ') || 'none';
}
