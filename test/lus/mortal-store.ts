/**
 * A store whose process dies at a write, before it is carried out or after. The next process finds
 * in it what was written.
 */
import { MemoryKvStore } from '../../src/config/memory-kv-store.js';
import type { KvOp, KvStore } from '../../src/ports/kv-store.js';

export class MortalStore extends MemoryKvStore implements KvStore {
  /** Writes that are left; absent: any number. */
  left: number | undefined;
  #isDead = false;

  /** Told at the moment of death. */
  onDeath: () => void = () => undefined;

  override async txn(
    compare: Parameters<KvStore['txn']>[0],
    ops: readonly KvOp[],
  ): ReturnType<KvStore['txn']> {
    if (this.#isDead) throw new Error('the process is dead');
    if (this.left === undefined) return super.txn(compare, ops);
    this.left -= 1;
    if (this.left > 0) return super.txn(compare, ops);
    this.#isDead = true;
    this.onDeath();
    if (this.left === 0) await super.txn(compare, ops);
    throw new Error('the process dies here');
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The next process lives. */
  revive(): void {
    this.#isDead = false;
    this.left = undefined;
  }
}
