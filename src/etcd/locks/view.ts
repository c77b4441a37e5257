/**
 * An owner's locks as its own process sees them: what the store has, less what was given back since
 * and is not written yet. What is given back counts at once.
 */
import type { Allocation } from '../../locks/allocation.js';
import { allocationOf } from '../../locks/image.js';
import { LOCK_LEVELS } from '../../locks/level.js';
import type { LockMode, LockName } from '../../model/lock.js';
import type { OwnerId } from '../../ports/lock-manager.js';
import type { OwnerRecord } from './records.js';
import type { Word } from './words.js';

/** The owner's holds, alone in an allocation. Requests that are not granted yet add nothing. */
export function viewOf(
  owner: OwnerId,
  record: OwnerRecord | undefined,
  words: readonly Word[],
): Allocation {
  const view = allocationOf(owner, record?.holds ?? []);
  for (const word of words) giveBack(view, record, word);
  return view;
}

/** What the owner holds, in ascending order. */
export function heldIn(view: Allocation, owner: OwnerId): ReadonlyMap<LockName, LockMode> {
  return new Map(view.held(owner).map(({ lock, mode }) => [lock, mode]));
}

function giveBack(view: Allocation, record: OwnerRecord | undefined, word: Word): void {
  const { owner } = word;
  switch (word.do) {
    case 'release':
      for (const lock of word.locks) view.release(owner, lock);
      return;
    case 'releaseAll':
      view.releaseAll(owner);
      return;
    case 'narrow':
      view.narrow(owner, LOCK_LEVELS.indexOf(word.level), word.keep);
      return;
    case 'downgrade':
      for (const lock of word.locks) view.downgrade(owner, lock);
      return;
    case 'cancel':
      if (record?.granted?.said !== word.request) return;
      for (const { lock } of view.held(owner)) if (!word.keep.has(lock)) view.release(owner, lock);
      return;
    case 'renew':
    case 'ask':
    case 'choose':
      return;
  }
}
