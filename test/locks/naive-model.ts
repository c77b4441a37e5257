/**
 * The rules of locking once more, written to be obviously right and however slow: plain lists that
 * are searched from end to end after each change. It shares the library's words and none of its
 * code.
 */
import type { LockLevel, LockMode, LockName } from '../../src/model/lock.js';
import type { LockRequest, LockUnit } from '../../src/ports/lock-manager.js';

const LEVELS: readonly LockLevel[] = [
  'cluster',
  'instance',
  'nodegroup',
  'node',
  'node-res',
  'network',
];

/** Answers of `levelOf`, which is asked all the time. */
const LEVEL_OF = new Map<LockName, LockLevel>();

export interface NaiveHold extends LockRequest {
  readonly owner: string;
}

export interface NaiveWaiter {
  readonly owner: string;
  readonly wants: readonly LockRequest[];
  readonly choice?: SettledChoice;
  readonly dueMs: number;
  readonly order: number;
  /** The claims that count now. */
  claims: readonly LockRequest[];
  /** The last of the claims, or the level whose entry it may not pass. */
  parked: { readonly at: 'lock' | 'entry'; readonly want: LockRequest };
}

export interface NaiveChoice {
  readonly units: readonly LockUnit[];
  readonly mode: LockMode;
  readonly atLeast: number;
}

/** What an owner lacked of each unit when it asked. */
interface SettledChoice extends NaiveChoice {
  readonly lacks: readonly (readonly LockRequest[])[];
}

export type NaiveAnswer = 'granted' | 'waits' | 'order';

export class NaiveLocks {
  readonly agingMs: number;
  holds: NaiveHold[] = [];
  waiters: NaiveWaiter[] = [];
  /** Units that opportunistic requests were granted, newest last. */
  readonly chosen: { owner: string; units: readonly LockUnit[]; atLeast: number }[] = [];
  nowMs = 0;
  #order = 0;

  constructor(agingMs: number) {
    this.agingMs = agingMs;
  }

  acquire(owner: string, requests: readonly LockRequest[], priority = 0): NaiveAnswer {
    const wants = this.missing(owner, requests);
    if (wants === 'order') return 'order';
    return this.#arrive(owner, priority, wants);
  }

  available(owner: string, choice: NaiveChoice, priority = 0): NaiveAnswer {
    const lacks: LockRequest[][] = [];
    for (const unit of choice.units) {
      const wants = this.missing(
        owner,
        unit.map((lock) => ({ lock, mode: choice.mode })),
      );
      if (wants === 'order') return 'order';
      lacks.push(wants);
    }
    return this.#arrive(owner, priority, [], { ...choice, lacks });
  }

  /** Owners whose requests were granted by this, in order. */
  release(owner: string, locks: readonly LockName[]): string[] {
    this.holds = this.holds.filter((hold) => hold.owner !== owner || !locks.includes(hold.lock));
    return this.#settle();
  }

  downgrade(owner: string, locks: readonly LockName[]): string[] {
    this.holds = this.holds.map((hold) =>
      hold.owner === owner && locks.includes(hold.lock) ? { ...hold, mode: 'shared' } : hold,
    );
    return this.#settle();
  }

  narrow(owner: string, level: LockLevel, locks: readonly LockName[]): string[] {
    const own = this.holdsOf(owner).filter((hold) => levelOf(hold.lock) === level);
    const kept = locks.flatMap((lock): NaiveHold[] => {
      const covering = own.filter((hold) => hold.lock === lock || isSet(hold.lock));
      if (covering.length === 0) return [];
      const mode = covering.some((hold) => hold.mode === 'exclusive') ? 'exclusive' : 'shared';
      return [{ owner, lock, mode }];
    });
    this.holds = [...this.holds.filter((hold) => !own.includes(hold)), ...kept];
    return this.#settle();
  }

  withdraw(owner: string): string[] {
    this.waiters = this.waiters.filter((waiter) => waiter.owner !== owner);
    return this.#settle();
  }

  holdsOf(owner: string): NaiveHold[] {
    return this.holds.filter((hold) => hold.owner === owner);
  }

  isWaiting(owner: string): boolean {
    return this.waiters.some((waiter) => waiter.owner === owner);
  }

  /** `lock owner` for all that are in a waiter's way. */
  blockers(waiter: NaiveWaiter): string[] {
    const wants = waiter.choice === undefined ? waiter.wants : waiter.choice.lacks.flat();
    return [...new Set(wants.flatMap((want) => this.#inTheWay(waiter, want)))].sort();
  }

  /** What the owner lacks, sorted; `'order'` if it may not ask for that. */
  missing(owner: string, requests: readonly LockRequest[]): LockRequest[] | 'order' {
    const wants: LockRequest[] = [];
    for (const request of requests) {
      const own = this.holdsOf(owner);
      const covering = own.filter(
        ({ lock }) => lock === request.lock || lock === setOf(request.lock),
      );
      if (covering.some(({ mode }) => mode === 'exclusive')) continue;
      if (covering.length > 0 && request.mode === 'shared') continue;
      if (covering.length > 0) return 'order';
      if (own.some(({ lock }) => compare(request.lock, lock) < 0)) return 'order';
      wants.push(request);
    }
    return strongest(wants);
  }

  #arrive(
    owner: string,
    priority: number,
    wants: readonly LockRequest[],
    choice?: SettledChoice,
  ): NaiveAnswer {
    const nowhere = { at: 'lock', want: { lock: 'cluster/nowhere', mode: 'shared' } } as const;
    const waiter: NaiveWaiter = {
      owner,
      wants,
      ...(choice === undefined ? {} : { choice }),
      dueMs: this.nowMs + priority * this.agingMs,
      order: this.#order++,
      claims: [],
      parked: nowhere,
    };
    if (this.#proceed(waiter)) return 'granted';
    this.waiters = [...this.waiters, waiter].sort((a, b) => (goesFirst(a, b) ? -1 : 1));
    return 'waits';
  }

  /** Looks at all waiters in order, again and again, until nobody can go on. */
  #settle(): string[] {
    for (const waiter of this.waiters) {
      const { at, want } = waiter.parked;
      const isHeldUp =
        at === 'entry' ? this.#barsEntry(waiter, want) : this.#barsLock(waiter, want);
      if (waiter.choice === undefined && isHeldUp) continue;
      const before = JSON.stringify([waiter.claims, waiter.parked]);
      if (this.#proceed(waiter)) {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        return [waiter.owner, ...this.#settle()];
      }
      if (JSON.stringify([waiter.claims, waiter.parked]) !== before) return this.#settle();
    }
    return [];
  }

  #proceed(waiter: NaiveWaiter): boolean {
    if (waiter.choice !== undefined) return this.#choose(waiter, waiter.choice);
    for (const [index, want] of waiter.wants.entries()) {
      if (this.#barsEntry(waiter, want)) {
        waiter.claims = waiter.wants.slice(0, index);
        waiter.parked = { at: 'entry', want };
        return false;
      }
      if (this.#barsLock(waiter, want)) {
        waiter.claims = waiter.wants.slice(0, index + 1);
        waiter.parked = { at: 'lock', want };
        return false;
      }
    }
    this.holds = [...this.holds, ...waiter.wants.map((w) => ({ ...w, owner: waiter.owner }))];
    return true;
  }

  #choose(waiter: NaiveWaiter, { units, lacks, atLeast }: SettledChoice): boolean {
    const isFree = (wants: readonly LockRequest[]): boolean =>
      wants.every((want) => this.#inTheWay(waiter, want).length === 0);
    const free = lacks.filter(isFree);
    if (free.length < atLeast) return false;
    const wants = strongest(free.flat());
    this.chosen.push({
      owner: waiter.owner,
      atLeast,
      units: units.filter((_, at) => free.includes(lacks[at] ?? [])),
    });
    this.holds = [...this.holds, ...wants.map((want) => ({ ...want, owner: waiter.owner }))];
    return true;
  }

  #inTheWay(waiter: NaiveWaiter, want: LockRequest): string[] {
    return [...this.#atEntry(waiter, want), ...this.#atLock(waiter, want)];
  }

  #barsEntry(waiter: NaiveWaiter, want: LockRequest): boolean {
    return this.#atEntry(waiter, want).length > 0;
  }

  #barsLock(waiter: NaiveWaiter, want: LockRequest): boolean {
    return this.#atLock(waiter, want).length > 0;
  }

  /** Who keeps a waiter from entering the level of an object's lock. */
  #atEntry(waiter: NaiveWaiter, want: LockRequest): string[] {
    if (isSet(want.lock)) return [];
    const level = levelOf(want.lock);
    const owners = this.holds.filter(
      (hold) => hold.lock === setOf(want.lock) && clash(hold, want) && hold.owner !== waiter.owner,
    );
    const isInside = this.holdsOf(waiter.owner).some((hold) => levelOf(hold.lock) === level);
    const ahead = isInside ? [] : this.#ahead(waiter);
    const before = ahead.filter(
      (other) =>
        other.claims.some((claim) => claim.lock === setOf(want.lock) && clash(claim, want)) ||
        this.#standsBefore(other, level, want),
    );
    return [...owners, ...before].map(({ owner }) => `${want.lock} ${owner}`);
  }

  /** Who keeps a waiter that has entered the level from having the lock. */
  #atLock(waiter: NaiveWaiter, want: LockRequest): string[] {
    const touches = (other: LockRequest): boolean =>
      clash(other, want) &&
      (other.lock === want.lock ||
        (isSet(want.lock) && levelOf(other.lock) === levelOf(want.lock)));
    const owners = this.holds.filter((hold) => hold.owner !== waiter.owner && touches(hold));
    const ahead = this.#ahead(waiter).filter(
      (other) =>
        other.claims.some(touches) ||
        (isSet(want.lock) && other.parked.at === 'entry' && touches(other.parked.want)) ||
        (isSet(want.lock) && this.#standsBefore(other, levelOf(want.lock), want)),
    );
    return [...owners, ...ahead].map(({ owner }) => `${want.lock} ${owner}`);
  }

  /** Whether an opportunistic request waits before a level for something that clashes. */
  #standsBefore(other: NaiveWaiter, level: LockLevel, want: LockRequest): boolean {
    if (other.choice === undefined || !clash(other.choice, want)) return false;
    const locks = other.choice.lacks.flat().map(({ lock }) => lock);
    locks.sort(compare);
    if (locks[0] === undefined || levelOf(locks[0]) !== level) return false;
    return isSet(want.lock) || locks.includes(want.lock);
  }

  #ahead(waiter: NaiveWaiter): NaiveWaiter[] {
    return this.waiters.filter((other) => other !== waiter && goesFirst(other, waiter));
  }
}

function goesFirst(a: NaiveWaiter, b: NaiveWaiter): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

function clash(a: { readonly mode: LockMode }, b: { readonly mode: LockMode }): boolean {
  return a.mode === 'exclusive' || b.mode === 'exclusive';
}

function strongest(wants: readonly LockRequest[]): LockRequest[] {
  const names = [...new Set(wants.map(({ lock }) => lock))].sort(compare);
  return names.map((lock) => {
    const modes = wants.filter((want) => want.lock === lock).map(({ mode }) => mode);
    return { lock, mode: modes.includes('exclusive') ? 'exclusive' : 'shared' };
  });
}

export function levelOf(lock: LockName): LockLevel {
  const known = LEVEL_OF.get(lock);
  if (known !== undefined) return known;
  const level = LEVELS.find((each) => each === lock.split('/')[0]) ?? 'cluster';
  LEVEL_OF.set(lock, level);
  return level;
}

export function setOf(lock: LockName): LockName {
  return `${levelOf(lock)}/[lockset]`;
}

export function isSet(lock: LockName): boolean {
  return lock === setOf(lock);
}

/** Levels, then the whole set, then names. */
export function compare(a: LockName, b: LockName): number {
  const levels = LEVELS.indexOf(levelOf(a)) - LEVELS.indexOf(levelOf(b));
  if (levels !== 0) return levels;
  if (isSet(a) !== isSet(b)) return isSet(a) ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
