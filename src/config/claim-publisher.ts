/**
 * Publishes the claims of operations where other processes work on the same store, and takes them
 * back. Alone on a store there is nobody to tell, and nothing is written.
 */
import { ConfigError } from '../errors.js';
import type { ClaimedByOthers } from '../ports/capacity.js';
import type { FenceSource } from '../ports/fence.js';
import { fencedTxn } from '../ports/fenced-txn.js';
import type { KvCompare, KvOp } from '../ports/kv-store.js';
import { isOvertaken } from './capacity.js';
import { type Shared, catchUp, tidings } from './catch-up.js';
import { CLAIMS_KEY } from './codec.js';
import { type Claim, INDEX_WORDS } from './facts.js';
import { claimedKey, encodeClaims, forgetClaims, keepClaims } from './published-claims.js';

/** How often publishing starts again because other processes took something else meanwhile. */
const ATTEMPTS = 100;

/** What came of one try. */
type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'taken'; readonly words: string }
  | { readonly kind: 'missed'; readonly compare: readonly KvCompare[] };

/** What an operation wants others to know. */
export interface Publication {
  readonly owner: string;
  /** Values; `as-before`: those of the last time, whoever has them by now. */
  readonly claims: readonly Claim[] | 'as-before';
  readonly fence: FenceSource | undefined;
  /** Others' room on nodes that its own choice was made with; absent: it chooses nothing now. */
  readonly seen?: ClaimedByOthers;
}

/** Publishes claims. */
export class ClaimPublisher {
  readonly #parts: Shared;

  constructor(parts: Shared) {
    this.#parts = parts;
  }

  /** See `OwnedReservations.publish`. */
  async publish(publication: Publication): Promise<string | undefined> {
    if (this.#parts.follower === undefined) return undefined;
    const { owner } = publication;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const outcome = await this.#parts.turnstile.run(() => this.#try(publication));
      if (outcome.kind === 'done') return undefined;
      if (outcome.kind === 'taken') return outcome.words;
      await catchUp(this.#parts, outcome.compare);
    }
    throw new ConfigError(
      `Operation ${owner} could not claim what it needs: other processes claimed something ` +
        `${ATTEMPTS} times in a row; try again later`,
      'conflict',
    );
  }

  /** See `ConfigStore.dropClaims`. */
  async drop(owner: string, fence: FenceSource | undefined): Promise<void> {
    const { follower, tables, turnstile } = this.#parts;
    if (follower === undefined) return;
    await turnstile.run(async () => {
      // The record may not have come by the watch yet, or may have gone without our knowing.
      const known = tables.published.get(owner)?.revision ?? (await this.#revisionOf(owner));
      for (let revision = known; revision > 0; revision = await this.#revisionOf(owner)) {
        if (await this.#dropAt(owner, revision, fence)) break;
      }
      forgetClaims(tables, owner);
    });
  }

  async #dropAt(owner: string, at: number, fence: FenceSource | undefined): Promise<boolean> {
    const key = claimedKey(owner);
    const { store, follower } = this.#parts;
    const compare = [{ key, revision: at }];
    const ops: KvOp[] = [{ op: 'delete', key }, ...tidings(this.#parts)];
    const { committed, revision, isFoundOut } = await fencedTxn(store, fence, compare, ops);
    if (committed && isFoundOut !== true) follower?.own(revision);
    return committed;
  }

  async #revisionOf(owner: string): Promise<number> {
    return (await this.#parts.store.get(claimedKey(owner)))?.revision ?? 0;
  }

  async #try({ owner, claims: wanted, fence, seen }: Publication): Promise<Outcome> {
    const { store, tables, follower } = this.#parts;
    const known = tables.published.get(owner);
    const isNew = wanted !== 'as-before';
    const claims = isNew ? wanted : (known?.claims ?? []);
    const capacity = tables.capacity.get(owner) ?? [];
    if (seen !== undefined && isOvertaken(tables.capacity, owner, capacity, seen)) {
      return { kind: 'taken', words: 'room on a node was claimed' };
    }
    const lost = isNew && claims.find((claim) => tables.holder(claim.index, claim.value) !== owner);
    if (typeof lost === 'object') return { kind: 'taken', words: this.#wordsFor(lost) };
    const key = claimedKey(owner);
    const compare = [
      { key: CLAIMS_KEY, revision: tables.claimsRevision },
      { key, revision: known?.revision ?? 0 },
    ];
    const { committed, revision } = await fencedTxn(store, fence, compare, [
      { op: 'put', key: CLAIMS_KEY, value: '1' },
      { op: 'put', key, value: encodeClaims(claims, capacity) },
      ...tidings(this.#parts),
    ]);
    if (!committed) return { kind: 'missed', compare };
    tables.claimsRevision = revision;
    keepClaims(tables, owner, { revision, claims: [...claims], capacity });
    follower?.own(revision);
    return { kind: 'done' };
  }

  #wordsFor(claim: Claim): string {
    const holder = this.#parts.tables.holder(claim.index, claim.value);
    const by = holder === undefined ? 'was taken' : `now belongs to ${holder}`;
    return `the ${INDEX_WORDS[claim.index]} '${claim.value}' ${by}`;
  }
}
