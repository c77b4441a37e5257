/**
 * Looks at what nodes have carried out: mutual exclusion where it matters, at the resource.
 *
 * O1 Once a node has carried out a command in the right of an owner of a lock, it carries out none
 *    in the right of somebody who had that lock before. (Shared owners may mix.)
 * O2 A register only grows: whoever writes has read what was there.
 * O3 No node is given more than it has room for.
 */
import { BIG_LOCK } from '../../src/model/lock.js';
import type { NodeId } from '../../src/model/ids.js';
import type { LockFence } from '../../src/ports/fence.js';
import type { Reply } from '../../src/ports/reply.js';
import type { Violations } from './violations.js';

/** A command that a node has answered. */
export interface CarriedOut {
  readonly by: string;
  readonly node: NodeId;
  readonly name: string;
  readonly fence: LockFence | undefined;
  readonly reply: Reply<unknown>;
}

/** The newest rights that a node has seen for a lock. */
interface Seen {
  exclusive: number;
  any: number;
}

export class NodeWatch {
  /** How many commands were carried out, and how many refused because of their fence. */
  readonly counts = { done: 0, fenced: 0 };
  readonly #violations: Violations;
  readonly #seen = new Map<string, Seen>();
  readonly #registers = new Map<string, number>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  carriedOut(command: CarriedOut): void {
    const { reply, fence, name, node, by } = command;
    if (!reply.ok) {
      if (reply.failure === 'fenced') this.counts.fenced++;
      return;
    }
    this.counts.done++;
    if (fence === undefined) {
      this.#violations.add(`${name} on ${node} by ${by} came without a fence`);
      return;
    }
    for (const [lock, mode] of fence.locks) {
      if (lock === BIG_LOCK) continue;
      this.#compare(command, `${node} ${lock}`, mode === 'exclusive', fence.token);
    }
  }

  /** So much lies on a node (O3). */
  uses(node: NodeId, usedMib: number, spaceMib: number): void {
    if (usedMib > spaceMib) {
      this.#violations.add(`${node} has files of ${usedMib} MiB in ${spaceMib} MiB`);
    }
  }

  /** Somebody has written a register. */
  written(register: string, value: number): void {
    const before = this.#registers.get(register) ?? 0;
    if (value <= before) {
      this.#violations.add(`register ${register} was ${before} and was set to ${value}`);
    }
    this.#registers.set(register, value);
  }

  register(name: string): number {
    return this.#registers.get(name) ?? 0;
  }

  #compare({ name, by }: CarriedOut, lock: string, isExclusive: boolean, token: number): void {
    const seen = this.#seen.get(lock) ?? { exclusive: 0, any: 0 };
    const newest = isExclusive ? seen.any : seen.exclusive;
    if (token < newest) {
      this.#violations.add(`late: ${name} by ${by} with ${token} after ${newest} on ${lock}`);
    }
    this.#seen.set(lock, {
      exclusive: isExclusive ? Math.max(seen.exclusive, token) : seen.exclusive,
      any: Math.max(seen.any, token),
    });
  }
}
