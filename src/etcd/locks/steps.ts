/**
 * What words and chores do to the table. Everything here is decided by the queue of `src/locks`;
 * these steps note for the records what came of it.
 */
import type { LockBlocker } from '../../errors.js';
import { LOCK_LEVELS } from '../../locks/level.js';
import { Waiter } from '../../locks/waiter.js';
import type { OwnerId } from '../../ports/lock-manager.js';
import type { LockTable } from './table.js';
import type { Chore, Deed, Word } from './words.js';

/** On whose behalf, and when. */
export interface StepContext {
  /** The member that says it. */
  readonly member: string;
  /** The table's time, milliseconds. */
  readonly nowMs: number;
}

type Asked = Extract<Word, { readonly do: 'ask' | 'choose' }>;

/**
 * What cannot be seen in the table afterwards: a request was refused, since the owner is another
 * member's, or since it may not wait and these were in the way.
 */
export type Refusal = 'foreign' | readonly LockBlocker[];

/** Carries out a word. */
export function carryOut(table: LockTable, word: Word, context: StepContext): Refusal | undefined {
  const { owner, said } = word;
  const record = table.record(owner);
  if (record !== undefined && record.member !== context.member) return 'foreign';
  const isAsked = word.do === 'ask' || word.do === 'choose';
  // Who has nothing gives nothing back.
  if (record === undefined && !isAsked) return undefined;
  table.stand(owner, { ...record, member: context.member, said });
  if (isAsked) return ask(table, word, context.nowMs);
  if (word.do === 'renew') table.pass(owner, { ...record, member: context.member, said });
  else giveBack(table, owner, word, context.nowMs);
  return undefined;
}

/** Does a chore. What somebody else has done meanwhile is left alone. */
export function doChore(table: LockTable, chore: Chore, context: StepContext, said: number): void {
  if (chore.do === 'settle') {
    table.letGo(table.queue.settle(context.nowMs));
    return;
  }
  if (chore.do === 'clear') return;
  const { owner, of } = chore;
  const record = table.record(owner);
  if (record?.member !== of) return;
  if (chore.do === 'adopt') {
    table.pass(owner, { ...record, member: context.member, said, isTakenOver: true });
  } else {
    table.stand(owner, record);
  }
  withdraw(table, owner, context.nowMs);
}

function ask(table: LockTable, word: Asked, nowMs: number): readonly LockBlocker[] | undefined {
  const { owner, said } = word;
  const answer = request(table, word, nowMs);
  if (!(answer instanceof Waiter)) {
    table.grant(owner, said, answer);
    return undefined;
  }
  if (word.mayWait) {
    table.wait(owner, said);
    return undefined;
  }
  const blockers = table.queue.blockers(answer);
  table.letGo(table.queue.withdraw(answer, nowMs));
  return blockers;
}

/** The waiter, or the places of the units that were granted at once. */
function request(
  { queue }: LockTable,
  word: Asked,
  nowMs: number,
): Waiter | readonly number[] | undefined {
  const { owner, priority } = word;
  if (word.do === 'ask') return queue.request(owner, word.requests, nowMs, priority);
  const { units, mode, atLeast } = word;
  const answer = queue.requestAvailable(owner, units, mode, atLeast, nowMs, priority);
  if (answer instanceof Waiter) return answer;
  const granted = new Set(answer);
  return units.flatMap((unit, place) => (granted.has(unit) ? [place] : []));
}

function giveBack(table: LockTable, owner: OwnerId, deed: Deed, nowMs: number): void {
  const { queue } = table;
  switch (deed.do) {
    case 'release':
      return table.letGo(queue.release(owner, deed.locks, nowMs));
    case 'narrow': {
      const rank = LOCK_LEVELS.indexOf(deed.level);
      return table.letGo(queue.narrow(owner, rank, deed.keep, nowMs));
    }
    case 'downgrade':
      return table.letGo(queue.downgrade(owner, deed.locks, nowMs));
    case 'releaseAll':
      withdraw(table, owner, nowMs);
      return table.letGo(queue.releaseAll(owner, nowMs));
    case 'cancel':
      return cancel(table, owner, deed, nowMs);
    case 'renew':
    case 'ask':
    case 'choose':
      return;
  }
}

function cancel(
  table: LockTable,
  owner: OwnerId,
  { request: asked, keep }: Extract<Deed, { readonly do: 'cancel' }>,
  nowMs: number,
): void {
  const record = table.record(owner);
  const isWaiting = table.queue.waiterOf(owner) !== undefined;
  if (isWaiting && record?.request?.said === asked) return withdraw(table, owner, nowMs);
  if (record?.granted?.said !== asked) return;
  const surplus = table.queue.held(owner).flatMap(({ lock }) => (keep.has(lock) ? [] : [lock]));
  table.letGo(table.queue.release(owner, surplus, nowMs));
}

function withdraw(table: LockTable, owner: OwnerId, nowMs: number): void {
  const waiter = table.queue.waiterOf(owner);
  if (waiter !== undefined) table.letGo(table.queue.withdraw(waiter, nowMs));
}
