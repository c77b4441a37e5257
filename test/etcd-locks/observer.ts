/**
 * Watches the store itself and judges every single transaction, without the library's help: what
 * must hold between any two of them, whoever wrote them.
 */
import { expect } from 'vitest';
import type { LockMode, LockName } from '../../src/model/lock.js';
import type { KvChange, KvOp, KvStore } from '../../src/ports/kv-store.js';
import { isSet, levelOf, setOf } from '../locks/naive-model.js';

interface SeenHold {
  readonly lock: LockName;
  readonly mode: LockMode;
}

interface Seen {
  readonly member: string;
  readonly holds: readonly SeenHold[];
  readonly granted?: { readonly said: number };
}

export class Observer {
  readonly #owners = new Map<string, Seen>();
  readonly #alive = new Set<string>();
  readonly #fences = new Map<string, number>();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  /** How many transactions it has judged, and how many of them were writes under a fence. */
  transactions = 0;
  writes = 0;
  /** Most changes of keys in one transaction. */
  mostOps = 0;

  constructor(store: KvStore) {
    this.#ended = this.#follow(store);
  }

  /** Ends; rejects with what was found wrong. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #follow(store: KvStore): Promise<void> {
    for await (const change of store.watch('', 0, this.#stop.signal)) this.#judge(change);
  }

  #judge(change: KvChange): void {
    this.transactions++;
    this.mostOps = Math.max(this.mostOps, change.ops.length);
    const before = new Map(this.#owners);
    for (const op of change.ops) this.#enter(op, change.revision);
    const version = change.ops.find(({ key }) => key === 'locks/version');
    if (version?.op === 'put') this.#judgeTable(change, before, version.value);
    this.#judgeExclusion();
  }

  /** L9: others only add to what an owner of a living member holds. */
  #judgeTable({ ops, revision }: KvChange, before: Map<string, Seen>, version: string): void {
    const { by } = JSON.parse(version) as { by: string };
    expect(this.#alive, 'only who is alive changes the table').toContain(by);
    for (const owner of new Set([...before.keys(), ...this.#owners.keys()])) {
      const [old, now] = [before.get(owner), this.#owners.get(owner)];
      if (old !== undefined && old.member !== by && this.#alive.has(old.member)) {
        expect(now?.holds, `what ${owner} holds`).toEqual(expect.arrayContaining([...old.holds]));
        expect(now?.member).toBe(old.member);
      }
      const gained = now !== undefined && (now.member !== old?.member || gains(old, now));
      const isFenced = ops.some((op) => op.op === 'put' && op.key === `locks/fence/${owner}`);
      if (gained && now.holds.length > 0) expect(isFenced, `the fence of ${owner}`).toBe(true);
      // What was given back and taken again in one transaction looks as before, but is a grant.
      const isGranted = gained || now?.granted?.said !== old?.granted?.said;
      if (!isGranted) expect(isFenced, `the fence of ${owner}`).toBe(false);
      if (isFenced) expect(this.#fences.get(owner)).toBe(revision);
    }
  }

  /** L2, L4: no two owners exclude each other. */
  #judgeExclusion(): void {
    const all = [...this.#owners].flatMap(([owner, { holds }]) =>
      holds.map((hold) => ({ owner, ...hold })),
    );
    for (const a of all) {
      for (const b of all) {
        if (a.owner === b.owner || (a.mode === 'shared' && b.mode === 'shared')) continue;
        const touch = a.lock === b.lock || (isSet(a.lock) && levelOf(a.lock) === levelOf(b.lock));
        expect(touch, `${a.owner} and ${b.owner} at ${a.lock}, ${b.lock}`).toBe(false);
      }
    }
  }

  #enter(op: KvOp, revision: number): void {
    const [room = '', kind = '', ...rest] = op.key.split('/');
    if (room === 'members') {
      if (op.op === 'put') this.#alive.add(kind);
      else this.#alive.delete(kind);
    }
    if (room === 'work' && op.op === 'put') this.#judgeWrite(op.key.slice(5), op.value);
    const owner = rest.join('/');
    if (room === 'locks' && kind === 'fence') {
      if (op.op === 'put') this.#fences.set(owner, revision);
      else this.#fences.delete(owner);
    }
    if (room !== 'locks' || kind !== 'owner') return;
    if (op.op === 'put') this.#owners.set(owner, JSON.parse(op.value) as Seen);
    else this.#owners.delete(owner);
  }

  /** Whoever writes under a fence holds the lock, and works for that owner. */
  #judgeWrite(lock: string, value: string): void {
    this.writes++;
    const [owner = '', member] = value.split(' ');
    const seen = this.#owners.get(owner);
    expect(seen?.member, `who writes ${lock} for ${owner}`).toBe(member);
    const held = seen?.holds.map((hold) => hold.lock);
    expect(held?.includes(lock as LockName) || held?.includes(setOf(lock as LockName))).toBe(true);
  }
}

function gains(old: Seen | undefined, now: Seen): boolean {
  const covers = (hold: SeenHold, { lock, mode }: SeenHold): boolean =>
    (hold.lock === lock || hold.lock === setOf(lock)) &&
    (hold.mode === 'exclusive' || mode === 'shared');
  return now.holds.some((each) => old?.holds.some((hold) => covers(hold, each)) !== true);
}
