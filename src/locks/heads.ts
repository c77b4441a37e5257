/**
 * Where the chains of locks' holds begin: one entry for each lock that is held or waited for.
 *
 * H1 An entry is the head of the chain itself. While somebody waits it is a front (the line of the
 *    lock), which keeps the head meanwhile.
 * H2 A lock that nobody holds and nobody waits for has no entry.
 */
import type { LockName } from '../model/lock.js';
import type { Hold } from './hold.js';
import { Register } from './register.js';

/** What stands before a chain while somebody waits. */
export interface Front {
  /** The hold at the head of the chain. */
  head: Hold | undefined;
}

export class Heads<F extends Front> {
  readonly #entries = new Register<LockName, Hold | F>();
  #fronts = 0;

  /** The head of a chain, or the front that keeps it. */
  entry(lock: LockName): Hold | F | undefined {
    return this.#entries.get(lock);
  }

  /** The entry of a chain whose head is known; it is looked up only if anybody waits. */
  entryBefore(lock: LockName, head: Hold): Hold | F | undefined {
    return this.#fronts === 0 ? head : this.#entries.get(lock);
  }

  head(lock: LockName): Hold | undefined {
    return this.#entries.get(lock)?.head;
  }

  front(lock: LockName): F | undefined {
    const entry = this.#entries.get(lock);
    return entry !== undefined && isFront(entry) ? entry : undefined;
  }

  /** Changes the head of a chain, whose entry is known. Where nobody waits there is no front. */
  replace(lock: LockName, entry: Hold | F | undefined, head: Hold | undefined): void {
    if (entry === undefined) {
      if (head !== undefined) this.#entries.add(lock, head);
    } else if (this.#fronts > 0 && isFront(entry)) entry.head = head;
    else if (head !== undefined) this.#entries.replace(lock, head);
    else this.#entries.delete(lock);
  }

  /** Puts a front, which has the head already, before its chain. */
  open(lock: LockName, front: F): void {
    if (front.head === undefined) this.#entries.add(lock, front);
    else this.#entries.replace(lock, front);
    this.#fronts++;
  }

  /** Takes a front away. */
  close(lock: LockName, front: F): void {
    if (front.head === undefined) this.#entries.delete(lock);
    else this.#entries.replace(lock, front.head);
    this.#fronts--;
  }

  /** The heads of all chains, in no particular order. */
  *all(): Generator<Hold> {
    for (const { head } of this.#entries.values()) if (head !== undefined) yield head;
  }
}

/** Whether an entry is a front. */
export function isFront<F extends Front>(entry: Hold | F): entry is F {
  return entry.head !== entry;
}
