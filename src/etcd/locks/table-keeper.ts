/**
 * Joins the parts that keep this process's share of the table up to date: what follows the store,
 * what writes to it, the requests that wait, and the owners that are taken over. Owns their
 * lifetime: when one of them cannot go on, all end.
 */
import { isLockLost, LockLost } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { KvStore } from '../../ports/kv-store.js';
import type { LockReport, LockUnit, OwnerId, TakeOver } from '../../ports/lock-manager.js';
import { type Membership, MEMBERS_PREFIX } from '../../ports/membership.js';
import { LockBook } from './book.js';
import { follow, type FollowParts, readAll } from './follow.js';
import { Members } from './members.js';
import { Outbox } from './outbox.js';
import { LOCKS_PREFIX, type OwnerRecord } from './records.js';
import { type Asked, Requests } from './requests.js';
import { TakeOvers } from './take-overs.js';
import { maxMovesOf } from './transaction.js';
import { heldIn, viewOf } from './view.js';
import type { Deed, Word } from './words.js';
import { Writer } from './writer.js';

/** What it runs on. */
export interface KeeperOptions {
  readonly kv: KvStore;
  readonly membership: Membership;
  readonly clock: Clock;
  readonly agingMs: number;
  readonly maxTxnOps: number;
}

/** Longest transaction, characters of its values; etcd takes 1.5 MiB in all. */
const MAX_TXN_LENGTH = 256 * 1024;

export class TableKeeper {
  readonly #options: KeeperOptions;
  readonly #end = new AbortController();
  readonly #book: LockBook;
  readonly #members = new Members();
  readonly #outbox = new Outbox();
  readonly #requests: Requests;
  readonly #takeOvers: TakeOvers;
  readonly #writer: Writer;

  constructor(options: KeeperOptions) {
    const { clock, agingMs, maxTxnOps } = options;
    this.#options = options;
    this.#book = new LockBook(agingMs, maxMovesOf(maxTxnOps));
    this.#requests = new Requests({
      clock,
      blockers: (owner) => this.#book.blockers(owner, this.#shiftMs()),
      takeBack: (asked) => this.#takeBack(asked),
    });
    this.#takeOvers = new TakeOvers({
      clock,
      signal: this.lost,
      giveBack: (owner) => this.say(owner, { do: 'releaseAll' }).settled,
    });
    this.#writer = this.#makeWriter(options);
  }

  /** Fires when everything has ended; its reason is a `LockLost`. */
  get lost(): AbortSignal {
    return this.#end.signal;
  }

  get #member(): string {
    return this.#options.membership.id;
  }

  /** Reads everything and begins. Rejects if that cannot be. */
  async start(): Promise<void> {
    const { signal } = this.#options.membership;
    const locks = this.#followLocks();
    const members = this.#followMembers();
    // Members last: whoever is in the table and not among them is gone.
    const from = [await readAll(locks), await readAll(members)] as const;
    if (signal.aborted) throw lost(signal.reason);
    if (this.lost.aborted) throw this.lost.reason;
    const onEnd = (): void => this.#lose(lost(signal.reason));
    signal.addEventListener('abort', onEnd, { once: true });
    this.lost.addEventListener('abort', () => signal.removeEventListener('abort', onEnd));
    const parts = [follow(locks, from[0]), follow(members, from[1]), this.#writer.run()];
    for (const part of parts) part.catch((error: unknown) => this.#lose(lost(error)));
  }

  /** Says what is left to say, then ends everything. */
  async close(reason: LockLost): Promise<void> {
    if (this.lost.aborted) return;
    this.#requests.failAll(reason);
    await this.#outbox.settled();
    this.#lose(reason);
  }

  /** Asks for locks; see `Requests.add`. */
  ask(
    owner: OwnerId,
    deed: Deed,
    about: Pick<Asked, 'wanted' | 'candidates' | 'wait'>,
  ): Promise<readonly LockUnit[]> {
    const { said } = this.say(owner, deed);
    return this.#requests.add({ owner, said, ...about });
  }

  /** Says something for an owner. */
  say(owner: OwnerId, deed: Deed): ReturnType<Outbox['say']> {
    const said = this.#outbox.say(owner, deed);
    this.#writer.wake();
    return said;
  }

  /** An owner of this member, as the store has it. */
  record(owner: OwnerId): OwnerRecord | undefined {
    const record = this.#book.mirror.owners.get(owner)?.record;
    return record?.member === this.#member ? record : undefined;
  }

  /** The token of an owner of this member. */
  token(owner: OwnerId): number | undefined {
    return this.record(owner) && this.#book.mirror.fence(owner);
  }

  /** Whether an owner is another member's. */
  isForeign(owner: OwnerId): boolean {
    return this.#book.mirror.owners.has(owner) && this.record(owner) === undefined;
  }

  /** Whether an owner has a request under way. */
  isAsking(owner: OwnerId): boolean {
    return this.#requests.has(owner);
  }

  /** What was said for an owner and is not in the store yet. */
  wordsOf(owner: OwnerId): readonly Word[] {
    return this.#outbox.of(owner);
  }

  /** Ends an owner's request with this error, if it has one. */
  fail(owner: OwnerId, error: unknown): void {
    this.#requests.fail(owner, error);
  }

  /** All that is held and all that waits, with times of this process's monotonic clock. */
  report(): LockReport {
    return this.#book.report(this.#shiftMs());
  }

  /** See `LockManager.takeOver`. */
  takeOver(handler: TakeOver): () => void {
    const stop = this.#takeOvers.add(handler);
    this.#writer.wake();
    return stop;
  }

  #makeWriter({ kv, clock, membership, maxTxnOps }: KeeperOptions): Writer {
    return new Writer({
      kv,
      clock,
      member: membership.id,
      book: this.#book,
      members: this.#members,
      outbox: this.#outbox,
      limits: { maxOps: maxTxnOps, maxLength: MAX_TXN_LENGTH },
      signal: this.lost,
      canTakeOver: () => this.#takeOvers.isWanted,
      onChanged: (owners) => this.#look(owners),
      onRefused: ({ owner, said }, refusal) => {
        this.#requests.refuse(owner, said, refusal, this.#shiftMs());
      },
    });
  }

  #followLocks(): FollowParts {
    return {
      ...this.#following(LOCKS_PREFIX),
      load: (entries) => {
        const changed = this.#book.load(entries);
        if (changed !== undefined) this.#see(changed);
        return changed !== undefined;
      },
      apply: (change) => this.#see(this.#book.enter(change)),
    };
  }

  #followMembers(): FollowParts {
    return {
      ...this.#following(MEMBERS_PREFIX),
      load: (entries) => {
        this.#members.load(entries);
        this.#seeMembers();
        return true;
      },
      apply: (change) => {
        this.#members.apply(change);
        this.#seeMembers();
      },
    };
  }

  #following(prefix: string): Pick<FollowParts, 'kv' | 'clock' | 'prefix' | 'signal'> {
    const { kv, clock } = this.#options;
    return { kv, clock, prefix, signal: this.lost };
  }

  #see(changed: Iterable<OwnerId>): void {
    this.#look(changed);
    this.#writer.noteChange();
  }

  #seeMembers(): void {
    if (this.#members.revision(this.#member) === undefined) {
      this.#lose(unknownMember(this.#member));
    }
    this.#writer.noteChange();
  }

  /** The store has something new of these owners. */
  #look(changed: Iterable<OwnerId>): void {
    if (this.lost.aborted) return;
    for (const owner of changed) {
      const record = this.record(owner);
      if (record === undefined) continue;
      this.#outbox.strikeKnown(owner, record);
      this.#requests.look(owner, record);
      if (record.isTakenOver === true) this.#takeOvers.begin(owner);
    }
  }

  #takeBack({ owner, said }: Asked): void {
    if (this.lost.aborted) return;
    const view = viewOf(owner, this.record(owner), this.#outbox.of(owner));
    const keep = new Set(heldIn(view, owner).keys());
    this.say(owner, { do: 'cancel', request: said, keep });
  }

  /** From the table's time to this process's monotonic clock. */
  #shiftMs(): number {
    return Math.trunc(this.#options.clock.monotonic()) - this.#writer.nowMs();
  }

  #lose(reason: LockLost): void {
    if (this.lost.aborted) return;
    this.#end.abort(reason);
    this.#requests.failAll(reason);
    this.#outbox.strike(this.#outbox.words);
    this.#writer.wake();
  }
}

function lost(cause: unknown): LockLost {
  if (isLockLost(cause)) return cause;
  return new LockLost(
    'This process has lost its locks and takes nothing back; another one does, from the journal. ' +
      'Open the cluster again to go on',
    { cause },
  );
}

function unknownMember(id: string): LockLost {
  return new LockLost(
    `The member '${id}' does not count as alive in the store of the locks; join again`,
  );
}
