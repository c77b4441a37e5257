/**
 * Faults for stub nodes: which call goes wrong, and how.
 */
import type { ReplyFailure } from '../ports/reply.js';

/**
 * How a call goes wrong. `before`: nothing was done; `after`: it was done, but the answer says it
 * was not; `hang`: nothing comes until the operation is aborted or the call's time is up.
 * @public
 */
export type FaultKind = 'before' | 'after' | 'hang';

/**
 * One fault.
 * @public
 */
export interface Fault {
  /** The port's method, `createDisk`; any if not given. */
  readonly method?: string;
  /** The node's name; any if not given. */
  readonly node?: string;
  /** Which of the calls that fit, from 1; the first if not given. */
  readonly nth?: number;
  /** How many calls from then on; 1 if not given. */
  readonly times?: number;
  /** How it goes wrong; `before` if not given. */
  readonly kind?: FaultKind;
  /** What the answer calls it; `failed` if not given. */
  readonly failure?: ReplyFailure;
  /** The reason in the answer. */
  readonly message?: string;
}

/**
 * Decides call by call.
 * @public
 */
export class FaultPlan {
  readonly #faults: { readonly fault: Fault; seen: number }[] = [];

  /** Adds a fault; calls made before do not count. */
  add(fault: Fault): void {
    this.#faults.push({ fault, seen: 0 });
  }

  /** Forgets all faults. */
  clear(): void {
    this.#faults.length = 0;
  }

  /** The fault that hits this call, if one does. Counts the call. */
  next(method: string, node: string): Fault | undefined {
    let hit: Fault | undefined;
    for (const entry of this.#faults) {
      const { fault } = entry;
      if ((fault.method ?? method) !== method || (fault.node ?? node) !== node) continue;
      entry.seen += 1;
      const first = fault.nth ?? 1;
      if (entry.seen >= first && entry.seen < first + (fault.times ?? 1)) hit ??= fault;
    }
    return hit;
  }
}
