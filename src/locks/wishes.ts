/**
 * What callers may wish for when they wait. A wish that makes no sense is a defect of the caller
 * and is refused before anything is done.
 */
import { Cancelled, ProgrammerError } from '../errors.js';
import type { LockUnit, LockWait, OwnerId } from '../ports/lock-manager.js';

const HIGHEST_PRIORITY = -20;
const LOWEST_PRIORITY = 19;

/** Refuses what makes no sense, and what was cancelled before it began. */
export function checkWait<W extends LockWait>(owner: OwnerId, wait: W): W {
  const { priority, timeoutMs, signal } = wait;
  if (priority !== undefined) checkPriority(priority);
  if (timeoutMs !== undefined) checkTimeout(timeoutMs);
  if (signal?.aborted === true) throw cancelled(owner, signal);
  return wait;
}

/** What a request fails with when its signal fires. */
export function cancelled(owner: OwnerId, signal: AbortSignal): Cancelled {
  const message = `'${owner}' was cancelled and takes no locks; what it holds stays with it`;
  return new Cancelled(message, { cause: signal.reason });
}

/** Refuses a choice that nothing could ever meet. */
export function checkChoice(
  owner: OwnerId,
  candidates: readonly LockUnit[],
  atLeast: number,
): void {
  if (!Number.isInteger(atLeast) || atLeast < 1) {
    throw new ProgrammerError(`atLeast must be a whole number above 0, but it is ${atLeast}`);
  }
  if (candidates.some((unit) => unit.length === 0)) {
    throw new ProgrammerError(`'${owner}' asks for a unit without locks; name its locks`);
  }
  if (candidates.length < atLeast) {
    const share = `${atLeast} of ${candidates.length} units`;
    throw new ProgrammerError(`'${owner}' asks for ${share}; ask for no more than there are`);
  }
}

function checkPriority(priority: number): void {
  const isInRange = priority >= HIGHEST_PRIORITY && priority <= LOWEST_PRIORITY;
  if (isInRange && Number.isInteger(priority)) return;
  throw new ProgrammerError(
    `A lock priority is a whole number from ${HIGHEST_PRIORITY} to ${LOWEST_PRIORITY}, ` +
      `but it is ${priority}`,
  );
}

function checkTimeout(timeoutMs: number): void {
  if (timeoutMs >= 0) return;
  throw new ProgrammerError(`timeoutMs must be 0 or more, but it is ${timeoutMs}`);
}
