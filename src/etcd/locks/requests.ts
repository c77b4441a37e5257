/**
 * The requests of this process that have not ended yet, and how they end: the store shows that they
 * were granted, whoever granted them, or they are given up here, at once and without asking the
 * store. A grant that comes after that is given back.
 */
import { type LockBlocker, LockTimeout, ProgrammerError } from '../../errors.js';
import { describeTimeout } from '../../locks/explain.js';
import { limitWait } from '../../locks/limits.js';
import { cancelled } from '../../locks/wishes.js';
import type { LockName } from '../../model/lock.js';
import type { Clock } from '../../ports/clock.js';
import type { LockUnit, LockWait, OwnerId } from '../../ports/lock-manager.js';
import type { OwnerRecord } from './records.js';
import type { Refusal } from './steps.js';

/** A request. */
export interface Asked {
  readonly owner: OwnerId;
  /** The word by which it was asked. */
  readonly said: number;
  /** All locks that it may need, for messages. */
  readonly wanted: readonly LockName[];
  /** What it chooses from. */
  readonly candidates: readonly LockUnit[];
  readonly wait: LockWait;
}

interface Open extends Asked {
  isTold: boolean;
  units: readonly LockUnit[];
  onGranted: (() => void) | undefined;
  onFailed: ((error: unknown) => void) | undefined;
}

/** What requests need. */
export interface RequestParts {
  readonly clock: Clock;
  /** Who is in the way of an owner that waits. */
  readonly blockers: (owner: OwnerId) => LockBlocker[];
  /** Takes a request back that may be in the store, or granted. */
  readonly takeBack: (asked: Asked) => void;
}

export class Requests {
  readonly #parts: RequestParts;
  readonly #open = new Map<OwnerId, Open>();

  constructor(parts: RequestParts) {
    this.#parts = parts;
  }

  /** Whether an owner has a request under way. */
  has(owner: OwnerId): boolean {
    return this.#open.has(owner);
  }

  /** Resolves, with the units that were granted, or rejects when the request has ended. */
  add(asked: Asked): Promise<readonly LockUnit[]> {
    const open: Open = {
      ...asked,
      isTold: false,
      units: [],
      onGranted: undefined,
      onFailed: undefined,
    };
    this.#open.set(asked.owner, open);
    const ended = new Promise<readonly LockUnit[]>((resolve, reject) => {
      open.onGranted = () => resolve(open.units);
      open.onFailed = reject;
    });
    const { timeoutMs, signal } = asked.wait;
    const limits = { ...(signal && { signal }), ...(timeoutMs && { timeoutMs }) };
    limitWait(open, limits, this.#parts.clock, {
      onTimeout: (afterMs) => this.#giveUp(open, this.#timedOut(open, afterMs)),
      onAbort: (fired) => this.#giveUp(open, cancelled(open.owner, fired)),
    });
    return ended;
  }

  /** Looks what the store has of an owner of this member. */
  look(owner: OwnerId, record: OwnerRecord): void {
    const open = this.#open.get(owner);
    if (open === undefined) return;
    const { granted, request } = record;
    if (granted?.said === open.said) {
      this.#open.delete(owner);
      open.units = open.candidates.filter((_, place) => granted.units?.includes(place));
      open.onGranted?.();
    } else if (request?.said === open.said && !open.isTold) {
      open.isTold = true;
      this.#tell(open);
    }
  }

  /** A request was not even entered. `shiftMs` is added to the blockers' times. */
  refuse(owner: OwnerId, said: number, refusal: Refusal, shiftMs: number): void {
    const open = this.#open.get(owner);
    if (open?.said !== said) return;
    this.#open.delete(owner);
    if (refusal === 'foreign') return open.onFailed?.(foreignOwner(owner));
    const blockers = refusal.map((each) => ({ ...each, sinceMs: each.sinceMs + shiftMs }));
    open.onFailed?.(timeout(open, 0, blockers));
  }

  /** Ends an owner's request, if it has one. */
  fail(owner: OwnerId, error: unknown): void {
    const open = this.#open.get(owner);
    if (open !== undefined) this.#giveUp(open, error);
  }

  /** Ends all requests. */
  failAll(error: unknown): void {
    for (const open of [...this.#open.values()]) this.#giveUp(open, error);
  }

  #tell(open: Open): void {
    const { onBlocked } = open.wait;
    if (onBlocked === undefined) return;
    try {
      onBlocked(this.#parts.blockers(open.owner));
    } catch (error) {
      this.#giveUp(open, error);
    }
  }

  #giveUp(open: Open, error: unknown): void {
    this.#open.delete(open.owner);
    this.#parts.takeBack(open);
    open.onFailed?.(error);
  }

  #timedOut(open: Open, timeoutMs: number): LockTimeout {
    return timeout(open, timeoutMs, this.#parts.blockers(open.owner));
  }
}

/** The error for an owner that is somebody else's. */
export function foreignOwner(owner: OwnerId): ProgrammerError {
  return new ProgrammerError(
    `'${owner}' is an owner of another process; give each attempt an id that no other has`,
  );
}

function timeout(
  { owner, wanted }: Asked,
  timeoutMs: number,
  blockers: readonly LockBlocker[],
): LockTimeout {
  return new LockTimeout(describeTimeout(owner, wanted, timeoutMs, blockers), blockers);
}
