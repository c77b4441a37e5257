/**
 * Where chains of holds begin, by owner or by lock: one entry for each that holds something, is
 * held or waits. Looking entries up is a large part of what a contested lock costs, so there is no
 * second book of those who wait.
 *
 * H1 An entry is the head of the chain itself. While somebody waits it is a front (the waiter of an
 *    owner, the line of a lock), which keeps the head meanwhile.
 * H2 Who holds nothing and does not wait has no entry.
 */
import type { Hold } from './hold.js';
import { Register } from './register.js';

/** What stands before a chain while somebody waits. */
export interface Front {
  /** The hold at the head of the chain. */
  head: Hold | undefined;
}

export class Heads<K, F extends Front> {
  readonly #entries = new Register<K, Hold | F>();
  #fronts = 0;

  /** How many fronts there are. */
  get fronts(): number {
    return this.#fronts;
  }

  /** The head of a chain, or the front that keeps it. */
  entry(key: K): Hold | F | undefined {
    return this.#entries.get(key);
  }

  /** The entry of a chain whose head is known; it is looked up only if anybody waits. */
  entryBefore(key: K, head: Hold): Hold | F | undefined {
    return this.#fronts === 0 ? head : this.#entries.get(key);
  }

  head(key: K): Hold | undefined {
    return this.#entries.get(key)?.head;
  }

  front(key: K): F | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && isFront(entry) ? entry : undefined;
  }

  /** Changes the head of a chain, whose entry is known. Where nobody waits there is no front. */
  replace(key: K, entry: Hold | F | undefined, head: Hold | undefined): void {
    if (entry === undefined) {
      if (head !== undefined) this.#entries.add(key, head);
    } else if (this.#fronts > 0 && isFront(entry)) entry.head = head;
    else if (head !== undefined) this.#entries.replace(key, head);
    else this.#entries.delete(key);
  }

  /** Puts a front, which has the head already, before its chain. */
  open(key: K, front: F): void {
    if (front.head === undefined) this.#entries.add(key, front);
    else this.#entries.replace(key, front);
    this.#fronts++;
  }

  /** Takes a front away. */
  close(key: K, front: F): void {
    if (front.head === undefined) this.#entries.delete(key);
    else this.#entries.replace(key, front.head);
    this.#fronts--;
  }

  /** A front has become a hold itself, and this is the head of its chain. */
  seat(key: K, front: Hold, head: Hold): void {
    if (head !== front) this.#entries.replace(key, head);
    this.#fronts--;
  }

  /** The heads of all chains, in no particular order. */
  *heads(): Generator<Hold> {
    for (const { head } of this.#entries.values()) if (head !== undefined) yield head;
  }

  /** All fronts, in no particular order. */
  *all(): Generator<F> {
    for (const entry of this.#entries.values()) if (isFront(entry)) yield entry;
  }
}

/** Whether an entry is a front. */
export function isFront<F extends Front>(entry: Hold | F): entry is F {
  return entry.head !== entry;
}
