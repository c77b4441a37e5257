/**
 * Joining the processes that share a store on etcd: a lease, a key that goes with it, and a guard
 * that stops us before the lease can end.
 *
 * J1 The key is there from before `joinEtcd` resolves until the lease ends or is given back.
 * J2 The guard fires before the key can go, unless somebody else takes the lease away.
 * J3 Nothing is left behind by joining that fails, but for a lease that ends by itself.
 */
import { ConfigError, ProgrammerError } from '../errors.js';
import { type Clock, type Ids, sleep } from '../ports/clock.js';
import { type Membership, MEMBERS_PREFIX } from '../ports/membership.js';
import type { EtcdCalls, EtcdLease } from './client/etcd-calls.js';
import type { EtcdKvStore } from './etcd-kv-store.js';
import { LeaseGuard } from './lease-guard.js';

/** The calls that a membership lives on. */
export type LeaseClient = Pick<EtcdCalls, 'grantLease' | 'keepLease' | 'revokeLease' | 'txn'>;

/** What joining needs. */
export interface JoinParts {
  readonly client: LeaseClient;
  /** The store's prefix. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly ttlMs: number;
}

/**
 * What joining needs.
 * @public
 */
export interface JoinEtcdOptions {
  /** The store that is shared. It has to stay open: closing it ends the membership. */
  readonly store: EtcdKvStore;
  /** Time. */
  readonly clock: Clock;
  /** Where the member's id comes from. */
  readonly ids: Ids;
  /**
   * How long the others wait for a member that is silent, milliseconds: 15,000 if not given, at
   * least 10,000. The member itself stops after four fifths of it.
   */
  readonly ttlMs?: number;
}

/** A shorter lease would be lost whenever etcd elects a leader, or a process collects garbage. */
const SHORTEST_TTL_MS = 10_000;

/**
 * Joins the processes that share a store: puts the key `members/<id>` with a lease, and says every
 * third of its time that this process lives. When etcd did not acknowledge that for four fifths of
 * the granted time, counted from when it was sent, the membership's signal fires.
 *
 * The monotonic clock stands still while a whole machine sleeps. A process that is woken then may
 * believe in its membership for a moment too long: that is what fences are for.
 *
 * Rejects with `ConfigError` if etcd does not take us, with `ProgrammerError` for a short TTL.
 * @public
 */
export function joinEtcd(options: JoinEtcdOptions): Promise<Membership> {
  const { store, clock, ids, ttlMs = 15_000 } = options;
  return join({ ...store.parts, clock, ids, ttlMs });
}

/** Joins, on any calls that do what etcd's do. */
export async function join(parts: JoinParts): Promise<Membership> {
  const { client, clock, ids, ttlMs } = parts;
  if (!(ttlMs >= SHORTEST_TTL_MS)) {
    throw new ProgrammerError(`ttlMs must be at least ${SHORTEST_TTL_MS}, but it is ${ttlMs}`);
  }
  const id = ids.uuid();
  const sentMs = clock.monotonic();
  const lease = await client.grantLease(Math.ceil(ttlMs / 1_000));
  const guard = new LeaseGuard(clock, sentMs, lease.ttlSeconds);
  try {
    await announce(parts, id, lease);
    if (guard.signal.aborted) throw guard.signal.reason;
  } catch (error) {
    guard.end('joining has failed');
    client.revokeLease(lease.id).catch(() => {});
    throw error;
  }
  const membership = new EtcdMembership(parts, id, lease, guard);
  membership.start();
  return membership;
}

/** Nobody else writes this key, and we write the same each time: it may be sent again. */
async function announce(
  { client, prefix, clock }: JoinParts,
  id: string,
  lease: EtcdLease,
): Promise<void> {
  const key = `${prefix}${MEMBERS_PREFIX}${id}`;
  const value = JSON.stringify({ joinedAtMs: clock.now() });
  await client.txn([], [{ op: 'put', key, value, lease: lease.id }], { repeatable: true });
}

/** See `Membership`. */
class EtcdMembership implements Membership {
  readonly id: string;
  readonly #parts: JoinParts;
  readonly #lease: EtcdLease;
  readonly #guard: LeaseGuard;
  #left: Promise<void> | undefined;

  constructor(parts: JoinParts, id: string, lease: EtcdLease, guard: LeaseGuard) {
    this.id = id;
    this.#parts = parts;
    this.#lease = lease;
    this.#guard = guard;
  }

  get signal(): AbortSignal {
    return this.#guard.signal;
  }

  /** Begins to say every third of the lease's time that we live. */
  start(): void {
    // When the signal fires the loop ends by itself; there is nobody to be told.
    this.#beat().catch(() => {});
  }

  leave(): Promise<void> {
    this.#left ??= this.#leave();
    return this.#left;
  }

  async #leave(): Promise<void> {
    this.#guard.end('this process has left; open the cluster again to go on');
    const timeoutMs = this.#lease.ttlSeconds * 1_000;
    // If it cannot be given back, it ends by itself.
    await this.#parts.client.revokeLease(this.#lease.id, { timeoutMs }).catch(() => {});
  }

  async #beat(): Promise<void> {
    const { clock } = this.#parts;
    const everyMs = (this.#lease.ttlSeconds * 1_000) / 3;
    const { signal } = this.#guard;
    for (let startMs = clock.monotonic(); !signal.aborted; ) {
      await sleep(clock, Math.max(startMs + everyMs - clock.monotonic(), 0), signal);
      startMs = clock.monotonic();
      await this.#renew(startMs, everyMs);
    }
  }

  /** One sign of life. Several members are tried before the next one is due. */
  async #renew(sentMs: number, everyMs: number): Promise<void> {
    const { client } = this.#parts;
    try {
      const rules = { timeoutMs: everyMs, attemptMs: everyMs / 3 };
      const ttlSeconds = await client.keepLease(this.#lease.id, rules);
      if (ttlSeconds > 0) this.#guard.acknowledged(sentMs, ttlSeconds);
      else this.#guard.end('etcd no longer knows that this process is alive; open it again');
    } catch (error) {
      if (error instanceof ConfigError && error.code === 'closed') {
        this.#guard.end('the connection to etcd was closed; open it again');
      }
    }
  }
}
