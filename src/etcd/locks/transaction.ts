/**
 * From a number of words and chores to one transaction of the store. Pure: it changes the table,
 * which has to be put back if the transaction is lost.
 */
import type { KvCompare, KvOp } from '../../ports/kv-store.js';
import type { OwnerId } from '../../ports/lock-manager.js';
import {
  encodeRecord,
  encodeVersion,
  fenceKey,
  ownerKey,
  turnKey,
  VERSION_KEY,
} from './records.js';
import type { Mirror } from './mirror.js';
import { carryOut, doChore, type Refusal, type StepContext } from './steps.js';
import type { LockTable } from './table.js';
import type { Chore, Word } from './words.js';
import { memberKey } from './members.js';

/** How much fits into one transaction. */
export interface TransactionLimits {
  /** Most changes of keys; etcd's own limit is 128 unless it was told otherwise. */
  readonly maxOps: number;
  /** Most characters of a transaction's values together, as soon as it has one word. */
  readonly maxLength: number;
}

/** A transaction, and what it is about. */
export interface Transaction {
  readonly compare: readonly KvCompare[];
  /** Empty if nothing changes. */
  readonly ops: readonly KvOp[];
  /** The words that it carries out: the first ones of those that were given. */
  readonly words: readonly Word[];
  readonly refusals: ReadonlyMap<Word, Refusal>;
  /** Members that have to be gone for it. */
  readonly gone: ReadonlySet<string>;
  /** Owners whose state in the table is no longer what the mirror has. */
  readonly touched: ReadonlySet<OwnerId>;
}

/** What it is made of. */
export interface TransactionParts {
  readonly table: LockTable;
  readonly mirror: Mirror;
  readonly words: readonly Word[];
  readonly chores: readonly Chore[];
  readonly context: StepContext;
  /** The revision of this member's own key: a member that is gone changes nothing. */
  readonly memberRevision: number;
  /** Draws numbers of words for chores. */
  readonly nextSaid: () => number;
  readonly limits: TransactionLimits;
}

/**
 * How many waiters the queue may move at a time, two keys each, so that a word fits into a
 * transaction beside others: one that gives all back may do it twice.
 */
export function maxMovesOf(maxOps: number): number {
  return Math.max(1, Math.floor((maxOps - RESERVED) / 6));
}

/** The version, this member's turn, and record and fence of the owner who says something. */
const RESERVED = 4;

/** Carries words and chores out on the table, as many as fit, and writes down what changes. */
export function makeTransaction(parts: TransactionParts): Transaction {
  const { table, mirror, words, chores, context, limits } = parts;
  const room = new Room(parts);
  const refusals = new Map<Word, Refusal>();
  const gone = new Set<string>();
  for (const chore of chores) {
    if (room.isFull(limits)) break;
    doChore(table, chore, context, parts.nextSaid());
    if (chore.do !== 'settle') gone.add(chore.of);
    room.note();
  }
  for (const member of [context.member, ...gone]) {
    if (mirror.turns.has(member)) room.turns.push({ op: 'delete', key: turnKey(member) });
  }
  let taken = 0;
  for (const word of words) {
    if (room.isFull(limits)) break;
    const refusal = carryOut(table, word, context);
    if (refusal !== undefined) refusals.set(word, refusal);
    room.note();
    taken++;
  }
  const ops = room.ops();
  const version = encodeVersion({ by: context.member, isSettled: table.queue.isSettled });
  const isChanged = ops.length > 0 || table.queue.isSettled !== mirror.isSettled;
  return {
    compare: [
      { key: VERSION_KEY, revision: mirror.version },
      { key: memberKey(context.member), revision: parts.memberRevision },
      ...[...gone].map((id) => ({ key: memberKey(id), revision: 0 })),
    ],
    ops: isChanged ? [{ op: 'put', key: VERSION_KEY, value: version }, ...ops] : [],
    words: words.slice(0, taken),
    refusals,
    gone,
    touched: room.touched,
  };
}

/** What has changed so far, as changes of keys. */
class Room {
  readonly touched = new Set<OwnerId>();
  readonly turns: KvOp[] = [];
  readonly #parts: TransactionParts;
  /** Owners that were granted something, with the members that work for them. */
  readonly #granted = new Map<OwnerId, string>();
  readonly #texts = new Map<OwnerId, string | undefined>();
  #length = 0;

  constructor(parts: TransactionParts) {
    this.#parts = parts;
  }

  /** Takes in what the last step has changed. */
  note(): void {
    const { touched, granted } = this.#parts.table.takeTouched();
    for (const owner of touched) {
      const record = this.#parts.table.record(owner);
      if (record !== undefined && granted.has(owner)) this.#granted.set(owner, record.member);
      const text = record === undefined ? undefined : encodeRecord(record);
      this.touched.add(owner);
      this.#texts.set(owner, text);
      this.#length += text?.length ?? 0;
    }
  }

  /** Whether a further step may not fit. What nothing has been put into is never full. */
  isFull({ maxOps, maxLength }: TransactionLimits): boolean {
    if (this.touched.size === 0) return false;
    const most = 4 * maxMovesOf(maxOps) + RESERVED;
    const used = 2 * this.touched.size + this.turns.length;
    return used + most > maxOps || this.#length > maxLength;
  }

  ops(): KvOp[] {
    const { mirror } = this.#parts;
    const ops: KvOp[] = [...this.turns];
    for (const [owner, text] of this.#texts) {
      const known = mirror.owners.get(owner)?.text;
      if (text === undefined) {
        if (known !== undefined) ops.push({ op: 'delete', key: ownerKey(owner) });
        if (mirror.fence(owner) !== undefined) ops.push({ op: 'delete', key: fenceKey(owner) });
        continue;
      }
      if (text !== known) ops.push({ op: 'put', key: ownerKey(owner), value: text });
      const member = this.#granted.get(owner);
      if (member !== undefined) ops.push({ op: 'put', key: fenceKey(owner), value: member });
    }
    return ops;
  }
}
