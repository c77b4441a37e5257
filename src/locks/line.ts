/**
 * Waiters in order of precedence. Nearly all newcomers go to the end and nearly all leavers come
 * from the front, so it is an array with a moving front; other places are found by halving.
 */
import type { LockMode, LockName } from '../model/lock.js';
import type { Front } from './heads.js';
import { clash, type Hold } from './hold.js';

/** Freed places at the front are cut off when there are this many, and they are the larger part. */
const MAX_FREED = 64;

/** What decides who goes first. */
export interface Precedence {
  /** The earlier goes first … */
  readonly dueMs: number;
  /** … and among equals the one that came first. No two waiters have the same. */
  readonly order: number;
}

/** Whatever stands in a line for a waiter. */
export interface Standing {
  readonly waiter: Precedence;
  readonly mode: LockMode;
}

/** What a line is for: a lock, the entry of a level, or a level as a whole. */
export type LineKind = 'lock' | 'entry' | 'whole';

/** Whether `a` goes first where the two are in each other's way. */
export function precedes(a: Precedence, b: Precedence): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs;
}

/** Those who wait at one place. A waiter stands in a line at most once. */
export class Line<S extends Standing> implements Front {
  readonly kind: LineKind;
  readonly rank: number;
  /** The lock for which it is, or the whole-set lock of its level. */
  readonly lock: LockName;
  /** The newest hold of the lock, if the line is for a lock. */
  head: Hold | undefined = undefined;
  /** How many of those who stand here want other locks, too. */
  others = 0;
  #members: (S | undefined)[] = [];
  #front = 0;

  constructor(kind: LineKind, rank: number, lock: LockName) {
    this.kind = kind;
    this.rank = rank;
    this.lock = lock;
  }

  get size(): number {
    return this.#members.length - this.#front;
  }

  /** Whether there is a first member, and owners of the lock do not exclude it. */
  get firstMayGo(): boolean {
    const { first } = this;
    return first !== undefined && (this.head === undefined || !clash(this.head, first));
  }

  /** The member that goes first. */
  get first(): S | undefined {
    return this.at(0);
  }

  /** The member at a place, counted from the front. */
  at(place: number): S | undefined {
    const at = this.#front + place;
    // A look outside of an array makes V8 treat every later look as if it could be one.
    return at < this.#members.length ? this.#members[at] : undefined;
  }

  /** The place of the first member that does not precede this waiter. */
  placeOf(waiter: Precedence): number {
    const { first } = this;
    if (first === undefined || !precedes(first.waiter, waiter)) return 0;
    let low = 1;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const member = this.at(middle);
      if (member !== undefined && precedes(member.waiter, waiter)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(member: S): void {
    if (this.#front >= MAX_FREED && this.#front * 2 >= this.#members.length) {
      this.#members = this.#members.slice(this.#front);
      this.#front = 0;
    }
    if (this.#isLast(member)) this.#members.push(member);
    else this.#members.splice(this.#front + this.placeOf(member.waiter), 0, member);
  }

  remove(member: S): void {
    if (this.first === member) {
      this.shift();
      return;
    }
    const place = this.placeOf(member.waiter);
    if (this.at(place) === member) this.#members.splice(this.#front + place, 1);
  }

  /** Takes the first member out. */
  shift(): S | undefined {
    const { first } = this;
    if (first === undefined) return undefined;
    this.#members[this.#front++] = undefined;
    return first;
  }

  /** Members with precedence over a waiter, first to last. */
  *ahead(waiter: Precedence): Generator<S> {
    for (let place = 0; place < this.size; place++) {
      const member = this.at(place);
      if (member === undefined || !precedes(member.waiter, waiter)) return;
      yield member;
    }
  }

  /** Whether owners of the lock, or members with precedence over a newcomer, exclude it. */
  excludes(newcomer: Precedence & Pick<Standing, 'mode'>): boolean {
    if (this.head !== undefined && clash(this.head, newcomer)) return true;
    return this.hasClashAhead(newcomer, newcomer.mode);
  }

  /** Whether a member with precedence over a waiter excludes this mode. */
  hasClashAhead(waiter: Precedence, mode: LockMode): boolean {
    for (let place = this.#front; place < this.#members.length; place++) {
      const member = this.#members[place];
      if (member === undefined || !precedes(member.waiter, waiter)) return false;
      if (mode === 'exclusive' || member.mode === 'exclusive') return true;
    }
    return false;
  }

  /** The first member behind a waiter (or of all) that fits the question. */
  firstBehind(waiter: Precedence | undefined, fits: (member: S) => boolean): S | undefined {
    for (let place = this.#behind(waiter); place < this.size; place++) {
      const member = this.at(place);
      if (member !== undefined && fits(member)) return member;
    }
    return undefined;
  }

  /** All members behind a waiter (or all), first to last. */
  *behind(waiter: Precedence | undefined): Generator<S> {
    for (let place = this.#behind(waiter); place < this.size; place++) {
      const member = this.at(place);
      if (member !== undefined) yield member;
    }
  }

  #isLast(newcomer: S): boolean {
    const last = this.size === 0 ? undefined : this.#members[this.#members.length - 1];
    return last === undefined || precedes(last.waiter, newcomer.waiter);
  }

  #behind(waiter: Precedence | undefined): number {
    if (waiter === undefined) return 0;
    const place = this.placeOf(waiter);
    return this.at(place)?.waiter === waiter ? place + 1 : place;
  }
}
