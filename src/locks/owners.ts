/**
 * Who holds something or waits, by owner. Looking owners up is a large part of what a contested
 * lock costs: among ten thousand each look is out of the processor's cache. So there is one book
 * for holding and waiting, and it is left alone where it can be.
 *
 * O1 An owner is entered with its highest hold itself until it has to wait or comes back. Then it
 *    gets an account, which stays: what changes later is written there.
 * O2 Who has gone is known for a while, by an account with nothing on it.
 * O3 Those who are let go together mostly give back in the same order. So it is known beforehand
 *    who gives back next, and is looked up only if that was wrong.
 */
import type { OwnerId } from '../ports/lock-manager.js';
import { Account } from './account.js';
import type { Hold } from './hold.js';
import { Register } from './register.js';
import { Waiter } from './waiter.js';

/** What the book has for an owner: its highest hold, or its account. */
export type OwnerEntry = Hold | Account<Waiter>;

/** That of all who have gone and had no account of their own. Nothing is written on it. */
const GONE = new Account<Waiter>(undefined);

export class Owners {
  readonly #entries = new Register<OwnerId, OwnerEntry>({ isIdle });
  #waiting = 0;
  /** Who is expected to give back next; see O3. */
  #next: Waiter | undefined = undefined;

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How many are known, those who are not here among them. */
  get kept(): number {
    return this.#entries.kept;
  }

  /** What there is for an owner. */
  entry(owner: OwnerId): OwnerEntry | undefined {
    return this.#entries.get(owner);
  }

  /** The same for an owner that is about to give back. */
  entryOfLeaver(owner: OwnerId): OwnerEntry | undefined {
    const next = this.#next;
    const account = next !== undefined && next.owner === owner ? next.account : undefined;
    // An account with this hold on top is the one in the book. Others may have been forgotten.
    return account !== undefined && account.head === next ? account : this.#entries.get(owner);
  }

  /** Whose hold it is, is likely to give back next. */
  expect(next: Hold | undefined): void {
    this.#next = next instanceof Waiter ? next : undefined;
  }

  /** An owner's highest hold. */
  head(owner: OwnerId): Hold | undefined {
    return this.entry(owner)?.head;
  }

  /** An owner's request that waits. */
  waiter(owner: OwnerId): Waiter | undefined {
    return waiterIn(this.entry(owner));
  }

  /** Changes the highest hold of an owner, whose entry is known. */
  replace(owner: OwnerId, entry: OwnerEntry | undefined, head: Hold | undefined): void {
    if (entry === undefined) {
      if (head !== undefined) this.#entries.add(owner, head);
    } else if (isAccount(entry)) {
      if (entry !== GONE) this.#write(entry, head);
      else if (head !== undefined) this.#comeBack(owner, head);
    } else if (head !== undefined) this.#entries.replace(owner, head);
    else {
      this.#entries.replace(owner, GONE);
      this.#entries.rest();
    }
  }

  /** An owner, whose entry is known, waits from now on. */
  open(waiter: Waiter, entry: OwnerEntry | undefined): void {
    const account = this.#account(waiter.owner, entry);
    account.waiter = waiter;
    waiter.account = account;
    this.#waiting++;
  }

  /** An owner waits no longer and got nothing. */
  close({ account }: Waiter): void {
    if (account === undefined) return;
    this.#waiting--;
    account.waiter = undefined;
    if (account.isIdle) this.#entries.rest();
  }

  /** An owner waits no longer: its request was granted, and this is its highest hold now. */
  seat({ account }: Waiter, head: Hold): void {
    if (account === undefined) return;
    this.#waiting--;
    account.waiter = undefined;
    account.head = head;
  }

  /** All that wait, in no particular order. */
  *all(): Generator<Waiter> {
    for (const entry of this.#entries.values()) {
      const waiter = waiterIn(entry);
      if (waiter !== undefined) yield waiter;
    }
  }

  /** An owner's account from now on. */
  #account(owner: OwnerId, entry: OwnerEntry | undefined): Account<Waiter> {
    if (entry === GONE) return this.#comeBack(owner, undefined);
    if (entry !== undefined && isAccount(entry)) {
      if (entry.isIdle) this.#entries.rise();
      return entry;
    }
    const account = new Account<Waiter>(entry);
    if (entry === undefined) this.#entries.add(owner, account);
    else this.#entries.replace(owner, account);
    return account;
  }

  #comeBack(owner: OwnerId, head: Hold | undefined): Account<Waiter> {
    const account = new Account<Waiter>(head);
    this.#entries.replace(owner, account);
    this.#entries.rise();
    return account;
  }

  #write(account: Account<Waiter>, head: Hold | undefined): void {
    const before = account.head;
    account.head = head;
    if (account.waiter !== undefined) return;
    if (head === undefined) {
      if (before !== undefined) this.#entries.rest();
    } else if (before === undefined) this.#entries.rise();
  }
}

/** The request that waits, according to an entry. */
export function waiterIn(entry: OwnerEntry | undefined): Waiter | undefined {
  return entry === undefined || !isAccount(entry) ? undefined : entry.waiter;
}

function isAccount(entry: OwnerEntry): entry is Account<Waiter> {
  return entry.head !== entry;
}

function isIdle(entry: OwnerEntry): boolean {
  return isAccount(entry) && entry.isIdle;
}
