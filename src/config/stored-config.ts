/**
 * The configuration on a key-value store: one record per object, all of it also in memory.
 *
 * K1 Memory changes only after the store has said that the commit is durable; a commit that failed
 *    leaves memory as it was.
 * K2 Commits of this process run one after the other; other processes are met by comparing what a
 *    commit touches, and what both would take.
 */
import { ConfigError } from '../errors.js';
import type { Clock, Ids } from '../ports/clock.js';
import type {
  CommitOptions,
  ConfigDraft,
  ConfigStore,
  OwnedReservations,
} from '../ports/config-store.js';
import type { FenceSource } from '../ports/fence.js';
import { fencedTxn } from '../ports/fenced-txn.js';
import type { ReportEvents } from '../ports/reporter.js';
import { type Shared, catchUp, catchUpTo, freshen, tidings } from './catch-up.js';
import { ClaimPublisher } from './claim-publisher.js';
import { ConfigView } from './config-view.js';
import { type PlannedCommit, planCommit } from './plan-commit.js';
import { Claims } from './reservations.js';
import { Turnstile } from './turnstile.js';

/** How often a commit starts again because other processes were faster. */
const ATTEMPTS = 100;

/**
 * The configuration on a key-value store.
 * @public
 */
export interface ClusterConfig extends ConfigStore {
  /**
   * How many values are reserved by operations now, and how many of these have claimed room on
   * nodes; 0 when none runs.
   */
  readonly claimCount: number;
  /**
   * Ends following other processes and refuses further commits; waits for the one under way. The
   * store stays open: it is its owner's. Twice is harmless.
   */
  close(): Promise<void>;
}

/** What the configuration is made of. */
export interface ConfigParts extends Shared {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly onCommit: ((event: ReportEvents['commit']) => void) | undefined;
}

/** A commit that was made, and is not in memory yet. */
interface Unseen {
  readonly seenAt: number;
}

/** The configuration, opened. */
export class StoredConfig extends ConfigView implements ClusterConfig {
  readonly #parts: ConfigParts;
  readonly #publisher: ClaimPublisher;
  readonly #choosing = new Turnstile();
  #closed = false;

  constructor(parts: ConfigParts) {
    super(parts.tables);
    this.#parts = parts;
    this.#publisher = new ClaimPublisher(parts);
  }

  /** Reserved values of all kinds. */
  get claimCount(): number {
    const { reserved, capacity } = this.#parts.tables;
    return Object.values(reserved).reduce((sum, table) => sum + table.size(), capacity.size);
  }

  /** A commit. */
  async commit(
    why: string,
    recipe: (draft: ConfigDraft) => void,
    options: CommitOptions = {},
  ): Promise<void> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const missed = await this.#parts.turnstile.run(() => this.#attempt(why, recipe, options));
      if (missed === undefined) return;
      if ('seenAt' in missed) return catchUpTo(this.#parts, missed.seenAt);
      await catchUp(this.#parts, missed.compare);
    }
    throw new ConfigError(
      `'${why}' met other processes' changes ${ATTEMPTS} times in a row; try again later`,
      'conflict',
    );
  }

  /** Nothing to wait for where there is nobody to follow. */
  freshen(): Promise<void> | undefined {
    const { follower } = this.#parts;
    return follower && freshen(this.#parts, follower);
  }

  /** A set of claims. */
  reservations(owner: string): OwnedReservations {
    const { tables, ids } = this.#parts;
    const [publisher, choosing] = [this.#publisher, this.#choosing];
    return new Claims(owner, { tables, ids, publisher, choosing });
  }

  /** Who has published claims. */
  claimants(): readonly string[] {
    return [...this.#parts.tables.published.keys()];
  }

  /** Takes published claims back. */
  dropClaims(owner: string, fence?: FenceSource): Promise<void> {
    return this.#publisher.drop(owner, fence);
  }

  /** Ends. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#parts.follower?.stop();
    await this.#parts.turnstile.run(() => Promise.resolve());
  }

  /**
   * Plans and writes once; gives back the plan if others were faster. `seenAt`: it was written, at
   * this revision or before; the watch brings it in like a change of others.
   */
  async #attempt(
    why: string,
    recipe: (draft: ConfigDraft) => void,
    { owner, fence, alongside = [] }: CommitOptions,
  ): Promise<PlannedCommit | Unseen | undefined> {
    if (this.#closed) throw new ConfigError('The configuration is closed; open it again', 'closed');
    const { tables, clock } = this.#parts;
    const plan = planCommit(recipe, { tables, owner, nowMs: clock.now() });
    if (plan.changes.length + alongside.length === 0) return undefined;
    tables.inFlight = plan.claims;
    try {
      const news = plan.changes.length > 0 ? tidings(this.#parts) : [];
      const ops = [...plan.ops, ...alongside, ...news];
      const result = await fencedTxn(this.#parts.store, fence, plan.compare, ops);
      if (!result.committed) return plan;
      if (result.isFoundOut === true && plan.changes.length > 0) {
        if (this.#parts.follower !== undefined) return { seenAt: result.revision };
      }
      if (plan.changes.length > 0) this.#keep(why, plan, result.revision);
      return undefined;
    } finally {
      tables.inFlight = [];
      for (const claim of plan.claims) tables.freed(claim);
    }
  }

  /** Takes over what the store has kept. */
  #keep(why: string, { changes, guards }: PlannedCommit, revision: number): void {
    const { tables, follower, onCommit } = this.#parts;
    if (guards) tables.claimsRevision = revision;
    tables.apply(changes, revision);
    follower?.own(revision);
    onCommit?.({ why, serial: tables.serial });
  }
}
