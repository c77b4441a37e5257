/**
 * Looks at each state of the lock table in the store, by simple rules of its own.
 *
 * B1 Exclusive excludes all others, the lock of a level all of the level.
 * B2 An owner passes to another process only when its own is known to have stopped, unless it stands
 *    still or is dead: nobody is surprised by having lost its locks while it runs.
 * B3 No lost wake-up: whoever stands first of all, and waits for nothing that is held, is not left
 *    waiting.
 * B4 Order: nobody is let go who clashes with somebody of the same process of asking, that is of the
 *    same priority, who came before, waits for the same lock, and waits on.
 * B5 Tokens grow with each owner of a lock.
 */
import type { OwnerRecord } from '../../src/etcd/locks/records.js';
import { decodeRecord, decodeVersion, parseKey } from '../../src/etcd/locks/records.js';
import type { KvOp } from '../../src/ports/kv-store.js';
import type { LockRequest, OwnerId } from '../../src/ports/lock-manager.js';
import type { Violations } from './violations.js';

/** What is known of processes and owners beside the table. */
export interface Background {
  /** Whether a member's process runs and believes in its locks. */
  readonly believes: (member: string) => boolean;
  /** How urgent an owner's requests are. */
  readonly priorityOf: (owner: string) => number;
}

export class TableWatch {
  readonly counts = { grants: 0, waits: 0, takeOvers: 0 };
  readonly #violations: Violations;
  readonly #background: Background;
  readonly #owners = new Map<OwnerId, OwnerRecord>();
  /** The token of the last one who had a lock to himself, and that of the last one who had it. */
  readonly #tokens = new Map<string, { exclusive: number; any: number }>();
  #isSettled = true;

  constructor(violations: Violations, background: Background) {
    this.#violations = violations;
    this.#background = background;
  }

  /** Who is in the table. */
  get owners(): ReadonlyMap<OwnerId, OwnerRecord> {
    return this.#owners;
  }

  /** A transaction was carried out. */
  changed(ops: readonly KvOp[], revision: number): void {
    const before = new Map(this.#owners);
    const renewed = new Set<OwnerId>();
    let isTable = false;
    for (const op of ops) {
      const about = parseKey(op.key);
      if (about === undefined) continue;
      if (about.kind === 'version') {
        isTable = true;
        this.#isSettled = op.op === 'delete' || decodeVersion(op.key, op.value).isSettled;
      }
      if (about.kind === 'fence' && op.op === 'put') renewed.add(about.owner);
      if (about.kind !== 'owner') continue;
      if (op.op === 'delete') this.#owners.delete(about.owner);
      else this.#owners.set(about.owner, decodeRecord(op.key, op.value));
    }
    if (isTable) this.#look(before, renewed, revision);
  }

  #look(
    before: ReadonlyMap<OwnerId, OwnerRecord>,
    renewed: ReadonlySet<OwnerId>,
    revision: number,
  ): void {
    this.#exclusion();
    if (this.#isSettled) this.#lostWakeUp();
    for (const [owner, record] of this.#owners) {
      const old = before.get(owner);
      if (old === record) continue;
      if (old !== undefined && old.member !== record.member) this.#takenOver(owner, old, renewed);
      if (record.request !== undefined && old?.request === undefined) this.counts.waits++;
      const gained = gainsOf(old, record);
      if (gained.length === 0) continue;
      this.counts.grants++;
      if (!renewed.has(owner)) this.#violations.add(`${owner} was granted locks without a token`);
      this.#order(before, owner, old, gained);
      this.#token(owner, gained, revision);
    }
  }

  #exclusion(): void {
    const holders = new Map<string, [OwnerId, string][]>();
    for (const [owner, { holds }] of this.#owners) {
      for (const { lock, mode } of holds) {
        const others = holders.get(lock) ?? [];
        holders.set(lock, [...others, [owner, mode]]);
      }
    }
    for (const [lock, own] of holders) {
      const all = [...own, ...(isWhole(lock) ? [] : (holders.get(wholeOf(lock)) ?? []))];
      for (const [owner, mode] of own) {
        const other = all.find(([name, how]) => {
          return name !== owner && (mode === 'exclusive' || how === 'exclusive');
        });
        if (other !== undefined) this.#violations.add(`${lock}: ${owner} and ${other[0]} have it`);
      }
    }
  }

  #lostWakeUp(): void {
    let first: [OwnerId, NonNullable<OwnerRecord['request']>] | undefined;
    for (const [owner, { request }] of this.#owners) {
      if (request === undefined) continue;
      if (first === undefined || isBefore(request, first[1])) first = [owner, request];
    }
    if (first === undefined || first[1].choice !== undefined) return;
    const [owner, { wants }] = first;
    const isFree = wants.every((want) => !this.#isTaken(owner, want));
    if (isFree) this.#violations.add(`${owner} waits for locks that are free, before all others`);
  }

  #isTaken(owner: OwnerId, want: LockRequest): boolean {
    for (const [other, { holds }] of this.#owners) {
      if (other !== owner && holds.some((hold) => clash(hold, want))) return true;
    }
    return false;
  }

  #takenOver(owner: OwnerId, old: OwnerRecord, renewed: ReadonlySet<OwnerId>): void {
    this.counts.takeOvers++;
    if (!renewed.has(owner)) this.#violations.add(`${owner} was taken over with its old token`);
    if (this.#background.believes(old.member)) {
      this.#violations.add(`${owner} was taken over from ${old.member}, which runs and believes`);
    }
  }

  /** Only those who hold nothing: who does is inside already, and goes before those outside. */
  #order(
    before: ReadonlyMap<OwnerId, OwnerRecord>,
    owner: OwnerId,
    old: OwnerRecord | undefined,
    gained: readonly LockRequest[],
  ): void {
    if (old !== undefined && old.holds.length > 0) return;
    for (const [other, { request }] of this.#owners) {
      if (other === owner || request?.choice !== undefined || request?.wants.length !== 1) continue;
      const waited = before.get(other)?.request;
      if (
        waited?.said !== request.said ||
        before.get(other)?.member !== this.#owners.get(other)?.member
      )
        continue;
      const mine = old?.request;
      // Who was granted at once came after all who wait, but may be more urgent.
      if (mine === undefined && this.#background.priorityOf(owner) < request.priority) continue;
      if (mine !== undefined && (isBefore(mine, request) || mine.choice !== undefined)) continue;
      const [want] = request.wants;
      if (want !== undefined && gained.some((gain) => clash(gain, want))) {
        this.#violations.add(`${owner} got ${want.lock} before ${other}, which waits longer`);
      }
    }
  }

  #token(owner: OwnerId, gained: readonly LockRequest[], token: number): void {
    for (const { lock, mode } of gained) {
      const last = this.#tokens.get(lock) ?? { exclusive: 0, any: 0 };
      if (token < last.any) this.#violations.add(`${owner} has an older token of ${lock}`);
      this.#tokens.set(lock, {
        exclusive: mode === 'exclusive' ? token : last.exclusive,
        any: token,
      });
    }
  }
}

function gainsOf(old: OwnerRecord | undefined, { holds }: OwnerRecord): readonly LockRequest[] {
  return holds.filter(({ lock, mode }) => {
    return !(old?.holds ?? []).some((had) => {
      const covers = had.lock === lock || had.lock === wholeOf(lock);
      return covers && (had.mode === mode || had.mode === 'exclusive');
    });
  });
}

function isBefore(
  a: { readonly dueMs: number; readonly order: number },
  b: { readonly dueMs: number; readonly order: number },
): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs;
}

function clash(a: LockRequest, b: LockRequest): boolean {
  if (a.mode === 'shared' && b.mode === 'shared') return false;
  if (a.lock === b.lock) return true;
  return (
    (isWhole(a.lock) && wholeOf(b.lock) === a.lock) ||
    (isWhole(b.lock) && wholeOf(a.lock) === b.lock)
  );
}

function wholeOf(lock: string): string {
  return `${lock.slice(0, lock.indexOf('/'))}/[lockset]`;
}

function isWhole(lock: string): boolean {
  return lock.endsWith('/[lockset]');
}
