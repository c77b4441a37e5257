/**
 * The room on nodes that one attempt claims: the configuration's table, in the operation's right.
 *
 * B1 What others may have read of it is dropped with the session, whatever the answer was.
 * B2 Giving room back too late harms nobody: that it failed is a warning.
 */
import { isLockLost } from '../errors.js';
import type {
  CapacityClaim,
  CapacityClaims,
  ClaimedByOthers,
  ClaimMemory,
} from '../ports/capacity.js';
import type { OwnedReservations } from '../ports/config-store.js';
import type { FenceSource } from '../ports/fence.js';
import type { Reports } from '../reports.js';

/** What it works with. */
export interface SessionCapacityParts {
  readonly reserve: OwnedReservations;
  readonly fence: FenceSource;
  readonly reports: Reports;
  /** Called before anything is published (B1). */
  readonly onPublish: () => void;
}

/** One attempt's claims. */
export class SessionCapacity implements CapacityClaims {
  readonly #parts: SessionCapacityParts;

  constructor(parts: SessionCapacityParts) {
    this.#parts = parts;
  }

  get own(): readonly CapacityClaim[] {
    return this.#parts.reserve.capacity;
  }

  others(): ClaimedByOthers {
    return this.#parts.reserve.capacityOfOthers();
  }

  remember(): ClaimMemory {
    return this.#parts.reserve.rememberCapacity();
  }

  take(claims: readonly CapacityClaim[], seen: ClaimedByOthers): boolean {
    return this.#parts.reserve.takeCapacity(claims, seen);
  }

  confirm(): Promise<boolean> {
    this.#parts.onPublish();
    return this.#parts.reserve.confirmCapacity(this.#parts.fence);
  }

  inTurn<T>(choose: () => Promise<T>): Promise<T> {
    return this.#parts.reserve.inTurn(choose);
  }

  async settle(what: 'disks' | 'all'): Promise<void> {
    try {
      await this.#parts.reserve.settleCapacity(what, this.#parts.fence);
    } catch (error) {
      if (isLockLost(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      this.#parts.reports.warn(`Room on nodes stays claimed until the operation ends: ${reason}`);
    }
  }
}
