/**
 * A membership that lives and dies on command: its key lies in the store as that of a real one.
 */
import type { KvStore } from '../../src/ports/kv-store.js';
import { type Membership, MEMBERS_PREFIX } from '../../src/ports/membership.js';

export class FakeMembership implements Membership {
  readonly id: string;
  readonly #kv: KvStore;
  readonly #stop = new AbortController();

  private constructor(kv: KvStore, id: string) {
    this.#kv = kv;
    this.id = id;
  }

  static async join(kv: KvStore, id: string): Promise<FakeMembership> {
    await kv.txn([], [{ op: 'put', key: `${MEMBERS_PREFIX}${id}`, value: '' }]);
    return new FakeMembership(kv, id);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The process's own deadline passes: it stops, whether or not others have noticed yet. */
  stop(): void {
    this.#stop.abort(new Error('the time of this membership has run out'));
  }

  /** The store gives the member up, whether or not the process has noticed yet. */
  async expire(): Promise<void> {
    await this.#kv.txn([], [{ op: 'delete', key: `${MEMBERS_PREFIX}${this.id}` }]);
  }

  async leave(): Promise<void> {
    this.stop();
    await this.expire();
  }
}
